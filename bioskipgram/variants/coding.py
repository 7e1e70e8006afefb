"""The coding sequences of records that state their CDS, such as a GenBank mRNA or gene."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from bioskipgram.errors import QueryError
from bioskipgram.kmers.genetic_code import start_codons, translate
from bioskipgram.numerics.arrays import BaseCodes, Counts
from bioskipgram.sequences.headers import parse_header
from bioskipgram.sequences.sequences import Sequences

from .protein import translated
from .variant import Variant, dna, variant

_SPAN = re.compile(r"(\d{1,12})\.\.(\d{1,12})")
_MOST_MOVED = 1_000
"""The most bases by which an insertion or deletion is moved to where it is within an exon."""
_COMPLEMENT = str.maketrans("ACGT", "TGCA")


@dataclass(frozen=True, eq=False)
class CodingSequences(Sequences):
    """Coding sequences, with the records they are part of.

    Places decrease where a coding sequence is on the reverse strand of its record.
    """

    whole: Sequences | None = None  # the records, with the same names in the same order
    places: tuple[Counts | None, ...] = ()  # 0-based int64[n] in the record; None = all of it


@lru_cache(maxsize=4)
def coding_sequences(sequences: Sequences) -> Sequences:
    """Return the stated coding sequence of each record, the whole record where none is stated."""
    if isinstance(sequences, CodingSequences):
        return sequences
    parts, places = [], []
    for record, line in enumerate(sequences.descriptions):
        codes = sequences[record]
        found = (
            _places(parse_header(line).cds, len(codes))
            if re.search(r"\[cds=|\|CDS:", line)
            else None
        )
        places.append(found)
        parts.append(codes if found is None else _cut(sequences, codes, found))
    if all(one is None for one in places):
        return sequences
    offsets = np.cumsum([0, *map(len, parts)]).astype(np.int64)
    return CodingSequences(
        sequences.names, sequences.descriptions, np.concatenate(parts), offsets,
        sequences.alphabet, sequences, tuple(places),
    )  # fmt: skip


def _places(stated: str, length: int) -> Counts | None:
    spans = [(int(first) - 1, int(last)) for first, last in _SPAN.findall(stated)]
    if not spans or any(not 0 <= first < last <= length for first, last in spans):
        return None
    if spans != sorted(spans) or sum(last - first for first, last in spans) > 2 * length:
        return None  # across the origin of a circular record, or invalid
    places = np.concatenate([np.arange(first, last) for first, last in spans])
    return places[::-1] if stated.startswith("complement") else places


def _cut(sequences: Sequences, codes: BaseCodes, places: Counts) -> BaseCodes:
    if places[0] > places[-1]:
        return sequences.alphabet.reverse_complement(codes[places[::-1]])
    return codes[places]


def table_of(sequences: Sequences, record: int) -> int:
    """Return the NCBI number of a record's genetic code, by default 1."""
    return parse_header(sequences.descriptions[record]).transl_table


def exon_distance(sequences: Sequences, record: int, position: int) -> int | None:
    """Return the bases of the coding sequence between a base and the nearest splice site.

    0 is the first or last base of an exon; None means that the record's exons are unknown.
    """
    places = _places_of(sequences, record)
    ends = np.zeros(0, np.int64) if places is None else np.flatnonzero(abs(np.diff(places)) > 1)
    if not len(ends):
        return None
    return int(np.minimum(abs(ends - position), abs(ends + 1 - position)).min())


def check_together(sequences: Sequences, record: int, first: int, last: int) -> None:
    """Raise a QueryError if an intron lies between two 0-based positions of a coding sequence."""
    places = _places_of(sequences, record)
    if places is not None and abs(int(places[last] - places[first])) != last - first:
        raise QueryError(
            f"c.{first + 1}_{last + 1} reaches over an intron of {sequences.names[record]}; give "
            "the change of each exon on its own"
        )


def _places_of(sequences: Sequences, record: int) -> Counts | None:
    return sequences.places[record] if isinstance(sequences, CodingSequences) else None


