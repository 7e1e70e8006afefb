"""The content of a map of k-mers: points, colours, labels, selection."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bioskipgram.numerics.arrays import Flags, Floats, KmerCodes, Tokens, checked

BASE_COLOURS: dict[str, str] = {"A": "#009E73", "C": "#0072B2", "G": "#C78500", "T": "#B8400E"}
"""One colour per base, the same everywhere: distinct for the colour-blind, and at least 3:1
against a white and a near-black page. (Okabe & Ito 2008, G and T darkened alike.)"""
MAX_FACTS = 3


@dataclass(frozen=True)
class Colouring:
    """How each point is coloured: float32[V] numbers, or positions in `categories`.

    NaN, and -1 of categories, are "not known" and grey. `palette` holds hex colours of the
    categories (repeated) or the stops of a continuous scale; empty = the built-in one.
    """

    title: str
    values: Floats
    categories: tuple[str, ...] = ()
    palette: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", checked(self.values, "values", np.float32, (None,)))


@dataclass(frozen=True)
class MapLabel:
    """Text on the map: a cluster's name (`cluster`; -1 = none) and size, or a k-mer's (`token`)."""

    cluster: int
    text: str
    x: float
    y: float
    z: float = 0.0
    token: int | None = None
    size: int = 0


@dataclass(frozen=True, kw_only=True)
class MapLook:
    """How a map of k-mers is shown, whatever its points.

    `labels` have the most important first: where they collide the later is hidden. `highlighted`,
    bool[V], stand out, and the others are faded where `fade` says so; `focus` has a ring. `near`
    are k-mers, int32[n], with their cosines, float32[n], the nearest first: they stand out, named,
    joined to the focus. `path`, int32[n], are the k-mers of a sequence, drawn as a strip below; -1
    = no k-mer, `path_start` is the first one's position from 0, `path_step` the distance of two.
    `select` and `locate` are a serial number and bool[V] or a token: a new number makes the browser
    select or show them; pass `select` on in every rerun, to `decode_events` too. `facts` are up to
    three more values on a k-mer's card, `histograms` up to three that filter the map; `height` is
    in pixels, 0 = what is left of the window.
    """

    colouring: Colouring
    labels: Sequence[MapLabel] = ()
    highlighted: Flags | None = None
    focus: int | None = None
    near: tuple[Tokens, Floats] | None = None
    path: Tokens | None = None
    path_start: int = 0
    path_step: int = 1
    fade: bool = True
    select: tuple[int, Flags] | None = None
    locate: tuple[int, int] | None = None
    facts: Sequence[Colouring] = ()
    histograms: Sequence[Colouring] = ()
    height: int = 600


@dataclass(frozen=True, kw_only=True)
class MapContent:
    """Everything that a map shows: points (float32[V, 2 or 3]) of k-mers (int64[V]), and look.

    `k_min` is the shortest word, 0 = all have `k` letters. A ValueError for another dtype or shape,
    a token out of range, or too many facts.
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
        for name, given in (("facts", look.facts), ("histograms", look.histograms)):
            if len(given) > MAX_FACTS:
                raise ValueError(f"{name}: at most {MAX_FACTS}, found {len(given)}")
            for each in given:
                checked(each.values, f"{name}: {each.title}", np.float32, (V,))
        if look.highlighted is not None:
            checked(look.highlighted, "highlighted", np.bool_, (V,))
        if look.select is not None:
            checked(look.select[1], "select", np.bool_, (V,))
        if look.path is not None:
            checked(look.path, "path", np.int32, (None,))
            if not len(look.path):
                raise ValueError("path: expected at least one token, found none")
            _check_tokens("path", look.path[look.path != -1], V)
        if look.near is not None:
            _check_tokens("near", checked(look.near[0], "near", np.int32, (None,)), V)
            checked(look.near[1], "cosines", np.float32, (len(look.near[0]),))
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
    """Return a checksum of the k-mers, by which selections are tied to a vocabulary."""
    return zlib.crc32(np.ascontiguousarray(kmers, "<i8").tobytes())
