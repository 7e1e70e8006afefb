"""A random Euler path through the dinucleotides of a run of bases: the inner loop of `shuffle`."""

from typing import Any

import numba
import numpy as np

from bioskipgram.numerics.arrays import BaseCodes, Offsets


@numba.njit(cache=True, nogil=True)
def shuffle_records(codes: BaseCodes, offsets: Offsets, random: Any) -> None:
    """Shuffle every run of known bases in place, dinucleotide counts kept."""
    for record in range(len(offsets) - 1):
        start, end = offsets[record], offsets[record + 1]
        for i in range(start, end + 1):
            if i == end or codes[i] > 3:
                if i - start > 3:
                    _euler(codes[start:i], random)
                start = i + 1


@numba.njit(cache=True, nogil=True)
def _euler(codes: BaseCodes, random: Any) -> None:
    """Replace a run of bases by another with the same ends and the same pairs in a row."""
    n = len(codes)
    starts = np.zeros(5, np.int64)  # of each base's successors among all
    for i in range(n - 1):
        starts[codes[i] + 1] += 1
    starts = starts.cumsum()
    fill, after = starts[:4].copy(), np.empty(n - 1, np.uint8)
    for i in range(n - 1):
        after[fill[codes[i]]] = codes[i + 1]
        fill[codes[i]] += 1
    _choose_last(after, starts, codes[n - 1], random)
    for base in range(4):
        # All but the last successor in any order (Fisher & Yates); the end's have no last one.
        end = starts[base + 1] - (base != codes[n - 1])
        for i in range(end - 1, starts[base], -1):
            j = starts[base] + int(random.random() * (i - starts[base] + 1))
            after[i], after[j] = after[j], after[i]
    used = starts[:4].copy()
    for i in range(1, n):
        base = codes[i - 1]
        codes[i] = after[used[base]]
        used[base] += 1


@numba.njit(cache=True, nogil=True)
def _choose_last(after: BaseCodes, starts: Any, end: int, random: Any) -> None:
    """Choose a random last successor of each base, so that all of them lead to the end."""
    chosen = np.full(4, -1, np.int64)
    while True:
        for base in range(4):
            size = starts[base + 1] - starts[base]
            if base != end and size:
                # A base that follows itself leads nowhere: draw again at once.
                chosen[base] = starts[base] + int(random.random() * size)
                while after[chosen[base]] == base:
                    chosen[base] = starts[base] + int(random.random() * size)
        if _all_reach(after, chosen, end):
            break
    for base in range(4):
        if chosen[base] >= 0:
            last = starts[base + 1] - 1
            after[last], after[chosen[base]] = after[chosen[base]], after[last]


@numba.njit(cache=True, nogil=True)
def _all_reach(after: BaseCodes, chosen: Any, end: int) -> bool:
    for base in range(4):
        here = base
        for _ in range(4):
            if here == end or chosen[here] < 0:
                break
            here = after[chosen[here]]
        if chosen[base] >= 0 and here != end:
            return False
    return True
