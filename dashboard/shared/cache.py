"""Data cached between runs of a page, and where files are: models and maps here.

Keys are paths with their time and size, and settings; never arrays. What is returned is shared by
all sessions, which is safe because the arrays are read-only.
"""

import hashlib
import os
import zlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import streamlit as st

from bioskipgram.config import SMALL, ClusterConfig, ProjectionConfig, default_clusters
from bioskipgram.errors import CheckpointError, QueryError
from bioskipgram.groups import clusters
from bioskipgram.groups.clusters import Clusters
from bioskipgram.groups.names import ClusterName, describe
from bioskipgram.groups.properties import PROPERTIES, Property
from bioskipgram.kmers import patterns, record_counts
from bioskipgram.kmers.record_counts import FrameCounts
from bioskipgram.model import beside, checkpoint
from bioskipgram.model import shipped as shipped_models
from bioskipgram.model.embedding import KmerEmbedding
from bioskipgram.numerics.arrays import Flags, Tokens
from bioskipgram.projection import projection
from bioskipgram.projection.jobs import ProjectionJob
from bioskipgram.projection.projection import Projection
from bioskipgram.sequences import fasta, packed
from bioskipgram.sequences import upload as tolerant
from bioskipgram.sequences.alphabet import ALPHABETS
from bioskipgram.sequences.packed import SequenceIndex
from bioskipgram.sequences.sequences import Sequences, joined
from bioskipgram.sequences.shipped import GENES, SAMPLE
from bioskipgram.sequences.upload import Limits, Records
from bioskipgram.training import runs
from dashboard import state

MODELS = shipped_models.SHIPPED
RUNS = Path(os.environ.get("BIOSKIPGRAM_RUNS", shipped_models.ROOT / "runs"))
"""The folder of training runs; set by the environment variable of that name."""
FEW = 2048
"""Up to so many k-mers HDBSCAN takes seconds; it compares every two."""
LIMITS = Limits()
"""The limits of every page; the command line has none."""


class ModelFile(NamedTuple):
    """A model on disk; `stamp` changes when the file does. A tuple, Streamlit's fastest key."""

    name: str
    path: str
    stamp: tuple[int, int]

    @classmethod
    def at(cls, name: str, path: Path) -> "ModelFile":
        """Return the file as it is now."""
        facts = path.stat()
        return cls(name, str(path), (facts.st_mtime_ns, facts.st_size))


@dataclass(frozen=True)
class Given:
    """A file, or pasted text, that the user gave."""

    name: str
    data: bytes

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the bytes."""
        return hashlib.sha256(self.data).hexdigest()


@dataclass(frozen=True)
class Upload:
    """Files the user gave and what was read from them, identified by the digest."""

    digest: str
    files: tuple[Given, ...]
    records: Records

    def __len__(self) -> int:
        return len(self.records)


def _digest(given: Upload) -> str:
    return given.digest


KEYS: dict[str | type[Any], Callable[[Any], Any]] = {Upload: _digest}
"""How a cached function hashes an upload: `hash_funcs`."""


def models() -> dict[str, ModelFile]:
    """Return every readable model by name: those given, shipped, of runs (newest first)."""
    named = list(shipped_models.models(MODELS).items())
    named += [(f"run: {run.name}", run.model) for run in runs.all_runs(RUNS)]
    found = {}
    for name, path in named:
        with suppress(OSError):
            found[name] = ModelFile.at(name, path)
    return found


def chosen() -> ModelFile:
    """Return the chosen model."""
    found: ModelFile = st.session_state[state.MODEL_FILE]
    return found


@st.cache_resource(max_entries=6, show_spinner="Reading the model …")
def embedding(model: ModelFile) -> KmerEmbedding:
    """Return the model in a file."""
    return checkpoint.load(model.path)


@st.cache_resource(max_entries=32, show_spinner=False)
def _layout(model: ModelFile, config: ProjectionConfig, path: Path, made: int) -> Projection:
    return projection.load(path, size=len(embedding(model)))


@st.cache_resource(max_entries=8, show_spinner="Laying out the principal components …")
def _pca(model: ModelFile, config: ProjectionConfig) -> Projection:
    return projection.project(embedding(model), config)


def layout(model: ModelFile, config: ProjectionConfig) -> Projection | None:
    """Return a projection; None if it is not made yet and takes long."""
    path = layout_job(model, config).place
    try:
        return _layout(model, config, path, path.stat().st_mtime_ns)
    except (FileNotFoundError, CheckpointError):  # a damaged one is made again
        quick = config.method == "pca" and len(embedding(model)) <= SMALL
        return _pca(model, config) if quick else None


def layout_job(model: ModelFile, config: ProjectionConfig | ClusterConfig) -> ProjectionJob:
    """Return the job that makes a projection or a clustering, running or not."""
    path = Path(model.path)
    return ProjectionJob(projection.cache_path(path, embedding(model), config), path)


def start_layout(model: ModelFile, config: ProjectionConfig | ClusterConfig) -> None:
    """Start making a projection, and missing clusters, or only these."""
    layout_job(model, config).start(config, clusters=clusters_missing(model))


def is_made(model: ModelFile, config: ProjectionConfig | ClusterConfig) -> bool:
    """Return whether a layout or a clustering can be shown."""
    if isinstance(config, ProjectionConfig):
        return layout(model, config) is not None
    return not clusters_missing(model)


def found_clusters(model: ModelFile) -> Clusters:
    """Return a model's clusters: kept beside it, or found now if quick, else all are noise."""
    return _clusters(model, clusters_made(model))


