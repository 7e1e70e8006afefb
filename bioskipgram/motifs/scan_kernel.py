"""The inner loop of scanning: windows of a sequence scored by tables of six bases at a time.

A matrix is cut into pieces of six columns; the score of a piece is looked up by the 6-mer under
it. So a window of twelve columns costs two additions. (Super-alphabets: Pizzi,
Rastas & Ukkonen 2011, 10.1109/TCBB.2009.35.) Both strands are looked up at once: their scores,
counted from the lowest so that none is negative, are the two halves of one 64-bit number.
"""

import numba
import numpy as np
from numpy.typing import NDArray

from bioskipgram.numerics.arrays import BaseCodes, Counts, Offsets

PIECE = 6
HALF = np.uint64(32)
"""The + strand's score is in the lower bits, the - strand's in those above."""
_LOWER = np.uint64(0xFFFFFFFF)
_ROOM = 255
_AT_ONCE = 512
Pieces = NDArray[np.uint16]
Tables = NDArray[np.uint64]


@numba.njit(cache=True, nogil=True)
def pieces_of(codes: BaseCodes, offsets: Offsets, pieces: Pieces, room: BaseCodes) -> None:
    """Fill in the 6-mer that starts at each base, and the known bases from there on.

    `pieces` is uint16, at least as long as `codes`; unknown bases count as A. `room` is uint8[L],
    up to the next unknown base or the record's end, at most 255.
    """
    piece = 0
    for record in range(len(offsets) - 2, -1, -1):
        known = 0
        for i in range(offsets[record + 1] - 1, offsets[record] - 1, -1):
            base = codes[i]
            known = min(_ROOM, known + 1) if base < 4 else 0
            piece = (piece >> 2) | ((base & 3 if base < 4 else 0) << 10)
            pieces[i], room[i] = piece, known


@numba.njit(cache=True, nogil=True)
def count_windows(room: BaseCodes, length: int) -> int:
    """Return the number of windows of a length without unknown bases."""
    found = 0
    for i in range(len(room)):
        found += room[i] >= length
    return found


@numba.njit(cache=True, nogil=True)
def scan_block(
    pieces: Pieces,
    room: BaseCodes,
    start: int,
    stop: int,
    length: int,
    plus_threshold: int,
    minus_threshold: int,
    tables: Tables,
    places: Counts,
    scores: Counts,
) -> int:
    """Return how many windows from `start` to `stop` score at least their strand's threshold.

    `places` (2 * position + 1 on the - strand) and `scores` are filled up to their int64[capacity];
    more hits are only counted. Thresholds are units above the strand's lowest score; `tables` are
    uint64[pieces, 4096] sums of scores of both strands.
    """
    found, least_plus, least_minus = 0, np.uint64(plus_threshold), np.uint64(minus_threshold)
    totals = np.empty(_AT_ONCE, np.uint64)
    for first in range(start, stop, _AT_ONCE):
        n = min(_AT_ONCE, stop - first)
        totals[:n] = 0
        for piece in range(len(tables)):
            table, under = tables[piece], pieces[first + PIECE * piece :]
            for i in range(n):
                totals[i] += table[under[i]]
        for i in range(n):
            plus, minus = totals[i] & _LOWER, totals[i] >> HALF
            if (plus >= least_plus or minus >= least_minus) and room[first + i] >= length:
                for strand, score in enumerate((plus, minus)):
                    if score >= (least_minus if strand else least_plus):
                        if found < len(places):
                            places[found] = 2 * (first + i) + strand
                            scores[found] = score
                        found += 1
    return found
