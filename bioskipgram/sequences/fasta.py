"""Sequence files -> `Sequences`: FASTA, GenBank and EMBL, plain or gzipped; the one reader.

::

    source.unpacked ─> text ─┬─ FASTA: here ──────────┬─> Reading ─> Sequences, block by block
                             └─ genbank.flat_records ─┘        └──> what was left out

It is strict or tolerant: without a list for bad records the first fault is raised; with one,
records that cannot be used are left out whole, and the list tells which, where and why.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from bioskipgram.errors import FastaError

from .alphabet import DNA, Alphabet
from .genbank import flat_records
from .headers import printable
from .reading import Reading
from .sequences import BadRecord, Sequences
from .source import NO_LIMITS, Limits, Source, name_of, unix, unpacked

_BLOCK = 1 << 20
"""Bytes of text that are unpacked and cut at once."""
_LONGEST_HEADER = 1 << 20


def read(
    source: Source,
    *,
    name: str | None = None,
    alphabet: Alphabet = DNA,
    limits: Limits = NO_LIMITS,
    bad: list[BadRecord] | None = None,
) -> Sequences:
    r"""Return the records of a file.

    Parameters
    ----------
    source
        A path, an open binary file (read from its position, not closed) or bytes.
    name
        The name in errors; by default the file's name, "the upload" for bytes.
    alphabet
        Which letters are allowed and what they become.
    limits
        The most to accept. Reading stops, before the memory is spent, at a file that holds more
        or that unpacks to far more text.
    bad
        A list to which each record that cannot be used is added, with its line and the reason;
        None = strict, the first fault is raised.

    Raises
    ------
    FastaError
        If the file cannot be opened, is none of the known formats, is damaged, holds more than
        is allowed or has no record that can be used; strict: if one cannot be used, because of a
        foreign letter, say.

    Examples
    --------
    >>> bad = []
    >>> read(b">good\nATGTAA\n>bad\nATG!\n", bad=bad).names, bad[0].name, bad[0].line
    (('good',), 'bad', 3)
    """
    reading = Reading(name or name_of(source), alphabet, limits, bad)
    for _ in parsed(source, reading):
        pass
    check_found(reading)
    return reading.block()


def stream(
    source: Source,
    *,
    name: str | None = None,
    alphabet: Alphabet = DNA,
    bad: list[BadRecord] | None = None,
    block_bases: int = 1 << 24,
    hashed: Any = None,
) -> Iterator[Sequences]:
    """Yield a file's records in blocks; one after another they are what `read` returns.

    A block has about `block_bases` bases and never splits a record, so memory is bounded by a few
    blocks or the longest record; `hashed`, a hashlib object, is fed the file's bytes. Errors are
    those of `read`, raised when the fault is reached.
    """
    if block_bases < 1:
        raise ValueError(f"block_bases must be at least 1, found {block_bases}")
    return _blocks(
        source, Reading(name or name_of(source), alphabet, NO_LIMITS, bad), block_bases, hashed
    )


def _blocks(source: Source, reading: Reading, block_bases: int, hashed: Any) -> Iterator[Sequences]:
    for _ in parsed(source, reading, hashed=hashed):
        if reading.ended and len(reading.codes) >= block_bases:
            yield reading.block()
    check_found(reading)
    if reading.ended:
        yield reading.block()


def check_found(reading: Reading) -> None:
    """Raise a FastaError if a file had no record that can be used."""
    if reading.used:
        return
    if reading.bad and reading.left_out:
        first = reading.bad[-reading.left_out]
        raise FastaError(
            f"{reading.name}: none of its {reading.records:,} records can be used; the first, in "
            f"line {first.line}: {first.reason}"
        )
    raise FastaError(
        f"{reading.name}: {reading.records:,} records, none with a {reading.alphabet.unit}; "
        "is it cut short?"
    )


def parsed(source: Source, reading: Reading, *, hashed: Any = None) -> Iterator[None]:
    """Pass a file's records to `reading`; yields often, so that blocks can be taken in between."""
    kind, chunks = unpacked(
        source, reading.name, block=_BLOCK, hashed=hashed, limits=reading.limits
    )
    yield from _fasta(chunks, reading) if kind == "fasta" else flat_records(chunks, kind, reading)


def text(source: Source, *, block: int = 1 << 21, hashed: Any = None) -> Iterator[bytes] | None:
    """Return the unchecked text of a FASTA file from its first header on; None for GenBank or EMBL.

    Chunks after the first have at most `block` bytes; `hashed`, a hashlib object, is fed the file's
    bytes.
    """
    kind, chunks = unpacked(source, name_of(source), block=block, hashed=hashed)
    return _from_first_header(chunks) if kind == "fasta" else None


def _from_first_header(chunks: Iterator[bytes]) -> Iterator[bytes]:
    for chunk in chunks:
        start = re.search(rb"(?:\A|[\r\n])>", chunk)
        if start:
            yield chunk[start.end() - 1 :]
            break
    yield from chunks


def _fasta(chunks: Iterable[bytes], reading: Reading) -> Iterator[None]:
    """Read FASTA text; yields after each record and each piece of a long one."""
    line = 0
    for lines in _whole_headers(chunks, reading.name):
        if b";" in lines and b"\n;" in lines:  # searching one byte is far quicker
            lines = _without_comments(lines)
        before, *records = _split(lines)
        reading.add(before, line)
        line += before.count(b"\n")
        for record in records:
            header, _, letters = record.partition(b"\n")
            reading.begin(printable(header), line)
            yield  # the record before has ended
            reading.add(letters, line + 1)
            line += record.count(b"\n")
    reading.end()
    yield


def _split(lines: bytes) -> list[bytes]:
    """Return the parts of a text between the '>' that begin a line."""
    parts = lines.split(b">")  # searching one byte is far quicker than two
    if all(part.endswith(b"\n") for part in parts[:-1]):
        return parts
    *parts, last = lines.split(b"\n>")
    return [*(part + b"\n" for part in parts), last]


def _without_comments(lines: bytes) -> bytes:
    """Return text with Pearson's ';' lines left empty; it starts with a line end."""
    text = np.frombuffer(lines, np.uint8)
    ends = np.flatnonzero(text == ord("\n"))
    comments = text[np.minimum(ends + 1, len(text) - 1)] == ord(";")
    gone = np.repeat(comments, np.diff(ends, append=len(text)))
    gone[ends] = False
    return bytes(text[~gone])


def _whole_headers(chunks: Iterable[bytes], name: str) -> Iterator[bytes]:
    """Yield text with line feeds only, after a first one; headers and comments stay whole."""
    rest = b"\n"
    for chunk in chunks:
        raw = rest + chunk
        end = len(raw) - (2 if raw.endswith(b"\r\n") else raw.endswith((b"\r", b"\n")))
        lines, tail = unix(raw[:end]), raw[end:]
        last = lines.rfind(b"\n")
        if lines[last + 1 : last + 2] in (b">", b";") and last >= 0:
            lines, tail = lines[:last], lines[last:] + tail
            if len(tail) > _LONGEST_HEADER:
                raise FastaError(
                    f"{name}: a header or comment of more than {_LONGEST_HEADER:,} characters; "
                    "is this a sequence file?"
                )
        yield lines
        rest = tail
    yield unix(rest)
