"""Patterns against k-mers: plain text and IUPAC ambiguity codes; protein: X = any residue."""

import re

import numpy as np

from .alphabet import Alphabet
from .arrays import Flags
from .errors import QueryError
from .vocabulary import Vocabulary


def matching(vocabulary: Vocabulary, pattern: str) -> Flags:
    """Return which k-mers contain a pattern, bool[V].

    Parameters
    ----------
    vocabulary
        The k-mers.
    pattern
        1 to k letters, IUPAC codes allowed (``N`` any base, ``R`` A or G, …), any case, U or T.
        Protein: residues, ``X`` for any.

    Raises
    ------
    QueryError
        If the pattern has another letter or is longer than the k-mers.

    Examples
    --------
    >>> from bioskipgram.kmers import KmerTokenizer
    >>> codons = Vocabulary.from_counts(KmerTokenizer(3), np.ones(64, np.int64))
    >>> [text for text, hit in zip(codons.texts, matching(codons, "TAR")) if hit]
    ['TAA', 'TAG']
    """
    alphabet, k = vocabulary.tokenizer.alphabet, vocabulary.tokenizer.k
    text, codes = "".join(pattern.split()).upper(), _codes(alphabet)
    foreign = sorted(set(text) - set(codes))
    if foreign or not text:
        kind = "nucleotide code" if alphabet.complement else "amino acid code"
        raise QueryError(
            f"{pattern!r}: {foreign[0] if foreign else 'nothing'!r} is no IUPAC {kind}; "
            f"use {''.join(sorted(codes))}"
        )
    if len(text) > k:
        raise QueryError(f"{pattern!r} has {len(text)} letters, but this model's k-mers have {k}")
    found = re.compile("".join(f"[{codes[letter]}]" for letter in text))
    return np.array([found.search(kmer) is not None for kmer in vocabulary.texts], np.bool_)


def _codes(alphabet: Alphabet) -> dict[str, str]:
    """Return which of an alphabet's letters each letter of a pattern stands for."""
    if not alphabet.complement:
        return {**{letter: letter for letter in alphabet.letters}, "X": alphabet.letters}
    from Bio.Data.IUPACData import ambiguous_dna_values

    own = "U" if "U" in alphabet.letters else "T"
    codes = {code: bases.replace("T", own) for code, bases in ambiguous_dna_values.items()}
    return codes | {"T": own, "U": own}
