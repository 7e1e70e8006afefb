"""Alignment-free comparison of records by their k-mer counts: no vectors, no learning.

The baselines every gene vector is to be measured against. All take two CSR matrices of counts,
of R and R2 records over one vocabulary, and return float64[R, R2].
"""

import numpy as np

from bioskipgram.arrays import Doubles, Floats

from . import Csr


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
