"""The sequences of a command: unusable records are left out and reported."""

import argparse
import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from bioskipgram.errors import FastaError
from bioskipgram.sequences import fasta
from bioskipgram.sequences.alphabet import Alphabet
from bioskipgram.sequences.sequences import BadRecord, Sequences

from .console import log

_MAX_TOLD = 20


def read_records(
    path: str | Path, alphabet: Alphabet, *, strict: bool = False, told: bool = False
) -> Sequences:
    """Return a file's records; unusable ones are left out and reported, or `told`."""
    bad: list[BadRecord] = []
    found = fasta.read(path, alphabet=alphabet, bad=None if strict else bad)
    tell_left_out(() if told else bad)
    return found


def read_blocks(
    options: argparse.Namespace, alphabet: Alphabet, *, block_bases: int, told: bool = False
) -> Iterator[Sequences]:
    """Yield the records of `options.sequences` in blocks; bad ones are left out and reported.

    `told`: they are reported elsewhere.
    """
    bad: list[BadRecord] | None = None if options.strict else []
    yield from fasta.stream(options.sequences, alphabet=alphabet, bad=bad, block_bases=block_bases)
    tell_left_out(() if told else bad or ())


def tell_left_out(bad: Sequence[BadRecord | str]) -> None:
    """Log which records were left out, the first of them one by one."""
    for one in bad[:_MAX_TOLD]:
        log(f"left out: {one}")
    if len(bad) > _MAX_TOLD:
        log(f"left out: {len(bad) - _MAX_TOLD:,} more records")


def file_sha256(path: str) -> str:
    """Return the SHA-256 of a file's bytes, in hexadecimal."""
    try:
        with Path(path).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise FastaError(f"{path}: it cannot be opened: {error.strerror}") from error
