"""The command line: the commands and their exit codes."""

import argparse
import contextlib
import os
import sys
from collections.abc import Collection, Sequence
from importlib import import_module

from bioskipgram import __version__
from bioskipgram.errors import BioSkipGramError, ConfigError, one_line, optional_packages

from .parser import Parser, add_command, add_run, grouped

_NEIGHBORS = (
    "The k-mers nearest to a k-mer, a pattern (IUPAC, or a /regex/: the mean of all that match), "
    "a sequence, or a sum of several; each with its relation to the nearest term."
)
COMMANDS = {
    "app": ("app", "Open the dashboard in the browser, on the models that ship or on those given."),
    "download-models": (
        "app",
        "Download the models of a release; a download that was interrupted is continued.",
    ),
    "train": ("train", "Learn vectors from FASTA, GenBank or EMBL files, plain or gzipped."),
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
    "why": (
        "why",
        "Why two k-mers (or, with --genes, two genes of a file) are alike: their cosine, split "
        "exactly into one part for each context (or each k-mer of the first gene).",
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
    "directions": (
        "directions",
        "The leading directions of a model, or a sparse dictionary of it: the k-mers at both ends, "
        "the property they follow, and the measure that changes most without each.",
    ),
    "null-map": (
        "null_map",
        "Train models on shuffled sequences, and keep beside the model which of its k-mers have "
        "contexts that the shuffles do not explain (q-values), with the vectors of one null.",
    ),
    "motifs": (
        "motifs",
        "Patterns and matrices: along sequences, among k-mers and clusters; the library.",
    ),
    "classify": (
        "classify",
        "Tell classes of sequences apart by their k-mers: what leaks first, then the scores beside "
        "what they must beat; predictions for records and along a genome.",
    ),
    "variants": (
        "variants",
        "What changes of coding sequences do: to the protein, and to the k-mers around them as a "
        "model sees it. The score is association of contexts, not pathogenicity. A coding sequence "
        "does not show exon ends, so that an effect on splicing cannot be seen.",
    ),
    "download-sequences": (
        "sequences",
        "Download all coding sequences of a species from NCBI or Ensembl, checked; what an "
        "interrupted download left is continued.",
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
    "annotate": (
        "annotate",
        "Domains (InterPro) and families of coding sequences, taken from their nearest reference "
        "genes. The reliability is the share of held-out genes for which such a label was right.",
    ),
    "reference": ("genes", "Count the k-mers of named genes: those that a model names as nearest."),
    "export": (
        "exchange",
        "Write a model as another program reads it: gensim (word2vec), TensorBoard (projector), "
        "Embedding Atlas (parquet), scanpy (h5ad), NumPy (npz).",
    ),
    "import": (
        "exchange",
        "Make a model of k-mer vectors that gensim, dna2vec, TensorBoard, scanpy or another "
        "program wrote; the format is told by what the file holds.",
    ),
    "report": (
        "report",
        "Write a model as one HTML file that needs no server: map, selection, clusters with "
        "logos, nulls, settings.",
    ),
    "figure": ("report", "Write a model's map as a figure of a journal's size: PNG, SVG or PDF."),
    "completion": ("main", "Print what makes a shell complete commands and options on Tab."),
}
"""Name -> the module whose ``add_<name>(parser)`` adds its options, and its help text.

Only the module of the command that is run is imported, so that modules may import what they need.
"""
GROUPS = {
    "the dashboard": ("app", "download-models", "completion"),
    "learn": ("download-sequences", "train", "balance"),
    "ask about k-mers": (
        "info",
        "neighbors",
        "similar",
        "why",
        "project",
        "clusters",
        "index",
        "where",
        "directions",
    ),
    "genes, motifs, variants": (
        "embed",
        "compare",
        "annotate",
        "reference",
        "motifs",
        "variants",
        "classify",
    ),
    "judge": ("quality", "verify", "stability", "null-map", "compare-models", "concatenation"),
    "other programs": ("report", "figure", "export", "import"),
}
"""The groups of the help, and their commands in order."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return 0, 1 = a check failed, 2 = bad input or 130 = interrupted."""
    given = sys.argv[1:] if arguments is None else arguments
    code: int | None = 0
    try:
        if any("\0" in text for text in given):
            raise ConfigError("an argument cannot hold a NUL character; leave it out")
        options = parser_of(given).parse_args(given)
        with optional_packages():
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
        return _ended(_MEMORY, 2)
    except ImportError as error:
        if "failed to map" not in str(error):  # a library that the memory did not suffice for
            raise
        return _ended(_MEMORY, 2)
    return code or 0


_MEMORY = "there is not enough memory for this; take a part of the input"


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
    wanted = next((text for text in arguments if not text.startswith("-")), "")
    return _parser([wanted])


def _parser(wanted: Collection[str]) -> Parser:
    """Return the parser of all commands, with the options of those that are wanted."""
    parser = Parser(
        prog="bioskipgram",
        usage="%(prog)s [-h] [--version] COMMAND …",
        description="Learn vectors for DNA k-mers by skip-gram; ask them.",
        epilog=grouped(GROUPS, {name: text for name, (_, text) in COMMANDS.items()}),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    # Its own list of commands knows no groups.
    subparsers = parser.add_subparsers(
        required=True, metavar="COMMAND", help=argparse.SUPPRESS, prog=parser.prog
    )
    for name, (module, text) in COMMANDS.items():
        made = add_command(subparsers, name, text)
        if name == "completion":
            add_completion(made)
        elif name in wanted:
            add = f"add_{name.replace('-', '_')}"
            getattr(import_module(f"{__package__}.{module}"), add)(made)
    return parser


def add_completion(parser: Parser) -> None:
    """Add the options of `completion`."""
    add_run(parser, completion, model=False, as_json=False)
    parser.add_argument("shell", choices=("bash", "zsh", "tcsh"))


def completion(options: argparse.Namespace) -> None:
    """Print the completion script of a shell."""
    import shtab

    parser = _parser(COMMANDS)
    for action in parser._actions:
        if action.choices:
            action.help = "commands"  # shtab leaves out what the help does
    print(shtab.complete(parser, options.shell))  # noqa: T201
