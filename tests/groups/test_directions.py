"""Directions: against numpy, a planted one found again, and what is lost without it."""

from dataclasses import replace

import numpy as np
import pytest

from bioskipgram.errors import ConfigError
from bioskipgram.groups.directions import (
    FORMS,
    Form,
    chosen,
    compared,
    correlates,
    directions,
    effects,
    formed,
    random_axis,
    suited,
    varimax,
    without,
)
from bioskipgram.model.embedding import KmerEmbedding
from bioskipgram.model.geometry import COUNT
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
    title, measure, value = correlates(suited(model), first.scores)[0]
    assert (title, measure) == ("GC content", "Spearman")
    assert abs(value) > 0.9
    left = without(model, first.axis)
    assert np.abs(left.unit @ first.axis).max() < 1e-5
    assert abs({t: v for t, _, v in correlates(suited(left), left.unit[:, 1])}["GC content"]) < 0.5
    before, after = effects(model, [first])
    assert set(before) - set(after) <= {COUNT}  # the lengths are not kept
    assert before != after


def test_chosen_dimensions_are_the_models_own() -> None:
    (one,) = chosen(MODEL, [4])
    np.testing.assert_allclose(np.abs(one.axis), np.eye(6)[4])
    with pytest.raises(ConfigError, match=r"dimensions: \[6\] are not all within 0 to 5"):
        chosen(MODEL, [6])
    with pytest.raises(ConfigError, match="directions: 7 is outside 1 to 6"):
        directions(MODEL, 7)


def test_forms_are_what_they_say() -> None:
    vectors = MODEL.center.astype(np.float64)
    centred = vectors - vectors.mean(axis=0)
    axes = np.linalg.svd(centred, full_matrices=False)[2]
    left = centred - centred @ axes[:2].T @ axes[:2]
    for form, expected in (
        (Form(), vectors), (Form(centred=True), centred), (Form(components=2), left),
    ):  # fmt: skip
        found, kept = formed(MODEL, form), formed(MODEL, replace(form, unit_length=False))
        lengths = np.linalg.norm(expected, axis=1, keepdims=True)
        np.testing.assert_allclose(found.unit, expected / lengths, atol=1e-5)
        np.testing.assert_allclose(kept.unit, expected, atol=1e-5)
        assert (found.unit == formed(replace(MODEL, remove_components=3), form).unit).all()
    found = formed(MODEL, Form(components=2))
    np.testing.assert_allclose(found.unit, MODEL.removing(2).unit, atol=1e-6)


def test_forms_are_measured_beside_the_models_own() -> None:
    own = MODEL.removing(1)
    found = dict(zip(FORMS, compared(own, FORMS.values()), strict=True))
    assert found["as it is"] == pytest.approx(found["without 1 component"], abs=1e-5)
    assert found["as it is"] != pytest.approx(found["plain"], abs=1e-3)
    assert found["products, not cosines"] != found["plain"]


def test_a_random_axis_is_of_length_one_and_follows_its_seed() -> None:
    one, two = (random_axis(MODEL, seed) for seed in (1, 2))
    assert np.linalg.norm(one) == pytest.approx(1, abs=1e-6)
    assert (one == random_axis(MODEL, 1)).all()
    assert abs(float(one @ two)) < 0.999
