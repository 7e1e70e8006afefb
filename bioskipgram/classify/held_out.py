"""The part of the items by which the settings are chosen."""

import numpy as np

from bioskipgram.numerics.arrays import Counts

from .labelled import Labelled
from .leaks import groups_of

FOLDS = 5
HELD_OUT = 5_000
"""The most items that are held out."""


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
