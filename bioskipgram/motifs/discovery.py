"""De novo motifs: the matrix of a group of k-mers, and the known motifs most similar to it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bioskipgram.errors import ConfigError, QueryError
from bioskipgram.groups.clusters import medoid
from bioskipgram.groups.logos import letter_counts
from bioskipgram.model.embedding import KmerEmbedding
from bioskipgram.numerics.arrays import Counts, Doubles, Tokens
from bioskipgram.numerics.statistics import false_discoveries

from .matrix import Motif

MEASURES = ("pearson", "sandelin-wasserman")
MIN_OVERLAP = 4
"""Fewest overlapping columns, where both motifs have as many."""
_BINS = 100


def motif_of(embedding: KmerEmbedding, tokens: Tokens, *, name: str) -> Motif:
    """Return the matrix of int32[n] k-mers, n ≥ 2, as their logo has it; see `letter_counts`.

    Columns at the ends reached by fewer than half as many k-mers as the fullest are cut off. Fewer
    k-mers, or k-mers of protein, raise a QueryError.
    """
    vocabulary = embedding.vocabulary
    if not vocabulary.tokenizer.alphabet.complement:
        raise QueryError("matrices are of nucleotides: this model's k-mers are of protein")
    if len(tokens) < 2:
        raise QueryError(f"{name}: {len(tokens)} k-mers; a matrix needs at least 2")
    center = int(vocabulary.kmers[medoid(embedding, tokens)])
    made = letter_counts(vocabulary.kmers[tokens], center, vocabulary.tokenizer)
    counts = made.counts
    depth = counts.sum(axis=1)
    full = np.flatnonzero(2 * depth >= depth.max())
    counts = counts[full[0] : full[-1] + 1]
    return Motif(name, counts.astype(np.float64), f"{len(tokens):,} k-mers, {made.how}")


@dataclass(frozen=True, eq=False)
class Matches:
    """Known motifs in the order of their similarity to one motif; p and q as Tomtom's."""

    targets: Counts  # int64[n], positions in what was compared with
    offsets: Counts  # int64[n], target column under the motif's first; -1 = starts 1 later
    strands: NDArray[np.int8]  # int8[n], -1 = the target's reverse complement
    overlaps: Counts  # int64[n] columns
    scores: Doubles  # float64[n], mean of the columns: -1 to 1 (pearson) or 0 to 2
    p: Doubles
    q: Doubles  # over all that was compared with

    def __len__(self) -> int:
        return len(self.targets)


def compare(motif: Motif, targets: Sequence[Motif], *, measure: str = "pearson") -> Matches:
    """Return how similar each of `targets` is to a motif, best first.

    The method is Tomtom's (Gupta et al. 2007, 10.1186/gb-2007-8-2-r24): column scores are summed at
    every ungapped offset with at least 4 overlapping columns (or all of the shorter) on both
    strands. The p-value is the chance of such a sum for columns drawn at random from all targets,
    both strands; that of the best offset is corrected for the number of offsets, 1 - (1 - p)^n.
    Differences: scores are put into 100 bins, and the best offset is that of the lowest p.

    Parameters
    ----------
    motif, targets
        The query, and what to compare with, for example `library.jaspar()`.
    measure
        "pearson" = correlation of two columns' shares (0 for a flat column);
        "sandelin-wasserman" = 2 less the sum of squared differences (Sandelin & Wasserman 2004,
        10.1016/j.jmb.2004.02.048); another raises a ConfigError.
    """
    if measure not in MEASURES:
        raise ConfigError(f"measure: {measure!r} is not one of {', '.join(MEASURES)}")
    own = [one.shares() for one in targets]
    both = [*own, *(shares[::-1, ::-1] for shares in own)]  # the plus strands, then the minus
    scores = _column_scores(motif.shares(), np.concatenate(both), measure)  # [length, columns]
    low, high = float(scores.min()), float(scores.max())
    step = max(high - low, 1e-9) / _BINS
    bins = np.rint((scores - low) / step).astype(np.int64)
    nulls, ends = _Nulls(bins), np.cumsum([len(shares) for shares in both])
    blocks = np.split(bins, ends[:-1], axis=1)
    rows = np.array([_best(block, nulls) for block in blocks]).reshape(2, len(own), 5)
    strand = rows[:, :, 0].argmin(axis=0)
    lowest, offsets, overlaps, tried, sums = rows[strand, np.arange(len(own))].T
    p = -np.expm1(2 * tried * np.log1p(-np.minimum(lowest, 1 - 1e-16)))
    order = np.argsort(p, kind="stable")
    return Matches(
        order, offsets[order].astype(np.int64), (1 - 2 * strand)[order].astype(np.int8),
        overlaps[order].astype(np.int64), (sums * step / overlaps + low)[order], p[order],
        false_discoveries(p)[order],
    )  # fmt: skip


def _column_scores(query: Doubles, pool: Doubles, measure: str) -> Doubles:
    """Return the score of each pair of columns, float64[length, columns]."""
    if measure == "sandelin-wasserman":
        squared = ((query[:, None] - pool[None]) ** 2).sum(axis=2)
        apart: Doubles = 2 - squared
        return apart
    first, second = query - 0.25, pool - 0.25
    size = np.linalg.norm(first, axis=1)[:, None] * np.linalg.norm(second, axis=1)
    likeness: Doubles = first @ second.T / np.where(size > 1e-9, size, np.inf)
    return likeness


class _Nulls:
    """P(sum ≥ s) for the sum of scores of query columns against random target columns."""

    def __init__(self, bins: Counts) -> None:
        size = bins.shape[1]
        self.columns = [np.bincount(row, minlength=_BINS + 1) / size for row in bins]
        self.tails: dict[tuple[int, int], Doubles] = {}

    def tail(self, first: int, last: int) -> Doubles:
        """Return the tail for the query's columns from `first` to before `last`."""
        if (first, last) not in self.tails:
            density = np.ones(1)
            for column in self.columns[first:last]:
                density = np.convolve(density, column)
            self.tails[first, last] = np.minimum(density[::-1].cumsum()[::-1], 1.0)
        return self.tails[first, last]


def _best(block: Counts, nulls: _Nulls) -> tuple[float, int, int, int, int]:
    """Return the best offset's p, the offset, its overlap, the number of offsets, and its sum."""
    width, length = block.shape
    fewest, found = min(MIN_OVERLAP, width, length), []
    offsets = range(fewest - width, length - fewest + 1)
    for offset in offsets:  # of the target's column under the query's first
        first, last = max(0, -offset), min(width, length - offset)
        total = int(np.trace(block, offset))
        p = float(nulls.tail(first, last)[total])
        found.append((p, offset, last - first, len(offsets), total))
    return min(found, key=lambda row: row[0])
