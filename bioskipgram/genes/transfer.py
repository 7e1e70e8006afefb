"""Labels of reference genes transferred to other genes, with how often that is right.

Each of a gene's nearest reference genes votes for its labels. A neighbour as near as d shares its
label in a share s(d) of held-out genes (the pair curve); the votes for one label are joined as
1 - product of (1 - s), and this score is turned into a reliability by a second curve, the share of
held-out genes with such a score that have the label. Both curves are isotonic regressions.
"""

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bioskipgram.config import PoolConfig
from bioskipgram.errors import CheckpointError, QueryError
from bioskipgram.files import write_whole
from bioskipgram.model import beside
from bioskipgram.numerics import nearest
from bioskipgram.numerics.arrays import Counts, Doubles, Flags, Floats, Tokens

from .annotation import KINDS, Labels, labels
from .counts import Csr
from .distances import mash
from .embed import GeneEmbedding
from .reference import Reference
from .words import Words

MEASURES = ("vectors", "mash", "protein words")
METHODS = {**{name: (name,) for name in MEASURES}, "together": ("vectors", "protein words")}
"""What votes: the neighbours by one measure, or those by the vectors and by protein words."""
NEIGHBORS = 10
COPY = 0.05
"""Records at a smaller Mash distance are copies of one gene, left out where transfer is tested."""
POOL = PoolConfig(pooling="second-order")
"""How the genes' k-mers are pooled: the pooling that finds relatives best."""
FEWEST = 200
"""Annotated reference genes from which curves are fitted."""
_BLOCK = 512
FORMAT = "bioskipgram-transfer/1"


@dataclass(frozen=True, eq=False)
class Near:
    """The nearest reference genes of Q genes by one measure."""

    indices: Tokens  # int32[Q, n]
    scores: Floats  # float32[Q, n], cosine or 1 - distance

    def __getitem__(self, rows: Counts) -> "Near":
        return Near(self.indices[rows], self.scores[rows])

    def votes(self, curve: "Curve", R: int) -> Csr:
        """Return -log(1 - s) of every neighbour, csr[Q, R]."""
        from scipy.sparse import csr_matrix

        weights = -np.log1p(-np.minimum(curve(self.scores), 0.999))
        Q, n = self.indices.shape
        indptr = np.arange(0, Q * n + 1, n)
        return csr_matrix((weights.ravel(), self.indices.ravel(), indptr), shape=(Q, R))


def near(
    genes: GeneEmbedding,
    words: Words,
    reference: GeneEmbedding,
    others: Words,
    *,
    known: Flags,
    apart: bool = False,
    families: Counts | None = None,
) -> dict[str, Near]:
    """Return the nearest reference genes by each of `MEASURES`, of those that are `known`.

    To hold genes out: `apart` leaves copies of a gene out, and `families`, int64[R] of the same
    genes as both sides, all of its family.
    """
    n = min(NEIGHBORS, int(known.sum()))
    if not n or words.dna is None or others.dna is None:
        raise QueryError("labels are transferred from annotated reference genes of DNA or RNA")
    found: dict[str, list[tuple[Tokens, Floats]]] = {name: [] for name in MEASURES}
    for start in range(0, len(genes), _BLOCK):
        rows = slice(start, start + _BLOCK)
        own = words[rows]
        assert own.dna is not None
        dna = mash(own.dna, others.dna)
        out = np.broadcast_to(~known, dna.shape) | (apart & (dna < COPY))
        if families is not None:
            out = out | (families[rows, None] == families)
        scores = genes.cosine(reference, rows), 1 - dna, 1 - mash(own.protein, others.protein)
        for name, each in zip(MEASURES, scores, strict=True):
            left = np.where(out, -2, np.asarray(each)).astype(np.float32)
            indices = nearest.best(left, n)
            found[name].append((indices, np.take_along_axis(left, indices, axis=1)))
    return {
        name: Near(*(np.concatenate(column) for column in zip(*parts, strict=True)))
        for name, parts in found.items()
    }


@dataclass(frozen=True, eq=False)
class Curve:
    """A rising curve from a score to a share, 0 to 1."""

    scores: Doubles
    shares: Doubles

    @classmethod
    def fit(cls, scores: Doubles | Floats, right: Flags) -> "Curve":
        """Return the isotonic regression of whether a score was right.

        Half a right and half a wrong one are added to each step, so that none is 0 or 1.
        """
        from sklearn.isotonic import IsotonicRegression

        made = IsotonicRegression(out_of_bounds="clip")
        fitted = made.fit_transform(scores.astype(np.float64), right.astype(np.float64))
        steps = made.y_thresholds_
        numbers = np.isclose(fitted[:, None], np.unique(steps)).sum(axis=0)
        number = numbers[np.unique(steps).searchsorted(steps)]
        shares = np.maximum.accumulate((steps * number + 0.5) / (number + 1))
        return cls(made.X_thresholds_.round(5), shares.round(5))

    def __call__(self, scores: Any) -> Doubles:
        """Return the shares of scores, of the same shape."""
        shares: Doubles = np.interp(scores, self.scores, self.shares)
        return shares


@dataclass(frozen=True, eq=False)
class Calibration:
    """The curves of one model and kind of label."""

    pairs: dict[str, Curve]  # by measure
    labels: dict[str, Curve]  # by method

    def scores(self, found: dict[str, Near], matrix: Csr, method: str) -> Csr:
        """Return the score of every label that a neighbour has, csr[Q, L], 0 to 1."""
        R = matrix.shape[0]
        scored = sum(found[name].votes(self.pairs[name], R) for name in METHODS[method]) @ matrix
        scored.data = -np.expm1(-scored.data)
        scored.eliminate_zeros()
        return scored


