"""What the user did on the map, from what the browser sent: untrusted, malformed parts ignored."""

import base64
import binascii
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from bioskipgram.numerics.arrays import Flags
from dashboard.kmer_map.content import Colouring


@dataclass(frozen=True)
class MapEvents:
    """What the user did: the `selection`, bool[V] or None, and what was new in this rerun.

    `clicked` is a token, `clicked_cluster` a label's `MapLabel.cluster`, `clicked_category` a
    position in `Colouring.categories`; `cleared` = Esc or a double click, `searched` = the key
    ``/``.
    """

    selection: Flags | None = None
    clicked: int | None = None
    clicked_cluster: int | None = None
    clicked_category: int | None = None
    cleared: bool = False
    searched: bool = False


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
    result: Mapping[str, Any],
    *,
    size: int,
    stamp: int,
    colouring: Colouring,
    select: tuple[int, Flags] | None = None,
) -> MapEvents:
    """Return the events in what the browser sent; malformed ones are left out.

    `size` is V, `stamp` the checksum of the k-mers on the map, `select` the selection that Python
    gave the map last, which holds until the browser sends a later one.
    """
    sent = result.get("selection")
    if not isinstance(sent, dict) or sent.get("stamp") != stamp:
        sent = {}
    selection = decode_flags(sent.get("flags"), size)
    if select is not None and sent.get("serial") != select[0]:
        selection = select[1] if select[1].any() else None
    return MapEvents(
        selection=selection,
        clicked=decode_index(result.get("clicked"), size),
        clicked_cluster=decode_index(result.get("cluster"), 2**31),
        clicked_category=decode_index(result.get("category"), len(colouring.categories)),
        cleared=result.get("cleared") is True,
        searched=result.get("search") is True,
    )
