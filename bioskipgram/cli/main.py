"""The command line: which commands there are and what they take. `commands` does the work."""

import argparse
import contextlib
import os
import sys
from collections.abc import Sequence

from bioskipgram import __version__
from bioskipgram.errors import BioSkipGramError

from .clusters import add_clusters
from .genes import add_compare, add_embed, add_reference
from .models import add_balance, add_info, add_project
from .motifs import add_motifs
from .quality import add_quality, add_verify
from .sequences import add_index, add_where
from .similarity import add_compare_models, add_concatenation, add_neighbors
from .train import add_train
from .variants import add_variants


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return 0, 1 = a check failed, 2 = bad input or 130 = interrupted."""
    options = _parser().parse_args(arguments)
    try:
        code: int | None = options.command(options)
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
    return code or 0


def _complain(text: str) -> None:
    with contextlib.suppress(OSError):  # a log on a full disk
        print(f"bioskipgram: {text}", file=sys.stderr)  # noqa: T201


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="bioskipgram", description="Learn vectors for DNA k-mers by skip-gram; ask them."
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    subparsers = parser.add_subparsers(required=True, metavar="COMMAND")
    add_train(subparsers)
    add_neighbors(subparsers)
    add_compare_models(subparsers)
    add_concatenation(subparsers)
    add_project(subparsers)
    add_clusters(subparsers)
    add_balance(subparsers)
    add_info(subparsers)
    add_quality(subparsers)
    add_verify(subparsers)
    add_motifs(subparsers)
    add_variants(subparsers)
    add_index(subparsers)
    add_where(subparsers)
    add_embed(subparsers)
    add_compare(subparsers)
    add_reference(subparsers)
    return parser
