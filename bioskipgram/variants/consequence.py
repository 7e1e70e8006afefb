"""What a variant does to the protein, by the standard genetic code: its class and HGVS name."""

from dataclasses import dataclass
from functools import cache

from bioskipgram.kmers.genetic_code import protein_of

from .hgvs import coding_name
from .variant import Variant

KINDS = (
    "synonymous", "missense", "stop gained", "stop lost", "start lost", "frameshift",
    "in-frame deletion", "in-frame insertion", "in-frame change", "not known",
)  # fmt: skip
"""The classes; "not known" where no whole codon of known bases is there."""
_PURINES = "AG"


@dataclass(frozen=True)
class Consequence:
    """What a variant does to a coding sequence.

    Attributes
    ----------
    kind
        One of `KINDS`.
    coding, protein
        HGVS names, such as "c.20A>T" and "p.Glu7Val"; "p.?" where the protein cannot be told.
    codons, amino_acids
        Old and new, such as "GAG>GTG" and "E>V"; of changes of length, "".
    blosum62
        Score of the exchange (Henikoff & Henikoff 1992, doi:10.1073/pnas.89.22.10915), -4 to 11;
        None unless one amino acid is put in place of one, or is kept.
    change
        "transition" (A-G, C-T) or "transversion"; "" unless one base is replaced.
    cpg
        "created", "destroyed", "moved" (both) or "" (no CpG is touched).
    """

    kind: str
    coding: str
    protein: str
    codons: str = ""
    amino_acids: str = ""
    blosum62: int | None = None
    change: str = ""
    cpg: str = ""


def consequence(change: Variant, text: str) -> Consequence:
    """Return what a variant does.

    Parameters
    ----------
    change
        The variant.
    text
        Its record as letters A C G T N, a coding sequence from the start codon on.

    Examples
    --------
    >>> found = consequence(Variant(0, 7, "A", "T"), "ATGCTGGAGTAA")
    >>> found.kind, found.codons, found.protein, found.blosum62, found.change
    ('missense', 'GAG>GTG', 'p.Glu3Val', -2, 'transversion')
    """
    names = coding_name(change, text), change_of(change), cpg(change, text)
    if len(change.ref) == len(change.alt):
        return _replaced(change, text, *names)
    return _resized(change, text, *names)


def change_of(change: Variant) -> str:
    """Return "transition", "transversion" or ""."""
    if not change.is_substitution:
        return ""
    same = (change.ref in _PURINES) == (change.alt in _PURINES)
    return "transition" if same else "transversion"


def cpg(change: Variant, text: str) -> str:
    """Return "created", "destroyed", "moved" or "": what becomes of the CpGs it touches."""
    left, right = text[max(0, change.position - 1) : change.position], text[change.stop :][:1]
    before = (left + change.ref + right).count("CG")
    after = (left + change.alt + right).count("CG")
    if before and after:
        return "moved"
    return "destroyed" if before else "created" if after else ""


def _replaced(change: Variant, text: str, coding: str, kind: str, touched: str) -> Consequence:
    """Return the consequence where as many bases come as go."""
    first, last = change.position // 3, (change.stop - 1) // 3
    old = text[3 * first : 3 * last + 3]
    offset = change.position - 3 * first
    new = old[:offset] + change.alt + old[offset + len(change.alt) :]
    before, after = protein_of(old), protein_of(new)
    if len(old) % 3 or "X" in before + after:
        return Consequence("not known", coding, "p.?", f"{old}>{new}", "", None, kind, touched)
    start = first == 0 and before[0] == "M"
    return Consequence(
        _kind(before, after, start=start),
        coding,
        _exchange(before, after, first, start=start),
        f"{old}>{new}",
        f"{before}>{after}",
        blosum62(before, after) if len(before) == 1 else None,
        kind,
        touched,
    )


def _kind(before: str, after: str, *, start: bool) -> str:
    if before == after:
        return "synonymous"
    if start and after[0] != "M":
        return "start lost"
    if "*" in after and "*" not in before:
        return "stop gained"
    return "stop lost" if "*" in before and "*" not in after else "missense"


def _exchange(before: str, after: str, first: int, *, start: bool) -> str:
    """Return the protein name of residues put in place of as many others."""
    if start and after[0] != "M":
        return "p.Met1?"
    if before == after:
        return f"p.{three(before)}{first + 1}=" if len(before) == 1 else "p.="
    while before[0] == after[0]:
        before, after, first = before[1:], after[1:], first + 1
    while before[-1] == after[-1]:
        before, after = before[:-1], after[:-1]
    if before[0] == "*":
        return f"p.Ter{first + 1}{three(after[0])}extTer?"
    if len(before) == 1 or after[0] == "*":
        return f"p.{three(before[0])}{first + 1}{three(after[0])}"
    after = after.partition("*")[0] + "*" * ("*" in after)
    return f"p.{_residues(before, first)}delins{three(after)}"


