"""Sparse counts, sets of words and vectors of genes <-> small arrays of whole numbers."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from bioskipgram.numerics.arrays import Counts, Floats, checked

from .counts import Csr

_BYTE = 255


def rounded(pairs: Floats | None) -> tuple[NDArray[np.uint8], Floats, Floats]:
    """Return each column quantized in 256 steps from its lowest value to its highest."""
    if pairs is None:
        raise ValueError("reference genes are counted with their pairs")
    lows = pairs.min(axis=0, initial=np.inf)
    lows = np.where(np.isfinite(lows), lows, 0).astype(np.float32)
    steps = ((pairs - lows).max(axis=0, initial=0) / _BYTE).astype(np.float32)
    numbers = np.rint((pairs - lows) / np.where(steps > 0, steps, 1))
    return np.clip(numbers, 0, _BYTE).astype(np.uint8), lows, steps


def restored(numbers: NDArray[np.uint8], lows: Floats, steps: Floats) -> Floats:
    """Return what `rounded` took apart, float32[R, D'], or raise a ValueError if it is damaged."""
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
    skips, rest = np.divmod(np.diff(places[order], prepend=0), _BYTE)
    values = entries.data[order].astype(np.int64)
    pieces = np.maximum(-(-values // _BYTE), 1)
    repeats = skips + pieces
    which = np.repeat(np.arange(len(values)), repeats)
    at = np.arange(len(which)) - (np.cumsum(repeats) - repeats)[which] - skips[which]
    gaps = np.where(at < 0, _BYTE, np.where(at == 0, rest[which], 0))
    first = values - _BYTE * (pieces - 1)
    counted = np.where(at < 0, 0, np.where(at == 0, first[which], _BYTE))
    return gaps.astype(np.uint8), counted.astype(np.uint8)


def unpacked(gaps: NDArray[np.uint8], counted: NDArray[np.uint8], shape: tuple[int, int]) -> Csr:
    """Return the sparse matrix of gaps and counts, or raise a ValueError if it is damaged."""
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


def gaps_of(keys: Counts, kind: type[np.uint8 | np.uint16]) -> NDArray[Any]:
    """Return ascending numbers as the gaps between them.

    The highest value of the type is a gap to be added without a number.
    """
    most = np.iinfo(kind).max
    skips, rest = np.divmod(np.diff(keys, prepend=0), most)
    gaps = np.full(int(skips.sum()) + len(keys), most, kind)
    gaps[np.cumsum(skips + 1) - 1] = rest
    return gaps


def keys_of(gaps: NDArray[Any], kind: type[np.uint8 | np.uint16], end: int) -> Counts:
    """Return the ascending numbers of `gaps_of`; a ValueError if one is not below `end`."""
    checked(gaps, "words", kind, (None,))
    keys: Counts = np.cumsum(gaps, dtype=np.int64)[gaps != np.iinfo(kind).max]
    if len(keys) and (keys[-1] >= end or (np.diff(keys) == 0).any()):
        raise ValueError("words: beyond the last gene, or twice in one")
    return keys
