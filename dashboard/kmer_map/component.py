"""The map of all k-mers: the Streamlit components it is made of, and the scripts they run.

The browser draws the points in one WebGL call and returns the user's actions, a selection as base64
of a bit set. Streamlit resends a component's script whenever its data change, so large data travel
in separate invisible components: the script once, each array when it changes. A click or another
highlight sends only a small message.
"""

from contextlib import suppress
from functools import cache

import streamlit as st
from streamlit.components.v2.types import ComponentRenderer
from streamlit.errors import StreamlitDuplicateElementKey

from dashboard.kmer_map.content import MapContent, stamp_of
from dashboard.kmer_map.events import MapEvents, decode_events
from dashboard.kmer_map.message import encode_map
from dashboard.kmer_map.scripts import SCRIPTS, script

_FACELESS = '<i class="kmer-map-faceless"></i>'
_HIDDEN = ".stElementContainer:has(.kmer-map-faceless) { display: none; }\n"


def kmer_map(content: MapContent, *, key: str) -> MapEvents:
    """Draw a map and return what the user did on it.

    New `points` reset the zoom and keep the selected k-mers; new `kmers` drop the selection. The
    map stays on the screen as long as the key is the same.
    """
    look = content.look
    bring_map()
    message, parts = encode_map(content, key)
    for slot, part in parts.items():
        arrays_component()(key=slot, data=part)
    result = map_component()(
        key=key,
        data=message,
        height=look.height or "content",
        on_selection_change=_ignore,
        on_clicked_change=_ignore,
        on_cluster_change=_ignore,
        on_category_change=_ignore,
        on_cleared_change=_ignore,
        on_search_change=_ignore,
    )
    return decode_events(
        result,
        size=len(content.kmers),
        stamp=stamp_of(content.kmers),
        colouring=look.colouring,
        select=look.select,
    )


def _ignore() -> None:
    """Do nothing: Streamlit needs a callback for every name a component may send."""


def bring_map() -> None:
    """Load the map's script into the page, once a run; call it early to overlap with other work."""
    with suppress(StreamlitDuplicateElementKey):
        _script_component()(key="bioskipgram-kmer-map-script")


@cache
def _script_component() -> ComponentRenderer:
    """Return the invisible component that loads the map's script and styles."""
    return st.components.v2.component(
        "bioskipgram_kmer_map_script",
        html=_FACELESS,
        css=_HIDDEN + script("style.css"),
        js=script(*SCRIPTS, "page.js"),
        isolate_styles=False,
    )


@cache
def arrays_component() -> ComponentRenderer:
    """Return the invisible component that passes arrays to the map."""
    return st.components.v2.component(
        "bioskipgram_kmer_map_arrays",
        html=_FACELESS,
        css=_HIDDEN,
        js=script("unpack.js", "arrays.js"),
        isolate_styles=False,
    )


@cache
def map_component() -> ComponentRenderer:
    """Return the map's component."""
    return st.components.v2.component(
        "bioskipgram_kmer_map", js=script("stub.js"), isolate_styles=False
    )
