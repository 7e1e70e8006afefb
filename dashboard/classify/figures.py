"""Figures of the Classify page: arrays and rows -> plotly. No streamlit here."""

from typing import Any

import numpy as np
import plotly.graph_objects as go

from bioskipgram.numerics.arrays import Doubles
from bioskipgram.sequences.alphabet import Alphabet
from dashboard.shared import text as safe
from dashboard.shared.figures import ACCENT, GREY, small
from dashboard.shared.letters import letter_colours

PALE = "#d5e1f0"
"""The lowest colour of the matrix; opaque, since its numbers are dark on it in both themes."""


def compared(rows: list[dict[str, Any]]) -> go.Figure:
    """Return the MCC of the classifier and of what it must beat, with their ranges."""
    # The values stand with the names: beside a bar they would lie on its range.
    names = [f"{safe.figure(row['name'])}  <b>{row['mcc']:.3f}</b>" for row in rows][::-1]
    values = [row["mcc"] for row in rows][::-1]
    colours = [ACCENT if row["own"] else GREY for row in rows][::-1]
    plus = [row["high"] - row["mcc"] for row in rows][::-1]
    minus = [row["mcc"] - row["low"] for row in rows][::-1]
    figure = go.Figure(go.Bar(
        x=values, y=names, orientation="h", marker_color=colours,
        error_x={"array": plus, "arrayminus": minus, "thickness": 1, "width": 3},
        hovertemplate="%{y}<extra></extra>",
    ))  # fmt: skip
    figure.update_xaxes(title="MCC (1 = always right, 0 = no better than chance)",
                        range=[min(-0.1, *values) - 0.05, 1.1])  # fmt: skip
    return small(figure, 60 + 34 * len(rows))


def confusion(table: list[list[int]], classes: list[str]) -> go.Figure:
    """Return how many items of each class are said to be of each."""
    counts = np.array(table)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    names = [safe.figure(name, 24) for name in classes]
    figure = go.Figure(go.Heatmap(
        z=shares, x=names, y=names, text=counts, texttemplate="%{text:,}", showscale=False,
        colorscale=[[0, PALE], [1, ACCENT]], zmin=0, zmax=1,
        hovertemplate="%{y} said to be %{x}: %{text:,}<extra></extra>",
    ))  # fmt: skip
    figure.update_yaxes(autorange="reversed", title="true class", type="category", showgrid=False)
    figure.update_xaxes(title="said to be", type="category", showgrid=False)
    return small(figure, 240)


def calibration(rows: list[list[float]]) -> go.Figure:
    """Return how often the class is right at each probability."""
    figure = go.Figure()
    figure.add_scatter(x=[0, 1], y=[0, 1], mode="lines", line={"dash": "dot", "color": GREY},
                       hoverinfo="skip", showlegend=False)  # fmt: skip
    chances, shares, counts = zip(*rows, strict=True)
    figure.add_scatter(
        x=chances, y=shares, mode="lines+markers", line={"color": ACCENT}, showlegend=False,
        customdata=counts,
        hovertemplate="said %{x:.2f}, is %{y:.2f} (%{customdata:,})<extra></extra>",
    )  # fmt: skip
    figure.update_xaxes(title="probability said", range=[0, 1])
    figure.update_yaxes(title="share that is so", range=[0, 1.02])
    return small(figure, 240)


def curve(rows: list[dict[str, Any]]) -> go.Figure:
    """Return MCC by the number of training items."""
    figure = go.Figure(go.Scatter(
        x=[row["items"] for row in rows], y=[row["mcc"] for row in rows], mode="lines+markers",
        line={"color": ACCENT},
        error_y={"array": [row["high"] - row["mcc"] for row in rows],
                 "arrayminus": [row["mcc"] - row["low"] for row in rows], "thickness": 1},
        hovertemplate="%{x:,} items: MCC %{y:.3f}<extra></extra>",
    ))  # fmt: skip
    figure.update_xaxes(type="log", title="training items", dtick=1)
    figure.update_yaxes(title="MCC", rangemode="tozero")
    return small(figure, 240)


def shares(codes: Any, values: Doubles, alphabet: Alphabet) -> go.Figure:
    """Return each base's share of the margin along a sequence, in the colours of the bases."""
    colours = [*letter_colours(alphabet).values(), GREY]
    letters = [*alphabet.letters, alphabet.any]
    figure = go.Figure(go.Bar(
        x=np.arange(1, len(values) + 1), y=values, marker_color=[colours[c] for c in codes],
        customdata=[letters[c] for c in codes],
        hovertemplate="%{customdata} at %{x}: %{y:+.3f}<extra></extra>",
    ))  # fmt: skip
    figure.update_layout(bargap=0)
    figure.update_xaxes(title="position", showgrid=False)
    figure.update_yaxes(title="share of the log odds")
    return small(figure, 220)
