"""The map of all k-mers: a Streamlit component.

Python sends arrays as bytes and the browser sends back what the user did, a selection as base64 of
a bit set. The browser draws the points in one WebGL call: 262,144 of them take a frame.
"""

from collections.abc import Sequence

from bioskipgram.arrays import Flags, Floats, KmerCodes, Tokens
from dashboard.kmer_map.component import arrays_component, bring_map, map_component
from dashboard.kmer_map.events import MapEvents, decode_events
from dashboard.kmer_map.message import Colouring, MapContent, MapLabel, encode_map, stamp_of


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
    path: Tokens | None = None,
    select: tuple[int, Flags] | None = None,
    locate: tuple[int, int] | None = None,
    facts: Sequence[Colouring] = (),
    height: int = 640,
) -> MapEvents:
    """Draw the map and return what the user did on it.

    New colours, labels, highlight, focus, path or facts keep the zoom, the tool and the selection.
    New `points` reset the zoom and keep the selected k-mers; new `kmers` drop the selection.

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
    path
        int32[n] of at least one token: a line through these k-mers' points, in this order, a dot
        at its start and a square at its end. The selection knows nothing of it.
    select
        A serial number and bool[V]: when the number is another than before, the browser selects
        these k-mers. Pass the last one on in every rerun, to `decode_events` too: it holds until
        the user selects something else.
    locate
        A serial number and a token: when the number is another than before, the map moves so that
        the k-mer is comfortably in view, and a ring pulses around it.
    facts
        Up to three more values that the card of a k-mer shows.
    height
        Height of the whole component in pixels.

    Raises
    ------
    ValueError
        If an array has another dtype or shape, or `focus`, `path` or `locate` holds no tokens.
    """
    content = MapContent(
        points=points, kmers=kmers, k=k, colouring=colouring, letters=letters, k_min=k_min,
        labels=labels, highlighted=highlighted, focus=focus, path=path, select=select,
        locate=locate, facts=facts, height=height,
    )  # fmt: skip
    bring_map()
    message, parts = encode_map(content, key)
    for slot, part in parts.items():
        arrays_component()(key=slot, data=part)
    result = map_component()(
        key=key,
        data=message,
        height=height,
        on_selection_change=_ignore,
        on_clicked_change=_ignore,
        on_cluster_change=_ignore,
        on_category_change=_ignore,
        on_cleared_change=_ignore,
        on_search_change=_ignore,
    )
    return decode_events(
        result, size=len(kmers), stamp=stamp_of(kmers), colouring=colouring, select=select
    )


def _ignore() -> None:
    """Do nothing: Streamlit wants a callback for every name a component may send."""
