"""Sequences with their bases in random order: null models."""

from dataclasses import replace
from typing import Any

import numba
import numpy as np

from bioskipgram.errors import ConfigError
from bioskipgram.numerics.arrays import BaseCodes, Offsets

from .sequences import Sequences

KINDS = ("dinucleotide", "composition")


def shuffle(sequences: Sequences, kind: str = "dinucleotide", *, seed: int = 1) -> Sequences:
    """Return each record of DNA or RNA with its known bases in random order.

    "dinucleotide" keeps all dinucleotide counts within each run of known bases (a random Euler
    path: Altschul & Erickson 1985, 10.1093/oxfordjournals.molbev.a040370); "composition" keeps each
    record's bases.
    """
    if kind not in KINDS:
        raise ConfigError(f"shuffle: {kind!r} is not one of {', '.join(KINDS)}")
    if kind == "composition":
        return shuffled(sequences, seed=seed)
    codes = sequences.codes.copy()
    random = np.random.default_rng(seed)
    _shuffle_records(codes, sequences.offsets, random)
    return replace(sequences, codes=codes)


@numba.njit(cache=True, nogil=True)
def _shuffle_records(codes: BaseCodes, offsets: Offsets, random: Any) -> None:
    for record in range(len(offsets) - 1):
        _shuffle_runs(codes[offsets[record] : offsets[record + 1]], random)


@numba.njit(cache=True, nogil=True)
def _shuffle_runs(codes: BaseCodes, random: Any) -> None:
    start, L = 0, len(codes)
    for i in range(L + 1):
        if i == L or codes[i] > 3:
            if i - start > 3:
                _euler(codes[start:i], random)
            start = i + 1


@numba.njit(cache=True, nogil=True)
def _euler(codes: BaseCodes, random: Any) -> None:
    """Replace a run of bases by another with the same ends and the same pairs in a row."""
    n = len(codes)
    starts = np.zeros(5, np.int64)  # of each base's successors among all
    for i in range(n - 1):
        starts[codes[i] + 1] += 1
    starts = starts.cumsum()
    fill, after = starts[:4].copy(), np.empty(n - 1, np.uint8)
    for i in range(n - 1):
        after[fill[codes[i]]] = codes[i + 1]
        fill[codes[i]] += 1
    _choose_last(after, starts, codes[n - 1], random)
    for base in range(4):
        # All but the last successor in any order (Fisher & Yates); the end's have no last one.
        end = starts[base + 1] - (base != codes[n - 1])
        for i in range(end - 1, starts[base], -1):
            j = starts[base] + int(random.random() * (i - starts[base] + 1))
            after[i], after[j] = after[j], after[i]
    used = starts[:4].copy()
    for i in range(1, n):
        base = codes[i - 1]
        codes[i] = after[used[base]]
        used[base] += 1


@numba.njit(cache=True, nogil=True)
def _choose_last(after: BaseCodes, starts: Any, end: int, random: Any) -> None:
    """Choose a random last successor of each base, so that all of them lead to the end."""
    chosen = np.full(4, -1, np.int64)
    while True:
        for base in range(4):
            size = starts[base + 1] - starts[base]
            if base != end and size:
                # A base that follows itself leads nowhere: draw again at once.
                chosen[base] = starts[base] + int(random.random() * size)
                while after[chosen[base]] == base:
                    chosen[base] = starts[base] + int(random.random() * size)
        if _all_reach(after, chosen, end):
            break
    for base in range(4):
        if chosen[base] >= 0:
            last = starts[base + 1] - 1
            after[last], after[chosen[base]] = after[chosen[base]], after[last]


@numba.njit(cache=True, nogil=True)
def _all_reach(after: BaseCodes, chosen: Any, end: int) -> bool:
    for base in range(4):
        here = base
        for _ in range(4):
            if here == end or chosen[here] < 0:
                break
            here = after[chosen[here]]
        if chosen[base] >= 0 and here != end:
            return False
    return True


def shuffled(sequences: Sequences, *, unit: int = 1, frame: int = 0, seed: int = 1) -> Sequences:
    """Return each record with its bases in random order: composition kept, context destroyed.

    `unit` letters move together: 3 shuffles codons and keeps codon usage. Unknown bases, an
    incomplete last unit and the first `frame` bases of each record keep their places.
    """
    random = np.random.default_rng(seed)
    codes = sequences.codes.copy()
    for record in range(len(sequences)):
        start, stop = sequences.offsets[record : record + 2]
        start = min(start + frame, stop)
        whole = start + (stop - start) // unit * unit
        blocks = codes[start:whole].reshape(-1, unit)
        known = (blocks < sequences.alphabet.unknown).all(axis=1)
        blocks[known] = random.permutation(blocks[known])
    return replace(sequences, codes=codes)