def on_record(
    sequences: Sequences,
    record: int,
    *,
    position: int,
    ref: str,
    alt: str,
    given: str = "",
    line: int = 0,
) -> Variant:
    """Return a variant whose position counts along the whole record, as `variant` does.

    One that is not within one exon of the coding sequence, at whichever of its equal places,
    raises a QueryError.
    """
    places = _places_of(sequences, record)
    if places is None:
        return variant(
            sequences, record, position=position, ref=ref, alt=alt, given=given, line=line
        )
    one = variant(whole_records(sequences), record, position=position, ref=ref, alt=alt)
    failed: QueryError | None = None
    for there in _equals(whole_records(sequences), one):
        try:
            place, ref, alt = _in_coding(sequences, places, there)
        except QueryError as error:
            failed = failed or error
        else:
            return variant(
                sequences, record, position=place, ref=ref, alt=alt, given=given, line=line
            )
    assert failed is not None
    raise failed


def _equals(records: Sequences, one: Variant) -> Iterator[Variant]:
    """Yield a variant, and an insertion or deletion at the places further right that equal it."""
    yield one
    if one.ref and one.alt:
        return
    moved, position = one.ref or one.alt, one.position
    for letter in dna(records, one.record, one.stop, one.stop + _MOST_MOVED):
        if letter != moved[0]:
            return
        moved, position = moved[1:] + letter, position + 1
        yield Variant(one.record, position, *((moved, "") if one.ref else ("", moved)))


def _in_coding(sequences: Sequences, places: Counts, one: Variant) -> tuple[int, str, str]:
    """Return position, reference and alternative of a record's variant in its coding sequence."""
    # An insertion lies between two bases, and both are in the coding sequence.
    ends = (one.position, one.stop - 1) if one.ref else (one.position - 1, one.position)
    found = [np.flatnonzero(places == end) for end in ends]
    if any(not len(there) for there in found):
        raise QueryError(
            f"position {one.position + 1} of {sequences.names[one.record]} is not in its coding "
            f"sequence, {parse_header(sequences.descriptions[one.record]).cds[:60]}"
        )
    first, last = sorted(int(there[0]) for there in found)
    check_together(sequences, one.record, first, last)
    ref, alt = one.ref, one.alt
    if places[0] > places[-1]:
        ref, alt = (text[::-1].translate(_COMPLEMENT) for text in (ref, alt))
    return (first if ref else last), ref, alt


def whole_records(sequences: Sequences) -> Sequences:
    """Return the records that coding sequences are part of."""
    whole = sequences.whole if isinstance(sequences, CodingSequences) else None
    return whole or sequences


def to_record(sequences: Sequences, change: Variant) -> tuple[Sequences, Variant]:
    """Return the whole records, and a variant of a coding sequence as one of its record."""
    places, whole = _places_of(sequences, change.record), whole_records(sequences)
    if places is None:
        return whole, change
    ref, alt, back = change.ref, change.alt, bool(places[0] > places[-1])
    if back:
        ref, alt = (text[::-1].translate(_COMPLEMENT) for text in (ref, alt))
    if back and ref:
        position = int(places[change.stop - 1])
    elif change.position < len(places):
        position = int(places[change.position]) + back
    else:
        position = int(places[-1]) + (not back)
    one = Variant(change.record, position, ref, alt, change.given, change.line)
    return whole, one


def frame_warning(letters: str, table: int = 1) -> str:
    """Return what is wrong with a text as a coding sequence, "" if nothing is."""
    protein, starts = translated(letters, table), sorted(start_codons(table))
    wrong = [] if protein.starts else [f"does not start with {' or '.join(starts)}"]
    if len(letters) % 3:
        wrong.append("is no whole number of codons long")
    codons = translate(letters, table=table)[:-1]
    if any(a == "*" and b in "*X" for a, b in zip(codons, protein.letters, strict=False)):
        wrong.append("has a stop codon inside")
    if not wrong:
        return ""
    return (
        f"This sequence {', '.join(wrong)}. It is read from its first base on all the same, so "
        "consequences and protein names may mean nothing."
    )
