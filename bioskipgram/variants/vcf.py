"""Assessed variants as VCF 4.3 and as tables."""

import csv
import io
import re
from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import quote

from bioskipgram import __version__
from bioskipgram.sequences.sequences import Sequences
from bioskipgram.tables import harmless

from .assess import Assessment
from .coding import to_record, whole_records
from .score import MEASURES
from .variant import Variant, dna

_KEYS = dict(zip(MEASURES, ("LO", "WS", "GS"), strict=True))
_INFO = (
    ("LO", "Float", "Change in expected log-odds of the changed k-mers and their contexts, nats"),
    ("LOP", "Float", "Percentile of LO among substitutions of the same trinucleotide context"),
    ("WS", "Float", "1 - cosine of the mean vectors of the changed k-mers before and after"),
    ("WSP", "Float", "Percentile of WS among substitutions of the same trinucleotide context"),
    ("GS", "Float", "1 - cosine of the mean vector of all k-mers of the record"),
    ("GSP", "Float", "Percentile of GS among substitutions of the same trinucleotide context"),
    ("CSQ", "String", "Consequence by the genetic code of the record"),
    ("HGVSC", "String", "HGVS coding name, percent-encoded"),
    ("HGVSP", "String", "HGVS protein name, percent-encoded"),
    ("BLOSUM62", "Integer", "BLOSUM62 score of the amino-acid exchange"),
    ("CPG", "String", "CpG created, destroyed or moved"),
)
_NAME = re.compile(r"[^0-9A-Za-z!#$%&+./:;?@^_|~*=-]")


def vcf(assessments: Iterable[Assessment], sequences: Sequences, *, model: str = "") -> str:
    """Return variants as VCF 4.3 over their records (the contigs), scores as INFO fields.

    `model` names the source of the scores, such as the model's digest.
    """
    listed = [(one, *placed(one.variant, sequences)) for one in assessments]
    listed.sort(key=lambda row: (row[0].variant.record, *row[1:]))
    records = whole_records(sequences)
    names = _contigs(records, {row[0].variant.record for row in listed})
    header = ["##fileformat=VCFv4.3", f"##source=BioSkipGram {__version__} {model}".rstrip()]
    header += [
        f"##contig=<ID={name},length={int(records.lengths[record])}>"
        for record, name in names.items()
    ]
    header += [
        f'##INFO=<ID={key},Number=1,Type={kind},Description="{text}">' for key, kind, text in _INFO
    ]
    header.append("#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO")
    rows = [
        f"{names[one.variant.record]}\t{position}\t.\t{ref}\t{alt}\t.\t.\t{_info(one)}"
        for one, position, ref, alt in listed
    ]
    return "\n".join([*header, *rows]) + "\n"


def _contigs(sequences: Sequences, records: set[int]) -> dict[int, str]:
    """Return a unique name for each record, as VCF allows it."""
    names: dict[int, str] = {}
    for record in sorted(records):
        name = _NAME.sub("_", sequences.names[record]).lstrip("*=") or "record"
        names[record] = f"{name}.{record + 1}" if name in names.values() else name
    return names


def placed(change: Variant, sequences: Sequences) -> tuple[int, str, str]:
    """Return 1-based position, REF and ALT in the whole record, left-aligned and parsimonious.

    As ``bcftools norm`` does (Tan et al. 2015, doi:10.1093/bioinformatics/btv112): an insertion or
    deletion is moved as far left as possible and has the base before it; at the first position, the
    base behind it.
    """
    records, one = to_record(sequences, change)
    position, ref, alt = one.position, one.ref, one.alt
    if ref and alt:
        return position + 1, ref, alt
    text, moved = _letters(records, one.record), ref or alt
    behind, steps = one.stop, 0
    while position and text[position - 1] == moved[(-1 - steps) % len(moved)]:
        position, steps = position - 1, steps + 1
    behind -= steps
    turn = len(moved) - steps % len(moved)
    moved = moved[turn:] + moved[:turn]
    edge = text[position - 1] if position else text[behind : behind + 1]
    sides = [edge + moved, edge] if position else [moved + edge, edge]
    ref, alt = sides if ref else sides[::-1]
    return max(position, 1), ref, alt


@lru_cache(maxsize=4)
def _letters(sequences: Sequences, record: int) -> str:
    return dna(sequences, record)


def _info(one: Assessment) -> str:
    row, known = one.row(), one.consequence
    values = {}
    for name, key in _KEYS.items():
        values[key] = _number(row[name])
        values[f"{key}P"] = _number(row[f"{name}_percentile"])
    values |= {
        "CSQ": known.kind.replace(" ", "_"),
        "HGVSC": _encoded(known.coding),
        "HGVSP": _encoded(known.protein),
        "BLOSUM62": "" if known.blosum62 is None else str(known.blosum62),
        "CPG": known.cpg,
    }
    return ";".join(f"{key}={value}" for key, value in values.items() if value) or "."


def _encoded(text: str) -> str:
    return quote(text, safe=">?*+-_.()")


def _number(value: object) -> str:
    return "" if value is None else f"{value:.6g}"


def table(assessments: Iterable[Assessment]) -> str:
    """Return variants as a tab-separated table with a header.

    Names that a spreadsheet would take for a formula get a quote in front.
    """
    rows = [one.row() for one in assessments]
    out = io.StringIO()
    if not rows:
        return ""
    writer = csv.writer(out, delimiter="\t", lineterminator="\n")
    writer.writerow(rows[0])
    for row in rows:
        writer.writerow(_cell(name, value) for name, value in row.items())
    return out.getvalue()


def _cell(name: str, value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.6g}"
    text = str(value)
    return harmless(text) if name == "gene" else text
