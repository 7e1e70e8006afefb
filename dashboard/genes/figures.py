"""Genes -> plotly figures: a map, a heat-map with its dendrogram, a tree. No streamlit here."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from plotly.colors import sample_colorscale
from plotly.subplots import make_subplots

from bioskipgram.genes.similarity import Similarity
from bioskipgram.genes.trees import Tree
from bioskipgram.numerics.arrays import Doubles, Floats
from dashboard.shared import text as safe
from dashboard.shared.figures import ACCENT, GREY, small

UPLOADED = "#d1495b"
HUES = (
    "#4e79a7", "#f28e2b", "#59a14f", "#b07aa1", "#edc948", "#17a2b8", "#9c755f", "#ff9da7",
    "#2f5f17", "#65409b",
)  # fmt: skip
"""Of the commonest categories of reference genes; the others are grey."""
SCALE = sample_colorscale("Viridis", 64)
FAINT = "rgba(138,143,152,0.22)"
"""Of genes whose category or number is not known."""
LEAST_SUPPORT = 0.5
_NAMED = 40
"""The most uploads that are all named on the map."""


def gene_map(
    reference: Floats,
    reference_names: Sequence[str],
    placed: Floats,
    names: Sequence[str],
    *,
    axes: tuple[str, str] = ("", ""),
    colours: Sequence[str] | Doubles | None = None,
    own: Sequence[str] | Doubles | None = None,
    unit: str = "",
) -> go.Figure:
    """Return reference genes (float32[R, 2]) as grey points with the uploads (float32[U, 2]).

    `colours` are one category ("" = none) or one number a reference gene, the latter in a `unit`;
    `own` are the same of the uploads, which else have one colour.
    """
    few = len(names) <= _NAMED
    size = 10 if len(names) <= 200 else 7 if len(names) <= 1000 else 5
    edge = UPLOADED if own is not None else "white"
    outline = {"width": 1, "color": edge} if len(names) <= 200 else {"width": 0}
    both = _joined(colours, own)
    figure = go.Figure()
    figure.add_scattergl(
        x=reference[:, 0], y=reference[:, 1], mode="markers", name="reference genes",
        marker=_marker(colours, both, len(reference)),
        text=[safe.figure(name, 40) for name in reference_names],
        customdata=_told(colours, len(reference)),
        hovertemplate="%{text}<br>%{customdata}<extra>reference</extra>",
        showlegend=colours is None,
    )  # fmt: skip
    figure.add_scattergl(
        x=placed[:, 0], y=placed[:, 1], name="your records",
        mode="markers+text" if few else "markers",
        marker={
            "color": UPLOADED, **({} if own is None else _marker(own, both, len(names))),
            "size": size, "opacity": 0.9, "line": outline,
        },
        text=_labels(reference, placed, names) if few else None, textposition="top center",
        textfont={"color": UPLOADED, "size": 12},
        customdata=[safe.figure(name, 40) for name in names] if own is None else [
            f"{safe.figure(name, 40)}<br>{told}"
            for name, told in zip(names, _told(own, len(names)), strict=True)
        ],
        hovertemplate="%{customdata}<extra>yours</extra>",
    )  # fmt: skip
    for title, colour in _shown(both).items():
        figure.add_scattergl(
            x=[None], y=[None], mode="markers", marker={"color": colour, "size": 8},
            name=safe.figure(title, 32),
        )  # fmt: skip
    if isinstance(both, np.ndarray):
        bar = {"title": unit, "thickness": 10, "len": 0.6}
        marker = {"color": _limits(both), "colorscale": SCALE, "showscale": True, "colorbar": bar}
        figure.add_scattergl(
            x=[None, None], y=[None, None], mode="markers", marker=marker, showlegend=False
        )
    meaning = bool(axes[0])
    figure.update_xaxes(title=axes[0] or None, showticklabels=meaning, zeroline=False)
    figure.update_yaxes(title=axes[1] or None, showticklabels=meaning, zeroline=False)
    figure.update_layout(
        height=560, margin={"l": 8, "r": 8, "t": 8, "b": 8}, dragmode="pan",
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
    )  # fmt: skip
    return figure


def _shown(colours: Sequence[str] | Doubles | None) -> dict[str, str]:
    """Return the commonest categories with their colours; none of numbers."""
    if colours is None or isinstance(colours, np.ndarray):
        return {}
    known = Counter(title for title in colours if title)
    return dict(zip((title for title, _ in known.most_common(len(HUES))), HUES, strict=False))


def _joined(
    colours: Sequence[str] | Doubles | None, own: Sequence[str] | Doubles | None
) -> Sequence[str] | Doubles | None:
    """Return the colours of reference genes and uploads, which share a scale and a legend."""
    if own is None or colours is None:
        return colours
    if isinstance(colours, np.ndarray):
        return np.concatenate([colours, np.asarray(own, np.float64)])
    return [*colours, *map(str, own)]


def _marker(
    colours: Sequence[str] | Doubles | None,
    both: Sequence[str] | Doubles | None,
    size: int,
) -> dict[str, Any]:
    """Return the marker of points with these colours, on the scale of `both` kinds of points."""
    if colours is None or both is None:
        return {"size": 6, "color": GREY, "opacity": 0.6 if size <= 500 else 0.3}
    if isinstance(colours, np.ndarray):
        low, high = _limits(both)
        shares = (colours - low) / max(high - low, 1e-12)
        painted = [SCALE[int(s * (len(SCALE) - 1))] if s == s else FAINT for s in shares.tolist()]
        return {"size": 6, "color": painted}
    hues = _shown(both)
    return {"size": 6, "color": [hues.get(title, FAINT) for title in colours]}


def _limits(colours: Sequence[str] | Doubles | None) -> tuple[float, float]:
    """Return the least and the highest of numbers that are known; 0 and 1 of others."""
    if not isinstance(colours, np.ndarray) or np.isnan(colours).all():
        return 0.0, 1.0
    return float(np.nanmin(colours)), float(np.nanmax(colours))


def _told(colours: Sequence[str] | Doubles | None, size: int) -> list[str]:
    """Return what a hover says of each reference gene beside its name."""
    if colours is None:
        return [""] * size
    if isinstance(colours, np.ndarray):
        return [f"{value:.3g}" if value == value else "not known" for value in colours.tolist()]
    return [safe.figure(title, 60) for title in colours]


def _labels(reference: Floats, points: Floats, names: Sequence[str]) -> list[str]:
    """Return the names that do not overlap at the usual size, "" for the others."""
    shown = np.concatenate([reference, points])
    span = np.nanmax(shown, axis=0) - np.nanmin(shown, axis=0)
    size = np.maximum(span, 1e-9) * (0.0065, 0.045)  # of a letter, in the map's units
    labels, taken = [], np.zeros((0, 3))
    for (x, y), name in zip(points.tolist(), names, strict=True):
        width = size[0] * min(len(name), 16)
        near = abs(taken[:, 0] - x) < (taken[:, 2] + width) / 2
        clear = not (near & (abs(taken[:, 1] - y) < size[1])).any()
        labels.append(safe.figure(name, 16) if clear else "")
        if clear:
            taken = np.vstack([taken, (x, y, width)])
    return labels


def heat_map(found: Similarity, names: Sequence[str]) -> go.Figure:
    """Return the cosines as a heat-map under their dendrogram; `names` are of all records."""
    labels = [_group_label(found.groups[g], names) for g in found.order]
    cells = found.cosines[np.ix_(found.order, found.order)]
    figure = make_subplots(
        rows=2, cols=1, shared_xaxes=True, row_heights=[0.16, 0.84], vertical_spacing=0.01
    )
    x, y = _dendrogram(found)
    figure.add_scatter(
        x=x, y=y, mode="lines", line={"color": GREY, "width": 1}, hoverinfo="skip",
        showlegend=False, row=1, col=1,
    )  # fmt: skip
    places = list(range(len(labels)))
    figure.add_heatmap(
        z=cells, x=places, y=places, colorscale="Viridis", zmin=_floor(cells), zmax=1,
        hovertemplate="%{text}<br>cosine %{z:.3f}<extra></extra>", row=2, col=1,
        text=[[f"{a}<br>{b}" for b in labels] for a in labels],
        colorbar={"title": "cosine", "len": 0.84, "y": 0, "yanchor": "bottom", "thickness": 12},
    )  # fmt: skip
    ticks = {"tickvals": places, "ticktext": labels} if len(labels) <= 60 else {}
    figure.update_xaxes(showgrid=False, showticklabels=bool(ticks), tickangle=-60, **ticks, row=2)
    figure.update_yaxes(
        showgrid=False, showticklabels=bool(ticks), autorange="reversed", **ticks, row=2
    )
    figure.update_xaxes(visible=False, row=1)
    figure.update_yaxes(visible=False, row=1)
    height = 260 + max(300, min(len(labels) * 14, 620))
    figure.update_layout(height=height, margin={"l": 8, "r": 8, "t": 8, "b": 8})
    return figure


def _group_label(members: Sequence[int], names: Sequence[str]) -> str:
    first = safe.figure(names[members[0]], 20)
    return first if len(members) == 1 else f"{first} +{len(members) - 1:,}"


def _floor(cells: Floats) -> float:
    """Return the lower end of the colours, which nearly all pairs exceed."""
    apart = cells[~np.eye(len(cells), dtype=bool)]
    return float(np.quantile(apart, 0.02)) if apart.size else 0.0


def _dendrogram(found: Similarity) -> tuple[list[float | None], list[float | None]]:
    """Return the brackets of a dendrogram as one line with gaps, its leaves at 0 to n - 1."""
    n = len(found)
    at = dict(zip(found.order.tolist(), map(float, range(n)), strict=True))
    height = dict.fromkeys(range(n), 0.0)
    x: list[float | None] = []
    y: list[float | None] = []
    for node, (a, b, distance, _) in enumerate(found.linkage.tolist(), n):
        left, right = int(a), int(b)
        x += [at[left], at[left], at[right], at[right], None]
        y += [height[left], distance, distance, height[right], None]
        at[node], height[node] = (at[left] + at[right]) / 2, distance
    return x, y


def tree_figure(tree: Tree, unit: str, support: Doubles | None = None) -> go.Figure:
    """Return a tree from left to right, branch lengths to scale in a unit, names at its leaves.

    `support`, float64[nodes], stands at the groups with at least half of it.
    """
    heights, leaves = tree.heights, len(tree.names)
    y = _leaf_places(tree)
    lines_x: list[float | None] = []
    lines_y: list[float | None] = []
    for node, parent in enumerate(tree.parents.tolist()):
        if parent >= 0:
            lines_x += [heights[parent], heights[parent], heights[node], None]
            lines_y += [y[parent], y[node], y[node], None]
    figure = go.Figure()
    figure.add_scatter(
        x=lines_x, y=lines_y, mode="lines", line={"color": ACCENT, "width": 1.5},
        hoverinfo="skip", showlegend=False,
    )  # fmt: skip
    figure.add_scatter(
        x=heights[:leaves], y=y[:leaves], mode="markers+text", showlegend=False,
        marker={"size": 3, "color": ACCENT}, textposition="middle right",
        text=[f" {safe.figure(name, 24)}" for name in tree.names],
        customdata=[safe.figure(name, 40) for name in tree.names],
        hovertemplate="%{customdata}<br>%{x:.4f} from the root<extra></extra>",
    )  # fmt: skip
    if support is not None:
        sure = np.flatnonzero(np.nan_to_num(support) >= LEAST_SUPPORT)
        figure.add_scatter(
            x=heights[sure], y=np.array(y)[sure], mode="text", showlegend=False,
            text=[f"{100 * support[node]:.0f}\u00a0" for node in sure], textposition="top left",
            textfont={"size": 10, "color": GREY}, hoverinfo="skip",
        )  # fmt: skip
    room = float(heights.max()) or 1.0
    figure.update_xaxes(title=unit, range=[-0.02 * room, 1.25 * room], zeroline=False)
    figure.update_yaxes(visible=False, range=[leaves - 0.4, -0.6])
    figure.update_layout(height=max(260, 17 * leaves + 70), margin={"l": 8, "r": 8, "t": 8, "b": 8})
    return figure


def _leaf_places(tree: Tree) -> list[float]:
    """Return the height on the page of every node: leaves 0, 1, 2 …, others between children."""
    children, places = tree.children, [0.0] * len(tree.parents)
    next_leaf, stack = 0, [(len(tree.parents) - 1, False)]
    while stack:
        node, done = stack.pop()
        if not children[node]:
            places[node], next_leaf = float(next_leaf), next_leaf + 1
        elif done:
            places[node] = float(np.mean([places[child] for child in children[node]]))
        else:
            stack.append((node, True))
            stack += [(child, False) for child in reversed(children[node])]
    return places


def parts(bases: Doubles) -> go.Figure:
    """Return what each base of a record adds to a cosine, float64[L], in about 200 windows."""
    width = max(1, len(bases) // 200)
    starts = np.arange(0, len(bases), width)
    sums = np.add.reduceat(bases, starts)
    figure = go.Figure()
    figure.add_bar(
        x=starts + 1, y=sums, marker_color=np.where(sums >= 0, ACCENT, UPLOADED).tolist(),
        hovertemplate="from base %{x}: %{y:+.4f}<extra></extra>", showlegend=False,
    )  # fmt: skip
    figure.update_xaxes(title=f"base of the first record, windows of {width}", showgrid=False)
    figure.update_yaxes(title="part of the cosine")
    return small(figure, 190)
