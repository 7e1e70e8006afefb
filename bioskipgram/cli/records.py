"""The sequences of a command: unusable records are left out and reported."""

from pathlib import Path
from typing import TYPE_CHECKING

from .console import log

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bioskipgram.sequences.alphabet import Alphabet
    from bioskipgram.sequences.sequences import BadRecord, Sequences

_MAX_TOLD = 20


def read_records(path: str | Path, alphabet: "Alphabet", *, strict: bool = False) -> "Sequences":
    """Return a file's records; unusable ones are left out and reported."""
    from bioskipgram.sequences import fasta

    bad: list[BadRecord] = []
    found = fasta.read(path, alphabet=alphabet, bad=None if strict else bad)
    tell_left_out(bad)
    return found


def read_blocks(
    path: str | Path,
    alphabet: "Alphabet",
    *,
    block_bases: int,
    strict: bool = False,
    told: bool = False,
) -> "Iterator[Sequences]":
    """Yield a file's records in blocks; unusable ones are left out and reported.

    `told`: they are reported elsewhere.
    """
    from bioskipgram.sequences import fasta

    bad: list[BadRecord] = []
    yield from fasta.stream(
        path, alphabet=alphabet, bad=None if strict else bad, block_bases=block_bases
    )
    tell_left_out(() if told else bad)


def tell_left_out(bad: "Sequence[BadRecord]") -> None:
    """Log which records were left out, the first of them one by one."""
    for one in bad[:_MAX_TOLD]:
        log(f"left out: {one}")
    if len(bad) > _MAX_TOLD:
        log(f"left out: {len(bad) - _MAX_TOLD:,} more records")
