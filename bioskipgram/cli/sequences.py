"""The commands about a model's sequences: index, where."""

import argparse
from dataclasses import asdict
from typing import Any

from bioskipgram.errors import ConfigError
from bioskipgram.kmers.occurrences import hits, occurrences
from bioskipgram.kmers.tokenizer import MAX_K, KmerTokenizer
from bioskipgram.model import beside, checkpoint
from bioskipgram.sequences import packed
from bioskipgram.sequences.sequences import Sequences

from .console import log
from .files import Files
from .keep import keep_sequences
from .output import print_table, print_values
from .parser import Parser, add_files, add_number, add_run, add_sequences
from .records import read_records


def index(options: argparse.Namespace) -> None:
    """Store the sequences beside the model, and print their path."""
    embedding = checkpoint.load(options.model)
    files, alphabet = Files.named(options.sequences), embedding.info.config.alphabet
    path, sha256 = keep_sequences(options.model, files, alphabet=alphabet, strict=options.strict)
    if sha256 != embedding.info.sha256:
        log(f"{files.title} is not what {options.model} was trained on")
    print_values({"index": str(path)}, as_json=options.json)


def where(options: argparse.Namespace) -> None:
    """Print the number of occurrences of a word in the sequences, and the first of them."""
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


def _tokenizer(model: str) -> KmerTokenizer:
    """Return a model's tokenizer, or that of all k-mers of DNA of a length."""
    if model.isdecimal():
        return KmerTokenizer(int(model[: len(str(MAX_K)) + 1]))
    return checkpoint.load(model).vocabulary.tokenizer


def _sequences(options: argparse.Namespace, tokenizer: KmerTokenizer) -> Sequences:
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


def add_index(parser: Parser) -> None:
    """Add the options of `index`."""
    add_run(parser, index)
    add_files(parser)


def add_where(parser: Parser) -> None:
    """Add the options of `where`."""
    add_run(parser, where, model=False)
    parser.add_argument("model", help="a model file (.safetensors), or a length k for DNA")
    parser.add_argument("kmer", help="the word, of any length")
    text = "the file of sequences; without it, those kept by index"
    add_sequences(parser, text, optional=True)
    add_number(parser, "-n", 20, "how many places to list")
