"""Words that more sequences of one set have than of another, and matrices that grow from them."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from bioskipgram.numerics.arrays import Counts, Doubles, Floats
from bioskipgram.sequences.alphabet import DNA
from bioskipgram.sequences.sequences import Sequences

SEED_WIDTHS = (5, 6, 7, 8)
FLANK = 6
"""Columns on either side of a seed into which a motif may grow."""
MIN_INFORMATION = 0.25
"""Bits of a column below which it is cut off a motif's end."""
_SEEDS = 25
"""Words of each width and way of counting that are tried as matrices."""


@dataclass
class Growing:
    """A motif in the making."""

    counts: Doubles  # float64[w, 4]
    word: str = ""  # the seed
    threshold: float = 0.0
    log_p: float = 0.0  # natural logarithm

    def scores(self, background: Doubles) -> Floats:
        """Return log2 odds, float32[w, 5], 0 for an unknown base."""
        total = self.counts.sum(axis=1, keepdims=True)
        shares = (self.counts + background) / (total + 1)
        odds = np.log2(shares / background)
        return np.concatenate([odds, np.zeros((len(odds), 1))], axis=1).astype(np.float32)

    def informative(self) -> slice:
        """Return the columns between the first and the last that say something."""
        shares = (self.counts + 0.25) / (self.counts.sum(axis=1, keepdims=True) + 1)
        bits = 2 + (shares * np.log2(shares)).sum(axis=1)
        told = np.flatnonzero(bits >= MIN_INFORMATION)
        return slice(told[0], told[-1] + 1) if len(told) else slice(0, 0)


def seeds(own: Sequences, other: Sequences, ratio: float, background: Doubles) -> Iterator[Growing]:
    """Yield matrices of the words that tell two sets apart best.

    As many sequences of the first set as of the second, times `ratio`, have a word by chance.
    """
    from .discriminative_kernel import records_with

    for k in SEED_WIDTHS:
        exact = [records_with(each.codes, each.offsets, k) for each in (own, other)]
        for found, control in (exact, [_neighbours(each, k) for each in exact]):
            expected = control * ratio
            excess = (found - expected) / np.sqrt(found + expected * ratio + 1)
            best = np.argpartition(-excess, 2 * _SEEDS)[: 2 * _SEEDS]
            seen = set[int]()
            for word in best[np.argsort(-excess[best], kind="stable")].tolist():
                digits = [word >> 2 * (k - 1 - i) & 3 for i in range(k)]
                other_strand = sum((3 - digit) << 2 * i for i, digit in enumerate(digits))
                if other_strand not in seen and len(seen) < _SEEDS:
                    seen.add(word)
                    yield _of_word(digits, background)


def _of_word(digits: list[int], background: Doubles) -> Growing:
    flat = np.tile(20 * background, (FLANK, 1))
    core = np.full((len(digits), 4), 1.0)
    core[np.arange(len(digits)), digits] = 17.0
    return Growing(np.concatenate([flat, core, flat]), DNA.decode(np.array(digits, np.uint8)))


def unlike(made: list[Growing]) -> list[Growing]:
    """Return the matrices whose word does not share all but one letter with a better one's."""
    kept: list[Growing] = []
    for one in made:
        words = one.word, DNA.decode(DNA.reverse_complement(DNA.encode(one.word)))
        if not any(_shared(word, other.word) for word in words for other in kept):
            kept.append(one)
    return kept


def _shared(first: str, second: str) -> bool:
    width = min(len(first), len(second)) - 1
    parts = {first[i : i + width] for i in range(len(first) - width + 1)}
    return any(second[i : i + width] in parts for i in range(len(second) - width + 1))


def _neighbours(counts: Counts, k: int) -> Counts:
    """Return the sum over each word and the words one letter away, int64[4^k]."""
    shaped = counts.reshape((4,) * k)
    total = -(k - 1) * shaped
    for axis in range(k):
        total = total + shaped.sum(axis=axis, keepdims=True)
    return total.reshape(-1)
