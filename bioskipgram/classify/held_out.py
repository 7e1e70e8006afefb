"""The parts of the items by which the settings are chosen."""

import numpy as np

from bioskipgram.numerics.arrays import Counts

from .labelled import Labelled
from .leaks import folds_of, groups_of

FOLDS = 5
FOLDED = 3_000
"""The most items of which every one is held out once."""
HELD_OUT = 5_000
"""The most items that are held out."""


def splits(items: Labelled, dev: int, random: np.random.Generator) -> list[tuple[Counts, Counts]]:
    """Return pairs of the items that are held out, and those that heads are fitted on meanwhile.

    Of up to `FOLDED` items there is a pair for each of `FOLDS` folds, groups that share a long word
    together; of more, or where the groups are too large for that, one pair: see `held_out`.
    """
    n, K = len(items), len(items.classes)
    if n <= FOLDED:
        fold = folds_of(groups_of(items.sequences), FOLDS, seed=int(random.integers(2**31)))
        found = [(np.flatnonzero(fold == f), np.flatnonzero(fold != f)) for f in range(FOLDS)]
        least = [np.bincount(items.labels[rest], minlength=K).min() for _, rest in found]
        if min(least) > 0 and max(len(held) for held, _ in found) <= n / 2:
            return [pair for pair in found if len(pair[0])]
    return [held_out(items, dev, random)]


def held_out(items: Labelled, dev: int, random: np.random.Generator) -> tuple[Counts, Counts]:
    """Return the items that are held out, and those that heads are fitted on meanwhile.

    The last `dev` items, filled up by random ones. What shares a word with one of those is not
    fitted on; where that would take more than half of the items, whole groups are held out.
    """
    n, every = len(items), np.arange(len(items))
    held = every[n - dev :][-HELD_OUT:]
    missing = min(HELD_OUT, n // FOLDS) - dev
    if missing <= 0:
        return _with_all_classes(items, held, every[: n - dev], random)
    groups = groups_of(items.sequences)
    drawn = random.permutation(n - dev)[:missing]
    rest = every[: n - dev][~np.isin(groups[: n - dev], groups[drawn])]
    if len(rest) < n / 2:
        order = random.permutation(groups.max() + 1)[groups[: n - dev]]
        rows = np.argsort(order, kind="stable")
        end = missing  # up to where a group ends
        while end < len(rows) and order[rows[end]] == order[rows[end - 1]]:
            end += 1
        drawn, rest = rows[:end], np.sort(rows[end:])
    return _with_all_classes(items, np.sort(np.concatenate([drawn, held])), rest, random)


def _with_all_classes(
    items: Labelled, held: Counts, rest: Counts, random: np.random.Generator
) -> tuple[Counts, Counts]:
    """Return the two parts, or random ones of each class if one of them lacks a class."""
    K = len(items.classes)
    inside, outside = (np.bincount(items.labels[rows], minlength=K) for rows in (held, rest))
    if inside.min() and outside.min() and len(rest) >= len(items) / 3:
        return held, rest
    picked = [random.permutation(np.flatnonzero(items.labels == k)) for k in range(K)]
    held = np.sort(np.concatenate([rows[: max(1, len(rows) // FOLDS)] for rows in picked]))
    return held, np.setdiff1d(np.arange(len(items)), held)
