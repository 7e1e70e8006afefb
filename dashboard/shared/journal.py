"""A map as a figure at the sizes of journals: PNG of 300 dpi, SVG, PDF.

``bioskipgram figure`` starts it as ``python -m dashboard.shared.journal``.
"""

import argparse
import io
import sys
from pathlib import Path
from typing import Any

import numpy as np

from bioskipgram.errors import BioSkipGramError, ConfigError, QueryError, optional_packages
from bioskipgram.files import write_whole
from bioskipgram.model import checkpoint
from dashboard.kmer_map.content import Colouring
from dashboard.shared import picture

WIDTHS = {1: 89, 2: 183}
"""Millimetres of one and of two columns."""
SUFFIXES = (".png", ".svg", ".pdf")
DPI = 300
CATEGORIES = (
    "#4e79a7", "#f28e2b", "#59a14f", "#e15759", "#b07aa1", "#499894", "#d37295", "#b6992d",
    "#9d7660", "#86bcb6", "#ffbe7d", "#8cd17d", "#a0cbe8", "#ff9d9a", "#d4a6c8", "#e5c13f",
)  # fmt: skip
GREY = "#c9ccd3"
_NOTHING = ("no preference", "none")
_MOST_NAMED = 100
_MOST_IN_LEGEND = 26


def figure(path: Path, *, colour: str, method: str, columns: int, suffix: str) -> bytes:
    """Return a map of a model as a picture.

    Parameters
    ----------
    path
        The model.
    colour
        The title of a colour of the report, in any case, "" = the report's first.
    method
        The projection: "tsne", "umap" or "pca".
    columns
        1 or 2, of a journal's page.
    suffix
        One of `SUFFIXES`.
    """
    embedding = checkpoint.load(path)
    found = picture.drawn(embedding, path, method)
    shown, colours, labels = found.shown, found.colours, found.labels
    named = [one for one in colours if one.title.lower().startswith(colour.lower())]
    if not named:
        known = ", ".join(one.title for one in colours)
        raise QueryError(f"{colour!r:.60}: no colour of this model; there are {known}")
    with _style() as pyplot:
        width = WIDTHS[columns] / 25.4
        drawing, axes = pyplot.subplots(figsize=(width, 0.72 * width), layout="constrained")
        size = min(14.0, 3000 * columns**2 / len(shown.points))
        _points(drawing, axes, shown.points, named[0], size)
        axes.set(xticks=[], yticks=[], aspect="equal")
        axes.set_xlabel(f"{picture.METHODS[method]} 1")
        axes.set_ylabel(f"{picture.METHODS[method]} 2")
        _labels(drawing, axes, labels)
        buffer = io.BytesIO()
        drawing.savefig(buffer, format=suffix[1:], dpi=DPI, metadata=_plain(suffix))
        pyplot.close(drawing)
    return buffer.getvalue()


def _plain(suffix: str) -> dict[str, Any]:
    """Return metadata without the time, so that the same map gives the same file."""
    return {".svg": {"Date": None}, ".pdf": {"CreationDate": None}, ".png": {}}[suffix]


class _style:  # noqa: N801 - used as a function
    """Settings of a figure in print: 6 point sans serif, thin lines, text that stays text."""

    def __enter__(self) -> Any:
        with optional_packages():
            import matplotlib as mpl
        mpl.use("agg")
        from matplotlib import pyplot

        self.kept = mpl.rc_context(
            {
                "font.size": 6, "font.family": "sans-serif", "axes.linewidth": 0.5,
                "svg.fonttype": "none", "svg.hashsalt": "bioskipgram", "pdf.fonttype": 42,
                "legend.frameon": False,
            }
        )  # fmt: skip
        self.kept.__enter__()
        return pyplot

    def __exit__(self, *failed: object) -> None:
        self.kept.__exit__(None, None, None)


def _points(drawing: Any, axes: Any, points: Any, colouring: Colouring, size: float) -> None:
    """Draw the points in their colours, `size` in square points, with a legend or a scale."""
    values = colouring.values
    known = np.isfinite(values) & (values >= 0 if colouring.categories else True)
    axes.scatter(*points[~known, :2].T, s=size, c=GREY, linewidths=0)
    if not colouring.categories:
        drawn = axes.scatter(*points[known, :2].T, s=size, c=values[known], linewidths=0)
        drawing.colorbar(drawn, ax=axes, label=colouring.title, shrink=0.6, aspect=25)
        return
    palette = colouring.palette or CATEGORIES
    shown = [c for c in range(len(colouring.categories)) if (values == c).any()]
    for category in shown:
        mine, name = values == category, colouring.categories[category]
        hue = GREY if name in _NOTHING else palette[category % len(palette)]
        axes.scatter(
            *points[mine, :2].T, s=size, c=hue, linewidths=0, label=name,
        )  # fmt: skip
    if len(shown) <= _MOST_IN_LEGEND:
        drawing.legend(
            loc="outside right center", title=colouring.title, markerscale=max(1, 2.5 / size**0.5),
            ncols=2 if len(shown) > 12 else 1, handletextpad=0.2, columnspacing=0.8,
        )  # fmt: skip


def _labels(drawing: Any, axes: Any, labels: list[Any]) -> None:
    """Write the labels, the most important first; one that would lie on another is left out."""
    # An outline would turn text into paths, which no editor changes and no search finds.
    ground = {"facecolor": "white", "edgecolor": "none", "alpha": 0.6, "pad": 0.3}
    kmers = any(each.token is not None for each in labels)
    drawing.draw_without_rendering()
    taken: list[Any] = []
    for each in [one for one in labels if (one.token is not None) is kmers][:_MOST_NAMED]:
        text = axes.annotate(
            each.text, (each.x, each.y), xytext=(0, 2.5 if kmers else 0),
            textcoords="offset points", ha="center", va="bottom" if kmers else "center",
            fontsize=4.5 if kmers else 5, bbox=ground, annotation_clip=False,
        )  # fmt: skip
        box = text.get_window_extent()
        if any(box.overlaps(other) for other in taken):
            text.remove()
        else:
            taken.append(box)


def main() -> int:
    """Write a figure; return the exit code."""
    parser = argparse.ArgumentParser(prog="bioskipgram figure")
    parser.add_argument("model", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--colour", default="")
    parser.add_argument("--method", default="tsne")
    parser.add_argument("--columns", type=int, default=1)
    options = parser.parse_args()
    try:
        suffix = options.out.suffix.lower()
        if suffix not in SUFFIXES:
            raise ConfigError(f"{options.out.name}: the name must end in {', '.join(SUFFIXES)}")
        made = figure(
            options.model, colour=options.colour, method=options.method,
            columns=options.columns, suffix=suffix,
        )  # fmt: skip
        write_whole(options.out, made)
    except BioSkipGramError as error:
        print(f"bioskipgram: {error}", file=sys.stderr)  # noqa: T201
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
