"""The command `stability`: how often neighbours come back in models of resampled sequences."""

import argparse
from typing import Any

from bioskipgram.errors import ConfigError

from .console import SafeStderr
from .output import print_values
from .parser import add_model, add_strict, command
from .train import read_sequences

MODELS = 8
"""Bootstraps; with eight the error of the chances was at most .031 (benchmarks/RESULTS.md)."""


def stability(options: argparse.Namespace) -> None:
    """Train the model again on resampled records and keep how often its neighbours come back."""
    from tqdm import tqdm

    from bioskipgram.model import beside, checkpoint
    from bioskipgram.model import stability as measured
    from bioskipgram.training import nulls

    if options.models < 1:
        raise ConfigError(f"models: {options.models} is below 1")
    embedding = checkpoint.load(options.model)
    config = embedding.info.config
    sequences = read_sequences(options.sequences, config, strict=options.strict)
    others = tqdm(
        nulls.bootstrapped(sequences, config, models=options.models),
        "training", options.models, unit="model", leave=False, file=SafeStderr(),
    )  # fmt: skip
    found = measured.stability(embedding, list(others))
    path = beside.remade(options.model, "stability", embedding.digest)
    measured.save(found, embedding.digest, path)
    values = {
        "stability": str(path),
        "models": found.models,
        "neighbors": found.tokens.shape[1],
        "mean_share": float(found.shares.mean()),
        "below_half": float((found.shares < 0.5).mean()),
    }
    print_values(values, as_json=options.json)


def add_stability(subparsers: Any) -> None:
    """Add the command `stability`."""
    text = (
        "Train a model again on records drawn with replacement, and keep beside it the chance of "
        "each of its k-mers' ten nearest neighbours to come back."
    )
    parser = command(subparsers, "stability", stability, text)
    add_model(parser)
    parser.add_argument("sequences", help="the sequences it was trained on")
    parser.add_argument("--models", type=int, default=MODELS, help="how many to train")
    add_strict(parser)
