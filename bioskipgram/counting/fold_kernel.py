"""Cells -> rows of the pair matrix: the inner loops of folding."""

import numba
import numpy as np

from bioskipgram.numerics.arrays import Counts, Doubles, Floats, Offsets, Tokens
from bioskipgram.numerics.threads import ROWS


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
def _add_row(
    kmer: int, columns: Counts, backs: Counts, gains: Counts, k: int, words: Counts, row: Counts
) -> None:
    """Add the weights of a k-mer's contexts on both sides to the columns of a row."""
    mask = 4**k - 1
    for which in range(len(backs)):
        d, gain = backs[which], gains[which]
        base = (4 ** (k + d) - 4**k) // 3
        for other in range(4**d):
            word = (kmer << (2 * d)) | other
            row[columns[word & mask]] += gain * words[base + word]
            word = (other << (2 * k)) | kmer
            row[columns[word >> (2 * d)]] += gain * words[base + word]


@numba.njit(cache=True, nogil=True)
def word_rows(
    rows: Counts,
    columns: Counts,
    backs: Counts,
    gains: Counts,
    k: int,
    words: Counts,
    kmers: Counts,
    keep: Doubles,
    table: Floats,
    start: int,
    stop: int,
) -> None:
    """Write rows `start` to `stop` of the float32[V, V] table."""
    row = np.empty(4**k, np.int64)
    for a in range(start, stop):
        row[:] = 0
        for part in range(len(rows)):
            if rows[part, a] >= 0:
                _add_row(rows[part, a], columns[part], backs, gains, k, words, row)
        for b in range(len(kmers)):
            table[a, b] = row[kmers[b]] / len(gains) * (keep[a] * keep[b])


@numba.njit(cache=True, nogil=True)
def sparse_rows(
    rows: Counts,
    columns: Counts,
    backs: Counts,
    gains: Counts,
    k: int,
    words: Counts,
    kmers: Counts,
    keep: Doubles,
    indptr: Offsets,
    indices: Tokens,
    weights: Floats,
    start: int,
    stop: int,
) -> None:
    """Write rows `start` to `stop`; only their lengths, if the output is empty."""
    row = np.empty(4**k, np.int64)
    for a in range(start, stop):
        row[:] = 0
        for part in range(len(rows)):
            if rows[part, a] >= 0:
                _add_row(rows[part, a], columns[part], backs, gains, k, words, row)
        made = indptr[a] if len(indices) else 0
        for b in range(len(kmers)):
            if row[kmers[b]]:
                if len(indices):
                    indices[made] = b
                    weights[made] = row[kmers[b]] / len(gains) * (keep[a] * keep[b])
                made += 1
        if not len(indices):
            indptr[a + 1] = made


@numba.njit(cache=True, nogil=True)
def pair_rows(
    square: Counts,
    rows: Counts,
    keep: Doubles,
    window: int,
    table: Floats,
    start: int,
    stop: int,
) -> None:
    """Write rows `start` to `stop` of the table: pairs in both orders, a cache line at a time."""
    for first in range(start, stop, ROWS):
        for b in range(table.shape[1]):
            for a in range(first, min(stop, first + ROWS)):
                total = 0
                for part in range(len(rows)):
                    one, other = rows[part, a], rows[part, b]
                    total += square[one, other] + square[other, one]
                table[a, b] = total / window * (keep[a] * keep[b])
