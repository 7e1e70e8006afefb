"""Every substitution of a gene as a figure. No streamlit here."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from bioskipgram.numerics.arrays import Doubles, Floats
from bioskipgram.variants.consequence import KINDS
from bioskipgram.variants.saturation import Saturation
from dashboard.shared.figures import ACCENT, GREY
from dashboard.shared.letters import AMINO_COLOURS

KIND_COLOURS = {
    "synonymous": "#56B4E9",
    "missense": "#E69F00",
    "stop gained": "#7A1FA2",
    "stop lost": "#CC79A7",
    "start lost": "#D1495B",
    "stop retained": "#009E73",
}
"""The classes of a substitution; unknown ones stay empty."""
RISING = ["#F3EFE6", "#5AB4AC", "#01665E"]
DIVERGING = ["#8C510A", "#D8B365", *RISING]


def saturation_map(
    found: Saturation,
    shown: Floats,
    *,
    title: str,
    diverging: float | None,
    means: Floats,
    band: Floats | None,
    amino_acids: str,
    hover: Sequence[str],
) -> go.Figure:
    """Return the map of all substitutions with its tracks, a column for each position.

    From above: `means`, float32[L], with the `band` of shuffles; the values `shown`, float32[4, L],
    NaN = none and reference bases grey; consequences; amino acids. `diverging` is the middle of the
    colours, or None; `hover` has a text for each of `Saturation.variants`.
    """
    L = shown.shape[1]
    positions = np.arange(1, L + 1)
    figure = make_subplots(
        rows=4, cols=1, shared_xaxes=True, vertical_spacing=0.035,
        row_heights=[0.26, 0.34, 0.3, 0.1],
    )  # fmt: skip
    _means(figure, positions, means, band)
    _heat(figure, positions, shown, title, diverging)
    _reference(figure, positions, found, row=2)
    _kinds(figure, positions, found)
    _reference(figure, positions, found, row=3)
    _codons(figure, amino_acids)
    _cells(figure, found, hover)
    figure.update_xaxes(range=[0.5, L + 0.5], showgrid=False, zeroline=False)
    figure.update_xaxes(title="position in the coding sequence", row=4, col=1)
    for row in (2, 3):
        figure.update_yaxes(
            tickvals=[0, 1, 2, 3], ticktext=list("ACGT"), showgrid=False, range=[3.5, -0.5],
            zeroline=False, fixedrange=True, row=row,
        )  # fmt: skip
    figure.update_yaxes(title="mean", fixedrange=True, nticks=4, row=1, col=1)
    figure.update_yaxes(
        tickvals=[0], ticktext=["codon"], showgrid=False, zeroline=False, fixedrange=True, row=4
    )
    figure.update_layout(
        height=520, margin={"l": 8, "r": 8, "t": 40, "b": 8}, dragmode="zoom",
        hovermode="closest", legend={"orientation": "h", "y": 1.1, "x": 0, "font": {"size": 12}},
    )  # fmt: skip
    return figure


def _means(figure: go.Figure, positions: Any, means: Floats, band: Floats | None) -> None:
    figure.add_scattergl(
        x=positions, y=means, mode="lines", line={"color": ACCENT, "width": 1.2}, showlegend=False,
        hovertemplate="position %{x}<br>mean %{y:.3g}<extra></extra>", connectgaps=False,
        row=1, col=1,
    )  # fmt: skip
    for end in [] if band is None else band.tolist():
        figure.add_hline(end, line={"dash": "dash", "width": 1, "color": GREY}, row=1, col=1)


def _heat(
    figure: go.Figure, positions: Any, shown: Floats, title: str, diverging: float | None
) -> None:
    low, high = _limits(shown, diverging)
    figure.add_heatmap(
        x=positions, y=[0, 1, 2, 3], z=shown, zmin=low, zmax=high,
        colorscale=RISING if diverging is None else DIVERGING, hoverinfo="skip",
        colorbar={
            "title": {"text": title, "side": "right"}, "len": 0.62, "y": 0.58, "thickness": 12,
            "nticks": 5,
        },
        row=2, col=1,
    )  # fmt: skip


def _limits(shown: Floats, diverging: float | None) -> tuple[float, float]:
    """Return the range of the colours, which contains 99 % of the values."""
    known: Doubles = shown[~np.isnan(shown)].astype(np.float64)
    if not len(known):
        return 0.0, 1.0
    if diverging is None:
        return float(known.min()), float(np.percentile(known, 99))
    reach = max(1e-9, float(np.percentile(np.abs(known - diverging), 99)))
    return diverging - reach, diverging + reach


def _reference(figure: go.Figure, positions: Any, found: Saturation, *, row: int) -> None:
    own = np.where(np.arange(4)[:, None] == found.bases, 0.0, np.nan)
    figure.add_heatmap(
        x=positions, y=[0, 1, 2, 3], z=own, colorscale=[GREY, GREY], showscale=False, opacity=0.55,
        hoverinfo="skip", row=row, col=1,
    )  # fmt: skip


def _kinds(figure: go.Figure, positions: Any, found: Saturation) -> None:
    names = list(KIND_COLOURS)
    number = np.full(len(KINDS) + 1, np.nan)
    for place, name in enumerate(names):
        number[KINDS.index(name)] = place
    z = number[found.kinds]  # -1, the reference's own base, is the last: not a number
    figure.add_heatmap(
        x=positions, y=[0, 1, 2, 3], z=z, **_stepped(KIND_COLOURS), hoverinfo="skip", row=3, col=1
    )
    drawn = {
        name: colour for name, colour in KIND_COLOURS.items() if (z == names.index(name)).any()
    }
    for name, colour in {**drawn, "reference": GREY}.items():
        figure.add_scatter(
            x=[None], y=[None], mode="markers", name=name,
            marker={"symbol": "square", "size": 11, "color": colour}, row=3, col=1,
        )  # fmt: skip


def _codons(figure: go.Figure, amino_acids: str) -> None:
    """Draw a strip of amino acids in the colours of their classes."""
    names = list(AMINO_COLOURS)
    shown = ["stop" if letter == "*" else letter for letter in amino_acids]
    z = [[names.index(name) if name in names else None for name in shown]]
    figure.add_heatmap(
        x=3 * np.arange(len(shown)) + 2, y=[0], z=z, **_stepped(AMINO_COLOURS),
        text=[[f"{name} {number}" for number, name in enumerate(shown, 1)]],
        hovertemplate="%{text}<extra></extra>", row=4, col=1,
    )  # fmt: skip


def _stepped(colours: dict[str, str]) -> dict[str, Any]:
    """Return the settings of a heat map whose values are positions in `colours`."""
    steps = len(colours)
    edges = [
        [edge / steps, colour]
        for place, colour in enumerate(colours.values())
        for edge in (place, place + 1)
    ]
    return {"zmin": -0.5, "zmax": steps - 0.5, "colorscale": edges, "showscale": False}


def _cells(figure: go.Figure, found: Saturation, hover: Sequence[str]) -> None:
    """Add a point over each cell: heat maps cannot be clicked, points can."""
    columns, rows = np.nonzero(found.kinds.T >= 0)
    figure.add_scattergl(
        x=columns + 1, y=rows, mode="markers", text=list(hover), showlegend=False,
        marker={"size": 1, "symbol": "square", "color": "#111111", "opacity": 0},
        selected={"marker": {"opacity": 1, "color": "#D1495B", "size": 11}},
        unselected={"marker": {"opacity": 0}},
        hovertemplate="%{text}<extra></extra>", row=2, col=1,
    )  # fmt: skip
