"""Cosines split into contexts: the parts sum to the score, and mean what they say."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bioskipgram.config import TrainConfig
from bioskipgram.counting.pairs import count
from bioskipgram.model.queries import ask
from bioskipgram.model.why import counted_lift, lift, why
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
