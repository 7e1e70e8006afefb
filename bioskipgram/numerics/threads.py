"""Processor cores, and work shared between threads."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

import numpy as np

from .arrays import Offsets

T = TypeVar("T")
ROWS = 16
"""Rows computed together: two cache lines of a column of doubles."""
_BASES = 2_000_000
"""Bases below which another thread costs more time than it saves."""


def cores() -> int:
    """Return how many cores this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def in_parts(work: Callable[[int, int], T], rows: int, threads: int = 0) -> list[T]:
    """Return what ``work(start, stop)`` returns for parts of some rows, in order.

    About eight parts for each thread, of multiples of `ROWS`; 0 threads = all cores.
    """
    threads = threads or cores()
    step = max(ROWS, -(-rows // (8 * threads) // ROWS) * ROWS)
    return _side_by_side(work, [*range(0, rows, step), rows], threads)


def by_records(work: Callable[[int, int], T], offsets: Offsets, threads: int = 0) -> list[T]:
    """Return what ``work(first, last)`` returns for at most `threads` runs of records.

    The runs have about equal length by `offsets`, int64[R + 1]; 0 threads = all cores.
    """
    L = int(offsets[-1])
    parts = min(threads or cores(), max(1, L // _BASES))
    cuts = np.searchsorted(offsets, np.linspace(0, L, parts + 1)[1:-1]).tolist()
    return _side_by_side(work, [0, *cuts, len(offsets) - 1], parts)


def _side_by_side(work: Callable[[int, int], T], cuts: Sequence[int], threads: int) -> list[T]:
    if threads == 1:
        return list(map(work, cuts[:-1], cuts[1:]))
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(work, cuts[:-1], cuts[1:]))


def ahead(pool: ThreadPoolExecutor, jobs: Iterable[Callable[[], T]], depth: int) -> Iterator[T]:
    """Yield the results of jobs in order, while `depth` more of them run."""
    waiting: deque[Future[T]] = deque()
    for job in jobs:
        waiting.append(pool.submit(job))
        if len(waiting) > depth:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()
