"""Colours of clusters: none twice, near ones unlike."""

import numpy as np

from dashboard.kmer_map import palette


def distance(first: str, second: str) -> float:
    """Return how far two colours are apart in sRGB, 0 to 441."""
    one, two = (np.array([int(c[i : i + 2], 16) for i in (1, 3, 5)]) for c in (first, second))
    return float(np.linalg.norm(one - two))


def test_no_colour_is_used_twice_up_to_what_can_be_told_apart() -> None:
    for n in (0, 1, 2, 9, 24, 48):
        found = palette.beside(np.random.default_rng(n).normal(size=(n, 2)).astype(np.float32))
        assert len(set(found)) == len(found) == n


def test_neighbours_are_less_alike_than_by_chance() -> None:
    grid = np.stack(np.meshgrid(np.arange(6), np.arange(5)), axis=-1).reshape(-1, 2)
    found = palette.beside(grid.astype(np.float32))
    beside = [
        (i, j) for i in range(30) for j in range(i) if np.abs(grid[i] - grid[j]).sum() == 1
    ]  # fmt: skip
    near = [distance(found[i], found[j]) for i, j in beside]
    chance = [distance(found[i], found[j]) for i in range(30) for j in range(i)]
    assert np.median(near) > np.median(chance)
    assert min(near) > 2 * min(chance)


def test_colours_that_must_come_again_are_not_neighbours() -> None:
    line = np.arange(120, dtype=np.float32)[:, None]
    found = palette.beside(line)
    assert len(set(found)) == palette.MOST
    assert all(found[i] != found[j] for i in range(120) for j in range(max(0, i - 4), i))
