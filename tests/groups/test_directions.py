"""Directions: against numpy, a planted one found again, and what is lost without it."""

from dataclasses import replace

import numpy as np
import pytest

from bioskipgram.errors import ConfigError
from bioskipgram.groups.directions import (
    all_but_the_top,
    chosen,
    correlates,
    directions,
    effects,
    varimax,
    without,
)
from bioskipgram.model.embedding import KmerEmbedding
from bioskipgram.numerics.arrays import Doubles
from tests.model.test_quality import all_kmers, made, random_vectors

KMERS = all_kmers(3)
MODEL = made(KMERS, random_vectors(64, 6))


def by_gc() -> KmerEmbedding:
    """Vectors whose first dimension is the GC content, the others noise."""
    vectors = np.random.default_rng(1).standard_normal((64, 6)).astype(np.float32)
    vectors[:, 0] = [12 * (sum(base in "GC" for base in kmer) - 1.5) for kmer in KMERS]
    return made(KMERS, vectors)


def test_the_components_are_those_of_numpy() -> None:
    found = directions(MODEL, 6)
    covariance = np.cov(MODEL.unit.T, bias=True)
    shares = np.sort(np.linalg.eigvalsh(covariance))[::-1] / np.trace(covariance)
    np.testing.assert_allclose([one.share for one in found], shares, rtol=1e-4)
    for one in found:
        np.testing.assert_allclose(
            one.scores, (MODEL.unit - MODEL.unit.mean(axis=0)) @ one.axis, atol=1e-5
        )
        high, low = one.ends(3)
        assert one.scores[high[0]] == one.scores.max() == np.abs(one.scores).max()
        assert one.scores[low[0]] == one.scores.min()


def criterion(scores: Doubles) -> float:
    return float(np.square(scores).var(axis=0).sum())


def test_varimax_finds_axes_that_were_turned_away() -> None:
    random = np.random.default_rng(1)
    scores = random.standard_normal((200, 3)) * (random.random((200, 3)) < 0.1)
    turn = np.linalg.qr(random.standard_normal((3, 3)))[0]
    rotation = varimax(scores @ turn)
    np.testing.assert_allclose(rotation @ rotation.T, np.eye(3), atol=1e-9)
    np.testing.assert_allclose(np.abs(turn @ rotation).max(axis=0), 1, atol=0.05)
    assert criterion(scores @ turn @ rotation) > 1.3 * criterion(scores @ turn)


def test_rotated_directions_share_the_same_variance() -> None:
    plain, turned = directions(MODEL, 3), directions(MODEL, 3, rotated=True)
    total = sum(one.share for one in plain)
    assert sum(one.share for one in turned) == pytest.approx(total, rel=1e-5)
    axes = np.stack([one.axis for one in turned])
    np.testing.assert_allclose(axes @ axes.T, np.eye(3), atol=1e-5)


def test_a_planted_direction_is_named_and_its_removal_shown() -> None:
    model = by_gc()
    first, *_ = directions(model, 2)
    title, measure, value = correlates(model, first.scores)[0]
    assert (title, measure) == ("GC content", "Spearman")
    assert abs(value) > 0.9
    left = without(model, first.axis)
    assert np.abs(left.unit @ first.axis).max() < 1e-5
    assert abs({t: v for t, _, v in correlates(left, left.unit[:, 1])}["GC content"]) < 0.5
    before, after = effects(model, [first])
    assert set(before) == set(after)
    assert before != after


def test_chosen_dimensions_are_the_models_own() -> None:
    (one,) = chosen(MODEL, [4])
    np.testing.assert_allclose(np.abs(one.axis), np.eye(6)[4])
    with pytest.raises(ConfigError, match=r"dimensions: \[6\] are not all within 0 to 5"):
        chosen(MODEL, [6])
    with pytest.raises(ConfigError, match="directions: 7 is outside 1 to 6"):
        directions(MODEL, 7)


def test_all_but_the_top_is_measured_for_every_number() -> None:
    found = all_but_the_top(MODEL, 2)
    assert list(found) == [0, 1, 2]
    assert found[0] != found[1]
    assert found[2] == all_but_the_top(replace(MODEL, remove_components=1), 2)[2]
