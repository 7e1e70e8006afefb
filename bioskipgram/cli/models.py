"""The commands about one model: project, balance, info."""

import argparse
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bioskipgram.config import ClusterConfig, ProjectionConfig
from bioskipgram.errors import ConfigError

from .keep import keep_clusters, keep_layout
from .output import print_info, print_values
from .parser import add_config, add_model, command, config_of

if TYPE_CHECKING:
    from bioskipgram.jobs.job import Report
    from bioskipgram.model.embedding import KmerEmbedding


def project(options: argparse.Namespace) -> None:
    """Make a model's layout beside it, and print its path."""
    from bioskipgram.jobs.job import Report
    from bioskipgram.model import checkpoint

    if options.no_layout and not options.cluster:
        raise ConfigError("no-layout: nothing is left to do; give cluster, too")
    result: dict[str, Any] = {}
    with Report(options.status) as report:
        embedding = checkpoint.load(options.model)
        if options.cluster:
            result |= _found_clusters(options, embedding, report)
        if not options.no_layout:
            result = _laid_out(options, embedding, report) | result
    print_values(result, as_json=options.json)


def _laid_out(
    options: argparse.Namespace, embedding: "KmerEmbedding", report: "Report"
) -> dict[str, Any]:
    config = config_of(options, ProjectionConfig)
    projection, path = keep_layout(embedding, options.model, config, tell=report.tell)
    if options.tsv:
        _write_points(embedding, projection.points, options.tsv)
    result = {"layout": str(path), "trustworthiness": projection.trustworthiness}
    if projection.laid_out < len(embedding):
        result["laid_out"] = projection.laid_out
    return result


def _found_clusters(
    options: argparse.Namespace, embedding: "KmerEmbedding", report: "Report"
) -> dict[str, Any]:
    from bioskipgram.config import default_clusters

    given = {"method": options.cluster, "clusters": options.clusters}
    given |= {"resolution": options.resolution, "min_cluster_size": options.min_cluster_size}
    wanted = asdict(default_clusters(len(embedding)))
    wanted |= {name: value for name, value in given.items() if value}
    report.tell("finding clusters", 0.0)
    clusters, place = keep_clusters(embedding, options.model, ClusterConfig.from_dict(wanted))
    return {"clusters": str(place), "number": len(clusters)}


def _write_points(embedding: "KmerEmbedding", points: Any, path: Path) -> None:
    from bioskipgram.files import write_whole

    rows = ["\t".join(["kmer", *"xyz"[: points.shape[1]]])]
    for text, point in zip(embedding.vocabulary.texts, points.tolist(), strict=True):
        rows.append("\t".join([text, *(f"{value:.5g}" for value in point)]))
    write_whole(path, ("\n".join(rows) + "\n").encode())


def info(options: argparse.Namespace) -> None:
    """Print a model's settings and history."""
    from bioskipgram.model import checkpoint

    print_info(checkpoint.load(options.model), as_json=options.json)


def balance(options: argparse.Namespace) -> None:
    """Write a model with balanced tables."""
    from bioskipgram.files import read_tensors
    from bioskipgram.model import balance as forms
    from bioskipgram.model import checkpoint

    embedding = checkpoint.load(options.model)
    done = forms.is_balanced(embedding)
    half = read_tensors(options.model)[0]["center"].dtype.itemsize == 2
    out = options.out or options.model.with_name(f"{options.model.stem}-balanced.safetensors")
    result = embedding if done else forms.balance(embedding)
    path = checkpoint.save(result, out, half=half)
    values = {"model": str(path), "was_balanced": done, "digest": checkpoint.load(path).digest}
    print_values(values, as_json=options.json)
    if not done:
        text = "this is another model: its maps, clusters and genes have to be made again"
        print(text, file=sys.stderr)  # noqa: T201


def add_project(subparsers: Any) -> None:
    """Add the command `project`."""
    text = "Lay a model's k-mers out as a map and cluster them; both are kept beside the model."
    parser = command(subparsers, "project", project, text)
    add_model(parser)
    parser.add_argument("--tsv", type=Path, help="also write the points as a table")
    add_config(parser, ProjectionConfig, "layout")
    parser.add_argument(
        "--cluster", choices=("kmeans", "hdbscan", "leiden"), help="also find clusters"
    )
    parser.add_argument("--clusters", type=int, default=0, help="k-means: how many; 0 = by size")
    parser.add_argument("--resolution", type=float, default=0, help="Leiden: higher = more groups")
    parser.add_argument("--min-cluster-size", type=int, default=0, help="HDBSCAN: smallest group")
    parser.add_argument("--no-layout", action="store_true", help="only find clusters")
    parser.add_argument(
        "--status", type=Path, metavar="FILE",
        help="tell in a file how far it is, run at low priority, and wait while another does so",
    )  # fmt: skip


def add_balance(subparsers: Any) -> None:
    """Add the command `balance`."""
    text = (
        "Give an older model the vectors that repeat from seed to seed: those of the singular "
        "value decomposition of center times context. The loss stays; models trained with this "
        "version have them already."
    )
    parser = command(subparsers, "balance", balance, text)
    add_model(parser)
    parser.add_argument(
        "--out", type=Path, metavar="FILE", help="default: MODEL-balanced beside the model"
    )


def add_info(subparsers: Any) -> None:
    """Add the command `info`."""
    parser = command(subparsers, "info", info, "What a model is and what it was trained on.")
    add_model(parser)
