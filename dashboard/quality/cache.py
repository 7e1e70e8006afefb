"""Cached data of the Quality page: comparisons of models and species, the concatenation test."""

from dataclasses import replace

import numpy as np
import streamlit as st

from bioskipgram.config import ProjectionConfig
from bioskipgram.groups import directions as ways
from bioskipgram.groups.directions import Direction, Form
from bioskipgram.model import codon_atlas, compare, concatenation
from bioskipgram.model.codon_atlas import Mantel
from bioskipgram.model.compare import Alignment
from bioskipgram.model.concatenation import Concatenation
from bioskipgram.model.embedding import KmerEmbedding
from bioskipgram.model.quality import frames_of, random_like
from bioskipgram.numerics.arrays import Doubles, Floats, Offsets, Tokens
from dashboard.shared import cache, model_map
from dashboard.shared.cache import ModelFile
from dashboard.shared.quality import cache as quality

SAMPLE = 4096
"""The k-mers of a large vocabulary whose neighbours are compared between two models."""


BLOCK = 256
"""K-mers at a time: their cosines to 65,536 k-mers take 64 MB."""


@st.cache_resource(max_entries=8, show_spinner="Adding 500 pairs of each length …")
def concatenated(model: ModelFile) -> Concatenation:
    """Return the concatenation test of a model."""
    return concatenation.measure(cache.embedding(model))


@st.cache_resource(max_entries=8, show_spinner="Laying one model over the other …")
def alignment(first: ModelFile, second: ModelFile) -> Alignment:
    """Return the alignment of two models."""
    return compare.align(cache.embedding(first), cache.embedding(second))


def blocks(size: int) -> list[range]:
    """Return the blocks of `size` k-mers whose neighbours are found together."""
    asked_of = min(size, SAMPLE)
    return [range(start, min(start + BLOCK, asked_of)) for start in range(0, asked_of, BLOCK)]


@st.cache_resource(max_entries=256, show_spinner=False)
def lists(first: ModelFile, second: ModelFile, block: range) -> tuple[Tokens, Tokens]:
    """Return the neighbours that a block of common k-mers has in both models."""
    found, rows = alignment(first, second), compared(first, second)[block.start : block.stop]
    return (
        compare.neighbor_lists(cache.embedding(first), found.first, rows),
        compare.neighbor_lists(cache.embedding(second), found.second, rows),
    )


@st.cache_resource(max_entries=8, show_spinner=False)
def compared(first: ModelFile, second: ModelFile) -> Offsets:
    """Return which common k-mers have their neighbours compared: all, or a random sample."""
    size = len(alignment(first, second).first)
    if size <= SAMPLE:
        return np.arange(size)
    return np.sort(np.random.default_rng(1).permutation(size)[:SAMPLE])


def laid_over(first: ModelFile, second: ModelFile, config: ProjectionConfig) -> Floats | None:
    """Return the second model's map turned onto the first's; None if one is not made yet."""
    one, two = cache.layout(first, config), cache.layout(second, config)
    if one is None or two is None:
        return None
    return compare.laid_over(two.points, one.points, alignment(first, second))


@st.cache_resource(max_entries=16, show_spinner="Permuting the codons …")
def mantel_tests(model: ModelFile) -> dict[str, Mantel]:
    """Return the Mantel test of each property of codons."""
    embedding = cache.embedding(model)
    found = codon_atlas.properties(embedding).items()
    return {name: codon_atlas.mantel(embedding, values) for name, values in found}


@st.cache_resource(max_entries=8, show_spinner=False)
def codon_maps(models: tuple[ModelFile, ...]) -> dict[str, tuple[list[str], Floats]]:
    """Return the codons of each model and their places, float32[S, 2], over the first's."""
    return codon_atlas.aligned({one.name: cache.embedding(one) for one in models})


@st.cache_resource(max_entries=6, show_spinner="Laying out the null …")
def twin_points(model: ModelFile) -> tuple[Floats, Floats]:
    """Return principal components of a model and of its null turned to lie over it, [V, 2]."""
    found, unit = quality.beyond(model), cache.embedding(model).unit
    assert found is not None
    own, other = (_components(vectors) for vectors in (unit, found.twin))
    left, _, right = np.linalg.svd(other.T @ own)
    return own, (other @ (left @ right)).astype(np.float32)


