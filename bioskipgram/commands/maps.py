"""What lays a model out and finds its clusters, and keeps both beside it."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from bioskipgram.config import ClusterConfig, ProjectionConfig

if TYPE_CHECKING:
    from bioskipgram.embedding import KmerEmbedding


def lay_out(embedding: "KmerEmbedding", path: Path) -> None:
    """Make the layouts and clusters that a fresh model is first looked at with."""
    from bioskipgram.config import default_clusters

    for method in ("pca", "tsne"):
        keep_layout(embedding, path, ProjectionConfig(method=method))
    keep_clusters(embedding, path, default_clusters(len(embedding)))


def keep_layout(
    embedding: "KmerEmbedding", model: Path, config: ProjectionConfig
) -> tuple[Any, Path]:
    """Return a layout and its place, made now unless it is there already."""
    from bioskipgram import projection

    path = projection.cache_path(model, embedding, config)
    if path.exists():
        return projection.load(path), path
    made = projection.project(embedding, config)
    projection.save(made, path)
    return made, path


def keep_clusters(
    embedding: "KmerEmbedding", model: Path, config: ClusterConfig
) -> tuple[Any, Path]:
    """Return clusters and their place, found now unless they are there already."""
    from bioskipgram import clusters, projection

    path = projection.cache_path(model, embedding, config)
    if path.exists():
        return clusters.load(path), path
    made = clusters.find(embedding, config)
    clusters.save(made, path)
    return made, path
