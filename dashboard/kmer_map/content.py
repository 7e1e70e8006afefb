"""What a map of k-mers shows: points, and their colours, labels, selection and the rest."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bioskipgram.arrays import Flags, Floats, KmerCodes, Tokens, checked

BASE_COLOURS: dict[str, str] = {"A": "#009E73", "C": "#0072B2", "G": "#C78500", "T": "#B8400E"}
"""One colour per base, the same everywhere: told apart by the colour-blind, and at least 3:1
against a white and a near-black page. (Okabe & Ito 2008, G and T darkened alike.)"""
MAX_FACTS = 3


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
    """Text on the map: a cluster's name, or a k-mer's, above its point.

    Attributes
    ----------
    cluster
        What `MapEvents.clicked_cluster` holds when the name is clicked; -1 for a k-mer's.
    text
        What stands there.
    x, y, z
        Where.
    token
        The k-mer that is named: a click on its name is one on its point.
    """

    cluster: int
    text: str
    x: float
    y: float
    z: float = 0.0
    token: int | None = None


@dataclass(frozen=True, kw_only=True)
class MapLook:
    """How a map of k-mers is shown, whatever its points.

    Attributes
    ----------
    colouring
        The colour of each point.
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
        Of the whole component, in pixels.
    """

    colouring: Colouring
    labels: Sequence[MapLabel] = ()
    highlighted: Flags | None = None
    focus: int | None = None
    path: Tokens | None = None
    select: tuple[int, Flags] | None = None
    locate: tuple[int, int] | None = None
    facts: Sequence[Colouring] = ()
    height: int = 600


@dataclass(frozen=True, kw_only=True)
class MapContent:
    """Everything that a map shows: points of k-mers, and their look.

    Attributes
    ----------
    points
        float32[V, 2] or float32[V, 3].
    kmers
        int64[V] k-mer codes; the browser spells them out.
    k
        Letters per k-mer.
    look
        Colours, labels and the rest.
    letters
        The alphabet the codes are numbers in.
    k_min
        The shortest word, where words have several lengths; 0 = all have k letters.

    Raises
    ------
    ValueError
        If an array has another dtype or shape, a token is none, or there are too many facts.
    """

    points: Floats
    kmers: KmerCodes
    k: int
    look: MapLook
    letters: str = "ACGT"
    k_min: int = 0

    def __post_init__(self) -> None:
        V = len(self.kmers)
        checked(self.kmers, "kmers", np.int64, (None,))
        checked(self.points, "points", np.float32, (V, self.dimensions))
        look = self.look
        checked(look.colouring.values, "colouring.values", np.float32, (V,))
        if len(look.facts) > MAX_FACTS:
            raise ValueError(f"facts: at most {MAX_FACTS}, found {len(look.facts)}")
        for fact in look.facts:
            checked(fact.values, f"fact {fact.title}", np.float32, (V,))
        if look.highlighted is not None:
            checked(look.highlighted, "highlighted", np.bool_, (V,))
        if look.select is not None:
            checked(look.select[1], "select", np.bool_, (V,))
        if look.path is not None:
            checked(look.path, "path", np.int32, (None,))
            if not len(look.path):
                raise ValueError("path: expected at least one token, found none")
            _check_tokens("path", look.path, V)
        _check_tokens("focus", [] if look.focus is None else [look.focus], V)
        _check_tokens("locate", [] if look.locate is None else [look.locate[1]], V)

    @property
    def dimensions(self) -> int:
        """2 or 3."""
        return 3 if self.points.ndim == 2 and self.points.shape[1] == 3 else 2


def _check_tokens(name: str, tokens: Tokens | Sequence[int], size: int) -> None:
    found = np.asarray(tokens, np.int64)
    wrong = found[(found < 0) | (found >= size)]
    if len(wrong):
        raise ValueError(f"{name}: {wrong[0]} is no token of {size} k-mers")


def stamp_of(kmers: KmerCodes) -> int:
    """Return a checksum of the k-mers: selections carry it, so that they fit one vocabulary."""
    return zlib.crc32(np.ascontiguousarray(kmers, "<i8").tobytes())
