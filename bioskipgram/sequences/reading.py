"""Headers and letters as they are read -> blocks of `Sequences`, and what was left out.

The one place that judges a record. Letters become base codes as they are read, so memory holds one
copy of a record, and nothing beyond the limits.
"""

from dataclasses import dataclass
from itertools import accumulate

import numpy as np

from bioskipgram.errors import FastaError

from .alphabet import INVALID, Alphabet
from .sequences import BadRecord, Sequences
from .source import Limits

WHITESPACE = b" \t\r\n\v\f"
_ALL = bytes(range(256))
NUCLEOTIDES = b"ACGTUNXacgtunx-."
"""The letters of DNA and RNA, without rare ambiguity codes."""
_ACGTN = b"ACGTNacgtn"
_PROTEIN = b"EFILPQZJO*efilpqzjo"
FEWEST = 20
"""The fewest letters whose shares distinguish protein from DNA."""
_MOST_BAD = 10_000
"""The most records left out of a file before the whole file is refused."""


@dataclass
class _Open:
    """The record that is being read: where it starts, its letters so far, its fault."""

    header: str
    line: int
    start: int
    length: int = 0
    known: int = 0
    telling: int = 0
    """Letters that are no nucleotide; for protein, that are A, C, G, T or N."""
    fault: str = ""


