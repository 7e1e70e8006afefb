"""The command `train`: its options; the training itself is in `session`, which imports torch."""

import argparse
from pathlib import Path

from bioskipgram.config import SAVE_EVERY, TrainConfig
from bioskipgram.errors import ConfigError

from .files import Files
from .output import print_values
from .parser import Parser, add_config, add_files, add_run, config_of
from .stop import StopRequest


def train(options: argparse.Namespace) -> None:
    """Train, save the model, and print its history."""
    config = config_of(options, TrainConfig)
    options.files = Files.named(options.sequences)
    options.title = options.title or options.files.title
    if options.estimate:
        _print_estimate(options, config)
        return
    if not (options.out or options.run):
        raise ConfigError("out: give --out FILE or --run DIR, so that the model has a place")
    stop = StopRequest()  # before torch, whose import takes a second
    from .session import run

    run(options, config, stop)


def _print_estimate(options: argparse.Namespace, config: TrainConfig) -> None:
    from bioskipgram.training.estimate import estimate
    from bioskipgram.training.memory import check_memory

    found = estimate(options.files.paths, config)
    print_values(found.rows(), as_json=options.json)
    check_memory(config, found.bases)


def add_train(parser: Parser) -> None:
    """Add the options of `train`."""
    add_run(parser, train, model=False)
    add_files(parser)
    parser.add_argument("--out", type=Path, help="where to write the model (.safetensors)")
    parser.add_argument("--run", type=Path, help="a folder to record the run in, with its model")
    parser.add_argument(
        "--queue", action="store_true", help="with --run: wait while as many other runs are at work"
    )
    parser.add_argument("--title", default="", help="what to call the sequences")
    parser.add_argument("--half", action="store_true", help="store the vectors as float16")
    parser.add_argument(
        "--layouts", action="store_true", help="also lay out the map (PCA, t-SNE) and find clusters"
    )
    parser.add_argument(
        "--resume", action="store_true",
        help="go on from the state that an unfinished run left beside its model",
    )  # fmt: skip
    parser.add_argument(
        "--save-every", type=_seconds, default=SAVE_EVERY, metavar="SECONDS",
        help="how often to save the state that --resume goes on from",
    )  # fmt: skip
    parser.add_argument(
        "--index", action="store_true",
        help="also keep the sequences beside the model, so that k-mers can be traced to them",
    )  # fmt: skip
    parser.add_argument(
        "--estimate", action="store_true", help="print the memory and the time needed; do not train"
    )
    add_config(parser, TrainConfig, "settings")


def _seconds(text: str) -> float:
    if not (value := float(text)) >= 0:
        raise argparse.ArgumentTypeError(f"{text!r} is not 0 or more seconds")
    return value
