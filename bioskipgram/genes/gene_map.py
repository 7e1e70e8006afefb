"""A map of reference genes, and the transform of other genes onto it.

A `GeneMapJob` makes the map in a process of its own, because UMAP may not run twice in one:
``python -m bioskipgram.genes.gene_map MODEL OUT '{"pooling": "mean"}' '{"method": "umap"}'``.
"""

import argparse
import hashlib
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Lock

import numpy as np

from bioskipgram.config import PoolConfig, ProjectionConfig
from bioskipgram.errors import BioSkipGramError, QueryError
from bioskipgram.jobs.job import Job, Report
from bioskipgram.jobs.progress import OnProgress, no_progress
from bioskipgram.model import beside, checkpoint
from bioskipgram.model.embedding import KmerEmbedding
from bioskipgram.numerics import nearest
from bioskipgram.numerics.arrays import Floats
from bioskipgram.projection import projection
from bioskipgram.projection.methods import umap_learn
from bioskipgram.projection.projection import Projection
from bioskipgram.sequences import fasta
from bioskipgram.sequences.shipped import GENES

from . import reference, reference_file
from .embed import GeneEmbedding
from .reference import Reference

_EPOCHS = 100
"""Epochs of the transform by UMAP, as in umap-learn for up to 10,000 points."""
_UMAP = Lock()
"""Parts of umap-learn run on threads that only one caller at a time may use."""


def reference_for(model: Path, embedding: KmerEmbedding) -> tuple[Reference, bool]:
    """Return the genes to compare with, and whether they are the model's own.

    These are in the file beside the model, else the named human genes of the package. A damaged
    file or another model's raises a CheckpointError; a protein model without a file a QueryError.
    """
    path = beside.genes(model)
    if path.exists():
        return reference_file.load(path, embedding), True
    alphabet = embedding.vocabulary.tokenizer.alphabet
    if not alphabet.complement:
        raise QueryError(
            f"there are no reference genes for a model of {alphabet.name}; make them with: "
            "bioskipgram reference MODEL proteins.fa"
        )
    return reference.from_sequences(embedding, fasta.read(GENES, alphabet=alphabet)), False


def lay_out(
    genes: GeneEmbedding, config: ProjectionConfig, *, progress: OnProgress = no_progress
) -> Projection:
    """Return a map of at least five genes by their unit vectors; see `projection.project`."""
    return projection.project(genes, config, progress=progress)


def transform(layout: Projection, genes: GeneEmbedding, others: GeneEmbedding) -> Floats:
    """Return where other genes belong on a map of `genes`, float32[R, 2]; NaN without a vector.

    A PCA map uses its axes. The others do as their libraries with new points: each begins among its
    nearest reference genes and is moved by the method, while the reference stays. Vectors that are
    pooled differently and a map that is not a plane raise a QueryError.
    """
    if layout.config.dimensions != 2:
        raise QueryError(f"{layout.config.dimensions} dimensions: genes are placed on maps of 2")
    genes.check_alike(others)
    points = np.full((len(others), 2), np.nan, np.float32)
    there = others.unit.any(axis=1)
    if there.any():
        method = {"pca": _by_axes, "tsne": _by_tsne, "umap": _by_umap}[layout.config.method]
        points[there] = method(layout, genes.unit, others.unit[there])
    return points


def _by_axes(layout: Projection, unit: Floats, others: Floats) -> Floats:
    """Apply the linear map of centred unit vectors to their points to other vectors."""
    mean, points = unit.mean(axis=0), layout.points
    axes = np.linalg.lstsq(
        (unit - mean).astype(np.float64), (points - points.mean(axis=0)).astype(np.float64),
        rcond=None,
    )[0]  # fmt: skip
    placed: Floats = ((others - mean) @ axes + points.mean(axis=0)).astype(np.float32)
    return placed


