"""Records -> one vector each, from the vectors of their k-mers.

::

    Sequences ─ counts ─> GeneCounts ─ embed_counts ─> GeneEmbedding
                               └─ fit_background ─> Background ─┘

Every pooling is a matrix of counts times a table of vectors; no loop meets a k-mer twice.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain
from typing import Any

import numpy as np

from bioskipgram.arrays import Counts, Doubles, Floats, Offsets, Tokens, checked
from bioskipgram.config import PoolConfig
from bioskipgram.embedding import KmerEmbedding
from bioskipgram.errors import QueryError
from bioskipgram.fasta import Sequences
from bioskipgram.kmers import KmerTokenizer
from bioskipgram.tally import cores
from bioskipgram.vocabulary import Vocabulary

Csr = Any
"""scipy.sparse.csr_matrix: which k-mer is how often in which record."""
_TABLE = 1 << 24
"""The most k-mer codes that are looked up in a table; more are searched for."""
PAIR_DIMENSIONS = 16
"""Directions of the k-mers' vectors that pairs look at: their vectors have the square of it."""
PAIR_LAGS = 4
"""Steps on to which pairs look: codons, in nucleotides; k-mers where the stride is not 1."""
_FEWEST = 10
"""Records below which nothing they have in common is taken out."""


@dataclass(frozen=True)
class GeneCounts:
    """How often each k-mer of a vocabulary is in each of R records.

    Attributes
    ----------
    matrix
        scipy.sparse.csr_matrix, int32[R, V], indices ascending.
    unknown
        int64[R], windows that meet an unknown base or hold a k-mer the vocabulary lacks.
    pairs
        float32[R, lags * P^2], what the pooling "pairs" needs besides; None if not asked for.
    """

    matrix: Csr
    unknown: Counts
    pairs: Floats | None = None

    def __post_init__(self) -> None:
        R = self.matrix.shape[0]
        object.__setattr__(self, "unknown", checked(self.unknown, "unknown", np.int64, (R,)))
        if self.pairs is not None:
            object.__setattr__(self, "pairs", checked(self.pairs, "pairs", np.float32, (R, None)))


@dataclass(frozen=True)
class Background:
    """What a pooling is fitted on other records than those it is used for.

    Attributes
    ----------
    weights
        float64[V], how much one occurrence of each k-mer counts.
    mean
        float32[D'], taken from every pooled vector.
    transform
        float32[D', D''], what it is multiplied by then: takes directions out, or scales them.
    records
        How many records it was fitted on.
    """

    weights: Doubles
    mean: Floats
    transform: Floats
    records: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "weights", checked(self.weights, "weights", np.float64, (None,)))
        object.__setattr__(self, "mean", checked(self.mean, "mean", np.float32, (None,)))
        shape = (len(self.mean), None)
        transform = checked(self.transform, "transform", np.float32, shape)
        object.__setattr__(self, "transform", transform)


@dataclass(frozen=True)
class GeneEmbedding:
    """One vector for each of R records.

    Attributes
    ----------
    names
        R names, duplicates kept.
    vectors
        float32[R, D']; zeros for a record without a known k-mer (pairs: without two in a row).
    kmers_used, kmers_unknown
        int64[R], windows that went into the vector, and those that could not: an unknown base
        in them, or a k-mer the model lacks.
    config
        How the k-mers were pooled.
    """

    names: tuple[str, ...]
    vectors: Floats
    kmers_used: Counts
    kmers_unknown: Counts
    config: PoolConfig

    def __post_init__(self) -> None:
        R = len(self.names)
        object.__setattr__(self, "vectors", checked(self.vectors, "vectors", np.float32, (R, None)))
        for name in ("kmers_used", "kmers_unknown"):
            object.__setattr__(self, name, checked(getattr(self, name), name, np.int64, (R,)))

    def __len__(self) -> int:
        return len(self.names)

    @cached_property
    def unit(self) -> Floats:
        """The vectors at length 1, float32[R, D']; zero stays."""
        lengths = np.linalg.norm(self.vectors, axis=1, keepdims=True)
        unit = (self.vectors / np.where(lengths > 0, lengths, 1)).astype(np.float32)
        result: Floats = checked(unit, "unit", np.float32, self.vectors.shape)
        return result

    def cosine(self, other: "GeneEmbedding | None" = None) -> Floats:
        """Return the cosines with another's records, by default one's own, float32[R, R2].

        Raises
        ------
        QueryError
            If the vectors are not of one kind.
        """
        other = self if other is None else other
        if self.config != other.config or self.unit.shape[1] != other.unit.shape[1]:
            raise QueryError(
                f"these vectors cannot be compared: {self.config.pooling}, "
                f"{self.unit.shape[1]} dimensions, with {other.config.pooling}, "
                f"{other.unit.shape[1]} dimensions; make both with one model and one pooling"
            )
        cosines: Floats = np.clip(self.unit @ other.unit.T, -1, 1)
        return cosines


