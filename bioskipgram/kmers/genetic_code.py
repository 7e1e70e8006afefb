"""The genetic codes of NCBI, by default the standard one (table 1), as Biopython has them."""

from functools import cache
from itertools import product
from typing import Any

import numpy as np

from bioskipgram.numerics.arrays import Tokens, checked

AMINO_ACIDS = "ACDEFGHIKLMNPQRSTVWY*"
STOP = AMINO_ACIDS.index("*")
CODONS = tuple(map("".join, product("ACGT", repeat=3)))
"""In the order of their codes as 3-mers."""


@cache
def code(table: int = 1) -> dict[str, str]:
    """Return an NCBI genetic code, codon -> letter, * for a stop; an unknown number is taken as 1.

    A codon that is a stop in some contexts only (tables 27, 28 and 31) is the amino acid.
    """
    from Bio.Data.CodonTable import unambiguous_dna_by_id

    tables: Any = unambiguous_dna_by_id
    known = tables.get(table, tables[1]).forward_table
    return {codon: known.get(codon, "*") for codon in CODONS}


@cache
def start_codons(table: int = 1) -> frozenset[str]:
    """Return the codons that start a protein: of the standard code ATG alone, else NCBI's list."""
    from Bio.Data.CodonTable import unambiguous_dna_by_id

    tables: Any = unambiguous_dna_by_id
    return frozenset(["ATG"] if table not in tables or table == 1 else tables[table].start_codons)


@cache
def amino_acid_of_codon(table: int = 1) -> Tokens:
    """Return the place in `AMINO_ACIDS` of each codon's residue, int32[64]."""
    places = np.array([AMINO_ACIDS.index(letter) for letter in code(table).values()], np.int32)
    result: Tokens = checked(places, "codons", np.int32, (64,))
    return result


def translate(text: str, frame: int = 0, *, table: int = 1) -> str:
    """Return the residues of the whole codons from `frame` on, * = stop, X = ambiguous.

    Examples
    --------
    >>> translate("ATGTAA"), translate("CATGTA", frame=1), translate("GCNNNN"), translate("AUAUGA")
    ('M*', 'M', 'AX', 'I*')
    >>> translate("ATATGA", table=2)
    'MW'
    """
    letters, known = text.upper().replace("U", "T"), code(table)
    codons = (letters[i : i + 3] for i in range(frame, len(letters) - 2, 3))
    return "".join(known.get(codon) or _ambiguous(codon, table) for codon in codons)


@cache
def _ambiguous(codon: str, table: int) -> str:
    """Return the residue of a codon with unknown bases, X if there is more than one."""
    bases = (base if base in "ACGT" else "ACGT" for base in codon)
    found = {code(table)["".join(one)] for one in product(*bases)}
    return found.pop() if len(found) == 1 else "X"
