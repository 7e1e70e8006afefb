"""How k-mers are spelt relative to each other: exactly one relation for every pair."""

import numpy as np
from numpy.typing import NDArray

from bioskipgram.numerics.arrays import BaseCodes, Flags, Tokens

from .genetic_code import amino_acid_of_codon
from .tokenizer import KmerTokenizer
from .vocabulary import Vocabulary

Kinds = NDArray[np.int16]
"""Positions in `KINDS`; with distances kept, those of shifts continue +1 -1 +2 -2 …"""
KINDS = (
    "same", "reverse complement", "synonymous", "extension", "substitution", "other", "shift",
)  # fmt: skip
SPELT = ("shift", "substitution", "extension")
"""Relations that follow from overlapping windows and single letters alone: spelling."""
_SAME, _TWIN, _SYNONYM, _EXTENSION, _SUBSTITUTION, _OTHER, _SHIFT = range(len(KINDS))


def relations(vocabulary: Vocabulary, token: int, others: Tokens) -> tuple[str, ...]:
    """Return how each of `others` is spelt relative to `token`.

    The first that holds: "same", "reverse complement" (not of protein), "synonymous" (in-frame
    vocabularies of nucleotides: stride and k multiples of 3), "extension" (words of different
    lengths, one inside the other), "shift +d" or "shift -d" (the other starts d bases downstream
    or upstream and agrees where both are, d up to half of the shorter), "substitution" (words of
    one length, one base differs), "other".
    """
    return tuple(_name(code) for code in _relations(vocabulary, token, others).tolist())


def kinds(vocabulary: Vocabulary, token: int, others: Tokens | None = None) -> Kinds:
    """Return the relation of k-mers (None = all) to `token`, positions in `KINDS`, int16[n]."""
    others = np.arange(len(vocabulary), dtype=np.int32) if others is None else others
    return np.minimum(_relations(vocabulary, token, others), np.int16(_SHIFT))


def possible(tokenizer: KmerTokenizer) -> tuple[str, ...]:
    """Return the kinds that two different k-mers of such a vocabulary can have, shifts first."""
    found = ["shift"] if tokenizer.k > 1 else []
    found += ["substitution"]
    found += ["extension"] if tokenizer.shortest < tokenizer.k else []
    if tokenizer.alphabet.complement and not tokenizer.canonical:
        found += ["reverse complement"]
    found += ["synonymous"] if _in_frame(tokenizer) else []
    return (*found, "other")


def _name(code: int) -> str:
    if code < _SHIFT:
        return KINDS[code]
    distance, upstream = divmod(code - _SHIFT, 2)
    return f"shift {'-' if upstream else '+'}{distance + 1}"


def _in_frame(tokenizer: KmerTokenizer) -> bool:
    return bool(tokenizer.alphabet.complement) and tokenizer.k % 3 == tokenizer.stride % 3 == 0


def _relations(vocabulary: Vocabulary, token: int, others: Tokens) -> Kinds:
    tokenizer, kmers = vocabulary.tokenizer, vocabulary.kmers[others]
    own = vocabulary.kmers[[token]]
    word = tokenizer.bases(own)[0][: tokenizer.lengths(own)[0]]
    bases, lengths = tokenizer.bases(kmers), tokenizer.lengths(kmers)
    found = np.zeros(len(kmers), np.int16)
    for length in np.unique(lengths).tolist():
        rows = lengths == length
        found[rows] = _spelt(word, bases[rows, :length])
    different = found != _SAME
    if _in_frame(tokenizer):
        found[different & (_amino(bases) == _amino(word[None])).all(axis=1)] = _SYNONYM
    if tokenizer.alphabet.complement:
        found[different & (kmers == tokenizer.reverse_complements(own)[0])] = _TWIN
    return found


def _spelt(word: BaseCodes, others: BaseCodes) -> Kinds:
    """Return the relations that the letters alone show, of others of one length, uint8[n, m]."""
    found = np.full(len(others), _OTHER, np.int16)
    k, m = len(word), others.shape[1]
    if k == m:
        found[(others != word).sum(axis=1) == 1] = _SUBSTITUTION
    for d in range(min(k, m) // 2, 0, -1):  # the first that holds is written last
        found[_agree(others[:, d:], word)] = _SHIFT + 2 * d - 1
        found[_agree(others, word[d:])] = _SHIFT + 2 * d - 2
    inside = np.zeros(len(others), np.bool_)
    for start in range(abs(k - m) + 1):
        inside |= _agree(others[:, start:] if m > k else others, word[start:] if k > m else word)
    found[inside] = _SAME if k == m else _EXTENSION
    return found


def _agree(others: BaseCodes, word: BaseCodes) -> Flags:
    """Return which words agree with `word` over their common length."""
    both = min(len(word), others.shape[1])
    agree: Flags = (others[:, :both] == word[:both]).all(axis=1)
    return agree


def _amino(bases: BaseCodes) -> Tokens:
    """Return the amino acids of k-mers in frame 0, int32[n, k / 3]."""
    found: Tokens = amino_acid_of_codon()[bases.reshape(len(bases), -1, 3) @ np.array([16, 4, 1])]
    return found
