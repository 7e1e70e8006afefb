"""The inner loops of the pair table on processors (numba).

`row`, float32[rows], is the weight of each centre's pairs and `noise`, float32[columns], the noise
distribution times the negatives, so a cell without a pair has the weight row x noise. Sparse cells
are those of `SparseCounts`; row i has the places `begin[i]` to `end[i]`, and `first` is the first
column of the tile.
"""

from collections.abc import Callable
from typing import Any

import numba
import numpy as np

from bioskipgram.numerics.arrays import Floats, Offsets, Tokens


def compiled(function: Callable[..., Any]) -> Any:
    """Compile a function that releases the interpreter lock."""
    return numba.njit(cache=True, nogil=True, fastmath=True)(function)


@compiled
def dense_slopes(share: Floats, counts: Floats, row: Floats, noise: Floats) -> None:
    """Turn sigmoids s into T s - N in place, T = N + row x noise."""
    for i in range(len(share)):
        s, n, weight = share[i], counts[i], row[i]
        for j in range(len(noise)):
            s[j] = (n[j] + weight * noise[j]) * s[j] - n[j]


@compiled
def sparse_slopes(
    share: Floats,
    begin: Offsets,
    end: Offsets,
    row: Floats,
    noise: Floats,
    first: int,
    columns: Tokens,
    weights: Floats,
) -> None:
    """Do what `dense_slopes` does with a tile of the sparse table."""
    for i in range(len(share)):
        s, weight = share[i], row[i]
        place = begin[i] + np.searchsorted(columns[begin[i] : end[i]], first)
        # (n + q) s - n = q (s + n (s - 1) / q) with q = weight noise: the second loop is dense.
        while place < end[i] and columns[place] < first + len(noise):
            j = columns[place] - first
            s[j] += weights[place] * (s[j] - np.float32(1)) / (weight * noise[j])
            place += 1
        for j in range(len(noise)):
            s[j] *= weight * noise[j]


@compiled
def dense_loss(x: Floats, rest: Floats, counts: Floats, row: Floats, noise: Floats) -> float:
    """Return the sum of T softplus(x) - N x; `rest` is log sigmoid(-x)."""
    total = 0.0
    for i in range(len(x)):
        here, r, n, weight = x[i], rest[i], counts[i], row[i]
        part = np.float32(0.0)
        for j in range(len(noise)):
            part -= (n[j] + weight * noise[j]) * r[j] + n[j] * here[j]
        total += float(part)
    return total


@compiled
def sparse_loss(
    x: Floats,
    rest: Floats,
    begin: Offsets,
    end: Offsets,
    row: Floats,
    noise: Floats,
    first: int,
    columns: Tokens,
    weights: Floats,
) -> float:
    """Return what `dense_loss` returns of a tile of the sparse table."""
    total = 0.0
    for i in range(len(x)):
        here, r = x[i], rest[i]
        part = np.float32(0.0)
        for j in range(len(noise)):
            part -= noise[j] * r[j]
        total += row[i] * part
        place = begin[i] + np.searchsorted(columns[begin[i] : end[i]], first)
        while place < end[i] and columns[place] < first + len(noise):
            j = columns[place] - first
            total -= weights[place] * (r[j] + here[j])
            place += 1
    return total


@compiled
def _cell_entropy(n: float, q: float) -> float:
    """Return -n log(n / (n + q)) - q log(q / (n + q)): a cell's loss at x = log(n / q)."""
    return float(n * np.log1p(q / n) + q * np.log1p(n / q))


@compiled
def dense_entropy(counts: Floats, row: Floats, noise: Floats) -> float:
    """Return the least loss for any x."""
    total = 0.0
    for i in range(len(counts)):
        for j in range(len(noise)):
            if counts[i, j] > 0:  # the others have no loss at x = -infinity
                total += _cell_entropy(counts[i, j], row[i] * noise[j])
    return total


@compiled
def sparse_entropy(
    begin: Offsets, end: Offsets, row: Floats, noise: Floats, columns: Tokens, weights: Floats
) -> float:
    """Return the least loss for any x, of the sparse table."""
    total = 0.0
    for i in range(len(begin)):
        for place in range(begin[i], end[i]):
            total += _cell_entropy(weights[place], row[i] * noise[columns[place]])
    return total


@compiled
def ratios_above(
    starts: Offsets, columns: Tokens, weights: Floats, left: Floats, right: Floats, floor: float
) -> Floats:
    """Return max(log(N / (left x right)), floor) - floor for the non-zero cells."""
    values = np.empty(len(weights), np.float32)
    for i in range(len(starts) - 1):
        for place in range(starts[i], starts[i + 1]):
            ratio = weights[place] / (left[i] * right[columns[place]])
            values[place] = max(np.log(ratio) - floor, 0.0)
    return values


@compiled
def product(
    out: Floats, begin: Offsets, end: Offsets, columns: Tokens, values: Floats, x: Floats
) -> None:
    """Write the product of a sparse matrix with x to `out`."""
    for i in range(len(out)):
        result = out[i]
        result[:] = 0
        for place in range(begin[i], end[i]):
            value, other = values[place], x[columns[place]]
            for d in range(len(result)):
                result[d] += value * other[d]
