"""The Streamlit components the map is made of, and the scripts they run.

plotly.js is 4.8 MB and Streamlit sends a component's script and data again whenever its data
change, so the library and the large arrays travel in components of their own, without a face.
"""

from contextlib import suppress
from functools import cache
from pathlib import Path

import streamlit as st
from plotly.offline import get_plotlyjs
from streamlit.components.v2.types import ComponentRenderer
from streamlit.errors import StreamlitDuplicateElementKey

SCRIPTS = (
    "decode.js", "theme.js", "dots.js", "space.js", "labels.js", "overlay.js", "legend.js",
    "card.js", "tools.js", "pointer.js", "picture.js", "map.js", "moves.js",
)  # fmt: skip
"""The map's script in its order: one module, of which each file defines a noun."""

_HERE = Path(__file__).parent
_HAND_OVER = """
self.bioskipgramPlotly = Plotly;
self.dispatchEvent(new Event("bioskipgram:plotly"));
export default () => {};
"""
_FACELESS = {
    "html": '<i class="kmer-map-faceless"></i>',
    "css": ".stElementContainer:has(.kmer-map-faceless) { display: none; }",
}


def bring_plotly() -> None:
    """Load plotly.js into the page; only the first call of a run does anything.

    `kmer_map` calls it. A page that has work to do first may call it earlier, so that the browser
    reads the library (about 0.6 s) while Python works.
    """
    with suppress(StreamlitDuplicateElementKey):
        _plotly()(key="bioskipgram-plotly")


@cache
def _plotly() -> ComponentRenderer:
    """Return the component without a face whose script is plotly.js."""
    return st.components.v2.component(
        "bioskipgram_plotly", js=as_module(get_plotlyjs()), isolate_styles=False, **_FACELESS
    )


def as_module(plotlyjs: str) -> str:
    """Return plotly.js as a module that hands the library to the map.

    The file wraps the library in a function, which a browser first skims and then reads: taking
    the wrapper off makes loading a quarter faster and leaves ``window.Plotly`` alone. A file of
    another make is used as it is.
    """
    licence, comment, wrapped = plotlyjs.partition("*/")
    _, start, library = wrapped.partition('"use strict";')
    library, end, _ = library.rpartition("window.Plotly = Plotly;")
    script = f"{licence}{comment}\n{start}{library}" if start and end else plotlyjs
    return script + _HAND_OVER


@cache
def arrays_component() -> ComponentRenderer:
    """Return the component without a face that hands arrays to the map."""
    return st.components.v2.component(
        "bioskipgram_kmer_map_arrays",
        js=script("unpack.js", "arrays.js"),
        isolate_styles=False,
        **_FACELESS,
    )


@cache
def map_component() -> ComponentRenderer:
    """Return the map's component."""
    return st.components.v2.component(
        "bioskipgram_kmer_map",
        css=script("style.css"),
        js=script("unpack.js", *SCRIPTS),
        isolate_styles=False,
    )


def script(*names: str) -> str:
    """Return files of this folder, joined."""
    return "\n".join((_HERE / name).read_text(encoding="utf-8") for name in names)
