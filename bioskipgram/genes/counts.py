"""Records -> counts of each k-mer of a model."""

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from bioskipgram.config import PoolConfig
from bioskipgram.errors import QueryError
from bioskipgram.kmers.tokenizer import KmerTokenizer
from bioskipgram.kmers.vocabulary import Vocabulary
from bioskipgram.model.embedding import KmerEmbedding
from bioskipgram.numerics.arrays import Counts, Floats, Offsets, Tokens, check_fields, checked
from bioskipgram.sequences.sequences import Sequences

Csr = Any
"""scipy.sparse.csr_matrix of k-mer counts, a row for each record."""
PAIR_DIMENSIONS = 16
"""Directions of the k-mers' vectors whose products are pooled: D' has their square."""
PAIR_LAGS = 4
"""Largest distance of a pair in steps: codons of nucleotides; k-mers if the stride is not 1."""
_TABLE = 1 << 24
"""The most k-mer codes of a lookup table; with more, binary search is used."""


@dataclass(frozen=True)
class GeneCounts:
    """How often each k-mer of a vocabulary is in each of R records."""

    matrix: Csr  # int32[R, V], indices ascending
    unknown: Counts  # int64[R], windows with an unknown base or a k-mer the vocabulary lacks
    pairs: Floats | None = None  # float32[R, lags * P^2] for second-order pooling

    def __post_init__(self) -> None:
        R = self.matrix.shape[0]
        check_fields(self, unknown=(np.int64, R))
        if self.pairs is not None:
            check_fields(self, pairs=(np.float32, R, None))

    @cached_property
    def used(self) -> Counts:
        """Windows of each record that hold a k-mer of the vocabulary, int64[R]."""
        return np.asarray(self.matrix.sum(axis=1, dtype=np.int64)).reshape(-1)


