"""The standard genetic code (NCBI table 1)."""

from functools import cache

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
def code() -> dict[str, str]:
    """Return the standard genetic code, NCBI table 1: codon -> letter, * for a stop."""
    codons = [a + b + c for a in "ACGT" for b in "ACGT" for c in "ACGT"]
    return dict(zip(codons, translate("".join(codons)), strict=True))


def protein_of(text: str) -> str:
    """Return the amino acids of a coding sequence, * for a stop, X where a base is unknown."""
    known = code()
    return "".join(known.get(text[i : i + 3], "X") for i in range(0, len(text) - 2, 3))