def cluster_config(model: ModelFile) -> ClusterConfig:
    """Return how a model is clustered: as this session chose, else by default."""
    name, chosen = st.session_state.get(state.CLUSTERING, ("", None))
    return chosen if chosen and name == model.name else default_clusters(len(embedding(model)))


def _takes_long(config: ClusterConfig, V: int) -> bool:
    return V > SMALL or (config.method == "hdbscan" and V > FEW)


def clusters_missing(model: ModelFile) -> bool:
    """Return whether clusters still have to be found by a job."""
    config, V = cluster_config(model), len(embedding(model))
    return _takes_long(config, V) and not layout_job(model, config).place.exists()


def clusters_made(model: ModelFile) -> int:
    """Return a number that changes with the settings of the clusters and with their file."""
    config = cluster_config(model)
    place = layout_job(model, config).place
    made = place.stat().st_mtime_ns if place.exists() else 0
    return made ^ zlib.crc32(repr(config).encode())


@st.cache_resource(max_entries=8, show_spinner="Finding clusters …")
def _clusters(model: ModelFile, made: int) -> Clusters:
    config, V = cluster_config(model), len(embedding(model))
    try:
        return clusters.load(layout_job(model, config).place, size=V)
    except CheckpointError:
        if _takes_long(config, V):
            return Clusters(config, np.full(V, clusters.NOISE, np.int32))
        return clusters.find(embedding(model), config)


def cluster_names(model: ModelFile) -> tuple[str, ...]:
    """Return a short name for each cluster."""
    return tuple(found.title for found in described_clusters(model))


def described_clusters(model: ModelFile) -> tuple[ClusterName, ...]:
    """Return the name of each cluster, and how well it fits."""
    return _described_clusters(model, clusters_made(model))


@st.cache_resource(max_entries=8, show_spinner=False)
def _described_clusters(model: ModelFile, made: int) -> tuple[ClusterName, ...]:
    frames = None
    if embedding(model).info.config.contexts in ("frame", "frame-apart"):
        frames = property_of(model, "frame preference").values
    return describe(embedding(model).vocabulary, _clusters(model, made), frames=frames)


def property_of(model: ModelFile, name: str) -> Property:
    """Return a property of every k-mer; "cluster" is one of them."""
    if name == "cluster":
        return _cluster_property(model, clusters_made(model))
    return _property(model, name, _index_made(model) if PROPERTIES[name].needs_frames else 0)


