"""Balanced tables: the same product, one form, whatever matrix stood between the tables."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from bioskipgram.model.balance import balance, balanced, is_balanced
from bioskipgram.model.embedding import KmerEmbedding
from tests.model.test_quality import all_kmers, made

Table = NDArray[np.float32]


def tables(V: int, D: int, seed: int = 1) -> tuple[Table, Table]:
    random = np.random.default_rng(seed)
    center, context = random.standard_normal((2, V, D)).astype(np.float32)
    return center, context


@pytest.mark.parametrize(("V", "D"), [(40, 5), (5, 5), (4, 9), (1, 3), (30, 1)])
def test_the_product_is_that_of_a_plain_decomposition(V: int, D: int) -> None:
    center, context = tables(V, D)
    u, s, vt = np.linalg.svd(center.astype(np.float64) @ context.astype(np.float64).T)
    rank = min(V, D)
    got = balanced(center, context)
    assert [table.shape for table in got] == [(V, D), (V, D)]
    assert [table.dtype for table in got] == [np.float32, np.float32]
    np.testing.assert_allclose(got[0] @ got[1].T, center @ context.T, atol=1e-5 * s[0])
    np.testing.assert_allclose(np.abs(got[0][:, :rank]), np.abs(u[:, :rank] * s[:rank] ** 0.5),
                               atol=1e-5 * s[0])  # fmt: skip
    np.testing.assert_allclose(np.abs(got[1][:, :rank]), np.abs(vt[:rank].T * s[:rank] ** 0.5),
                               atol=1e-5 * s[0])  # fmt: skip
    assert not got[0][:, rank:].any()
    largest = np.abs(got[0]).argmax(axis=0)
    assert (got[0][largest, np.arange(D)] >= 0).all()


def test_a_matrix_between_the_tables_changes_nothing() -> None:
    center, context = tables(50, 6)
    between = np.random.default_rng(2).standard_normal((6, 6)).astype(np.float32)
    other = center @ between, (context @ np.linalg.inv(between).T).astype(np.float32)
    assert np.abs(other[0] - center).max() > 1
    for one, two in zip(balanced(center, context), balanced(*other), strict=True):
        np.testing.assert_allclose(one, two, atol=1e-3)


def test_tables_of_rank_zero_are_zero() -> None:
    center, context = tables(7, 3)
    for table in balanced(center, np.zeros_like(context)):
        assert not table.any()


def model_of(center: Table, context: Table) -> KmerEmbedding:
    return replace(made(all_kmers(2), center), context=context)


def test_a_model_says_whether_it_is_balanced() -> None:
    center, context = tables(16, 4)
    model = model_of(center, context)
    assert not is_balanced(model)
    other = balance(model)
    assert is_balanced(other)
    assert is_balanced(balance(other))
    assert other.digest != model.digest
    half = [table.astype(np.float16).astype(np.float32) for table in (other.center, other.context)]
    assert is_balanced(model_of(half[0], half[1]))
    # Neither orthogonal columns of another length nor equal tables are enough.
    assert not is_balanced(model_of(other.center * 2, other.context))
    assert not is_balanced(model_of(center, center))
