"""The neighbour graph: every k-mer's nearest others, exactly; one graph serves every layout."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numba
import numpy as np
from threadpoolctl import threadpool_limits

from bioskipgram.arrays import Floats, Tokens, checked
from bioskipgram.errors import ConfigError
from bioskipgram.progress import Tell, nobody

_BLOCK = 2**24
"""Cosines held at a time by one thread: 64 MB."""


@dataclass(frozen=True)
class NeighborGraph:
    """The nearest others of each vector, nearest first.

    Attributes
    ----------
    tokens
        int32[V, n]; a vector is not among its own.
    distances
        float32[V, n], Euclidean, 0 to 2.
    """

    tokens: Tokens
    distances: Floats

    def __post_init__(self) -> None:
        tokens = checked(self.tokens, "tokens", np.int32, (None, None))
        object.__setattr__(self, "tokens", tokens)
        distances = checked(self.distances, "distances", np.float32, tokens.shape)
        object.__setattr__(self, "distances", distances)


def neighbor_graph(
    unit: Floats, n: int, *, among: Floats | None = None, threads: int = 1, tell: Tell = nobody
) -> NeighborGraph:
    """Return the `n` nearest of each unit vector, by blocked matrix products: exact, not sampled.

    Parameters
    ----------
    unit
        float32[Q, D] vectors of length 1 (or 0).
    n
        How many neighbours.
    among
        float32[V, D] where the neighbours are looked for; by default among `unit` itself, each
        vector left out of its own.
    threads
        How many blocks to work on at once.
    tell
        Is told of progress.

    Raises
    ------
    ConfigError
        If there are not that many.

    Notes
    -----
    Of equally near ones the first in the vocabulary counts. The same vectors give the same graph
    with any number of threads.
    """
    own, others = among is None, unit if among is None else among
    if not 1 <= n <= len(others) - own:
        raise ConfigError(f"{n} neighbours of {len(others)} vectors; give fewer")
    tokens = np.empty((len(unit), n), np.int32)
    cosines = np.empty((len(unit), n), np.float32)
    step = max(1, min(len(unit), _BLOCK // len(others)))

    def one(start: int) -> None:
        stop = min(start + step, len(unit))
        scores = unit[start:stop] @ others.T  # [step, V]
        _best(scores, start if own else -1, tokens[start:stop], cosines[start:stop])

    starts = range(0, len(unit), step)
    # One thread for each product: there are as many products at once as there are threads.
    with threadpool_limits(1, "blas"), ThreadPoolExecutor(threads) as pool:
        for done, _ in enumerate(pool.map(one, starts), 1):
            tell("looking for neighbours", done / len(starts))
    return NeighborGraph(tokens, np.sqrt(np.maximum(2 - 2 * cosines, 0)))


@numba.njit(nogil=True, cache=True)
def _best(scores: Floats, first: int, tokens: Tokens, cosines: Floats) -> None:
    """Put the highest scores of each row, and where they are, into `cosines` and `tokens`.

    Row i leaves column first + i out, unless `first` is negative.
    """
    rows, n = tokens.shape
    for i in range(rows):
        left_out = first + i if first >= 0 else -1
        filled = 0
        for j in range(scores.shape[1]):
            score = scores[i, j]
            if j == left_out or (filled == n and score <= cosines[i, n - 1]):
                continue
            at = filled if filled < n else n - 1
            filled = min(filled + 1, n)
            while at > 0 and cosines[i, at - 1] < score:
                cosines[i, at], tokens[i, at] = cosines[i, at - 1], tokens[i, at - 1]
                at -= 1
            cosines[i, at], tokens[i, at] = score, j
