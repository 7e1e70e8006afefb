"""The inner loops of pooling against matrices that scipy and numpy multiply."""

import numpy as np
import pytest
from scipy.sparse import csr_array

from bioskipgram.genes.count_kernel import NONE, UNKNOWN, count_tokens, weighted_means
from bioskipgram.genes.pair_kernel import pair_means
from bioskipgram.numerics.arrays import Floats, Tokens, checked


def kept(table: Floats) -> Floats:
    """An array as `checked` hands it on, read-only: so nothing is compiled for tests alone."""
    return checked(table, "table", np.float32, table.shape)


@pytest.mark.parametrize("V", [5, 1024, 2600])
def test_means_are_a_sparse_product_whatever_the_tiles(V: int) -> None:
    rng = np.random.default_rng(V)
    dense = rng.integers(1, 9, (40, V)) * (rng.random((40, V)) < 0.2)
    dense[3] = 0
    matrix = csr_array(dense)
    table, weights = kept(rng.random((V, 7), np.float32)), kept(rng.random(V, np.float32))
    found = weighted_means(
        matrix.indptr.astype(np.int64), matrix.indices.astype(np.int32),
        matrix.data.astype(np.int32), weights, table,
    )  # fmt: skip
    wanted = dense @ (table * weights[:, None]) / np.maximum(dense.sum(axis=1), 1)[:, None]
    np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=1e-6)
    assert not found[3].any()


@pytest.mark.parametrize(("V", "length"), [(40, 3000), (3000, 60), (30_000, 5)])
def test_counts_are_bincounts_scanned_or_sorted(V: int, length: int) -> None:
    tokens = np.random.default_rng(V).integers(-2, V, 2 * length).astype(np.int32)
    tokens[-3:] = V - 1
    starts = checked(np.array([0, length]), "starts", np.int64, (2,))
    stops = starts + length
    indptr, indices, data, unknown = count_tokens(tokens, starts, stops, V)
    for r, part in enumerate((tokens[:length], tokens[length:])):
        wanted = np.bincount(part[part >= 0], minlength=V)
        row = slice(indptr[r], indptr[r + 1])
        assert indices[row].tolist() == np.flatnonzero(wanted).tolist()
        assert data[row].tolist() == wanted[wanted > 0].tolist()
        assert unknown[r] == (part == UNKNOWN).sum()


def products(words: Tokens, apart: int, table: Floats) -> Floats:
    """The mean outer product of vectors so many windows apart, by a loop."""
    both = [
        np.outer(table[a], table[b])
        for a, b in zip(words, words[apart:], strict=False)
        if a >= 0 and b >= 0
    ]
    P = table.shape[1]
    mean: Floats = np.mean(both, axis=0) if both else np.zeros((P, P), np.float32)
    return mean


@pytest.mark.parametrize(("stride", "step"), [(1, 3), (3, 1)])
@pytest.mark.parametrize(
    ("V", "length"), [(9, 4), (9, 40), (9, 1300), (300, 1300)],
    ids=["too short", "counted", "counted long", "in parts"],
)  # fmt: skip
def test_pairs_are_those_of_a_loop(stride: int, step: int, V: int, length: int) -> None:
    rng = np.random.default_rng(7)
    table = kept(rng.standard_normal((V, 6)).astype(np.float32))
    words = rng.integers(-1, V, length).astype(np.int32)
    tokens = np.full(length * stride + 2, NONE, np.int32)
    tokens[2 : length * stride + 2 : stride] = words
    starts = checked(np.array([0, 0, 2]), "starts", np.int64, (3,))
    stops = np.array([0, len(tokens), len(tokens) - stride])
    found = pair_means(tokens, starts, stops, stride, step, 4, table)
    assert not found[0].any()
    for row, whole in ((1, words), (2, words[:-1])):
        wanted = [products(whole, step * lag, table).ravel() for lag in (1, 2, 3, 4)]
        np.testing.assert_allclose(found[row], np.concatenate(wanted), atol=2e-5)
