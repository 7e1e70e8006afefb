"""Ranking by optimal alignments, in all cores' processes."""

from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from multiprocessing import get_context
from typing import Any

import numpy as np

from bioskipgram.fasta import Sequences
from bioskipgram.genes.alignment import align, protein_of
from bioskipgram.tally import cores

from .samples import Sample


def nucleotide_identity(first: str, second: str) -> float:
    """Return the identity of the global alignment, as the Genes page has it."""
    return align(first, second).identity


def protein_identity(first: str, second: str) -> float:
    """Return the identity of the proteins' global alignment."""
    return align(first, second, kind="protein").identity


def protein_score(first: str, second: str) -> float:
    """Return the score of the proteins' best local alignment.

    Smith & Waterman 1981, doi:10.1016/0022-2836(81)90087-5; BLOSUM62, gaps -(11 + n).
    """
    return float(_local().score(first, second))


@cache
def _local() -> Any:
    from Bio.Align import PairwiseAligner, substitution_matrices

    aligner: Any = PairwiseAligner(mode="local")
    aligner.substitution_matrix = substitution_matrices.load("BLOSUM62")
    aligner.open_gap_score, aligner.extend_gap_score = -12, -1
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
