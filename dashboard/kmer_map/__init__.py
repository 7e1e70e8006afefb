"""The map of all k-mers: a Streamlit component that draws points with plotly.js.

Python sends arrays as bytes and the browser sends back what the user did, a selection as base64 of
a bit set. What comes from the browser is untrusted: whatever is malformed is ignored.

plotly.js is 4.8 MB and Streamlit sends a component's script again whenever its data change, so
the library travels in a component of its own whose message never changes: the browser keeps it.
"""

import base64
import binascii
import json
import math
import zlib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import cache
from itertools import accumulate
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray
from plotly.offline import get_plotlyjs
from streamlit.components.v2.types import ComponentRenderer
from streamlit.errors import StreamlitDuplicateElementKey

from bioskipgram.arrays import Flags, Floats, KmerCodes, checked

BASE_COLOURS: dict[str, str] = {"A": "#009E73", "C": "#0072B2", "G": "#C78500", "T": "#B8400E"}
"""One colour per base, the same everywhere: told apart by the colour-blind, and at least 3:1
against a white and a near-black page. (Okabe & Ito 2008, G and T darkened alike.)"""

_HERE = Path(__file__).parent
_HAND_OVER = """
self.bioskipgramPlotly = Plotly;
self.dispatchEvent(new Event("bioskipgram:plotly"));
export default () => {};
"""
_LONGEST_INT32 = 15  # 4^15 fits int32; longer k-mers travel as int64


@dataclass(frozen=True)
class Colouring:
    """How each point is coloured.

    Attributes
    ----------
    title
        What the legend says, e.g. ``"GC content"``.
    values
        float32[V]: a number, or the category's position in `categories`. NaN, and −1 where
        there are categories, mean "not known" and are drawn grey.
    categories
        One name per category; when empty the colouring is continuous.
    palette
        Hex colours: one per category (repeated when there are more categories), or the stops
        of a continuous scale from the lowest to the highest value. Empty = the built-in one.
    """

    title: str
    values: Floats
    categories: tuple[str, ...] = ()
    palette: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", checked(self.values, "values", np.float32, (None,)))


@dataclass(frozen=True)
class MapLabel:
    """Text that sits on the map at a point: a cluster's name. Earlier labels win the space."""

    cluster: int
    text: str
    x: float
    y: float
    z: float = 0.0


@dataclass(frozen=True)
class MapEvents:
    """What the user did.

    Attributes
    ----------
    selection
        bool[V] of the box or lasso, until it is cleared; None when nothing is selected.
    clicked
        Token of the point that was clicked; this rerun only.
    clicked_cluster
        `MapLabel.cluster` of the label that was clicked; this rerun only.
    clicked_category
        Position in `Colouring.categories` of the legend entry that was clicked; this rerun only.
    cleared
        Whether the user pressed Esc or double-clicked; this rerun only.
    """

    selection: Flags | None = None
    clicked: int | None = None
    clicked_cluster: int | None = None
    clicked_category: int | None = None
    cleared: bool = False


def kmer_map(
    *,
    key: str,
    points: Floats,
    kmers: KmerCodes,
    k: int,
    colouring: Colouring,
    letters: str = "ACGT",
    k_min: int = 0,
    labels: Sequence[MapLabel] = (),
    highlighted: Flags | None = None,
    focus: int | None = None,
    height: int = 640,
) -> MapEvents:
    """Draw the map and return what the user did on it.

    New colours, labels, highlight or focus keep the zoom, the tool and the selection. New
    `points` reset the zoom and keep the selected k-mers; new `kmers` drop the selection.

    Parameters
    ----------
    key
        Streamlit key; as long as it stays the same, the map on the screen does.
    points
        float32[V, 2] or float32[V, 3].
    kmers
        int64[V] k-mer codes; the browser spells them out.
    k
        Bases per k-mer.
    colouring
        The colour of each point.
    letters
        The alphabet the codes are numbers in.
    k_min
        The shortest word, where words have several lengths; 0 = all have k letters.
    labels
        Names to write on the map, most important first: where they collide the later is hidden.
    highlighted
        bool[V] of points that stand out while the others fade.
    focus
        Token of the point to put a ring around.
    height
        Height of the whole component in pixels.

    Raises
    ------
    ValueError
        If an array has another dtype or shape, or `focus` is not a token.
    """
    bring_plotly()
    result = _map()(
        key=key,
        data=encode_map(
            points,
            kmers,
            k,
            colouring,
            labels,
            highlighted,
            focus,
            height=height,
            letters=letters,
            k_min=k_min,
        ),
        height=height,
        on_selection_change=_ignore,
        on_clicked_change=_ignore,
        on_cluster_change=_ignore,
        on_category_change=_ignore,
        on_cleared_change=_ignore,
    )
    return decode_events(result, size=len(kmers), stamp=stamp_of(kmers), colouring=colouring)


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
        "bioskipgram_plotly",
        html='<i class="kmer-map-plotly"></i>',
        css=".stElementContainer:has(.kmer-map-plotly) { display: none; }",
        js=as_module(get_plotlyjs()),
        isolate_styles=False,
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
def _map() -> ComponentRenderer:
    """Return the map's component."""
    return st.components.v2.component(
        "bioskipgram_kmer_map",
        css=(_HERE / "style.css").read_text(encoding="utf-8"),
        js=(_HERE / "index.js").read_text(encoding="utf-8"),
        isolate_styles=False,
    )


