"""The top n, against sorting all; ties by column order."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bioskipgram.numerics.nearest import best, normalized


@given(
    st.integers(0, 5), st.integers(1, 700), st.integers(1, 700),
    st.sampled_from([1, 10, 1000]), st.integers(0, 2**32 - 1),
)  # fmt: skip
def test_the_best_are_those_of_a_stable_sort(
    rows: int, columns: int, n: int, values: int, seed: int
) -> None:
    random = np.random.default_rng(seed)
    scores = (random.integers(-values, values + 1, (rows, columns)) / 8).astype(np.float32)
    n = min(n, columns)
    expected = np.argsort(-scores, axis=1, kind="stable")[:, :n]
    found = best(scores, n)
    assert found.dtype == np.int32
    np.testing.assert_array_equal(found, expected)


def test_left_out_columns_come_last() -> None:
    scores = np.full((1, 300), -np.inf, np.float32)
    scores[0, [7, 250]] = -0.0, 0.0
    assert best(scores, 3).tolist() == [[7, 250, 0]]


@pytest.mark.parametrize("n", [1, 16, 300])
def test_a_row_of_equal_scores_keeps_the_order(n: int) -> None:
    assert best(np.ones((2, 300), np.float32), n).tolist() == [list(range(n))] * 2


def test_rows_of_zeros_stay_zero() -> None:
    found = normalized(np.array([[3, 4], [0, 0]], np.float32))
    np.testing.assert_allclose(found, [[0.6, 0.8], [0, 0]])
    assert found.dtype == np.float32
