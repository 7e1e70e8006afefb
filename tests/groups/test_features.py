"""What a selection is like beside the rest: means, shares and ranks, found a second time."""

import math

import numpy as np
import pytest
from scipy.stats import false_discovery_control, fisher_exact, mannwhitneyu

from bioskipgram.errors import QueryError
from bioskipgram.groups.features import DELTA, LOG_ODDS, Features, differing, features
from bioskipgram.groups.properties import Property
from bioskipgram.kmers import composition
from bioskipgram.kmers.composition import gc_content
from bioskipgram.kmers.genetic_code import translate
from bioskipgram.kmers.tokenizer import KmerTokenizer
from bioskipgram.kmers.vocabulary import Vocabulary
from bioskipgram.numerics.arrays import Tokens
from bioskipgram.sequences.alphabet import PROTEIN


def vocabulary(tokenizer: KmerTokenizer) -> Vocabulary:
    codes = tokenizer.all_codes()
    return Vocabulary(tokenizer, codes, np.random.default_rng(1).integers(1, 99, len(codes)))


def where(words: Vocabulary, *parts: str) -> Tokens:
    found = [i for i, text in enumerate(words.texts) if any(part in text for part in parts)]
    return np.array(found, np.int32)


def row(found: Features, name: str, group: str) -> int:
    (place,) = (
        i for i, pair in enumerate(zip(found.names, found.groups, strict=True))
        if pair == (name, group)
    )  # fmt: skip
    return place


@pytest.mark.parametrize("settings", [{"k": 6}, {"k": 5, "k_min": 3}, {"k": 4}], ids=str)
def test_shares_are_those_of_kmers_that_have_it(settings: dict[str, int]) -> None:
    words = vocabulary(KmerTokenizer(**settings))
    chosen = where(words, "GAA", "TG")
    found = features(words, chosen)
    ours = np.isin(np.arange(len(words)), chosen)
    proteins = [[translate(text, frame) for text in words.texts] for frame in range(3)]
    seen = set()
    for i, (name, group) in enumerate(zip(found.names, found.groups, strict=True)):
        if found.measures[i] == DELTA:
            continue
        frame = int(group[-1] if group[-1].isdigit() else name[-1])
        wanted = "*" if group == "stop codon" else name
        has = np.array([wanted in protein for protein in proteins[frame]])
        a, c = int(has[ours].sum()), int(has[~ours].sum())
        n, m = int(ours.sum()), int((~ours).sum())
        assert found.inside[i] == pytest.approx(a / n), (name, group)
        assert found.outside[i] == pytest.approx(c / m), (name, group)
        if i % 10 == 0:
            assert found.p[i] == pytest.approx(fisher_exact([[a, n - a], [c, m - c]]).pvalue)
            odds = (a + 0.5) * (m - c + 0.5) / ((n - a + 0.5) * (c + 0.5))
            assert found.effects[i] == pytest.approx(math.log2(odds))
        seen.add(group)
    frames = range(min(3, words.tokenizer.k - 2))
    expected = {"stop codon", *(f"amino acid, frame {f}" for f in frames)}
    if words.tokenizer.k == 6:
        expected.add("dipeptide, frame 0")
    assert seen == expected
    np.testing.assert_allclose(found.q, false_discovery_control(found.p))
    assert (np.diff(found.q) >= 0).all()
    np.testing.assert_array_equal(found.differences, found.inside - found.outside)


