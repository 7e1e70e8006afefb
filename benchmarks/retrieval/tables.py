"""The printed tables, one row at a time."""

import statistics
from collections.abc import Sequence

import numpy as np

from benchmarks.retrieval.precision import Mean, mean
from benchmarks.retrieval.tasks import Task

MASH = "11-mer Mash distance"
COLUMNS = (
    "method", "MAP", "95 %", "less 11-mer Mash", "less the best without learning",
    "trained again", "trained on shuffled", "random vectors",
)  # fmt: skip


class Table:
    """The rows of one task.

    Parameters
    ----------
    task
        What was asked.
    live
        Print each row at once; else keep it until `close`.
    """

    def __init__(self, task: Task, *, live: bool) -> None:
        self.task, self.live = task, live
        self.waiting: list[str] = []
        self.best = ""
        self.found: dict[str, np.ndarray] = {}
        self.learnt: list[str] = []

    def head(self, records: int) -> None:
        """Print the title."""
        task = self.task
        families = len(np.unique(task.families))
        drawn = "queries within families" if task.families_given else "families"
        self.say(f"\n### {task.name}: {records:,} records, {len(task.queries):,} queries, "
                 f"{families:,} families\n\n{task.meaning}; {drawn} bootstrapped\n")  # fmt: skip
        self.say("| " + " | ".join(COLUMNS) + " |\n" + "|---" * len(COLUMNS) + "|")

    def baseline(self, name: str, precisions: np.ndarray) -> None:
        """Print a row of what needs no learning."""
        self.found[name] = precisions
        if not self.best or self._mean(name).value > self._mean(self.best).value:
            self.best = name
        self.say(f"| {name} | {self._mean(name)} | | | | | |")

    def model(self, name: str, precisions: np.ndarray, beside: dict[str, list[np.ndarray]]) -> None:
        """Print a row of an embedding: beside it "again", "shuffled" and "random"."""
        self.found[name] = precisions
        self.learnt.append(name)
        cells = [self.difference(name, other).signed for other in (MASH, self.best)]
        cells += [spread([mean(self.task, p).value for p in like]) for like in beside.values()]
        self.say(f"| **{name}** | {self._mean(name)} | " + " | ".join(cells) + " |")

    def difference(self, name: str, other: str) -> Mean:
        """Return how much better than another, paired by query."""
        return mean(self.task, self.found[name] - self.found[other])

    def close(self) -> None:
        """Print what waits, and which rows lose."""
        for other in dict.fromkeys((MASH, self.best)):
            self.say(f"\nBeside {other} ({self._mean(other).value:.4f}):")
            for where, names in self.verdicts(other).items():
                self.say(f"* {where}: {'; '.join(names) or 'none'}")
        print("\n".join(self.waiting), flush=True)

    def verdicts(self, other: str) -> dict[str, list[str]]:
        """Return which embeddings are above, below, or not told apart from another method."""
        found: dict[str, list[str]] = {"above": [], "not told apart": [], "below": []}
        for name in self.learnt:
            apart = self.difference(name, other)
            where = "above" if apart.low > 0 else "below" if apart.high < 0 else "not told apart"
            found[where].append(name)
        return found

    def say(self, text: str) -> None:
        """Print it, now or later."""
        if self.live:
            print(text, flush=True)
        else:
            self.waiting.append(text)

    def _mean(self, name: str) -> Mean:
        return mean(self.task, self.found[name])


def spread(values: Sequence[float]) -> str:
    """Return median and range."""
    if not values:
        return ""
    return f"{statistics.median(values):.4f} ({min(values):.4f}-{max(values):.4f})"
