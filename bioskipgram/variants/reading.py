"""Many variants at once: typed lines, tables, VCF files. Bad lines are reported and left out."""

from dataclasses import dataclass

from bioskipgram.errors import FastaError, QueryError
from bioskipgram.files import other_kind
from bioskipgram.sequences.file_kinds import CHUNK, binary_kind
from bioskipgram.sequences.sequences import Sequences
from bioskipgram.sequences.source import Bounds, gunzip

from . import hgvs
from .coding import on_record, whole_records
from .other_names import check_no_identifier
from .rows import Columns, Row, rows_of
from .variant import (
    UnknownRecordError,
    Variant,
    WrongReferenceError,
    check_inside,
    dna,
    find_record,
)

MAX_TEXT = 200_000_000
"""The most characters of an unpacked file."""
MAX_LINES = 1_000_000
MAX_CHANGES = 1_000_000
"""The most changes, good and bad."""
MAX_LETTERS = 20_000_000
"""The most bases of all changes together."""
MAX_RATIO = 40
"""The most bytes of a large text per packed byte: VCF has 5 to 20, a gzip bomb 1,000."""
_MIN_CHECKED = 4
"""Fewest reference bases from which wrong ones suggest another reference."""


@dataclass(frozen=True)
class Problem:
    """A line that could not be used."""

    line: int  # from 1
    text: str  # the line, shortened
    reason: str  # one sentence
    kind: str = ""  # of a table: "record" = unknown, "reference" = another base; else ""


@dataclass(frozen=True)
class VariantList:
    """The variants of a text, and the lines of it that hold none."""

    variants: tuple[Variant, ...]
    problems: tuple[Problem, ...]

    @property
    def verdict(self) -> str:
        """A warning if the whole text seems to use another reference; else ""."""
        wrong = sum(one.kind == "reference" for one in self.problems)
        checked = len(self.variants) + wrong
        unknown = sum(one.kind == "record" for one in self.problems)
        if unknown and not checked:
            first = next(one for one in self.problems if one.kind == "record")
            return (
                f"none of the {unknown:,} names in it is a record here (the first: "
                f"{(first.text.split() or ['no name'])[0][:40]}): these variants belong to another "
                "reference, such as a genome; give positions in the coding sequence"
            )
        # By chance one base in four fits any reference.
        if checked >= _MIN_CHECKED and wrong > checked / 2:
            return (
                f"{wrong:,} of {checked:,} reference bases are not what stands here: these "
                "variants belong to another reference, transcript or strand"
            )
        return ""


def read(
    source: bytes | str,
    sequences: Sequences,
    *,
    record: int | None = None,
    most: int = MAX_CHANGES,
) -> VariantList:
    """Return the variants of a text, or of the bytes of a file, plain or gzipped.

    A line holds HGVS changes of coding sequences, or of proteins (all that give it), separated by
    commas or semicolons; or a row of a VCF over the records; or ``name position ref alt`` (without
    the name, of `record`); or ``name start end ref alt`` as in MAF and ANNOVAR, where an insertion
    has ``-`` for ref and follows base ``start``. Where the first line names its columns (``gene``,
    ``position``, ``ref`` and ``alt``, or MAF's names, or ``HGVSc``), they are read by these names.
    Positions count from 1: of a row in the whole record, of an HGVS name in the coding sequence.
    Blank lines and those that start with # are ignored. Bytes that are not text, too much text, or
    more than `most` changes, good and bad, raise a QueryError.
    """
    variants, problems = list[Variant](), list[Problem]()
    columns, first, letters = None, True, 0
    for number, row in enumerate(_lines(_text(source)), 1):
        if number > MAX_LINES:
            raise QueryError(f"more than {MAX_LINES:,} lines; give them in parts")
        if not row.strip() or row.lstrip().startswith("#"):
            continue
        if first and (columns := Columns.of(row)):
            first = False
            continue
        first = False
        try:
            items = columns.items(row) if columns else _items(row)
        except QueryError as error:
            items = []
            problems.append(_problem(number, row, error))
        if len(problems) > most:
            raise QueryError(f"more than {most:,} lines that cannot be read; is it the right file?")
        for item in items:
            if len(variants) + len(problems) >= most:
                raise QueryError(f"more than {most:,} changes; give fewer, or use the command line")
            if letters > MAX_LETTERS:
                raise QueryError(f"changes of more than {MAX_LETTERS:,} bases together; give fewer")
            try:
                found = _variants(item, sequences, record, number)
                letters += sum(len(one.ref) + len(one.alt) for one in found)
                variants += found
            except QueryError as error:
                problems.append(_problem(number, item, error))
    return VariantList(tuple(variants), tuple(problems))