def _resized(change: Variant, text: str, coding: str, kind: str, touched: str) -> Consequence:
    """Return the consequence of a change of length."""
    new = text[: change.position] + change.alt + text[change.stop :]
    before, after = _until_stop(protein_of(text)), _until_stop(protein_of(new))
    if "X" in before + after:
        return Consequence("not known", coding, "p.?", change=kind, cpg=touched)
    if before.startswith("M") and not after.startswith("M"):
        return Consequence("start lost", coding, "p.Met1?", change=kind, cpg=touched)
    if before == after:
        return Consequence("synonymous", coding, "p.=", change=kind, cpg=touched)
    first = next(
        (i for i, (a, b) in enumerate(zip(before, after, strict=False)) if a != b),
        min(len(before), len(after)),
    )
    if (len(change.alt) - len(change.ref)) % 3:
        name, protein = _frameshift(before, after, first)
    else:
        name, protein = _in_frame(before, after, first)
    return Consequence(name, coding, protein, change=kind, cpg=touched)


def _until_stop(protein: str) -> str:
    return protein[: protein.find("*") + 1] if "*" in protein else protein


def _frameshift(before: str, after: str, first: int) -> tuple[str, str]:
    if first >= len(before) or first >= len(after):  # one is how the other begins
        return "frameshift", "p.?"
    if after[first] == "*":
        return "stop gained", f"p.{three(before[first])}{first + 1}Ter"
    away = str(len(after) - first) if after.endswith("*") else "?"
    if before[first] == "*":
        return "stop lost", f"p.Ter{first + 1}{three(after[first])}extTer{_beyond(away)}"
    residue = f"{three(before[first])}{first + 1}{three(after[first])}"
    return "frameshift", f"p.{residue}fsTer{away}"


def _beyond(away: str) -> str:
    # An extension counts from the residue behind the old stop, a frameshift from the first new one.
    return str(int(away) - 1) if away.isdecimal() else away


def _in_frame(before: str, after: str, first: int) -> tuple[str, str]:
    if first < len(after) and after[first] == "*":
        return "stop gained", f"p.{three(before[first])}{first + 1}Ter"
    if before[first : first + 1] == "*":
        if first >= len(after):  # the stop codon itself is gone, and nothing follows
            return "stop lost", "p.?"
        away = str(len(after) - first) if after.endswith("*") else "?"
        return "stop lost", f"p.Ter{first + 1}{three(after[first])}extTer{_beyond(away)}"
    end = 0
    most = min(len(before), len(after)) - first
    while end < most and before[-1 - end] == after[-1 - end]:
        end += 1
    gone, come = before[first : len(before) - end], after[first : len(after) - end]
    if not come:
        return "in-frame deletion", f"p.{_residues(gone, first)}del"
    if not gone:
        if before[:first].endswith(come):
            return "in-frame insertion", f"p.{_residues(come, first - len(come))}dup"
        around = f"{three(before[first - 1])}{first}_{three(before[first])}{first + 1}"
        return "in-frame insertion", f"p.{around}ins{three(come)}"
    if come.endswith("*"):  # nothing behind the new stop is compared
        gone = before[first : first + len(come)]
        return "stop gained", f"p.{_residues(gone, first)}delins{three(come)}"
    if len(gone) == len(come) == 1:
        return "in-frame change", f"p.{three(gone)}{first + 1}{three(come)}"
    return "in-frame change", f"p.{_residues(gone, first)}delins{three(come)}"


def _residues(letters: str, first: int) -> str:
    if len(letters) == 1:
        return f"{three(letters)}{first + 1}"
    return f"{three(letters[0])}{first + 1}_{three(letters[-1])}{first + len(letters)}"


def three(letters: str) -> str:
    """Return amino acids as three letters each, Ter for a stop."""
    from Bio.SeqUtils import seq3

    return str(seq3(letters, custom_map={"*": "Ter"}))  # type: ignore[no-untyped-call]


@cache
def _blosum62() -> dict[tuple[str, str], int]:
    from Bio.Align import substitution_matrices

    matrix = substitution_matrices.load("BLOSUM62")  # type: ignore[no-untyped-call]
    letters = "ACDEFGHIKLMNPQRSTVWY*"
    return {(a, b): int(matrix[a, b]) for a in letters for b in letters}


def blosum62(first: str, second: str) -> int | None:
    """Return the BLOSUM62 score of two amino acids; None for a stop."""
    return None if "*" in first + second else _blosum62()[first, second]
