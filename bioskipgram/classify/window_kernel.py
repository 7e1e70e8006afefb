"""Hashes of the long words of sequences, the same for both strands, and groups that share one."""

import numba
import numpy as np
from numpy.typing import NDArray

from bioskipgram.numerics.arrays import BaseCodes, Counts, Offsets

Hashes = NDArray[np.uint64]
_FACTOR = np.uint64(0x9E3779B97F4A7C15)
_INVERSE = np.uint64(0xF1DE83E19937733D)
"""The inverse of `_FACTOR` modulo 2^64."""


@numba.njit(cache=True, nogil=True)
def _mixed(x: np.uint64) -> np.uint64:
    """Return the output of splitmix64, which spreads every bit (Steele et al. 2014)."""
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


@numba.njit(cache=True, nogil=True)
def word_hashes(
    codes: BaseCodes, offsets: Offsets, k: int, own: Hashes, other: Hashes
) -> tuple[Hashes, Counts]:
    """Return the hash of every window of k known letters, and the record it is of.

    `own` and `other` are a random number for each letter and for its complement; the lower of the
    two strands' hashes is taken. Without another strand `other` is empty.
    """
    R = len(offsets) - 1
    room = 0
    for r in range(R):
        room += max(offsets[r + 1] - offsets[r] - k + 1, 0)
    hashes, records = np.empty(room, np.uint64), np.empty(room, np.int64)
    high = np.uint64(1)
    for _ in range(k - 1):
        high *= _FACTOR
    letters, made = len(own), 0
    for r in range(R):
        forward, backward, run = np.uint64(0), np.uint64(0), 0
        for i in range(offsets[r], offsets[r + 1]):
            letter = codes[i]
            if letter >= letters:
                forward, backward, run = np.uint64(0), np.uint64(0), 0
                continue
            if run >= k:
                gone = codes[i - k]
                forward -= own[gone] * high
                if len(other):
                    backward = (backward - other[gone]) * _INVERSE
                run -= 1
            forward = forward * _FACTOR + own[letter]
            if len(other):
                power = high
                if run < k - 1:
                    power = np.uint64(1)
                    for _ in range(run):
                        power *= _FACTOR
                backward += other[letter] * power
            run += 1
            if run < k:
                continue
            value = _mixed(forward)
            if len(other):
                value = min(value, _mixed(backward))
            hashes[made], records[made] = value, r
            made += 1
    return hashes[:made], records[:made]


@numba.njit(cache=True, nogil=True)
def _root(parents: Counts, item: int) -> int:
    while parents[item] != item:
        parents[item] = parents[parents[item]]
        item = parents[item]
    return item


@numba.njit(cache=True, nogil=True)
def joined(hashes: Hashes, records: Counts, order: Counts, parents: Counts) -> None:
    """Join the records that have a hash in common; `order` sorts the hashes."""
    for i in range(1, len(order)):
        if hashes[order[i]] == hashes[order[i - 1]]:
            one, two = _root(parents, records[order[i - 1]]), _root(parents, records[order[i]])
            parents[max(one, two)] = min(one, two)
    for i in range(len(parents)):
        parents[i] = _root(parents, i)
