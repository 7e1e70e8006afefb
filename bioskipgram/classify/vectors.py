"""What mean vectors of a pretrained model added to k-mer counts, as it was measured."""

import csv
from pathlib import Path

import numpy as np

from bioskipgram.numerics.arrays import Doubles
from bioskipgram.sequences.shipped import DATA

MEASURED = DATA / "vectors_beside_counts.tsv"
"""Test MCC of counts, mean vectors and both; a row for each draw of training items.

Made by ``python -m benchmarks.classify DIR --vectors MODEL --keep``.
"""
COLUMNS = ("task", "items", "draw", "counts", "vectors", "both")


def measured(path: Path = MEASURED) -> dict[int, Doubles]:
    """Return MCC with counts, vectors and both by the number of items, float64[draws, 3]."""
    found = dict[int, list[list[float]]]()
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            values = [float(row[name]) for name in COLUMNS[3:]]
            found.setdefault(int(row["items"]), []).append(values)
    return {items: np.array(rows) for items, rows in sorted(found.items())}


def sentence(found: dict[int, Doubles]) -> str:
    """Return what the measurements say in one sentence."""
    gains = [
        f"{np.median(rows[:, 2] - rows[:, 0]):+.3f} with {items:,}" for items, rows in found.items()
    ]
    draws = np.concatenate(list(found.values()))
    below = int((draws[:, 1] < draws[:, 0]).sum())
    return (
        "On two tasks of GUE vectors learnt by skip-gram, added to k-mer counts, changed the MCC "
        f"by {', '.join(gains[:-1])} and {gains[-1]} training sequences (medians); alone they were "
        f"below counts in {below} of {len(draws)} trials."
    )
