"""Communities of the neighbour graph of unit vectors (Leiden; Traag et al. 2019)."""

import numpy as np

from bioskipgram.numerics.arrays import Floats, Tokens
from bioskipgram.numerics.nearest import best

NEIGHBORS = 15
"""Nearest others that each k-mer is joined to, as scanpy does."""
_BLOCK = 512


def communities(unit: Floats, *, resolution: float, seed: int) -> Tokens:
    """Return the community of each unit vector, int32[V]; a higher resolution makes more of them.

    The graph joins every vector to its nearest, each pair weighted by its cosine; modularity with a
    resolution (Reichardt & Bornholdt 2006) is maximized.
    """
    import graspologic_native
    from scipy.sparse import csr_array

    V, n = len(unit), min(NEIGHBORS, len(unit) - 1)
    near, cosines = _nearest(unit, n)
    rows = np.arange(V + 1, dtype=np.int64) * n
    one_way = csr_array((cosines.ravel(), near.ravel(), rows), shape=(V, V))
    graph = one_way.maximum(one_way.T).tocsr()
    graph.sort_indices()
    _, found = graspologic_native.leiden_csr(
        graph.indptr.astype(np.int64), graph.indices.astype(np.int32), graph.data, V,
        resolution=resolution, seed=seed, iterations=2,
    )  # fmt: skip
    return np.array([found[token] for token in range(V)], np.int32)


def _nearest(unit: Floats, n: int) -> tuple[Tokens, np.ndarray]:
    """Return the `n` nearest others of each vector, and weights: cosines, at least 1e-3."""
    near, cosines = [], []
    for start in range(0, len(unit), _BLOCK):
        scores = unit[start : start + _BLOCK] @ unit.T
        scores[np.arange(len(scores)), np.arange(len(scores)) + start] = -np.inf
        near.append(best(scores, n))
        cosines.append(np.take_along_axis(scores, near[-1], axis=1))
    return np.concatenate(near), np.maximum(np.concatenate(cosines), 1e-3).astype(np.float64)
