"""Trees against additive matrices and Biopython; Newick text that others read."""

import io
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bioskipgram.errors import ConfigError
from bioskipgram.genes import trees
from bioskipgram.numerics.arrays import Doubles


def additive(R: int, seed: int) -> Doubles:
    """Distances along a random tree: each record grows out of a random point of those before."""
    random = np.random.default_rng(seed)
    edges = [(0, 1, random.uniform(0.5, 2))]
    nodes = 2
    for _ in range(R - 2):
        a, b, length = edges.pop(random.integers(len(edges)))
        share = random.uniform(0.2, 0.8) * length
        middle, leaf = nodes, nodes + 1
        nodes += 2
        edges += [(a, middle, share), (middle, b, length - share)]
        edges += [(middle, leaf, random.uniform(0.5, 2))]
    far = np.full((nodes, nodes), np.inf)
    np.fill_diagonal(far, 0)
    for a, b, length in edges:
        far[a, b] = far[b, a] = length
    for via in range(nodes):  # Floyd & Warshall
        far = np.minimum(far, far[:, [via]] + far[via])
    degree = np.bincount([n for edge in edges for n in edge[:2]], minlength=nodes)
    leaves = np.flatnonzero(degree == 1)
    return far[np.ix_(leaves, leaves)]


def along(tree: trees.Tree) -> Doubles:
    """Distances between the leaves of a tree, by walking to the root."""
    R = len(tree.names)
    paths = []
    for leaf in range(R):
        node, path = leaf, {leaf: 0.0}
        while tree.parents[node] >= 0:
            path[int(tree.parents[node])] = path[node] + tree.lengths[node]
            node = int(tree.parents[node])
        paths.append(path)
    return np.array([[min(a[n] + b[n] for n in a if n in b) for b in paths] for a in paths])


def names(R: int) -> tuple[str, ...]:
    return tuple(f"gene {i}" for i in range(R))


@pytest.mark.parametrize("R", [2, 3, 4, 5, 8, 20])
@pytest.mark.parametrize("seed", range(3))
def test_neighbour_joining_recovers_an_additive_tree(R: int, seed: int) -> None:
    distances = additive(R, seed)
    found = trees.tree(distances, names(R))
    np.testing.assert_allclose(along(found), distances, atol=1e-9)
    assert (found.lengths >= 0).all()
    assert len(found.parents) == max(2 * R - 2, 3)


@pytest.mark.parametrize("method", ["nj", "upgma"])
def test_as_biopython_has_it(method: str) -> None:
    from Bio.Phylo.TreeConstruction import DistanceMatrix, DistanceTreeConstructor

    random = np.random.default_rng(4)
    distances = additive(9, 1) + np.triu(random.uniform(0, 0.2, (9, 9)), 1)
    distances = np.triu(distances, 1) + np.triu(distances, 1).T
    lower = [[float(x) for x in row[: i + 1]] for i, row in enumerate(distances)]
    matrix = DistanceMatrix(list(names(9)), lower)
    builder = DistanceTreeConstructor()
    wanted = splits((builder.nj if method == "nj" else builder.upgma)(matrix))
    assert splits(parsed(trees.tree(distances, names(9), method))) == wanted


def parsed(tree: trees.Tree) -> Any:
    from Bio import Phylo

    return Phylo.read(io.StringIO(trees.newick(tree)), "newick")


def splits(tree: Any) -> set[frozenset[str]]:
    """The ways in which branches part the leaves, each by the side without the first."""
    every = {leaf.name for leaf in tree.get_terminals()}
    sides = ({leaf.name for leaf in clade.get_terminals()} for clade in tree.find_clades())
    return {frozenset(every - side if "gene 0" in side else side) for side in sides} - {frozenset()}


def test_upgma_is_a_clock() -> None:
    found = trees.tree(additive(7, 2), names(7), "upgma")
    np.testing.assert_allclose(found.heights[:7], found.heights[0])
    assert found.method == "upgma"
    assert sum(map(len, found.children)) == len(found.parents) - 1


@pytest.mark.parametrize("method", trees.METHODS)
def test_records_that_are_alike(method: str) -> None:
    found = trees.tree(np.zeros((5, 5)), names(5), method)
    assert not found.lengths.any()
    assert len(parsed(found).get_terminals()) == 5


@given(
    labels=st.lists(st.text(max_size=12).filter(str.isprintable), min_size=2, max_size=6),
    method=st.sampled_from(trees.METHODS),
)
@settings(max_examples=60, deadline=None)
def test_newick_keeps_every_name(labels: list[str], method: str) -> None:
    # Biopython's reader takes a doubled quote at the start of a name for an empty name.
    labels = [f"x{label.strip()}x" for label in labels]
    R = len(labels)
    distances = np.abs(np.subtract.outer(np.arange(R), np.arange(R))).astype(float)
    tree = parsed(trees.tree(distances, tuple(labels), method))
    assert sorted(leaf.name for leaf in tree.get_terminals()) == sorted(labels)


def test_newick_of_hostile_names() -> None:
    labels = ("it's (a):1,b;", "<b>[&x]</b>", "line\nend\t", "", "HBB", "HBB")
    tree = trees.tree(1 - np.eye(6), labels, "upgma")
    text = trees.newick(tree)
    assert "\n" not in text
    assert text.count("'HBB'") == 2
    assert "'it''s (a):1,b;'" in text
    assert {"it's (a):1,b;", "<b>[&x]</b>", "line end "} <= {
        leaf.name for leaf in parsed(tree).get_terminals()
    }


def test_a_long_chain_is_no_deep_recursion() -> None:
    R = 1500
    tree = trees.Tree(
        names(R),
        np.array([*[R, *range(R, 2 * R - 1)], *range(R + 1, 2 * R - 1), -1], np.int64),
        np.ones(2 * R - 1),
        "upgma",
    )
    assert trees.newick(tree).count("(") == R - 1


def test_leaves_of_one_group_stand_together() -> None:
    groups = np.array([0, 1, 0, 1, 2, 0, 2, 1])
    distances = (groups[:, None] != groups).astype(float) + 0.1 * (1 - np.eye(8))
    order = trees.leaves_of(trees.linkage_of(distances, ordered=True))
    assert sorted(order.tolist()) == list(range(8))
    assert np.count_nonzero(np.diff(groups[order])) == 2
    assert trees.leaves_of(trees.linkage_of(np.zeros((1, 1)))).tolist() == [0]


@pytest.mark.parametrize(
    ("distances", "R", "method", "said"),
    [
        (np.zeros((2, 2)), 2, "ml", "method: 'ml' is not one of nj, upgma"),
        (np.zeros((1, 1)), 1, "nj", "a tree needs at least 2 records; here is 1"),
        (np.zeros((0, 0)), 0, "nj", "here are none"),
        (np.zeros((2, 3)), 2, "nj", r"found shape \(2, 3\) for 2 records"),
        (np.array([[0, np.nan], [np.nan, 0]]), 2, "nj", "must be finite"),
        (np.array([[0, -1.0], [-1, 0]]), 2, "nj", "not negative"),
        (np.array([[0, 1.0], [2, 0]]), 2, "nj", "must be symmetric"),
        (np.array([[1, 1.0], [1, 0]]), 2, "upgma", "zeros on the diagonal"),
    ],
)
def test_what_makes_no_tree(distances: Doubles, R: int, method: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        trees.tree(distances, names(R), method)
