"""The commands about one model: project, clusters, balance, info."""

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bioskipgram.config import ClusterConfig, ProjectionConfig, default_clusters
from bioskipgram.errors import ConfigError
from bioskipgram.files import read_tensors
from bioskipgram.jobs.job import Report
from bioskipgram.model import balance as forms
from bioskipgram.model import checkpoint
from bioskipgram.model.embedding import KmerEmbedding

from .console import log
from .keep import keep_clusters, keep_layout, own_clusters
from .output import print_table, print_values, write_text
from .parser import Parser, add_config, add_run, add_sequences, add_status, config_of


def project(options: argparse.Namespace) -> None:
    """Make a model's layout beside it, and print its path."""
    if options.no_layout and not options.cluster:
        raise ConfigError("no-layout: nothing is left to do; give cluster, too")
    result: dict[str, Any] = {}
    with Report(options.status) as report:
        embedding = checkpoint.load(options.model)
        if options.cluster:
            report.on_progress("finding clusters", 0.0)
            result |= _found_clusters(options, embedding)
        if not options.no_layout:
            result = _laid_out(options, embedding, report) | result
    print_values(result, as_json=options.json)


def _laid_out(
    options: argparse.Namespace, embedding: KmerEmbedding, report: Report
) -> dict[str, Any]:
    config = config_of(options, ProjectionConfig)
    projection, path = keep_layout(embedding, options.model, config, progress=report.on_progress)
    if options.tsv:
        rows = [["kmer", *"xyz"[: config.dimensions]]]
        for text, point in zip(embedding.vocabulary.texts, projection.points.tolist(), strict=True):
            rows.append([text, *(f"{value:.5g}" for value in point)])
        write_text(options.tsv, "".join("\t".join(row) + "\n" for row in rows))
    result = {"layout": str(path), "trustworthiness": projection.trustworthiness}
    if projection.laid_out < len(embedding):
        result["laid_out"] = projection.laid_out
    return result


def _found_clusters(options: argparse.Namespace, embedding: KmerEmbedding) -> dict[str, Any]:
    given = {"method": options.cluster, "clusters": options.clusters}
    given |= {"resolution": options.resolution, "min_cluster_size": options.min_cluster_size}
    wanted = asdict(default_clusters(len(embedding)))
    wanted |= {name: value for name, value in given.items() if value}
    clusters, place = keep_clusters(embedding, options.model, ClusterConfig.from_dict(wanted))
    return {"clusters": str(place), "number": len(clusters)}


def list_clusters(options: argparse.Namespace) -> None:
    """Print the name of each cluster, the members it fits, and its q-value."""
    from bioskipgram.groups.names import describe

    embedding = checkpoint.load(options.model)
    found = own_clusters(embedding, options.model, must_save=False)
    frames = _frames(embedding, options) if options.sequences else None
    rows = [
        {
            "number": each.number, "name": each.title, "pattern": each.pattern,
            "property": each.feature, "members": each.members, "share": each.share,
            "odds": each.odds, "q": each.q,
        }
        for each in describe(embedding.vocabulary, found, frames=frames)
    ]  # fmt: skip
    if not options.json:
        for row in rows:
            row["q"] = None if row["q"] is None else f"{row['q']:.1e}"
    print_table(rows, as_json=options.json)


def _frames(embedding: KmerEmbedding, options: argparse.Namespace) -> Any:
    from bioskipgram.kmers.codons import frame_preference
    from bioskipgram.kmers.record_counts import frame_counts

    from .files import Files

    sequences = Files.named([options.sequences]).to_train(
        embedding.info.config, strict=options.strict
    )
    return frame_preference(frame_counts(sequences, embedding.vocabulary).counts)


def balance(options: argparse.Namespace) -> None:
    """Write a model with balanced tables."""
    embedding = checkpoint.load(options.model)
    done = forms.is_balanced(embedding)
    half = read_tensors(options.model)[0]["center"].dtype.itemsize == 2
    out = options.out or options.model.with_name(f"{options.model.stem}-balanced.safetensors")
    path = checkpoint.save(embedding if done else forms.balance(embedding), out, half=half)
    values = {"model": str(path), "was_balanced": done, "digest": checkpoint.load(path).digest}
    print_values(values, as_json=options.json)
    if not done:
        log("this is another model: its maps, clusters and genes have to be made again")


def info(options: argparse.Namespace) -> None:
    """Print a model's settings and history."""
    print_info(checkpoint.load(options.model), as_json=options.json)


def print_info(embedding: KmerEmbedding, *, as_json: bool) -> None:
    """Print a model's settings and history."""
    info = embedding.info
    values: dict[str, Any] = {"kmers": len(embedding), "digest": embedding.digest, "gap": info.gap}
    values |= info.to_dict()
    if not as_json:
        config = values.pop("config")
        values.pop("losses")
        values |= {"settings": ", ".join(f"{name}={value}" for name, value in config.items())}
    print_values(values, as_json=as_json)


def add_project(parser: Parser) -> None:
    """Add the options of `project`."""
    add_run(parser, project)
    parser.add_argument("--tsv", type=Path, help="also write the points as a table")
    add_config(parser, ProjectionConfig, "layout")
    parser.add_argument(
        "--cluster", choices=("kmeans", "hdbscan", "leiden"), help="also find clusters"
    )
    parser.add_argument("--clusters", type=int, default=0, help="k-means: how many; 0 = by size")
    parser.add_argument("--resolution", type=float, default=0, help="Leiden: higher = more groups")
    parser.add_argument("--min-cluster-size", type=int, default=0, help="HDBSCAN: smallest group")
    parser.add_argument("--no-layout", action="store_true", help="only find clusters")
    add_status(parser)


def add_clusters(parser: Parser) -> None:
    """Add the options of `clusters`."""
    add_run(parser, list_clusters)
    text = "coding sequences, to name clusters by reading frame, too"
    add_sequences(parser, text, optional=True)


def add_balance(parser: Parser) -> None:
    """Add the options of `balance`."""
    add_run(parser, balance)
    text = "default: MODEL-balanced beside the model"
    parser.add_argument("--out", type=Path, metavar="FILE", help=text)


def add_info(parser: Parser) -> None:
    """Add the options of `info`."""
    add_run(parser, info)
