"""The colours of letters, and the outlines of those of nucleotides."""

import numpy as np

from bioskipgram.sequences.alphabet import Alphabet
from dashboard.kmer_map.content import BASE_COLOURS

AMINO_COLOURS = {
    **dict(zip("AVLIM", ("#a6d854", "#7fbf3f", "#5aa02c", "#3f7f1f", "#2f5f17"), strict=True)),
    **dict(zip("FWY", ("#b39ddb", "#8e6bbf", "#65409b"), strict=True)),
    **dict(zip("STNQC", ("#7fdbda", "#45b7b8", "#1f9393", "#0e6f70", "#c9b458"), strict=True)),
    **dict(zip("KRH", ("#6baed6", "#3182bd", "#1b4f8a"), strict=True)),
    **dict(zip("DE", ("#fb6a4a", "#cb3b26"), strict=True)),
    **dict(zip("GP", ("#fdae6b", "#e6781e"), strict=True)),
    "stop": "#e7298a",
}
"""One hue per chemical class: aliphatic, aromatic, polar, basic, acidic, special, stop."""
# Unit-square outlines of the nucleotides' letters, y up; a second ring cuts a hole.
_A = [[(0, 0), (0.4, 1), (0.6, 1), (1, 0), (0.78, 0), (0.69, 0.24), (0.31, 0.24), (0.22, 0)],
      [(0.37, 0.42), (0.63, 0.42), (0.5, 0.78)]]  # fmt: skip
_T = [[(0, 1), (1, 1), (1, 0.82), (0.61, 0.82), (0.61, 0), (0.39, 0), (0.39, 0.82), (0, 0.82)]]


def _arc(radius_x: float, radius_y: float, start: float, stop: float) -> list[tuple[float, float]]:
    angles = np.radians(np.linspace(start, stop, 25))
    return [(0.5 + radius_x * np.cos(a), 0.5 + radius_y * np.sin(a)) for a in angles]


_C = [_arc(0.5, 0.5, 40, 320) + _arc(0.28, 0.32, 320, 40)]
_BAR = [(1.0, 0.52), (0.55, 0.52), (0.55, 0.36), (0.77, 0.36)]
_G = [[*_arc(0.5, 0.5, 40, 355), *_BAR, *_arc(0.28, 0.32, 325, 40)]]
_BOWL = [(x, y - 0.1) for x, y in _arc(0.5, 0.4, 180, 360) + _arc(0.28, 0.22, 360, 180)]
_U = [[(0, 1), *_BOWL[:25], (1, 1), (0.78, 1), *_BOWL[25:], (0.22, 1)]]
GLYPHS = {"A": _A, "C": _C, "G": _G, "T": _T, "U": _U}


def letter_colours(alphabet: Alphabet) -> dict[str, str]:
    """Return the colour of each letter; U has that of T."""
    known = {**BASE_COLOURS, "U": BASE_COLOURS["T"]} if alphabet.complement else AMINO_COLOURS
    return {letter: known[letter] for letter in alphabet.letters}


def palette(categories: tuple[str, ...]) -> tuple[str, ...]:
    """Return meaningful colours of these categories, or none for the map's own."""
    known = set(categories) <= set(AMINO_COLOURS)
    return tuple(AMINO_COLOURS[name] for name in categories) if known else ()
