"""The nearest k-mers of a query: against a full sort, with one relation each."""

from collections import Counter
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bioskipgram.errors import QueryError
from bioskipgram.kmers.relations import relations
from bioskipgram.model.embedding import KmerEmbedding
from bioskipgram.model.neighbors import (
    Neighborhood,
    arithmetic,
    around,
    expected_shares,
    kind_of,
    nearest_own,
    neighborhood,
)
from bioskipgram.model.queries import ask
from tests.model.test_embedding import cosine, made_up, vocabulary

MODEL = made_up(4)
QUERIES = ["ACGT", "ACGTTAC", "CGN", "TT"]


@cache
def slow(text: str, hide: frozenset[str]) -> list[tuple[int, str]]:
    """Every other k-mer, sorted, with its relation to the nearest of the query's own."""
    query, unit = ask(MODEL, text), MODEL.unit.astype(float)
    own = sorted(set(query.tokens.tolist()))
    direction = unit[query.tokens].mean(axis=0)
    others = sorted(set(range(len(MODEL))) - set(own), key=lambda t: -cosine(direction, unit[t]))
    found = []
    for token in others:
        origin = max(own, key=lambda o: unit[o] @ unit[token])
        (word,) = relations(MODEL.vocabulary, origin, np.array([token], np.int32))
        if kind_of(word) not in hide:
            found.append((token, word))
    return found


@pytest.mark.parametrize("text", QUERIES)
@pytest.mark.parametrize("hide", [set(), {"shift"}, {"shift", "substitution", "other"}])
@pytest.mark.parametrize("n", [1, 10, 1000])
def test_a_neighbourhood_is_that_of_a_full_sort(text: str, hide: set[str], n: int) -> None:
    expected = slow(text, frozenset(hide))[:n]
    if not expected:
        with pytest.raises(QueryError, match="hide fewer relations"):
            neighborhood(MODEL, ask(MODEL, text), n, hide=hide)
        return
    found = neighborhood(MODEL, ask(MODEL, text), n, hide=hide)
    assert list(zip(found.tokens.tolist(), found.relations, strict=True)) == expected
    assert (np.diff(found.cosines) <= 1e-6).all()
    assert sum(found.shares.values()) == pytest.approx(1)


@settings(deadline=None)
@given(st.integers(0, 255), st.integers(1, 60))
def test_the_kinds_partition_every_list(token: int, n: int) -> None:
    query = ask(MODEL, MODEL.vocabulary.texts[token])
    everything = neighborhood(MODEL, query, 255)
    kinds = {kind_of(word) for word in everything.relations}
    parts = [neighborhood(MODEL, query, 255, hide=kinds - {kind}) for kind in kinds]
    assert sorted(t for part in parts for t in part.tokens) == sorted(everything.tokens)
    assert len(neighborhood(MODEL, query, n).tokens) == n


def test_the_expected_shares_are_those_of_the_whole_vocabulary() -> None:
    token = MODEL.vocabulary.token("ACGT")
    others = np.setdiff1d(np.arange(256), token).astype(np.int32)
    counted = Counter(map(kind_of, relations(MODEL.vocabulary, token, others)))
    assert expected_shares(MODEL, token) == {k: v / 255 for k, v in counted.items()}


def test_each_neighbour_of_a_sequence_is_related_to_its_nearest_own_kmer() -> None:
    own = np.unique(ask(MODEL, "ACGTACG").tokens)
    others = np.setdiff1d(np.arange(256), own).astype(np.int32)
    origins, words = nearest_own(MODEL, own, others)
    for token, other, word in zip(origins, others, words, strict=True):
        best = max(float(MODEL.unit[t] @ MODEL.unit[other]) for t in own)
        assert MODEL.unit[token] @ MODEL.unit[other] == pytest.approx(best, abs=1e-6)
        assert (word,) == relations(MODEL.vocabulary, int(token), np.array([other], np.int32))


def sum_of(model: KmerEmbedding, plus: list[str], minus: list[str], n: int) -> Neighborhood:
    terms = [[ask(model, text) for text in texts] for texts in (plus, minus)]
    return arithmetic(model, *terms, n)


def test_arithmetic_adds_and_takes_away() -> None:
    model = made_up()
    unit = {t: v.astype(float) for t, v in zip(model.vocabulary.texts, model.unit, strict=True)}
    total = unit["AAC"] + unit["GGG"] - unit["TCA"]
    rest = [text for text in unit if text not in {"AAC", "GGG", "TCA"}]
    expected = sorted(rest, key=lambda text: -cosine(total, unit[text]))
    found = sum_of(model, ["AAC", "GGG"], ["TCA"], 61)
    assert model.vocabulary.spell(found.tokens) == expected
    np.testing.assert_allclose(found.cosines[0], cosine(total, unit[expected[0]]), atol=1e-6)


def test_arithmetic_finds_the_fourth_corner_of_a_parallelogram() -> None:
    """A made-up world where the first base is one direction and the third is another."""
    words = vocabulary(3)
    one_hot = np.eye(12, dtype=np.float32)
    center = np.array([sum(one_hot[4 * i + "ACGT".index(c)] for i, c in enumerate(text))
                       for text in words.texts])  # fmt: skip
    model = replace(made_up(dim=12), center=center)
    found = sum_of(model, ["AGT", "CGA"], ["AGA"], 1)
    assert words.texts[found.tokens[0]] == "CGT"


def test_arithmetic_from_what_is_taken_away_alone() -> None:
    model = made_up()
    far = sum_of(model, [], ["AAC"], 1).tokens[0]
    assert far == np.argmin(model.unit @ model.vector("AAC"))


def test_arithmetic_of_one_term_is_its_neighbourhood() -> None:
    query = ask(MODEL, "ACGTT")
    one, other = arithmetic(MODEL, [query], [], 9), neighborhood(MODEL, query, 9)
    assert one.tokens.tolist() == other.tokens.tolist()


def test_terms_that_cancel_out_and_no_terms_are_refused() -> None:
    query = ask(MODEL, "ACGT")
    with pytest.raises(QueryError, match="the terms cancel each other out"):
        arithmetic(MODEL, [query], [query], 5)
    with pytest.raises(QueryError, match="give at least one k-mer to add"):
        arithmetic(MODEL, [], [], 5)


def test_a_query_of_every_kmer_leaves_nothing() -> None:
    everything = np.arange(256, dtype=np.int32)
    with pytest.raises(QueryError, match="holds every k-mer of this model"):
        around(MODEL, MODEL.unit[0], everything, 5)
