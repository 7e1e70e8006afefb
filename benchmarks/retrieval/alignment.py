"""Ranking by optimal alignments, in all cores' processes."""

from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from multiprocessing import get_context
from typing import Any

import numpy as np

from benchmarks.retrieval.samples import LONGEST, Sample
from bioskipgram.genes.alignment import protein_of
from bioskipgram.numerics.threads import cores
from bioskipgram.sequences.sequences import Sequences

_MATCH, _OTHER = 2.0**-13, 2.0**-26
"""Added to the score of an equal and of an unequal pair: all of them together make less than 1."""


if LONGEST >= 1 / _MATCH:
    raise ValueError("so many pairs would add up to a whole point")


def nucleotide_identity(first: str, second: str) -> float:
    """Return the identity of the global alignment, scored as on the Genes page; see `identity`."""
    return identity(first, second, "nucleotides")


def protein_identity(first: str, second: str) -> float:
    """Return the identity of the proteins' global alignment; see `identity`."""
    return identity(first, second, "protein")


def protein_score(first: str, second: str) -> float:
    """Return the score of the proteins' best local alignment.

    Smith & Waterman 1981, doi:10.1016/0022-2836(81)90087-5; BLOSUM62, gaps -(11 + n).
    """
    return float(_aligner("local", "protein").score(first, second))


def identity(first: str, second: str, kind: str) -> float:
    """Return matches per column, gaps and free end gaps included, of the best global alignment.

    Nothing is traced back: scores are whole numbers, so what equal and unequal pairs add to them
    behind the point counts these pairs, in that of the best alignments with the most matches.
    """
    score = float(_aligner("global", kind, _MATCH, _OTHER).score(first, second))
    matches, rest = divmod(score % 1, _MATCH)
    paired = matches + rest / _OTHER
    return matches / (len(first) + len(second) - paired)


@cache
def _aligner(mode: str, kind: str, match: float = 0.0, other: float = 0.0) -> Any:
    from Bio.Align import PairwiseAligner, substitution_matrices

    aligner: Any = PairwiseAligner(mode=mode)
    if kind == "protein":
        matrix: Any = substitution_matrices.load("BLOSUM62")
        letters = np.array(list(matrix.alphabet))
        equal = (letters[:, None] == letters) & (letters != "X")
        matrix[:, :] = np.asarray(matrix) + np.where(equal, match, other)
        aligner.substitution_matrix = matrix
        aligner.open_gap_score, aligner.extend_gap_score = -12, -1
    else:
        aligner.match_score, aligner.mismatch_score = 2 + match, -3 + other
        aligner.open_gap_score, aligner.extend_gap_score = -7, -2
        aligner.wildcard = "N"
    if mode == "global":
        aligner.end_gap_score = 0
    return aligner


MEASURES: dict[str, tuple[str, Callable[[str, str], float]]] = {
    "Smith-Waterman score, protein": ("protein", protein_score),
    "alignment identity, protein": ("protein", protein_identity),
    "alignment identity, nucleotides": ("nucleotides", nucleotide_identity),
}


def aligned(records: Sequences, sample: Sample, measure: str) -> np.ndarray:
    """Return the score of each query with each of its candidates, float64[Q, R]; others -inf."""
    kind, _ = MEASURES[measure]
    pairs = sample.pairs()
    wanted = {i for query, among in pairs for i in (query, *among)}
    texts = {i: protein_of(records[i]) if kind == "protein" else records.text(i) for i in wanted}
    jobs = [(measure, texts[query], [texts[i] for i in among]) for query, among in pairs]
    scores = np.full(sample.task.counted.shape, -np.inf)
    # Not forked: numerical libraries have threads by now.
    with ProcessPoolExecutor(cores(), mp_context=get_context("spawn")) as pool:
        found = pool.map(_one_query, jobs)
        for row, ((_, among), values) in enumerate(zip(pairs, found, strict=True)):
            scores[row, among] = values
    return scores


def _one_query(job: tuple[str, str, list[str]]) -> list[float]:
    measure, query, others = job
    return [MEASURES[measure][1](query, other) for other in others]
