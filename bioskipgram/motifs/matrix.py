"""Matrices: a motif's counts, its log-odds, their exact distribution, k-mers scored by it."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bioskipgram.arrays import Counts, Doubles, Floats, checked
from bioskipgram.errors import ConfigError, QueryError
from bioskipgram.kmers.patterns import iupac, letters_of
from bioskipgram.kmers.vocabulary import Vocabulary
from bioskipgram.sequences.alphabet import DNA

LONGEST = 100
"""Most columns of a matrix."""
UNIT = 2.0**-10
"""Log-odds are rounded to multiples of this many bits, which makes their distribution exact."""
FEWEST = 4
"""Columns of a motif that must lie over a k-mer, where both have as many."""
UNIFORM: Doubles = np.full(4, 0.25)
Units = NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Motif:
    """A position frequency matrix.

    Attributes
    ----------
    name
        What it is called.
    weights
        float64[length, 4] counts of A C G T in each column, at least 0; none may be all zero.
    about
        Where it comes from, or what it is.
    pattern
        The IUPAC pattern it was made from; "" if it is a matrix.

    Examples
    --------
    >>> Motif.of_pattern("TATA box", "TATAWAW").consensus
    'TATAWAW'
    """

    name: str
    weights: Doubles
    about: str = ""
    pattern: str = ""

    def __post_init__(self) -> None:
        weights = checked(self.weights, "weights", np.float64, (None, 4))
        if not 1 <= len(weights) <= LONGEST:
            raise QueryError(f"{self.name}: {len(weights)} columns; a motif has 1 to {LONGEST}")
        bad = ~(np.isfinite(weights) & (weights >= 0)).all(axis=1) | ~weights.any(axis=1)
        if bad.any():
            raise QueryError(
                f"{self.name}, column {int(bad.argmax()) + 1}: counts are 0 or more and not all 0, "
                f"found {weights[bad.argmax()].tolist()}"
            )
        object.__setattr__(self, "weights", weights)

    def __len__(self) -> int:
        return len(self.weights)

    @classmethod
    def of_pattern(cls, name: str, pattern: str, about: str = "") -> "Motif":
        """Return a pattern of IUPAC codes as a matrix of equal shares.

        Raises
        ------
        QueryError
            If the pattern has another letter, or none.
        """
        text = iupac(pattern, DNA)
        if len(text) > LONGEST:
            raise QueryError(f"{pattern[:40]!r}… has {len(text)} letters; give up to {LONGEST}")
        codes = letters_of(DNA)
        allowed = np.array([[base in codes[letter] for base in DNA.letters] for letter in text])
        return cls(name, allowed / allowed.sum(axis=1, keepdims=True), about, text)

    @cached_property
    def consensus(self) -> str:
        """The IUPAC consensus, as Bio.motifs has it (Cavener 1987, 10.1093/nar/15.4.1353).

        One base if it has more than half and twice the next; two if they have more than three
        quarters; three if the fourth is never there; N otherwise. Of a pattern, the pattern.
        """
        if self.pattern:
            return self.pattern
        from Bio import motifs

        counts = dict(zip(DNA.letters, self.weights.T.tolist(), strict=True))
        made: Any = motifs.Motif
        return str(made(alphabet=DNA.letters, counts=counts).degenerate_consensus)

    @property
    def reverse_complement(self) -> "Motif":
        """The same motif on the other strand."""
        from Bio import Seq

        turn: Any = Seq.reverse_complement
        turned = str(turn(self.pattern)) if self.pattern else ""
        weights = np.ascontiguousarray(self.weights[::-1, ::-1])
        return Motif(self.name, weights, self.about, turned)

    def shares(self, pseudocount: float = 0.0, background: Doubles = UNIFORM) -> Doubles:
        """Return letter probabilities, float64[length, 4].

        Parameters
        ----------
        pseudocount
            Sequences added to every column, their letters as in the background.
        background
            float64[4], sum 1.
        """
        padded = self.weights + pseudocount * background
        shares: Doubles = padded / padded.sum(axis=1, keepdims=True)
        return shares


def background_of(values: Any) -> Doubles:
    """Return four base probabilities A C G T, float64[4], scaled to sum 1.

    Raises
    ------
    ConfigError
        If there are not four numbers above 0.
    """
    background = np.asarray(values, np.float64)
    if background.shape != (4,) or not (np.isfinite(background) & (background > 0)).all():
        raise ConfigError(f"background: give four numbers above 0 for A C G T, found {values}")
    scaled: Doubles = background / background.sum()
    return scaled


@dataclass(frozen=True, eq=False)
class LogOdds:
    """Scores of a motif against a background, in whole units, and their exact distribution.

    Attributes
    ----------
    name
        The motif's.
    scores
        int32[length, 4], in units.
    background
        float64[4]: how often each base is met where there is no motif.
    unit
        Bits in a unit. A pattern scores 0 where it fits and -1 for each letter that does not.
    """

    name: str
    scores: Units
    background: Doubles
    unit: float = UNIT

    def __post_init__(self) -> None:
        for field, dtype, shape in (
            ("scores", np.int32, (None, 4)),
            ("background", np.float64, (4,)),
        ):
            object.__setattr__(self, field, checked(getattr(self, field), field, dtype, shape))

    @classmethod
    def of(
        cls, motif: Motif, *, background: Doubles = UNIFORM, pseudocount: float = 1.0
    ) -> "LogOdds":
        """Return log2(share / background) of every letter, rounded to units.

        A motif that is a pattern becomes exact: 0 for an allowed letter, -1 for another.

        Raises
        ------
        ConfigError
            If the pseudocount is 0 or less and a count is 0: its log-odds would have no end.
        """
        if motif.pattern:
            forbidden = (motif.weights == 0).astype(np.int32)
            return cls(motif.name, -forbidden, background, 1.0)
        shares = motif.shares(pseudocount, background)
        if not (shares > 0).all():
            raise ConfigError(f"pseudocount: {pseudocount} leaves zeros in {motif.name}; give more")
        scores = np.rint(np.log2(shares / background) / UNIT).astype(np.int32)
        return cls(motif.name, scores, background)

    def __len__(self) -> int:
        return len(self.scores)

    @property
    def is_pattern(self) -> bool:
        """Whether it is a pattern, which fits or does not."""
        return self.unit == 1.0

    @property
    def lowest(self) -> int:
        """The lowest score there is, in units."""
        return int(self.scores.min(axis=1).sum())

    @property
    def highest(self) -> int:
        """The highest score there is, in units."""
        return int(self.scores.max(axis=1).sum())

    @property
    def reverse_complement(self) -> "LogOdds":
        """The same motif on the other strand."""
        flipped = np.ascontiguousarray(self.scores[::-1, ::-1])
        return LogOdds(self.name, flipped, self.background, self.unit)

    @property
    def is_palindrome(self) -> bool:
        """Whether the other strand reads the same."""
        return bool((self.scores == self.scores[::-1, ::-1]).all())

    @cached_property
    def tail(self) -> Doubles:
        """P(score ≥ lowest + i) of a window of independent background bases, float64[range + 2].

        By dynamic programming over the columns (Staden 1989, 10.1093/bioinformatics/5.2.89); no
        rounding beyond that of the scores.
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
        """Return the chance of at least such scores (in units) in one window, float64 alike."""
        place = np.clip(scores - self.lowest, 0, len(self.tail) - 1)
        values: Doubles = self.tail[place]
        return values

    def threshold_at(self, p: float) -> int:
        """Return the lowest score whose p-value is at most `p`, in units; a pattern: 0.

        Above `highest` where even the best window is likelier than that.
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
        """Return (score - lowest) / (highest - lowest), float64 alike, 0 to 1."""
        span = max(1, self.highest - self.lowest)
        values: Doubles = (scores - self.lowest) / span
        return values


def score_kmers(log_odds: LogOdds, vocabulary: Vocabulary, *, both: bool = True) -> Doubles:
    """Return each k-mer's best score over every overlap with a motif, float64[V], in bits.

    The motif is laid over the k-mer at every offset at which at least min(k, length, 4) of its
    columns lie over letters; the log-odds of those columns are summed, and the best sum over
    offsets (and strands) counts. A column that says little adds little, so a long motif's flank
    cannot make a good match by itself. Divide by `best_score` for a share of the best.

    Parameters
    ----------
    log_odds
        The motif; of a pattern, the score is how many letters agree.
    vocabulary
        Its k-mers, of DNA or RNA.
    both
        Whether the other strand counts too.

    Raises
    ------
    QueryError
        If the k-mers are of protein.
    """
    tokenizer = vocabulary.tokenizer
    if not tokenizer.alphabet.complement:
        raise QueryError("a matrix of A C G T cannot score k-mers of protein; give a pattern")
    bases, lengths = tokenizer.bases(vocabulary.kmers), tokenizer.lengths(vocabulary.kmers)
    best = np.full(len(vocabulary), np.iinfo(np.int64).min)
    for strand in (log_odds, log_odds.reverse_complement)[: 1 + both]:
        for length in np.unique(lengths):
            rows = lengths == length
            found = _best_overlap(strand, bases[rows, :length])
            best[rows] = np.maximum(best[rows], found)
    scores: Doubles = best * log_odds.unit
    return scores


def _best_overlap(log_odds: LogOdds, bases: NDArray[np.uint8]) -> Counts:
    """Return the best sum over all offsets, int64[n]."""
    k, length = bases.shape[1], len(log_odds)
    scores = log_odds.scores.astype(np.int64)
    if log_odds.is_pattern:
        scores = scores + 1  # letters that agree, so that longer overlaps are better
    fewest = min(k, length, FEWEST)
    best = np.full(len(bases), np.iinfo(np.int64).min)
    for offset in range(fewest - length, k - fewest + 1):  # of the motif's start in the k-mer
        total = np.zeros(len(bases), np.int64)
        for place in range(max(0, offset), min(k, offset + length)):
            total += scores[place - offset][bases[:, place]]
        best = np.maximum(best, total)
    return best


def best_score(log_odds: LogOdds, k: int) -> float:
    """Return the best score any k-mer could have in `score_kmers`, in bits."""
    columns = log_odds.scores.max(axis=1) + int(log_odds.is_pattern)
    width = min(k, len(columns))
    windows = np.lib.stride_tricks.sliding_window_view(columns, width)
    return float(windows.sum(axis=1).max() * log_odds.unit)


def as_shares(scores: Doubles, best: Doubles) -> Floats:
    """Return scores of k-mers as shares of the best there can be, float32[V], 0 to 1.

    Scores below 0 (worse than background) are 0; all are, where even the best is.
    """
    known = np.where(best > 0, best, np.inf)
    shares: Floats = np.clip(scores / known, 0, 1).astype(np.float32)
    return shares
