"""The position-specific pattern most informative about membership in a set of k-mers."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from bioskipgram.kmers.patterns import letters_of
from bioskipgram.kmers.vocabulary import Vocabulary
from bioskipgram.numerics.arrays import BaseCodes, Doubles, Flags
from bioskipgram.numerics.statistics import log_choose, mutual_information
from bioskipgram.sequences.alphabet import Alphabet

Bits = NDArray[np.int64]
"""A set of letters as a number: bit i stands for letter i."""


@dataclass(frozen=True)
class PositionPattern:
    """An IUPAC pattern, the log number of patterns as restrictive, and the k-mers that match it."""

    text: str
    alternatives: float
    inside: int
    matching: int


def best_pattern(vocabulary: Vocabulary, inside: Flags) -> PositionPattern | None:
    """Return the most informative pattern of the k-mers `inside` (bool[V]); None if there is none.

    Of the patterns that at least half of them match, one of locally highest mutual information,
    found by greedy changes of one position. A position holds one letter, two (nucleotides only) or
    any; words of several lengths are described by their most frequent length.
    """
    tokenizer = vocabulary.tokenizer
    lengths, bases = tokenizer.lengths(vocabulary.kmers), tokenizer.bases(vocabulary.kmers)
    k = int(np.bincount(lengths[inside]).argmax())
    sets, anything = _letter_sets(tokenizer.alphabet), (1 << tokenizer.alphabet.unknown) - 1
    pattern, fits = [anything] * k, np.repeat((lengths == k)[None], k, axis=0)
    counted, gained = (0, 0), 0.0
    while True:
        gains, found = _changes(bases, fits, inside, sets)  # [k, sets], [2, k, sets]
        position, which = np.unravel_index(int(gains.argmax()), gains.shape)
        if gains[position, which] <= gained + 1e-9:
            break
        gained = float(gains[position, which])
        pattern[position] = int(sets[which])
        fits[position] = (lengths == k) & _member(sets[which : which + 1], bases[:, position])[0]
        counted = (int(found[0, position, which]), int(found[1, position, which]))
    return _made(pattern, tokenizer.alphabet, len(sets) - 1, counted) if gained else None


def _changes(
    bases: BaseCodes, fits: Flags, inside: Flags, sets: Bits
) -> tuple[Doubles, NDArray[np.int64]]:
    """Return what each set of letters at each position would gain, and who would match then."""
    k, A = len(fits), int(sets.max()).bit_length()
    holds = _member(sets, np.arange(A))  # [sets, A]
    found = np.zeros((2, k, len(sets)), np.int64)
    for position in range(k):
        others = fits[np.arange(k) != position].all(axis=0) & (bases[:, position] < A)
        for row, rows in enumerate((others & inside, others)):
            found[row, position] = holds @ np.bincount(bases[rows, position], minlength=A)
    n, V = int(inside.sum()), len(inside)
    a, m = found
    gains = mutual_information(a, m, n, V)
    return np.where((2 * a >= n) & (a * V > m * n), gains, -1.0), found


@cache
def _letter_sets(alphabet: Alphabet) -> Bits:
    """Return the sets a position may hold: one letter, two of nucleotides, any."""
    A, sizes = alphabet.unknown, (1, 2) if alphabet.complement else (1,)
    few = [sum(1 << i for i in some) for size in sizes for some in combinations(range(A), size)]
    return np.array([*few, (1 << A) - 1])


def _member(sets: Bits, letters: BaseCodes | Bits) -> Flags:
    """Return which letters are in which sets, bool[sets, letters]."""
    found: Flags = (sets[:, None] >> np.minimum(letters, 62).astype(np.int64)) & 1 == 1
    return found


def _made(
    pattern: Sequence[int], alphabet: Alphabet, choices: int, counted: tuple[int, int]
) -> PositionPattern:
    codes = {frozenset(letters): code for code, letters in letters_of(alphabet).items()}
    codes |= {frozenset(letter): letter for letter in alphabet.letters}
    sets = [[a for i, a in enumerate(alphabet.letters) if bits >> i & 1] for bits in pattern]
    used = sum(len(letters) < alphabet.unknown for letters in sets)
    alternatives = float(log_choose(len(sets), used)) + used * np.log(choices)
    text = "".join(codes[frozenset(letters)] for letters in sets)
    return PositionPattern(text, float(alternatives), *counted)
