"""How t-SNE's neighbours attract each other: the inner loop."""

import numba
import numpy as np

from bioskipgram.numerics.arrays import Doubles, Tokens


@numba.njit(cache=True, nogil=True, fastmath=True)
def attraction(indptr: Tokens, indices: Tokens, affinities: Doubles, points: Doubles) -> Doubles:
    """Return the attraction, float64[V, 2]: sum of p_ij (y_i - y_j) / (1 + |y_i - y_j|^2)."""
    total = np.empty_like(points)
    for i in range(len(points)):
        x, y = points[i, 0], points[i, 1]
        right, up = 0.0, 0.0
        for place in range(indptr[i], indptr[i + 1]):
            j = indices[place]
            dx, dy = x - points[j, 0], y - points[j, 1]
            pull = affinities[place] / (1 + dx * dx + dy * dy)
            right += pull * dx
            up += pull * dy
        total[i, 0], total[i, 1] = right, up
    return total