@dataclass(frozen=True)
class Windows:
    """Vectors along one sequence.

    Attributes
    ----------
    starts
        int64[n], the 0-based position where each window begins.
    size
        Bases in a window.
    genes
        The windows as n records.
    """

    starts: Offsets
    size: int
    genes: GeneEmbedding


def embed(
    embedding: KmerEmbedding,
    sequences: Sequences,
    config: PoolConfig = PoolConfig(),  # noqa: B008 - frozen
    *,
    background: Background | None = None,
) -> GeneEmbedding:
    r"""Return one vector for each record; see `embed_counts`.

    Examples
    --------
    >>> from bioskipgram import load, read
    >>> embedding = load("models/human-cds-k6.safetensors")
    >>> genes = embed(embedding, read(b">a\nATGGTGCATNTG\n>b\nNN\n"))
    >>> genes.vectors.shape, genes.kmers_used.tolist(), genes.kmers_unknown.tolist()
    ((2, 100), [4, 0], [3, 0])
    """
    counted = count(embedding, sequences, config)
    return embed_counts(embedding, sequences.names, counted, config, background=background)


def embed_counts(
    embedding: KmerEmbedding,
    names: tuple[str, ...],
    counted: GeneCounts,
    config: PoolConfig = PoolConfig(),  # noqa: B008 - frozen
    *,
    background: Background | None = None,
) -> GeneEmbedding:
    """Return one vector for each record, pooled from the unit vectors of its k-mers.

    Parameters
    ----------
    embedding
        Where the vectors come from.
    names, counted
        Of the R records.
    config
        How to pool.
    background
        What weights and common directions are fitted on, with the same settings; by default
        the records themselves. For vectors to be compared with others', give the same to both.
    """
    if background is None:
        background = fit_background(embedding, counted, config)
    pooled = _pooled(embedding, counted, config, background.weights)
    vectors = (pooled - background.mean) @ background.transform
    vectors[~pooled.any(axis=1)] = 0
    used = np.asarray(counted.matrix.sum(axis=1, dtype=np.int64)).reshape(-1)
    return GeneEmbedding(names, vectors.astype(np.float32), used, counted.unknown, config)


def embed_blocks(
    embedding: KmerEmbedding,
    blocks: Iterable[Sequences],
    config: PoolConfig = PoolConfig(),  # noqa: B008 - frozen
    *,
    background: Background | None = None,
) -> Iterator[GeneEmbedding]:
    """Yield the vectors of each block of `fasta.stream`, on all cores, in bounded memory.

    Raises
    ------
    QueryError
        If the pooling takes something from other genes and there is no background: blocks
        fitted on themselves could not be compared.
    """
    if background is None and config.fitted:
        raise QueryError(
            f"{config.pooling}: needs reference genes to be fitted on; give a background, "
            "or choose the pooling mean"
        )
    _ = embedding.unit  # once, not by several threads
    waiting: deque[Future[GeneEmbedding]] = deque()
    with ThreadPoolExecutor(cores()) as pool:
        for block in blocks:
            waiting.append(pool.submit(embed, embedding, block, config, background=background))
            if len(waiting) > cores():
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def joined(parts: Sequence[GeneEmbedding]) -> GeneEmbedding:
    """Return the records of several embeddings of one kind, one after another."""
    return GeneEmbedding(
        tuple(chain.from_iterable(part.names for part in parts)),
        np.concatenate([part.vectors for part in parts]),
        np.concatenate([part.kmers_used for part in parts]),
        np.concatenate([part.kmers_unknown for part in parts]),
        parts[0].config,
    )


