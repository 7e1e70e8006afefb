"""Base codes -> reading frames, record by record: the inner loop of `orfs`."""

import numba
import numpy as np
from numpy.typing import NDArray

from bioskipgram.numerics.arrays import BaseCodes, Counts, Offsets

A, C, G, T = 0, 1, 2, 3


@numba.njit(cache=True, nogil=True)
def _is_stop(x: int, y: int, z: int) -> bool:
    """Whether a codon is TAA, TAG or TGA."""
    return x == T and ((y == A and (z in (A, G))) or (y == G and z == A))


@numba.njit(cache=True, nogil=True)
def _longest(bases: BaseCodes) -> tuple[int, int]:
    """Return where the longest ATG … stop (or ATG … last whole codon) is; (-1, -1) = no ATG."""
    best_start, best_stop = -1, -1
    L = len(bases)
    for frame in range(3):
        start = -1
        end = frame + (L - frame) // 3 * 3
        for i in range(frame, end, 3):
            x, y, z = bases[i], bases[i + 1], bases[i + 2]
            if start < 0 and x == A and y == T and z == G:
                start = i
            closes = _is_stop(x, y, z) or i + 3 >= end
            if start >= 0 and closes:
                if i + 3 - start > best_stop - best_start:
                    best_start, best_stop = start, i + 3
                start = -1
    return best_start, best_stop


@numba.njit(cache=True, nogil=True)
def scan(codes: BaseCodes, offsets: Offsets) -> Counts:
    """Return ten numbers for each record, int64[R, 10].

    Unknown bases; G and C; 1 = starts with ATG; 1 = the last codon of frame 0 is a stop and nothing
    follows it; earlier stops of frame 0; position of the first (-1 = none); start and stop of the
    longest ORF; the same on the other strand.
    """
    R = len(offsets) - 1
    table = np.zeros((R, 10), np.int64)
    for r in range(R):
        bases = codes[offsets[r] : offsets[r + 1]]
        L, row = len(bases), table[r]
        for base in bases:
            row[0] += base > T
            row[1] += base in (C, G)
        row[2] = L >= 3 and bases[0] == A and bases[1] == T and bases[2] == G
        row[5] = -1
        for i in range(0, L - 2, 3):
            if _is_stop(bases[i], bases[i + 1], bases[i + 2]):
                if i + 6 > L:
                    row[3] = 1
                else:
                    row[4] += 1
                    if row[5] < 0:
                        row[5] = i
        row[6], row[7] = _longest(bases)
        row[8], row[9] = _longest(_other_strand(bases))
    return table


@numba.njit(cache=True, nogil=True)
def _other_strand(bases: BaseCodes) -> NDArray[np.uint8]:
    other = np.empty_like(bases)
    for i, base in enumerate(bases):
        other[len(bases) - 1 - i] = 3 - base if base <= T else base
    return other
