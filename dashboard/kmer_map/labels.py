"""The labels of a map: the k-mers themselves where they are few, else the clusters."""

from collections.abc import Sequence

import numpy as np

from bioskipgram.groups.clusters import Clusters, label_points
from bioskipgram.kmers.vocabulary import Vocabulary
from bioskipgram.numerics.arrays import Floats
from dashboard.kmer_map.content import MapLabel

FEW = 64
"""The most k-mers that are all named on the map."""


def labels_of(
    vocabulary: Vocabulary, points: Floats, clusters: Clusters, names: Sequence[str]
) -> list[MapLabel]:
    """Return the names of the clusters, after those of all k-mers if these are few."""
    few = len(vocabulary) <= FEW
    order = np.argsort(-vocabulary.counts, kind="stable").tolist() if few else []
    kmers = [label(vocabulary.texts[token], points[token], token=token) for token in order]
    sizes = np.bincount(clusters.labels + 1, minlength=1)[1:].tolist()
    rows = enumerate(zip(names, label_points(points, clusters), sizes, strict=True))
    return kmers + [label(name, place, cluster=c, size=size) for c, (name, place, size) in rows]


def label(
    text: str, place: Floats, *, cluster: int = -1, token: int | None = None, size: int = 0
) -> MapLabel:
    """Return a label at a place, float32[2 or 3]."""
    x, y, z = (*place.tolist(), 0.0)[:3]
    return MapLabel(cluster, text, x, y, z, token, size)
