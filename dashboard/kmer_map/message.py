"""What the browser is told: the arrays and settings of a map, as bytes.

Arrays seldom change and may be large, so they travel apart from the small message that a click or
another highlight changes: in parts that the browser keeps, known to the message by checksum.
"""

import json
import zlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import accumulate
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bioskipgram.arrays import Flags, Floats, KmerCodes, Tokens, checked

BASE_COLOURS: dict[str, str] = {"A": "#009E73", "C": "#0072B2", "G": "#C78500", "T": "#B8400E"}
"""One colour per base, the same everywhere: told apart by the colour-blind, and at least 3:1
against a white and a near-black page. (Okabe & Ito 2008, G and T darkened alike.)"""
MOST_FACTS = 3
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


@dataclass(frozen=True, kw_only=True)
class MapContent:
    """Everything that a map shows; `kmer_map.kmer_map` says what each field means.

    Raises
    ------
    ValueError
        If an array has another dtype or shape, a token is none, or there are too many facts.
    """

    points: Floats
    kmers: KmerCodes
    k: int
    colouring: Colouring
    letters: str = "ACGT"
    k_min: int = 0
    labels: Sequence[MapLabel] = ()
    highlighted: Flags | None = None
    focus: int | None = None
    path: Tokens | None = None
    select: tuple[int, Flags] | None = None
    locate: tuple[int, int] | None = None
    facts: Sequence[Colouring] = ()
    height: int = 640

    def __post_init__(self) -> None:
        V = len(self.kmers)
        checked(self.kmers, "kmers", np.int64, (None,))
        checked(self.points, "points", np.float32, (V, self.dimensions))
        checked(self.colouring.values, "colouring.values", np.float32, (V,))
        if len(self.facts) > MOST_FACTS:
            raise ValueError(f"facts: at most {MOST_FACTS}, found {len(self.facts)}")
        for fact in self.facts:
            checked(fact.values, f"fact {fact.title}", np.float32, (V,))
        if self.highlighted is not None:
            checked(self.highlighted, "highlighted", np.bool_, (V,))
        if self.select is not None:
            checked(self.select[1], "select", np.bool_, (V,))
        if self.path is not None:
            checked(self.path, "path", np.int32, (None,))
            if not len(self.path):
                raise ValueError("path: expected at least one token, found none")
            _check_tokens("path", self.path, V)
        _check_tokens("focus", [] if self.focus is None else [self.focus], V)
        _check_tokens("locate", [] if self.locate is None else [self.locate[1]], V)

    @property
    def dimensions(self) -> int:
        """2 or 3."""
        return 3 if self.points.ndim == 2 and self.points.shape[1] == 3 else 2


def _check_tokens(name: str, tokens: Tokens | Sequence[int], size: int) -> None:
    found = np.asarray(tokens, np.int64)
    wrong = found[(found < 0) | (found >= size)]
    if len(wrong):
        raise ValueError(f"{name}: {wrong[0]} is no token of {size} k-mers")


def encode_map(content: MapContent, slot: str = "map") -> tuple[bytes, dict[str, bytes]]:
    """Return the message of a map, and by their slots the parts it refers to.

    The message names each array it needs by the part's slot and a checksum; `pack` says how
    messages and parts are laid out.
    """
    parts = {
        f"{slot}-points": _geometry(content),
        f"{slot}-values": {"values": content.colouring.values.astype("<f4")},
        f"{slot}-facts": {
            f"fact{i}": fact.values.astype("<f4") for i, fact in enumerate(content.facts)
        },
    }
    needs = {
        name: [place, zlib.crc32(array.tobytes())]
        for place, arrays in parts.items()
        for name, array in arrays.items()
    }
    message = pack(_header(content) | {"needs": needs}, _small_arrays(content))
    packed = {place: pack({"slot": place}, arrays) for place, arrays in parts.items() if arrays}
    return message, packed


def _geometry(content: MapContent) -> dict[str, NDArray[Any]]:
    codes = "<i4" if content.k <= _LONGEST_INT32 else "<i8"
    return {"points": content.points.astype("<f4"), "kmers": content.kmers.astype(codes)}


def _small_arrays(content: MapContent) -> dict[str, NDArray[Any]]:
    arrays: dict[str, NDArray[Any]] = {}
    if content.highlighted is not None:
        arrays["highlighted"] = pack_flags(content.highlighted)
    if content.select is not None:
        arrays["select"] = pack_flags(content.select[1])
    if content.path is not None:
        arrays["path"] = content.path.astype("<i4")
    return arrays


def _header(content: MapContent) -> dict[str, Any]:
    letters = content.letters
    return {
        "count": len(content.kmers),
        "dimensions": content.dimensions,
        "k": content.k,
        "stamp": stamp_of(content.kmers),
        "letters": letters,
        "shortest": content.k_min or content.k,
        # The letters of protein are drawn in the page's own colour: G is glycine there.
        "bases": {**BASE_COLOURS, "U": BASE_COLOURS["T"]} if len(letters) == 4 else {},
        "title": content.colouring.title,
        "categories": content.colouring.categories,
        "palette": content.colouring.palette,
        "labels": [asdict(label) for label in content.labels],
        "facts": [{"title": fact.title, "categories": fact.categories} for fact in content.facts],
        "focus": content.focus,
        "serial": None if content.select is None else content.select[0],
        "locate": content.locate,
        "height": content.height,
    }


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
