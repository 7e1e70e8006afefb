"""The genetic codes, by default the standard one (NCBI table 1)."""

from functools import cache
from typing import Any

import numpy as np

from bioskipgram.arrays import BaseCodes, Tokens, checked

from .tokenizer import KmerTokenizer

AMINO_ACIDS = "ACDEFGHIKLMNPQRSTVWY*"
STOP = AMINO_ACIDS.index("*")


@cache
def amino_acid_of_codon() -> Tokens:
    """Return the place in `AMINO_ACIDS` of each codon's residue, int32[64]."""
    residues = translate("".join(KmerTokenizer(3).decode(np.arange(64))))
    table = np.array([AMINO_ACIDS.index(residue) for residue in residues], np.int32)
    result: Tokens = checked(table, "codons", np.int32, (64,))
    return result


def translate(kmer: str, frame: int = 0) -> str:
    """Return the amino acids of the whole codons in `kmer` from `frame` on, ``*`` for a stop.

    The standard genetic code (NCBI table 1), as Biopython has it.

    Examples
    --------
    >>> translate("ATGTAA"), translate("CATGTA", frame=1)
    ('M*', 'M')
    """
    from Bio.Seq import translate as bio_translate

    whole = kmer[frame : frame + (len(kmer) - frame) // 3 * 3]
    return str(bio_translate(whole)) if whole else ""  # type: ignore[no-untyped-call]


@cache
def genetic_code() -> BaseCodes:
    """Return the amino acid letter of each codon, uint8[64]."""
    codons = "".join(a + b + c for a in "ACGT" for b in "ACGT" for c in "ACGT")
    return np.frombuffer(translate(codons).encode(), np.uint8)


@cache
def code(table: int = 1) -> dict[str, str]:
    """Return an NCBI genetic code, by default the standard one: codon -> letter, * for a stop.

    A codon that is a stop in some contexts only (tables 27, 28 and 31) is the amino acid; a
    number that NCBI has not given is taken as 1.
    """
    from Bio.Data.CodonTable import unambiguous_dna_by_id

    tables: Any = unambiguous_dna_by_id
    known = tables.get(table, tables[1]).forward_table
    codons = [a + b + c for a in "ACGT" for b in "ACGT" for c in "ACGT"]
    return {codon: known.get(codon, "*") for codon in codons}


@cache
def start_codons(table: int = 1) -> frozenset[str]:
    """Return the codons that start a protein: of the standard code ATG alone, else NCBI's list."""
    from Bio.Data.CodonTable import unambiguous_dna_by_id

    tables: Any = unambiguous_dna_by_id
    return frozenset(["ATG"] if table not in tables or table == 1 else tables[table].start_codons)


def protein_of(text: str, table: int = 1) -> str:
    """Return the amino acids of a coding sequence, * for a stop, X where a base is unknown."""
    known = code(table)
    return "".join(known.get(text[i : i + 3], "X") for i in range(0, len(text) - 2, 3))
