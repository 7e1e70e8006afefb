"""Arrays -> plotly figures. No streamlit here; the theme is applied when they are shown."""

from typing import Any

import numpy as np
import plotly.graph_objects as go

from bioskipgram.numerics.arrays import Doubles
from bioskipgram.sequences.alphabet import DNA, Alphabet
from dashboard.shared.letters import GLYPHS, letter_colours

GREY = "#8a8f98"
ACCENT = "#3b7dc4"


def logo(heights: Doubles, alphabet: Alphabet = DNA) -> go.Figure:
    """Return a sequence logo of heights in bits, float64[length, A]; of protein, blocks."""
    colours, placed = letter_colours(alphabet), []
    for position, column in enumerate(heights, 1):
        base = 0.0
        for index in np.argsort(column):
            if column[index] > 0.005:
                placed.append((alphabet.letters[index], position, base, float(column[index])))
            base += float(column[index])
    figure = go.Figure()
    if alphabet.complement:
        figure.update_layout(shapes=[_letter(*place, colours[place[0]]) for place in placed])
        # An empty trace gives the axes something to be drawn for.
        figure.add_scatter(x=[None], y=[None], showlegend=False)
    elif placed:
        letters, x, bottoms, tall = zip(*placed, strict=True)
        figure.add_bar(
            x=x, y=tall, base=bottoms, text=letters, textposition="inside", textangle=0,
            marker_color=[colours[letter] for letter in letters], showlegend=False,
        )  # fmt: skip
    most = float(np.log2(heights.shape[1]))
    figure.update_xaxes(range=[0.4, len(heights) + 0.6], dtick=1, title="position", showgrid=False)
    ticks = list(range(int(most) + 1))
    figure.update_yaxes(range=[0, most + 0.05], title="bits", tickvals=ticks, zeroline=False)
    return small(figure, 190)


def _letter(letter: str, x: float, bottom: float, height: float, colour: str) -> dict[str, Any]:
    rings = [
        " L ".join(f"{x - 0.44 + 0.88 * u:.4f} {bottom + v * height:.4f}" for u, v in ring)
        for ring in GLYPHS[letter]
    ]
    return {
        "type": "path",
        "path": " ".join(f"M {ring} Z" for ring in rings),
        "fillcolor": colour,
        "fillrule": "evenodd",
        "line": {"width": 0},
    }


def small(figure: go.Figure, height: int) -> go.Figure:
    """Return a figure of this height, pixels, with narrow margins."""
    figure.update_layout(height=height, margin={"l": 8, "r": 8, "t": 8, "b": 8})
    return figure
