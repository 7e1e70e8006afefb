"""The data sent to the browser: a map's arrays and settings, as bytes.

Arrays seldom change and may be large, so they travel apart from the small message of a click or
another highlight, in parts that the browser keeps, identified by checksum.
"""

import json
import zlib
from dataclasses import asdict
from itertools import accumulate
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bioskipgram.numerics.arrays import Flags
from dashboard.kmer_map.content import BASE_COLOURS, MapContent, MapLook, stamp_of

_LONGEST_INT32 = 15  # 4^15 fits int32; longer k-mers travel as int64


def encode_map(content: MapContent, slot: str = "map") -> tuple[bytes, dict[str, bytes]]:
    """Return the message of a map, and by their slots the parts it refers to (see `pack`)."""
    look = content.look
    parts = {
        f"{slot}-points": _geometry(content),
        f"{slot}-values": {"values": look.colouring.values.astype("<f4")},
        f"{slot}-facts": {
            f"fact{i}": fact.values.astype("<f4") for i, fact in enumerate(look.facts)
        },
        f"{slot}-histograms": {
            f"histogram{i}": each.values.astype("<f4") for i, each in enumerate(look.histograms)
        },
    }
    needs = {
        name: [place, zlib.crc32(array.tobytes())]
        for place, arrays in parts.items()
        for name, array in arrays.items()
    }
    message = pack(_header(content) | {"needs": needs}, _small_arrays(content.look))
    packed = {place: pack({"slot": place}, arrays) for place, arrays in parts.items() if arrays}
    return message, packed


def _geometry(content: MapContent) -> dict[str, NDArray[Any]]:
    codes = "<i4" if content.k <= _LONGEST_INT32 else "<i8"
    return {"points": content.points.astype("<f4"), "kmers": content.kmers.astype(codes)}


def _small_arrays(look: MapLook) -> dict[str, NDArray[Any]]:
    arrays: dict[str, NDArray[Any]] = {}
    if look.highlighted is not None:
        arrays["highlighted"] = pack_flags(look.highlighted)
    if look.select is not None:
        arrays["select"] = pack_flags(look.select[1])
    if look.near is not None:
        arrays["near"], arrays["cosines"] = look.near[0].astype("<i4"), look.near[1].astype("<f4")
    if look.path is not None:
        arrays["path"] = look.path.astype("<i4")
    return arrays


def _header(content: MapContent) -> dict[str, Any]:
    look, letters = content.look, content.letters
    return {
        "count": len(content.kmers),
        "dimensions": content.dimensions,
        "k": content.k,
        "stamp": stamp_of(content.kmers),
        "letters": letters,
        "shortest": content.k_min or content.k,
        # The letters of protein are drawn in the page's own colour: G is glycine there.
        "bases": {**BASE_COLOURS, "U": BASE_COLOURS["T"]} if len(letters) == 4 else {},
        "title": look.colouring.title,
        "categories": look.colouring.categories,
        "palette": look.colouring.palette,
        "labels": [asdict(label) for label in look.labels],
        "facts": [{"title": fact.title, "categories": fact.categories} for fact in look.facts],
        "histograms": [
            {"title": each.title, "categories": each.categories} for each in look.histograms
        ],
        "path_start": look.path_start,
        "path_step": look.path_step,
        "fade": look.fade,
        "focus": look.focus,
        "serial": None if look.select is None else look.select[0],
        "locate": look.locate,
        "height": look.height,
    }


def pack(header: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> bytes:
    """Return one message: uint32 length of the header, the header as JSON, the arrays' bytes.

    Little-endian. The header's ``arrays`` gives the offset after the header, length and checksum of
    each. Bytes, because Streamlit's own JSON would be twice as slow.
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
