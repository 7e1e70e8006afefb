"""A map of reference genes, laid out once, on which any other gene finds its place.

``python -m bioskipgram.placing MODEL OUT '{"pooling": "mean"}' '{"method": "umap"}'`` lays the
reference out in a process of its own, because UMAP may not run twice in one.
"""

import hashlib
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any, cast

import numpy as np

from bioskipgram import checkpoint, fasta, projection
from bioskipgram.arrays import Floats
from bioskipgram.config import PoolConfig, ProjectionConfig
from bioskipgram.data import GENES
from bioskipgram.embedding import KmerEmbedding
from bioskipgram.errors import BioSkipGramError, QueryError
from bioskipgram.projection import Projection

from . import GeneEmbedding, reference
from .reference import Reference

NEIGHBORS = 10
"""Reference genes between which a gene is put on a t-SNE or UMAP map."""


def reference_for(model: Path, embedding: KmerEmbedding) -> tuple[Reference, bool]:
    """Return the genes to compare with, and whether they are the model's own.

    The file beside the model; without one, the named human genes that ship with the package.

    Raises
    ------
    CheckpointError
        If the file is damaged or another model's.
    QueryError
        If there is none and the model reads protein.
    """
    path = reference.path_of(model)
    if path.exists():
        return reference.load(path, embedding), True
    alphabet = embedding.vocabulary.tokenizer.alphabet
    if not alphabet.complement:
        raise QueryError(
            f"there are no reference genes for a model of {alphabet.name}; make them with: "
            "bioskipgram reference MODEL proteins.fa"
        )
    return reference.from_sequences(embedding, fasta.read(GENES, alphabet=alphabet)), False


def lay_out(genes: GeneEmbedding, config: ProjectionConfig) -> Projection:
    """Return a map of genes by their unit vectors; see `projection.project`.

    Raises
    ------
    ConfigError
        If there are fewer than five.
    """
    # It asks only how many there are and for their unit vectors.
    return projection.project(cast("Any", genes), config)


def place(layout: Projection, genes: GeneEmbedding, others: GeneEmbedding) -> Floats:
    """Return where other genes belong on a map, float32[R, 2 or 3].

    On a PCA map by the same axes. On a t-SNE or UMAP map at the mean position of the
    `NEIGHBORS` nearest reference genes in the full space, each weighted by its cosine less that of
    the next nearest one: where both methods begin to place new points (Poličar, Stražar & Zupan
    2021, doi:10.1007/s10994-021-06043-1; McInnes et al. 2018). They are not moved further.

    Parameters
    ----------
    layout
        The map of `genes`.
    genes
        What was laid out.
    others
        What is to be placed, pooled alike.

    Raises
    ------
    QueryError
        If the vectors are not of one kind.
    """
    cosines = others.cosine(genes)
    if layout.config.method == "pca":
        return _by_axes(layout.points, genes.unit, others.unit)
    n = min(NEIGHBORS, cosines.shape[1] - 1)
    order = np.argsort(-cosines, axis=1, kind="stable")[:, : n + 1]
    scores = np.take_along_axis(cosines, order, axis=1)
    weights = scores[:, :n] - scores[:, n:] + 1e-9
    weights /= weights.sum(axis=1, keepdims=True)
    points: Floats = np.einsum("rn,rnd->rd", weights, layout.points[order[:, :n]])
    return points.astype(np.float32)


def _by_axes(points: Floats, unit: Floats, others: Floats) -> Floats:
    """Return the linear map that took centred unit vectors to their points, put to others."""
    mean = unit.mean(axis=0)
    axes = np.linalg.lstsq(
        (unit - mean).astype(np.float64), (points - points.mean(axis=0)).astype(np.float64),
        rcond=None,
    )[0]  # fmt: skip
    placed: Floats = ((others - mean) @ axes + points.mean(axis=0)).astype(np.float32)
    return placed


def path_of(model: Path, found: Reference, pool: PoolConfig, config: ProjectionConfig) -> Path:
    """Return where the map of a model's reference genes is kept: beside its other maps."""
    names = hashlib.sha256("\0".join((*found.names, *found.ids)).encode()).hexdigest()
    facts = [found.model, names, asdict(pool), asdict(config)]
    key = hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:12]
    name = f"genes-{config.method}-{config.dimensions}d-{key}.safetensors"
    return model.with_suffix(".layouts") / name


def main(model: str, out: str, pool: str, config: str) -> int:
    """Lay the reference genes beside a model out; an error is one sentence."""
    try:
        embedding = checkpoint.load(model)
        found, _ = reference_for(Path(model), embedding)
        genes = found.genes(embedding, PoolConfig.from_dict(json.loads(pool)))
        made = lay_out(genes, ProjectionConfig.from_dict(json.loads(config)))
        Path(out).parent.mkdir(exist_ok=True)
        projection.save(made, Path(out))
    except BioSkipGramError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
