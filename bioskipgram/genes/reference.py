"""Reference genes: named records that a model can compare others with."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from bioskipgram.config import PoolConfig
from bioskipgram.errors import QueryError
from bioskipgram.model.embedding import KmerEmbedding
from bioskipgram.numerics.arrays import Counts, Floats, Tokens, check_fields
from bioskipgram.numerics.nearest import best
from bioskipgram.sequences.headers import parse_header
from bioskipgram.sequences.sequences import Sequences

from .counts import Csr, GeneCounts, count
from .embed import GeneEmbedding, embed_counts
from .packing import restored, rounded
from .pooling import FittedPooling, fit_background
from .words import Words, words

_BLOCK = 1024
"""Records compared with the reference at once, to bound memory."""
SKETCH = 1000
"""11-mers kept of each gene, as Mash does by default: a Jaccard index j has a standard error of
sqrt(j (1 - j) / s)."""


@dataclass(frozen=True)
class Reference:
    """R named genes a model can compare with."""

    names: tuple[str, ...]  # gene symbol, else the record's name
    ids: tuple[str, ...]  # accession; "" = none
    sources: tuple[str, ...]
    lengths: Counts  # int64[R] bases
    counted: GeneCounts
    model: str  # digest of the model whose k-mers these are
    words: Words | None = None  # for comparison without a model; None in a file of version 0.1

    def __post_init__(self) -> None:
        R = len(self.names)
        check_fields(self, lengths=(np.int64, R))
        if len(self.ids) != R or len(self.sources) != R or self.counts.shape[0] != R:
            raise ValueError(f"{R} names, {len(self.ids)} ids, {len(self.sources)} sources")
        if self.words is not None and len(self.words) != R:
            raise ValueError(f"{R} names, words of {len(self.words)} records")

    def __len__(self) -> int:
        return len(self.names)

    @property
    def counts(self) -> Csr:
        """scipy.sparse.csr_matrix, int32[R, V]."""
        return self.counted.matrix

    def background(
        self,
        embedding: KmerEmbedding,
        config: PoolConfig = PoolConfig(),  # noqa: B008
    ) -> FittedPooling:
        """Return what a pooling takes from these genes; see `genes.fit_background`."""
        return fit_background(embedding, self._strands(embedding, config), config)

    def genes(
        self,
        embedding: KmerEmbedding,
        config: PoolConfig = PoolConfig(),  # noqa: B008
        *,
        background: FittedPooling | None = None,
    ) -> GeneEmbedding:
        """Return the vectors of these genes, pooled with their own background.

        `background` is that of these genes where it is at hand, since to fit it takes longest.
        Another model, or counts that do not tell the other strand, raise a QueryError.
        """
        counted = self._strands(embedding, config)
        if background is None:
            background = fit_background(embedding, counted, config)
        return embed_counts(embedding, self.names, counted, config, background=background)

    def _strands(self, embedding: KmerEmbedding, config: PoolConfig) -> GeneCounts:
        """Return the counts of one strand, or of both."""
        if embedding.digest != self.model:
            raise QueryError("these reference genes were counted for another model")
        if not config.both_strands:
            return self.counted
        return _both_strands(self, embedding)


@dataclass(frozen=True)
class NearestGenes:
    """The nearest reference genes of R records, best first."""

    indices: Tokens  # int32[R, n], rows of the reference
    scores: Floats  # float32[R, n] cosines, -1 to 1


def nearest(genes: GeneEmbedding, reference: GeneEmbedding, n: int = 10) -> NearestGenes:
    """Return the `n` reference genes nearest to each record by cosine, at most all there are.

    Ties keep the reference's order. A record without a known k-mer has cosine 0 with all. Vectors
    that are pooled differently, or an `n` below 1, raise a QueryError.
    """
    if n < 1:
        raise QueryError(f"n: {n} is below 1")
    n, R = min(n, len(reference)), len(genes)
    indices, scores = np.empty((R, n), np.int32), np.empty((R, n), np.float32)
    for begin in range(0, R, _BLOCK):
        block = slice(begin, begin + _BLOCK)
        cosines = genes.cosine(reference, block)
        indices[block] = best(cosines, n)
        scores[block] = np.take_along_axis(cosines, indices[block], axis=1)
    return NearestGenes(indices, scores)


def _both_strands(reference: Reference, embedding: KmerEmbedding) -> GeneCounts:
    """Add to each k-mer's count that of its reverse complement."""
    from scipy.sparse import csr_matrix

    tokenizer, V = embedding.vocabulary.tokenizer, len(embedding)
    tokenizer.alphabet.check_strands("both-strands")
    in_frame = tokenizer.stride == 1 or not (
        tokenizer.frame
        or tokenizer.k % tokenizer.stride
        or (reference.lengths % tokenizer.stride).any()
    )
    if tokenizer.k_min or not in_frame:
        raise QueryError(
            "both-strands: this model's words on the other strand cannot be told from the counts "
            "of this one; leave it off, or give the reference genes as a FASTA file"
        )
    twins = np.arange(V) if tokenizer.canonical else embedding.twins
    there = np.flatnonzero(twins >= 0)
    swap = csr_matrix((np.ones(len(there), np.int32), (there, twins[there])), shape=(V, V))
    both = (reference.counts + reference.counts @ swap).tocsr().astype(np.int32)
    both.sort_indices()
    windows = 2 * (_sums(reference.counts) + reference.counted.unknown)
    return GeneCounts(both, windows - _sums(both))


def _sums(matrix: Csr) -> Counts:
    return np.asarray(matrix.sum(axis=1, dtype=np.int64)).reshape(-1)


def from_sequences(embedding: KmerEmbedding, sequences: Sequences) -> Reference:
    """Return the records of a file as reference genes."""
    return from_blocks(embedding, [sequences])


def from_blocks(
    embedding: KmerEmbedding, blocks: Iterable[Sequences], *, with_words: bool = True
) -> Reference:
    """Return the records of `fasta.stream` as reference genes.

    Names and ids are read from the headers (`fasta.parse_header`), sources from ``src=``.
    """
    from scipy.sparse import vstack

    named, lengths, parts, sets = list[tuple[str, str, str]](), [], [], []
    for block in blocks:
        for name, line in zip(block.names, block.descriptions, strict=True):
            header, source = parse_header(line), re.search(r"(?:^|\s)src=(\S+)", line)
            named.append((header.symbol or name, header.accession, source[1] if source else ""))
        lengths.append(block.lengths)
        parts.append(count(embedding, block, PoolConfig(pooling="second-order")))
        sets += [words(block).sketch(SKETCH)] if with_words else []
    # Rounded as in the file, so that saving does not change them.
    pairs = restored(*rounded(np.concatenate([np.asarray(part.pairs) for part in parts])))
    counted = GeneCounts(
        vstack([part.matrix for part in parts], "csr"),
        np.concatenate([part.unknown for part in parts]),
        pairs,
    )
    names, ids, sources = zip(*named, strict=True) if named else ((), (), ())
    return Reference(
        names, ids, sources, np.concatenate(lengths), counted, embedding.digest,
        Words.joined(sets) if with_words else None,
    )  # fmt: skip
