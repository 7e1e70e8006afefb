"""A sample of queries and candidates, for what is too slow to rank everything."""

from dataclasses import dataclass, replace

import numpy as np

from benchmarks.retrieval.precision import average_precisions
from benchmarks.retrieval.rankings import Ranking
from benchmarks.retrieval.tasks import Collection, Task, drawn

LONGEST = 6000
"""Bases; longer records are not sampled: a table of 36 million cells takes a second."""
RELATIVES = 5
"""The most right ones of a query."""


@dataclass(frozen=True)
class Sample:
    """Some queries of a task, each among some candidates.

    Attributes
    ----------
    task
        The queries drawn; counted are only their candidates.
    """

    task: Task

    def precisions(self, scores: np.ndarray) -> np.ndarray:
        """Return the average precision of each sampled query; scores float[Q, R]."""
        return average_precisions(scores, self.task.right, self.task.counted)

    def ranked(self, ranking: Ranking) -> np.ndarray:
        """Return the same of a ranking."""
        return self.precisions(ranking(self.task.queries))

    def pairs(self) -> list[tuple[int, list[int]]]:
        """Return each query's record with those of its candidates."""
        rows = zip(self.task.queries.tolist(), self.task.counted, strict=True)
        return [(query, np.flatnonzero(row).tolist()) for query, row in rows]


def sample(collection: Collection, task: Task, *, queries: int, others: int) -> Sample:
    """Return a sample; every method is given the same one.

    Parameters
    ----------
    collection, task
        What to draw from.
    queries
        How many at most, dealt evenly to families in random order.
    others
        Wrong candidates of each; right ones are `RELATIVES` at most.
    """
    random = np.random.default_rng(1)
    short = collection.records.lengths <= LONGEST
    task = drawn(task, np.flatnonzero(short[task.queries] & (task.right & short).any(axis=1)))
    order = random.permutation(len(task.queries))
    families = task.families[order]
    # Which of its family's queries each is: first all the firsts, then the seconds …
    turn = np.array([np.sum(families[:i] == family) for i, family in enumerate(families)])
    task = drawn(task, np.sort(order[np.argsort(turn, kind="stable")[:queries]]))
    right, counted = np.zeros_like(task.right), np.zeros_like(task.counted)
    for row in range(len(task.queries)):
        relatives = np.flatnonzero(task.right[row] & short)
        wrong = np.flatnonzero(task.counted[row] & ~task.right[row] & short)
        relatives = random.permutation(relatives)[:RELATIVES]
        right[row, relatives] = counted[row, relatives] = True
        counted[row, random.permutation(wrong)[:others]] = True
    return Sample(replace(task, right=right, counted=counted))
