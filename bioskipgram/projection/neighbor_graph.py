"""The neighbour graph: the exact nearest others of every k-mer, for every projection."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from threadpoolctl import threadpool_limits

from bioskipgram.errors import ConfigError
from bioskipgram.jobs.progress import OnProgress, no_progress
from bioskipgram.numerics.arrays import Floats, Tokens, checked
from bioskipgram.numerics.nearest import best

_BLOCK = 2**24
"""Cosines held at a time by one thread: 64 MB."""


@dataclass(frozen=True)
class NeighborGraph:
    """The nearest others of each vector: int32[V, n], nearest first, and Euclidean distances."""

    tokens: Tokens
    distances: Floats

    def __post_init__(self) -> None:
        tokens = checked(self.tokens, "tokens", np.int32, (None, None))
        object.__setattr__(self, "tokens", tokens)
        distances = checked(self.distances, "distances", np.float32, tokens.shape)
        object.__setattr__(self, "distances", distances)


def neighbor_graph(
    unit: Floats,
    n: int,
    *,
    among: Floats | None = None,
    threads: int = 1,
    progress: OnProgress = no_progress,
) -> NeighborGraph:
    """Return the exact `n` nearest of each unit vector (float32[Q, D]), among `unit` or `among`.

    Of equally near ones the first counts, and the graph does not depend on `threads`; a ConfigError
    if there are fewer than `n` others.
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
        if own:
            scores[np.arange(stop - start), np.arange(start, stop)] = -np.inf
        tokens[start:stop] = best(scores, n)
        cosines[start:stop] = np.take_along_axis(scores, tokens[start:stop], axis=1)

    starts = range(0, len(unit), step)
    # One thread for each product: there are as many products at once as there are threads.
    with threadpool_limits(1, "blas"), ThreadPoolExecutor(threads) as pool:
        for done, _ in enumerate(pool.map(one, starts), 1):
            progress("looking for neighbours", done / len(starts))
    return NeighborGraph(tokens, np.sqrt(np.maximum(2 - 2 * cosines, 0)))
