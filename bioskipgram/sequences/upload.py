"""What strangers upload -> the records that can be used, and a list of those that cannot.

`fasta.read` stops at the first fault; this goes on. Nothing is guessed: a record with one
foreign letter is left out whole and named, with its line and the reason.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from bioskipgram.arrays import Offsets, Tokens, checked
from bioskipgram.errors import FastaError

from .alphabet import DNA, Alphabet
from .record_pieces import Piece, fasta_pieces, fault, flat_pieces
from .sequences import Sequences
from .source import unpacked

PASTED = "pasted text"
_BLOCK = 1 << 20
"""Bytes that are unpacked and cut at once."""
_HEADER = 1 << 20
"""Room for a header and line ends besides a record's letters."""


@dataclass(frozen=True, kw_only=True)
class Limits:
    """The most a page accepts.

    Attributes
    ----------
    file_bytes
        Of one file, as it was uploaded.
    bases, records
        Of all files together; what cannot be used of a file counts too.
    length
        Bases of one record.
    """

    file_bytes: int = 200_000_000
    bases: int = 50_000_000
    records: int = 20_000
    length: int = 5_000_000

    @property
    def text_bytes(self) -> int:
        """What one file may unpack to: annotation takes room, a gzip bomb far more."""
        return 4 * self.bases + (1 << 24)


@dataclass(frozen=True)
class BadRecord:
    """A record that was left out, or a whole file.

    Attributes
    ----------
    file, name
        Where it stands and what it is called; name "" = the file as a whole.
    line
        Of its header, 1-based; of a flat file, of its first line; 0 = not known.
    reason
        A sentence.
    """

    file: str
    name: str
    line: int
    reason: str


@dataclass(frozen=True)
class Records:
    """Everything usable out of some files.

    Attributes
    ----------
    sequences
        The good records of all files, in order.
    files
        Names of the files that were read.
    file_of
        int32[R], the file each record comes from.
    bad
        What was left out, in order.
    """

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
    files: Sequence[tuple[str, bytes]],
    *,
    alphabet: Alphabet = DNA,
    limits: Limits = Limits(),
) -> Records:
    r"""Return the good records of some files, FASTA, GenBank or EMBL, plain or gzipped.

    Parameters
    ----------
    files
        Name and bytes of each; the name `PASTED` may hold bare letters without a header.
    alphabet
        Which letters are allowed.
    limits
        The most to accept; a file that goes over them is left out whole.

    Examples
    --------
    >>> found = read_all([("my.fa", b">good\nATGTAA\n>bad\nMKLV\n")])
    >>> found.sequences.names, found.bad[0].name, found.bad[0].line
    (('good',), 'bad', 3)
    """
    taken = _Taken()
    for number, (name, data) in enumerate(files):
        try:
            found = list(_file(name, data, alphabet, limits, taken))
        except FastaError as error:
            taken.bad.append(_refused(name, str(error)))
            continue
        taken.add(number, found)
    return Records(
        taken.sequences(alphabet),
        tuple(name for name, _ in files),
        np.array(taken.file_of, np.int32),
        tuple(taken.bad),
    )


def _refused(name: str, sentence: str) -> BadRecord:
    """Return a file that cannot be read; its name and line stand apart from the reason."""
    found = re.fullmatch(r"(?:, line (\d+))?: (.*)", sentence.removeprefix(name), re.DOTALL)
    line, reason = found.groups() if found else (None, sentence)
    return BadRecord(name, "", int(line or 0), reason)


@dataclass
class _Good:
    """A usable record: its header and base codes."""

    header: str
    codes: bytes


@dataclass
class _Taken:
    """What was read so far."""

    good: list[_Good] = field(default_factory=list)
    file_of: list[int] = field(default_factory=list)
    bad: list[BadRecord] = field(default_factory=list)
    bases: int = 0

    def add(self, file: int, found: Iterable[_Good | BadRecord]) -> None:
        for record in found:
            if isinstance(record, BadRecord):
                self.bad.append(record)
                continue
            self.good.append(record)
            self.file_of.append(file)
            self.bases += len(record.codes)

    def sequences(self, alphabet: Alphabet) -> Sequences:
        headers = tuple(record.header for record in self.good)
        lengths = [len(record.codes) for record in self.good]
        offsets: Offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
        codes = np.frombuffer(b"".join(record.codes for record in self.good), np.uint8)
        return Sequences(
            tuple(_name(header, number) for number, header in enumerate(headers, 1)),
            headers, codes, offsets, alphabet,
        )  # fmt: skip


def _name(header: str, number: int) -> str:
    return header.split(maxsplit=1)[0] if header else f"record {number}"


def _file(
    name: str, data: bytes, alphabet: Alphabet, limits: Limits, taken: _Taken
) -> Iterator[_Good | BadRecord]:
    """Yield the records of one file, good and bad."""
    if len(data) > limits.file_bytes:
        raise FastaError(
            f"{name}: {len(data):,} bytes, of which {limits.file_bytes:,} are allowed; "
            "take a part of it"
        )
    if name == PASTED and not re.search(rb"^\s*(>|LOCUS |ID   )", data, re.MULTILINE):
        data = b">pasted\n" + data
    kind, chunks = unpacked(data, name, block=_BLOCK)
    text = _capped(chunks, name, limits)
    most = limits.length + _HEADER
    pieces = fasta_pieces(text, most) if kind == "fasta" else flat_pieces(text, kind, name)
    records, bases = len(taken.good), taken.bases
    for piece in pieces:
        record = _judged(piece, name, alphabet, limits)
        records, bases = records + 1, bases + len(getattr(record, "codes", b""))
        _check_room(name, records, bases, limits)
        yield record


def _capped(chunks: Iterable[bytes], name: str, limits: Limits) -> Iterator[bytes]:
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if size > limits.text_bytes:
            raise FastaError(
                f"{name}: it unpacks to more than {limits.text_bytes:,} bytes, the most allowed "
                "here; take a part of it"
            )
        yield chunk


def _check_room(name: str, records: int, bases: int, limits: Limits) -> None:
    for count, most, what in (
        (records, limits.records, "records"),
        (bases, limits.bases, "letters"),
    ):
        if count > most:
            raise FastaError(
                f"{name}: more than {most:,} {what} with what came before it, the most this page "
                "takes; take a part of it, or use the command line"
            )


def _judged(piece: Piece, file: str, alphabet: Alphabet, limits: Limits) -> _Good | BadRecord:
    codes = piece.letters.translate(alphabet.table)
    reason = fault(piece, codes, alphabet, limits.length)
    if not reason:
        return _Good(piece.header, codes)
    return BadRecord(file, piece.header or "(no name)", piece.line, reason)
