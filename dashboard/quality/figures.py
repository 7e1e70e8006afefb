"""Figures of the Quality page: arrays -> plotly figures. No streamlit here."""

import textwrap
from statistics import median

import numpy as np
import plotly.graph_objects as go

from bioskipgram.kmers.genetic_code import translate
from bioskipgram.model.concatenation import Concatenation
from bioskipgram.model.quality import Judged
from bioskipgram.numerics.arrays import Floats
from dashboard.shared import text as safe
from dashboard.shared.figures import ACCENT, GREY, small
from dashboard.shared.letters import AMINO_COLOURS

RULE_COLOUR = "#e6781e"
NULL_COLOURS = {"random vectors": GREY, "bases shuffled": "#b3a28b", "codons shuffled": "#b7791f"}
"""Of the nulls that are told apart; others are violet."""


def concatenation(found: Concatenation, n: int) -> go.Figure:
    """Return how often the joining word is among the first `n`, by length, beside the nulls."""
    lengths = np.unique(found.joins.length).tolist()
    names = {
        "ranks": ("a + b", ACCENT, "solid", "circle"),
        "swapped": ("b before a", "#e6781e", "solid", "square"),
        "other_partner": ("a + b of another pair", GREY, "dash", "diamond"),
        "shuffled": ("shuffled vectors", GREY, "dot", "x"),
    }
    figure = go.Figure()
    for name, (title, colour, dash, symbol) in names.items():
        values = [found.within(n, name, length) for length in lengths]
        if any(value is not None for value in values):
            figure.add_scatter(
                x=lengths, y=values, name=title, mode="lines+markers",
                line={"color": colour, "dash": dash, "width": 2},
                marker={"symbol": symbol, "size": 8},
                hovertemplate=f"%{{x}} letters: %{{y:.1%}}<extra>{title}</extra>",
            )  # fmt: skip
    figure.update_xaxes(title="letters of the joined string", tickvals=lengths, showgrid=False)
    figure.update_yaxes(title=f"joining word in first {n}", tickformat=".0%", rangemode="tozero")
    figure.update_layout(legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0})
    return small(figure, 320)


def overlaps(found: Floats, expected: float) -> go.Figure:
    """Return how much of their neighbour lists k-mers share between two models."""
    counts, edges = np.histogram(found, bins=20, range=(0, 1))
    figure = go.Figure()
    figure.add_bar(
        x=(edges[1:] + edges[:-1]) / 2, y=counts, width=0.046, marker_color=ACCENT,
        showlegend=False, hovertemplate="Jaccard %{x:.2f}: %{y:,} k-mers<extra></extra>",
    )  # fmt: skip
    for value, name, dash in (
        (expected, f"random {expected:.3f}", "dot"),
        (float(found.mean()), f"mean {found.mean():.2f}", "solid"),
    ):
        figure.add_vline(
            value, line={"dash": dash, "color": GREY, "width": 2},
            annotation={"text": name, "font": {"color": GREY}, "xanchor": "center", "xshift": 0,
                        "yref": "paper", "y": 1, "yanchor": "bottom", "yshift": 0},
        )  # fmt: skip
    figure.update_xaxes(title="Jaccard index of the two lists", range=[-0.02, 1.02])
    figure.update_yaxes(title="k-mers")
    figure = small(figure, 260)
    figure.update_layout(margin={"t": 26})
    return figure


def measures(found: dict[str, Judged]) -> go.Figure:
    """Return each measure as a row: the model, its seeds, its nulls with ranges, and rules."""
    names = list(found)[::-1]
    kinds = list(dict.fromkeys(kind for name in names for kind in found[name].nulls))
    figure = go.Figure()
    for place, kind in enumerate(kinds, 1):
        groups = {name: found[name].nulls[kind] for name in names if kind in found[name].nulls}
        _ranges(figure, groups, names, kind, NULL_COLOURS.get(kind, "#9c6fb3"), -0.13 * place)
    own = {name: (found[name].value, *found[name].seeds) for name in names}
    _ranges(figure, own, names, "this model and other seeds", ACCENT, 0.13)
    rules = [(v, names.index(n), r) for n in names for r, v in found[n].baselines.items()]
    if rules:
        figure.add_scatter(
            x=[value for value, _, _ in rules], y=[row + 0.13 for _, row, _ in rules],
            mode="markers", name="rules without learning", text=[rule for _, _, rule in rules],
            marker={"symbol": "triangle-down", "size": 11, "color": RULE_COLOUR},
            hovertemplate="%{text}: %{x:.3f}<extra></extra>",
        )  # fmt: skip
    figure.update_yaxes(
        tickvals=list(range(len(names))), ticktext=[wrapped(name) for name in names], showgrid=False
    )
    figure.update_xaxes(zeroline=True)
    figure.update_layout(
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0, "traceorder": "normal"}
    )
    return small(figure, 90 + 58 * len(names))


def wrapped(name: str) -> str:
    """Return a name in lines of about 26 letters, for an axis."""
    return "<br>".join(textwrap.wrap(safe.figure(name, 80), 26))


def _ranges(
    figure: go.Figure,
    groups: dict[str, tuple[float, ...]],
    names: list[str],
    title: str,
    colour: str,
    shift: float,
) -> None:
    """Draw a mark at the median of each group with a line over its range."""
    middle = [median(values) for values in groups.values()]
    figure.add_scatter(
        x=middle, y=[names.index(name) + shift for name in groups], mode="markers", name=title,
        marker={"size": 10, "color": colour},
        error_x={
            "array": [max(v) - m for v, m in zip(groups.values(), middle, strict=True)],
            "arrayminus": [m - min(v) for v, m in zip(groups.values(), middle, strict=True)],
            "thickness": 3, "width": 0, "color": colour,
        },
        text=[f"{min(values):.3f} to {max(values):.3f}" for values in groups.values()],
        hovertemplate=f"{title}: median %{{x:.3f}}, %{{text}}<extra></extra>",
    )  # fmt: skip


def codon_maps(maps: dict[str, tuple[list[str], Floats]]) -> go.Figure:
    """Return the codons of each model side by side, as letters in their amino acid's colour."""
    from plotly.subplots import make_subplots

    figure = make_subplots(
        1, len(maps), subplot_titles=[safe.figure(name, 40) for name in maps],
        shared_xaxes="all", shared_yaxes="all", horizontal_spacing=0.02,
    )  # fmt: skip
    for column, (codons, places) in enumerate(maps.values(), 1):
        amino = [translate(codon) for codon in codons]
        figure.add_scatter(
            x=places[:, 0], y=places[:, 1], mode="text", text=codons, customdata=amino,
            textfont={"size": 11, "color": [AMINO_COLOURS[letter] for letter in amino]},
            hovertemplate="%{text}: %{customdata}<extra></extra>", showlegend=False,
            row=1, col=column,
        )  # fmt: skip
    figure.update_xaxes(showticklabels=False, zeroline=False, showgrid=False)
    figure.update_yaxes(showticklabels=False, zeroline=False, showgrid=False)
    figure.update_layout(dragmode="pan")
    figure = small(figure, 420)
    figure.update_layout(margin={"t": 30})
    return figure
