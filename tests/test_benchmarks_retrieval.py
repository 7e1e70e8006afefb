"""The retrieval benchmark measures what it says: precision, who counts, halves, alignment."""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score

from benchmarks.retrieval.alignment import identity, nucleotide_identity, protein_score
from benchmarks.retrieval.precision import average_precisions, mean
from benchmarks.retrieval.samples import RELATIVES, sample
from benchmarks.retrieval.settings import crossed
from benchmarks.retrieval.tasks import (
    Collection,
    Task,
    drawn,
    only,
    remote_relatives,
    root,
    shared_60mers,
)
from bioskipgram.genes.alignment import _aligner, align
from bioskipgram.sequences import fasta

sys.path.append(str(Path(__file__).parents[1]))


def task_of(families: str, groups: str, alike: str | None = None) -> Task:
    """A task of one letter a record; "." is no family."""
    letters = [np.array(list(text)) for text in (families, groups, alike or families)]
    letters[0] = np.where(letters[0] == ".", "", letters[0])
    return remote_relatives("t", "", letters[0], letters[1], letters[2])


def random_fasta(lengths: list[int], seed: int = 1) -> bytes:
    random = np.random.default_rng(seed)
    texts = ["".join(random.choice(list("ACGT"), n)) for n in lengths]
    return "".join(f">r{i}\n{text}\n" for i, text in enumerate(texts)).encode()


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 10**6), st.integers(2, 40), st.integers(1, 6))
def test_average_precision_is_that_of_scikit_learn(seed: int, records: int, values: int) -> None:
    random = np.random.default_rng(seed)
    scores = random.integers(0, values, (3, records)).astype(np.float32)  # many are equal
    counted = random.random((3, records)) < 0.8
    right = random.random((3, records)) < 0.4
    right[:, 0] = counted[:, 0] = True
    right &= counted
    oracle = [
        average_precision_score(r[c], s[c]) for s, r, c in zip(scores, right, counted, strict=True)
    ]
    np.testing.assert_allclose(average_precisions(scores, right, counted), oracle, rtol=1e-12)


def test_average_precision_does_not_depend_on_the_order_of_the_file() -> None:
    right, counted = np.array([[True, False, False]]), np.ones((1, 3), bool)
    for order in ([0, 1, 2], [2, 1, 0]):
        assert average_precisions(np.ones((1, 3)), right[:, order], counted) == pytest.approx(1 / 3)


def test_near_duplicates_are_neither_right_nor_wrong() -> None:
    #              0123456
    task = task_of("AAAB.C.", "xxyzwvx", "AAABBCD")
    assert task.queries.tolist() == [0, 1, 2]
    assert task.right[0].tolist() == [False, False, True, False, False, False, False]
    # 0 itself, 1 and 6 of its group are not ranked; all else is.
    assert np.flatnonzero(task.counted[0]).tolist() == [2, 3, 4, 5]
    # A record alone with its near duplicates has nothing to find, and does not ask.
    assert task_of("AA", "xx").queries.tolist() == []


def test_possible_kin_of_another_family_are_neither_right_nor_wrong() -> None:
    task = task_of("AABB", "wxyz", "kkkk")
    assert np.flatnonzero(task.counted[0]).tolist() == [1]


def test_a_query_without_anything_right_is_refused() -> None:
    task = task_of("AAB", "xyz")
    with pytest.raises(ValueError, match="needs something right"):
        Task("t", "", task.queries, task.families, task.right & False, task.counted)


def test_groups_are_those_that_share_60_bases_in_a_row() -> None:
    random = np.random.default_rng(2)
    shared = "".join(random.choice(list("ACGT"), 61))
    parts = random_fasta([100, 100, 100]).decode().split("\n")[1::2]
    records = [parts[0] + shared[:60], shared[:60] + parts[1], shared[:59] + "N" + parts[2],
               parts[1][-60:] + "A", "ACGT"]  # fmt: skip
    text = "".join(f">r\n{record}\n" for record in records).encode()
    groups = shared_60mers(fasta.read(text))
    assert groups[0] == groups[1] == groups[3]  # the last by way of the second
    assert len({groups[0], groups[2], groups[4]}) == 3
    # 60 bases that only run over the end of one record into the next are not shared.
    halves = fasta.read(f">a\n{shared[:30]}\n>b\n{shared[30:]}\n>c\n{shared}\n".encode())
    assert len(set(shared_60mers(halves))) == 3


@pytest.mark.parametrize(
    ("symbol", "family"),
    [("ABCA1", "ABCA"), ("abca1b", "ABCA"), ("HBG2", "HB"), ("HBP1", "HBP"), ("TMEM9", ""),
     ("C1orf12", ""), ("T", "")],
)  # fmt: skip
def test_families_by_symbol(symbol: str, family: str) -> None:
    assert root(symbol) == family