def _by_tsne(layout: Projection, unit: Floats, others: Floats) -> Floats:
    """Return openTSNE's `transform` (Poličar et al. 2021, doi:10.1007/s10994-021-06043-1)."""
    from openTSNE import TSNEEmbedding
    from openTSNE.affinity import PerplexityBasedNN
    from openTSNE.nearest_neighbors import Sklearn

    most = (len(unit) - 1) / 3
    perplexity = min(layout.config.perplexity, most)
    settings = {"n_jobs": 1, "random_state": layout.config.seed}
    # Without an index openTSNE imports pynndescent, which compiles for 18 s the first time.
    near = Sklearn(unit.astype(float), int(3 * perplexity), metric="euclidean", **settings)
    attention = PerplexityBasedNN(perplexity=perplexity, knn_index=near, **settings)
    known = TSNEEmbedding(
        layout.points.astype(float), attention, negative_gradient_method="fft", **settings
    )
    placed = known.transform(others.astype(float), min(5, most))
    # openTSNE centres the map it is given.
    return np.asarray(placed + layout.points.mean(axis=0), np.float32)


def _by_umap(layout: Projection, unit: Floats, others: Floats) -> Floats:
    """Return umap-learn's `UMAP.transform` (McInnes et al. 2018, arXiv:1802.03426).

    It calls that method's functions with the exact neighbours, as the map itself was made.
    """
    from scipy.sparse import coo_matrix

    with _UMAP:
        umap, config = umap_learn(), layout.config
        n = min(config.n_neighbors, len(unit) - 1)
        cosines = np.clip(others @ unit.T, -1, 1)
        near = nearest.best(cosines, n)
        far = np.sqrt(2 - 2 * np.take_along_axis(cosines, near, axis=1))
        scales = umap.smooth_knn_dist(far, float(n), local_connectivity=0.0)
        rows, columns, weights, _ = umap.compute_membership_strengths(
            near, far, *scales, bipartite=True
        )
        graph = coo_matrix((weights, (rows, columns)), shape=cosines.shape)
        start = umap.init_graph_transform(graph.tocsr(), layout.points)
        kept = weights >= weights.max() / _EPOCHS
        noise = umap.check_random_state(config.seed).randint(-(2**31), 2**31 - 1, 3)
        moved: Floats = umap.optimize_layout_euclidean(
            start, layout.points.copy(), graph.row[kept], graph.col[kept], _EPOCHS, len(unit),
            umap.make_epochs_per_sample(weights[kept], _EPOCHS),
            *umap.find_ab_params(1.0, config.min_dist), noise.astype(np.int64),
            initial_alpha=0.25,
        )  # fmt: skip
    return moved


def path_of(model: Path, found: Reference, pool: PoolConfig, config: ProjectionConfig) -> Path:
    """Return where the map of a model's reference genes is kept: beside its other maps."""
    names = hashlib.sha256("\0".join((*found.names, *found.ids)).encode()).hexdigest()
    facts = [found.model, names, asdict(pool), asdict(config)]
    return beside.remade(model, f"genes-{config.method}-{config.dimensions}d", facts)


@dataclass(frozen=True)
class GeneMapJob(Job):
    """The process that makes the map of a model's reference genes in the file `path_of`."""

    model: Path

    def start(self, pool: PoolConfig, config: ProjectionConfig) -> None:
        """Start the process unless it runs; an unwritable folder raises a CheckpointError."""
        settings = [json.dumps(asdict(each)) for each in (pool, config)]
        paths = [str(path.resolve()) for path in (self.model, self.place)]
        self.launch(["bioskipgram.genes.gene_map", *paths, *settings])


def main(arguments: Sequence[str] | None = None) -> int:
    """Make the map of a model's reference genes; an error is one sentence."""
    parser = argparse.ArgumentParser()
    for name in ("model", "out"):
        parser.add_argument(name, type=Path)
    for name in ("pool", "config"):
        parser.add_argument(name, type=json.loads)
    parser.add_argument("--status", type=Path)
    options = parser.parse_args(arguments)
    try:
        with Report(options.status) as report:
            report.on_progress("pooling the reference genes", 0.0)
            embedding = checkpoint.load(options.model)
            found, _ = reference_for(options.model, embedding)
            genes = found.genes(embedding, PoolConfig.from_dict(options.pool))
            made = lay_out(
                genes, ProjectionConfig.from_dict(options.config), progress=report.on_progress
            )
            projection.save(made, options.out)
    except BioSkipGramError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
