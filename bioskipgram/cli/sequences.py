"""The commands about sequences: index, where, download-sequences."""

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bioskipgram.errors import ConfigError
from bioskipgram.kmers.occurrences import hits, occurrences
from bioskipgram.kmers.tokenizer import MAX_K, KmerTokenizer
from bioskipgram.model import beside, checkpoint
from bioskipgram.sequences import packed
from bioskipgram.sequences.download import DIVISIONS
from bioskipgram.sequences.sequences import Sequences

from .console import bar, log
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


def download_sequences(options: argparse.Namespace) -> None:
    """Download the coding sequences of a species, and print where they are."""
    from bioskipgram.sequences import download

    base = options.address.rstrip("/")
    if options.source == "ncbi":
        remote = download.ncbi(options.species, base=base)
    else:
        remote = download.ensembl(
            options.species, release=options.release, division=options.division, base=base
        )
    log(f"{remote.about}: {remote.address}")
    with bar(desc=remote.name, unit="B", unit_scale=True) as drawn:

        def draw(done: int, size: int) -> None:
            drawn.total = size
            drawn.update(done - drawn.n)

        path = download.download(remote, options.folder, draw)
    values = {"file": str(path), "bytes": path.stat().st_size, "source": remote.about}
    values |= {"address": remote.address, "checksum": remote.checksum}
    print_values(values, as_json=options.json)


def add_download_sequences(parser: Parser) -> None:
    """Add the options of `download-sequences`."""
    add_run(parser, download_sequences, model=False)
    parser.add_argument("source", choices=("ncbi", "ensembl"), help="whose coding sequences")
    parser.add_argument(
        "species", help="ensembl: homo_sapiens; ncbi: human, a taxonomy number or GCF_000001405.40"
    )
    parser.add_argument("--folder", type=Path, default=Path(), help="where to put the file")
    parser.add_argument("--release", type=int, default=0, help="of Ensembl; 0 = the newest")
    parser.add_argument(
        "--division", choices=DIVISIONS, default=DIVISIONS[0], help="which part of Ensembl"
    )
    parser.add_argument(
        "--from", dest="address", default="", metavar="URL", help="a mirror to use instead"
    )


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
