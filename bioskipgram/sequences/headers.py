"""The gene symbol, accession and description out of a FASTA header line."""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Header:
    """The fields of a header line; "" for what it does not state.

    `symbol` is a gene symbol, only where the header's layout marks it as one; `cds` a GenBank
    location, "join(1..90,120..200)"; `transl_table` the NCBI number of the genetic code, 1 by
    default.
    """

    name: str
    symbol: str
    accession: str
    description: str
    cds: str = ""
    transl_table: int = 1


_LONGEST = 4096
"""Characters of a header that are parsed: real ones are shorter."""
_FACT = re.compile(r" ?\[(cds|transl_table|gcode)=([0-9a-z.,()]{1,2000})\]")
"""A fact about the coding sequence: as `genbank` writes it, or NCBI's tools (gcode)."""
_LAYOUTS = tuple(
    re.compile(layout, re.VERBOSE)
    for layout in (
        # GenBank and EMBL as genbank.py heads them: >U01317.1 Human beta globin [gene=HBE1]
        r"""(?P<accession>\S+)\ (?P<description>[^\[]+)\ \[gene=(?P<symbol>[^\]]+)\]$""",
        # NCBI, "coding sequences": >lcl|NC_000011.10_cds_NP_000509.1_1 [gene=HBB] [protein=...]
        r"""(?=.*\ \[gene=(?P<symbol>[^\]\s]+)\])
            (?:lcl\|\S+?_(?:cds|mrna)_)?(?P<accession>[A-Z]{1,6}_?\d{5,}(?:\.\d+)?)?
            (?:.*?\ \[protein=(?P<description>.+?)\](?=\ \[\w+=|\s*$))?""",
        # NCBI Datasets: >NM_000518.5:51-494 HBB [organism=Homo sapiens] [GeneID=3043]
        r"""(?P<accession>[A-Z]{2}_\d+\.\d+)(?::\S*)?\ (?P<symbol>\S+)
            (?P<description>)\ \[organism=""",
        # RefSeq, also behind gi|..|ref|..|: >NM_000518.5 Homo sapiens ... (HBB), mRNA
        r"""(?:gi\|\d+\|)?(?:ref\|)?(?P<accession>[NX][MRG]_\d+\.\d+)\|?
            \ (?P<description>.+\ \((?P<symbol>[A-Za-z][\w.-]*)\),\ .+)""",
        # Ensembl: >ENST00000335295.4 cds chromosome:GRCh38:11:... gene_symbol:HBB description:...
        r"""(?P<accession>\S+)\ .*\bgene_symbol:(?P<symbol>\S+)
            (?:.*?\ description:(?P<description>.+?)\s*(?:\[Source:.*)?$)?""",
        # GENCODE: >ENST00000335295.4|ENSG00000244734.4|OTTHUMG..|OTTHUMT..|HBB-201|HBB|628|...
        r"""(?:ENS[A-Z]*P[^|]*\|)?(?P<accession>ENS[A-Z]*T\d[^|]*)\|ENS[A-Z]*G\d[^|]*
            \|[^|]*\|[^|]*\|[^|]*\|(?P<symbol>(?!ENS[A-Z]*G\d)[^|]*)\|\d+\|?(?P<description>)
            (?:.*\|CDS:(?P<first>\d{1,12})-(?P<last>\d{1,12})(?:\||$))?""",
        # This project's own: >HBB src=emboss id=U01317.1 hemoglobin subunit beta
        r"(?P<symbol>\S+)\ src=\S+\ id=(?P<accession>\S+)\ ?(?P<description>.*)",
        # and >HBB|icodon|ENSG00000244734; lower case in front (sp|, gb|) names a database
        r"""(?P<symbol>(?!ENS[A-Z]*\d{11})[A-Z0-9]*[A-Z][A-Za-z0-9-]*)
            \|[a-z][^|\s]*\|(?P<accession>[^|\s]+)(?P<description>)$""",
        # Anything else that starts with an accession, plain or behind a database's name
        r"""(?:(?:gi\|\d+\|)?(?:ref|gb|emb|dbj)\|)?(?P<symbol>)
            (?P<accession>[A-Z]{1,6}_?\d{5,}(?:\.\d+)?)(?=[\s|]|$)\S*\s*(?P<description>.*)""",
        r"(?P<symbol>)(?P<accession>)\S*\s*(?P<description>.*)",
    )
)


def printable(header: bytes) -> str:
    """Return a header as text: UTF-8, else Latin-1, without control characters."""
    try:
        text = header.decode()
    except UnicodeDecodeError:
        text = header.decode("latin-1")
    if not text.isprintable():
        text = "".join(" " if c.isspace() else c for c in text if c.isspace() or c.isprintable())
    return text.strip()


def parse_header(line: str) -> Header:
    """Return the fields of a header line, with or without its leading ``>``.

    The first layout that fits decides. A symbol is never guessed: neither a single first word nor a
    word in brackets is one.

    Examples
    --------
    >>> parse_header(">NM_000518.5 Homo sapiens hemoglobin subunit beta (HBB), mRNA").symbol
    'HBB'
    >>> parse_header("clone 7 (HBB-like)").symbol
    ''
    """
    line = line.removeprefix(">").strip()
    facts: dict[str, str] = dict(_FACT.findall(line[:_LONGEST]))
    line = _FACT.sub("", line[:_LONGEST])
    fields = next(match for layout in _LAYOUTS if (match := layout.match(line))).groupdict("")
    first, last = (fields.pop(name, "") for name in ("first", "last"))
    if first and last:
        facts.setdefault("cds", f"{first}..{last}")
    name = line.split(maxsplit=1)[0] if line else ""
    table = facts.get("transl_table", facts.get("gcode", "1"))
    number = int(table) if table.isdecimal() and len(table) < 4 else 1
    return Header(name, **fields, cds=facts.get("cds", ""), transl_table=number)
