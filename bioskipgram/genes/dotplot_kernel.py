"""Base codes -> matches of every window of one sequence with every one of another, on a grid."""

import numba
import numpy as np
from numpy.typing import NDArray

from bioskipgram.numerics.arrays import BaseCodes

Matches = NDArray[np.uint16]


@numba.njit(cache=True, nogil=True)
def _slide(now: Matches, before: Matches, coming: Matches, going: Matches) -> None:
    for j in range(len(now)):
        now[j] = np.uint16(before[j] + coming[j] - going[j])


@numba.njit(cache=True, nogil=True)
def _keep_larger(best: Matches, now: Matches) -> None:
    for j in range(len(best)):
        best[j] = max(best[j], now[j])


@numba.njit(cache=True, nogil=True)
def most_matches(first: BaseCodes, second: BaseCodes, letters: int, w: int, step: int) -> Matches:
    """Return the most equal bases of any two windows that begin in a cell of the grid, uint16.

    The shape is [ceil((L1 - w + 1) / step), ceil((L2 - w + 1) / step)]; codes from `letters` on
    equal nothing. Every pair of windows is compared, so that no diagonal falls between two cells; a
    window's count is its diagonal predecessor's plus the base that enters, less the one that
    leaves.
    """
    rows, columns = len(first) - w + 1, len(second) - w + 1
    equal = np.zeros((letters + 1, len(second)), np.uint16)
    for letter in range(letters):
        for j in range(len(second)):
            equal[letter, j] = second[j] == letter
    n, m = (rows + step - 1) // step, (columns + step - 1) // step
    cells = np.zeros((n, m), np.uint16)
    now, before = np.zeros(columns, np.uint16), np.zeros(columns, np.uint16)
    best = np.zeros(columns, np.uint16)
    for i in range(rows):
        before, now = now, before
        if i == 0:
            for t in range(w):
                now += equal[min(first[t], letters)][t : t + columns]
        else:
            _slide(
                now[1:], before, equal[min(first[i + w - 1], letters)][w:],
                equal[min(first[i - 1], letters)],
            )  # fmt: skip
            now[0] = 0
            for t in range(w):
                now[0] += equal[min(first[i + t], letters), t]
        _keep_larger(best, now)
        if (i + 1) % step == 0 or i + 1 == rows:
            row = cells[i // step]
            for c in range(m):
                top = best[c * step]
                for j in range(c * step + 1, min((c + 1) * step, columns)):
                    top = max(top, best[j])
                row[c] = top
            best[:] = 0
    return cells