@st.cache_resource(max_entries=64, show_spinner=False)
def _property(model: ModelFile, name: str, made: int) -> Property:
    kind = PROPERTIES[name]
    return kind(embedding(model), _frame_counts(model, made) if kind.needs_frames else None)


@st.cache_resource(max_entries=8, show_spinner=False)
def _cluster_property(model: ModelFile, made: int) -> Property:
    if clusters_missing(model):
        nothing = np.zeros(len(embedding(model)), np.float32)
        return Property("Cluster", nothing, ("not found yet",))
    labels = _clusters(model, made).labels.astype(np.float32)
    return Property("Cluster", labels, cluster_names(model))


@st.cache_resource(max_entries=64, show_spinner=False)
def matches(model: ModelFile, pattern: str) -> Flags:
    """Return which k-mers contain a pattern, bool[V]."""
    return match_starts(model, pattern) >= 0


@st.cache_resource(max_entries=64, show_spinner=False)
def match_starts(model: ModelFile, pattern: str) -> Tokens:
    """Return where the first match of a pattern starts in each k-mer, int32[V]; -1 = nowhere."""
    return patterns.match_starts(embedding(model).vocabulary, pattern)


def read(files: tuple[Given, ...], alphabet: str) -> Upload:
    """Return the usable records of some files, and the faults of the rest."""
    total = hashlib.sha256(alphabet.encode())
    for file in files:
        total.update(f"\0{file.name}\0{file.digest}".encode("utf-8", "replace"))
    digest = total.hexdigest()
    return Upload(digest, files, _read(digest, alphabet, files))


@st.cache_resource(max_entries=4, show_spinner="Reading the sequences …")
def _read(digest: str, alphabet: str, _files: tuple[Given, ...]) -> Records:
    files = [(file.name, file.data) for file in _files]
    return tolerant.read_all(files, alphabet=ALPHABETS[alphabet], limits=LIMITS)


@st.cache_resource(max_entries=4, show_spinner=False)
def shipped(path: Path, alphabet: str) -> Sequences:
    """Return the sequences of a file that ships with the package."""
    return fasta.read(path, alphabet=ALPHABETS[alphabet])


def sequences_of(model: ModelFile, given: Upload | None) -> tuple[Sequences | None, str]:
    """Return the sequences to search for a model's k-mers, and their name.

    Those the user gave, else those kept beside the model, else the sample that ships; None for a
    protein model without any.
    """
    alphabet = embedding(model).vocabulary.tokenizer.alphabet
    if given is not None:
        return given.records.sequences, ", ".join(file.name for file in given.files)
    if made := _index_made(model):
        kept = _index(model, made)
        return kept.sequences, f"{kept.source}, kept beside this model"
    if not alphabet.complement:
        return None, "nothing: no protein sequences ship"
    both = _genes_and_sample(alphabet.name)
    return both, f"the {len(both):,} human coding sequences that ship with the program"


@st.cache_resource(max_entries=2, show_spinner=False)
def _genes_and_sample(alphabet: str) -> Sequences:
    """Return all sequences that ship, those with a gene's name first."""
    both = [shipped(path, alphabet) for path in (GENES, SAMPLE)]
    return joined(both, ALPHABETS[alphabet])


def _index_made(model: ModelFile) -> int:
    """Return when the sequences beside a model were written, ns; 0 if there are none."""
    try:
        return beside.sequences(model.path).stat().st_mtime_ns
    except FileNotFoundError:
        return 0


@st.cache_resource(max_entries=3, show_spinner="Reading the sequences …")
def _index(model: ModelFile, made: int) -> SequenceIndex:
    return packed.load(beside.sequences(model.path))


@st.cache_resource(max_entries=8, show_spinner="Counting k-mers by frame …")
def _frame_counts(model: ModelFile, made: int) -> FrameCounts:
    """Return how often each k-mer starts in each frame of the model's own sequences."""
    sequences, _ = sequences_of(model, None)
    if sequences is None:
        raise QueryError("protein has no reading frame; choose another colour")
    return record_counts.frame_counts(sequences, embedding(model).vocabulary)
