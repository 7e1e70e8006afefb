"""The transcripts of MANE: names of one gene in several databases, and places of genes (GRCh38).

The table and its source: bioskipgram/data/README.md. It has no exons.
"""

import gzip
from dataclasses import dataclass
from functools import cache

from bioskipgram.sequences.shipped import DATA


@dataclass(frozen=True)
class Transcript:
    """One transcript that NCBI and EMBL-EBI agree upon."""

    symbol: str
    refseq: str  # NM_000518.5
    protein: str  # NP_000509.1
    ensembl: str  # ENST00000335295.4
    chromosome: str  # NC_000011, without version
    start: int  # from 1
    end: int
    strand: str  # + or -

    @property
    def names(self) -> tuple[str, ...]:
        """Its gene's symbol and its accessions without version, in upper case."""
        ids = (self.refseq, self.protein, self.ensembl)
        return (self.symbol.upper(), *(name.split(".")[0] for name in ids))


@cache
def transcripts() -> tuple[Transcript, ...]:
    """Return all transcripts, those of one gene in a row."""
    text = gzip.decompress((DATA / "mane_transcripts.tsv.gz").read_bytes()).decode()
    rows = (line.split("\t") for line in text.splitlines()[1:])
    return tuple(
        Transcript(symbol, refseq, protein, ensembl, where, int(start), int(end), strand)
        for symbol, refseq, protein, ensembl, where, start, end, strand in rows
    )


@cache
def _by_name() -> dict[str, Transcript]:
    found: dict[str, Transcript] = {}
    for one in transcripts():
        for name in one.names:
            found.setdefault(name, one)
    return found


def named(name: str) -> Transcript | None:
    """Return the transcript of a symbol or an accession, with or without version.

    Examples
    --------
    >>> found = named("NM_000518.5")
    >>> found.symbol, found.names
    ('HBB', ('HBB', 'NM_000518', 'NP_000509', 'ENST00000335295'))
    """
    return _by_name().get(name.strip().upper().split(".")[0])


def chromosome(name: str) -> str:
    """Return NC_000011 of "chr11", "11" or "NC_000011.10"; "" of another name.

    Examples
    --------
    >>> chromosome("chrX"), chromosome("NC_000011.10"), chromosome("HBB")
    ('NC_000023', 'NC_000011', '')
    """
    text = name.strip().upper().split(".")[0]
    if text.startswith("NC_") and len(text) == 9 and text[3:].isdecimal():
        return text
    text = text.removeprefix("CHR")
    number = {"X": "23", "Y": "24"}.get(text, text)
    return f"NC_{int(number):06}" if number.isdecimal() and 1 <= int(number[:3]) <= 24 else ""


def at(where: str, position: int) -> list[Transcript]:
    """Return the transcripts over a position, counted from 1, of a chromosome (NC_000011)."""
    return [
        one for one in transcripts()
        if one.chromosome == where and one.start <= position <= one.end
    ]  # fmt: skip
