"""Cached quality of a model: the report beside it, and its share of spelling."""

from pathlib import Path

import numpy as np
import streamlit as st

from bioskipgram.errors import CheckpointError
from bioskipgram.model import beside, neighbors, quality_file
from bioskipgram.model import beyond as beyonds
from bioskipgram.model import stability as measured
from bioskipgram.model import why as reasons
from bioskipgram.model.beyond import LIT, Beyond
from bioskipgram.model.quality import neighbor_relations
from bioskipgram.model.quality_file import QualityReport
from bioskipgram.model.queries import PATTERN, Query
from bioskipgram.model.stability import Stability
from bioskipgram.model.why import Why
from bioskipgram.numerics.arrays import Tokens
from dashboard.kmer_map.content import Colouring
from dashboard.shared import text as safe
from dashboard.shared.cache import ModelFile, embedding

NOT_ASKED = (
    "Which k-mers are more than the null was not worked out for this model. **Ask for a null** on "
    "the page Quality, or the command `bioskipgram null-map MODEL SEQUENCES`, trains models on its "
    "sequences, shuffled, and keeps the answer beside it."
)


def report(model: ModelFile) -> QualityReport | None:
    """Return the quality report beside a model; None without a matching one."""
    path = beside.quality(model.path)
    try:
        return _report(model, path, path.stat().st_mtime_ns)
    except (OSError, CheckpointError):
        return None


@st.cache_resource(max_entries=16, show_spinner=False)
def _report(model: ModelFile, path: Path, made: int) -> QualityReport | None:
    found = quality_file.load(path)
    return found if found.digest == embedding(model).digest else None


@st.cache_resource(max_entries=16, show_spinner=False)
def spelling(model: ModelFile) -> dict[str, float]:
    """Return the mean share of each relation among the nearest neighbours of many k-mers."""
    return neighbor_relations(embedding(model))


@st.cache_resource(max_entries=16, show_spinner=False)
def spelling_by_chance(model: ModelFile) -> dict[str, float]:
    """Return the mean share of each relation among all other k-mers, of a few k-mers."""
    whole = embedding(model)
    some = np.unique(np.linspace(0, len(whole) - 1, 8).astype(int)).tolist()
    shares = [neighbors.expected_shares(whole, token) for token in some]
    kinds = {kind for each in shares for kind in each}
    return {kind: sum(each.get(kind, 0.0) for each in shares) / len(shares) for kind in kinds}


@st.cache_resource(max_entries=6, show_spinner=False)
def stability(model: ModelFile) -> Stability | None:
    """Return how often neighbours come back in retrained models; None where it was not measured."""
    whole = embedding(model)
    path = beside.remade(model.path, "stability", whole.digest)
    try:
        found, digest = measured.load(path)
    except CheckpointError:
        return None
    return found if digest == whole.digest and len(found.tokens) == len(whole) else None


def chances(model: ModelFile, token: int, neighbors: Tokens) -> list[float | None]:
    """Return the chance in per cent that each neighbour comes back; None where it is not known."""
    found = stability(model)
    if found is None:
        return [None] * len(neighbors)
    known = dict(zip(found.tokens[token].tolist(), found.shares[token].tolist(), strict=True))
    return [100 * known[each] if each in known else None for each in neighbors.tolist()]


def beyond(model: ModelFile) -> Beyond | None:
    """Return what a model knows beyond its null; None where it was not worked out."""
    path = beside.beyond(model.path, embedding(model).digest)
    try:
        return _beyond(model, path, path.stat().st_mtime_ns)
    except (OSError, CheckpointError):
        return None


@st.cache_resource(max_entries=6, show_spinner=False)
def _beyond(model: ModelFile, path: Path, made: int) -> Beyond | None:
    found, digest = beyonds.load(path)
    whole = embedding(model)
    return found if digest == whole.digest and len(found.q) == len(whole) else None


def lit(model: ModelFile) -> Colouring:
    """Return how much more than the null each k-mer is, as colours; grey where it is not."""
    found = beyond(model)
    values = np.full(len(embedding(model)), np.nan, np.float32)
    if found is not None:
        values[found.lit] = found.scaled[found.lit]
    return Colouring("More than the null, standard deviations", values)


def told(found: Beyond, size: int) -> str:
    """Return how many k-mers are more than which null, as Markdown."""
    return (
        f"**{len(found.lit):,} of {size:,}** k-mers are more than the null: their contexts differ "
        f"from those in sequences with **{safe.markdown(found.kind)}** (q < {LIT}, "
        f"{found.models} nulls). The others are grey."
    )


@st.cache_resource(max_entries=32, show_spinner=False)
def why(model: ModelFile, first: bytes, second: bytes) -> Why:
    """Return the cosine of two queries, split into contexts; each is the bytes of its tokens."""
    one, two = (Query("", PATTERN, np.frombuffer(each, np.int32)) for each in (first, second))
    return reasons.why(embedding(model), one, two)
