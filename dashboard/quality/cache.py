"""Cached data of the Quality page: comparisons of models and species, the concatenation test."""

from pathlib import Path

import numpy as np
import streamlit as st

from bioskipgram.config import ProjectionConfig
from bioskipgram.errors import CheckpointError
from bioskipgram.model import beside, codon_atlas, compare, concatenation
from bioskipgram.model import beyond as measured
from bioskipgram.model.beyond import Beyond
from bioskipgram.model.codon_atlas import Mantel
from bioskipgram.model.compare import Alignment
from bioskipgram.model.concatenation import Concatenation
from bioskipgram.numerics.arrays import Floats, Offsets, Tokens
from dashboard.shared import cache
from dashboard.shared.cache import ModelFile

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
def follows(model: ModelFile) -> dict[str, Mantel]:
    """Return the Mantel test of each property of codons."""
    embedding = cache.embedding(model)
    found = codon_atlas.properties(embedding).items()
    return {name: codon_atlas.mantel(embedding, values) for name, values in found}


@st.cache_resource(max_entries=8, show_spinner=False)
def codon_maps(models: tuple[ModelFile, ...]) -> dict[str, tuple[list[str], Floats]]:
    """Return the codons of each model and their places, float32[S, 2], over the first's."""
    return codon_atlas.aligned({one.name: cache.embedding(one) for one in models})


def beyond(model: ModelFile) -> Beyond | None:
    """Return what a model knows beyond its null; None where it was not worked out."""
    path = beside.beyond(model.path, cache.embedding(model).digest)
    try:
        return _beyond(model, path, path.stat().st_mtime_ns)
    except (OSError, CheckpointError):
        return None


@st.cache_resource(max_entries=6, show_spinner=False)
def _beyond(model: ModelFile, path: Path, made: int) -> Beyond | None:
    found, digest = measured.load(path)
    embedding = cache.embedding(model)
    return found if digest == embedding.digest and len(found.q) == len(embedding) else None


@st.cache_resource(max_entries=6, show_spinner="Laying out the null …")
def twin_points(model: ModelFile) -> tuple[Floats, Floats]:
    """Return principal components of a model and of its null turned to lie over it, [V, 2]."""
    found, unit = beyond(model), cache.embedding(model).unit
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
