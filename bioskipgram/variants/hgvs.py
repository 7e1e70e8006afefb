"""HGVS names of variants of coding sequences: parsing and formatting.

Positions count from the A of the start codon, which is the first base of a record. Rules:
den Dunnen et al. 2016 (doi:10.1002/humu.22981), https://hgvs-nomenclature.org.
"""

import html
import re
from urllib.parse import unquote

from bioskipgram.errors import QueryError
from bioskipgram.sequences.sequences import Sequences

from .coding import check_together, on_record, whole_records
from .other_names import check_no_identifier, coding_changes, genomic_place, has_exons
from .transcripts import chromosome
from .variant import Variant, check_inside, dna, find_record, variant

MAX_NAME = 2_000
"""The most characters of a line of names."""
# Each pattern takes linear time: no repetition is inside another.
_LEVEL = re.compile(r"(?:^|[: \t\[])[ \t]{0,9}([cgmnopr])\.", re.IGNORECASE)
_POSITION = r"[-*]?[0-9]{1,12}(?:[+-][0-9]{1,12})?"
_CHANGE = re.compile(
    rf"(?P<first>{_POSITION})(?:_(?P<last>{_POSITION}))?"
    r"(?:(?P<ref>[A-Z]+)>(?P<alt>[A-Z]+)|(?P<insertion>del[ACGTU]+ins)(?P<inserted>[A-Z]+)"
    r"|(?P<what>delins|del|dup|ins|inv)(?P<bases>[A-Z]*|[0-9]{1,9})|(?P<same>[A-Z]*=))",
    re.IGNORECASE,
)
_BEHIND = re.compile(r"[ \t(:|\[][pr]\.")
"""Where the change of the RNA or the protein begins, behind that of the coding sequence."""
_TYPOGRAPHY = str.maketrans("→＞−–", ">>--", '\u200b\u200c\u200d\u2060\ufeff"“”')
_COMPLEMENT = str.maketrans("ACGT", "TGCA")
_LEVELS = {
    "g": "counts along a genome, which is not here",
    "m": "counts along the mitochondrial genome, which is not here",
    "n": "counts along a transcript; the records here are coding sequences",
    "o": "counts along a circular genome, which is not here",
    "r": "describes RNA",
    "p": "names a protein change, which several changes of bases can make",
}


def looks_like(text: str) -> bool:
    """Return whether a text looks like an HGVS name."""
    return _LEVEL.search(text.strip()[:MAX_NAME]) is not None


def names_in(line: str) -> list[str]:
    """Return the names on a line, separated by commas or semicolons; of an allele each change.

    A protein change behind a coding change is left out. A line that is too long raises a
    QueryError.

    Examples
    --------
    >>> names_in("HBB:c.[20A>T;25A&gt;C], c.4del")
    ['HBB:c.20A>T', 'HBB:c.25A>C', 'c.4del']
    """
    if len(line) > MAX_NAME:
        raise QueryError(
            f"this line has {len(line):,} characters, and {MAX_NAME:,} at most are read; give "
            "each change on a line of its own"
        )
    found, prefix = list[str](), ""
    text = unquote(html.unescape(html.unescape(line))).translate(_TYPOGRAPHY)
    text = re.sub(" ?-?> ?", ">", text.replace("(;)", ";").replace("]+[", "];["))
    for item in _parted(text):
        head, bracket, inside = item.partition("[")
        if not bracket or head.strip()[-1:] not in (".", ":", ""):  # else it counts repeats
            if not (found and re.match(r"\s*p\.", item)):
                found.append(item)
            continue
        prefix = head.strip() or prefix
        found += [prefix + part.strip() for part in re.split("[;,]", inside.replace("]", ""))]
    return [name.strip() for name in found if name.strip()]


def _parted(text: str) -> list[str]:
    """Split a text at commas and semicolons outside brackets."""
    parts, depth, start = [], 0, 0
    for place, letter in enumerate(text):
        depth += (letter == "[") - (letter == "]")
        if letter in ",;" and depth <= 0:
            parts.append(text[start:place])
            start = place + 1
    return [*parts, text[start:]]


