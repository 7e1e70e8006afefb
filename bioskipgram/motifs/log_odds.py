"""A motif's log-odds scores, their exact distribution, and k-mers scored by them."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bioskipgram.errors import ConfigError, QueryError
from bioskipgram.kmers.vocabulary import Vocabulary
from bioskipgram.numerics.arrays import Counts, Doubles, Flags, Floats, check_fields

from .matrix import UNIFORM, Motif

UNIT = 2.0**-10
"""Log-odds are rounded to multiples of this many bits, which makes their distribution exact."""
MIN_OVERLAP = 4
"""Fewest columns of a motif that overlap a k-mer, where both have as many."""
_NONE = np.iinfo(np.int64).min
Units = NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class LogOdds:
    """Scores of a motif against a background, in whole units, and their exact distribution.

    A pattern scores 0 where it matches and -1 for each letter that does not.
    """

    name: str
    scores: Units  # int32[length, 4] in units
    minus: Units  # the same for windows of the minus strand, on the same background
    background: Doubles  # float64[4], share of each base on the plus strand
    unit: float = UNIT  # bits in a unit

    def __post_init__(self) -> None:
        scores = np.int32, len(self.scores), 4
        check_fields(self, scores=scores, minus=scores, background=(np.float64, 4))

    @classmethod
    def of(
        cls, motif: Motif, *, background: Doubles = UNIFORM, pseudocount: float = 1.0
    ) -> "LogOdds":
        """Return log2(share / background) of every letter, in units; of a pattern 0 or -1.

        A count of 0 without a pseudocount raises a ConfigError.
        """
        both = motif, motif.reverse_complement
        if motif.pattern:
            plus, minus = (-(one.weights == 0).astype(np.int32) for one in both)
            return cls(motif.name, plus, minus, background, 1.0)
        plus, minus = (_rounded(one, background, pseudocount) for one in both)
        return cls(motif.name, plus, minus, background)

    def __len__(self) -> int:
        return len(self.scores)

    @property
    def is_pattern(self) -> bool:
        """Whether it is a pattern, which matches or does not."""
        return self.unit == 1.0

    @property
    def lowest(self) -> int:
        """The lowest possible score, in units."""
        return int(self.scores.min(axis=1).sum())

    @property
    def highest(self) -> int:
        """The highest possible score, in units."""
        return int(self.scores.max(axis=1).sum())

    @cached_property
    def reverse_complement(self) -> "LogOdds":
        """The scores of windows of the minus strand, read on the plus strand."""
        return LogOdds(self.name, self.minus, self.scores, self.background, self.unit)

    @property
    def is_palindrome(self) -> bool:
        """Whether it is a palindrome."""
        return bool((self.scores == self.minus).all())

    @cached_property
    def tail(self) -> Doubles:
        """P(score ≥ lowest + i) of a window of independent bases, float64[range + 2].

        Dynamic programming over the columns (Staden 1989, 10.1093/bioinformatics/5.2.89).
        """
        density = np.ones(1)
        for column in self.scores:
            steps = column - column.min()
            wider = np.zeros(len(density) + int(steps.max()))
            for step, share in zip(steps.tolist(), self.background.tolist(), strict=True):
                wider[step : step + len(density)] += share * density
            density = wider
        tail = np.append(density[::-1].cumsum()[::-1], 0.0)
        rounded: Doubles = np.minimum(tail, 1.0)
        return rounded

    def p_values(self, scores: NDArray[np.integer[Any]]) -> Doubles:
        """Return the p-values of scores (in units) in one window, float64 of the same shape."""
        place = np.clip(scores - self.lowest, 0, len(self.tail) - 1)
        values: Doubles = self.tail[place]
        return values

    def threshold_at(self, p: float) -> int:
        """Return the lowest score whose p-value is at most `p`, in units; a pattern: 0.

        It is above `highest` where even the best window has a higher p-value.
        """
        if self.is_pattern:
            return 0
        return self.lowest + int(np.searchsorted(-self.tail, -p, side="left"))

    def threshold_of(self, share: float) -> int:
        """Return the score at a share of the way from the lowest to the highest, in units."""
        if self.is_pattern:
            return 0
        return int(np.ceil(self.lowest + share * (self.highest - self.lowest)))

    def relative(self, scores: NDArray[np.integer[Any]]) -> Doubles:
        """Return (score - lowest) / (highest - lowest), float64, 0 to 1."""
        span = max(1, self.highest - self.lowest)
        values: Doubles = (scores - self.lowest) / span
        return values


def _rounded(motif: Motif, background: Doubles, pseudocount: float) -> Units:
    shares = motif.shares(pseudocount, background)
    if not (shares > 0).all():
        raise ConfigError(f"pseudocount: {pseudocount} leaves zeros in {motif.name}; give more")
    return np.rint(np.log2(shares / background) / UNIT).astype(np.int32)


def score_kmers(log_odds: LogOdds, vocabulary: Vocabulary, *, both: bool = True) -> Doubles:
    """Return each k-mer's best score over every overlap with a motif, float64[V], in bits.

    At every offset at which at least min(k, length, 4) columns overlap the k-mer, their log-odds
    are summed; the best sum over offsets (with `both`, over strands) counts. Of a pattern, it is
    the number of letters that agree. Divide by `best_score` for a share of the best. K-mers of
    protein raise a QueryError.
    """
    return cover_kmers(log_odds, vocabulary, both=both)[0]


def cover_kmers(
    log_odds: LogOdds, vocabulary: Vocabulary, *, both: bool = True
) -> tuple[Doubles, Counts]:
    """Return the scores of `score_kmers`, and how many columns of the motif each covers, int64[V].

    The columns are those of the best overlap, the fewest of equally good ones.
    """
    tokenizer = vocabulary.tokenizer
    if not tokenizer.alphabet.complement:
        raise QueryError("a matrix of A C G T cannot score k-mers of protein; give a pattern")
    bases, lengths = tokenizer.bases(vocabulary.kmers), tokenizer.lengths(vocabulary.kmers)
    best, columns = np.full(len(vocabulary), _NONE), np.zeros(len(vocabulary), np.int64)
    for strand in (log_odds, log_odds.reverse_complement)[: 1 + both]:
        for length in np.unique(lengths):
            rows = lengths == length
            _raise_to_overlaps(strand, bases[rows, :length], rows, best, columns)
    return best * log_odds.unit, columns


def _raise_to_overlaps(
    log_odds: LogOdds, bases: NDArray[np.uint8], rows: Flags, best: Counts, columns: Counts
) -> None:
    """Raise best sums, and the columns of their overlaps, to those of any offset."""
    k, length = bases.shape[1], len(log_odds)
    scores = log_odds.scores.astype(np.int64)
    if log_odds.is_pattern:
        scores = scores + 1  # matching letters, so that longer overlaps score higher
    fewest = min(k, length, MIN_OVERLAP)
    own, width = best[rows], columns[rows]
    for offset in range(fewest - length, k - fewest + 1):  # of the motif in the k-mer
        total, places = (
            np.zeros(len(bases), np.int64),
            range(max(0, offset), min(k, offset + length)),
        )
        for place in places:
            total += scores[place - offset][bases[:, place]]
        better = (total > own) | (total == own) & (len(places) < width)
        own, width = np.where(better, total, own), np.where(better, len(places), width)
    best[rows], columns[rows] = own, width


def best_score(log_odds: LogOdds, k: int) -> float:
    """Return the highest possible score in `score_kmers`, in bits."""
    columns = log_odds.scores.max(axis=1) + int(log_odds.is_pattern)
    width = min(k, len(columns))
    windows = np.lib.stride_tricks.sliding_window_view(columns, width)
    return float(windows.sum(axis=1).max() * log_odds.unit)


def as_shares(scores: Doubles, best: Doubles) -> Floats:
    """Return scores of k-mers as shares of the best possible, float32[V], 0 (negative) to 1."""
    known = np.where(best > 0, best, np.inf)
    shares: Floats = np.clip(scores / known, 0, 1).astype(np.float32)
    return shares
