"""Average precision of rankings, and its mean over families with an interval."""

from dataclasses import dataclass

import numpy as np

from benchmarks.retrieval.tasks import Task

BOOTSTRAPS = 1000


def average_precisions(scores: np.ndarray, right: np.ndarray, counted: np.ndarray) -> np.ndarray:
    """Return the average precision of every query, float64[Q].

    The sum over ranks of the precision there times the gain in recall (Manning, Raghavan &
    Schütze 2008, chapter 8.4). Equal scores share the last rank of theirs, as scikit-learn has it,
    so the order of the records in a file does not matter.

    Parameters
    ----------
    scores
        float[Q, R], the more alike the higher.
    right, counted
        bool[Q, R]; what is not counted is not ranked; right ones are counted.
    """
    found = np.zeros(len(scores))
    for row, (given, correct, ranked) in enumerate(zip(scores, right, counted, strict=True)):
        every, relatives = np.sort(given[ranked]), np.sort(given[correct])
        ranks = len(every) - np.searchsorted(every, relatives)
        found[row] = np.mean((len(relatives) - np.searchsorted(relatives, relatives)) / ranks)
    return found


@dataclass(frozen=True)
class Mean:
    """A mean over families and its 95 % interval."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.4f} | {self.low:.4f} to {self.high:.4f}"

    @property
    def signed(self) -> str:
        """The same as a difference."""
        return f"{self.value:+.4f} ({self.low:+.4f} to {self.high:+.4f})"


def mean(task: Task, values: np.ndarray) -> Mean:
    """Return the mean over families of the queries' mean, with its bootstrap interval.

    Families are drawn anew; where they are given, the queries within each. Of the differences of
    two methods this makes the paired interval.

    Parameters
    ----------
    task
        Whose queries the values belong to.
    values
        float64[Q], average precisions or differences of them.
    """
    random = np.random.default_rng(1)
    names, family = np.unique(task.families, return_inverse=True)
    each = np.bincount(family, values) / np.bincount(family)
    if not task.families_given:
        draws = each[random.integers(0, len(names), (BOOTSTRAPS, len(names)))].mean(axis=1)
    else:
        groups = [values[family == f] for f in range(len(names))]
        draws = np.mean(
            [g[random.integers(0, len(g), (BOOTSTRAPS, len(g)))].mean(axis=1) for g in groups],
            axis=0,
        )
    low, high = np.percentile(draws, [2.5, 97.5])
    return Mean(float(each.mean()), float(low), float(high))
