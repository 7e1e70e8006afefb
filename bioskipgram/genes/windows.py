"""Windows along one record -> one vector each."""

from dataclasses import dataclass

import numpy as np

from bioskipgram.arrays import Offsets
from bioskipgram.config import PoolConfig
from bioskipgram.errors import QueryError
from bioskipgram.model.embedding import KmerEmbedding
from bioskipgram.sequences.sequences import Sequences

from .counts import KmerCounter
from .embed import GeneEmbedding, embed_counts
from .pooling import Background


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
    counted = KmerCounter.of(embedding, config).within(one, starts, ends)
    names = tuple(f"{a + 1}-{b}" for a, b in zip(starts.tolist(), ends.tolist(), strict=True))
    pooled = embed_counts(embedding, names, counted, config, background=background)
    return Windows(starts, size, pooled)


def _only(sequences: Sequences, record: int) -> Sequences:
    offsets = np.array([0, sequences.lengths[record]], np.int64)
    name, description = sequences.names[record], sequences.descriptions[record]
    return Sequences((name,), (description,), sequences[record], offsets, sequences.alphabet)