def _lines(text: str) -> list[str]:
    """Return the lines; as in a VCF, no other control character ends one."""
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _problem(line: int, item: str | Row, error: QueryError) -> Problem:
    kinds = {UnknownRecordError: "record", WrongReferenceError: "reference"}
    kind = "" if isinstance(item, str) else kinds.get(type(error), "")
    return Problem(line, " ".join(str(item)[:400].split())[:80], str(error), kind)


def _items(row: str) -> list[str] | list[Row]:
    """Return the names on a line, or a row of a table for each of its alternatives."""
    fields = row.split("\t", 6) if "\t" in row else row.split(maxsplit=6)
    fields = [field.strip() for field in fields[:6]]
    numbered = True in [field.isdecimal() for field in fields[1:2] + fields[:1]]
    table = len(fields) >= 5 and not set(fields[3].upper()) - set("ACGTUN")
    if not numbered and not table and hgvs.looks_like(row):
        return hgvs.names_in(_named(row.split("\t")))
    check_no_identifier(row)
    if len(fields) < 3:
        raise QueryError(
            "this is neither an HGVS coding change (c.20A>T) nor 'name position ref alt' "
            "nor a row of a VCF"
        )
    return rows_of(fields)


def _named(columns: list[str]) -> str:
    """Return the first column that holds a change, with the column before it if it has no name."""
    at = next((i for i, text in enumerate(columns) if hgvs.looks_like(text)), 0)
    whole = not at or ":" in columns[at]
    return columns[at] if whole else f"{columns[at - 1].strip()}:{columns[at].strip()}"


def _variants(
    item: str | Row, sequences: Sequences, record: int | None, number: int
) -> list[Variant]:
    if isinstance(item, str):
        return hgvs.parse_all(item, sequences, record=record, line=number)
    if item.name is None and record is None and len(sequences) > 1:
        raise QueryError("say which record is meant: name position ref alt")
    where = record or 0 if item.name is None else find_record(sequences, item.name)
    if not item.place.isdecimal() or len(item.place) > 12 or int(item.place) == 0:
        raise QueryError(f"{item.place[:20]!r} is no position; positions count from 1")
    for what in (item.alt,) if item.last else (item.ref, item.alt):
        _check_bases(what)
    ref, alt = (what.replace("-", "") for what in (item.ref, item.alt))
    position = int(item.place) - 1 + item.behind
    if item.last:
        whole = whole_records(sequences)
        check_inside(whole, where, position, int(item.last) - 1)
        ref = dna(whole, where, position, int(item.last))
    one = on_record(
        sequences, where, position=position, ref=ref, alt=alt, given=str(item)[:80], line=number
    )
    return [one]


def _check_bases(text: str) -> None:
    if text.startswith("<"):
        raise QueryError(f"{text[:20]} is a symbolic allele; only written-out bases can be scored")
    if text in ("", "."):
        raise QueryError(f"there is no alternative ({text}) in this row: nothing changes")
    if {*text} & {"[", "]", "."}:
        raise QueryError(f"{text[:20]} is a breakend; only written-out bases can be scored")
    if text == "*":
        raise QueryError("* stands for a deletion written elsewhere; there is nothing to score")


def _text(source: bytes | str) -> str:
    if isinstance(source, bytes):
        if source.startswith(b"\x1f\x8b"):
            source = _gunzipped(source)
        if kind := binary_kind(source[:CHUNK]):
            raise QueryError(kind)
        if b"\0" in source[:CHUNK]:
            raise QueryError("this is a binary file; give a VCF or a text file, plain or gzipped")
        if source.startswith((b"version https://", b"<")) and (kind := other_kind(source[:256])):
            raise QueryError(f"this is {kind}")
        source = source.decode("utf-8-sig", "replace")
    if len(source) > MAX_TEXT:
        raise QueryError(f"more than {MAX_TEXT:,} characters; give them in parts")
    return source.removeprefix("\ufeff")


def _gunzipped(packed: bytes) -> bytes:
    text = bytearray()
    try:
        for chunk in gunzip([packed], "the file", 1 << 20, Bounds(MAX_RATIO)):
            text += chunk
            if len(text) > MAX_TEXT:
                raise QueryError(f"more than {MAX_TEXT:,} characters; give them in parts")
    except FastaError as error:
        raise QueryError(str(error)) from error
    return bytes(text)
