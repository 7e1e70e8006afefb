"""Adding commands, and the options they share."""

import argparse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from bioskipgram.errors import ConfigError
from bioskipgram.model.shipped import model_path
from bioskipgram.option import Config

C = TypeVar("C", bound=Config)


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


def add_command(subparsers: Any, name: str, text: str) -> Parser:
    """Add a command with its help text, and return its parser."""
    formatter = argparse.ArgumentDefaultsHelpFormatter
    made: Parser = subparsers.add_parser(
        name, help=text, description=text, formatter_class=formatter
    )
    return made


def grouped(groups: Mapping[str, Sequence[str]], texts: Mapping[str, str]) -> str:
    """Return the list of commands by group, each with its help text."""
    import shutil
    import textwrap

    indent = max(map(len, texts)) + 4
    width = max(indent + 20, shutil.get_terminal_size().columns - 2)
    lines = []
    for title, names in groups.items():
        lines += [f"{title}:"]
        for name in names:
            start = f"  {name:{indent - 2}}"
            text = textwrap.wrap(
                texts[name], width, initial_indent=start, subsequent_indent=" " * indent
            )
            lines += text
        lines.append("")
    return "\n".join([*lines, "COMMAND --help lists the settings of a command."])


def add_run(
    parser: Parser,
    run: Callable[[argparse.Namespace], int | None],
    *,
    model: bool = True,
    as_json: bool = True,
) -> None:
    """Say which function runs a command; add the option for JSON and the model file."""
    parser.set_defaults(command=run)
    if as_json:
        parser.add_argument("--json", action="store_true", help="print JSON")
    if model:
        parser.add_argument("model", type=model_path, help="a model file, or a model's name")


def add_sequences(parser: Parser, text: str, *, optional: bool = False) -> None:
    """Add the argument that names a file of sequences, and `--strict`."""
    parser.add_argument("sequences", nargs="?" if optional else None, help=text)
    add_strict(parser)


def add_files(parser: Parser, nargs: str = "+") -> None:
    """Add the argument that names the files to train on, and `--strict`."""
    text = "files of sequences to train on, or quoted shell patterns: 'cds/*.fa.gz'"
    parser.add_argument("sequences", nargs=nargs, help=text)
    add_strict(parser)


def add_strict(parser: Parser) -> None:
    """Add the option that makes a bad record an error."""
    parser.add_argument(
        "--strict", action="store_true",
        help="stop at the first record that cannot be used, instead of leaving it out",
    )  # fmt: skip


class _AtLeastOne(argparse.Action):
    """Refuses a number below 1."""

    def __call__(self, parser: object, options: Any, value: Any, *_: object) -> None:
        if value < 1:
            raise ConfigError(f"{self.dest}: {value} is below 1")
        setattr(options, self.dest, value)


def add_number(parser: Parser, name: str, default: int, text: str) -> None:
    """Add an option that takes a number of 1 or more."""
    parser.add_argument(name, type=int, action=_AtLeastOne, default=default, help=text)


def add_rows(parser: Parser, default: int) -> None:
    """Add the option for the most rows of a table."""
    parser.add_argument("-n", type=int, default=default, help="most rows; 0 = all")


def add_config(parser: Parser, config: type[Config], title: str) -> None:
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


def config_of(options: argparse.Namespace, config: type[C]) -> C:
    """Return the configuration that the options describe."""
    names = [spec.name for spec in fields(config)]  # type: ignore[arg-type]
    return config.from_dict({name: getattr(options, name) for name in names})


def _present(aliases: dict[str, str], text: str) -> str:
    """Return the present name of a choice given by an older one."""
    return aliases.get(text, text)


def flag(text: str) -> bool:
    """Return the truth value of a word."""
    words = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
    if text.lower() not in words:
        raise argparse.ArgumentTypeError(f"{text!r} is neither true nor false")
    return words[text.lower()]


def add_status(parser: Parser) -> None:
    """Add the option that names the status file of a job in the background."""
    parser.add_argument(
        "--status", type=Path, metavar="FILE",
        help="tell in a file how far it is, run at low priority, and wait while another does so",
    )  # fmt: skip
