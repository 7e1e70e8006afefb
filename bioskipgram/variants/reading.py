"""Many variants at once: typed lines, tables, VCF files. Bad lines are told, good ones used."""

import gzip
import io
import zlib
from dataclasses import dataclass

from bioskipgram.errors import QueryError
from bioskipgram.sequences.sequences import Sequences

from . import hgvs
from .variant import UnknownRecordError, Variant, WrongReferenceError, find_record, variant

MAX_TEXT = 200_000_000
"""The most characters a file may unpack to."""
MAX_LINES = 1_000_000
_FEWEST = 4
"""Reference bases below which a wrong one says nothing of the whole file."""


@dataclass(frozen=True)
class Problem:
    """A line that could not be used.

    Attributes
    ----------
    line
        From 1.
    text
        What stands there, shortened.
    reason
        One sentence.
    kind
        Of a row of a table: "record" = no record of this name, "reference" = another base stands
        there; else "".
    """

    line: int
    text: str
    reason: str
    kind: str = ""


@dataclass(frozen=True)
class VariantList:
    """The variants of a text, and the lines of it that hold none."""

    variants: tuple[Variant, ...]
    problems: tuple[Problem, ...]

    @property
    def verdict(self) -> str:
        """One sentence where the whole text seems to speak of another reference; else ""."""
        wrong = sum(one.kind == "reference" for one in self.problems)
        checked = len(self.variants) + wrong
        unknown = sum(one.kind == "record" for one in self.problems)
        if unknown and not checked:
            first = next(one for one in self.problems if one.kind == "record")
            return (
                f"none of the {unknown:,} names in it is a record here (the first: "
                f"{first.text.split()[0][:40]}): these variants belong to another "
                "reference, such as a genome; give positions in the coding sequence"
            )
        # By chance one base in four fits any reference.
        if checked >= _FEWEST and wrong > checked / 2:
            return (
                f"{wrong:,} of {checked:,} reference bases are not what stands here: these "
                "variants belong to another reference, transcript or strand"
            )
        return ""


def read(source: bytes | str, sequences: Sequences, *, record: int | None = None) -> VariantList:
    """Return the variants of a text.

    A line is an HGVS coding change, ``name position ref alt`` (or without the name, of the record
    chosen), or a row of a VCF over the records; positions from 1. Several changes on a line are
    parted by commas or semicolons. Blank lines and those that start with # are passed over.

    Parameters
    ----------
    source
        Text, or the bytes of a file, plain or gzipped.
    sequences
        Coding sequences.
    record
        Which of them is meant where a line does not say.

    Raises
    ------
    QueryError
        If the bytes are not text, or too much of it.
    """
    variants, problems = [], []
    for number, row in enumerate(_text(source).splitlines(), 1):
        if number > MAX_LINES:
            raise QueryError(f"more than {MAX_LINES:,} lines; give them in parts")
        for text in _items(row):
            try:
                variants.append(_line(text, sequences, record, number))
            except QueryError as error:
                problems.append(_problem(number, text, error))
    return VariantList(tuple(variants), tuple(problems))


def _problem(line: int, text: str, error: QueryError) -> Problem:
    kind = ""
    if not hgvs.looks_like(text):
        kinds = {UnknownRecordError: "record", WrongReferenceError: "reference"}
        kind = kinds.get(type(error), "")
    return Problem(line, " ".join(text.split())[:80], str(error), kind)


def _items(row: str) -> list[str]:
    """Return the variants on a line: names parted by commas, a row for each alternative."""
    if not row.strip() or row.lstrip().startswith("#"):
        return []
    if hgvs.looks_like(row):
        return [item for item in row.replace(";", ",").split(",") if item.strip()]
    fields = _fields(row)
    if len(fields) < 5:
        return [row]
    return ["\t".join([*fields[:4], alt]) for alt in fields[4].split(",")]


def _fields(row: str) -> list[str]:
    return row.split("\t") if "\t" in row else row.split()


def _line(text: str, sequences: Sequences, record: int | None, number: int) -> Variant:
    if hgvs.looks_like(text):
        return hgvs.parse(text, sequences, record=record, line=number)
    fields = _fields(text)
    if len(fields) == 5:  # a VCF's: name, position, identifier, reference, alternative
        del fields[2]
    if len(fields) not in (3, 4):
        raise QueryError(
            "this is neither an HGVS coding change (c.20A>T) nor 'name position ref alt' "
            "nor a row of a VCF"
        )
    *name, place, ref, alt = fields
    if not name and record is None and len(sequences) > 1:
        raise QueryError("say which record is meant: name position ref alt")
    where = find_record(sequences, name[0]) if name else record or 0
    return _placed(sequences, where, place, ref, alt, text, number)


def _placed(
    sequences: Sequences, record: int, place: str, ref: str, alt: str, given: str, number: int
) -> Variant:
    if not place.strip().isdecimal() or int(place) == 0:
        raise QueryError(f"{place[:20]!r} is no position; positions count from 1")
    for what in (ref, alt):
        _check_bases(what.strip())
    ref, alt = (what.strip().replace("-", "") for what in (ref, alt))
    return variant(
        sequences, record, position=int(place) - 1, ref=ref, alt=alt,
        given=" ".join(given.split())[:80], line=number,
    )  # fmt: skip


def _check_bases(text: str) -> None:
    if text.startswith("<"):
        raise QueryError(f"{text[:20]} is a symbolic allele; only written-out bases can be scored")
    if "[" in text or "]" in text:
        raise QueryError(f"{text[:20]} is a breakend; only written-out bases can be scored")
    if text == "*":
        raise QueryError("* stands for a deletion written elsewhere; there is nothing to score")
    if text == ".":
        raise QueryError("there is no alternative (.) in this row: nothing changes")


def _text(source: bytes | str) -> str:
    if isinstance(source, bytes):
        if source.startswith(b"\x1f\x8b"):
            source = _gunzipped(source)
        if b"\0" in source[:65536]:
            raise QueryError("this is a binary file; give a VCF or a text file, plain or gzipped")
        source = source.decode("utf-8-sig", "replace")
    if len(source) > MAX_TEXT:
        raise QueryError(f"more than {MAX_TEXT:,} characters; give them in parts")
    return source


def _gunzipped(packed: bytes) -> bytes:
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(packed)) as file:
            return file.read(MAX_TEXT + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise QueryError(f"the gzip data is damaged ({error}); copy the file again") from error
