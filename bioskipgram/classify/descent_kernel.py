"""Logistic regression by dual coordinate descent: the inner loop of every head.

Minimises |w|^2 / 2 + C sum log(1 + exp(-y (w x + b))) with b penalised like a weight, by Newton
steps on one dual variable at a time (Yu, Huang & Lin 2011, 10.1007/s10994-010-5221-8, as liblinear
does). scikit-learn's lbfgs needs 5 to 15 times as long for the same optimum on k-mer counts, and
its tables are copied for each scale of the columns; here the scale is applied as they are read.
"""

from typing import Any

import numba
import numpy as np

from bioskipgram.numerics.arrays import Counts, Doubles, Floats, Offsets, Tokens

_NEWTON = 40
"""Most Newton steps for one variable; 3 to 5 are usual."""
_FLAT = 1e-4
"""The slope at which they end, in units of the margin."""


@numba.njit(cache=True, nogil=True, fastmath=True)
def _row(
    indptr: Offsets, indices: Tokens, data: Floats, scale: Floats, weights: Floats, row: int
) -> np.float32:
    total = np.float32(0)
    for j in range(indptr[row], indptr[row + 1]):
        column = indices[j]
        total += data[j] * scale[column] * weights[column]
    return total


@numba.njit(cache=True, nogil=True, fastmath=True)
def margins(
    indptr: Offsets, indices: Tokens, data: Floats, scale: Floats, rows: Counts,
    weights: Floats, bias: Floats,
) -> Doubles:  # fmt: skip
    """Return w x + b of some rows, float64[n]; `weights` are of the scaled columns."""
    found = np.empty(len(rows))
    for i in range(len(rows)):
        found[i] = bias[0] + _row(indptr, indices, data, scale, weights, rows[i])
    return found


@numba.njit(cache=True, nogil=True, fastmath=True)
def start(
    indptr: Offsets, indices: Tokens, data: Floats, scale: Floats, rows: Counts,
    signs: Floats, duals: Doubles, weights: Floats, bias: Floats,
) -> Floats:  # fmt: skip
    """Set weights and bias to what the dual variables say; return each row's squared norm + 1."""
    squares = np.ones(len(rows), np.float32)
    weights[:] = 0
    bias[0] = 0
    for i in range(len(rows)):
        step = np.float32(duals[i] * signs[i])
        bias[0] += step
        for j in range(indptr[rows[i]], indptr[rows[i] + 1]):
            value = data[j] * scale[indices[j]]
            squares[i] += value * value
            weights[indices[j]] += step * value
    return squares


@numba.njit(cache=True, nogil=True)
def _solve(dual: float, cost: float, margin: float, square: float) -> float:
    """Return the dual variable, between 0 and `cost`, that is best with all others fixed.

    Newton steps on its log odds, whose slope is at least 1, inside an interval that shrinks. On the
    variable itself they would creep away from an end, where the logarithm is infinite.
    """
    low, high = -margin - square * cost, -margin + square * cost
    odds = min(max(np.log(dual / (cost - dual)), low), high)
    now = dual
    for _ in range(_NEWTON):
        now = cost / (1 + np.exp(-odds))
        slope = odds + margin + square * (now - dual)
        if abs(slope) < _FLAT:
            break
        if slope > 0:
            high = odds
        else:
            low = odds
        odds -= slope / (1 + square * now * (cost - now) / cost)
        if not low < odds < high:
            odds = (low + high) / 2
    return min(max(now, 1e-12 * cost), (1 - 1e-12) * cost)


@numba.njit(cache=True, nogil=True, fastmath=True)
def sweep(
    indptr: Offsets, indices: Tokens, data: Floats, scale: Floats, rows: Counts,
    signs: Floats, costs: Doubles, squares: Floats, duals: Doubles,
    weights: Floats, bias: Floats, random: Any,
) -> float:  # fmt: skip
    """Improve every dual variable once, in random order.

    Returns the largest change as a share of its cost, which bounds how far from 0 slopes are.
    """
    n = len(rows)
    order = np.arange(n)
    for i in range(n - 1, 0, -1):
        j = int(random.random() * (i + 1))
        order[i], order[j] = order[j], order[i]
    largest = 0.0
    for place in range(n):
        i = order[place]
        row = rows[i]
        margin = signs[i] * (bias[0] + _row(indptr, indices, data, scale, weights, row))
        new = _solve(duals[i], costs[i], margin, squares[i])
        change = new - duals[i]
        largest = max(largest, abs(change) / costs[i])
        if abs(change) <= 1e-7 * costs[i]:
            continue
        duals[i] = new
        step = np.float32(change * signs[i])
        bias[0] += step
        for j in range(indptr[row], indptr[row + 1]):
            weights[indices[j]] += step * data[j] * scale[indices[j]]
    return largest
