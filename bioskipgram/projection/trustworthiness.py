"""Trustworthiness of a projection."""

import numpy as np

from bioskipgram.numerics.arrays import Floats

NEIGHBORS = 15
SAMPLE = 4096
"""The number of points examined; all others still count as possible neighbours."""


def trustworthiness(vectors: Floats, points: Floats, *, seed: int = 1) -> float:
    """Return how far neighbours on the map are neighbours in the full space, about .5 to 1.

    Venna & Kaski 2001 (doi:10.1007/3-540-44668-0_68), 15 neighbours, up to 4,096 random points.
    """
    from scipy.spatial import KDTree

    V = len(vectors)
    K = min(NEIGHBORS, (V - 1) // 2)
    rows = np.random.default_rng(seed).permutation(V)[:SAMPLE]
    near = KDTree(points).query(points[rows], K + 1)[1]  # [rows, K + 1]
    own = near == rows[:, None]
    near[~own.any(axis=1), K] = rows[~own.any(axis=1)]  # points that coincide count as found
    squares = (vectors**2).sum(axis=1)
    penalty = 0
    for block in np.array_split(np.arange(len(rows)), max(1, len(rows) * V // 2**24)):
        found, which = near[block], rows[block]
        distances = squares - 2 * vectors[which] @ vectors.T  # [block, V], less a constant
        distances[np.arange(len(which)), which] = -np.inf
        limits = np.take_along_axis(distances, found, axis=1)
        for row, edges in zip(distances, limits, strict=True):
            # The rank of a neighbour: how many are nearer, the point itself among them.
            ranks = np.array([np.count_nonzero(row < edge) for edge in edges])
            penalty += int(np.maximum(ranks - K, 0).sum())
    return 1.0 - 2.0 * penalty / (len(rows) * K * (2 * V - 3 * K - 1))