def test_the_mean_is_over_families_which_may_be_given() -> None:
    task = replace(task_of("AAAABB", "uvwxyz"), families_given=True)
    found = mean(task, np.array([1.0, 1.0, 1.0, 1.0, 0.0, 0.0]))
    assert (found.value, found.low, found.high) == (0.5, 0.5, 0.5)  # no spread within either
    many = "".join(chr(200 + i) * 2 for i in range(40))
    task = task_of(many, "".join(chr(400 + i) for i in range(80)))
    found = mean(task, np.repeat(np.arange(40) % 2, 2).astype(float))
    assert found.value == 0.5
    assert found.high - found.low == pytest.approx(4 * 0.5 / np.sqrt(40), rel=0.15)
    # One large family is one family, however often it asks.
    task = task_of("A" * 80 + many[:78], "".join(chr(400 + i) for i in range(158)))
    found = mean(task, (task.families == task.families[0]).astype(float))
    assert found.value == pytest.approx(1 / 40)
    assert found.low == 0
    assert found.high < 0.1


def test_settings_are_judged_on_the_families_they_were_not_chosen_on() -> None:
    families = "".join(chr(200 + i) * 2 for i in range(40))
    task = task_of(families, "".join(chr(400 + i) for i in range(80)))
    # Settings that are perfect for ten families each and useless for all others.
    names = np.unique(task.families)
    tried = [(str(i), np.isin(task.families, names[i::4]).astype(float)) for i in range(4)]
    winners, found = crossed(task, tried)
    assert len(winners) == 2
    best = max(mean(task, values).value for _, values in tried)
    assert found.mean() <= best  # what is chosen on the same families is never beaten
    # One that is always better wins both halves, whole.
    always = np.full(len(task.queries), 0.9)
    winners, found = crossed(task, [*tried, ("always", always)])
    assert winners == ["always", "always"]
    np.testing.assert_array_equal(found, always)


def test_a_sample_holds_what_it_says() -> None:
    records = fasta.read(random_fasta([50] * 30 + [7000]))
    families = "A" * 10 + "B" * 10 + "." * 10 + "A"
    task = task_of(families, "".join(chr(400 + i) for i in range(31)))
    one = sample(Collection(records, (task,)), task, queries=4, others=7)
    assert len(one.task.queries) == 4
    assert sorted(np.bincount(one.task.families)[1:].tolist()) == [2, 2]
    assert (one.task.right.sum(axis=1) == RELATIVES).all()
    assert (one.task.counted.sum(axis=1) == RELATIVES + 7).all()
    every = sample(Collection(records, (task,)), task, queries=4, others=100).task
    assert (every.counted.sum(axis=1) == RELATIVES + 20).all()
    assert not every.counted[:, 30].any()  # too long
    rows = np.flatnonzero(np.isin(task.queries, one.task.queries))
    assert not (one.task.counted & ~drawn(task, rows).counted).any()
    for query, among in one.pairs():
        assert query not in among


def test_only_keeps_records_in_the_order_given() -> None:
    records = fasta.read(b">a\nAC\n>b\nGGG\n>c\nT\n")
    kept = only(records, [2, 1])
    assert (kept.names, kept.text(0), kept.text(1)) == (("c", "b"), "T", "GGG")


@pytest.mark.parametrize("kind", ["nucleotides", "protein"])
@settings(deadline=None, max_examples=50)
@given(data=st.data())
def test_identity_is_that_of_the_best_alignment_with_the_most_matches(
    kind: str, data: st.DataObject
) -> None:
    letters = "ACGT" if kind == "nucleotides" else "MKWLPDV"
    first = data.draw(st.text(letters, min_size=1, max_size=9))
    second = data.draw(st.text(letters, min_size=1, max_size=9))
    every = list(_aligner("global", kind).align(first, second))
    most = max(each.counts().identities for each in every)
    oracle = {
        each.counts().identities / each.length for each in every if each.counts().identities == most
    }
    assert any(identity(first, second, kind) == pytest.approx(value) for value in oracle)


def test_alignments_of_relatives_are_as_the_genes_page_has_them() -> None:
    first = fasta.read(random_fasta([900])).text(0)
    changed = first[:300] + first[330:500] + "ACG" + first[500:]
    page = align(first, changed)
    assert nucleotide_identity(first, changed) == pytest.approx(page.identity, abs=1e-9)
    local = align("MKWVTFISLLFLFSSAYS", "KWVTFLSLLFL", mode="local", kind="protein")
    assert protein_score("MKWVTFISLLFLFSSAYS", "KWVTFLSLLFL") == local.score
