"""The commands about a model's sequences: index, where."""

import argparse
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from bioskipgram.errors import ConfigError

from .console import log
from .keep import keep_sequences
from .output import print_table, print_values
from .parser import add_model, add_strict, command
from .records import read_records, tell_left_out
from .train import file_sha256

if TYPE_CHECKING:
    from bioskipgram.kmers.tokenizer import KmerTokenizer
    from bioskipgram.sequences.sequences import BadRecord, Sequences


def index(options: argparse.Namespace) -> None:
    """Store the sequences beside the model, and print their path."""
    from bioskipgram.model import checkpoint

    embedding = checkpoint.load(options.model)
    sha256 = file_sha256(options.sequences)
    alphabet = embedding.info.config.alphabet
    bad: list[BadRecord] | None = None if options.strict else []
    path = keep_sequences(
        options.model, options.sequences, alphabet=alphabet, sha256=sha256, bad=bad
    )
    tell_left_out(bad or ())
    if sha256 != embedding.info.sha256:
        log(f"{options.sequences} is not the file that {options.model} was trained on")
    print_values({"index": str(path)}, as_json=options.json)


def where(options: argparse.Namespace) -> None:
    """Print the number of occurrences of a word in the sequences, and the first of them."""
    from bioskipgram.kmers.occurrences import hits, occurrences

    if options.n < 1:
        raise ConfigError(f"n: {options.n} is below 1")
    tokenizer = _tokenizer(options.model)
    sequences = _sequences(options, tokenizer)
    found = occurrences(sequences, tokenizer, options.kmer, most=options.n)
    rows = [asdict(hit) for hit in hits(sequences, found)]
    strands = found.totals.sum(axis=1).tolist()
    facts: dict[str, Any] = {
        "total": found.total, "records": found.record_total, "plus": strands[0],
        "minus": strands[1], "frames": found.totals.sum(axis=0).tolist(),
    }  # fmt: skip
    if options.json:
        print_values({**facts, "places": rows}, as_json=True)
        return
    print_values({**facts, "of records": len(sequences)}, as_json=False)
    if rows:
        # Printed positions count from 1.
        print_table([{**row, "position": row["position"] + 1} for row in rows], as_json=False)


def _tokenizer(model: str) -> "KmerTokenizer":
    """Return a model's tokenizer, or that of all k-mers of DNA of a length."""
    from bioskipgram.kmers.tokenizer import MAX_K, KmerTokenizer

    if model.isdecimal():
        return KmerTokenizer(int(model[: len(str(MAX_K)) + 1]))
    from bioskipgram.model import checkpoint

    return checkpoint.load(model).vocabulary.tokenizer


def _sequences(options: argparse.Namespace, tokenizer: "KmerTokenizer") -> "Sequences":
    from bioskipgram.model import beside
    from bioskipgram.sequences import packed

    if options.sequences:
        return read_records(options.sequences, tokenizer.alphabet, strict=options.strict)
    if options.model.isdecimal():
        raise ConfigError("sequences: a length has none kept beside it; give their file")
    path = beside.sequences(options.model)
    if not path.exists():
        raise ConfigError(
            f"sequences: none are kept beside {options.model}; give their file, or keep them "
            f"with: bioskipgram index {options.model} FILE"
        )
    return packed.load(path).sequences


def add_index(subparsers: Any) -> None:
    """Add the command `index`."""
    text = "Keep sequences beside a model, packed, so that its k-mers can be traced to them."
    parser = command(subparsers, "index", index, text)
    add_model(parser)
    parser.add_argument("sequences", help="the file of sequences")
    add_strict(parser)


def add_where(subparsers: Any) -> None:
    """Add the command `where`."""
    text = "Where a k-mer or any other word stands in sequences: records, strands and frames."
    parser = command(subparsers, "where", where, text)
    parser.add_argument("model", help="a model file (.safetensors), or a length k for DNA")
    parser.add_argument("kmer", help="the word, of any length")
    parser.add_argument(
        "sequences", nargs="?", help="the file of sequences; without it, those kept by index"
    )
    add_strict(parser)
    parser.add_argument("-n", type=int, default=20, help="how many places to list")