def test_numbers_are_means_with_mann_and_whitneys_test() -> None:
    words = vocabulary(KmerTokenizer(5))
    chosen = where(words, "CG")
    found = features(words, chosen)
    ours = np.isin(np.arange(len(words)), chosen)
    tokenizer, kmers = words.tokenizer, words.kmers
    for name, values in {
        "GC content": gc_content(kmers, tokenizer),
        "CpG observed/expected": composition.cpg_ratio(kmers, tokenizer),
        "GC skew": composition.skew(kmers, tokenizer, 2, 1),
    }.items():
        i = row(found, name, "composition")
        a, b = (part[~np.isnan(part)] for part in (values[ours], values[~ours]))
        expected = mannwhitneyu(a, b)
        assert found.p[i] == pytest.approx(expected.pvalue)
        assert found.effects[i] == pytest.approx(2 * expected.statistic / len(a) / len(b) - 1)
        assert found.inside[i] == pytest.approx(a.mean(), abs=1e-6)
        assert found.outside[i] == pytest.approx(b.mean(), abs=1e-6)
        assert found.measures[i] == DELTA
    assert found.groups[row(found, "log count", "training")] == "training"


def test_against_another_selection_only_those_count() -> None:
    words = vocabulary(KmerTokenizer(3))
    ours, theirs = where(words, "A")[:20], where(words, "G", "A")
    found = features(words, ours, against=theirs)
    other = np.setdiff1d(theirs, ours)
    i = row(found, "GC content", "composition")
    assert found.outside[i] == pytest.approx(gc_content(words.kmers[other], words.tokenizer).mean())
    i = row(found, "K", "amino acid, frame 0")
    lysines = [words.texts[t] in ("AAA", "AAG") for t in other]
    assert found.outside[i] == pytest.approx(np.mean(lysines))


def test_what_has_one_letter_strands_or_no_codons_has_fewer_features() -> None:
    canonical = vocabulary(KmerTokenizer(5, canonical=True))
    names = set(features(canonical, np.arange(50, dtype=np.int32)).names)
    assert names == {"GC content", "CpG observed/expected", "letter entropy", "log count"}
    protein = vocabulary(KmerTokenizer(2, alphabet=PROTEIN))
    assert set(features(protein, np.arange(50, dtype=np.int32)).names) == {
        "letter entropy", "log count",
    }  # fmt: skip
    found = features(vocabulary(KmerTokenizer(1)), np.array([2], np.int32))
    assert LOG_ODDS not in found.measures


def test_a_random_selection_has_no_features() -> None:
    words = vocabulary(KmerTokenizer(6))
    rng = np.random.default_rng(0)
    draws = [rng.choice(len(words), 400, replace=False).astype(np.int32) for _ in range(30)]
    tables = [features(words, chosen) for chosen in draws]
    numbers = [t.p[np.array(t.measures) == DELTA] for t in tables]
    assert 0.02 <= np.mean(np.concatenate(numbers) < 0.1) <= 0.2
    assert np.mean([table.q[0] < 0.05 for table in tables]) <= 0.2


def test_properties_are_ranked_by_how_far_they_differ() -> None:
    rng = np.random.default_rng(3)
    inside = np.arange(400) < 150
    noise = rng.normal(size=(3, 400)).astype(np.float32)
    noise[1] += 3 * inside
    noise[2] -= 1 * inside
    noise[2, :10] = np.nan
    properties = {
        "GC content": Property("a", noise[0]), "mine": Property("b", noise[1]),
        "CpG": Property("c", noise[2]),
        "word": Property("d", np.zeros(400, np.float32), ("x",)),
    }  # fmt: skip
    found = differing(properties, inside)
    assert found.names == ("mine", "CpG", "GC content")
    assert found.groups == ("", "composition", "composition")
    assert found.effects[0] > 0.9
    assert found.effects[1] < -0.3
    assert found.q[0] < 1e-20
    assert found.q[2] > 0.01
    few = differing({"mine": properties["mine"]}, inside, np.arange(400) >= 380)
    assert few.outside[0] == pytest.approx(noise[1, 380:].mean(), rel=1e-5)
    assert len(differing({}, inside)) == 0


def test_an_empty_selection_is_refused() -> None:
    with pytest.raises(QueryError, match="no k-mer is selected"):
        features(vocabulary(KmerTokenizer(2)), np.zeros(0, np.int32))
