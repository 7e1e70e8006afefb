"""What is known of every k-mer apart from its vector: one number or word per token."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .arrays import Floats, checked
from .embedding import KmerEmbedding
from .kmers import KmerTokenizer, gc_content, translate

Computing = dict[str, Callable[[KmerEmbedding], "Property"]]
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
    return Property("GC content", gc_content(vocabulary.kmers, vocabulary.tokenizer))


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
    bases = vocabulary.tokenizer.bases(vocabulary.kmers)
    found = ((bases[:, :-1] == 1) & (bases[:, 1:] == 2)).sum(axis=1)
    return Property("CpG in the k-mer", found.astype(np.float32))


def _twin(embedding: KmerEmbedding) -> Property:
    unit, twins = embedding.unit, embedding.twins
    cosines = (unit * unit[np.maximum(twins, 0)]).sum(axis=1)
    cosines[twins < 0] = np.nan
    return Property("Cosine to reverse complement", cosines)


def _norm(embedding: KmerEmbedding) -> Property:
    return Property("Vector length", np.linalg.norm(embedding.center, axis=1).astype(np.float32))


def _length(embedding: KmerEmbedding) -> Property:
    lengths = embedding.vocabulary.tokenizer.lengths(embedding.vocabulary.kmers)
    return Property("Word length", lengths.astype(np.float32))


def _hydropathy(embedding: KmerEmbedding) -> Property:
    """Return the mean over the residues (Kyte & Doolittle 1982, 10.1016/0022-2836(82)90515-0)."""
    from Bio.SeqUtils.ProtParamData import kd

    tokenizer, kmers = embedding.vocabulary.tokenizer, embedding.vocabulary.kmers
    scale = np.array([*(kd[letter] for letter in tokenizer.alphabet.letters), 0.0])
    sums = scale[tokenizer.bases(kmers)].sum(axis=1)
    means = (sums / tokenizer.lengths(kmers)).astype(np.float32)
    return Property("Hydropathy (Kyte-Doolittle)", means)


_ANY: Computing = {
    "log count": _count,
    "vector length": _norm,
}
_NUCLEOTIDES: Computing = {
    "GC content": _gc,
    "amino acid": _amino,
    "CpG": _cpg,
    "reverse-complement cosine": _twin,
}
_PROTEIN: Computing = {"hydropathy": _hydropathy}
_MIXED: Computing = {"word length": _length}
PROPERTIES = _NUCLEOTIDES | _PROTEIN | _ANY | _MIXED
"""Name -> what computes it from an embedding; `offered` says which make sense for which."""


def offered(tokenizer: KmerTokenizer) -> tuple[str, ...]:
    """Return the names of the properties that mean something for such k-mers."""
    own = _NUCLEOTIDES if tokenizer.alphabet.complement else _PROTEIN
    return (*own, *_ANY, *(_MIXED if tokenizer.k_min else ()))
