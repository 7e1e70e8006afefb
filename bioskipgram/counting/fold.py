"""A tally folded into rows of the pair table (numba).

At stride 1 the pair at distance d is a function of the (k+d)-mer at that position, so one
histogram of (k+window)-mers, with one more count per distance at each end of a run, holds
every distance; summing out letters recovers them. Other settings are counted pair by pair.
"""

from dataclasses import dataclass

import numba
import numpy as np

from bioskipgram.arrays import Counts, Doubles, Floats, Offsets, Tokens
from bioskipgram.config import TrainConfig
from bioskipgram.kmers.tokenizer import reverse_complement
from bioskipgram.kmers.vocabulary import Vocabulary
from bioskipgram.threads import ROWS

from .tally import Tally


@dataclass(frozen=True)
class Counted:
    """A tally's vocabulary, and which of its k-mers add up to which token's row.

    Attributes
    ----------
    vocabulary, keep
        The vocabulary, and the share of each of its k-mers that subsampling keeps.
    words
        Where words were counted, all occurrences of those of every length; else empty.
    rows
        int64[parts, V]: the k-mers (ranks, where pairs were counted) that make up a row;
        -1 = none.
    columns
        int64[parts, 4^k]: for each part, in which column a k-mer counts.
    """

    vocabulary: Vocabulary
    keep: Doubles
    words: Counts
    rows: Counts
    columns: Counts
    steps: tuple[Counts, Counts]

    @classmethod
    def of(cls, tally: Tally, config: TrainConfig) -> "Counted":
        """Return what a tally holds for these settings; errors as `Vocabulary.from_counts`."""
        layout, cut = tally.layout, config.tokenizer
        nothing = np.zeros(0, np.int64)
        words = _all_words(tally.counts, cut.k, layout.reach) if layout.words else nothing
        counts = words[: cut.size] if layout.words else _kmer_counts(tally)
        codes = np.arange(cut.size)
        both_strands = config.both_strands and not layout.both_strands
        if not (cut.canonical or both_strands):
            vocabulary = Vocabulary.from_counts(cut, counts, min_count=config.min_count)
            rows, columns = [vocabulary.kmers], [codes]
        else:
            twins = reverse_complement(codes, cut.k)
            merged = np.minimum(codes, twins)
            if cut.canonical and layout.words:
                counts = np.where(codes < twins, counts + counts[twins], counts)
                counts = np.where(codes > twins, 0, counts)
            if both_strands:
                counts = 2 * counts if cut.canonical else counts + counts[twins]
            vocabulary = Vocabulary.from_counts(cut, counts, min_count=config.min_count)
            kmers = vocabulary.kmers
            rows, columns = [kmers], [merged if cut.canonical else codes]
            if cut.canonical and layout.words:
                rows.append(np.where(twins[kmers] != kmers, twins[kmers], -1))
                columns.append(merged)
            if both_strands:
                rows += rows if cut.canonical else [twins[kmers]]
                columns += columns if cut.canonical else [twins]
        rows_, keep = np.stack(rows), vocabulary.keep_probability(config.subsample)
        if len(layout.ranks):
            rows_ = layout.ranks[rows_]
        return cls(vocabulary, keep, words, rows_, np.stack(columns), layout.steps)

    @property
    def sums(self) -> tuple[Counts, Counts, Counts, Counts, int]:
        """What `_add_row` needs: parts and distances."""
        return self.rows, self.columns, *self.steps, self.vocabulary.tokenizer.k


def _kmer_counts(tally: Tally) -> Counts:
    """Return int64[letters^k]: the occurrences of each k-mer, from a tally of pairs."""
    layout = tally.layout
    first = layout.size**2
    ranked = np.zeros(layout.size, np.int64)
    if tally.cells is None:
        ranked[:] = tally.counts[first:]
    else:
        start = np.searchsorted(tally.cells, first)
        ranked[tally.cells[start:] - first] = tally.counts[start:]
    if not len(layout.ranks):
        return ranked
    counts = np.zeros(layout.tokenizer.size, np.int64)
    counts[layout.tokenizer.all_codes()] = ranked
    return counts


@numba.njit(cache=True, nogil=True)
def _all_words(counts: Counts, k: int, reach: int) -> Counts:
    """Return all occurrences of words of every length, cells as in the tally.

    One letter shorter: the last letter summed out, and the words that only a run's end has.
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
    """Add what a k-mer's contexts count, both sides of it, to the columns of a row."""
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
    """Write rows `start` to `stop`; only how long they are, if there is no room for them."""
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
