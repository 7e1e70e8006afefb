"""The inner loops of the pair table on processors (numba).

`row`, float32[rows], is the weight of each centre's pairs and `noise`, float32[columns], the noise
distribution times the negatives, so a cell without a pair has the weight row x noise. Cells are
those of `SparseCounts`, row i at the places `begin[i]` to `end[i]`; without `columns` the table is
dense. `first` is the first column of the tile.
"""

from collections.abc import Callable
from typing import Any

import numba
import numpy as np

from bioskipgram.numerics.arrays import Floats, Offsets, Tokens


def compiled(function: Callable[..., Any]) -> Any:
    """Compile a function that releases the interpreter lock; x / 0 is infinite, as in numpy."""
    # With Python's rule, an error at a division by zero, no loop that divides is vectorized.
    return numba.njit(cache=True, nogil=True, fastmath=True, error_model="numpy")(function)


@compiled
def _read_row(
    begin: int, end: int, first: int, columns: Tokens, weights: Floats, out: Floats
) -> None:
    """Write a tile's part of a row to `out`, zeros included."""
    if not len(columns):
        out[:] = weights[begin + first : begin + first + len(out)]
        return
    out[:] = 0
    place = begin + np.searchsorted(columns[begin:end], first)
    while place < end and columns[place] < first + len(out):
        out[columns[place] - first] = weights[place]
        place += 1


@compiled
def slopes(
    share: Floats, begin: Offsets, end: Offsets, row: Floats, noise: Floats, first: int,
    columns: Tokens, weights: Floats,
) -> None:  # fmt: skip
    """Turn sigmoids s into T s - N in place, T = N + row x noise."""
    n = np.empty(len(noise), np.float32)
    for i in range(len(share)):
        _read_row(begin[i], end[i], first, columns, weights, n)
        s, weight = share[i], row[i]
        for j in range(len(noise)):
            s[j] = (n[j] + weight * noise[j]) * s[j] - n[j]


@compiled
def _both(
    s: Floats, n: Floats, sides: tuple[float, float, float], noise: Floats, whole: Floats,
    bias: Floats,
) -> None:  # fmt: skip
    """Do what `both_slopes` does in one row."""
    weight, q, inverse = sides
    for j in range(len(s)):
        here = s[j]
        back = here / (here + (np.float32(1.0) - here) * bias[j] * inverse)
        both = (n[j] + weight * noise[j]) * here + (n[j] + whole[j] * q) * back
        s[j] = both - np.float32(2.0) * n[j]


@compiled
def both_slopes(
    share: Floats, own_noise: Floats, own_bias: Floats, begin: Offsets, end: Offsets, row: Floats,
    noise: Floats, whole: Floats, bias: Floats, first: int, columns: Tokens, weights: Floats,
) -> None:  # fmt: skip
    """Turn sigmoids of x_ij into the slopes of cells (i, j) and (j, i) together, in place.

    x_ji = x_ij + b_i - b_j; `own_bias` and `bias` are exp(b) of the rows and of the columns,
    `own_noise` and `whole` the noise of the rows and the weights of the columns.
    """
    n, size = np.empty(len(noise), np.float32), len(noise)
    for i in range(len(share)):
        sides = row[i], own_noise[i], np.float32(1.0) / own_bias[i]
        if len(columns):
            _read_row(begin[i], end[i], first, columns, weights, n)
            _both(share[i], n, sides, noise, whole, bias)
        else:  # read where it is: a copy would wait for the memory before any work
            dense = weights[begin[i] + first : begin[i] + first + size]
            _both(share[i], dense, sides, noise, whole, bias)


@compiled
def pulled(
    out: Floats, own: Floats, begin: Offsets, end: Offsets, own_bias: Floats, other: Floats,
    bias: Floats, tied: bool, columns: Tokens, weights: Floats,  # noqa: FBT001 - for numba
) -> None:  # fmt: skip
    """Write the sums over j of N_ij (sigmoid(x_ij) - 1) other_j to `out`, x_ij = own_i . other_j.

    With `tied` the slope of x_ji is added to that of x_ij; for the biases see `both_slopes`.
    """
    for i in range(len(out)):
        here, result = own[i], out[i]
        result[:] = 0
        for place in range(begin[i], end[i]):
            there, x = other[columns[place]], np.float32(0.0)
            for d in range(len(here)):
                x += here[d] * there[d]
            away = np.exp(-max(x, np.float32(-80.0)))
            slope = away / (np.float32(1.0) + away)
            if tied:
                away *= bias[columns[place]] / own_bias[i]
                slope += away / (np.float32(1.0) + away)
            slope *= -weights[place]
            for d in range(len(here)):
                result[d] += slope * there[d]


@compiled
def pair_loss(
    own: Floats, begin: Offsets, end: Offsets, _: Floats, other: Floats, columns: Tokens,
    weights: Floats,
) -> float:  # fmt: skip
    """Return the sum of N_ij softplus(-x_ij), x_ij = own_i . other_j."""
    total = 0.0
    for i in range(len(own)):
        here, part = own[i], np.float32(0.0)
        for place in range(begin[i], end[i]):
            there, x = other[columns[place]], np.float32(0.0)
            for d in range(len(here)):
                x += here[d] * there[d]
            part += weights[place] * np.log1p(np.exp(-max(x, np.float32(-80.0))))
        total += float(part)
    return total


@compiled
def loss(
    x: Floats, rest: Floats, begin: Offsets, end: Offsets, row: Floats, noise: Floats, first: int,
    columns: Tokens, weights: Floats,
) -> float:  # fmt: skip
    """Return the sum of T softplus(x) - N x; `rest` is log sigmoid(-x)."""
    total, n = 0.0, np.empty(len(noise), np.float32)
    for i in range(len(x)):
        _read_row(begin[i], end[i], first, columns, weights, n)
        here, r, weight, part = x[i], rest[i], row[i], np.float32(0.0)
        for j in range(len(noise)):
            part -= (n[j] + weight * noise[j]) * r[j] + n[j] * here[j]
        total += float(part)
    return total


@compiled
def entropy(
    begin: Offsets, end: Offsets, row: Floats, noise: Floats, columns: Tokens, weights: Floats
) -> float:
    """Return the least loss for any x: -n log(n / (n + q)) - q log(q / (n + q)) in a cell."""
    total = 0.0
    for i in range(len(begin)):
        for place in range(begin[i], end[i]):
            n = weights[place]
            if n > 0:  # the others have no loss at x = -infinity
                q = row[i] * noise[columns[place] if len(columns) else place - begin[i]]
                total += n * np.log1p(q / n) + q * np.log1p(n / q)
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
