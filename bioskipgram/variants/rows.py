"""Lines of tables of variants -> rows: VCF, MAF, ANNOVAR, Ensembl, or columns that have names."""

import re
from dataclasses import dataclass

from bioskipgram.errors import QueryError

MAX_ROW = 20_000
"""The most characters of name, position and alleles of a row together."""
_BASES = re.compile("[ACGTUN]+", re.IGNORECASE)
_UNWRITTEN = "0"
"""What ANNOVAR writes for a long deleted sequence."""
_ALLELE = re.compile(r"[ACGTUN*.-]+|<[^<>]*>|[^,]*[\[\]][^,]*", re.IGNORECASE)
_DASHES = str.maketrans("–−", "--")
_COMPLEMENT = str.maketrans("ACGTUacgtu", "TGCAAtgcaa")
_COLUMNS = {
    "hgvs": ("hgvsc", "hgvs_c", "hgvs", "cdna_change", "coding"),
    "name": (
        "chrom", "chromosome", "chr", "hugo_symbol", "gene", "symbol", "record", "transcript",
        "name",
    ),
    "first": ("start_position", "start", "pos", "position"),
    "last": ("end_position", "end", "stop"),
    "ref": ("reference_allele", "ref", "reference"),
    "alt": ("tumor_seq_allele2", "alt", "alternate"),
    "gene": ("hugo_symbol", "gene", "symbol", "record", "transcript", "name"),
}  # fmt: skip
"""Names of columns in small letters, the surest first: what stands in them."""


@dataclass(frozen=True)
class Row:
    """One alternative of a row of a table."""

    name: str | None
    place: str
    ref: str
    alt: str
    behind: bool = False
    """Whether it is an insertion that follows base `place`."""
    last: str = ""
    """The last base that is deleted, where the row does not write the bases out."""

    def __str__(self) -> str:
        return " ".join(part for part in (self.name, self.place, self.ref, self.alt) if part)


def rows_of(fields: list[str]) -> list[Row]:
    """Return the alternatives of a row of three fields or more, whose columns have no names."""
    if sum(map(len, fields)) > MAX_ROW:
        raise QueryError(f"its first fields have more than {MAX_ROW:,} characters together")
    if len(fields) == 3:
        return _alternatives(None, *fields)
    name, place, last, ref = fields[:4]
    numbered = place.isdecimal() and last.isdecimal()
    if numbered and "/" in ref:  # Ensembl: name start end ref/alt strand
        turn = -1 if fields[4:5] in (["-"], ["-1"]) else 1
        written = ref.translate(_COMPLEMENT) if turn < 0 else ref
        ref, *alts = (allele[::turn] for allele in written.split("/"))
        return ranged(name, place, last, ref, ",".join(alts))
    if len(fields) == 4 or _is_remark(last, ref, fields[4]):
        return _alternatives(name, place, last, ref)
    alt, other = fields[4], "".join(fields[5:6])
    if not numbered:
        return _alternatives(name, place, ref, alt)
    if alt == ref and (other == "-" or _BASES.fullmatch(other)):  # MAF: the other chromosome's
        alt = other
    return ranged(name, place, last, ref, alt)


def _is_remark(ref: str, alt: str, text: str) -> bool:
    """Whether the fifth field is a remark behind name, position, reference and alternative."""
    alleles = all(_ALLELE.fullmatch(one) for one in text.split(","))
    return bool(_BASES.fullmatch(ref) and _BASES.fullmatch(alt)) and not alleles


def _alternatives(name: str | None, place: str, ref: str, alts: str) -> list[Row]:
    if set(ref) == {"-"}:
        raise QueryError("an insertion needs both its neighbours: name 20 21 - AG")
    return [Row(name, place, ref, alt.strip()) for alt in alts.split(",")]


def ranged(name: str, first: str, last: str, ref: str, alts: str) -> list[Row]:
    """Return a row of a MAF, ANNOVAR or Ensembl's table after checking that its range fits.

    An insertion follows base `first`; in Ensembl's, whose range ends before it starts, base `last`.
    """
    ref, alts = ref.translate(_DASHES), alts.translate(_DASHES)
    gone = set(alts) == {"-"}
    if not gone and set(ref) != {"-"}:  # the third field may be an identifier of a VCF
        return _alternatives(name, first, ref, alts)
    if max(len(first), len(last)) > 12:
        raise QueryError(f"{max(first, last, key=len)[:20]!r} is no position; give 1 or more")
    spanned = int(last) - int(first) + 1
    if gone and ref == _UNWRITTEN and spanned > 0:
        return [Row(name, first, "", "-", last=last)]
    behind = set(ref) == {"-"}
    if behind and spanned not in (0, 1, 2):
        raise QueryError(
            f"{first} to {last}: an insertion stands between two neighbours, like 20 21 - AG"
        )
    if not behind and spanned != len(ref):
        raise QueryError(
            f"{first} to {last} has {spanned:,} bases, but {len(ref):,} are written; check the "
            "range"
        )
    place = last if not spanned else first
    return [Row(name, place, ref, alt.strip(), behind=behind) for alt in alts.split(",")]


@dataclass(frozen=True)
class Columns:
    """Where the columns of a table are, by their names."""

    places: dict[str, int]
    separator: str | None  # None = blanks

    @classmethod
    def of(cls, line: str) -> "Columns | None":
        """Return the columns of a table's first line; None of another line.

        Examples
        --------
        >>> Columns.of("gene,position,ref,alt").places["alt"], Columns.of("HBB 20 A T")
        (3, None)
        """
        separator = next((one for one in "\t;," if one in line), None)
        words = [word.lower() for word in _cells(line, separator)]
        places = {
            what: next(words.index(name) for name in names if name in words)
            for what, names in _COLUMNS.items()
            if not {*names}.isdisjoint(words)
        }
        whole = places.keys() >= {"name", "first", "ref", "alt"}
        return cls(places, separator) if whole or places.keys() >= {"gene", "hgvs"} else None

    def items(self, line: str) -> list[str] | list[Row]:
        """Return what a line holds: the name of a coding change, or rows."""
        cells = _cells(line, self.separator)
        found = {what: cells[at] if at < len(cells) else "" for what, at in self.places.items()}
        name = found.get("hgvs", "")
        if re.match(r"[^ ]*\b[cp]\.", name):
            return [name if ":" in name else f"{found.get('gene', '')}:{name}"]
        if not self.places.keys() >= {"name", "first", "ref", "alt"}:
            raise QueryError("this row has no coding change, like c.20A>T, in its column")
        if "last" in found and found["first"].isdecimal() and found["last"].isdecimal():
            return ranged(*(found[what] for what in ("name", "first", "last", "ref", "alt")))
        return _alternatives(*(found[what] for what in ("name", "first", "ref", "alt")))


def _cells(line: str, separator: str | None) -> list[str]:
    return [part.strip().strip('"') for part in line.split(separator)]
