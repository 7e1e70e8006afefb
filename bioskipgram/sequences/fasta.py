"""Sequence files -> `Sequences`: FASTA, plain or gzipped, GenBank and EMBL.

::

    source.unpacked ─> text ─┬─────────────────────────┬─> _fasta ─> Sequences, block by block
                             └─ flatfiles.flat_records ┘
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate, chain
from typing import Any

import numpy as np

from bioskipgram.arrays import Offsets
from bioskipgram.errors import FastaError

from .alphabet import DNA, INVALID, Alphabet
from .genbank import flat_records
from .sequences import Sequences
from .source import CHUNK, Source, name_of, unix, unpacked

_WHITESPACE = b" \t\r\n\v\f"
_PROTEIN = b"EFILPQZJO*efilpqzjo"
_NUCLEOTIDES = 0.95
"""A file of protein has fewer of its known letters among A, C, G, T and N than this share."""
_FEWEST = 20
"""Known letters below which that share says nothing."""


def read(
    source: Source,
    *,
    name: str | None = None,
    alphabet: Alphabet = DNA,
    max_bases: int | None = None,
    max_records: int | None = None,
) -> Sequences:
    """Return every record of a file.

    Parameters
    ----------
    source
        A path, an open binary file (read from where it stands, not closed) or bytes.
    name
        What errors call it; by default the file's name, "the upload" for bytes.
    alphabet
        Which letters are allowed and what they become.
    max_bases, max_records
        The most to accept; give both for what strangers upload. Reading stops, before the
        memory is spent, at a file that holds more or that unpacks to far more text.

    Raises
    ------
    FastaError
        If the file cannot be opened, is none of the known formats, is damaged, holds a
        foreign letter or more than is allowed, has no base at all, or is plainly DNA where
        protein is wanted.
    """
    reading = _Reading(name or name_of(source), alphabet, 1 << 20, max_bases, max_records)
    blocks = list(_blocks(source, reading))
    return Sequences(
        tuple(chain.from_iterable(block.names for block in blocks)),
        tuple(chain.from_iterable(block.descriptions for block in blocks)),
        np.concatenate([block.codes for block in blocks]),
        _offsets(chain.from_iterable(block.lengths.tolist() for block in blocks)),
        alphabet,
    )


def stream(
    source: Source,
    *,
    name: str | None = None,
    alphabet: Alphabet = DNA,
    block_bases: int = 1 << 24,
    hashed: Any = None,
) -> Iterator[Sequences]:
    """Yield a file's records in blocks; one after another they are what `read` returns.

    Parameters
    ----------
    source, name, alphabet
        As for `read`.
    block_bases
        About how many bases a block has. A record is never split: memory is bounded by a
        few times this or the longest record, whatever the file's size.
    hashed
        A hashlib object that is fed the file's bytes as they are read.

    Raises
    ------
    FastaError
        As for `read`, when the faulty place is reached.
    ValueError
        If `block_bases` is below 1.
    """
    if block_bases < 1:
        raise ValueError(f"block_bases must be at least 1, found {block_bases}")
    return _blocks(source, _Reading(name or name_of(source), alphabet, block_bases), hashed)


def text(
    source: Source,
    *,
    name: str | None = None,
    alphabet: Alphabet = DNA,
    block: int = 1 << 21,
    hashed: Any = None,
) -> Iterator[bytes]:
    """Yield a file as FASTA text from its first header on, cut anywhere, nothing else checked.

    Parameters
    ----------
    source, name, alphabet
        As for `read`.
    block
        The most bytes in a chunk of plain or gzipped FASTA, after the first.
    hashed
        A hashlib object that is fed the file's bytes as they are read.

    Raises
    ------
    FastaError
        If the file cannot be opened, is none of the known formats or is damaged.
    """
    reading = _Reading(name or name_of(source), alphabet, block)
    kind, chunks = unpacked(source, reading.name, block=block, hashed=hashed)
    if kind != "fasta":
        yield from _as_fasta(chunks, kind, reading)
        return
    head = next(chunks)
    start = re.search(rb"(?:\A|[\r\n])>", head)
    yield head[start.end() - 1 :] if start else head
    yield from chunks


@dataclass(frozen=True)
class _Reading:
    """What one call of `read` or `stream` was asked for."""

    name: str
    alphabet: Alphabet
    block_bases: int
    max_bases: int | None = None
    max_records: int | None = None

    def check_size(self, bases: int, records: int) -> None:
        """Raise if so much is more than was allowed."""
        for count, most, what in (
            (bases, self.max_bases, "bases"),
            (records, self.max_records, "records"),
        ):
            if most is not None and count > most:
                raise FastaError(
                    f"{self.name}: more than {most:,} {what}, the most allowed here; "
                    "take a smaller file or a part of it"
                )

    def capped(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """Pass text on until it is far more than `max_bases` can need (a gzip bomb)."""
        most = None if self.max_bases is None else 4 * self.max_bases + (1 << 24)
        size = 0
        for chunk in chunks:
            size += len(chunk)
            if most is not None and size > most:
                raise FastaError(
                    f"{self.name}: more than {most:,} bytes of text, far too much for the "
                    f"{self.max_bases:,} bases allowed here; take a smaller file or a part of it"
                )
            yield chunk


def _blocks(source: Source, reading: _Reading, hashed: Any = None) -> Iterator[Sequences]:
    kind, chunks = unpacked(source, reading.name, hashed=hashed)
    chunks = reading.capped(chunks)
    text = chunks if kind == "fasta" else _as_fasta(chunks, kind, reading)
    bases = records = 0
    for block in _fasta(text, reading):
        if not bases and not reading.alphabet.complement:
            _refuse_nucleotides(block, reading.name)
        bases, records = bases + len(block.codes), records + len(block)
        reading.check_size(bases, records)
        yield block
    if not bases:
        raise FastaError(
            f"{reading.name}: {records:,} records, none with a {reading.alphabet.unit}; "
            "is it cut short?"
        )


def _refuse_nucleotides(block: Sequences, name: str) -> None:
    """Raise if letters read as protein are nearly all nucleotides'; each is an amino acid's too."""
    counts = np.bincount(block.codes, minlength=block.alphabet.unknown)[: block.alphabet.unknown]
    nucleotides = counts[[block.alphabet.letters.index(letter) for letter in "ACGTN"]].sum()
    if counts.sum() >= _FEWEST and nucleotides >= _NUCLEOTIDES * counts.sum():
        share = nucleotides / counts.sum()
        raise FastaError(
            f"{name}: {share:.0%} of its letters are A, C, G, T, U or N, so this is DNA or RNA, "
            "not protein; choose the alphabet DNA or RNA, or give the translated sequences"
        )


def _as_fasta(chunks: Iterator[bytes], kind: str, reading: _Reading) -> Iterator[bytes]:
    """Yield the records of a GenBank or EMBL text as FASTA text."""
    for number, (header, letters) in enumerate(flat_records(chunks, kind, reading.name), 1):
        position = letters.translate(reading.alphabet.table).find(INVALID)
        if position >= 0:  # here, while it is known which record that is
            where = f"{reading.name}, record {number}"
            raise _foreign(letters[position], where, reading.alphabet)
        yield b">%b\n%b\n" % (header.encode(), letters)


def _fasta(chunks: Iterable[bytes], reading: _Reading) -> Iterator[Sequences]:
    line, done = 1, 0
    for raw in _whole_records(chunks, reading.block_bases):
        text = unix(raw)
        if block := _block(text, reading, line, done):
            yield block
        line += int(np.count_nonzero(np.frombuffer(text, np.uint8) == ord("\n")))
        done += len(block)


def _whole_records(chunks: Iterable[bytes], size: int) -> Iterator[bytes]:
    """Cut text before a '>' line wherever at least `size` bytes have come together."""
    step = min(size, CHUNK)
    buffer, cut = bytearray(), 0
    for chunk in chunks:
        for start in range(0, len(chunk), step):
            seen = max(len(buffer) - 1, 0)
            buffer += chunk[start : start + step]
            cut = max(cut, buffer.rfind(b"\n>", seen) + 1, _after_return(buffer, seen))
            if cut and len(buffer) >= size:
                yield bytes(memoryview(buffer)[:cut])
                del buffer[:cut]
                cut = 0
    yield bytes(buffer)


def _after_return(buffer: bytearray, start: int) -> int:
    # One byte is found far quicker than two, and most files have no carriage return.
    return buffer.rfind(b"\r>", start) + 1 if buffer.find(b"\r", start) >= 0 else 0


def _block(text: bytes, reading: _Reading, line: int, done: int) -> Sequences:
    """Parse whole records; the text starts at that line, after so many records."""
    if b";" in text and b"\n;" in text:  # one byte is found far quicker than two
        text = _without_comments(text)
    headers, pieces = [], []
    _, *records = (b"\n" + text).split(b"\n>")  # before the first, only blanks and comments
    for record in records:
        header, _, body = record.partition(b"\n")
        headers.append(printable(header))
        pieces.append(body.translate(reading.alphabet.table, _WHITESPACE))
    if any(INVALID in piece for piece in pieces):
        raise _foreign_letter(text, reading, line)
    return _sequences(headers, pieces, reading, done)


def _without_comments(text: bytes) -> bytes:
    """Return text with Pearson's ';' lines left empty."""
    return b"\n".join(b"" if row.startswith(b";") else row for row in text.split(b"\n"))


