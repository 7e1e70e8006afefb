"""Colours of many categories: no two alike, and most unlike where they are neighbours."""

from functools import lru_cache

import numpy as np

from bioskipgram.numerics.arrays import Doubles, Floats

MOST = 48
"""More colours than these cannot be told apart: they come again, far away."""
_RINGS = ((0.64, 0.155), (0.74, 0.11), (0.54, 0.13))
"""Lightness and chroma: readable on a white and on a near-black page."""


def beside(places: Floats) -> tuple[str, ...]:
    """Return a colour for each place, float32[n, D], most unlike that of the places near it."""
    return _beside(places.shape, np.ascontiguousarray(places, np.float32).tobytes())


@lru_cache(16)
def _beside(shape: tuple[int, int], data: bytes) -> tuple[str, ...]:
    n, places = shape[0], np.frombuffer(data, np.float32).reshape(shape)
    if n < 2:
        return _hex(_colours(n))
    colours = _colours(min(n, MOST))
    colours = colours[np.arange(n) % len(colours)]
    likeness = 1 / (0.02 + _distances(colours))
    apart = _distances(places.astype(np.float64))
    near = np.sort(apart, axis=1)[:, min(n - 1, 4)]
    weights = np.exp(-((apart / np.maximum(np.minimum(near[:, None], near), 1e-9)) ** 2))
    np.fill_diagonal(weights, 0)
    return _hex(colours[_swapped(weights, likeness)])


def _swapped(weights: Doubles, likeness: Doubles) -> np.ndarray:
    """Return the colour of each place: pairs are swapped while neighbours become less alike."""
    n = len(weights)
    order = np.random.default_rng(1).permutation(n)
    for _ in range(20):
        before = order.copy()
        for i in range(n):
            here = likeness[order][:, order]
            # What i and any j pay together now, and what they would with colours exchanged.
            cross = weights[i] * here[i]
            pays = (weights * here).sum(axis=1)
            now = pays[i] + pays - cross
            own = likeness[0, 0]
            then = weights[i] @ here + weights @ here[:, i] - 2 * own * weights[i] + cross
            j = int(np.argmin(then - now))
            if then[j] - now[j] < -1e-9:
                order[[i, j]] = order[[j, i]]
        if (order == before).all():
            break
    return order


def _distances(points: Doubles) -> Doubles:
    """Return the distance of every two rows, float64[n, n]."""
    found: Doubles = np.linalg.norm(points[:, None] - points[None], axis=2)
    return found


def _colours(n: int) -> Doubles:
    """Return `n` colours as OKLab (Ottosson 2020), float64[n, 3]: hues in up to three rings."""
    rings = 1 if n <= 10 else 2 if n <= 20 else 3
    ring = np.arange(n) % rings
    hue = 2 * np.pi * (np.arange(n) / n + 0.04)
    lightness, chroma = np.array(_RINGS)[ring].T
    return np.stack([lightness, chroma * np.cos(hue), chroma * np.sin(hue)], axis=1)


def _hex(lab: Doubles) -> tuple[str, ...]:
    """Return OKLab colours as sRGB, what lies outside it moved to its edge."""
    to_lms = np.array(
        [[1, 0.3963377774, 0.2158037573], [1, -0.1055613458, -0.0638541728],
         [1, -0.0894841775, -1.2914855480]]
    )  # fmt: skip
    to_rgb = np.array(
        [[4.0767416621, -3.3077115913, 0.2309699292], [-1.2684380046, 2.6097574011, -0.3413193965],
         [-0.0041960863, -0.7034186147, 1.7076147010]]
    )  # fmt: skip
    linear = np.clip((lab @ to_lms.T) ** 3 @ to_rgb.T, 0, 1)
    srgb = np.where(linear < 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return tuple("#{:02x}{:02x}{:02x}".format(*row) for row in np.rint(255 * srgb).astype(int))
