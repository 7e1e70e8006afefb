"""Arrays of motifs and hits -> plotly figures. No streamlit here."""

import numpy as np
import plotly.graph_objects as go

from bioskipgram.groups.logos import logo as heights_of
from bioskipgram.motifs.matrix import Motif
from bioskipgram.motifs.scan import Hits
from bioskipgram.numerics.arrays import Counts, Doubles
from dashboard.shared import text as safe
from dashboard.shared.figures import ACCENT, GREY, logo

STRANDS = {1: ("+ strand", "triangle-right", ACCENT), -1: ("− strand", "triangle-left", "#c2557a")}
MAX_MARKS = 20_000
STATIC = {"displayModeBar": False, "staticPlot": True}
"""How plotly shows a logo."""


def motif_logo(motif: Motif) -> go.Figure:
    """Return a motif's logo."""
    return logo(_heights(motif)).update_layout(height=150)


def _heights(motif: Motif) -> Doubles:
    counts = bool((motif.weights.sum(axis=1) > 1.5).all())  # shares add up to 1
    return heights_of(motif.weights, corrected=counts)


def track(hits: Hits, records: Counts) -> go.Figure:
    """Return hits along records (int64[n], top down), positions from 1, at most `MAX_MARKS`."""
    lengths = hits.sequences.lengths
    row_of = np.full(len(hits.sequences), -1)
    row_of[records] = np.arange(len(records))
    labels = [safe.figure(hits.sequences.names[record], 24) for record in records]
    figure = go.Figure()
    ends = [(1, int(lengths[record]), None) for record in records]
    figure.add_scatter(
        x=[x for triple in ends for x in triple],
        y=[y for row in range(len(records)) for y in (row, row, None)],
        mode="lines", line={"color": GREY, "width": 2}, hoverinfo="skip", showlegend=False,
    )  # fmt: skip
    shown = np.flatnonzero(row_of[hits.records] >= 0)[:MAX_MARKS]
    for strand, (name, symbol, colour) in STRANDS.items():
        own = shown[hits.strands[shown] == strand]
        if not len(own):
            continue
        facts = np.column_stack([hits.stops[own], hits.scores[own], hits.p_values[own]])
        figure.add_scatter(
            x=hits.starts[own] + 1, y=row_of[hits.records[own]], mode="markers", name=name,
            marker={"symbol": symbol, "size": 9, "color": colour}, customdata=facts,
            hovertemplate="%{x} to %{customdata[0]}<br>score %{customdata[1]:.2f}, "
            "p %{customdata[2]:.2g}<extra>" + name + "</extra>",
        )  # fmt: skip
    figure.update_yaxes(
        tickvals=list(range(len(records))), ticktext=labels, showgrid=False, zeroline=False,
        range=[len(records) - 0.4, -0.6], automargin=True,
    )  # fmt: skip
    figure.update_xaxes(title="position, base pairs from 1", showgrid=False, zeroline=False)
    figure.update_layout(
        height=110 + 24 * len(records), margin={"l": 8, "r": 8, "t": 8, "b": 8},
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 1, "xanchor": "right"},
    )  # fmt: skip
    return figure


def spread(observed: int, shuffled: Counts, expected: float) -> go.Figure:
    """Return a histogram of the hits in shuffles, with lines at those observed and expected."""
    values, numbers = np.unique(shuffled, return_counts=True)
    figure = go.Figure()
    figure.add_bar(
        x=values, y=numbers, marker_color=GREY, name="shuffles",
        hovertemplate="%{x} hits in %{y} shuffles<extra></extra>",
    )  # fmt: skip
    lines = [(float(observed), f"here: {observed:,}", ACCENT, "solid")]
    if np.isfinite(expected):
        lines.append((expected, f"single bases: {expected:,.1f}", GREY, "dot"))
    for place, (value, name, colour, dash) in enumerate(lines):
        figure.add_vline(
            value, line={"color": colour, "width": 2.5, "dash": dash},
            annotation={"text": name, "font": {"color": colour}, "yref": "paper",
                        "y": 1 + 0.16 * place, "yanchor": "bottom", "yshift": 0},
        )  # fmt: skip
    figure.update_xaxes(title="hits", rangemode="tozero")
    figure.update_yaxes(title="shuffles", nticks=4)
    figure.update_layout(height=190, margin={"l": 8, "r": 8, "t": 48, "b": 8}, showlegend=False)
    return figure


def aligned(motif: Motif, known: Motif, offset: int) -> go.Figure:
    """Return two logos of one strand, the known one below; see `discovery.Matches` for offset."""
    lead, drop = max(0, offset), max(0, -offset)
    width = max(lead + len(motif), drop + len(known))
    figure = go.Figure()
    for one, start, axis in ((motif, lead, ""), (known, drop, "2")):
        heights: Doubles = np.zeros((width, 4))
        heights[start : start + len(one)] = _heights(one)
        for shape in logo(heights).layout.shapes:
            figure.add_shape(shape, xref="x", yref=f"y{axis}")
    figure.add_scatter(x=[None], y=[None], showlegend=False)
    figure.add_scatter(x=[None], y=[None], yaxis="y2", showlegend=False)
    side = {"range": [0, 2.05], "zeroline": False, "tickvals": [0, 1, 2]}
    figure.update_layout(
        yaxis={**side, "domain": [0.55, 1], "title": "this"},
        yaxis2={**side, "domain": [0, 0.45], "title": "known"},
        height=240, margin={"l": 8, "r": 8, "t": 8, "b": 8},
    )  # fmt: skip
    figure.update_xaxes(range=[0.4, width + 0.6], dtick=1, showgrid=False, anchor="y2")
    return figure
