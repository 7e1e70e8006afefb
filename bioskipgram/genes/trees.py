"""Distances -> trees of records: neighbour joining and UPGMA, and their Newick text."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bioskipgram.errors import ConfigError
from bioskipgram.numerics.arrays import Doubles, Floats, check_fields

METHODS = ("nj", "upgma")


@dataclass(frozen=True)
class Tree:
    """A tree of R records and the nodes that join them."""

    names: tuple[str, ...]  # R, of nodes 0 to R - 1 (leaves)
    parents: NDArray[np.int64]  # int64[nodes], always a later node; -1 for the last, the root
    lengths: Doubles  # float64[nodes], of the branch above each node
    method: str  # "nj" (the root is arbitrary) or "upgma" (a real root, under a clock)

    def __post_init__(self) -> None:
        check_fields(self, parents=(np.int64, None), lengths=(np.float64, len(self.parents)))

    @property
    def children(self) -> tuple[tuple[int, ...], ...]:
        """The children of every node, none of a leaf."""
        found: list[list[int]] = [[] for _ in self.parents]
        for node, parent in enumerate(self.parents[:-1].tolist()):
            found[parent].append(node)
        return tuple(map(tuple, found))

    @property
    def heights(self) -> Doubles:
        """Distance of every node from the root, float64[nodes]."""
        heights = np.zeros(len(self.parents))
        for node in range(len(self.parents) - 2, -1, -1):
            heights[node] = heights[self.parents[node]] + self.lengths[node]
        return heights


def tree(distances: Doubles, names: tuple[str, ...], method: str = "nj") -> Tree:
    """Return the tree of records whose distances are given, float64[R, R].

    "nj" = neighbour joining (Saitou & Nei 1987, doi:10.1093/oxfordjournals.molbev.a040454, in the
    form of Studier & Keppler 1988), which needs no clock; negative branches are set to 0 and the
    difference goes to the sister branch (Kuhner & Felsenstein 1994). "upgma" = average linkage
    (Sokal & Michener 1958), as scipy has it. Fewer than two records, another method, or distances
    that are not symmetric, finite and at least 0 raise a ConfigError.
    """
    distances = np.asarray(distances, np.float64)
    _check(distances, names, method)
    parents, lengths = (_nj if method == "nj" else _upgma)(distances)
    return Tree(tuple(names), parents, lengths, method)


def _check(distances: Doubles, names: tuple[str, ...], method: str) -> None:
    R = len(names)
    if method not in METHODS:
        raise ConfigError(f"method: {method!r} is not one of {', '.join(METHODS)}")
    if R < 2:
        raise ConfigError(f"a tree needs at least 2 records; here {'is 1' if R else 'are none'}")
    if distances.shape != (R, R):
        raise ConfigError(f"distances: found shape {distances.shape} for {R} records")
    if not np.isfinite(distances).all() or (distances < 0).any():
        raise ConfigError("distances: must be finite and not negative")
    if (
        not np.allclose(distances, distances.T, atol=1e-6)
        or np.abs(np.diag(distances)).max() > 1e-6
    ):
        raise ConfigError("distances: must be symmetric, with zeros on the diagonal")


def _nj(distances: Doubles) -> tuple[NDArray[np.int64], Doubles]:
    R = len(distances)
    nodes = 2 * R - 2 if R > 2 else 3
    parents, lengths = np.full(nodes, -1, np.int64), np.zeros(nodes)
    near, active = distances.copy(), np.arange(R)
    for made in range(R, nodes - 1 if R > 2 else R):
        n = len(active)
        sums = near.sum(axis=1)
        score = (n - 2) * near - sums[:, None] - sums[None]
        np.fill_diagonal(score, np.inf)
        i, j = sorted(divmod(int(score.argmin()), n))
        first = near[i, j] / 2 + (sums[i] - sums[j]) / (2 * (n - 2))
        first = min(max(first, 0.0), near[i, j])
        lengths[active[i]], lengths[active[j]] = first, near[i, j] - first
        parents[active[[i, j]]] = made
        joined = np.maximum((near[i] + near[j] - near[i, j]) / 2, 0)
        near[i], near[:, i], near[i, i] = joined, joined, 0
        near = np.delete(np.delete(near, j, axis=0), j, axis=1)
        active[i] = made
        active = np.delete(active, j)
    parents[active] = nodes - 1
    lengths[active] = _last(near)
    return parents, lengths


def _last(near: Doubles) -> Doubles:
    """Return the branches of the two or three nodes that meet at the root."""
    if len(near) == 2:
        return np.full(2, near[0, 1] / 2)
    a, b, c = near[0, 1], near[0, 2], near[1, 2]
    return np.maximum(np.array([a + b - c, a + c - b, b + c - a]) / 2, 0)


def _upgma(distances: Doubles) -> tuple[NDArray[np.int64], Doubles]:
    R = len(distances)
    parents, heights = np.full(2 * R - 1, -1, np.int64), np.zeros(2 * R - 1)
    for node, (a, b, distance, _) in enumerate(linkage_of(distances).tolist(), R):
        parents[[int(a), int(b)]] = node
        heights[node] = distance / 2
    lengths = np.where(parents >= 0, heights[parents] - heights, 0)
    return parents, lengths


def newick(tree: Tree, support: Doubles | None = None) -> str:
    """Return a tree as Newick text with quoted names, in which quotes are doubled.

    `support`, float64[nodes], is written in per cent behind the groups for which it is known.

    Examples
    --------
    >>> newick(tree(np.array([[0.0, 2], [2, 0]]), ("HBB", "it's"), "upgma"))
    "('HBB':1,'it''s':1);"
    """
    children = tree.children
    texts = [""] * len(tree.parents)
    for node, below in enumerate(children):  # children precede parents
        label = f"({','.join(texts[child] for child in below)})" if below else _label(tree, node)
        if support is not None and not np.isnan(support[node]):
            label += f"{100 * support[node]:.0f}"
        texts[node] = f"{label}:{tree.lengths[node]:.6g}" if tree.parents[node] >= 0 else label
        for child in below:
            texts[child] = ""
    return texts[-1] + ";"


def _label(tree: Tree, leaf: int) -> str:
    """Return a leaf's name in quotes; line ends and other unprintable characters become blanks."""
    name = "".join(c if c.isprintable() else " " for c in tree.names[leaf])
    return "'" + name.replace("'", "''") + "'"


def linkage_of(distances: Doubles | Floats, *, ordered: bool = False) -> Doubles:
    """Return the average linkage of float[n, n] distances, float64[n - 1, 4], as scipy has it.

    Negative rounding errors count as 0. `ordered` puts similar leaves side by side (Bar-Joseph et
    al. 2001, doi:10.1093/bioinformatics/17.suppl_1.S22).
    """
    from scipy.cluster.hierarchy import linkage

    n = len(distances)
    if n < 2:
        return np.zeros((0, 4))
    condensed = np.asarray(distances[np.triu_indices(n, 1)], np.float64)
    found: Doubles = linkage(np.maximum(condensed, 0), "average", optimal_ordering=ordered)
    return found


def leaves_of(linkage: Doubles) -> NDArray[np.int64]:
    """Return the leaves of a linkage from left to right, int64[n]."""
    from scipy.cluster.hierarchy import leaves_list

    return np.asarray(leaves_list(linkage) if len(linkage) else [0], np.int64)
