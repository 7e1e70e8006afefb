"""The command line: the commands and their exit codes."""

import contextlib
import os
import sys
from collections.abc import Sequence
from importlib import import_module

from bioskipgram import __version__
from bioskipgram.errors import BioSkipGramError, ConfigError, one_line

from .parser import Parser, add_command

_NEIGHBORS = (
    "The k-mers nearest to a k-mer, a pattern (IUPAC, or a /regex/: the mean of all that match), "
    "a sequence, or a sum of several; each with its relation to the nearest term."
)
COMMANDS = {
    "train": ("train", "Learn vectors from a FASTA, GenBank or EMBL file, plain or gzipped."),
    "neighbors": ("similarity", _NEIGHBORS),
    "similar": ("similarity", f"{_NEIGHBORS} The same as neighbors --sum."),
    "compare-models": (
        "similarity",
        "How far two models agree on the k-mers both know: the residual of the best rotation and "
        "the neighbours they share, beside what chance gives.",
    ),
    "concatenation": (
        "similarity",
        "How often the sum of two words' vectors is near the word that joins them (Ng 2017), "
        "beside a partner from another pair and shuffled vectors.",
    ),
    "project": (
        "models",
        "Lay a model's k-mers out as a map and cluster them; both are kept beside the model.",
    ),
    "clusters": (
        "models",
        "The clusters of a model: each named by the pattern that tells its members best from "
        "others, or else by a property, beside the share of the members that the name fits.",
    ),
    "balance": (
        "models",
        "Give an older model the vectors that repeat from seed to seed: those of the singular "
        "value decomposition of center times context. The loss stays; models trained with this "
        "version have them already.",
    ),
    "info": ("models", "What a model is and what it was trained on."),
    "quality": (
        "quality",
        "Measure a model, each number beside its nulls. With the training sequences, the same "
        "settings are trained again from other seeds and on shuffled sequences.",
    ),
    "verify": (
        "quality",
        "Recompute every number that is printed of the models in a folder; exit 1 on drift, "
        "naming it. Without sequences, what needs none is checked.",
    ),
    "stability": (
        "quality",
        "Train a model again on records drawn with replacement, and keep beside it the chance of "
        "each of its k-mers' ten nearest neighbours to come back.",
    ),
    "motifs": (
        "motifs",
        "Patterns and matrices: along sequences, among k-mers and clusters; the library.",
    ),
    "variants": (
        "variants",
        "What changes of coding sequences do: to the protein, and to the k-mers around them as a "
        "model sees it. The score is association of contexts, not pathogenicity. A coding sequence "
        "does not show exon ends, so that an effect on splicing cannot be seen.",
    ),
    "index": (
        "sequences",
        "Keep sequences beside a model, packed, so that its k-mers can be traced to them.",
    ),
    "where": (
        "sequences",
        "Where a k-mer or any other word stands in sequences: records, strands and frames.",
    ),
    "embed": (
        "genes",
        "One vector for each record of a file, as TSV, npz or h5ad. The reference genes beside "
        "the model say what all genes share; Ctrl-C keeps the records done so far.",
    ),
    "compare": (
        "compare",
        "The reference genes nearest to each record, and the records' distances and tree.",
    ),
    "reference": ("genes", "Count the k-mers of named genes: those that a model names as nearest."),
}
"""Name -> the module whose ``add_<name>(parser)`` adds its options, and its help text.

Only the module of the command that is run is imported, so that modules may import what they need.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return 0, 1 = a check failed, 2 = bad input or 130 = interrupted."""
    given = sys.argv[1:] if arguments is None else arguments
    code: int | None = 0
    try:
        if any("\0" in text for text in given):
            raise ConfigError("an argument cannot hold a NUL character; leave it out")
        options = parser_of(given).parse_args(given)
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


def _ended(text: str, code: int) -> int:
    """Print in one line why the command ended, and return the exit code."""
    with contextlib.suppress(OSError):  # a log on a full disk
        print(f"bioskipgram: {text}", file=sys.stderr)  # noqa: T201
    return code


def _drop_output() -> None:
    """Discard the rest of the output, which Python would flush again at exit."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def parser_of(arguments: Sequence[str]) -> Parser:
    """Return the parser of all commands, with the options of the one that is named."""
    parser = Parser(
        prog="bioskipgram", description="Learn vectors for DNA k-mers by skip-gram; ask them."
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    subparsers = parser.add_subparsers(required=True, metavar="COMMAND")
    wanted = next((text for text in arguments if not text.startswith("-")), "")
    for name, (module, text) in COMMANDS.items():
        made = add_command(subparsers, name, text)
        if name == wanted:
            add = f"add_{name.replace('-', '_')}"
            getattr(import_module(f"{__package__}.{module}"), add)(made)
    return parser
