"""The null of a variant's score: all substitutions of the same trinucleotide and new base."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from bioskipgram.files import FileKind
from bioskipgram.model import beside
from bioskipgram.model.embedding import KmerEmbedding
from bioskipgram.numerics.arrays import BaseCodes, Counts, Floats, check_fields
from bioskipgram.sequences.sequences import Sequences

from .score import Scorer

LEVELS = np.array([0, 0.1, 0.5, 1, *range(2, 99, 2), 99, 99.5, 99.9, 100]) / 100
"""The shares of the null whose values are kept, 0 to 1."""
Q = len(LEVELS)
TABLE = FileKind(what="table of variants")


@dataclass(frozen=True)
class ContextNull:
    """What substitutions score in reference genes, for each trinucleotide and new base.

    `gene_shift` is corrected for the gene's length.
    """

    quantiles: Floats  # float32[3, 64, 4, Q]: measure, trinucleotide, new base, level; NaN = none
    counts: Counts  # int64[64, 4] substitutions

    def __post_init__(self) -> None:
        check_fields(self, quantiles=(np.float32, 3, 64, 4, Q), counts=(np.int64, 64, 4))

    def percentiles(self, values: Floats, contexts: Counts, alts: BaseCodes) -> Floats:
        """Return how much of the null is below each value, ties by half, float32[3, n], 0 to 100.

        Values are as `Text.comparable` gives them, float32[3, n]; trinucleotides int64[n], -1 =
        none; NaN where there is no value or no null.
        """
        found = np.full(values.shape, np.nan, np.float32)
        cells = np.where(contexts >= 0, 4 * contexts + alts, -1)
        for cell in np.unique(cells[cells >= 0]):
            rows = np.flatnonzero(cells == cell)
            for measure in range(3):
                known = self.quantiles[measure].reshape(-1, Q)[cell]
                column = values[measure, rows]
                if not np.isnan(known).any():
                    # A small tolerance on both sides: a codon model has few different values.
                    hair = 1e-5 * np.abs(column) + 1e-9
                    ends = (np.interp(column + side * hair, known, LEVELS) for side in (-1, 1))
                    share = 50 * sum(ends)
                    found[measure, rows] = np.where(np.isnan(column), np.nan, share)
        return found


@dataclass
class Gathering:
    """Makes a `ContextNull` gene by gene, yielding the share done, 0 to 1; then `null()`.

    Several may iterate over one at the same time: each gene counts once.
    """

    scorer: Scorer
    sequences: Sequences
    _rows: dict[int, tuple[Floats, Counts]] = field(default_factory=dict)

    def __iter__(self) -> Iterator[float]:
        for record in range(len(self.sequences)):
            if record in self._rows:
                continue
            text = self.scorer.text(self.sequences[record])
            positions, alts = every(text.bases)
            values = self.scorer.substitutions(text, positions, alts)
            contexts = trinucleotides(text.bases)[positions]
            cells = np.where(contexts >= 0, 4 * contexts + alts, -1)
            self._rows[record] = text.comparable(values), cells
            yield float(self.sequences.offsets[record + 1]) / max(1, len(self.sequences.codes))

    def null(self) -> ContextNull:
        """Return the null of the genes so far."""
        genes = [self._rows[record] for record in sorted(self._rows)]
        values = np.concatenate([found for found, _ in genes], axis=1)
        cells = np.concatenate([found for _, found in genes])
        use = (cells >= 0) & ~np.isnan(values).any(axis=0)
        values, cells = values[:, use], cells[use]
        order = np.argsort(cells, kind="stable")
        edges = np.searchsorted(cells[order], np.arange(257))
        quantiles = np.full((3, 256, Q), np.nan, np.float32)
        for cell in np.flatnonzero(np.diff(edges)):
            rows = order[edges[cell] : edges[cell + 1]]
            quantiles[:, cell] = np.quantile(values[:, rows], LEVELS, axis=1).T
        counts = np.diff(edges).astype(np.int64).reshape(64, 4)
        return ContextNull(quantiles.reshape(3, 64, 4, Q), counts)


def every(bases: BaseCodes) -> tuple[Counts, BaseCodes]:
    """Return all substitutions of known bases: int64[n] positions and uint8[n] new bases."""
    known = np.flatnonzero(bases < 4)
    alts = (bases[known, None] + np.arange(1, 4, dtype=np.uint8)) % 4  # [known, 3]
    return np.repeat(known, 3), np.sort(alts, axis=1).ravel().astype(np.uint8)


def trinucleotides(bases: BaseCodes) -> Counts:
    """Return the trinucleotide around each base as a k-mer code, int64[L]; -1 = none."""
    found = np.full(len(bases), -1, np.int64)
    if len(bases) >= 3:
        left, middle, right = (bases[i : len(bases) - 2 + i].astype(np.int64) for i in range(3))
        known = (left < 4) & (middle < 4) & (right < 4)
        found[1:-1] = np.where(known, 16 * left + 4 * middle + right, -1)
    return found


def cache_path(model: Path, embedding: KmerEmbedding) -> Path:
    """Return where a model's null is kept: beside it, in ``<model>.layouts/``."""
    facts = f"{embedding.digest} {embedding.remove_components} {LEVELS.tolist()}"
    return beside.remade(model, "variants", facts)


def save(null: ContextNull, path: Path) -> None:
    """Write a null, or raise a CheckpointError."""
    TABLE.write(path, {"quantiles": null.quantiles, "counts": null.counts})


def load(path: Path) -> ContextNull:
    """Return a null that `save` wrote; a missing or damaged file raises a CheckpointError."""
    return TABLE.read(path, lambda tensors, _: ContextNull(tensors["quantiles"], tensors["counts"]))