def _ignore() -> None:
    """Do nothing: Streamlit wants a callback for every name a component may send."""


def encode_map(
    points: Floats,
    kmers: KmerCodes,
    k: int,
    colouring: Colouring,
    labels: Sequence[MapLabel],
    highlighted: Flags | None,
    focus: int | None,
    *,
    height: int,
    letters: str = "ACGT",
    k_min: int = 0,
) -> bytes:
    """Return all the browser needs to draw the map; `pack` says how it is laid out."""
    V = len(kmers)
    checked(kmers, "kmers", np.int64, (None,))
    checked(colouring.values, "colouring.values", np.float32, (V,))
    dimensions = 3 if points.ndim == 2 and points.shape[1] == 3 else 2
    checked(points, "points", np.float32, (V, dimensions))
    if focus is not None and not 0 <= focus < V:
        raise ValueError(f"focus: {focus} is no token of {V} k-mers")
    header = {
        "count": V,
        "dimensions": dimensions,
        "k": k,
        "stamp": stamp_of(kmers),
        "letters": letters,
        "shortest": k_min or k,
        # The letters of protein are drawn in the page's own colour: G is glycine there.
        "bases": {**BASE_COLOURS, "U": BASE_COLOURS["T"]} if len(letters) == 4 else {},
        "title": colouring.title,
        "categories": colouring.categories,
        "palette": colouring.palette,
        "labels": [asdict(label) for label in labels],
        "focus": focus,
        "height": height,
    }
    arrays: dict[str, NDArray[Any]] = {
        "points": points.astype("<f4"),
        "kmers": kmers.astype("<i4" if k <= _LONGEST_INT32 else "<i8"),
        "values": colouring.values.astype("<f4"),
    }
    if highlighted is not None:
        arrays["highlighted"] = pack_flags(checked(highlighted, "highlighted", np.bool_, (V,)))
    return pack(header, arrays)


def stamp_of(kmers: KmerCodes) -> int:
    """Return a checksum of the k-mers: selections carry it, so that they fit one vocabulary."""
    return zlib.crc32(np.ascontiguousarray(kmers, "<i8").tobytes())


def pack(header: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> bytes:
    """Return one message: uint32 length of the header, the header as JSON, the arrays' bytes.

    The header's ``arrays`` says of each array where it starts after the header, how many bytes it
    has and their checksum, from which the browser knows what has changed. Little-endian
    throughout. Bytes, because Streamlit's own JSON would be read as text, twice as slowly.
    """
    parts = {name: array.tobytes() for name, array in arrays.items()}
    starts = accumulate((len(part) for part in parts.values()), initial=0)
    places = {
        name: [start, len(part), zlib.crc32(part)]
        for (name, part), start in zip(parts.items(), starts, strict=False)
    }
    head = json.dumps(header | {"arrays": places}).encode()
    return b"".join([len(head).to_bytes(4, "little"), head, *parts.values()])


def pack_flags(flags: Flags) -> NDArray[np.uint8]:
    """Return a bit set, uint8[ceil(V / 8)]: flag ``i`` is bit ``i & 7`` of byte ``i >> 3``."""
    return np.packbits(flags, bitorder="little")


def decode_flags(payload: object, size: int) -> Flags | None:
    """Return bool[size] from base64 of `pack_flags`; None if it is malformed or all False."""
    if not isinstance(payload, str):
        return None
    try:
        packed = np.frombuffer(base64.b64decode(payload, validate=True), np.uint8)
    except (binascii.Error, ValueError):
        return None
    if len(packed) != math.ceil(size / 8):
        return None
    flags = np.unpackbits(packed, count=size, bitorder="little").astype(np.bool_)
    return flags if flags.any() else None


def decode_index(payload: object, size: int) -> int | None:
    """Return `payload` if it is an integer in ``[0, size)``, else None."""
    if isinstance(payload, bool) or not isinstance(payload, int):
        return None
    return payload if 0 <= payload < size else None


def decode_events(
    result: Mapping[str, Any], *, size: int, stamp: int, colouring: Colouring
) -> MapEvents:
    """Return the events in what the browser sent; what makes no sense is left out.

    Parameters
    ----------
    result
        The component's state and triggers.
    size
        V, the number of k-mers.
    stamp
        Checksum of the k-mers on the map; a selection made on others is void.
    colouring
        The colouring whose legend was clicked.
    """
    selection = result.get("selection")
    if not isinstance(selection, dict) or selection.get("stamp") != stamp:
        selection = {}
    return MapEvents(
        selection=decode_flags(selection.get("flags"), size),
        clicked=decode_index(result.get("clicked"), size),
        clicked_cluster=decode_index(result.get("cluster"), 2**31),
        clicked_category=decode_index(result.get("category"), len(colouring.categories)),
        cleared=result.get("cleared") is True,
    )
