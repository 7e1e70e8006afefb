"""BLOSUM62, the similarity of amino acids (Henikoff and Henikoff 1992), as Biopython ships it."""

from functools import cache


@cache
def _scores() -> dict[tuple[str, str], int]:
    from Bio.Align import substitution_matrices

    matrix = substitution_matrices.load("BLOSUM62")  # type: ignore[no-untyped-call]
    letters = "ACDEFGHIKLMNPQRSTVWY"
    return {(a, b): int(matrix[a, b]) for a in letters for b in letters}


def blosum62(first: str, second: str) -> int | None:
    """Return the BLOSUM62 score of two amino acids; None for a stop or another letter."""
    return _scores().get((first, second))
