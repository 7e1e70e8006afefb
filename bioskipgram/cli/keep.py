"""Files beside a model: its layouts, its clusters, its training sequences."""

from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bioskipgram.config import ClusterConfig, ProjectionConfig
from bioskipgram.errors import ConfigError
from bioskipgram.model import beside

if TYPE_CHECKING:
    from bioskipgram.jobs.progress import Tell
    from bioskipgram.model.embedding import KmerEmbedding
    from bioskipgram.sequences.sequences import BadRecord


def lay_out(embedding: "KmerEmbedding", path: Path) -> None:
    """Make the clusters, PCA and, if quick, t-SNE of a new model."""
    from bioskipgram.config import SMALL, default_clusters

    V = len(embedding)
    with suppress(ConfigError):  # too few k-mers for clusters or a map
        keep_clusters(embedding, path, default_clusters(V))
        for method in ("pca", "tsne") if V <= SMALL else ("pca",):
            keep_layout(embedding, path, ProjectionConfig(method=method))


def keep_layout(
    embedding: "KmerEmbedding", model: Path, config: ProjectionConfig, *, tell: "Tell | None" = None
) -> tuple[Any, Path]:
    """Return a layout and its path; make it unless it exists."""
    from bioskipgram.jobs.process import threads_of_one
    from bioskipgram.jobs.progress import nobody
    from bioskipgram.projection import projection

    def make() -> projection.Projection:
        threads = threads_of_one()
        return projection.project(embedding, config, threads=threads, tell=tell or nobody)

    path = projection.cache_path(model, embedding, config)
    return beside.kept(
        path, partial(projection.load, size=len(embedding)), make, projection.save
    ), path


def keep_clusters(
    embedding: "KmerEmbedding", model: Path, config: ClusterConfig, *, must_save: bool = True
) -> tuple[Any, Path]:
    """Return clusters and their path; find them unless the file exists."""
    from bioskipgram.groups import clusters
    from bioskipgram.projection import projection

    path = projection.cache_path(model, embedding, config)
    make = partial(clusters.find, embedding, config)
    load = partial(clusters.load, size=len(embedding))
    return beside.kept(path, load, make, clusters.save, must_save=must_save), path


def own_clusters(embedding: "KmerEmbedding", model: Path, *, must_save: bool = True) -> Any:
    """Return a model's clusters by the default settings; see `keep_clusters`."""
    from bioskipgram.config import default_clusters

    return keep_clusters(embedding, model, default_clusters(len(embedding)), must_save=must_save)[0]


def keep_sequences(
    model: Path, source: str, *, alphabet: str, sha256: str, bad: "list[BadRecord] | None"
) -> Path:
    """Write a file's sequences beside a model and return their path; `bad` as `fasta.read`."""
    from bioskipgram.sequences import fasta, packed
    from bioskipgram.sequences.alphabet import ALPHABETS

    path = beside.sequences(model)
    sequences = fasta.read(source, alphabet=ALPHABETS[alphabet], bad=bad)
    index = packed.SequenceIndex(sequences, Path(source).name, sha256)
    packed.save(index, path)
    return path