def calibrate(found: dict[str, Near], truth: Csr, matrix: Csr) -> Calibration:
    """Return the curves of genes whose labels are known, csr[Q, L], from those of the reference."""
    pairs, shared = {}, (truth @ matrix.T).tocsr()
    for name, one in found.items():
        rows, columns = np.nonzero(one.scores > -2)
        right = np.asarray(shared[rows, one.indices[rows, columns]]).ravel() > 0
        pairs[name] = Curve.fit(one.scores[rows, columns], right)
    made = Calibration(pairs, {})
    for method in METHODS:
        scored = made.scores(found, matrix, method).tocoo()
        right = np.asarray(truth[scored.row, scored.col]).ravel() > 0
        made.labels[method] = Curve.fit(scored.data, right)
    return made


def calibrations(reference: Reference, genes: GeneEmbedding) -> dict[str, Calibration]:
    """Return the calibration of each kind of label by reference genes among themselves.

    Copies of a gene are left out. A reference without enough annotated genes raises a QueryError.
    """
    if reference.words is None or labels(reference.names, KINDS[0]).known.sum() < FEWEST:
        raise QueryError(
            f"fewer than {FEWEST} of the reference genes are annotated human genes, so that the "
            "reliability of labels cannot be told; take a model with the reference that ships"
        )
    made = {}
    for kind in KINDS:
        own = labels(reference.names, kind)
        rows = np.flatnonzero(own.known)
        found = near(genes, reference.words, genes, reference.words, known=own.known, apart=True)
        chosen = {name: one[rows] for name, one in found.items()}
        made[kind] = calibrate(chosen, own.matrix[rows], own.matrix)
    return made


@dataclass(frozen=True)
class Evidence:
    """A neighbour that has a transferred label."""

    gene: int  # row of the reference
    measure: str
    score: float  # cosine, or 1 - distance


@dataclass(frozen=True)
class Transferred:
    """One label of one gene, taken from its nearest reference genes."""

    label: str
    reliability: float  # share of held-out genes with such a score that have the label
    evidence: tuple[Evidence, ...]  # nearest first


def transfer(
    found: dict[str, Near],
    labels: Labels,
    calibration: Calibration,
    *,
    method: str = "together",
    least: float = 0.05,
) -> Iterator[list[Transferred]]:
    """Yield the labels of each gene with at least this reliability, the most reliable first."""
    scored = calibration.scores(found, labels.matrix, method)
    reliable = calibration.labels[method](scored.data)
    for query, (start, stop) in enumerate(zip(scored.indptr, scored.indptr[1:], strict=False)):
        rows = []
        for place in range(start, stop):
            if reliable[place] >= least:
                column = int(scored.indices[place])
                evidence = tuple(_evidence(found, labels.matrix, query, column, method))
                rows.append(Transferred(labels.titles[column], float(reliable[place]), evidence))
        yield sorted(rows, key=lambda one: (-one.reliability, one.label))


def _evidence(
    found: dict[str, Near], matrix: Csr, query: int, label: int, method: str
) -> Iterator[Evidence]:
    for name in METHODS[method]:
        one = found[name]
        for gene, score in zip(one.indices[query], one.scores[query], strict=True):
            if score > -2 and matrix[gene, label]:
                yield Evidence(int(gene), name, float(score))


def save(path: Path, made: dict[str, Calibration], **facts: Any) -> None:
    """Write the calibrations of the kinds of labels, and facts about them, as JSON."""
    kinds = {
        kind: {
            part: {name: [c.scores.tolist(), c.shares.tolist()] for name, c in curves.items()}
            for part, curves in (("pairs", one.pairs), ("labels", one.labels))
        }
        for kind, one in made.items()
    }
    text = json.dumps({"format": FORMAT, **facts, "kinds": kinds})
    write_whole(path, (text + "\n").encode())


def load(path: Path) -> tuple[dict[str, Calibration], dict[str, Any]]:
    """Return the calibrations and facts of a file, or raise a CheckpointError."""
    try:
        facts = json.loads(path.read_text("utf-8"))
        if facts.pop("format") != FORMAT:
            raise ValueError("another format")
        made = {
            kind: Calibration(
                *({name: _curve(c) for name, c in part.items()} for part in one.values())
            )
            for kind, one in facts.pop("kinds").items()
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise CheckpointError(f"{path.name}: no calibration of label transfer ({error})") from error
    return made, facts


def _curve(columns: list[list[float]]) -> Curve:
    scores, shares = (np.array(column, np.float64) for column in columns)
    if scores.ndim != 1 or scores.shape != shares.shape or not len(scores):
        raise ValueError("a curve needs as many scores as shares")
    if not (np.diff(scores) >= 0).all() or not ((shares >= 0) & (shares <= 1)).all():
        raise ValueError("a curve rises, from 0 to 1")
    return Curve(scores, shares)


def kept(model: Path, reference: Reference, genes: GeneEmbedding) -> dict[str, Calibration]:
    """Return the calibrations beside a model, else those of its reference genes, then kept."""
    path = beside.transfer(model)
    if path.exists():
        made, facts = load(path)
        if facts.get("model") == reference.model and facts.get("genes") == len(reference):
            return made
    made = calibrations(reference, genes)
    with suppress(CheckpointError):  # an unwritable folder
        save(path, made, model=reference.model, genes=len(reference), pooling=POOL.pooling)
    return made
