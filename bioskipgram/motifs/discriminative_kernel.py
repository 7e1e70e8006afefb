"""The inner loops of discriminative discovery: words of records, best windows, masking (numba)."""

import numba
import numpy as np

from bioskipgram.numerics.arrays import BaseCodes, Counts, Floats, Offsets, Tokens


@numba.njit(cache=True, nogil=True)
def _halves(code: np.int64, half: int, gap: int) -> np.int64:
    """Return a word without the letters between its halves, each of `half` bits."""
    return code >> (half + 2 * gap) << half | code & ((1 << half) - 1)


@numba.njit(cache=True, nogil=True)
def records_with(codes: BaseCodes, offsets: Offsets, k: int, gap: int) -> Counts:
    """Return in how many records each k-mer is, on either strand, int64[4^k], symmetrical.

    With a gap, any `gap` bases lie between the halves of the k-mer.
    """
    size, half, span = 4**k, 2 * (k // 2), k + gap
    last, found = np.full(size, -1, np.int64), np.zeros(size, np.int64)
    for record in range(len(offsets) - 1):
        code, other, run = np.int64(0), np.int64(0), 0
        for i in range(offsets[record], offsets[record + 1]):
            base = np.int64(codes[i])
            if base > 3:
                run = 0
                continue
            code = (code << 2 | base) & ((1 << 2 * span) - 1)
            other = other >> 2 | (3 - base) << 2 * (span - 1)
            run += 1
            word = (
                min(_halves(code, half, gap), _halves(other, half, gap))
                if gap
                else min(code, other)
            )
            if run >= span and last[word] != record:
                last[word] = record
                found[word] += 1
    for canonical in range(size):
        turned, rest = 0, canonical
        for _ in range(k):
            turned = turned << 2 | 3 - (rest & 3)
            rest >>= 2
        if turned > canonical:
            found[turned] = found[canonical]
    return found


@numba.njit(cache=True, nogil=True)
def _score(codes: BaseCodes, begin: int, start: int, stop: int, scores: Floats) -> np.float32:
    """Return the score of the window from `begin`; letters outside the record count 0."""
    total = np.float32(0)
    for column in range(max(0, start - begin), min(len(scores), stop - begin)):
        total += scores[column, codes[begin + column]]
    return total


@numba.njit(cache=True, nogil=True)
def best_windows(
    codes: BaseCodes,
    offsets: Offsets,
    plus: Floats,
    minus: Floats,
    margin: int,
    first: int,
    last: int,
    best: Floats,
    places: Counts,
) -> None:
    """Write the best score of records `first` to `last`, and 2 * its position + strand.

    A matrix is float32[w, 5], the fifth column an unknown base. A window may reach over the
    record's ends by `margin` columns. A record without a window keeps -inf and -1.
    """
    width = len(plus)
    for record in range(first, last):
        start, stop = offsets[record], offsets[record + 1]
        best[record], places[record] = -np.inf, -1
        for begin in range(start - margin, stop - width + margin + 1):
            forward = _score(codes, begin, start, stop, plus)
            backward = _score(codes, begin, start, stop, minus)
            if forward > best[record]:
                best[record], places[record] = forward, 2 * begin
            if backward > best[record]:
                best[record], places[record] = backward, 2 * begin + 1


@numba.njit(cache=True, nogil=True)
def count_letters(
    codes: BaseCodes, offsets: Offsets, width: int, records: Counts, places: Counts
) -> Counts:
    """Return the letters under each column of the windows of some records, int64[width, 4]."""
    counts = np.zeros((width, 4), np.int64)
    for record in records:
        begin, minus = places[record] >> 1, places[record] & 1
        for column in range(width):
            i = begin + (width - 1 - column if minus else column)
            if offsets[record] <= i < offsets[record + 1] and codes[i] < 4:
                counts[column, 3 - codes[i] if minus else codes[i]] += 1
    return counts


@numba.njit(cache=True, nogil=True)
def mask(
    codes: BaseCodes, offsets: Offsets, plus: Floats, minus: Floats, threshold: float
) -> Tokens:
    """Make every base under a window that scores `threshold` unknown; return windows a record."""
    width, found = len(plus), np.zeros(len(offsets) - 1, np.int32)
    covered = np.zeros(len(codes), np.bool_)
    for record in range(len(offsets) - 1):
        start, stop = offsets[record], offsets[record + 1]
        for begin in range(start, stop - width + 1):
            forward = _score(codes, begin, start, stop, plus)
            if forward >= threshold or _score(codes, begin, start, stop, minus) >= threshold:
                covered[begin : begin + width] = True
                found[record] += 1
    for i in range(len(codes)):
        if covered[i]:
            codes[i] = 4
    return found
