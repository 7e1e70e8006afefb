"""Figures of the Similarity page: arrays -> plotly figures. No streamlit here."""

import numpy as np
import plotly.graph_objects as go

from bioskipgram.numerics.arrays import Doubles, Floats
from dashboard.shared import text as safe
from dashboard.shared.figures import GREY, small

RELATION_COLOURS = {
    "same": "#d4477a", "reverse complement": "#d37295", "synonymous": "#59a14f",
    "extension": "#499894", "substitution": "#f28e2b", "other": "#9c6fb3", "shift": "#4e79a7",
}  # fmt: skip
"""One colour for each kind of relation, in lists and on the map."""
_DIVERGING = [(0, "#2166ac"), (0.5, "#f2f2f0"), (1, "#b2182b")]


def matrix(cosines: Floats, labels: list[str], linkage: Doubles | None) -> go.Figure:
    """Return a heat map of cosines, with a tree above it where there is one."""
    from plotly.subplots import make_subplots

    count = len(labels)
    order = np.arange(count) if linkage is None else _leaves(linkage)
    figure = make_subplots(
        2, 1, shared_xaxes=True, row_heights=[0.16, 0.84], vertical_spacing=0.01
    ) if linkage is not None else make_subplots(1, 1)  # fmt: skip
    row = 1 if linkage is None else 2
    values = cosines[np.ix_(order, order)]
    names = [safe.figure(labels[place], 40) for place in order]
    figure.add_trace(
        go.Heatmap(
            z=values, x=np.arange(count), y=np.arange(count), zmin=-1, zmax=1,
            colorscale=_DIVERGING, xgap=1, ygap=1,
            colorbar={"title": {"text": "cosine"}, "thickness": 12},
            text=[[f"{value:.2f}" for value in line] for line in values],
            texttemplate="%{text}" if count <= 12 else "",
            customdata=[[f"{one} · {two}" for two in names] for one in names],
            hovertemplate="%{customdata}<br>cosine %{z:.3f}<extra></extra>",
        ), row, 1,
    )  # fmt: skip
    ticks = {"tickvals": list(range(count)), "ticktext": names, "showgrid": False}
    figure.update_xaxes(**ticks, tickangle=-45, row=row, col=1)
    figure.update_yaxes(**ticks, autorange="reversed", row=row, col=1)
    if linkage is not None:
        _add_tree(figure, linkage)
    return small(figure, 120 + 26 * count)


def _leaves(linkage: Doubles) -> np.ndarray:
    from scipy.cluster.hierarchy import leaves_list

    return np.asarray(leaves_list(linkage))


def _add_tree(figure: go.Figure, linkage: Doubles) -> None:
    from scipy.cluster.hierarchy import dendrogram

    drawn = dendrogram(linkage, no_plot=True)
    xs, ys = [], []
    for x, y in zip(drawn["icoord"], drawn["dcoord"], strict=True):
        xs += [(value - 5) / 10 for value in x] + [None]  # scipy's leaves stand at 5, 15, 25 …
        ys += [*y, None]
    figure.add_scatter(
        x=xs, y=ys, mode="lines", line={"color": GREY, "width": 1.5}, hoverinfo="skip",
        showlegend=False, row=1, col=1,
    )  # fmt: skip
    figure.update_xaxes(visible=False, row=1, col=1)
    figure.update_yaxes(visible=False, row=1, col=1)
