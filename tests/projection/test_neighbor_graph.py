"""The neighbour graph: that of scikit-learn, whatever the blocks and the threads."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.neighbors import NearestNeighbors

from bioskipgram.errors import ConfigError
from bioskipgram.projection import neighbor_graph as graph
from bioskipgram.projection.neighbor_graph import NeighborGraph, neighbor_graph


def directions(V: int, D: int, *, seed: int = 0) -> NDArray[np.float32]:
    """Vectors of length 1 in random directions."""
    vectors = np.random.default_rng(seed).normal(size=(V, D)).astype(np.float32)
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return (vectors / lengths).astype(np.float32)


@settings(max_examples=30, deadline=None)
@given(V=st.integers(2, 60), D=st.integers(2, 8), seed=st.integers(0, 99), data=st.data())
def test_the_graph_is_scikit_learns(V: int, D: int, seed: int, data: st.DataObject) -> None:
    n = data.draw(st.integers(1, V - 1))
    vectors = directions(V, D, seed=seed)
    found = neighbor_graph(vectors, n)
    expected, _ = NearestNeighbors(n_neighbors=n).fit(vectors).kneighbors()
    np.testing.assert_allclose(found.distances, expected, atol=2e-3)
    own = np.linalg.norm(vectors[:, None] - vectors[found.tokens], axis=2)
    np.testing.assert_allclose(own, found.distances, atol=2e-3)
    assert not (found.tokens == np.arange(V)[:, None]).any()
    assert all(len(set(row)) == n for row in found.tokens.tolist())


def test_blocks_and_threads_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    vectors = directions(300, 10)
    whole = neighbor_graph(vectors, 20)
    monkeypatch.setattr(graph, "_BLOCK", 7 * 300)
    told: list[float] = []
    found = neighbor_graph(vectors, 20, threads=3, progress=lambda _, share: told.append(share))
    np.testing.assert_array_equal(found.tokens, whole.tokens)
    np.testing.assert_allclose(found.distances, whole.distances, atol=1e-3)
    assert len(told) == -(-300 // 7)
    assert told == sorted(told)
    assert told[-1] == 1


def test_neighbours_among_others_may_be_the_vector_itself() -> None:
    vectors = directions(50, 4)
    found = neighbor_graph(vectors[10:13], 2, among=vectors)
    assert found.tokens[:, 0].tolist() == [10, 11, 12]
    np.testing.assert_allclose(found.distances[:, 0], 0, atol=1e-3)


def test_of_equals_the_first_counts() -> None:
    vectors = np.repeat(directions(1, 3), 6, axis=0)
    assert neighbor_graph(vectors, 2).tokens.tolist() == [[1, 2], [0, 2], *[[0, 1]] * 4]


@pytest.mark.parametrize("n", [0, 5])
def test_more_neighbours_than_there_are_is_refused(n: int) -> None:
    with pytest.raises(ConfigError, match=f"{n} neighbours of 5 vectors; give fewer"):
        neighbor_graph(directions(5, 3), n)
    assert neighbor_graph(directions(5, 3), 4).tokens.shape == (5, 4)


def test_a_graph_is_of_one_shape() -> None:
    with pytest.raises(ValueError, match="distances: expected float32"):
        NeighborGraph(np.zeros((3, 2), np.int32), np.zeros((3, 1), np.float32))
