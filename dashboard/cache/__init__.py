"""Everything that is remembered between runs of a page, and where files are: models and maps here.

Keys are paths with their time and size, and settings; never arrays. What is returned is
shared by all sessions, which is safe because the arrays are read-only.
"""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import streamlit as st

from bioskipgram import checkpoint, clusters, fasta, motifs, projection, runs
from bioskipgram.alphabet import ALPHABETS
from bioskipgram.arrays import Flags
from bioskipgram.clusters import Clusters
from bioskipgram.config import ProjectionConfig, default_clusters
from bioskipgram.data import SAMPLE
from bioskipgram.embedding import KmerEmbedding
from bioskipgram.errors import CheckpointError
from bioskipgram.fasta import Sequences
from bioskipgram.projection import Projection
from bioskipgram.properties import PROPERTIES, Property

ROOT = Path(__file__).resolve().parents[2]
MODELS = ROOT / "models"
RUNS = Path(os.environ.get("BIOSKIPGRAM_RUNS", ROOT / "runs"))
"""Where training runs go; the environment variable of that name moves them."""
MAX_UPLOAD_MB = 200
MAX_BASES = 1_000_000_000
MAX_RECORDS = 2_000_000


@dataclass(frozen=True)
class ModelFile:
    """A model on disk; `stamp` changes whenever the file does."""

    name: str
    path: str
    stamp: tuple[int, int]

    @classmethod
    def at(cls, name: str, path: Path) -> "ModelFile":
        """Return the file as it is now."""
        facts = path.stat()
        return cls(name, str(path), (facts.st_mtime_ns, facts.st_size))


def models() -> dict[str, ModelFile]:
    """Return every model by name: the shipped ones, then those of training runs, newest first."""
    shipped = sorted(MODELS.glob(f"*{checkpoint.SUFFIX}"), key=lambda p: ("k6" not in p.stem, p))
    found = [(path.stem, path) for path in shipped if not path.stem.endswith(".state")]
    found += [(f"run: {run.name}", run.model) for run in runs.all_runs(RUNS) if run.model.exists()]
    return {name: ModelFile.at(name, path) for name, path in found}


@st.cache_resource(max_entries=6, show_spinner="Reading the model …")
def embedding(model: ModelFile) -> KmerEmbedding:
    """Return the model in a file."""
    return checkpoint.load(model.path)


@st.cache_resource(max_entries=32, show_spinner=False)
def _layout(model: ModelFile, config: ProjectionConfig, path: Path, made: int) -> Projection:
    return projection.load(path)


@st.cache_resource(max_entries=8, show_spinner="Laying out the principal components …")
def _pca(model: ModelFile, config: ProjectionConfig) -> Projection:
    return projection.project(embedding(model), config)


def layout(model: ModelFile, config: ProjectionConfig) -> Projection | None:
    """Return a layout; None if it has not been made yet and is not quick to make."""
    path = projection.cache_path(Path(model.path), embedding(model), config)
    try:
        return _layout(model, config, path, path.stat().st_mtime_ns)
    except (FileNotFoundError, CheckpointError):  # a damaged one is made anew
        return _pca(model, config) if config.method == "pca" else None


@st.cache_resource(show_spinner=False)
def _jobs() -> dict[tuple[ModelFile, ProjectionConfig], subprocess.Popen[bytes]]:
    return {}


def layout_job(
    model: ModelFile, config: ProjectionConfig, *, start: bool = False
) -> subprocess.Popen[bytes] | None:
    """Return the process that makes a layout, started now if asked for; None if there is none."""
    jobs, key = _jobs(), (model, config)
    if start and (key not in jobs or jobs[key].poll() is not None):
        jobs[key] = runs.start_layout(Path(model.path), config)
    return jobs.get(key)


@st.cache_resource(max_entries=8, show_spinner="Finding clusters …")
def found_clusters(model: ModelFile) -> Clusters:
    """Return the clusters a model is shown with: those kept beside it, or found now."""
    config = default_clusters(len(embedding(model)))
    path = projection.cache_path(Path(model.path), embedding(model), config)
    try:
        return clusters.load(path)
    except CheckpointError:
        return clusters.find(embedding(model), config)


@st.cache_resource(max_entries=8, show_spinner=False)
def cluster_names(model: ModelFile) -> tuple[str, ...]:
    """Return a short name for each cluster."""
    return clusters.names(embedding(model), found_clusters(model))


@st.cache_resource(max_entries=64, show_spinner=False)
def property_of(model: ModelFile, name: str) -> Property:
    """Return a property of every k-mer; "cluster" is one of them."""
    if name != "cluster":
        return PROPERTIES[name](embedding(model))
    return Property(
        "Cluster", found_clusters(model).labels.astype(np.float32), cluster_names(model)
    )


@st.cache_resource(max_entries=64, show_spinner=False)
def matches(model: ModelFile, pattern: str) -> Flags:
    """Return which k-mers contain an IUPAC pattern, bool[V]."""
    return motifs.matching(embedding(model).vocabulary, pattern)


@st.cache_resource(max_entries=4, show_spinner="Reading the sequences …")
def upload(digest: str, name: str, alphabet: str, _data: bytes) -> Sequences:
    """Return the sequences of an upload, told apart by the digest of its bytes."""
    return fasta.read(
        _data,
        name=name,
        alphabet=ALPHABETS[alphabet],
        max_bases=MAX_BASES,
        max_records=MAX_RECORDS,
    )


@st.cache_resource(max_entries=2, show_spinner=False)
def sample(alphabet: str) -> Sequences:
    """Return the sequences that ship with the package."""
    return fasta.read(SAMPLE, alphabet=ALPHABETS[alphabet])
