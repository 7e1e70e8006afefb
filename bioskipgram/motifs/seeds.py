"""Words that more sequences of one set have than of another, and matrices that grow from them."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from bioskipgram.numerics.arrays import Counts, Doubles, Floats
from bioskipgram.sequences.alphabet import DNA
from bioskipgram.sequences.sequences import Sequences

WORDS = (*((k, 0) for k in (5, 6, 7, 8)), *((k, gap) for k in (6, 8) for gap in range(1, 7)))
"""Letters of a seed, and any letters between its halves."""
FLANK = 6
"""Columns on either side of a seed into which a motif may grow."""
MIN_INFORMATION = 0.25
"""Bits of a column below which it is cut off a motif's end."""
_EACH = 12
"""Words of each width and gap that may be tried as matrices."""
_TRIED = 100


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

    found = []
    for k, gap in WORDS:
        exact = [records_with(each.codes, each.offsets, k, gap) for each in (own, other)]
        for count, control in [exact] if gap else [exact, [_neighbours(each, k) for each in exact]]:
            expected = control * ratio
            excess = (count - expected) / np.sqrt(count + expected * ratio + 1)
            best = np.argpartition(-excess, 2 * _EACH)[: 2 * _EACH]
            found += [(float(excess[word]), k, gap, int(word)) for word in best]
    seen = set[tuple[int, int, int]]()
    for _, k, gap, word in sorted(found, reverse=True):
        digits = [word >> 2 * (k - 1 - i) & 3 for i in range(k)]
        turned = sum((3 - digit) << 2 * i for i, digit in enumerate(digits))
        if len(seen) < _TRIED and not {(k, gap, word), (k, gap, turned)} & seen:
            seen.add((k, gap, word))
            yield _of_word(digits, gap, background)


def _of_word(digits: list[int], gap: int, background: Doubles) -> Growing:
    core = np.full((len(digits), 4), 1.0)
    core[np.arange(len(digits)), digits] = 17.0
    half, flat = len(digits) // 2, 20 * background
    parts = [np.tile(flat, (n, 1)) for n in (FLANK, gap, FLANK)]
    counts = np.concatenate([parts[0], core[:half], parts[1], core[half:], parts[2]])
    return Growing(counts, DNA.decode(np.array(digits, np.uint8)))


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
