"""Files beside a model: its layouts, its clusters, its training sequences."""

from contextlib import suppress
from functools import partial
from pathlib import Path

from bioskipgram.config import SMALL, ClusterConfig, ProjectionConfig, default_clusters
from bioskipgram.errors import ConfigError
from bioskipgram.groups import clusters
from bioskipgram.jobs.process import threads_of_one
from bioskipgram.jobs.progress import OnProgress, no_progress
from bioskipgram.model import beside
from bioskipgram.model.embedding import KmerEmbedding
from bioskipgram.projection import projection
from bioskipgram.sequences import packed
from bioskipgram.sequences.alphabet import ALPHABETS

from .files import Files


def lay_out(embedding: KmerEmbedding, path: Path) -> None:
    """Make the clusters, PCA and, if quick, t-SNE of a new model."""
    V = len(embedding)
    with suppress(ConfigError):  # too few k-mers for clusters or a map
        own_clusters(embedding, path)
        for method in ("pca", "tsne") if V <= SMALL else ("pca",):
            keep_layout(embedding, path, ProjectionConfig(method=method))


def keep_layout(
    embedding: KmerEmbedding,
    model: Path,
    config: ProjectionConfig,
    *,
    progress: OnProgress = no_progress,
) -> tuple[projection.Projection, Path]:
    """Return a layout and its path; make it unless it exists."""
    path = projection.cache_path(model, embedding, config)
    load = partial(projection.load, size=len(embedding))
    make = partial(
        projection.project, embedding, config, threads=threads_of_one(), progress=progress
    )
    return beside.kept(path, load, make, projection.save), path


def keep_clusters(
    embedding: KmerEmbedding, model: Path, config: ClusterConfig, *, must_save: bool = True
) -> tuple[clusters.Clusters, Path]:
    """Return clusters and their path; find them unless the file exists."""
    path = projection.cache_path(model, embedding, config)
    make = partial(clusters.find, embedding, config)
    load = partial(clusters.load, size=len(embedding))
    return beside.kept(path, load, make, clusters.save, must_save=must_save), path


def own_clusters(
    embedding: KmerEmbedding, model: Path, *, must_save: bool = True
) -> clusters.Clusters:
    """Return a model's clusters by the default settings; see `keep_clusters`."""
    return keep_clusters(embedding, model, default_clusters(len(embedding)), must_save=must_save)[0]


def keep_sequences(
    model: Path, files: Files, *, alphabet: str, strict: bool, told: bool = False
) -> tuple[Path, str]:
    """Write the sequences of files beside a model; return their path and digest.

    `told`: the unusable records are reported elsewhere.
    """
    path, sha256 = beside.sequences(model), files.sha256()
    sequences = files.read(ALPHABETS[alphabet], strict=strict, told=told)
    packed.save(packed.SequenceIndex(sequences, files.title, sha256), path)
    return path, sha256
