"""What the commands share: settings out of options, values and tables on the screen."""

import argparse
import json
from dataclasses import fields
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from bioskipgram.config import Config

if TYPE_CHECKING:
    from bioskipgram.model.embedding import KmerEmbedding


C = TypeVar("C", bound=Config)


def config_of(options: argparse.Namespace, config: type[C]) -> C:
    """Return the configuration that the options describe."""
    names = [spec.name for spec in fields(config)]  # type: ignore[arg-type]
    return config.from_dict({name: getattr(options, name) for name in names})


def print_values(values: dict[str, Any], *, as_json: bool) -> None:
    """Print named values, a line each."""
    if as_json:
        print(json.dumps(values))  # noqa: T201
        return
    for name, value in values.items():
        print(f"{name:16} {_cell(value)}")  # noqa: T201


def print_table(rows: list[dict[str, Any]], *, as_json: bool) -> None:
    """Print rows under the names of their columns."""
    if as_json:
        print(json.dumps(rows))  # noqa: T201
        return
    table = [list(rows[0])] + [[_cell(value) for value in row.values()] for row in rows]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for line in table:
        print("  ".join(c.ljust(w) for c, w in zip(line, widths, strict=True)).rstrip())  # noqa: T201


def _cell(value: Any) -> str:
    if value is None:
        return "-"
    return f"{value:.4f}" if isinstance(value, float) else str(value)


def print_info(embedding: "KmerEmbedding", *, as_json: bool) -> None:
    """Print a model's settings and history."""
    info = embedding.info
    values: dict[str, Any] = {"kmers": len(embedding), "digest": embedding.digest, "gap": info.gap}
    values |= info.to_dict()
    if not as_json:
        config = values.pop("config")
        values.pop("losses")
        values |= {"settings": ", ".join(f"{name}={value}" for name, value in config.items())}
    print_values(values, as_json=as_json)


def command(subparsers: Any, name: str, run: Any, text: str) -> argparse.ArgumentParser:
    """Add one command with its help text."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        name, help=text, description=text, formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    parser.set_defaults(command=run)
    return parser


def add_model(parser: argparse.ArgumentParser) -> None:
    """Add the argument that names the model file."""
    parser.add_argument("model", type=Path, help="a model file (.safetensors)")


def add_config(parser: argparse.ArgumentParser, config: type[Config], title: str) -> None:
    """Give the parser one option per field of a configuration."""
    group = parser.add_argument_group(title)
    for spec in fields(config):  # type: ignore[arg-type]
        kind = flag if isinstance(spec.default, bool) else type(spec.default)
        aliases = spec.metadata["aliases"]
        group.add_argument(
            f"--{spec.name.replace('_', '-')}",
            type=partial(_present, aliases) if aliases else kind,
            default=spec.default,
            choices=spec.metadata["choices"] or None,
            metavar=None if spec.metadata["choices"] else "N",
            help=spec.metadata["help"].replace("%", "%%"),
            nargs="?" if kind is flag else None,
            const=True if kind is flag else None,
        )


def _present(aliases: dict[str, str], text: str) -> str:
    """Return the present name of a choice given by an older one."""
    return aliases.get(text, text)


def flag(text: str) -> bool:
    """Add an option that is on or off."""
    words = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
    if text.lower() not in words:
        raise argparse.ArgumentTypeError(f"{text!r} is neither true nor false")
    return words[text.lower()]
