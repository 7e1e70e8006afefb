"""What is known of every k-mer apart from its vector: one number or word per token."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .arrays import Floats, checked
from .embedding import KmerEmbedding
from .kmers import bases_of, gc_content, translate

AMINO_ACIDS = "ACDEFGHIKLMNPQRSTVWY*"


@dataclass(frozen=True)
class Property:
    """One value per k-mer.

    Attributes
    ----------
    title
        What it is, for a legend.
    values
        float32[V]: numbers, or positions in `categories`; NaN = not known.
    categories
        The words, where the property is one of several words.
    """

    title: str
    values: Floats
    categories: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", checked(self.values, "values", np.float32, (None,)))


def _gc(embedding: KmerEmbedding) -> Property:
    vocabulary = embedding.vocabulary
    return Property("GC content", gc_content(vocabulary.kmers, vocabulary.tokenizer.k))


def _count(embedding: KmerEmbedding) -> Property:
    counts = np.maximum(embedding.vocabulary.counts, 1)
    return Property("Count, log10", np.log10(counts).astype(np.float32))


def _amino(embedding: KmerEmbedding) -> Property:
    """Return the amino acid of the first three bases, read in frame 0."""
    firsts = [translate(text[:3]) for text in embedding.vocabulary.texts]
    values = [AMINO_ACIDS.index(amino) if amino else np.nan for amino in firsts]
    names = tuple("stop" if amino == "*" else amino for amino in AMINO_ACIDS)
    return Property("Amino acid, frame 0", np.array(values, np.float32), names)


def _cpg(embedding: KmerEmbedding) -> Property:
    vocabulary = embedding.vocabulary
    bases = bases_of(vocabulary.kmers, vocabulary.tokenizer.k)
    found = ((bases[:, :-1] == 1) & (bases[:, 1:] == 2)).sum(axis=1)
    return Property("CpG in the k-mer", found.astype(np.float32))


def _twin(embedding: KmerEmbedding) -> Property:
    unit, twins = embedding.unit, embedding.twins
    cosines = (unit * unit[np.maximum(twins, 0)]).sum(axis=1)
    cosines[twins < 0] = np.nan
    return Property("Cosine to reverse complement", cosines)


def _norm(embedding: KmerEmbedding) -> Property:
    return Property("Vector length", np.linalg.norm(embedding.center, axis=1).astype(np.float32))


PROPERTIES: dict[str, Callable[[KmerEmbedding], Property]] = {
    "GC content": _gc,
    "log count": _count,
    "amino acid": _amino,
    "CpG": _cpg,
    "reverse-complement cosine": _twin,
    "vector length": _norm,
}
"""Name -> what computes it from an embedding."""