def _components(vectors: Floats) -> Floats:
    centered = vectors - vectors.mean(axis=0)
    axes = np.linalg.eigh(centered.T @ centered)[1][:, -2:]
    points = centered @ axes
    found: Floats = (points / (points.std() or 1)).astype(np.float32)
    return found


# Directions -----------------------------------------------------------------------------------

COMPONENTS, ROTATED, OWN, ATOMS = "Leading components", "Rotated", "Dimensions", "Dictionary"
DIRECTIONS = 10
DRAWS = 5
"""Random directions, and random vectors, that a measure stands beside."""


@st.cache_resource(max_entries=12, show_spinner="Looking for directions …")
def directions(model: ModelFile, kind: str) -> tuple[list[Direction], str]:
    """Return the first directions of a kind, and what they explain together."""
    embedding = cache.embedding(model)
    n = min(DIRECTIONS, *embedding.unit.shape)
    if kind == OWN:
        found = ways.chosen(embedding, range(embedding.center.shape[1]))
        found.sort(key=lambda one: -one.share)
    elif kind == ATOMS:
        return _atoms(embedding, n)
    else:
        found = ways.directions(embedding, n, rotated=kind == ROTATED)
    total = sum(one.share for one in found)
    return found[:n], f"{total:.0%} of the variance by all {len(found)}"


def _atoms(embedding: KmerEmbedding, n: int) -> tuple[list[Direction], str]:
    from bioskipgram.training.dictionary import dictionary

    found = dictionary(embedding)
    used = (found.codes > 0).mean(axis=0)
    made = [Direction(found.atoms[a], found.codes[:, a], float(used[a])) for a in range(n)]
    return made, f"{found.explained:.0%} of the variance by all {len(found.atoms)}, four to a k-mer"


@st.cache_resource(max_entries=128, show_spinner=False)
def follows(model: ModelFile, kind: str, number: int) -> list[tuple[str, str, float]]:
    """Return what a direction follows, the strongest first."""
    known = [cache.property_of(model, name) for name in model_map.known(model)]
    return ways.correlates(known, directions(model, kind)[0][number].scores)


@st.cache_resource(max_entries=8, show_spinner="Counting k-mers by frame …")
def frames(model: ModelFile) -> Doubles | None:
    """Return each k-mer's share in frame 0 of the sequences at hand; None where there is none."""
    sequences, _ = cache.sequences_of(model, None)
    return None if sequences is None else frames_of(cache.embedding(model), sequences)


@st.cache_resource(max_entries=64, show_spinner="Measuring …")
def measured(model: ModelFile, form: Form | None = None) -> dict[str, float]:
    """Return every measure of the vectors in a form, by default the model's own."""
    return ways.compared(cache.embedding(model), [form], frames(model))[0]


@st.cache_resource(max_entries=64, show_spinner="Measuring without it …")
def without(model: ModelFile, kind: str, number: int) -> dict[str, float]:
    """Return every measure without one direction."""
    axis, embedding = directions(model, kind)[0][number].axis, cache.embedding(model)
    return ways.measured_without(embedding, axis, frames(model))


@st.cache_resource(max_entries=8, show_spinner="Measuring without random directions …")
def without_any(model: ModelFile) -> list[dict[str, float]]:
    """Return every measure without a random direction, of several: what is lost by chance."""
    embedding = cache.embedding(model)
    axes = [ways.random_axis(embedding, seed) for seed in range(DRAWS)]
    return [ways.measured_without(embedding, axis, frames(model)) for axis in axes]


@st.cache_resource(max_entries=32, show_spinner="Measuring random vectors …")
def by_chance(model: ModelFile, form: Form) -> list[dict[str, float]]:
    """Return every measure of random vectors in a form, of several draws."""
    embedding = cache.embedding(model)
    drawn = [random_like(embedding, seed=seed) for seed in range(1, 1 + DRAWS)]
    return [ways.compared(each, [form], frames(model))[0] for each in drawn]


@st.cache_resource(max_entries=32, show_spinner="Measuring the null …")
def of_twin(model: ModelFile, form: Form) -> dict[str, float] | None:
    """Return every measure of a training on shuffled sequences in a form; None where none is kept.

    Its vectors are kept as its model compares them: at length 1, and without the components that
    the model itself leaves out.
    """
    found, embedding = quality.beyond(model), cache.embedding(model)
    kept = form.unit_length and not embedding.remove_components
    if found is None or not kept or found.twin.shape != embedding.center.shape:
        return None
    twin = replace(embedding, center=found.twin)
    return ways.compared(twin, [form], frames(model))[0]
