"""The command line: the commands and their exit codes."""

import contextlib
import os
import sys
from collections.abc import Sequence

from bioskipgram import __version__
from bioskipgram.errors import BioSkipGramError, ConfigError, one_line

from . import (
    clusters,
    compare,
    genes,
    models,
    motifs,
    quality,
    sequences,
    similarity,
    stability,
    train,
    variants,
)
from .parser import Parser

ADDERS = (
    train.add_train,
    similarity.add_neighbors,
    similarity.add_compare_models,
    similarity.add_concatenation,
    models.add_project,
    clusters.add_clusters,
    models.add_balance,
    models.add_info,
    quality.add_quality,
    quality.add_verify,
    stability.add_stability,
    motifs.add_motifs,
    variants.add_variants,
    sequences.add_index,
    sequences.add_where,
    genes.add_embed,
    compare.add_compare,
    genes.add_reference,
)
"""Functions that add the commands, in the order of the help."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return 0, 1 = a check failed, 2 = bad input or 130 = interrupted."""
    given = sys.argv[1:] if arguments is None else arguments
    code: int | None = 0
    try:
        _check(given)
        options = _parser().parse_args(given)
        code = options.command(options)
        print(end="", flush=True)  # noqa: T201 - here, where a closed pipe is caught
    except BioSkipGramError as error:
        return _ended(str(error), 2)
    except KeyboardInterrupt:
        return _ended("interrupted", 130)
    except BrokenPipeError:  # the reader (head, less) has closed the pipe
        _drop_output()
    except OSError as error:  # a path that is too long, a full disk behind standard output
        _drop_output()
        where = "" if error.filename is None else f"{error.filename}: "
        return _ended(one_line(f"{where}{error.strerror or error}"), 2)
    except MemoryError:
        return _ended("there is not enough memory for this; take a part of the input", 2)
    return code or 0


def _check(arguments: Sequence[str]) -> None:
    for text in arguments:
        if "\0" in text:
            raise ConfigError(f"{text!r}: an argument cannot hold a NUL character; leave it out")


def _ended(text: str, code: int) -> int:
    """Print in one line why the command ended, and return the exit code."""
    with contextlib.suppress(OSError):  # a log on a full disk
        print(f"bioskipgram: {text}", file=sys.stderr)  # noqa: T201
    return code


def _drop_output() -> None:
    """Discard the rest of the output, which Python would flush again at exit."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _parser() -> Parser:
    parser = Parser(
        prog="bioskipgram", description="Learn vectors for DNA k-mers by skip-gram; ask them."
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    subparsers = parser.add_subparsers(required=True, metavar="COMMAND")
    for add in ADDERS:
        add(subparsers)
    return parser
