"""The commands `export` and `import`: models to and from the files of other programs."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bioskipgram.config import ProjectionConfig, default_clusters
from bioskipgram.errors import CheckpointError, ConfigError

from .console import log
from .output import print_values
from .parser import Parser, add_run

if TYPE_CHECKING:
    from bioskipgram.model.embedding import KmerEmbedding

FORMATS = ("word2vec", "word2vec-binary", "projector", "parquet", "h5ad", "npz")
METHODS = ("umap", "tsne", "pca")
WITH_COLUMNS = ("projector", "parquet", "h5ad", "npz")


def export(options: argparse.Namespace) -> None:
    """Write a model as another program reads it."""
    from bioskipgram.model import checkpoint, exchange, word_vectors

    embedding = checkpoint.load(options.model)
    more: dict[str, Any] = {}
    if options.to in WITH_COLUMNS:
        more["columns"] = _columns(embedding, options.model)
        more["points"] = _points(embedding, options.model)
    exchange.write(word_vectors.of_model(embedding, **more), options.out, options.to)
    values = {
        "file": str(options.out), "format": options.to, "kmers": len(embedding),
        "dimensions": embedding.center.shape[1],
        "columns": ", ".join(more.get("columns", ())) or "-",
        "projections": ", ".join(more.get("points", ())) or "-",
    }  # fmt: skip
    print_values(values, as_json=options.json)


def _columns(embedding: "KmerEmbedding", model: Path) -> dict[str, Any]:
    """Return the properties of the k-mers, and the clusters that are beside the model."""
    import numpy as np

    from bioskipgram.groups import clusters
    from bioskipgram.groups.properties import PROPERTIES, offered
    from bioskipgram.projection import projection

    columns: dict[str, Any] = {}
    for name in offered(embedding.vocabulary.tokenizer):
        found = PROPERTIES[name](embedding)
        columns[name] = found.values
        if found.categories:
            known = np.nan_to_num(found.values, nan=-1).astype(int)
            columns[name] = np.array([*found.categories, "not known"])[known]
    try:
        path = projection.cache_path(model, embedding, default_clusters(len(embedding)))
        columns["cluster"] = clusters.load(path, size=len(embedding)).labels
    except CheckpointError:
        log("no clusters beside the model; make them with: bioskipgram project MODEL --cluster")
    return columns


def _points(embedding: "KmerEmbedding", model: Path) -> dict[str, Any]:
    """Return the projections in the plane that are beside the model, or else its PCA."""
    from bioskipgram.projection import projection

    points = {}
    for method in METHODS:
        config = ProjectionConfig(method=method)
        try:
            path = projection.cache_path(model, embedding, config)
            points[method] = projection.load(path, size=len(embedding)).points
        except CheckpointError:
            if method == "pca":
                points[method] = projection.project(embedding, config).points
    return points


def import_model(options: argparse.Namespace) -> None:
    """Make a model of another program's vectors."""
    from bioskipgram.model import checkpoint, exchange

    if options.out.suffix != ".safetensors":
        raise ConfigError(f"{options.out}: the name of a model ends in .safetensors")
    settings = {"stride": options.stride, "canonical": options.canonical}
    embedding, left_out = exchange.read(options.file, **settings)
    checkpoint.save(embedding, options.out)
    if left_out:
        log(
            f"{len(left_out):,} words left out, which are no k-mers, or twice there: {left_out[:3]}"
        )
    missing = {"counts": embedding.vocabulary.counted, "context vectors": embedding.has_context}
    values = {
        "model": str(options.out), "kmers": len(embedding),
        "kind": f"{embedding.vocabulary.tokenizer.word}s, {embedding.info.config.alphabet}",
        "dimensions": embedding.center.shape[1], "left_out": len(left_out),
        "not_known": ", ".join([*(name for name, there in missing.items() if not there), "loss"]),
    }  # fmt: skip
    print_values(values, as_json=options.json)


def add_export(parser: Parser) -> None:
    """Add the options of `export`."""
    add_run(parser, export)
    parser.add_argument("--to", choices=FORMATS, required=True, help="the format")
    parser.add_argument("--out", type=Path, required=True, help="the file; projector: the folder")


def add_import(parser: Parser) -> None:
    """Add the options of `import`."""
    add_run(parser, import_model, model=False)
    parser.add_argument("file", type=Path, help="the file; of TensorBoard's projector the folder")
    parser.add_argument("--out", type=Path, required=True, help="the model, in .safetensors")
    parser.add_argument("--stride", type=int, default=1, help="3 = the k-mers are codons in frame")
    parser.add_argument(
        "--canonical", action="store_true", help="reverse complements share a vector"
    )
