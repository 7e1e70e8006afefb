"""Two dot plots side by side: a Streamlit component that paints matrices of bytes.

The matrices travel once; zoom, threshold and colours are the browser's own business, so moving
the threshold recolours and computes nothing. What the browser sends back is untrusted.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st
from streamlit.components.v2.types import ComponentRenderer

from bioskipgram.genes.dotplot import DotPlot
from bioskipgram.numerics.arrays import checked
from dashboard.kmer_map.events import decode_index
from dashboard.kmer_map.message import pack
from dashboard.kmer_map.scripts import script

HEIGHT = 600
_HERE = Path(__file__).parent


def dot_map(
    plot: DotPlot, *, names: tuple[str, str], unit: str, key: str, strands: bool = True
) -> tuple[int, int] | None:
    """Draw cosines and identities; return the row and column of the last click, or None.

    `names` are of the first sequence, down the page, and of the second, across it; `unit` is what a
    letter stands for; without `strands` there is no second colour.
    """
    result = _component()(
        key=key,
        data=encode(plot, names=names, unit=unit, strands=strands),
        height="content",
        on_cell_change=_ignore,
    )
    return decode_cell(result, plot.cosine.shape)


@cache
def _component() -> ComponentRenderer:
    return st.components.v2.component(
        "bioskipgram_dot_map",
        css=(_HERE / "style.css").read_text(encoding="utf-8"),
        js=script("unpack.js", "elements.js") + (_HERE / "index.js").read_text(encoding="utf-8"),
        isolate_styles=False,
    )


def _ignore() -> None:
    """Do nothing: Streamlit needs a callback for every name a component may send."""


def encode(plot: DotPlot, *, names: tuple[str, str], unit: str, strands: bool) -> bytes:
    """Return the browser's data in the format of `kmer_map.message.pack`."""
    n, m = plot.cosine.shape
    header = {
        "rows": n,
        "columns": m,
        "step": plot.step,
        "window": plot.config.window,
        "names": names,
        "unit": unit,
        "strands": strands,
        "height": HEIGHT,
        # Hundredths that 1 in 1,000 cells exceed by chance.
        "chance": [round(100 * plot.chance_cosine), round(100 * plot.chance_identity)],
    }
    arrays = {
        name: checked(getattr(plot, f"signed_{name}"), name, np.int8, (n, m))
        for name in ("cosine", "identity")
    }
    return pack(header, arrays)


def decode_cell(result: Mapping[str, Any], shape: tuple[int, ...]) -> tuple[int, int] | None:
    """Return the cell that the browser sent; None if it is not in this plot."""
    cell = result.get("cell")
    if not isinstance(cell, list | tuple) or len(cell) != 2:
        return None
    row, column = (decode_index(value, size) for value, size in zip(cell, shape, strict=True))
    return None if row is None or column is None else (row, column)
