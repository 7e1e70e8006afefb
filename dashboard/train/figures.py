"""Arrays -> figures of the Train page. No streamlit here."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from dashboard.shared import text as safe
from dashboard.shared.figures import ACCENT, GREY, small

COLOURS = (ACCENT, "#e6781e", "#3f8f3f", "#8e6bbf", "#c23b3b", "#1f9393", "#8c6d46", "#d977b8")


@dataclass(frozen=True)
class Curve:
    """The loss of one run by step; `zero` is the loss of vectors of zeros, where all begin."""

    name: str
    steps: Sequence[float]
    losses: Sequence[float]
    zero: float
    optimum: float | None = None


def zero_loss(negatives: int) -> float:
    """Return the loss per pair of vectors of zeros, nats: each of 1 + negatives terms is log 2."""
    return (1 + negatives) * math.log(2)


def curves(found: Sequence[Curve]) -> go.Figure:
    """Return the loss of some runs along their steps; of one, between where it began and optimum.

    Of several the steps are shares of all, since their numbers differ.
    """
    figure, alone = go.Figure(), len(found) == 1
    for one, colour in zip(found, COLOURS, strict=False):
        last = max(one.steps, default=1)
        x = one.steps if alone else [100 * step / last for step in one.steps]
        unit = "step %{x}" if alone else "%{x:.0f} % of the steps"
        figure.add_scatter(
            x=x, y=one.losses, mode="lines+markers" if alone else "lines",
            name=safe.figure(one.name), line={"color": colour, "width": 2}, marker={"size": 4},
            hovertemplate=f"{unit}<br>loss %{{y:.4f}}<extra>{safe.figure(one.name)}</extra>",
        )  # fmt: skip
    if alone:
        _bounds(figure, found[0])
    figure.update_xaxes(title="step" if alone else "% of the steps", showgrid=False)
    figure.update_yaxes(title="loss per pair, nats")
    figure.update_layout(
        showlegend=not alone, legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0}
    )
    return small(figure, 280)


def _bounds(figure: go.Figure, one: Curve) -> None:
    """Draw the losses between which every run of such settings lies."""
    lines = [(one.zero, "vectors of zeros: nothing learnt", "bottom right")]
    if one.optimum is not None:
        lines.append((one.optimum, "optimum of any number of dimensions", "bottom right"))
    low, high = min([*one.losses, lines[-1][0]]), max([*one.losses, one.zero])
    figure.update_yaxes(range=[low - 0.12 * (high - low), high + 0.04 * (high - low)])
    for height, text, where in lines:
        figure.add_hline(
            height, line={"dash": "dot", "color": GREY}, annotation_position=where,
            annotation={"text": f"{text}: {height:.3f}", "font": {"color": GREY, "size": 11}},
        )  # fmt: skip
