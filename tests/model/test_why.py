"""Cosines split into contexts: the parts sum to the score, and mean what they say."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bioskipgram.config import TrainConfig
from bioskipgram.counting.pairs import count
from bioskipgram.errors import QueryError
from bioskipgram.model.neighbors import arithmetic
from bioskipgram.model.queries import ask
from bioskipgram.model.why import counted_lift, lift, why, why_sum
from bioskipgram.training.trainer import Training
from tests.conftest import MakeSequences
from tests.model.test_quality import all_kmers, made, random_vectors

KMERS = all_kmers(3)


@given(st.integers(0, 99), st.integers(0, 3), st.sampled_from(["ACG", "ACGTAC", "ANG"]))
def test_the_parts_sum_to_the_score(seed: int, removed: int, query: str) -> None:
    model = made(KMERS, random_vectors(64, 5, seed=seed))
    context = np.random.default_rng(seed).standard_normal((64, 5)).astype(np.float32)
    model = replace(model, context=context, remove_components=removed)
    first, second = ask(model, query), ask(model, "TTT")
    found = why(model, first, second)
    assert found.score == pytest.approx(model.similarity("ACG", "TTT"), abs=1e-6) or query != "ACG"
    assert found.parts.sum() + found.rest == pytest.approx(found.score, abs=1e-12)
    assert abs(found.rest) < 1e-5
    back = why(model, second, first)
    np.testing.assert_allclose(back.parts, found.parts, atol=1e-9)
    leading = np.abs(found.parts)[found.leading(4)]
    assert (np.diff(leading) <= 0).all()
    assert leading[-1] >= np.sort(np.abs(found.parts))[-4]
    assert sum(found.for_and_against) == pytest.approx(found.parts.sum(), abs=1e-9)


@settings(max_examples=25)
@given(st.integers(0, 99), st.integers(0, 2), st.integers(0, 2), st.integers(0, 2))
def test_a_sum_is_split_into_terms_and_contexts(
    seed: int, removed: int, added: int, taken: int
) -> None:
    model = made(KMERS, random_vectors(64, 5, seed=seed))
    context = np.random.default_rng(seed).standard_normal((64, 5)).astype(np.float32)
    model = replace(model, context=context, remove_components=removed)
    plus = [ask(model, text) for text in ("ACG", "ACGTAC", "ANG")[: added + 1]]
    minus = [ask(model, text) for text in ("GGG", "CCN")[:taken]]
    near = arithmetic(model, plus, minus, 3)
    found = why_sum(model, plus, minus, ask(model, model.vocabulary.texts[near.tokens[2]]))
    assert found.score == pytest.approx(near.cosines[2], abs=1e-5)
    assert found.terms.sum() == pytest.approx(found.score, abs=1e-9)
    assert len(found.terms) == len(plus) + len(minus)
    assert found.parts.sum() == pytest.approx(found.score, abs=1e-5)
    np.testing.assert_allclose(found.by_term.sum(axis=1), found.terms, atol=1e-5)
    np.testing.assert_allclose(found.by_term.sum(axis=0), found.parts, atol=1e-12)


def test_the_terms_of_a_sum_are_their_own_cosines_over_its_length() -> None:
    model = made(KMERS, random_vectors(64, 5))
    model = replace(model, context=model.center[::-1])
    one, two, other = (ask(model, text) for text in ("ACG", "GGG", "TTT"))
    found = why_sum(model, [one], [two], other)
    length = np.linalg.norm(model.vector("ACG") - model.vector("GGG"))
    assert found.terms == pytest.approx(
        [model.similarity("ACG", "TTT") / length, -model.similarity("GGG", "TTT") / length]
    )
    assert found.first == pytest.approx(lift(model, one.tokens) / lift(model, two.tokens))
    with pytest.raises(QueryError, match="cancel each other out"):
        why_sum(model, [one], [one], other)


def test_directions_without_a_context_are_the_rest() -> None:
    model = made(KMERS, random_vectors(64, 5))
    context = np.random.default_rng(1).standard_normal((64, 5)).astype(np.float32)
    context[:, 3:] = 0
    model = replace(model, context=context)
    found = why(model, ask(model, "ACG"), ask(model, "TTT"))
    one, two = model.vector("ACG"), model.vector("TTT")
    assert found.parts.sum() == pytest.approx(one[:3] @ two[:3], abs=1e-6)
    assert found.rest == pytest.approx(one[3:] @ two[3:], abs=1e-6)


def test_a_model_that_learnt_all_fits_what_was_counted(sequences: MakeSequences) -> None:
    text = "".join(np.random.default_rng(1).choice(list("ACGT"), 4000, p=[0.4, 0.3, 0.2, 0.1]))
    config = TrainConfig(k=2, dim=16, window=2, steps=400, threads=1)
    records = sequences(text)
    training = Training(records, config)
    list(training)
    model, pairs = training.embedding(), count(records, config)
    for kmer in ("AC", "TT", "GA"):
        tokens = model.tokens_of(kmer)
        counted = counted_lift(model, pairs.counts[tokens].sum(axis=0).astype(np.float64))
        np.testing.assert_allclose(lift(model, tokens), counted, rtol=0.05, atol=0.02)
        assert counted.max() > 1.5
    assert (counted_lift(model, np.zeros(16)) == 1).all()
