"""The text of a file -> its records one by one as they stand, and what is wrong with one.

FASTA is cut as it comes: of a record that is longer than is allowed the end is only counted, so
whatever is uploaded, there is never more of it in memory than what is kept.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from bioskipgram.errors import FastaError

from .alphabet import INVALID, Alphabet
from .fasta import printable
from .genbank import flat_records
from .source import unix

_WHITESPACE = b" \t\r\n\v\f"
_NUCLEOTIDES = b"ACGTUNacgtun-."
_FEWEST = 10
"""Letters below which their shares say nothing about what they are."""
_DIGITS = b"0123456789"
_PROTEIN = b"EFILPQZJO*efilpqzjo"


@dataclass(frozen=True)
class Piece:
    """A record as it stands.

    Attributes
    ----------
    header
        Its header line.
    letters
        Its letters without blanks, or only the first of them.
    line
        Line of its header, from 1.
    length
        How many letters it has.
    damage
        Why its letters cannot be read, "" if they can.
    """

    header: str
    letters: bytes
    line: int
    length: int
    damage: str = ""


@dataclass
class _Growing:
    """The text of a record of which more is to come."""

    line: int
    parts: list[bytes] = field(default_factory=list)
    kept: int = 0
    more: int = 0
    lines: int = 1

    def add(self, text: bytes, most: int) -> None:
        self.lines += text.count(b"\n")
        if self.kept <= most:
            self.parts.append(text)
            self.kept += len(text)
        else:
            self.more += len(text.translate(None, _WHITESPACE))

    def piece(self) -> Piece:
        text = b"".join(self.parts)
        if b"\n;" in text:
            text = b"\n".join(row for row in text.split(b"\n") if not row.startswith(b";"))
        header, _, body = text.partition(b"\n")
        letters = body.translate(None, _WHITESPACE)
        return Piece(printable(header), letters, self.line, len(letters) + self.more)


def fasta_pieces(chunks: Iterable[bytes], most: int) -> Iterator[Piece]:
    """Yield the records of FASTA text.

    Parameters
    ----------
    chunks
        The text, cut anywhere.
    most
        Bytes of a record beyond which its letters are only counted; longer headers and blank
        lines take from them.
    """
    growing = _Growing(0)  # what stands before the first header
    for text in _ended_lines(chunks):
        before, *after = text.split(b"\n>")
        growing.add(before, most)
        for record in after:
            if growing.line:
                yield growing.piece()
            growing = _Growing(growing.line + growing.lines)
            growing.add(record, most)
    if growing.line:
        yield growing.piece()


def _ended_lines(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Pass text on with line feeds alone, after one, none of them apart from what follows it."""
    rest = b"\n"
    for chunk in chunks:
        text = rest + chunk
        end = len(text) - (2 if text.endswith(b"\r\n") else text.endswith((b"\r", b"\n")))
        rest = text[end:]
        yield unix(text[:end])
    yield unix(rest)


def flat_pieces(chunks: Iterable[bytes], kind: str, name: str) -> Iterator[Piece]:
    """Parse each GenBank or EMBL record alone, so that a damaged one takes no other with it."""
    line = 1
    for record in re.split(rb"(?<=\n//)\n", unix(b"".join(chunks))):
        if record.strip():
            try:
                for header, letters in flat_records(iter([record + b"\n"]), kind, name):
                    yield Piece(header, letters, line, len(letters))
            except FastaError as error:
                reason = str(error).removeprefix(f"{name}, record 1: ")
                yield Piece(_flat_name(record), b"", line, 0, reason)
        line += record.count(b"\n") + 1


def _flat_name(record: bytes) -> str:
    words = printable(record.lstrip().partition(b"\n")[0]).split()
    return words[1].rstrip(";") if len(words) > 1 else "a record"


def fault(piece: Piece, codes: bytes, alphabet: Alphabet, most: int) -> str:
    """Return why a record cannot be used, "" if it can.

    Parameters
    ----------
    piece
        The record.
    codes
        Its letters by `alphabet.table`.
    alphabet
        Which letters are allowed.
    most
        How many letters are allowed.
    """
    letters = piece.letters
    if piece.damage or not letters:
        return piece.damage or "a header without a sequence"
    if piece.length > most:
        return (
            f"{piece.length:,} {alphabet.unit}s, of which {most:,} are allowed in one "
            "record; give genes, not chromosomes"
        )
    position = codes.find(INVALID)
    if position >= 0:
        return _foreign(letters, position, alphabet)
    return _other_alphabet(letters, alphabet)


def _foreign(letters: bytes, position: int, alphabet: Alphabet) -> str:
    letter = letters[position]
    shown = f"'{chr(letter)}'" if 32 < letter < 127 else f"byte 0x{letter:02X}"
    found = f"{shown} at position {position + 1:,} is not a {alphabet.name} letter"
    if letter in _DIGITS:
        return f"{found}; take the position numbers out"
    if letter in _PROTEIN and alphabet.complement:
        return f"{found}: this looks like protein; give the coding sequence instead"
    return f"{found}; allowed are {alphabet.letters} and {alphabet.ambiguous}"


def _other_alphabet(letters: bytes, alphabet: Alphabet) -> str:
    """Return that allowed letters are plainly another alphabet's, "" if they are not."""
    if len(letters) < _FEWEST:
        return ""
    share = 1 - len(letters.translate(None, _NUCLEOTIDES)) / len(letters)
    if alphabet.complement and share < 0.5:
        return (
            f"only {share:.0%} of its letters are A, C, G, T, U or N: this looks like protein; "
            "give the coding sequence instead"
        )
    if not alphabet.complement and share > 0.95:
        return (
            f"{share:.0%} of its letters are A, C, G, T, U or N: this looks like DNA or RNA; "
            "this model knows protein, so give the translation instead"
        )
    return ""
