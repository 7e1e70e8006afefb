"""Alignment-free comparison of records by their words alone, without vectors.

The baselines of the gene vectors. Sets of words are `WordSets`; counts
are CSR matrices of R and R2 records over one vocabulary. All return float64[R, R2], or float64[R]
where row i is compared with row i.
"""

from dataclasses import dataclass

import numpy as np

from bioskipgram.numerics.arrays import Counts, Doubles, Floats, check_fields

from .counts import Csr
from .words import Words, WordSets

_ROUNDING = 1e-6
"""Distances of single-precision cosines below this are those of equal vectors."""


def jaccard(first: WordSets, second: WordSets) -> Doubles:
    """Return the Jaccard index of the sets of words, 0 to 1; exact where both are complete.

    Of sketches, it is an unbiased estimate from the words up to the lower of both limits. It is 0
    for two records without words.
    """
    shared = _dense(first.matrix.astype(np.float64) @ second.matrix.T.astype(np.float64))
    if first.complete and second.complete:
        return _index(shared, first.sizes[:, None], second.sizes)
    rows, columns = np.arange(len(first)), np.arange(len(second))
    own = first.up_to(rows[:, None], second.limits[None])
    others = second.up_to(columns[None], first.limits[:, None])
    return _index(shared, own, others)


def mash(first: WordSets, second: WordSets) -> Doubles:
    """Return the Mash distance -ln(2j / (1 + j)) / k, at most 1, of the Jaccard index j.

    Ondov et al. 2016, doi:10.1186/s13059-016-0997-x: an estimate of the substitutions per letter.
    It is 1 without a shared word; the diagonal of a collection with itself is 0.
    """
    distance = _mash(jaccard(first, second), first.k)
    if first is second:
        np.fill_diagonal(distance, 0)
    return distance


def kmer_cosine(first: Csr, second: Csr) -> Doubles:
    """Return the cosine of the k-mer counts, 0 to 1; 0 for a record without k-mers."""
    a, b = first.astype(np.float64), second.astype(np.float64)
    lengths = [np.sqrt(_row_sums(counts.power(2))) for counts in (a, b)]
    scale = np.outer(*(np.where(length > 0, length, 1) for length in lengths))
    cosines: Doubles = _dense(a @ b.T) / scale
    return cosines


def from_cosines(cosines: Doubles | Floats) -> Doubles:
    """Return 1 - cosine as a distance matrix: symmetric, 0 to 2, zeros on the diagonal."""
    both = np.asarray(cosines, np.float64)
    distances = np.clip(1 - (both + both.T) / 2, 0, 2)
    distances[distances < _ROUNDING] = 0
    np.fill_diagonal(distances, 0)
    return distances


@dataclass(frozen=True)
class Paired:
    """Distances of each record to one other record, from their words alone."""

    mash: Doubles  # float64[R], 0 to 1, of the canonical 11-mers; NaN for protein
    protein: Doubles  # float64[R], the same of the 3-letter words of the proteins
    kmer_cosine: Doubles  # float64[R], 0 to 1, of the counts of the model's k-mers

    def __post_init__(self) -> None:
        kind = np.float64, len(self.mash)
        check_fields(self, mash=kind, protein=kind, kmer_cosine=kind)


def paired(first: Csr, second: Csr, words: Words | None, others: Words | None) -> Paired:
    """Return the distances of row i to row i; NaN for those that need words, without words."""
    a, b = first.astype(np.float64), second.astype(np.float64)
    lengths = np.sqrt(_row_sums(a.multiply(a)) * _row_sums(b.multiply(b)))
    cosines = _row_sums(a.multiply(b)) / np.where(lengths > 0, lengths, 1)
    return Paired(*paired_by_words(words, others, len(cosines)), cosines)


def one_with_all(own: Csr, others: Csr, words: Words, other_words: Words | None) -> Paired:
    """Return the baselines of one record with each of R others; see `paired`."""
    cosines = kmer_cosine(own, others)[0]
    if other_words is None:
        return Paired(*paired_by_words(None, None, len(cosines)), cosines)
    by_dna = np.full(len(cosines), np.nan)
    if words.dna is not None and other_words.dna is not None:
        by_dna = mash(words.dna, other_words.dna)[0]
    return Paired(by_dna, mash(words.protein, other_words.protein)[0], cosines)


def paired_by_words(
    words: Words | None, others: Words | None, pairs: int
) -> tuple[Doubles, Doubles]:
    """Return `Paired.mash` and `Paired.protein` of each pair; NaN without words."""
    if words is None or others is None:
        return np.full(pairs, np.nan), np.full(pairs, np.nan)
    protein = _paired_mash(words.protein, others.protein)
    if words.dna is None or others.dna is None:
        return np.full(pairs, np.nan), protein
    return _paired_mash(words.dna, others.dna), protein


def _paired_mash(first: WordSets, second: WordSets) -> Doubles:
    rows = np.arange(len(first))
    shared = _row_sums(first.matrix.multiply(second.matrix))
    own, others = first.up_to(rows, second.limits), second.up_to(rows, first.limits)
    return _mash(_index(shared, own, others), first.k)


def _index(shared: Doubles, own: Counts, others: Counts) -> Doubles:
    """Return the intersection over the union; 0 where both are empty."""
    index: Doubles = shared / np.maximum(own + others - shared, 1)
    return index


def _mash(j: Doubles, k: int) -> Doubles:
    shared = np.where(j > 0, j, 1)
    distance = np.clip(-np.log(2 * shared / (1 + shared)) / k, 0, 1) + 0.0  # -0 is 0
    return np.where(j > 0, distance, 1.0)


def _dense(matrix: Csr) -> Doubles:
    return np.asarray(matrix.todense() if hasattr(matrix, "todense") else matrix, np.float64)


def _row_sums(matrix: Csr) -> Doubles:
    return np.asarray(matrix.sum(axis=1), np.float64).reshape(-1)
