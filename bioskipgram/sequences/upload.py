"""Uploads -> the records that can be used, and a list of those that cannot.

Nothing is guessed: a record with one foreign letter is left out whole and listed with its line and
the reason; so is a file that cannot be read.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from bioskipgram.errors import FastaError
from bioskipgram.numerics.arrays import Tokens, checked

from .alphabet import DNA, Alphabet
from .fasta import parsed
from .reading import Reading
from .sequences import BadRecord as BadRecord
from .sequences import Sequences, joined
from .source import Limits as Limits

PASTED = "pasted text"
LIMITS = Limits()
"""What a page accepts."""


@dataclass(frozen=True)
class Records:
    """The good records of some files, the file each comes from (int32[R]), and the bad ones."""

    sequences: Sequences
    files: tuple[str, ...]
    file_of: Tokens
    bad: tuple[BadRecord, ...]

    def __post_init__(self) -> None:
        shape = (len(self.sequences),)
        object.__setattr__(self, "file_of", checked(self.file_of, "file_of", np.int32, shape))

    def __len__(self) -> int:
        return len(self.sequences)


def read_all(
    files: Sequence[tuple[str, bytes]], *, alphabet: Alphabet = DNA, limits: Limits = LIMITS
) -> Records:
    r"""Return the good records of some files, FASTA, GenBank or EMBL, plain or gzipped.

    A file named `PASTED` may hold bare letters without a header; a file beyond the limits is left
    out whole.

    Examples
    --------
    >>> found = read_all([("my.fa", b">good\nATGTAA\n>bad\nMKLV\n")])
    >>> found.sequences.names, found.bad[0].name, found.bad[0].line
    (('good',), 'bad', 3)
    """
    blocks: list[Sequences] = []
    bad: list[BadRecord] = []
    left = limits
    for name, data in files:
        listed = len(bad)
        try:
            reading = _read(name, data, alphabet, left, bad)
        except FastaError as error:
            del bad[listed:]
            bad.append(_refused(name, str(error)))
            blocks.append(joined([], alphabet))
            continue
        blocks.append(reading.block())
        left = replace(
            left, bases=left.bases - reading.used, records=left.records - len(blocks[-1])
        )
    sizes = [len(block) for block in blocks]
    return Records(
        joined(blocks, alphabet),
        tuple(name for name, _ in files),
        np.repeat(np.arange(len(files), dtype=np.int32), sizes),
        tuple(bad),
    )


def _read(
    name: str, data: bytes, alphabet: Alphabet, limits: Limits, bad: list[BadRecord]
) -> Reading:
    """Return what was read of one file; it may hold nothing that can be used."""
    if name == PASTED and not re.search(rb"^\s*(>|LOCUS |ID   )", data, re.MULTILINE):
        data = b">pasted\n" + data
    reading = Reading(name, alphabet, limits, bad)
    for _ in parsed(data, reading):
        pass
    return reading


def _refused(name: str, sentence: str) -> BadRecord:
    """Return a `BadRecord` for a file that cannot be read, with the line of the fault."""
    found = re.fullmatch(r"(?:, line (\d+))?: (.*)", sentence.removeprefix(name), re.DOTALL)
    line, reason = found.groups() if found else (None, sentence)
    return BadRecord(name, "", int(line or 0), reason)
