"""Reference genes: named records beside a model, as counts of the model's k-mers.

One safetensors file ``<model>.genes.safetensors``: tensors, two of which hold a sparse
matrix, and a JSON header. ``gaps`` and ``counts`` (uint8[entries]) hold it as `packing` says.
``unknown`` (int64[R]) and ``lengths`` (int64[R]) are as in `Reference`; ``pairs`` (uint8[R, D'])
as in `GeneCounts` once multiplied by ``steps`` and added to ``lows`` (float32[D']). The header
holds ``format`` ("bioskipgram-genes/1"), ``genes`` (JSON: names, ids, sources), ``model`` (the
model's digest) and ``sha256`` (over all of these). Reading checks it all and never runs code.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bioskipgram.arrays import Counts, Floats, State, Tokens, checked
from bioskipgram.config import PoolConfig
from bioskipgram.errors import CheckpointError, QueryError
from bioskipgram.files import FileKind
from bioskipgram.model.embedding import KmerEmbedding
from bioskipgram.nearest import best
from bioskipgram.sequences.headers import parse_header
from bioskipgram.sequences.sequences import Sequences

from .counts import Csr, GeneCounts, count
from .embed import GeneEmbedding, embed_counts
from .pooling import Background, fit_background

_MOST = 255


FORMAT = "bioskipgram-genes/1"
_BLOCK = 1024
"""Records that are compared with the reference at once: their cosines take memory."""
GENES = FileKind(
    format=FORMAT,
    cure="make the reference genes with: bioskipgram reference MODEL genes.fa",
    facts=("genes", "model"),
    tensors=("counts", "gaps", "lengths", "lows", "pairs", "steps", "unknown"),
)


@dataclass(frozen=True)
class Reference:
    """R named genes a model can compare with.

    Attributes
    ----------
    names, ids, sources
        Gene symbol (else the record's name), accession ("" = none) and where each is from.
    lengths
        int64[R] bases.
    counted
        Their k-mers; `counts` is the matrix alone.
    model
        The digest of the model whose k-mers these are.
    """

    names: tuple[str, ...]
    ids: tuple[str, ...]
    sources: tuple[str, ...]
    lengths: Counts
    counted: GeneCounts
    model: str

    def __post_init__(self) -> None:
        R = len(self.names)
        object.__setattr__(self, "lengths", checked(self.lengths, "lengths", np.int64, (R,)))
        if len(self.ids) != R or len(self.sources) != R or self.counts.shape[0] != R:
            raise ValueError(f"{R} names, {len(self.ids)} ids, {len(self.sources)} sources")

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
    ) -> Background:
        """Return what a pooling takes from these genes; see `genes.fit_background`."""
        return fit_background(embedding, self._strands(embedding, config), config)

    def genes(
        self,
        embedding: KmerEmbedding,
        config: PoolConfig = PoolConfig(),  # noqa: B008
    ) -> GeneEmbedding:
        """Return the vectors of these genes, pooled with their own background.

        Raises
        ------
        QueryError
            If this is another model's, or the other strand cannot be told from the counts.
        """
        counted = self._strands(embedding, config)
        background = fit_background(embedding, counted, config)
        return embed_counts(embedding, self.names, counted, config, background=background)

    def _strands(self, embedding: KmerEmbedding, config: PoolConfig) -> GeneCounts:
        """Return the counts of one strand, or of both: those of the twins on the other."""
        if embedding.digest != self.model:
            raise QueryError("these reference genes were counted for another model")
        if not config.both_strands:
            return self.counted
        return _both_strands(self, embedding)


@dataclass(frozen=True)
class NearestGenes:
    """The nearest reference genes of R records, best first.

    Attributes
    ----------
    indices
        int32[R, n], rows of the reference.
    scores
        float32[R, n] cosines, -1 to 1.
    """

    indices: Tokens
    scores: Floats


def nearest(genes: GeneEmbedding, reference: GeneEmbedding, n: int = 10) -> NearestGenes:
    """Return the `n` reference genes nearest to each record by cosine, at most all there are.

    Ties keep the reference's order. A record without a known k-mer has cosine 0 with all.

    Raises
    ------
    QueryError
        If the vectors are not of one kind, or `n` is below 1.
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
    """Return the counts of both strands: on the other one stands each k-mer's twin."""
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


def from_blocks(embedding: KmerEmbedding, blocks: Iterable[Sequences]) -> Reference:
    """Return the records of `fasta.stream` as reference genes.

    Names and ids are read from the headers (`fasta.parse_header`), sources from ``src=``.
    """
    from scipy.sparse import vstack

    names: list[str] = []
    ids: list[str] = []
    sources: list[str] = []
    lengths, parts = [], []
    for block in blocks:
        headers = [parse_header(line) for line in block.descriptions]
        names += [h.symbol or name for h, name in zip(headers, block.names, strict=True)]
        ids += [header.accession for header in headers]
        sources += [_source(line) for line in block.descriptions]
        lengths.append(block.lengths)
        parts.append(count(embedding, block, PoolConfig(pooling="pairs")))
    # Rounded as in the file, so that genes are the same before and after.
    pairs = restored(*rounded(np.concatenate([np.asarray(part.pairs) for part in parts])))
    counted = GeneCounts(
        vstack([part.matrix for part in parts], "csr"),
        np.concatenate([part.unknown for part in parts]),
        pairs,
    )
    return Reference(
        tuple(names),
        tuple(ids),
        tuple(sources),
        np.concatenate(lengths),
        counted,
        embedding.digest,
    )


def _source(line: str) -> str:
    words = [word for word in line.split() if word.startswith("src=")]
    return words[0].removeprefix("src=") if words else ""


def save(reference: Reference, path: Path) -> Path:
    """Write reference genes, whole or not at all, and return the path.

    Raises
    ------
    CheckpointError
        If they cannot be written.
    """
    gaps, counted = packed(reference.counts)
    tensors: State = {
        "gaps": gaps,
        "counts": counted,
        "unknown": reference.counted.unknown,
        "lengths": reference.lengths,
    }
    tensors["pairs"], tensors["lows"], tensors["steps"] = rounded(reference.counted.pairs)
    genes = {name: list(getattr(reference, name)) for name in ("names", "ids", "sources")}
    facts = json.dumps(genes | {"kmers": reference.counts.shape[1]})
    GENES.write(path, tensors, genes=facts, model=reference.model)
    return path


def load(path: Path, embedding: KmerEmbedding | None = None) -> Reference:
    """Return the reference genes in a file.

    Parameters
    ----------
    path
        See `model.beside`.
    embedding
        The model they should belong to; None = any.

    Raises
    ------
    CheckpointError
        If the file is missing, damaged, of another format or for another model.
    """
    found = GENES.read(path, _assemble)
    if embedding is not None and found.model != embedding.digest:
        raise CheckpointError(
            f"{path.name}: these genes were counted for another model; "
            "make them anew with: bioskipgram reference MODEL genes.fa"
        )
    return found


def _assemble(tensors: State, metadata: dict[str, str]) -> Reference:
    facts: dict[str, Any] = json.loads(metadata["genes"])
    names, ids, sources = (tuple(map(str, facts[key])) for key in ("names", "ids", "sources"))
    matrix = unpacked(tensors["gaps"], tensors["counts"], (len(names), int(facts["kmers"])))
    pairs = restored(*(tensors[name] for name in ("pairs", "lows", "steps")))
    counted = GeneCounts(matrix, tensors["unknown"], pairs)
    return Reference(names, ids, sources, tensors["lengths"], counted, metadata["model"])


def rounded(pairs: Floats | None) -> tuple[NDArray[np.uint8], Floats, Floats]:
    """Return each column in 256 steps from its lowest value to its highest."""
    if pairs is None:
        raise ValueError("reference genes are counted with their pairs")
    lows = pairs.min(axis=0, initial=np.inf)
    lows = np.where(np.isfinite(lows), lows, 0).astype(np.float32)
    steps = ((pairs - lows).max(axis=0, initial=0) / _MOST).astype(np.float32)
    numbers = np.rint((pairs - lows) / np.where(steps > 0, steps, 1))
    return np.clip(numbers, 0, _MOST).astype(np.uint8), lows, steps


def restored(numbers: NDArray[np.uint8], lows: Floats, steps: Floats) -> Floats:
    """Return what `rounded` took apart, float32[R, D'].

    Raises
    ------
    ValueError
        If the arrays do not fit together, or hold a value that is not finite.
    """
    checked(numbers, "pairs", np.uint8, (None, None))
    width = numbers.shape[1]
    for name, column in (("lows", lows), ("steps", steps)):
        if not np.isfinite(checked(column, name, np.float32, (width,))).all():
            raise ValueError(f"{name}: holds a value that is not finite")
    pairs: Floats = numbers * steps + lows
    return pairs


def packed(matrix: Csr) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Return the gaps and the counts of a sparse matrix."""
    entries = matrix.tocoo()
    places = entries.row.astype(np.int64) * matrix.shape[1] + entries.col
    order = np.argsort(places)
    skips, rest = np.divmod(np.diff(places[order], prepend=0), _MOST)
    values = entries.data[order].astype(np.int64)
    pieces = np.maximum(-(-values // _MOST), 1)
    repeats = skips + pieces
    which = np.repeat(np.arange(len(values)), repeats)
    at = np.arange(len(which)) - (np.cumsum(repeats) - repeats)[which] - skips[which]
    gaps = np.where(at < 0, _MOST, np.where(at == 0, rest[which], 0))
    first = values - _MOST * (pieces - 1)
    counted = np.where(at < 0, 0, np.where(at == 0, first[which], _MOST))
    return gaps.astype(np.uint8), counted.astype(np.uint8)


def unpacked(gaps: NDArray[np.uint8], counted: NDArray[np.uint8], shape: tuple[int, int]) -> Csr:
    """Return the sparse matrix of gaps and counts.

    Raises
    ------
    ValueError
        If they do not fit together, or go beyond `shape`.
    """
    from scipy.sparse import csr_matrix

    gaps = checked(gaps, "gaps", np.uint8, (None,))
    counted = checked(counted, "counts", np.uint8, gaps.shape)
    places = np.cumsum(gaps, dtype=np.int64)
    if len(places) and places[-1] >= shape[0] * shape[1]:
        raise ValueError("gaps: beyond the last gene")
    rows, columns = np.divmod(places, max(shape[1], 1))
    matrix = csr_matrix((counted.astype(np.int32), (rows, columns)), shape=shape)
    matrix.eliminate_zeros()
    matrix.sort_indices()
    return matrix
