"""Ways to rank all records by likeness to some of them."""

from collections.abc import Callable, Iterator

import numpy as np

from bioskipgram.config import PoolConfig
from bioskipgram.genes import counts, distances, embed
from bioskipgram.genes.alignment import protein_of
from bioskipgram.kmers.tokenizer import KmerTokenizer
from bioskipgram.kmers.vocabulary import Vocabulary
from bioskipgram.model.embedding import KmerEmbedding
from bioskipgram.sequences.alphabet import PROTEIN
from bioskipgram.sequences.sequences import Sequences

Ranking = Callable[[np.ndarray], np.ndarray]
"""Queries, int64[Q] -> scores, float[Q, R], the more alike the higher."""


def without_learning(records: Sequences) -> Iterator[tuple[str, Ranking]]:
    """Yield what needs no model, with its name; "random order" is what chance gives."""
    random = np.random.default_rng(1)
    yield "random order", lambda queries: random.random((len(queries), len(records)))
    shares = every_kmer(records, KmerTokenizer(6))
    yield "6-mer cosine", cosine(shares)
    yield "6-mer cosine, centred", cosine(shares - shares.mean(axis=0))
    for k in (8, 11):
        yield from counted(records, k, f"{k}-mer")
    shares = every_kmer(records, KmerTokenizer(3, stride=3))
    yield "codon usage cosine, centred", cosine(shares - shares.mean(axis=0))
    shares = every_kmer(records, KmerTokenizer(6, stride=3))
    yield "in-frame 6-mer (dicodon) cosine, centred", cosine(shares - shares.mean(axis=0))
    proteins = translated(records)
    shares = every_kmer(proteins, KmerTokenizer(2, alphabet=PROTEIN))
    yield "protein 2-mer cosine, centred", cosine(shares - shares.mean(axis=0))
    yield from counted(proteins, 3, "protein 3-mer")


def counted(records: Sequences, k: int, name: str) -> Iterator[tuple[str, Ranking]]:
    """Yield Mash distance and k-mer cosine, as the Genes page has them."""
    vocabulary = Vocabulary.from_sequences(records, KmerTokenizer(k, alphabet=records.alphabet))
    matrix = counts.counts(vocabulary, records).matrix
    yield f"{name} Mash distance", lambda queries: -distances.mash(matrix[queries], matrix, k)
    yield f"{name} cosine", lambda queries: distances.kmer_cosine(matrix[queries], matrix)


def every_kmer(records: Sequences, tokenizer: KmerTokenizer) -> np.ndarray:
    """Return each record's share of every k-mer there is, float32[R, letters^k]."""
    every = tokenizer.all_codes()
    vocabulary = Vocabulary(tokenizer, every, np.ones(len(every), np.int64))
    matrix = counts.counts(vocabulary, records).matrix.toarray().astype(np.float32)
    return matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)


def cosine(rows: np.ndarray) -> Ranking:
    """Return the ranking by the cosine of rows; of zeros it is 0."""
    unit = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
    return lambda queries: unit[queries] @ unit.T


def pooled(embedding: KmerEmbedding, records: Sequences, config: PoolConfig) -> Ranking:
    """Return the ranking by gene vectors, fitted on the records themselves without labels."""
    unit = embed.embed(embedding, records, config).unit
    return lambda queries: unit[queries] @ unit.T


def translated(records: Sequences) -> Sequences:
    """Return the proteins; what is no codon is unknown."""
    texts = [protein_of(records[i]) for i in range(len(records))]
    offsets = np.concatenate([[0], np.cumsum([len(text) for text in texts])])
    return Sequences(
        records.names,
        records.descriptions,
        PROTEIN.encode("".join(texts)),
        offsets.astype(np.int64),
        PROTEIN,
    )
