"""Cores, and work shared between threads."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

import numpy as np

T = TypeVar("T")
_SHARE = 2_000_000
"""Bases below which another thread costs more than it gives."""
ROWS = 16
"""Rows made together: a cache line of a column of a table of doubles, twice."""


def ahead(pool: ThreadPoolExecutor, jobs: Iterable[Callable[[], T]], depth: int) -> Iterator[T]:
    """Yield the results of jobs in order, `depth` of them at work ahead."""
    waiting: deque[Future[T]] = deque()
    for job in jobs:
        waiting.append(pool.submit(job))
        if len(waiting) > depth:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


def by_records(sequences: Any, work: Callable[[int, int], T], *, threads: int = 0) -> list[T]:
    """Return what `work(first, last)` returns for runs of records, done side by side."""
    L = len(sequences.codes)
    parts = min(threads or cores(), max(1, L // _SHARE))
    cuts = np.searchsorted(sequences.offsets, np.linspace(0, L, parts + 1)[1:-1]).tolist()
    runs = list(zip([0, *cuts], [*cuts, len(sequences)], strict=True))
    if parts == 1:
        return [work(*run) for run in runs]
    with ThreadPoolExecutor(parts) as pool:
        return list(pool.map(lambda run: work(*run), runs))


def in_parts(work: Callable[[int, int], None], rows: int, threads: int) -> None:
    """Call ``work(start, stop)`` for all rows, on so many threads (0 = all cores)."""
    threads = threads or cores()
    step = max(ROWS, -(-rows // (8 * threads) // ROWS) * ROWS)
    with ThreadPoolExecutor(threads) as pool:
        for done in [
            pool.submit(work, start, min(rows, start + step)) for start in range(0, rows, step)
        ]:
            done.result()


def cores() -> int:
    """Return how many cores this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1
