"""The protein of a coding sequence, and HGVS names of its changes.

Rules: https://hgvs-nomenclature.org, recommendations for proteins.
"""

from dataclasses import dataclass
from functools import lru_cache

from bioskipgram.kmers.genetic_code import start_codons, translate

_READ_THROUGH = {"TGA": "U", "TAG": "O"}
"""Selenocysteine and pyrrolysine, encoded by stop codons inside a coding sequence."""
_LONG = {"*": "Ter", "U": "Sec", "O": "Pyl", "X": "Xaa"}


@dataclass(frozen=True)
class Protein:
    """What a coding sequence is translated to."""

    letters: str  # of every whole codon: * for a stop, X where a base is unknown
    stop: int  # codon that ends the protein; the number of codons if none does
    starts: bool  # whether the first codon is a start codon

    @property
    def ended(self) -> str:
        """The residues up to the stop, which is included."""
        return self.letters[: self.stop + 1]


@lru_cache(maxsize=16)
def translated(text: str, table: int = 1) -> Protein:
    """Return the protein of a coding sequence by an NCBI genetic code.

    The first stop codon ends it. A whole coding sequence (from a start codon to a stop codon, in
    frame) is read through: TGA as selenocysteine (U), TAG as pyrrolysine (O).

    Examples
    --------
    >>> translated("ATGGCCTGAAAGTAA").ended, translated("ATGGCCTGAAAG").ended
    ('MAUK*', 'MA*')
    """
    letters, starts = translate(text, table=table), text[:3] in start_codons(table)
    inside = {text[3 * i : 3 * i + 3] for i, one in enumerate(letters[:-1]) if one == "*"}
    if starts and len(text) % 3 == 0 and letters.endswith("*") and len(inside) == 1:
        letters = letters[:-1].replace("*", _READ_THROUGH.get(inside.pop(), "X")) + "*"
    if starts:
        letters = "M" + letters[1:]
    stop = letters.find("*")
    return Protein(letters, stop if stop >= 0 else len(letters), starts)


def three(letters: str) -> str:
    """Return amino acids as three letters each, Ter for a stop."""
    from Bio.SeqUtils import seq3

    return str(seq3(letters, custom_map=_LONG))  # type: ignore[no-untyped-call]


def residues(letters: str, first: int) -> str:
    """Return a stretch of residues as HGVS has it, such as "Glu7_Ser10"; `first` from 0."""
    if len(letters) == 1:
        return f"{three(letters)}{first + 1}"
    return f"{three(letters[0])}{first + 1}_{three(letters[-1])}{first + len(letters)}"


def replaced(gone: str, come: str, first: int) -> str:
    """Return the name of residues put in place of others; either may be empty, not both."""
    if not come:
        return f"p.{residues(gone, first)}del"
    if len(gone) == 1 and (len(come) == 1 or come[0] == "*"):
        return f"p.{three(gone)}{first + 1}{three(come[0])}"
    return f"p.{residues(gone, first)}delins{three(come)}"


def inserted(before: str, come: str, first: int) -> str:
    """Return the name of residues put in before residue `first` (from 0) of the protein."""
    if before[:first].endswith(come):
        return f"p.{residues(come, first - len(come))}dup"
    if not 0 < first < len(before):
        return "p.?"
    return f"p.{residues(before[first - 1 : first + 1], first - 1)}ins{three(come)}"


def extended(before: str, after: str, first: int) -> str:
    """Return the name of a protein that goes on where its stop, residue `first`, was."""
    if first >= len(after):
        return "p.?"
    away = str(len(after) - first - 1) if after.endswith("*") else "?"
    return f"p.Ter{len(before)}{three(after[first])}extTer{away}"


def shifted(before: str, after: str, first: int) -> str:
    """Return the name of a frameshift whose first changed residue is `first` (from 0)."""
    if first >= min(len(before), len(after)) or "X" in before[first] + after[first]:
        return "p.?"
    if after[first] == "*":
        return f"p.{three(before[first])}{first + 1}Ter"
    away = str(len(after) - first) if after.endswith("*") else "?"
    return f"p.{three(before[first])}{first + 1}{three(after[first])}fsTer{away}"
