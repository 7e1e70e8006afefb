"""Counts and pairs of many genes -> bytes, an eighth of their size, and back.

How far each entry of a sparse matrix, read row by row, is from the one before is its gap
(uint8[entries]), and what it holds its count (uint8[entries]); a gap over 255 goes by way of
entries of 0, a count over 255 by way of entries at one place, which add up.
"""

import numpy as np
from numpy.typing import NDArray

from bioskipgram.arrays import Floats, checked

from .gene_counts import Csr

_MOST = 255


def rounded(pairs: Floats | None) -> tuple[NDArray[np.uint8], Floats, Floats]:
    """Return each column in 256 steps from its lowest value to its highest."""
    if pairs is None:
        raise ValueError("reference genes are counted with their pairs")
    lows = pairs.min(axis=0, initial=np.inf)
    lows = np.where(np.isfinite(lows), lows, 0).astype(np.float32)
    steps = ((pairs - lows).max(axis=0, initial=0) / _MOST).astype(np.float32)
    numbers = np.rint((pairs - lows) / np.where(steps > 0, steps, 1))
    return np.clip(numbers, 0, _MOST).astype(np.uint8), lows, steps


def restored(numbers: NDArray[np.uint8], lows: Floats, steps: Floats) -> Floats:
    """Return what `rounded` took apart, float32[R, D'].

    Raises
    ------
    ValueError
        If the arrays do not fit together, or hold a value that is not finite.
    """
    checked(numbers, "pairs", np.uint8, (None, None))
    width = numbers.shape[1]
    for name, column in (("lows", lows), ("steps", steps)):
        if not np.isfinite(checked(column, name, np.float32, (width,))).all():
            raise ValueError(f"{name}: holds a value that is not finite")
    pairs: Floats = numbers * steps + lows
    return pairs


def packed(matrix: Csr) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Return the gaps and the counts of a sparse matrix."""
    entries = matrix.tocoo()
    places = entries.row.astype(np.int64) * matrix.shape[1] + entries.col
    order = np.argsort(places)
    skips, rest = np.divmod(np.diff(places[order], prepend=0), _MOST)
    values = entries.data[order].astype(np.int64)
    pieces = np.maximum(-(-values // _MOST), 1)
    repeats = skips + pieces
    which = np.repeat(np.arange(len(values)), repeats)
    at = np.arange(len(which)) - (np.cumsum(repeats) - repeats)[which] - skips[which]
    gaps = np.where(at < 0, _MOST, np.where(at == 0, rest[which], 0))
    first = values - _MOST * (pieces - 1)
    counted = np.where(at < 0, 0, np.where(at == 0, first[which], _MOST))
    return gaps.astype(np.uint8), counted.astype(np.uint8)


def unpacked(gaps: NDArray[np.uint8], counted: NDArray[np.uint8], shape: tuple[int, int]) -> Csr:
    """Return the sparse matrix of gaps and counts.

    Raises
    ------
    ValueError
        If they do not fit together, or go beyond `shape`.
    """
    from scipy.sparse import csr_matrix

    gaps = checked(gaps, "gaps", np.uint8, (None,))
    counted = checked(counted, "counts", np.uint8, gaps.shape)
    places = np.cumsum(gaps, dtype=np.int64)
    if len(places) and places[-1] >= shape[0] * shape[1]:
        raise ValueError("gaps: beyond the last gene")
    rows, columns = np.divmod(places, max(shape[1], 1))
    matrix = csr_matrix((counted.astype(np.int32), (rows, columns)), shape=shape)
    matrix.eliminate_zeros()
    matrix.sort_indices()
    return matrix