@dataclass(frozen=True)
class KmerCounter:
    """Counts one vocabulary's k-mers in blocks of records.

    Words of every length are counted where one of the longest could start. Both strands of an
    alphabet that has only one raise a ConfigError.
    """

    vocabulary: Vocabulary
    both_strands: bool = False  # count both strands of a record together
    directions: Floats | None = None  # float32[V, P] for second-order pooling; None = no pairs
    _table: Tokens = field(init=False, repr=False)

    def __post_init__(self) -> None:
        from .count_kernel import UNKNOWN

        tokenizer = self.vocabulary.tokenizer
        if self.both_strands:
            tokenizer.alphabet.check_strands("both-strands")
        table = np.empty(0, np.int32)
        if tokenizer.size <= _TABLE:
            table = np.full(tokenizer.size, UNKNOWN, np.int32)
            table[self.vocabulary.kmers] = np.arange(len(self.vocabulary))
        # Read-only, like all arrays passed to numba: otherwise it would compile twice.
        object.__setattr__(self, "_table", checked(table, "table", np.int32, (None,)))

    @classmethod
    def of(cls, embedding: KmerEmbedding, config: PoolConfig) -> "KmerCounter":
        """Return the counter of what a pooling needs."""
        directions = leading_directions(embedding) if config.pooling == "second-order" else None
        return cls(embedding.vocabulary, config.both_strands, directions)

    def count(self, sequences: Sequences) -> GeneCounts:
        """Return the counts of R records; those of another alphabet raise a QueryError."""
        ours, theirs = self.vocabulary.tokenizer.alphabet, sequences.alphabet
        if len(theirs.letters) != len(ours.letters):
            raise QueryError(
                f"the model reads {ours.name}, the sequences are {theirs.name}; "
                f"read them as {ours.name}"
            )
        return self.within(sequences, sequences.offsets[:-1], sequences.offsets[1:])

    def within(self, sequences: Sequences, starts: Offsets, ends: Offsets) -> GeneCounts:
        """Return the counts of stretches of the flat codes, each inside one record."""
        found = self._counted(sequences, starts, ends)
        if not self.both_strands:
            return found
        L, codes = len(sequences.codes), sequences.alphabet.reverse_complement(sequences.codes)
        other = replace(sequences, codes=codes, offsets=L - sequences.offsets[::-1])
        back = self._counted(other, L - ends, L - starts)
        both = (found.matrix + back.matrix).tocsr()
        return replace(found, matrix=both, unknown=found.unknown + back.unknown)

    def _counted(self, sequences: Sequences, starts: Offsets, ends: Offsets) -> GeneCounts:
        """Count the words of one strand."""
        from scipy.sparse import csr_matrix

        from .count_kernel import count_tokens

        tokenizer, shape = self.vocabulary.tokenizer, (len(starts), len(self.vocabulary))
        total, unknown = csr_matrix(shape, dtype=np.int32), np.zeros(len(starts), np.int64)
        starts = checked(starts, "starts", np.int64, (None,))
        stops = np.asarray(ends - (tokenizer.k - 1), np.int64)  # where no window may start
        for length in range(tokenizer.shortest, tokenizer.k + 1):
            tokens = self.tokens(sequences, length)
            indptr, indices, data, missing = count_tokens(tokens, starts, stops, shape[1])
            part = csr_matrix((data, indices, indptr), shape=shape)
            part.has_sorted_indices = True
            total, unknown = (total + part if total.nnz else part), unknown + missing
        if self.directions is None:
            return GeneCounts(total, unknown)
        return GeneCounts(total, unknown, self._pairs(tokens, starts, stops, self.directions))

    def tokens(self, sequences: Sequences, length: int) -> Tokens:
        """Return the token of the word that starts at each base, int32[L]; see `tokens_at`."""
        from .count_kernel import tokens_at

        cut = self.vocabulary.tokenizer
        found: Tokens = tokens_at(
            sequences.codes, sequences.offsets, len(cut.alphabet.letters), cut.k, length,
            cut.stride, cut.frame, cut.canonical, int(cut.starts[length - cut.shortest]),
            self.vocabulary.kmers, self._table,
        )  # fmt: skip
        return found

    def _pairs(self, tokens: Tokens, starts: Offsets, stops: Offsets, directions: Floats) -> Floats:
        from .pair_kernel import pair_means

        tokenizer = self.vocabulary.tokenizer
        means: Floats = pair_means(
            tokens, starts, stops, tokenizer.stride, windows_apart(tokenizer), PAIR_LAGS,
            directions,
        )  # fmt: skip
        return means


def windows_apart(tokenizer: KmerTokenizer) -> int:
    """Return the windows in a step of pairs: a codon, in any frame."""
    return 3 if tokenizer.stride == 1 and tokenizer.alphabet.complement else 1


def leading_directions(embedding: KmerEmbedding) -> Floats:
    """Return the unit vectors in at most 16 leading directions, float32[V, P]."""
    table = embedding.unit
    if table.shape[1] > PAIR_DIMENSIONS:
        square = table.astype(np.float64).T @ table
        axes = np.linalg.eigh(square)[1][:, ::-1][:, :PAIR_DIMENSIONS]
        # The sign of a direction depends on the machine; saved vectors must not.
        largest = np.take_along_axis(axes, np.abs(axes).argmax(axis=0)[None], axis=0)
        table = (table @ (axes * np.sign(largest))).astype(np.float32)
    narrow: Floats = checked(table, "vectors", np.float32, (len(table), None))
    return narrow


def count(embedding: KmerEmbedding, sequences: Sequences, config: PoolConfig) -> GeneCounts:
    """Return the counts that a pooling needs of the records; see `KmerCounter`."""
    return KmerCounter.of(embedding, config).count(sequences)


def counts(
    vocabulary: Vocabulary, sequences: Sequences, *, both_strands: bool = False
) -> GeneCounts:
    """Return how often each k-mer is in each record; see `KmerCounter`."""
    return KmerCounter(vocabulary, both_strands).count(sequences)
