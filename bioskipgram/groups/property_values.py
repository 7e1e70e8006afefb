"""Computation of the properties of k-mers, and which k-mers they suit."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from bioskipgram.kmers.composition import C, G
from bioskipgram.kmers.tokenizer import KmerTokenizer
from bioskipgram.model.embedding import KmerEmbedding

if TYPE_CHECKING:
    from bioskipgram.numerics.arrays import Tokens

Numbers = Any
"""An array of V numbers of any dtype; `properties.Kind` makes it float32."""

# Which k-mers a property suits ---------------------------------------------------------------


def nucleotides(tokenizer: KmerTokenizer) -> bool:
    """Return whether k-mers are DNA or RNA."""
    return bool(tokenizer.alphabet.complement)


def protein(tokenizer: KmerTokenizer) -> bool:
    """Return whether k-mers are of residues."""
    return not tokenizer.alphabet.complement


def stranded(tokenizer: KmerTokenizer) -> bool:
    """Whether k-mers are read on one strand: a canonical one stands for both."""
    return nucleotides(tokenizer) and not tokenizer.canonical


def coding(letters: int) -> Callable[[KmerTokenizer], bool]:
    """Return a test whether k-mers are read on one strand and have so many letters."""
    return lambda tokenizer: stranded(tokenizer) and tokenizer.k >= letters


# Properties of the model itself -------------------------------------------------------------


def from_codes(compute: Callable[..., Any], *more: object) -> Callable[[KmerEmbedding], Any]:
    """Return a function of the embedding that calls `compute(kmers, tokenizer, *more)`."""
    return lambda embedding: compute(
        embedding.vocabulary.kmers, embedding.vocabulary.tokenizer, *more
    )


def cpg(embedding: KmerEmbedding) -> Numbers:
    """Return how often C is followed by G."""
    bases = embedding.vocabulary.tokenizer.bases(embedding.vocabulary.kmers)
    return ((bases[:, :-1] == C) & (bases[:, 1:] == G)).sum(axis=1)


def hydropathy(embedding: KmerEmbedding) -> Numbers:
    """Return the mean of Kyte and Doolittle's scale."""
    from Bio.SeqUtils.ProtParamData import kd

    tokenizer, kmers = embedding.vocabulary.tokenizer, embedding.vocabulary.kmers
    scale = np.array([*(kd[letter] for letter in tokenizer.alphabet.letters), 0.0])
    sums = scale[tokenizer.bases(kmers)].sum(axis=1)
    return sums / tokenizer.lengths(kmers)


def twin(embedding: KmerEmbedding) -> Numbers:
    """Return the cosine to the reverse complement; NaN where the model has none."""
    unit, twins = embedding.unit, embedding.twins
    cosines = np.einsum("nd,nd->n", unit, unit[np.maximum(twins, 0)])
    cosines[twins < 0] = np.nan
    return cosines


def strand_counts(embedding: KmerEmbedding) -> tuple[Any, Any]:
    """Return the counts of k-mers and of their reverse complements, float64[V]; NaN = not known."""
    counts, twins = embedding.vocabulary.counts.astype(np.float64), embedding.twins
    unseen = 0.0 if embedding.info.config.min_count == 1 else np.nan
    return counts, np.where(twins >= 0, counts[np.maximum(twins, 0)], unseen)


def strand_bias(embedding: KmerEmbedding) -> Numbers:
    """Return (own - other) / (own + other) of the counts on both strands."""
    own, other = strand_counts(embedding)
    total = own + other
    return np.where(total > 0, (own - other) / np.maximum(total, 1), np.nan)


def strand_ratio(embedding: KmerEmbedding) -> Numbers:
    """Return log2 of own over other, half a count added to both."""
    own, other = strand_counts(embedding)
    return np.log2((own + 0.5) / (other + 0.5))


def palindrome(embedding: KmerEmbedding) -> Numbers:
    """Return which k-mers are their own reverse complement."""
    vocabulary = embedding.vocabulary
    twins = vocabulary.tokenizer.reverse_complements(vocabulary.kmers)
    return twins == vocabulary.kmers


def rank(embedding: KmerEmbedding) -> Numbers:
    """Return log10 of the rank by count, the most frequent first."""
    counts = embedding.vocabulary.counts
    ranks: Tokens = np.empty(len(counts), np.int32)
    ranks[np.argsort(-counts, kind="stable")] = np.arange(1, len(counts) + 1)
    return np.log10(ranks)
