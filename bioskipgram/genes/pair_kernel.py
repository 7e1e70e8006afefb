"""Products of the vectors of k-mers one, two ... steps apart: the inner loops of pairs.

A sum of outer products over a stretch is one matrix product, computed by BLAS.
"""

import numba
import numpy as np

from bioskipgram.numerics.arrays import Counts, Floats, Offsets, Tokens

from .count_kernel import NONE

_ROWS = 512
"""Windows multiplied at once: they fit the cache, and BLAS uses one thread."""


@numba.njit(cache=True, nogil=True, fastmath=True)
def pair_means(
    tokens: Tokens,
    starts: Offsets,
    stops: Offsets,
    stride: int,
    step: int,
    lags: int,
    table: Floats,
) -> Floats:
    """Return the mean outer products of vectors 1 to `lags` steps apart, float32[R, lags * P * P].

    Both words of a pair start in the record's stretch (see `count_tokens`); a step is `step`
    windows of `stride` bases; `table` is float32[V, P].
    """
    R, P = len(starts), table.shape[1]
    sums = np.zeros((R, lags, P, P), np.float32)
    rows = np.empty((_ROWS + lags * step, P), np.float32)
    for r in range(R):
        start, stop = starts[r], stops[r]
        while start < stop and tokens[start] == NONE:
            start += 1
        if start >= stop:
            continue
        words = tokens[start:stop:stride]
        pairs = _numbers(words, step, lags)
        _multiply(words, step, table, rows, sums[r])
        for lag in range(lags):
            if pairs[lag]:
                sums[r, lag] /= np.float32(pairs[lag])
    return sums.reshape((R, lags * P * P))


@numba.njit(cache=True, nogil=True)
def _numbers(words: Tokens, step: int, lags: int) -> Counts:
    """Return the number of pairs of each lag, int64[lags]."""
    pairs = np.zeros(lags, np.int64)
    for lag in range(lags):
        apart, number = step * (lag + 1), 0
        for i in range(len(words) - apart):
            number += (words[i] >= 0) & (words[i + apart] >= 0)
        pairs[lag] = number
    return pairs


@numba.njit(cache=True, nogil=True, fastmath=True)
def _multiply(words: Tokens, step: int, table: Floats, rows: Floats, sums: Floats) -> None:
    """Add the outer products of all pairs to float32[lags, P, P], many windows at a time."""
    lags, P = sums.shape[0], table.shape[1]
    part = np.empty((P, P), np.float32)
    for begin in range(0, len(words), _ROWS):
        here = min(_ROWS + lags * step, len(words) - begin)
        for i in range(here):
            word = words[begin + i]
            for p in range(P):
                rows[i, p] = table[word, p] if word >= 0 else np.float32(0)
        for lag in range(lags):
            apart = step * (lag + 1)
            number = min(_ROWS, here - apart)
            if number > 0:
                np.dot(rows[:number].T, rows[apart : apart + number], part)
                sums[lag] += part
