"""The identity of two sequences: optimal pairwise alignments, by Biopython."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from bioskipgram.errors import QueryError
from bioskipgram.kmers.genetic_code import translate
from bioskipgram.numerics.arrays import BaseCodes
from bioskipgram.sequences.alphabet import DNA
from bioskipgram.sequences.orfs import coding_part

MAX_CELLS = 150_000_000
"""Largest dynamic-programming table: 12,247 x 12,247 letters, 350 MB and a few seconds."""
QUICK_CELLS = 20_000_000
"""Table size that is computed in well under a second."""
MODES = ("global", "local")
SCORING = {
    "nucleotides": "match 2, mismatch −3, a gap of n bases −(5 + 2n) as blastn has it",
    "protein": "BLOSUM62, a gap of n residues −(11 + n) as blastp has it",
}
"""What `align` maximises, in words."""


@dataclass(frozen=True)
class Alignment:
    """Two aligned sequences and the score of the alignment, see `SCORING`."""

    mode: str  # "global" (end gaps are free) or "local" (the best part of each)
    kind: str  # "nucleotides" or "protein"
    score: float
    first: str  # aligned letters, - for a gap; as long as `second`, "" if nothing aligns
    second: str
    start_first: int = 0  # 0-based position of the first aligned letter
    start_second: int = 0

    def __post_init__(self) -> None:
        if len(self.first) != len(self.second):
            raise ValueError(f"rows of {len(self.first)} and {len(self.second)} columns")

    def __len__(self) -> int:
        return len(self.first)

    @cached_property
    def matches(self) -> int:
        """Columns with twice the same known letter."""
        return sum(a == b and a not in "-NX" for a, b in zip(self.first, self.second, strict=True))

    @cached_property
    def paired(self) -> int:
        """Columns without a gap."""
        return sum("-" not in pair for pair in zip(self.first, self.second, strict=True))

    @property
    def gaps(self) -> int:
        """Columns with a gap, those at the ends included."""
        return len(self) - self.paired

    @property
    def identity(self) -> float:
        """Matches per column, gaps included, 0 to 1, as in EMBOSS needle; 0 without columns."""
        return self.matches / len(self) if len(self) else 0.0

    def text(self, width: int = 60) -> str:
        """Return the alignment in blocks, positions counted from 1, ``|`` marking matches."""
        blocks, places = [], [self.start_first, self.start_second]
        digits = len(str(max(places) + len(self)))
        for start in range(0, len(self), width):
            rows = [row[start : start + width] for row in (self.first, self.second)]
            ends = [at + len(row.replace("-", "")) for at, row in zip(places, rows, strict=True)]
            bars = "".join("|" if a == b and a not in "-NX" else " " for a, b in zip(*rows))  # noqa: B905
            above, below = (
                f"{first + 1:>{digits}} {row} {end}"
                for first, row, end in zip(places, rows, ends, strict=True)
            )
            blocks.append(f"{above}\n{'':>{digits}} {bars}\n{below}")
            places = ends
        return "\n\n".join(blocks)


def align(first: str, second: str, *, mode: str = "global", kind: str = "nucleotides") -> Alignment:
    """Return an optimal alignment (Gotoh 1982, doi:10.1016/0022-2836(82)90398-9).

    An empty sequence, or two whose table would not fit in memory, raise a QueryError.

    Examples
    --------
    >>> found = align("ACGTACGTT", "ACGTCGTT")
    >>> found.first, found.second, round(found.identity, 3)
    ('ACGTACGTT', 'ACGT-CGTT', 0.889)
    """
    if sentence := refusal(len(first), len(second)):
        raise QueryError(sentence)
    alignments = _aligner(mode, kind).align(first, second)
    try:
        best = alignments[0]
    except IndexError:  # a local alignment without any match
        return Alignment(mode, kind, 0.0, "", "")
    starts = best.coordinates[:, 0].tolist() if mode == "local" else [0, 0]
    return Alignment(mode, kind, float(best.score), best[0], best[1], *starts)


def refusal(first: int, second: int) -> str:
    """Return why two sequences of these lengths cannot be aligned, "" if they can."""
    if not first or not second:
        return "align: one of the sequences is empty; choose another"
    cells = first * second
    if cells > MAX_CELLS:
        return (
            f"align: {first:,} x {second:,} letters make a table of {cells:,} cells, "
            f"{MAX_CELLS:,} are allowed (about {int(MAX_CELLS**0.5):,} letters each); align "
            "parts of them, as the dot plot finds them"
        )
    return ""


def _aligner(mode: str, kind: str) -> Any:
    from Bio.Align import PairwiseAligner, substitution_matrices

    aligner: Any = PairwiseAligner(mode=mode)  # type: ignore[no-untyped-call]
    if kind == "protein":
        blosum = substitution_matrices.load("BLOSUM62")  # type: ignore[no-untyped-call]
        aligner.substitution_matrix = blosum
        aligner.open_gap_score, aligner.extend_gap_score = -12, -1
    else:
        aligner.match_score, aligner.mismatch_score = 2, -3
        aligner.open_gap_score, aligner.extend_gap_score = -7, -2
        aligner.wildcard = "N"
    if mode == "global":
        aligner.end_gap_score = 0
    return aligner


def protein_of(bases: BaseCodes) -> str:
    """Return the translation of a record's coding part without its stop; see `coding_part`."""
    start, stop = coding_part(bases)
    return translate(DNA.decode(np.asarray(bases)[start:stop])).removesuffix("*")
