"""Cells -> rows of the pair matrix: the inner loops of folding."""

from typing import NamedTuple

import numba
import numpy as np

from bioskipgram.numerics.arrays import Counts, Doubles, Floats, Offsets, Tokens
from bioskipgram.numerics.threads import ROWS


class Sums(NamedTuple):
    """What adds up to each row of the pair matrix: see `fold.Folding`."""

    kmers: Counts
    keep: Doubles
    words: Counts
    rows: Counts
    columns: Counts
    backs: Counts
    gains: Counts
    k: int


@numba.njit(cache=True, nogil=True)
def all_words(counts: Counts, k: int, reach: int) -> Counts:
    """Return all occurrences of words of every length, cells as in `RawCounts`.

    Each shorter length has the last letter summed out, plus the words that only end a run.
    """
    words = counts.copy()
    for d in range(reach - 1, -1, -1):
        here, longer = (4 ** (k + d) - 4**k) // 3, (4 ** (k + d + 1) - 4**k) // 3
        for word in range(4 ** (k + d)):
            first = longer + 4 * word
            words[here + word] += (
                words[first] + words[first + 1] + words[first + 2] + words[first + 3]
            )
    return words


@numba.njit(cache=True, nogil=True)
def _add_row(sums: Sums, kmer: int, columns: Counts, row: Counts) -> None:
    """Add the weights of a k-mer's contexts on both sides to the columns of a row."""
    k, words, mask = sums.k, sums.words, 4**sums.k - 1
    for which in range(len(sums.backs)):
        d, gain = sums.backs[which], sums.gains[which]
        base = (4 ** (k + d) - 4**k) // 3
        for other in range(4**d):
            word = (kmer << (2 * d)) | other
            row[columns[word & mask]] += gain * words[base + word]
            word = (other << (2 * k)) | kmer
            row[columns[word >> (2 * d)]] += gain * words[base + word]


@numba.njit(cache=True, nogil=True, error_model="numpy")  # else no loop that divides is vectorized
def word_rows(
    sums: Sums, first: int, indptr: Offsets, indices: Tokens, weights: Floats, start: int, stop: int
) -> None:
    """Write rows `start` to `stop`, counted from `first`, of the matrix.

    Without `weights`, write their lengths to `indptr`; without `indices` the matrix is dense: zeros
    are written, too.
    """
    row, keep = np.empty(4**sums.k, np.int64), sums.keep
    dense, count = not len(indices) and len(weights) > 0, not len(weights)
    for place in range(start, stop):
        a = first + place
        row[:] = 0
        for part in range(len(sums.rows)):
            if sums.rows[part, a] >= 0:
                _add_row(sums, sums.rows[part, a], sums.columns[part], row)
        made = 0 if count else indptr[place]
        if dense:
            out = weights[made : made + len(sums.kmers)]
            for b in range(len(out)):
                out[b] = row[sums.kmers[b]] / len(sums.gains) * (keep[a] * keep[b])
            continue
        for b in range(len(sums.kmers)):
            value = row[sums.kmers[b]]
            if value:
                if not count:
                    weights[made] = value / len(sums.gains) * (keep[a] * keep[b])
                    indices[made] = b
                made += 1
        if count:
            indptr[place + 1] = made


@numba.njit(cache=True, nogil=True)
def pair_rows(sums: Sums, first: int, square: Counts, table: Floats, start: int, stop: int) -> None:
    """Do so with pairs in both orders, int64[size, size], a cache line at a time."""
    rows, keep, window = sums.rows, sums.keep, len(sums.gains)
    for line in range(start, stop, ROWS):
        for b in range(table.shape[1]):
            for place in range(line, min(stop, line + ROWS)):
                a, total = first + place, 0
                for part in range(len(rows)):
                    one, other = rows[part, a], rows[part, b]
                    total += square[one, other] + square[other, one]
                table[place, b] = total / window * (keep[a] * keep[b])
