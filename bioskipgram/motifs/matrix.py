"""A motif as a position frequency matrix."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from bioskipgram.errors import ConfigError, QueryError
from bioskipgram.kmers.patterns import iupac, letters_of
from bioskipgram.numerics.arrays import Doubles, checked
from bioskipgram.sequences.alphabet import DNA

MAX_COLUMNS = 100
"""The most columns of a matrix."""
UNIFORM: Doubles = np.full(4, 0.25)


@dataclass(frozen=True, eq=False)
class Motif:
    """A position frequency matrix.

    Examples
    --------
    >>> Motif.of_pattern("TATA box", "TATAWAW").consensus
    'TATAWAW'
    """

    name: str
    weights: Doubles  # float64[length, 4] counts of A C G T, at least 0, none of the rows all 0
    about: str = ""  # what it is, or its source
    pattern: str = ""  # IUPAC codes it was made from; "" of a matrix

    def __post_init__(self) -> None:
        weights = checked(self.weights, "weights", np.float64, (None, 4))
        if not 1 <= len(weights) <= MAX_COLUMNS:
            raise QueryError(f"{self.name}: {len(weights)} columns; a motif has 1 to {MAX_COLUMNS}")
        bad = ~(np.isfinite(weights) & (weights >= 0)).all(axis=1) | ~weights.any(axis=1)
        if bad.any():
            log_odds = "; log-odds are no counts" if (weights < 0).any() else ""
            raise QueryError(
                f"{self.name}, column {int(bad.argmax()) + 1}: counts are 0 or more and not all 0, "
                f"found {weights[bad.argmax()].tolist()}{log_odds}"
            )
        object.__setattr__(self, "weights", weights)

    def __len__(self) -> int:
        return len(self.weights)

    @classmethod
    def of_pattern(cls, name: str, pattern: str, about: str = "") -> "Motif":
        """Return IUPAC codes as a matrix of equal shares; other letters raise a QueryError."""
        text = iupac(pattern, DNA)
        if len(text) > MAX_COLUMNS:
            raise QueryError(f"{pattern[:40]!r}… has {len(text)} letters; give up to {MAX_COLUMNS}")
        codes = letters_of(DNA)
        allowed = np.array([[base in codes[letter] for base in DNA.letters] for letter in text])
        return cls(name, allowed / allowed.sum(axis=1, keepdims=True), about, text)

    @cached_property
    def consensus(self) -> str:
        """The IUPAC consensus, as Bio.motifs has it (Cavener 1987, 10.1093/nar/15.4.1353).

        One base if it has more than half and twice the next; two if they have more than three
        quarters; three if the fourth is absent; N otherwise. Of a pattern, the pattern.
        """
        if self.pattern:
            return self.pattern
        from Bio import motifs

        counts = dict(zip(DNA.letters, self.weights.T.tolist(), strict=True))
        made: Any = motifs.Motif
        return str(made(alphabet=DNA.letters, counts=counts).degenerate_consensus)

    @property
    def reverse_complement(self) -> "Motif":
        """The reverse complement of the motif."""
        from Bio import Seq

        turn: Any = Seq.reverse_complement
        turned = str(turn(self.pattern)) if self.pattern else ""
        weights = np.ascontiguousarray(self.weights[::-1, ::-1])
        return Motif(self.name, weights, self.about, turned)

    def shares(self, pseudocount: float = 0.0, background: Doubles = UNIFORM) -> Doubles:
        """Return letter probabilities, float64[length, 4].

        `pseudocount` sequences with letters as in `background`, float64[4], are added to each
        column.
        """
        padded = self.weights + pseudocount * background
        shares: Doubles = padded / padded.sum(axis=1, keepdims=True)
        return shares


def background_of(values: Any) -> Doubles:
    """Return four base probabilities, float64[4], sum 1; a ConfigError unless all are above 0."""
    background = np.asarray(values, np.float64)
    if background.shape != (4,) or not (np.isfinite(background) & (background > 0)).all():
        raise ConfigError(f"background: give four numbers above 0 for A C G T, found {values}")
    scaled: Doubles = background / background.sum()
    return scaled
