"""Patterns of the letters that count in a window, and how packed letters become words."""

import re
from itertools import combinations

import numpy as np

from bioskipgram.kmers.tokenizer import bases_of
from bioskipgram.numerics.arrays import Counts


def shifts_of(pattern: str, bits: int) -> list[tuple[int, int]]:
    """Return how a window's packed letters become a word: right shifts, and masks after them."""
    made, done = list[tuple[int, int]](), 0
    for run in reversed(list(re.finditer("1+", pattern))):
        behind, length = len(pattern) - run.end(), run.end() - run.start()
        made.append((bits * (behind - done), ((1 << (bits * length)) - 1) << (bits * done)))
        done += length
    return made


def by_bits(columns: Counts, letters: int) -> Counts:
    """Return the columns of words ordered in bits per letter; -1 where there is no such letter."""
    bits, k = (letters - 1).bit_length(), round(np.log(len(columns)) / np.log(letters))
    if 1 << bits == letters:
        return columns
    found = np.full(1 << (bits * k), -1)
    codes = bases_of(np.arange(letters**k), k, letters).astype(np.int64)
    found[codes @ (1 << (bits * np.arange(k - 1, -1, -1)))] = columns
    return found


def gapped(span: int, letters: int) -> list[str]:
    """Return the patterns of so many letters in a window, those with gaps at the ends cut."""
    made = {
        "".join("01"[i in places] for i in range(span)).strip("0")
        for places in combinations(range(span), letters)
    }
    return sorted(made - {"1" * letters}, key=lambda pattern: (len(pattern), pattern))