def parse(text: str, sequences: Sequences, *, record: int | None = None, line: int = 0) -> Variant:
    r"""Return the variant an HGVS name like ``c.20A>T`` or ``HBB:c.20_22del`` stands for.

    A substitution, deletion, insertion, duplication, inversion or delins of the coding sequence,
    of `record` where it does not name one; a protein change behind it is ignored. `line` is that of
    the input. Another text, or one that does not fit the record, raises a QueryError.

    Examples
    --------
    >>> from bioskipgram.sequences.fasta import read
    >>> parse("HBB:c.5_6del", read(b">HBB\nATGGTGCATTAA\n"))
    Variant(record=0, position=4, ref='TG', alt='', given='HBB:c.5_6del', line=0)
    """
    given = text.strip()
    found = _LEVEL.search(given[:MAX_NAME])
    if found is None or len(given) > MAX_NAME:
        raise QueryError(
            f"{given[:60]!r} is no HGVS coding change; write it like c.20A>T, c.20del, "
            "c.20_21insAG or c.20_22delinsA"
        )
    level, name = found[1].lower(), given[: found.start()].strip() or None
    if level == "g" and name and chromosome(name):
        first = re.match(r"[0-9]{1,12}", given[found.end() :].strip())
        raise QueryError(genomic_place(name, int(first[0]) if first else 0))
    if level != "c" and (level != "g" or name is None):
        raise QueryError(f"{level}. {_LEVELS[level]}; give the coding change, like c.20A>T")
    where = _record(name, sequences, record)
    if level == "g" and not has_exons(sequences, where):
        raise QueryError(
            f"g. counts along a genomic record, but {sequences.names[where]} is a coding sequence "
            "alone, whose exons are not known here; give the coding change, like c.20A>T, or a "
            "GenBank record with its exons"
        )
    written = _BEHIND.split(given[found.end() :], maxsplit=1)[0].strip(" \t(:|.")
    written = re.sub("(?<=[0-9_]) +| +(?=_)", "", written)
    change = _CHANGE.fullmatch(written)
    if written == "=":
        raise QueryError(f"{given[:60]!r} says that nothing changes")
    if change is None:
        raise QueryError(
            f"{written[:60]!r} is no change that is read here: substitution "
            "(20A>T), del, ins, dup, inv or delins, with its position in front"
        )
    if level == "g":
        one = _variant(change, whole_records(sequences), where, given, line)
        return on_record(
            sequences,
            where,
            position=one.position,
            ref=one.ref,
            alt=one.alt,
            given=given,
            line=line,
        )
    return _variant(change, sequences, where, given, line)


def parse_all(
    text: str, sequences: Sequences, *, record: int | None = None, line: int = 0
) -> list[Variant]:
    r"""Return the variants that a name stands for: of a protein change, all that give it.

    Examples
    --------
    >>> from bioskipgram.sequences.fasta import read
    >>> found = parse_all("HBB:p.Val2Glu", read(b">HBB\nATGGTGCATTAA\n"))
    >>> [(one.position, one.ref, one.alt) for one in found]
    [(4, 'T', 'A'), (4, 'TG', 'AA')]
    """
    check_no_identifier(text)
    given = text.strip()
    found = _LEVEL.search(given[:MAX_NAME])
    if found is None or found[1].lower() != "p" or len(given) > MAX_NAME:
        return [parse(text, sequences, record=record, line=line)]
    where = _record(given[: found.start()].strip() or None, sequences, record)
    if coding := re.search(r"[ (;](c\.[^ ()]+)", given[found.end() :]):
        return [parse(coding[1], sequences, record=where, line=line)]
    return coding_changes(given[found.end() :], sequences, where, given=given[:80], line=line)


def _record(name: str | None, sequences: Sequences, record: int | None) -> int:
    if name is None:
        if record is None and len(sequences) > 1:
            raise QueryError("say which record is meant: put its name in front, like HBB:c.20A>T")
        return record or 0
    # ClinVar's way: NM_000518.5(HBB)
    accession, _, symbol = name.strip().removesuffix(")").partition("(")
    first, _, rest = accession.partition(":")
    if rest and not symbol:  # ANNOVAR's way: HBB:NM_000518:exon1
        accession, symbol = rest.partition(":")[0], first
    if not symbol:
        return find_record(sequences, accession)
    try:
        return find_record(sequences, accession)
    except QueryError:
        return find_record(sequences, symbol)


def _variant(
    change: re.Match[str], sequences: Sequences, record: int, given: str, line: int
) -> Variant:
    first = _position(change["first"], sequences, record)
    last = _position(change["last"], sequences, record) if change["last"] else first
    check_inside(sequences, record, first, first)
    if last < first:
        raise QueryError(
            f"{given[:60]!r}: the range ends before it starts; write the smaller first"
        )
    check_inside(sequences, record, first, last)
    check_together(sequences, record, first, last)
    there = dna(sequences, record, first, last + 1)
    position, ref, alt = _bases(change, first, there, given)
    return variant(sequences, record, position=position, ref=ref, alt=alt, given=given, line=line)


