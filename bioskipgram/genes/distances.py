"""Alignment-free comparison of records by their words alone: no vectors, no learning.

The baselines every gene vector is to be measured against. Sets of words are `WordSets`; counts
are CSR matrices of R and R2 records over one vocabulary. All return float64[R, R2], or float64[R]
where row i is compared with row i.
"""

from dataclasses import dataclass

import numpy as np

from bioskipgram.arrays import Counts, Doubles, Floats, checked

from .counts import Csr
from .words import Words, WordSets

_ROUNDING = 1e-6
"""Distances of single-precision cosines below this are those of equal vectors."""


def jaccard(first: WordSets, second: WordSets) -> Doubles:
    """Return the Jaccard index of the sets of words, 0 to 1; exact where both are complete.

    Of sketches, that of the words up to the lower of both limits, an unbiased estimate. Two
    records without words have 0 in common.
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
    Records that share no word are 1 apart; of one collection with itself the diagonal is 0.
    """
    distance = _mash(jaccard(first, second), first.k)
    if first is second:
        np.fill_diagonal(distance, 0)
    return distance


def kmer_cosine(first: Csr, second: Csr) -> Doubles:
    """Return the cosine of the k-mer counts, 0 to 1; 0 with a record without k-mers."""
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
    """Each record beside one other, by their words alone.

    Attributes
    ----------
    mash
        float64[R], Mash distance of the canonical 11-mers, 0 to 1; NaN of protein.
    protein
        float64[R], the same distance of the 3-letter words of the proteins.
    kmer_cosine
        float64[R], cosine of the counts of the model's k-mers, 0 to 1.
    """

    mash: Doubles
    protein: Doubles
    kmer_cosine: Doubles

    def __post_init__(self) -> None:
        R = len(self.mash)
        for name in ("mash", "protein", "kmer_cosine"):
            object.__setattr__(self, name, checked(getattr(self, name), name, np.float64, (R,)))


def paired(first: Csr, second: Csr, words: Words | None, others: Words | None) -> Paired:
    """Return the baselines of row i with row i.

    Parameters
    ----------
    first, second
        scipy.sparse.csr_matrix[R, V] of counts.
    words, others
        Of the same records; without them the distances are NaN.
    """
    a, b = first.astype(np.float64), second.astype(np.float64)
    lengths = np.sqrt(_row_sums(a.multiply(a)) * _row_sums(b.multiply(b)))
    cosines = _row_sums(a.multiply(b)) / np.where(lengths > 0, lengths, 1)
    unknown = np.full(len(cosines), np.nan)
    if words is None or others is None:
        return Paired(unknown, unknown.copy(), cosines)
    by_dna = words.dna is not None and others.dna is not None
    mash = _paired_mash(words.dna, others.dna) if by_dna else unknown
    return Paired(mash, _paired_mash(words.protein, others.protein), cosines)


def _paired_mash(first: WordSets | None, second: WordSets | None) -> Doubles:
    assert first is not None
    assert second is not None
    rows = np.arange(len(first))
    shared = _row_sums(first.matrix.multiply(second.matrix))
    own, others = first.up_to(rows, second.limits), second.up_to(rows, first.limits)
    return _mash(_index(shared, own, others), first.k)


def _index(shared: Doubles, own: Counts, others: Counts) -> Doubles:
    """Return what is shared over what either has; 0 of nothing."""
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
