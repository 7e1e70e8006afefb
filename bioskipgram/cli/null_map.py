"""The command `null-map`: which k-mers a model knows beyond shuffled sequences."""

import argparse

from bioskipgram.errors import ConfigError
from bioskipgram.model import beside, checkpoint
from bioskipgram.model import beyond as measured
from bioskipgram.model.word_vectors import check_trained_here

from .console import bar
from .files import Files
from .output import print_values
from .parser import Parser, add_files, add_run

MODELS = 5


def null_map(options: argparse.Namespace) -> None:
    """Train models on shuffled sequences and keep which k-mers stand out from them."""
    from bioskipgram.training import nulls

    if options.models < measured.FEWEST:
        raise ConfigError(f"models: {options.models} is below {measured.FEWEST}")
    embedding = checkpoint.load(options.model)
    check_trained_here(embedding)
    config = embedding.info.config
    kind = options.kind or nulls.kinds(config)[-1]
    sequences = Files.named(options.sequences).to_train(config, strict=options.strict)
    made = nulls.shuffled_models(sequences, config, kind, models=options.models)
    others = bar(made, options.models, desc="training", unit="model", leave=False)
    found = measured.beyond(embedding, list(others), kind)
    path = beside.beyond(options.model, embedding.digest)
    measured.save(found, embedding.digest, path)
    values = {
        "null_map": str(path), "kind": kind, "models": found.models,
        "mean_excess": float(found.excess.mean()), "lit": len(found.lit),
        "of": len(embedding), "greatest": embedding.vocabulary.spell(found.lit[:10]),
    }  # fmt: skip
    print_values(values, as_json=options.json)


def add_null_map(parser: Parser) -> None:
    """Add the options of `null-map`."""
    add_run(parser, null_map)
    add_files(parser)
    parser.add_argument("--models", type=int, default=MODELS, help="how many nulls to train")
    parser.add_argument(
        "--kind", default="",
        choices=("", "bases shuffled", "codons shuffled", "dinucleotides shuffled"),
        help="how to shuffle; by default the strictest that fits the model's settings",
    )  # fmt: skip