def fit_background(
    embedding: KmerEmbedding, records: Sequences | GeneCounts, config: PoolConfig
) -> Background:
    """Return the weights and common directions that `config` takes from these records.

    * sif weighs a k-mer of share p by a / (a + p) and takes the leading singular vectors out
      (Arora, Liang & Ma 2017, https://openreview.net/forum?id=SyK00v5xx).
    * tfidf weighs by ln((1 + R) / (1 + df)) + 1, df of R records having the k-mer (Spärck Jones
      1972, doi:10.1108/eb026526, smoothed as scikit-learn does).
    * whitened and pairs take the mean off and divide each principal direction by
      sqrt(variance + shrinkage * mean variance).
    * mean takes nothing.

    Below ten records that have a vector, only the weights are fitted: what few share is no
    more than themselves.

    Raises
    ------
    QueryError
        If pairs are wanted of counts that lack them.
    """
    counted = count(embedding, records, config) if isinstance(records, Sequences) else records
    weights = _weights(counted.matrix, config)
    pooled = _pooled(embedding, counted, config, weights)
    pooled = pooled[pooled.any(axis=1)].astype(np.float64)
    mean, transform = np.zeros(pooled.shape[1]), np.eye(pooled.shape[1])
    if config.pooling == "sif" and len(pooled) >= _FEWEST:
        axes = np.linalg.eigh(pooled.T @ pooled)[1][:, ::-1][:, : config.remove_components]
        transform -= axes @ axes.T
    elif config.pooling in ("whitened", "pairs") and len(pooled) >= _FEWEST:
        mean = pooled.mean(axis=0)
        transform = _whitening(pooled - mean, config.shrinkage)
    single = np.float32
    return Background(weights, mean.astype(single), transform.astype(single), len(pooled))


def _weights(matrix: Csr, config: PoolConfig) -> Doubles:
    R, V = matrix.shape
    if config.pooling == "sif":
        totals = np.asarray(matrix.sum(axis=0, dtype=np.int64)).reshape(-1)
        smoothed: Doubles = config.smoothing / (config.smoothing + totals / max(totals.sum(), 1))
        return smoothed
    if config.pooling == "tfidf":
        idf: Doubles = np.log((1 + R) / (1 + np.bincount(matrix.indices, minlength=V))) + 1
        return idf
    return np.ones(V)


def _whitening(centred: Doubles, shrinkage: float) -> Doubles:
    """Return principal directions over their shrunk standard deviations, float64[D', D']."""
    variances, axes = np.linalg.eigh(centred.T @ centred / len(centred))
    variances = np.maximum(variances, 0) + shrinkage * variances.mean()
    scaled: Doubles = axes / np.sqrt(np.maximum(variances, np.finfo(np.float32).tiny))
    return scaled


def _pooled(
    embedding: KmerEmbedding, counted: GeneCounts, config: PoolConfig, weights: Doubles
) -> Floats:
    """Return the pooled vectors before anything common is taken out, float32[R, D']."""
    from .pooling import weighted_sums

    if config.pooling == "pairs":
        if counted.pairs is None:
            raise QueryError("pairs: these records were counted without; count them with pairs")
        return counted.pairs
    matrix = counted.matrix
    entries = (matrix.data * weights[matrix.indices]).astype(np.float32)
    totals = np.asarray(matrix.sum(axis=1, dtype=np.int64)).reshape(-1, 1)
    scale = (1 / np.maximum(totals, 1)).astype(np.float32)
    indptr, indices = matrix.indptr.astype(np.int64), matrix.indices.astype(np.int32, copy=False)
    mean: Floats = weighted_sums(indptr, indices, entries, embedding.unit) * scale
    return mean


