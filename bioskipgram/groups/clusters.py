"""Clusters of k-mers: found in the full space, saved beside the model."""

import json
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import numpy as np

from bioskipgram.config import SMALL, ClusterConfig
from bioskipgram.errors import ConfigError
from bioskipgram.files import FileKind
from bioskipgram.model.embedding import KmerEmbedding
from bioskipgram.numerics.arrays import Floats, State, Tokens, checked

from .leiden import communities

NOISE = -1
CLUSTERS = FileKind(what="clusters")


@dataclass(frozen=True)
class Clusters:
    """A cluster number for each k-mer, largest cluster first: int32[V], 0 … C - 1; -1 = noise."""

    config: ClusterConfig
    labels: Tokens

    def __post_init__(self) -> None:
        object.__setattr__(self, "labels", checked(self.labels, "labels", np.int32, (None,)))

    def __len__(self) -> int:
        return int(self.labels.max(initial=NOISE)) + 1

    def members(self, cluster: int) -> Tokens:
        """Return the tokens in one cluster, int32[n]."""
        return np.flatnonzero(self.labels == cluster).astype(np.int32)


def find(embedding: KmerEmbedding, config: ClusterConfig) -> Clusters:
    """Return the clusters of an embedding's unit vectors."""
    if len(embedding) <= config.clusters and config.method == "kmeans":
        raise ConfigError(f"clusters: {config.clusters} of {len(embedding)} k-mers; give fewer")
    if len(embedding) < 2:
        raise ConfigError("clusters: of one k-mer; clusters need at least two")
    labels = _METHODS[config.method](embedding, config)
    sizes = np.bincount(labels[labels >= 0])
    rank = np.empty(len(sizes) + 1, np.int32)
    rank[np.argsort(-sizes, kind="stable")] = np.arange(len(sizes))
    rank[NOISE] = NOISE
    return Clusters(config, rank[labels])


def _kmeans(embedding: KmerEmbedding, config: ClusterConfig) -> Tokens:
    import warnings

    from sklearn.cluster import KMeans
    from sklearn.exceptions import ConvergenceWarning

    # The best of four starts; of many vectors the first, which takes 11 s for 65,523 on two cores.
    starts = 4 if len(embedding) <= SMALL else 1
    model = KMeans(config.clusters, n_init=starts, random_state=config.seed)
    with warnings.catch_warnings():
        # Of equal vectors there are fewer clusters than were asked for.
        warnings.simplefilter("ignore", ConvergenceWarning)
        labels: Tokens = model.fit_predict(embedding.unit)
    return labels


def _hdbscan(embedding: KmerEmbedding, config: ClusterConfig) -> Tokens:
    from sklearn.cluster import HDBSCAN

    size = min(config.min_cluster_size, len(embedding))
    labels: Tokens = HDBSCAN(min_cluster_size=size, copy=True).fit_predict(embedding.unit)
    return labels


def _leiden(embedding: KmerEmbedding, config: ClusterConfig) -> Tokens:
    return communities(embedding.unit, resolution=config.resolution, seed=config.seed)


_METHODS = {"kmeans": _kmeans, "hdbscan": _hdbscan, "leiden": _leiden}


def medoid(embedding: KmerEmbedding, tokens: Tokens) -> int:
    """Return the token nearest to the mean direction of `tokens`."""
    vectors = embedding.unit[tokens]
    return int(tokens[np.argmax(vectors @ vectors.mean(axis=0))])


def label_points(points: Floats, clusters: Clusters) -> Floats:
    """Return the place of each cluster's label on a map, float32[C, 2 or 3].

    It is the member nearest to the cluster's median, so that it always lies within the cluster.
    """
    places = [np.zeros((0, points.shape[1]), np.float32)]
    for cluster in range(len(clusters)):
        own = points[clusters.members(cluster)]
        middle = np.median(own, axis=0)
        places.append(own[((own - middle) ** 2).sum(axis=1).argmin()][None])
    return np.concatenate(places)


def save(clusters: Clusters, path: Path) -> None:
    """Write a clustering; a CheckpointError if it cannot be written."""
    facts = json.dumps(asdict(clusters.config))
    CLUSTERS.write(path, {"labels": clusters.labels}, clusters=facts)


def load(path: Path, *, size: int | None = None) -> Clusters:
    """Return a clustering that `save` wrote, of `size` k-mers unless None.

    A CheckpointError if it is missing, damaged or of another size.
    """
    return CLUSTERS.read(path, partial(_assembled, size))


def _assembled(size: int | None, tensors: State, metadata: dict[str, str]) -> Clusters:
    config = ClusterConfig.from_dict(json.loads(metadata["clusters"]))
    found = Clusters(config, tensors["labels"])
    V, numbers = len(found.labels), np.unique(found.labels[found.labels != NOISE])
    # HDBSCAN's smallest cluster is smaller where there are fewer k-mers than that.
    most = {
        "kmeans": config.clusters,
        "hdbscan": V // max(1, min(config.min_cluster_size, V)),
        "leiden": V,
    }[config.method]
    if (size or V) != V:
        raise ValueError(f"labels of {V} k-mers where there are {size}")
    if len(numbers) > most or numbers.tolist() != list(range(len(numbers))):
        raise ValueError(f"{len(numbers)} clusters, which are not numbered 0 to {most - 1}")
    return found
