"""Base codes -> sparse k-mer counts of records or windows: the inner loops of pooling."""

import numba
import numpy as np

from bioskipgram.numerics.arrays import BaseCodes, Counts, Floats, Offsets, Tokens

UNKNOWN, NONE = -1, -2
"""Marks of a base: its window has an unknown base or k-mer; it starts no window."""
_CELLS = 16
"""Neighbouring cells of a histogram that form a group."""
_SCAN = 16
"""Up to so many groups per window all are scanned; beyond, only the groups in use."""
_TILE = 1024
"""Rows of a table in a block, which is used for all records while it is in the cache."""


@numba.njit(cache=True, nogil=True)
def tokens_at(
    codes: BaseCodes,
    offsets: Offsets,
    letters: int,
    k: int,
    length: int,
    stride: int,
    frame: int,
    canonical: bool,  # noqa: FBT001 - numba knows no keywords
    first: int,
    kmers: Counts,
    table: Tokens,
) -> Tokens:
    """Return the token of the word that starts at each base, int32[L]; else `UNKNOWN` or `NONE`.

    Words have `length` letters, at most k, and codes from `first` on; one starts only where a whole
    window of k bases would. `kmers` is int64[V], ascending; `table` int32[codes], or empty to
    search `kmers` instead.
    """
    tokens = np.full(len(codes), NONE, np.int32)
    top, high = letters**k, letters ** (k - 1)
    cut = letters ** (k - length)
    for record in range(len(offsets) - 1):
        start, stop = offsets[record], offsets[record + 1]
        code, other, run, wait = np.int64(0), np.int64(0), 0, frame + k
        for i in range(start, stop):
            symbol = np.int64(codes[i])
            if symbol >= letters:
                code, other, run = np.int64(0), np.int64(0), 0
            else:
                code = code * letters + symbol
                if run >= k:
                    code -= top * codes[i - k]
                if canonical:
                    other = other // letters + (letters - 1 - symbol) * high
                run += 1
            wait -= 1
            if wait:
                continue
            wait = stride
            if run < k:
                tokens[i - k + 1] = UNKNOWN
                continue
            word = min(code, other) if canonical else code
            word = first + (word // cut if cut > 1 else word)
            if len(table):
                tokens[i - k + 1] = table[word]
            else:
                found = np.searchsorted(kmers, word)
                known = found < len(kmers) and kmers[found] == word
                tokens[i - k + 1] = found if known else UNKNOWN
    return tokens


@numba.njit(cache=True, nogil=True)
def count_tokens(
    tokens: Tokens, starts: Offsets, stops: Offsets, V: int
) -> tuple[Offsets, Tokens, Tokens, Counts]:
    """Return indptr, indices and data of a CSR matrix of counts, and int64[R] unknown words.

    A word of row r starts from `starts[r]` up to, not including, `stops[r]`.
    """
    R = len(starts)
    room = 0
    for r in range(R):
        room += min(max(stops[r] - starts[r], 0), V)
    indptr, unknown = np.zeros(R + 1, np.int64), np.zeros(R, np.int64)
    # One more: the scan writes an entry before it decides whether to keep it.
    indices, data = np.empty(room + 1, np.int32), np.empty(room + 1, np.int32)
    groups = V // _CELLS + 1
    histogram = np.zeros(groups * _CELLS, np.int32)
    touched = np.zeros(groups, np.bool_)
    made = 0
    for r in range(R):
        begin = made
        if _SCAN * (stops[r] - starts[r]) >= groups:
            for i in range(starts[r], stops[r]):
                token = tokens[i]
                if token < 0:
                    unknown[r] += token == UNKNOWN
                    continue
                histogram[token] += 1
                touched[token // _CELLS] = True
            for group in range(groups):
                if not touched[group]:
                    continue
                touched[group] = False
                for token in range(group * _CELLS, (group + 1) * _CELLS):
                    number = histogram[token]
                    indices[made], data[made] = token, number
                    made += number > 0
                    histogram[token] = 0
        else:
            for i in range(starts[r], stops[r]):
                token = tokens[i]
                if token < 0:
                    unknown[r] += token == UNKNOWN
                    continue
                if histogram[token] == 0:
                    indices[made] = token
                    made += 1
                histogram[token] += 1
            indices[begin:made] = np.sort(indices[begin:made])
            for j in range(begin, made):
                data[j] = histogram[indices[j]]
                histogram[indices[j]] = 0
        indptr[r + 1] = made
    return indptr, indices[:made].copy(), data[:made].copy(), unknown


@numba.njit(cache=True, nogil=True, fastmath=True)
def weighted_means(
    indptr: Offsets, indices: Tokens, data: Tokens, weights: Floats, table: Floats
) -> Floats:
    """Return the weighted sum of table rows over each CSR row's occurrences, float32[R, D].

    It is divided by the number of occurrences, not by their weight; 0 where there are none.
    """
    R, V, D = len(indptr) - 1, table.shape[0], table.shape[1]
    means, at = np.zeros((R, D), np.float32), indptr.copy()
    for tile in range(0, V, _TILE):
        for r in range(R):
            j, total = at[r], means[r]
            while j < indptr[r + 1] and indices[j] < tile + _TILE:
                row, weight = table[indices[j]], np.float32(data[j]) * weights[indices[j]]
                for d in range(D):
                    total[d] += weight * row[d]
                j += 1
            at[r] = j
    for r in range(R):
        number = data[indptr[r] : indptr[r + 1]].sum()
        if number:
            means[r] /= np.float32(number)
    return means
