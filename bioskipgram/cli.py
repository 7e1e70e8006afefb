"""The command line: which commands there are and what they take. `commands` does the work."""

import argparse
import contextlib
import os
import sys
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from .commands import models, train
from .config import SAVE_EVERY, Config, ProjectionConfig, TrainConfig
from .errors import BioSkipGramError
from .version import __version__


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0, 2 on bad input, 130 when interrupted."""
    options = _parser().parse_args(arguments)
    try:
        options.command(options)
        print(end="", flush=True)  # noqa: T201 - here, where a closed pipe is caught
    except BioSkipGramError as error:
        _complain(str(error))
        return 2
    except KeyboardInterrupt:
        _complain("interrupted")
        return 130
    except BrokenPipeError:  # the reader (head, less) has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def _complain(text: str) -> None:
    with contextlib.suppress(OSError):  # a log on a full disk
        print(f"bioskipgram: {text}", file=sys.stderr)  # noqa: T201


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="bioskipgram", description="Learn vectors for DNA k-mers by skip-gram; ask them."
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    subparsers = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_train(subparsers)
    _add_neighbors(subparsers)
    _add_project(subparsers)
    _add_info(subparsers)
    _add_quality(subparsers)
    return parser


def _add_train(subparsers: Any) -> None:
    text = "Learn vectors from a FASTA, GenBank or EMBL file, plain or gzipped."
    parser = _command(subparsers, "train", train.train, text)
    parser.add_argument("sequences", help="the file of sequences")
    parser.add_argument("--out", type=Path, help="where to write the model (.safetensors)")
    parser.add_argument("--run", type=Path, help="a folder to record the run in, with its model")
    parser.add_argument("--title", default="", help="what to call the sequences")
    parser.add_argument("--half", action="store_true", help="store the vectors as float16")
    parser.add_argument(
        "--layouts", action="store_true", help="also lay out the map (PCA, t-SNE) and find clusters"
    )
    parser.add_argument("--json", action="store_true", help="print the model's history as JSON")
    _add_going_on(parser)
    _add_config(parser, TrainConfig, "settings")


def _add_going_on(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--resume",
        action="store_true",
        help="go on from the state that an unfinished run left beside its model",
    )
    parser.add_argument(
        "--save-every", type=_seconds, default=SAVE_EVERY, metavar="SECONDS",
        help="how often to save the state that --resume goes on from",
    )  # fmt: skip
    parser.add_argument(
        "--estimate", action="store_true", help="print the memory and the time needed; do not train"
    )


def _seconds(text: str) -> float:
    if not (value := float(text)) >= 0:
        raise argparse.ArgumentTypeError(f"{text!r} is not 0 or more seconds")
    return value


def _add_neighbors(subparsers: Any) -> None:
    text = "The k-mers nearest to a k-mer, or to the mean of a longer sequence's k-mers."
    parser = _command(subparsers, "neighbors", models.neighbors, text)
    _add_model(parser)
    parser.add_argument("query", nargs="+", help="k-mers or longer sequences")
    parser.add_argument("-n", type=int, default=10, help="how many")
    parser.add_argument("--json", action="store_true", help="print JSON")


def _add_project(subparsers: Any) -> None:
    text = "Lay a model's k-mers out as a map and cluster them; both are kept beside the model."
    parser = _command(subparsers, "project", models.project, text)
    _add_model(parser)
    parser.add_argument("--tsv", type=Path, help="also write the points as a table")
    parser.add_argument("--json", action="store_true", help="print what was made as JSON")
    _add_config(parser, ProjectionConfig, "layout")
    parser.add_argument("--cluster", choices=("kmeans", "hdbscan"), help="also find clusters")
    parser.add_argument("--clusters", type=int, default=0, help="k-means: how many; 0 = by size")


def _add_info(subparsers: Any) -> None:
    parser = _command(
        subparsers, "info", models.info, "What a model is and what it was trained on."
    )
    _add_model(parser)
    parser.add_argument("--json", action="store_true", help="print JSON")


def _add_quality(subparsers: Any) -> None:
    text = (
        "Measure a model, each number beside its nulls. With the training sequences, the same "
        "settings are trained on shuffled ones for the null that matters."
    )
    parser = _command(subparsers, "quality", models.quality, text)
    _add_model(parser)
    parser.add_argument("sequences", nargs="?", help="the sequences it was trained on")
    parser.add_argument("--json", action="store_true", help="print JSON")


def _command(subparsers: Any, name: str, run: Any, text: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = subparsers.add_parser(
        name, help=text, description=text, formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    parser.set_defaults(command=run)
    return parser


def _add_model(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", type=Path, help="a model file (.safetensors)")


def _add_config(parser: argparse.ArgumentParser, config: type[Config], title: str) -> None:
    """Give the parser one option per field of a configuration."""
    group = parser.add_argument_group(title)
    for spec in fields(config):  # type: ignore[arg-type]
        kind = _flag if isinstance(spec.default, bool) else type(spec.default)
        group.add_argument(
            f"--{spec.name.replace('_', '-')}",
            type=kind,
            default=spec.default,
            choices=spec.metadata["choices"] or None,
            metavar=None if spec.metadata["choices"] else "N",
            help=spec.metadata["help"].replace("%", "%%"),
            nargs="?" if kind is _flag else None,
            const=True if kind is _flag else None,
        )


def _flag(text: str) -> bool:
    words = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
    if text.lower() not in words:
        raise argparse.ArgumentTypeError(f"{text!r} is neither true nor false")
    return words[text.lower()]