def count(embedding: KmerEmbedding, sequences: Sequences, config: PoolConfig) -> GeneCounts:
    """Return all that this pooling needs to know of the records."""
    counted = counts(embedding.vocabulary, sequences, both_strands=config.both_strands)
    if config.pooling != "pairs":
        return counted
    stops = _stops(sequences.offsets[1:], embedding.vocabulary.tokenizer)
    return replace(counted, pairs=_pairs(embedding, sequences, sequences.offsets[:-1], stops))


def _pairs(
    embedding: KmerEmbedding, sequences: Sequences, starts: Offsets, stops: Offsets
) -> Floats:
    """Return the mean products of each k-mer's vector with those one, two … steps on."""
    from .pooling import pair_means

    tokenizer = embedding.vocabulary.tokenizer
    tokens = _reader(embedding.vocabulary, sequences)(tokenizer.k)
    table = _narrow(embedding)
    step = tokenizer.stride
    if step == 1 and tokenizer.alphabet.complement:
        step = 3  # whole codons on, whichever frame one is in
    lags = [step * lag for lag in range(1, PAIR_LAGS + 1)]
    starts = checked(starts, "starts", np.int64, (None,))
    return np.concatenate([pair_means(tokens, starts, stops, lag, table) for lag in lags], axis=1)


def _narrow(embedding: KmerEmbedding) -> Floats:
    """Return the unit vectors along their 16 leading directions at most, float32[V, P]."""
    table = embedding.unit
    if table.shape[1] > PAIR_DIMENSIONS:
        square = table.astype(np.float64).T @ table
        axes = np.linalg.eigh(square)[1][:, ::-1][:, :PAIR_DIMENSIONS]
        # A direction's sign is the machine's choice; kept vectors must mean the same elsewhere.
        largest = np.take_along_axis(axes, np.abs(axes).argmax(axis=0)[None], axis=0)
        table = (table @ (axes * np.sign(largest))).astype(np.float32)
    narrow: Floats = checked(table, "vectors", np.float32, (len(table), None))
    return narrow


def counts(
    vocabulary: Vocabulary, sequences: Sequences, *, both_strands: bool = False
) -> GeneCounts:
    """Return how often each k-mer is in each record, or in both its strands.

    Words of several lengths are all counted at every base where one of the longest could start.

    Raises
    ------
    QueryError
        If the sequences are of another alphabet than the model.
    ConfigError
        If both strands are wanted of what has only one.
    """
    tokenizer, R = vocabulary.tokenizer, len(sequences)
    if len(sequences.alphabet.letters) != len(tokenizer.alphabet.letters):
        raise QueryError(
            f"the model reads {tokenizer.alphabet.name}, the sequences are "
            f"{sequences.alphabet.name}; read them as {tokenizer.alphabet.name}"
        )
    every = sequences.both_strands() if both_strands else sequences
    stops = _stops(every.offsets[1:], tokenizer)
    counted = _counted(vocabulary, every, every.offsets[:-1], stops)
    if not both_strands:
        return counted
    first, other = counted.matrix[:R], counted.matrix[R:][::-1]
    return GeneCounts((first + other).tocsr(), counted.unknown[:R] + counted.unknown[R:][::-1])


