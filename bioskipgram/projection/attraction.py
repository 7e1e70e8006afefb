"""The gradient of t-SNE: openTSNE's repulsion, and our own loop over neighbours that attract."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numba
import numpy as np

from bioskipgram.arrays import Doubles, Tokens


def objective(size: int, pool: ThreadPoolExecutor) -> Callable[..., tuple[float, Doubles]]:
    """Return what openTSNE asks for a gradient, in place of its ``kl_divergence_fft``.

    openTSNE's loop over the neighbours takes two thirds of a t-SNE's time. This one is several
    times as fast, and goes on `pool` while openTSNE interpolates the repulsion on this thread.

    Parameters
    ----------
    size
        How many points there are.
    pool
        One thread of it is used, so that sums do not depend on how many there are.

    Returns
    -------
    Callable
        Of points and affinities; the error it returns is 0, for nobody asks.
    """
    from openTSNE.tsne import kl_divergence_fft
    from scipy.sparse import csr_matrix

    nobody = csr_matrix((size, size))

    def gradient(points: Any, affinities: Any, **settings: Any) -> tuple[float, Doubles]:
        attracted = pool.submit(
            attraction, affinities.indptr, affinities.indices, affinities.data, np.asarray(points)
        )
        settings["should_eval_error"] = False
        _, total = kl_divergence_fft(points, nobody, **settings)
        total += attracted.result()
        return 0.0, total

    return gradient


@numba.njit(cache=True, nogil=True, fastmath=True)
def attraction(indptr: Tokens, indices: Tokens, affinities: Doubles, points: Doubles) -> Doubles:
    """Return how neighbours pull, float64[V, 2]: sum of p_ij (y_i - y_j) / (1 + |y_i - y_j|^2).

    Parameters
    ----------
    indptr, indices, affinities
        A sparse matrix of p_ij by rows.
    points
        float64[V, 2].
    """
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
