"""The sentence about vectors follows from what was measured."""

from pathlib import Path

import numpy as np

from bioskipgram.classify.vectors import COLUMNS, measured, sentence


def test_the_sentence_follows_from_the_numbers() -> None:
    found = {
        100: np.array([[0.50, 0.45, 0.53], [0.51, 0.52, 0.53], [0.49, 0.40, 0.50]]),
        5_000: np.array([[0.63, 0.60, 0.62], [0.63, 0.60, 0.62], [0.63, 0.60, 0.64]]),
    }
    assert sentence(found) == (
        "On two tasks of GUE vectors learnt by skip-gram, added to k-mer counts, changed the MCC "
        "by +0.020 with 100 and -0.010 with 5,000 training sequences (medians); alone they were "
        "below counts in 5 of 6 trials."
    )


def test_the_table_is_read_by_size(tmp_path: Path) -> None:
    path = tmp_path / "x.tsv"
    rows = ["\t".join(COLUMNS), "tf\t500\t1\t.6\t.5\t.7", "tf\t100\t1\t.5\t.4\t.6"]
    path.write_text("\n".join(rows) + "\n")
    found = measured(path)
    assert list(found) == [100, 500]
    assert found[500].tolist() == [[0.6, 0.5, 0.7]]


def test_what_ships_has_every_size_and_draw() -> None:
    found = measured()
    assert list(found) == [100, 500, 5_000]
    assert all(len(rows) >= 3 and (np.abs(rows) <= 1).all() for rows in found.values())