def windows(
    embedding: KmerEmbedding,
    sequences: Sequences,
    record: int,
    *,
    size: int,
    step: int,
    config: PoolConfig = PoolConfig(),  # noqa: B008 - frozen
    background: Background | None = None,
) -> Windows:
    """Return the vectors of windows along one record; every window lies whole inside it.

    A window's k-mers are those of the record that lie whole inside the window, so models that
    read codon by codon keep the record's frame. Of a record shorter than a window there is one.

    Raises
    ------
    QueryError
        If `size` is shorter than k, `step` below 1, or there is no such record.
    """
    k = embedding.vocabulary.tokenizer.k
    if size < k or step < 1:
        raise QueryError(f"size: {size} must be k = {k} at least, and step: {step} at least 1")
    if not 0 <= record < len(sequences):
        raise QueryError(f"record {record + 1}: there are {len(sequences)}")
    one = _only(sequences, record)
    L = len(one.codes)
    starts = np.arange(0, max(L - size, 0) + 1, step)
    ends = np.minimum(starts + size, L)
    counted = _windows_counted(embedding, one, starts, ends, config)
    names = tuple(f"{a + 1}-{b}" for a, b in zip(starts.tolist(), ends.tolist(), strict=True))
    pooled = embed_counts(embedding, names, counted, config, background=background)
    return Windows(starts, size, pooled)


def _windows_counted(
    embedding: KmerEmbedding, one: Sequences, starts: Offsets, ends: Offsets, config: PoolConfig
) -> GeneCounts:
    vocabulary, tokenizer = embedding.vocabulary, embedding.vocabulary.tokenizer
    stops = _stops(ends, tokenizer)
    counted = _counted(vocabulary, one, starts, stops)
    if config.pooling == "pairs":
        return replace(counted, pairs=_pairs(embedding, one, starts, stops))
    if not config.both_strands:
        return counted
    L = len(one.codes)
    other = replace(one, codes=one.alphabet.reverse_complement(one.codes))
    back = _counted(vocabulary, other, L - ends, _stops(L - starts, tokenizer))
    return GeneCounts((counted.matrix + back.matrix).tocsr(), counted.unknown + back.unknown)


def _only(sequences: Sequences, record: int) -> Sequences:
    offsets = np.array([0, sequences.lengths[record]], np.int64)
    name, description = sequences.names[record], sequences.descriptions[record]
    return Sequences((name,), (description,), sequences[record], offsets, sequences.alphabet)


def _stops(ends: Offsets, tokenizer: KmerTokenizer) -> Offsets:
    """Return where no window may start any more, if it must end by `ends`."""
    return np.asarray(ends - (tokenizer.k - 1), np.int64)


def _counted(
    vocabulary: Vocabulary, sequences: Sequences, starts: Offsets, stops: Offsets
) -> GeneCounts:
    """Count the words that start in stretches of the flat codes."""
    from scipy.sparse import csr_matrix

    from .pooling import count_tokens

    tokenizer, V = vocabulary.tokenizer, len(vocabulary)
    total, unknown = csr_matrix((len(starts), V), dtype=np.int32), np.zeros(len(starts), np.int64)
    starts = checked(starts, "starts", np.int64, (None,))
    tokens_of = _reader(vocabulary, sequences)
    for length in range(tokenizer.shortest, tokenizer.k + 1):
        tokens = tokens_of(length)
        indptr, indices, data, missing = count_tokens(tokens, starts, stops, V)
        part = csr_matrix((data, indices, indptr), shape=(len(starts), V))
        part.has_sorted_indices = True
        total, unknown = (total + part if total.nnz else part), unknown + missing
    return GeneCounts(total, unknown)


def _reader(vocabulary: Vocabulary, sequences: Sequences) -> Callable[[int], Tokens]:
    """Return a function of the length of words that gives the token at every base."""
    from .pooling import UNKNOWN, tokens_at

    tokenizer = vocabulary.tokenizer
    table = np.empty(0, np.int32)
    if tokenizer.size <= _TABLE:
        table = np.full(tokenizer.size, UNKNOWN, np.int32)
        table[vocabulary.kmers] = np.arange(len(vocabulary))

    def tokens_of(length: int) -> Tokens:
        found: Tokens = tokens_at(
            sequences.codes,  # read-only, like all that numba is given of ours: it compiles once
            sequences.offsets,
            len(tokenizer.alphabet.letters),
            tokenizer.k,
            length,
            tokenizer.stride,
            tokenizer.frame,
            tokenizer.canonical,
            int(tokenizer.starts[length - tokenizer.shortest]),
            vocabulary.kmers,
            table,
        )
        return found

    return tokens_of
