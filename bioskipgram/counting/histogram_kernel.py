"""Decoded bases -> cells -> counters: the inner loops of counting.

A cell is the number of a counter. Counters are single bytes, so that a whole histogram fits the
processor's cache (4^11: 4 MB); an overflow is noted as a carry, worth `CARRY`.
"""

from typing import NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

from bioskipgram.numerics.arrays import BaseCodes, Counts

CARRY = 256
_LOOP = 1 << 12
Cells = NDArray[np.uint32]


class Pairing(NamedTuple):
    """Which windows make pairs: `backs` are the bases between them, `gains` (to 63) the weights."""

    k: int
    size: int
    backs: Counts
    gains: Counts


@numba.njit(cache=True, nogil=True)
def count_words(
    bases: BaseCodes, start: int, k: int, reach: int, table: BaseCodes, carries: Cells
) -> int:
    """Count the (k+reach)-mers, and the shorter words that end each run of known bases.

    Cells are those of `RawCounts`. Words that end, and runs that break, at `start` or later are
    counted in `table`, uint8[cells]; overflows are written to `carries`, and their number is
    returned.
    """
    word, run, carried = np.uint64(0), 0, 0
    size, base = k + reach, np.uint64((4 ** (k + reach) - 4**k) // 3)
    mask = np.uint64(4**size - 1)
    cells = np.empty(_LOOP + reach, np.uint32)
    i, n = 0, len(bases)
    while i < n:
        made, stop = 0, min(n, i + _LOOP)
        while i < stop:
            while i < stop and bases[i] < 4 and (run < size - 1 or i < start):
                word = (word << np.uint64(2)) | np.uint64(bases[i])
                run, i = run + 1, i + 1
            if i < stop and bases[i] < 4:
                run = size
            while i < stop and bases[i] < 4:
                word = (word << np.uint64(2)) | np.uint64(bases[i])
                cells[made] = base + (word & mask)
                made, i = made + 1, i + 1
            if i < stop:
                if i >= start:
                    for d in range(min(reach, run - k + 1)):
                        short = word & np.uint64(4 ** (k + d) - 1)
                        cells[made] = np.uint64((4 ** (k + d) - 4**k) // 3) + short
                        made += 1
                run, i = 0, i + 1
        carried += _add(cells[:made], np.int64(1), table, carries[carried:])
    return carried


@numba.njit(cache=True, nogil=True)
def pair_keys(codes: Counts, runs: Counts, start: int, stop: int, pairing: Pairing) -> Counts:
    """Return windows, and pairs of them, as numbers to sort, int64: 64 * cell + weight.

    A pair (a, b) has cell a * size + b, the window a alone size^2 + a with weight 1. Pairs are
    those whose later window ends from `start` to `stop`.
    """
    k, size, backs, gains = pairing
    keys, made = np.empty((stop - start) * (len(backs) + 1), np.int64), 0
    for i in range(start, stop):
        if runs[i] < k or runs[i] == 0:
            continue
        keys[made] = (size * size + codes[i]) * 64 + 1
        made += 1
        for which in range(len(backs)):
            if runs[i] >= k + backs[which]:
                keys[made] = (codes[i - backs[which]] * size + codes[i]) * 64 + gains[which]
                made += 1
    return keys[:made]


@numba.njit(cache=True, nogil=True)
def count_pairs(
    codes: Counts, runs: Counts, start: int, stop: int, pairing: Pairing, table: BaseCodes,
    carries: Cells,
) -> int:  # fmt: skip
    """Count the `pair_keys` in `table`; overflows and the result as for `count_words`."""
    k, size, backs, gains = pairing
    cells, carried = np.empty(_LOOP, np.uint32), 0
    for first in range(start, stop, _LOOP):
        for which in range(-1, len(backs)):  # -1: the windows alone
            back, gain = (backs[which], gains[which]) if which >= 0 else (0, 1)
            made = 0
            for i in range(first, min(stop, first + _LOOP)):
                if runs[i] >= k + back and runs[i] > 0:
                    earlier = codes[i - back] if which >= 0 else size
                    cells[made] = earlier * size + codes[i]
                    made += 1
            carried += _add(cells[:made], gain, table, carries[carried:])
    return carried


@numba.njit(cache=True, nogil=True)
def _add(cells: Cells, gain: int | np.int64, table: BaseCodes, carries: Cells) -> int:
    """Add `gain` to each of the cells; return how many overflowed, written to `carries`."""
    carried = 0
    for cell in cells:
        value = np.uint32(table[cell]) + np.uint32(gain)
        table[cell] = value
        if value >= CARRY:
            carries[carried] = cell
            carried += 1
    return carried


@numba.njit(cache=True, nogil=True)
def carry(counts: Counts, carries: Cells, carried: int) -> None:
    """Add what overflowed to the totals, int64[cells]."""
    for j in range(carried):
        counts[carries[j]] += CARRY


@numba.njit(cache=True, nogil=True)
def summed(keys: Counts) -> tuple[Counts, Counts]:
    """Return the different cells of sorted `pair_keys`, ascending, and their sums."""
    cells, sums, made = np.empty(len(keys), np.int64), np.empty(len(keys), np.int64), 0
    for key in keys:
        cell = key >> 6
        if made and cells[made - 1] == cell:
            sums[made - 1] += key & 63
        else:
            cells[made], sums[made] = cell, key & 63
            made += 1
    return cells[:made].copy(), sums[:made].copy()


@numba.njit(cache=True, nogil=True)
def merged(
    cells: Counts, sums: Counts, other_cells: Counts, other_sums: Counts
) -> tuple[Counts, Counts]:
    """Return the union of two ascending lists of cells, and the sums of their counts."""
    most = len(cells) + len(other_cells)
    all_cells, all_sums = np.empty(most, np.int64), np.empty(most, np.int64)
    i = j = made = 0
    while i < len(cells) or j < len(other_cells):
        if j == len(other_cells) or (i < len(cells) and cells[i] <= other_cells[j]):
            cell, total, i = cells[i], sums[i], i + 1
            if j < len(other_cells) and other_cells[j] == cell:
                total, j = total + other_sums[j], j + 1
        else:
            cell, total, j = other_cells[j], other_sums[j], j + 1
        all_cells[made], all_sums[made] = cell, total
        made += 1
    return all_cells[:made].copy(), all_sums[:made].copy()
