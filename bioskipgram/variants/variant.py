"""A sequence variant: record, position, reference and alternate allele."""

from dataclasses import dataclass
from functools import lru_cache

from bioskipgram.errors import QueryError
from bioskipgram.sequences.headers import parse_header
from bioskipgram.sequences.sequences import Sequences

from .transcripts import named


@dataclass(frozen=True)
class Variant:
    """One change of one record, without letters that ref and alt share at the ends.

    Examples
    --------
    >>> Variant(0, 19, "A", "T").is_substitution, Variant(0, 19, "", "AG").stop
    (True, 19)
    """

    record: int  # index in the sequences
    position: int  # 0-based; of the first base of `ref`, or the base behind an insertion
    ref: str  # A C G T; not empty together with `alt`
    alt: str
    given: str = ""  # as it was written
    line: int = 0  # of the input, from 1; 0 = none

    @property
    def stop(self) -> int:
        """End of the reference allele, 0-based, exclusive."""
        return self.position + len(self.ref)

    @property
    def is_substitution(self) -> bool:
        """Whether one base replaces one other."""
        return len(self.ref) == len(self.alt) == 1


def variant(
    sequences: Sequences,
    record: int,
    *,
    position: int,
    ref: str,
    alt: str,
    given: str = "",
    line: int = 0,
) -> Variant:
    """Return a variant without the letters that ref and alt share, checked against its record.

    A 0-based position outside the record, another reference, letters other than A C G T, or no
    change raise a QueryError.
    """
    name = sequences.names[record]
    ref, alt = (text.upper().replace("U", "T") for text in (ref, alt))
    for text in (ref, alt):
        if foreign := set(text) - set("ACGT"):
            raise QueryError(f"{sorted(foreign)[0]!r} in {text[:20]!r} is none of A, C, G, T")
    check_inside(sequences, record, position, max(position + len(ref) - 1, position))
    found = dna(sequences, record, position, position + len(ref))
    if found != ref:
        raise WrongReferenceError(
            f"the reference of {name} has {_short(found)} at {span(position, len(ref))}, not "
            f"{_short(ref)}; check the position, the strand and the transcript"
        )
    if ref == alt:
        raise QueryError(f"{_short(ref)} takes the place of {_short(alt)}: nothing changes")
    # From the end first, so that the rest is as far left as possible, as in VCF.
    shared = shared_start(ref[::-1], alt[::-1])
    ref, alt = ref[: len(ref) - shared], alt[: len(alt) - shared]
    shared = shared_start(ref, alt)
    return Variant(record, position + shared, ref[shared:], alt[shared:], given, line)


def shared_start(first: str, second: str) -> int:
    """Return how many letters two texts share at their start."""
    pairs = enumerate(zip(first, second, strict=False))
    return next((i for i, (a, b) in pairs if a != b), min(len(first), len(second)))


class WrongReferenceError(QueryError):
    """The reference base given differs from that of the record."""


class UnknownRecordError(QueryError):
    """No record has this name."""


def check_inside(sequences: Sequences, record: int, first: int, last: int) -> None:
    """Raise a QueryError unless the bases from `first` to `last` (0-based) are in the record."""
    length = int(sequences.lengths[record])
    if not 0 <= first <= last < length:
        where = first if not 0 <= first < length else last
        raise QueryError(
            f"position {where + 1} is outside {sequences.names[record]}, which has {length:,} "
            f"bases; give 1 to {length}"
        )


def find_record(sequences: Sequences, name: str) -> int:
    """Return the record of this name, symbol or accession, in any case; one, or a QueryError.

    Without one, that of another name of the same gene by MANE: HBB for NM_000518.5 or NP_000509.1.
    """
    for column in _spellings(sequences):
        found = column.get(name.strip().upper(), [])
        if len(found) == 1:
            return found[0]
        if found:
            raise QueryError(
                f"{len(found)} records are called {name[:40]!r}; give each a name of its own"
            )
    other = named(name)
    for synonym in other.names if other else ():
        for column in _spellings(sequences):
            if len(column.get(synonym, [])) == 1:
                return column[synonym][0]
    known = ", ".join(sequences.names[:3]) + (" …" if len(sequences) > 3 else "")
    raise UnknownRecordError(
        f"there is no record {name[:40]!r}; the names are those of the sequences: {known}"
    )


@lru_cache(maxsize=4)
def _spellings(sequences: Sequences) -> tuple[dict[str, list[int]], ...]:
    """Return names, gene symbols, accessions with and without version -> records, upper case."""
    headers = [parse_header(line) for line in sequences.descriptions]
    columns = (
        sequences.names,
        [header.symbol for header in headers],
        [header.accession for header in headers],
        [header.accession.split(".")[0] for header in headers],
    )
    spellings: tuple[dict[str, list[int]], ...] = ({}, {}, {}, {})
    for known, column in zip(spellings, columns, strict=True):
        for record, spelt in enumerate(column):
            if spelt:
                known.setdefault(spelt.upper(), []).append(record)
    return spellings


def dna(sequences: Sequences, record: int, start: int = 0, stop: int | None = None) -> str:
    """Return the bases of a record from `start` to `stop` as A C G T, N where unknown."""
    return sequences.alphabet.decode(sequences[record][start:stop]).replace("U", "T")


def span(position: int, length: int) -> str:
    """Return "position 20" or "positions 20-22", 1-based."""
    if length < 2:
        return f"position {position + 1}"
    return f"positions {position + 1}-{position + length}"


def _short(text: str) -> str:
    return (text if len(text) <= 20 else f"{text[:17]}…") or "nothing"