class Reading:
    """Takes the records of one file in order.

    Records that cannot be used are listed in `bad`; None = the first fault is raised. `records` and
    `bases` count all that was read, `used` the bases of usable records, `left_out` the other
    records.
    """

    def __init__(
        self, name: str, alphabet: Alphabet, limits: Limits, bad: list[BadRecord] | None
    ) -> None:
        self.name, self.alphabet, self.limits, self.bad = name, alphabet, limits, bad
        self.records = self.bases = self.used = self.left_out = 0
        self._unknown = alphabet.unknown
        self._known = _ALL.translate(None, _ACGTN)
        self._open: _Open | None = None
        self._start_block()

    def _start_block(self) -> None:
        self.codes, self._headers, self._names = bytearray(), list[str](), list[str]()
        self._lengths = list[int]()

    def begin(self, header: str, line: int) -> None:
        """Start a record whose header is in that line."""
        self.end()
        self.records += 1
        self._check(self.records, self.limits.records, "records")
        self._open = _Open(header, line, len(self.codes))

    def add(self, letters: bytes, line: int) -> None:
        """Add letters and blanks to the record; the text starts in that line."""
        record = self._open
        if record is None:
            return
        codes = letters.translate(self.alphabet.table, WHITESPACE)
        self.bases += len(codes)
        self._check(self.bases, self.limits.bases, f"{self.alphabet.unit}s")
        if INVALID in codes and not record.fault:
            self._note_foreign(record, codes, letters, line)
        record.length += len(codes)
        if record.fault or record.length > self.limits.length:
            del self.codes[record.start :]
            return
        self._note_kind(record, codes, letters)
        self.codes += codes

    def fail(self, reason: str) -> None:
        """Note that the record cannot be read."""
        if self._open is not None:
            if self.bad is None:
                raise FastaError(f"{self.name}, line {self._open.line}: {reason}")
            self._open.fault = reason

    def end(self) -> None:
        """End the record, if there is one: keep it or leave it out."""
        record, self._open = self._open, None
        if record is None:
            return
        if reason := self._reason(record):
            self._leave_out(record, reason)
            return
        self._headers.append(record.header)
        first = record.header.split(maxsplit=1)
        self._names.append(first[0] if first else f"record {self.records}")
        self._lengths.append(record.length)
        self.used += record.length

    def block(self) -> Sequences:
        """Return the records that ended since the last block."""
        offsets = np.array([0, *accumulate(self._lengths)], np.int64)
        codes, rest = self.codes, bytearray()
        if self._open is not None:
            rest = codes[self._open.start :]
            del codes[self._open.start :]
            self._open.start = 0
        made = Sequences(
            tuple(self._names), tuple(self._headers), np.frombuffer(codes, np.uint8), offsets,
            self.alphabet,
        )  # fmt: skip
        self._start_block()
        self.codes = rest
        return made

    @property
    def ended(self) -> int:
        """How many records the next block has."""
        return len(self._lengths)

    def _check(self, count: int, most: int, what: str) -> None:
        if count > most:
            raise FastaError(
                f"{self.name}: more than {most:,} {what}, the most allowed here; take a part of "
                "it, or use the command line"
            )

    def _note_foreign(self, record: _Open, codes: bytes, letters: bytes, line: int) -> None:
        where = codes.index(INVALID)
        letter = letters.translate(None, WHITESPACE)[where]
        shown, cure = _shown(letter), _cure(letter, self.alphabet)
        if self.bad is None:
            line += _lines_before(letters, where)
            raise FastaError(f"{self.name}, line {line}: {shown} {cure}")
        record.fault = f"{shown} at position {record.length + where + 1:,} {cure}"

    def _note_kind(self, record: _Open, codes: bytes, letters: bytes) -> None:
        """Count the letters that tell protein from nucleotides."""
        # Looking for one is far quicker than counting, and most records have none.
        unknown = codes.count(self._unknown) if self._unknown in codes else 0
        record.known += len(codes) - unknown
        if not self.alphabet.complement:
            record.telling += len(letters.translate(None, self._known))
        elif unknown:
            record.telling += len(letters.translate(None, WHITESPACE + NUCLEOTIDES))

    def _reason(self, record: _Open) -> str:
        """Return why a record cannot be used, "" if it can."""
        if record.fault:
            return record.fault
        if record.length > (most := self.limits.length):
            return (
                f"{record.length:,} {self.alphabet.unit}s, of which {most:,} are allowed in one "
                "record; take a part of it, or use the command line"
            )
        if not record.length:
            return "" if self.bad is None else "a header without a sequence"
        return self._other_alphabet(record)

    def _other_alphabet(self, record: _Open) -> str:
        """Return a reason if the letters are clearly of another alphabet, else ""."""
        if self.alphabet.complement:
            share = 1 - record.telling / record.length
            if record.length < FEWEST or share >= 0.5:
                return ""
            return (
                f"only {share:.0%} of its letters are A, C, G, T, U or N: this looks like "
                "protein; give the coding sequence instead, or choose the alphabet protein"
            )
        if record.known < FEWEST or record.telling < 0.95 * record.known:
            return ""
        return (
            f"{record.telling / record.known:.0%} of its letters are A, C, G, T, U or N, so this "
            "is DNA or RNA, not protein; choose the alphabet DNA or RNA, or give the translated "
            "sequences"
        )

    def _leave_out(self, record: _Open, reason: str) -> None:
        del self.codes[record.start :]
        if self.bad is None:
            raise FastaError(f"{self.name}, line {record.line}: {reason}")
        self.bad.append(BadRecord(self.name, record.header or "(no name)", record.line, reason))
        self.left_out += 1
        if self.left_out > _MOST_BAD:
            raise FastaError(
                f"{self.name}: more than {_MOST_BAD:,} of its records cannot be used, the last one "
                f"in line {record.line} ({reason}); is it the right file?"
            )


def _lines_before(letters: bytes, where: int) -> int:
    """Return how many line ends come before a letter, blanks not counted."""
    for number, row in enumerate(letters.split(b"\n")):
        where -= len(row.translate(None, WHITESPACE))
        if where < 0:
            return number
    return 0


def _shown(letter: int) -> str:
    return f"'{chr(letter)}'" if 32 < letter < 127 else f"byte 0x{letter:02X}"


def _cure(letter: int, alphabet: Alphabet) -> str:
    """Return what is wrong with a foreign letter, and what to do about it."""
    what = f"is not a {alphabet.name} letter"
    if letter == ord(">"):
        return f"{what}; a line end is missing before this header, or blanks stand before it"
    if letter in b"0123456789":
        return f"{what}; take the position numbers out"
    if letter in _PROTEIN and alphabet.complement:
        return (
            f"{what}; this looks like protein: give the coding sequence instead, or choose the "
            "alphabet protein"
        )
    synonyms = "".join(f", {other}" for other, _ in alphabet.synonyms)
    return (
        f"{what}; allowed are {alphabet.letters}{synonyms} and the ambiguity codes and gaps "
        f"{alphabet.ambiguous}; is this a sequence file?"
    )
