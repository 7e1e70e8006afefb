"""Alignment-free comparison of records by their k-mer counts: no vectors, no learning.

The baselines every gene vector is to be measured against. All take two CSR matrices of counts,
of R and R2 records over one vocabulary, and return float64[R, R2].
"""

from dataclasses import dataclass

import numpy as np

from bioskipgram.arrays import Doubles, Floats, checked

from .counts import Csr
from .embed import GeneEmbedding


def jaccard(first: Csr, second: Csr) -> Doubles:
    """Return the Jaccard index of the sets of k-mers, 0 to 1, exact: nothing is sketched.

    Two records without k-mers have 0 in common.
    """
    a, b = _present(first), _present(second)
    both = _dense(a @ b.T)
    sizes = np.diff(a.indptr)[:, None] + np.diff(b.indptr)[None]
    union = sizes - both
    result: Doubles = both / np.where(union > 0, union, 1)
    return result


def mash(first: Csr, second: Csr, k: int) -> Doubles:
    """Return the Mash distance -ln(2j / (1 + j)) / k, at most 1, of the exact Jaccard index j.

    Ondov et al. 2016, doi:10.1186/s13059-016-0997-x; an estimate of the substitutions per base.
    Records that share no k-mer are 1 apart; of one matrix with itself the diagonal is 0.
    """
    j = jaccard(first, second)
    shared = np.where(j > 0, j, 1)
    distance = -np.log(2 * shared / (1 + shared)) / k
    result: Doubles = np.where(j > 0, np.clip(distance, 0, 1), 1.0)
    if first is second:
        np.fill_diagonal(result, 0)
    return result


def d2(first: Csr, second: Csr) -> Doubles:
    """Return the D2 statistic, the sum over k-mers of the product of both counts: a similarity.

    Blaisdell 1986, doi:10.1073/pnas.83.14.5155.
    """
    return _dense(first.astype(np.float64) @ second.astype(np.float64).T)


def kmer_cosine(first: Csr, second: Csr) -> Doubles:
    """Return the cosine of the k-mer counts, 0 to 1; 0 with a record without k-mers."""
    lengths = [np.sqrt(_dense(counts.astype(np.float64).power(2).sum(axis=1)).reshape(-1))
               for counts in (first, second)]  # fmt: skip
    scale = np.outer(*(np.where(length > 0, length, 1) for length in lengths))
    cosines: Doubles = d2(first, second) / scale
    return cosines


def from_cosines(cosines: Doubles | Floats) -> Doubles:
    """Return 1 - cosine as a distance matrix: symmetric, 0 to 2, zeros on the diagonal."""
    both = np.asarray(cosines, np.float64)
    distances = np.clip(1 - (both + both.T) / 2, 0, 2)
    np.fill_diagonal(distances, 0)
    return distances


def _present(counts: Csr) -> Csr:
    present = counts.astype(np.float64)
    present.eliminate_zeros()
    present.data[:] = 1
    return present


def _dense(matrix: Csr) -> Doubles:
    return np.asarray(matrix.todense() if hasattr(matrix, "todense") else matrix, np.float64)


@dataclass(frozen=True)
class Paired:
    """Each record beside one other, by their k-mers alone.

    Attributes
    ----------
    mash
        float64[R], Mash distance of the exact Jaccard index, 0 to 1.
    kmer_cosine
        float64[R], cosine of the k-mer counts, 0 to 1.
    """

    mash: Doubles
    kmer_cosine: Doubles

    def __post_init__(self) -> None:
        R = len(self.mash)
        for name in ("mash", "kmer_cosine"):
            object.__setattr__(self, name, checked(getattr(self, name), name, np.float64, (R,)))


def paired(first: Csr, second: Csr, k: int) -> Paired:
    """Return the baselines of row i with row i: the diagonals of `distances.mash` and the like.

    Parameters
    ----------
    first, second
        scipy.sparse.csr_matrix[R, V] of counts.
    k
        Length of the k-mers.
    """
    a, b = first.astype(np.float64), second.astype(np.float64)
    both = _row_sums(_present(a).multiply(_present(b)))
    j = both / np.maximum(_row_sums(_present(a)) + _row_sums(_present(b)) - both, 1)
    shared = np.where(j > 0, j, 1)
    mash = np.where(j > 0, np.clip(-np.log(2 * shared / (1 + shared)) / k, 0, 1), 1.0)
    lengths = np.sqrt(_row_sums(a.multiply(a)) * _row_sums(b.multiply(b)))
    return Paired(mash, _row_sums(a.multiply(b)) / np.where(lengths > 0, lengths, 1))


def _row_sums(matrix: Csr) -> Doubles:
    return np.asarray(matrix.sum(axis=1), np.float64).reshape(-1)


def apart(genes: GeneEmbedding, most: int) -> Doubles:
    """Return 1 - cosine of the first `most` records with one another, float64[n, n], 0 to 2."""
    unit = genes.unit[:most].astype(np.float64)
    return tidy(1 - unit @ unit.T)


def tidy(distances: Doubles) -> Doubles:
    """Return distances exactly symmetric, at least 0, and 0 on the diagonal, float64[n, n]."""
    result: Doubles = np.maximum((distances + distances.T) / 2, 0)
    np.fill_diagonal(result, 0)
    return result
