"""Cached quality of a model: the report beside it, and its share of spelling."""

from pathlib import Path

import numpy as np
import streamlit as st

from bioskipgram.errors import CheckpointError
from bioskipgram.model import beside, neighbors, quality_file
from bioskipgram.model.quality import neighbor_relations
from bioskipgram.model.quality_file import QualityReport
from dashboard.shared.cache import ModelFile, embedding


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
