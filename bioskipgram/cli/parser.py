"""Adding commands, and the options they share."""

import argparse
from collections.abc import Callable, Sequence
from dataclasses import fields
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from bioskipgram.option import Config

C = TypeVar("C", bound=Config)


def config_of(options: argparse.Namespace, config: type[C]) -> C:
    """Return the configuration that the options describe."""
    names = [spec.name for spec in fields(config)]  # type: ignore[arg-type]
    return config.from_dict({name: getattr(options, name) for name in names})


class Parser(argparse.ArgumentParser):
    """Takes options and positional arguments in any order."""

    _simple = False
    """Whether to parse as argparse does: for a parser of commands, or in the second pass."""

    def add_subparsers(self, **settings: Any) -> Any:
        """Add commands, which are parsers of this class too."""
        self._simple = True
        return super().add_subparsers(**settings)

    def parse_known_args(  # type: ignore[override]
        self, args: Sequence[str] | None = None, namespace: Any = None
    ) -> tuple[argparse.Namespace, list[str]]:
        """Return the options, and the unknown arguments."""
        if self._simple:
            return super().parse_known_args(args, namespace)
        self._simple = True
        try:
            return self.parse_known_intermixed_args(args, namespace)
        finally:
            self._simple = False


def command(
    subparsers: Any,
    name: str,
    run: Callable[[argparse.Namespace], int | None],
    text: str,
    *,
    as_json: bool = True,
) -> argparse.ArgumentParser:
    """Add a command with its help text and, `as_json`, the option for JSON."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        name, help=text, description=text,
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )  # fmt: skip
    parser.set_defaults(command=run)
    if as_json:
        parser.add_argument("--json", action="store_true", help="print JSON")
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
    """Return the truth value of a word."""
    words = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
    if text.lower() not in words:
        raise argparse.ArgumentTypeError(f"{text!r} is neither true nor false")
    return words[text.lower()]


def count(text: str) -> int:
    """Return a number of 1 or more."""
    if (value := int(text)) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not 1 or more")
    return value


def add_strict(parser: argparse.ArgumentParser) -> None:
    """Add the option that makes a bad record an error."""
    parser.add_argument(
        "--strict", action="store_true",
        help="stop at the first record that cannot be used, instead of leaving it out",
    )  # fmt: skip