def _bases(change: re.Match[str], first: int, there: str, given: str) -> tuple[int, str, str]:
    """Return position, reference and alternative of a change of the bases `there`."""
    what, bases = (change["what"] or "").lower(), change["bases"] or ""
    if change["same"]:
        raise QueryError(f"{given[:60]!r} says that nothing changes")
    if bases.isdecimal():  # how many there are, an older way
        if what in ("del", "dup", "inv"):
            _check_length(int(bases), there, given)
        bases = ""
    if what == "inv":
        _check_length(len(bases or there), there, given)
        if len(there) < 2:
            raise QueryError(f"{given[:60]!r}: an inversion has two bases or more, like c.19_21inv")
        turned = (bases or there).upper().replace("U", "T")[::-1]
        return first, bases or there, turned.translate(_COMPLEMENT)
    if what == "ins":
        if not change["last"] or len(there) != 2:
            raise QueryError(
                f"{given[:60]!r}: an insertion stands between two neighbours, "
                f"like c.{first + 1}_{first + 2}insAG"
            )
        return first + 1, "", _needed(bases, given)
    if change["alt"]:
        _check_length(len(change["ref"]), there, given)
        return first, change["ref"], change["alt"]
    if change["insertion"]:
        removed = change["insertion"][3:-3]
        _check_length(len(removed), there, given)
        return first, removed, change["inserted"]
    if what == "delins":
        return first, there, _needed(bases, given)
    _check_length(len(bases or there), there, given)
    return first, bases or there, 2 * (bases or there) if what == "dup" else ""


def _check_length(written: int, there: str, given: str) -> None:
    if written != len(there):
        raise QueryError(
            f"{given[:60]!r}: the positions span {len(there)} base{'s' * (len(there) > 1)}, "
            f"but {written} {'is' if written == 1 else 'are'} written"
        )


def _needed(bases: str, given: str) -> str:
    if not bases:
        raise QueryError(f"{given[:60]!r}: say which bases come in, like insAG")
    return bases


def _position(text: str, sequences: Sequences, record: int) -> int:
    """Return a position, 0-based."""
    name = sequences.names[record]
    if text[0] in "-*":
        side, of = ("before the start", "5'") if text[0] == "-" else ("behind the stop", "3'")
        raise QueryError(
            f"c.{text} lies {side} codon, in the {of} UTR, but {name} holds the coding sequence "
            "only"
        )
    if re.search(r"[+-]", text):
        raise QueryError(
            f"c.{text} lies in an intron, but {name} holds the coding sequence only, "
            "without introns"
        )
    if int(text) == 0:
        raise QueryError("there is no position 0: c.1 is the first base, the A of ATG")
    return int(text) - 1


def rightmost(change: Variant, text: str) -> Variant:
    """Return an insertion or deletion at its equal place that is farthest to the right in `text`.

    Examples
    --------
    >>> rightmost(Variant(0, 3, "A", ""), "ATGAAC").position
    4
    """
    moved, behind = change.alt or change.ref, len(text) - change.stop
    if change.alt and change.ref:
        return change
    by = next((i for i in range(behind) if moved[i % len(moved)] != text[change.stop + i]), behind)
    turn = by % len(moved)
    moved = moved[turn:] + moved[:turn]
    ref, alt = ("", moved) if change.alt else (moved, "")
    return Variant(change.record, change.position + by, ref, alt, change.given, change.line)


def coding_name(change: Variant, text: str) -> str:
    """Return the HGVS name of a variant of `text` (A C G T N), shifted as far 3' as possible.

    Examples
    --------
    >>> coding_name(Variant(0, 3, "", "A"), "ATGAACTAA")
    'c.5dup'
    """
    change = rightmost(change, text)
    start, stop, alt = change.position, change.stop, change.alt
    if change.is_substitution:
        return f"c.{start + 1}{change.ref}>{alt}"
    if alt and stop > start:
        turned = alt == change.ref[::-1].translate(_COMPLEMENT)
        return f"c.{_span(start, stop)}{'inv' if turned else f'delins{alt}'}"
    if not alt:
        return f"c.{_span(start, stop)}del"
    if text[max(0, start - len(alt)) : start] == alt:
        return f"c.{_span(start - len(alt), start)}dup"
    before = str(start) if start else "-1"
    behind = str(start + 1) if start < len(text) else "*1"
    return f"c.{before}_{behind}ins{alt}"


def _span(start: int, stop: int) -> str:
    return str(stop) if stop - start == 1 else f"{start + 1}_{stop}"
