"""Logistic regression along a path of penalties, and the log-ratio scale of its columns."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from bioskipgram.numerics.arrays import Counts, Doubles, Flags, Floats

from .blocks import Csr

TOLERANCE, ROUGH = 0.002, 0.05
"""Largest change of a dual variable, as a share of C, in the last sweep. The loss is then within
1e-5 of its lowest, relatively; rough, where only the cost is chosen: 1e-3."""
MAX_SWEEPS = 200
RATIO_PRIOR = 1.0


@dataclass(frozen=True)
class Line:
    """One linear classifier: the cost C it was fitted with, and what it adds up."""

    cost: float
    weights: Floats  # float32[columns], of the unscaled columns
    bias: float

    def margins(self, table: Csr, rows: Counts) -> Doubles:
        """Return its values for some rows of a table, int64[n], float64[n]."""
        from . import descent_kernel

        arrays = table.indptr.astype(np.int64), table.indices, table.data
        ones = np.ones(len(self.weights), np.float32)
        bias = np.array([self.bias], np.float32)
        return descent_kernel.margins(*arrays, ones, rows, self.weights, bias)


def path(
    table: Csr,
    scale: Floats,
    rows: Counts,
    positive: Flags,
    costs: Sequence[float],
    random: Any,
    *,
    tolerance: float = TOLERANCE,
) -> Iterator[Line]:
    """Yield the logistic regression of each cost, ascending, each started from the one before.

    Parameters
    ----------
    table
        float32[R, columns], of which `rows`, int64[n], are used.
    scale
        What each column is multiplied by, float32[columns].
    positive
        The labels, bool[n].
    random
        A numpy Generator: the order of the items.
    tolerance
        Where to end; see `TOLERANCE`.
    """
    from . import descent_kernel

    arrays = (table.indptr.astype(np.int64), table.indices, table.data, scale, rows)
    signs = np.where(positive, 1, -1).astype(np.float32)
    weights, bias = np.zeros(table.shape[1], np.float32), np.zeros(1, np.float32)
    duals, before = np.full(len(rows), 0.5), 1.0
    for cost in costs:
        duals *= cost / before
        before = cost
        squares = descent_kernel.start(*arrays, signs, duals, weights, bias)
        every = np.full(len(rows), cost)
        for _ in range(MAX_SWEEPS):
            change = descent_kernel.sweep(
                *arrays, signs, every, squares, duals, weights, bias, random
            )
            if change < tolerance:
                break
        yield Line(cost, weights * scale, float(bias[0]))


def log_ratio(own: Doubles, other: Doubles) -> Floats:
    """Return how much commoner each column is in the one class than in the other, float32[columns].

    The logarithm of the ratio of its shares, 1 added to each sum (Wang & Manning 2012,
    https://aclanthology.org/P12-2018), scaled to a mean square of 1 over all entries.

    Parameters
    ----------
    own, other
        The sums of the columns over the items of the class, and over the others; see `sums`.
    """
    usage = own + other
    own, other = own + RATIO_PRIOR, other + RATIO_PRIOR
    ratio = np.log(own / own.sum()) - np.log(other / other.sum())
    mean = (ratio**2 * usage).sum() / max(usage.sum(), 1e-12)
    scaled: Floats = (ratio / max(np.sqrt(mean), 1e-6)).astype(np.float32)
    return scaled


def sums(table: Csr, rows: Counts) -> Doubles:
    """Return the sum of each column over some rows, float64[columns]."""
    chosen = np.zeros(table.shape[0], np.float32)  # as the table, which would be copied otherwise
    chosen[rows] = 1.0
    found: Doubles = (table.T @ chosen).astype(np.float64)
    return found
