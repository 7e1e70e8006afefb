"""Patterns against k-mers: plain text and IUPAC ambiguity codes."""

import re

import numpy as np

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
    from Bio.Data.IUPACData import ambiguous_dna_values

    text, k = "".join(pattern.split()).upper().replace("U", "T"), vocabulary.tokenizer.k
    foreign = sorted(set(text) - set(ambiguous_dna_values))
    if foreign or not text:
        raise QueryError(
            f"{pattern!r}: {foreign[0] if foreign else 'nothing'!r} is no IUPAC nucleotide code; "
            f"use {''.join(sorted(ambiguous_dna_values))}"
        )
    if len(text) > k:
        raise QueryError(f"{pattern!r} has {len(text)} letters, but this model's k-mers have {k}")
    letters = vocabulary.tokenizer.alphabet.letters
    found = re.compile("".join(f"[{ambiguous_dna_values[letter]}]" for letter in text))
    texts = vocabulary.texts if "T" in letters else [t.replace("U", "T") for t in vocabulary.texts]
    return np.array([found.search(kmer) is not None for kmer in texts], np.bool_)