def _sequences(headers: list[str], pieces: list[bytes], reading: _Reading, done: int) -> Sequences:
    names = tuple(
        header.split(maxsplit=1)[0] if header else f"record {number}"
        for number, header in enumerate(headers, done + 1)
    )
    codes = np.frombuffer(b"".join(pieces), np.uint8)
    offsets = _offsets(map(len, pieces))
    return Sequences(names, tuple(headers), codes, offsets, reading.alphabet)


def _offsets(lengths: Iterable[int]) -> Offsets:
    return np.array([0, *accumulate(lengths)], np.int64)


def printable(header: bytes) -> str:
    """Return a header as text: UTF-8, else Latin-1, without control characters."""
    try:
        text = header.decode()
    except UnicodeDecodeError:
        text = header.decode("latin-1")
    if not text.isprintable():
        text = "".join(" " if c.isspace() else c for c in text if c.isspace() or c.isprintable())
    return text.strip()


def _foreign_letter(text: bytes, reading: _Reading, line: int) -> FastaError:
    """Return the error for the first foreign letter in text that starts at that line."""
    table = reading.alphabet.table
    rows = enumerate(text.split(b"\n"), line)
    bodies = ((number, row) for number, row in rows if not row.startswith(b">"))
    number, row = next(
        (number, row) for number, row in bodies if INVALID in row.translate(table, _WHITESPACE)
    )
    letter = next(byte for byte in row if table[byte] == INVALID and byte not in _WHITESPACE)
    return _foreign(letter, f"{reading.name}, line {number}", reading.alphabet)


def _foreign(letter: int, where: str, alphabet: Alphabet) -> FastaError:
    shown = f"'{chr(letter)}'" if 32 < letter < 127 else f"byte 0x{letter:02X}"
    cure = "is this a sequence file?"
    if letter in b"0123456789":
        cure = "take the position numbers out"
    elif letter in _PROTEIN:
        cure = (
            "this looks like protein: give the coding sequence instead, "
            "or choose the alphabet protein"
        )
    synonyms = "".join(f", {other}" for other, _ in alphabet.synonyms)
    return FastaError(
        f"{where}: {shown} is not a {alphabet.name} letter; allowed are {alphabet.letters}"
        f"{synonyms} and the ambiguity codes and gaps {alphabet.ambiguous}; {cure}"
    )
