"""Records to one vector each."""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

import numpy as np

from bioskipgram.config import PoolConfig
from bioskipgram.errors import QueryError
from bioskipgram.model.embedding import KmerEmbedding
from bioskipgram.numerics.arrays import Counts, Flags, Floats, check_fields, checked
from bioskipgram.numerics.nearest import normalized
from bioskipgram.numerics.threads import cores
from bioskipgram.sequences.sequences import Sequences

from .counts import GeneCounts, KmerCounter, count
from .pooling import FittedPooling, fit_background, pooled_plainly


@dataclass(frozen=True)
class GeneEmbedding:
    """One vector for each of R records."""

    names: tuple[str, ...]  # R names, duplicates kept
    vectors: Floats  # float32[R, D']; 0 without a known k-mer (second-order: two in a row)
    kmers_used: Counts  # int64[R], windows that went into the vector
    kmers_unknown: Counts  # int64[R], windows with an unknown base or a k-mer the model lacks
    config: PoolConfig  # how the k-mers were pooled

    def __post_init__(self) -> None:
        R = len(self.names)
        numbers = np.int64, R
        check_fields(self, vectors=(np.float32, R, None), kmers_used=numbers, kmers_unknown=numbers)

    def __len__(self) -> int:
        return len(self.names)

    @cached_property
    def unit(self) -> Floats:
        """The vectors at length 1, float32[R, D']; zero stays."""
        unit: Floats = checked(normalized(self.vectors), "unit", np.float32, self.vectors.shape)
        return unit

    @cached_property
    def known(self) -> Flags:
        """Whether a record has a vector, bool[R]."""
        return np.asarray(self.vectors.any(axis=1), np.bool_)

    def check_alike(self, other: "GeneEmbedding") -> None:
        """Raise a QueryError unless another's vectors are pooled like these."""
        if self.config != other.config or self.unit.shape[1] != other.unit.shape[1]:
            raise QueryError(
                f"these vectors cannot be compared: {self.config.pooling}, "
                f"{self.unit.shape[1]} dimensions, with {other.config.pooling}, "
                f"{other.unit.shape[1]} dimensions; make both with one model and one pooling"
            )

    def cosine(self, other: "GeneEmbedding | None" = None, records: slice = slice(None)) -> Floats:
        """Return the cosines of `records` with another's (default: one's own), float32[R, R2].

        Vectors that are pooled differently raise a QueryError.
        """
        other = self if other is None else other
        self.check_alike(other)
        cosines: Floats = np.clip(self.unit[records] @ other.unit.T, -1, 1)
        return cosines


def embed(
    embedding: KmerEmbedding,
    sequences: Sequences,
    config: PoolConfig = PoolConfig(),  # noqa: B008 - frozen
    *,
    background: FittedPooling | None = None,
) -> GeneEmbedding:
    r"""Return one vector for each record; see `embed_counts`.

    Examples
    --------
    >>> from bioskipgram import load, read
    >>> embedding = load("models/human-cds-k6.safetensors")
    >>> genes = embed(embedding, read(b">a\nATGGTGCATNTG\n>b\nNN\n"))
    >>> genes.vectors.shape, genes.kmers_used.tolist(), genes.kmers_unknown.tolist()
    ((2, 1024), [4, 0], [3, 0])
    """
    counted = count(embedding, sequences, config)
    return embed_counts(embedding, sequences.names, counted, config, background=background)


def embed_counts(
    embedding: KmerEmbedding,
    names: tuple[str, ...],
    counted: GeneCounts,
    config: PoolConfig = PoolConfig(),  # noqa: B008 - frozen
    *,
    background: FittedPooling | None = None,
) -> GeneEmbedding:
    """Return one vector for each record, pooled from the unit vectors of its k-mers.

    Weights and common directions are fitted on `background`, by default on the records themselves;
    vectors can be compared only if they share a background.
    """
    if background is None:
        background = fit_background(embedding, counted, config)
    pooled = pooled_plainly(embedding, counted, config, background.weights)
    vectors: Floats = np.dot(pooled - background.mean, background.transform)
    vectors[~pooled.any(axis=1)] = 0
    return GeneEmbedding(names, vectors, counted.used, counted.unknown, config)


def embed_blocks(
    embedding: KmerEmbedding,
    blocks: Iterable[Sequences],
    config: PoolConfig = PoolConfig(),  # noqa: B008 - frozen
    *,
    background: FittedPooling | None = None,
) -> Iterator[GeneEmbedding]:
    """Yield the vectors of each block of `fasta.stream`, on all cores, in bounded memory.

    A pooling that is fitted needs a background, else it raises a QueryError: blocks fitted on
    themselves could not be compared.
    """
    if background is None and config.fitted:
        raise QueryError(
            f"{config.pooling}: needs reference genes to be fitted on; give a background, "
            "or choose the pooling mean"
        )
    import scipy.linalg.blas  # noqa: F401 - the BLAS of numba, loaded so that threads can be limited
    from threadpoolctl import threadpool_limits

    _ = embedding.unit  # once, not by several threads
    counter = KmerCounter.of(embedding, config)

    def made(block: Sequences) -> GeneEmbedding:
        counted = counter.count(block)
        return embed_counts(embedding, block.names, counted, config, background=background)

    waiting: deque[Future[GeneEmbedding]] = deque()
    # One BLAS thread for each product: every core already computes one.
    with threadpool_limits(1, "blas"), ThreadPoolExecutor(cores()) as pool:
        for block in blocks:
            waiting.append(pool.submit(made, block))
            if len(waiting) > cores():
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def joined(parts: Sequence[GeneEmbedding]) -> GeneEmbedding:
    """Concatenate embeddings of one pooling."""
    return GeneEmbedding(
        tuple(chain.from_iterable(part.names for part in parts)),
        np.concatenate([part.vectors for part in parts]),
        np.concatenate([part.kmers_used for part in parts]),
        np.concatenate([part.kmers_unknown for part in parts]),
        parts[0].config,
    )
