"""The Python half of the map: what is sent, and how what comes back is read."""

import base64
import json
import zlib
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from streamlit.testing.v1 import AppTest

from dashboard.kmer_map import events as events_module
from dashboard.kmer_map import message as message_module
from dashboard.kmer_map.content import BASE_COLOURS, Colouring, MapContent, MapLabel, MapLook
from dashboard.kmer_map.events import MapEvents

FLAGS = arrays.arrays(np.bool_, st.integers(1, 70))
STAMP = 7
OF_CONTENT = ("points", "kmers", "k", "letters", "k_min")
"""What says what is on a map, not how it looks."""
NAMED = Colouring("Cluster", np.array([0, 1, -1, 1], np.float32), ("one", "two"))


def base64_of(flags):
    return base64.b64encode(message_module.pack_flags(flags).tobytes()).decode()


def unpack(message):
    """Read a message the slow way: the header, and the bytes of each array."""
    size = int.from_bytes(message[:4], "little")
    header = json.loads(message[4 : 4 + size])
    body = message[4 + size :]
    parts = {name: body[at : at + length] for name, (at, length, _) in header["arrays"].items()}
    return header, parts


def encode(dimensions=2, **changes):
    """Return the header, and all arrays wherever they travel."""
    given = {
        "points": np.arange(4 * dimensions, dtype=np.float32).reshape(4, dimensions),
        "kmers": np.array([0, 27, 228, 255], np.int64),
        "k": 4,
    }
    given |= {name: changes.pop(name) for name in OF_CONTENT if name in changes}
    look = MapLook(**({"colouring": NAMED, "labels": (MapLabel(3, "a <b>", 1.0, 2.0),)} | changes))
    message, slots = message_module.encode_map(MapContent(**given, look=look), "map")
    header, arrays = unpack(message)
    for slot, part in slots.items():
        inner, more = unpack(part)
        assert inner["slot"] == slot
        for name, place in inner["arrays"].items():
            assert header["needs"][name] == [slot, place[2]]
        arrays |= more
    return header, arrays


def events(size=4, **result):
    return events_module.decode_events(result, size=size, stamp=STAMP, colouring=NAMED)


@given(FLAGS)
def test_flags_survive_the_way_there_and_back(flags):
    found = events_module.decode_flags(base64_of(flags), len(flags))
    if flags.any():
        assert found.dtype == np.bool_
        assert found.tolist() == flags.tolist()
    else:
        assert found is None


def test_flag_nine_is_bit_one_of_byte_one():
    flags = np.zeros(12, np.bool_)
    flags[9] = True
    assert message_module.pack_flags(flags).tolist() == [0, 2]


@pytest.mark.parametrize(
    "payload", [None, 3, [], {}, "", "AA", "AA==x", "????", "é", base64_of(np.ones(20, np.bool_))]
)
def test_malformed_flags_are_ignored(payload):
    assert events_module.decode_flags(payload, 4) is None


@given(st.one_of(st.text(), st.binary().map(lambda raw: base64.b64encode(raw).decode())))
def test_no_text_makes_flags_crash(payload):
    found = events_module.decode_flags(payload, 12)
    assert found is None or found.shape == (12,)


@pytest.mark.parametrize("payload", [None, True, False, -1, 4, 2.0, "2", [2], {"a": 1}])
def test_what_is_no_index_is_ignored(payload):
    assert events_module.decode_index(payload, 4) is None


@pytest.mark.parametrize("payload", [0, 3])
def test_both_ends_are_indices(payload):
    assert events_module.decode_index(payload, 4) == payload


def test_events_are_told_apart():
    flags = np.array([True, False, False, True])
    found = events(
        selection={"stamp": STAMP, "flags": base64_of(flags)},
        clicked=2,
        cluster=9,
        category=1,
        cleared=True,
        search=True,
    )
    assert found.selection.tolist() == flags.tolist()
    assert replace(found, selection=None) == MapEvents(None, 2, 9, 1, cleared=True, searched=True)


@pytest.mark.parametrize(
    "result",
    [
        {},
        {"selection": "AA==", "clicked": "1", "cluster": -4, "category": 2, "cleared": "yes"},
        {"search": 1, "selection": [1], "cluster": 2**31},
        {"selection": {"flags": base64_of(np.ones(4, np.bool_))}},
        {"selection": {"stamp": STAMP + 1, "flags": base64_of(np.ones(4, np.bool_))}},
        {"selection": {"stamp": STAMP, "flags": None}, "clicked": 4, "cleared": 1},
    ],
)
def test_nonsense_is_no_event(result):
    assert events(**result) == MapEvents()


def test_what_python_selected_holds_until_the_browser_answers():
    mine, theirs = np.array([True, False, False, False]), np.array([False, True, True, False])
    sent = {"stamp": STAMP, "flags": base64_of(theirs), "serial": 1}

    def found(sent, select):
        events = events_module.decode_events(
            {"selection": sent}, size=4, stamp=STAMP, colouring=NAMED, select=select
        )
        return None if events.selection is None else events.selection.tolist()

    assert found(sent, None) == theirs.tolist()
    assert found(sent, (1, mine)) == theirs.tolist()
    assert found(sent, (2, mine)) == mine.tolist()
    assert found({}, (2, mine)) == mine.tolist()
    assert found(sent, (2, np.zeros(4, np.bool_))) is None
    assert found({**sent, "serial": 2, "flags": None}, (2, mine)) is None
    assert found({**sent, "serial": 2, "stamp": 0}, (2, mine)) == mine.tolist()


def test_message_holds_the_arrays_and_their_checksums():
    highlighted = np.array([False, True, True, False])
    header, parts = encode(highlighted=highlighted, focus=2)
    assert np.frombuffer(parts["points"], "<f4").tolist() == [0, 1, 2, 3, 4, 5, 6, 7]
    assert np.frombuffer(parts["kmers"], "<i4").tolist() == [0, 27, 228, 255]
    assert np.frombuffer(parts["values"], "<f4").tolist() == [0, 1, -1, 1]
    assert parts["highlighted"] == b"\x06"
    assert header["labels"] == [
        {"cluster": 3, "text": "a <b>", "x": 1.0, "y": 2.0, "z": 0.0, "token": None, "size": 0}
    ]
    assert (header["count"], header["dimensions"], header["focus"]) == (4, 2, 2)
    sums = {name: place[2] for name, place in header["arrays"].items()}
    sums |= {name: sum_ for name, (_, sum_) in header["needs"].items()}
    assert sums == {name: zlib.crc32(part) for name, part in parts.items()}


def test_a_path_travels_in_its_order():
    _, parts = encode(path=np.array([3, 0, 3], np.int32))
    assert np.frombuffer(parts["path"], "<i4").tolist() == [3, 0, 3]
    assert "path" not in encode()[1]


def test_the_browser_is_told_which_letters_and_lengths_there_are():
    header, _ = encode()
    assert (header["letters"], header["shortest"], header["k"]) == (
        "ACGT",
        header["k"],
        header["k"],
    )
    header, _ = encode(letters="ACGU", k_min=2, k=3)
    assert (header["letters"], header["shortest"], header["k"]) == ("ACGU", 2, 3)
    assert header["bases"]["U"] == BASE_COLOURS["T"]
    assert encode(letters="ACDEFGHIKLMNPQRSTVWY")[0]["bases"] == {}


def test_long_kmers_travel_as_64_bits():
    last = 4**20 - 1
    _, parts = encode(kmers=np.array([0, 1, 2, last], np.int64), k=20)
    assert np.frombuffer(parts["kmers"], "<i8")[-1] == last


def test_recolouring_changes_only_the_values():
    other = Colouring("GC content", np.array([0.5, 0.25, np.nan, 1], np.float32))
    before, after = (encode(colouring=each)[0]["needs"] for each in (NAMED, other))
    assert [name for name in before if before[name] != after[name]] == ["values"]


def test_a_click_and_a_highlight_send_no_large_array():
    content = MapContent(
        points=np.zeros((4096, 2), np.float32),
        kmers=np.arange(4096),
        k=6,
        look=MapLook(
            colouring=Colouring("GC content", np.zeros(4096, np.float32)),
            highlighted=np.ones(4096, np.bool_),
            focus=3,
        ),
    )
    message, parts = message_module.encode_map(content, "map")
    assert len(message) < 1500
    assert [len(part) > 4 * 4096 for part in parts.values()] == [True, True]
    other = replace(content, look=replace(content.look, focus=4))
    assert message_module.encode_map(other, "map")[1] == parts


def test_facts_travel_apart_from_the_colours():
    other = Colouring("Count", np.array([1, 2, 3, 4], np.float32))
    header, parts = encode(facts=[other, NAMED])
    assert header["facts"] == [
        {"title": "Count", "categories": []},
        {"title": "Cluster", "categories": ["one", "two"]},
    ]
    assert np.frombuffer(parts["fact0"], "<f4").tolist() == [1, 2, 3, 4]
    assert header["needs"]["fact1"][0] == "map-facts" != header["needs"]["values"][0]


def test_what_python_selects_and_where_it_goes_carry_serial_numbers():
    header, parts = encode(select=(5, np.array([True, False, False, True])), locate=(8, 2))
    assert (header["serial"], header["locate"], parts["select"]) == (5, [8, 2], b"\x09")
    header, parts = encode()
    assert (header["serial"], header["locate"], "select" in parts) == (None, None, False)


def test_an_empty_map_can_be_encoded():
    header, parts = encode(
        points=np.empty((0, 2), np.float32),
        kmers=np.empty(0, np.int64),
        colouring=Colouring("GC content", np.empty(0, np.float32)),
    )
    assert header["count"] == 0
    assert parts["points"] == b""


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"points": np.zeros((4, 4), np.float32)}, "points: expected float32"),
        ({"points": np.zeros((3, 2), np.float32)}, "points: expected float32"),
        ({"kmers": np.zeros(4, np.int32)}, "kmers: expected int64"),
        ({"highlighted": np.zeros(3, np.bool_)}, "highlighted: expected bool"),
        ({"focus": 4}, "focus: 4 is no token of 4 k-mers"),
        ({"focus": -1}, "focus: -1 is no token"),
        ({"path": np.empty(0, np.int32)}, "path: expected at least one token"),
        ({"path": np.array([0, 4], np.int32)}, "path: 4 is no token of 4 k-mers"),
        ({"path": np.array([-2], np.int32)}, "path: -2 is no token"),
        ({"near": (np.array([4], np.int32), np.ones(1, np.float32))}, "near: 4 is no token"),
        ({"near": (np.array([1], np.int32), np.ones(2, np.float32))}, "cosines: expected float32"),
        ({"histograms": [NAMED] * 4}, "histograms: at most 3, found 4"),
        ({"path": np.zeros(2, np.int64)}, "path: expected int32"),
        ({"locate": (1, 4)}, "locate: 4 is no token of 4"),
        ({"select": (1, np.zeros(3, np.bool_))}, "select: expected bool"),
        ({"facts": [NAMED] * 4}, "facts: at most 3, found 4"),
        ({"facts": [Colouring("x", np.zeros(5, np.float32))]}, "facts: x: expected float32"),
        ({"colouring": Colouring("x", np.zeros(5, np.float32))}, "values: expected float32"),
    ],
)
def test_wrong_input_is_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        encode(**changes)


def two_maps():
    """A page with two maps, as AppTest runs it."""
    import numpy as np
    import streamlit as st

    from dashboard.kmer_map.component import bring_map, kmer_map
    from dashboard.kmer_map.content import Colouring, MapContent, MapLook

    bring_map()
    for key in ("left", "right"):
        look = MapLook(colouring=Colouring("GC content", np.zeros(4, np.float32)))
        points, kmers = np.zeros((4, 2), np.float32), np.arange(4, dtype=np.int64)
        events = kmer_map(MapContent(points=points, kmers=kmers, k=1, look=look), key=key)
        st.text(str(events))


def test_two_maps_share_one_script_and_messages_carry_little_of_it():
    page = AppTest.from_function(two_maps).run()
    assert not page.exception
    assert [text.value for text in page.text] == [str(MapEvents())] * 2
    sent = [each.proto for each in page.get("bidi_component")]
    names = [each.component_name for each in sent]
    assert names.count("bioskipgram_kmer_map_script") == 1
    assert names.count("bioskipgram_kmer_map") == 2
    for each in sent:
        if each.component_name == "bioskipgram_kmer_map":
            assert 0 < len(each.js_content) + len(each.css_content) < 1500


def contrast(one, other):
    """WCAG 2.1 contrast ratio of two hex colours."""

    def luminance(colour):
        channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        return float(np.dot(linear, [0.2126, 0.7152, 0.0722]))

    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("page", ["#ffffff", "#0e1117"])
def test_bases_stand_out_from_light_and_dark_pages(page):
    assert list(BASE_COLOURS) == list("ACGT")
    assert min(contrast(colour, page) for colour in BASE_COLOURS.values()) >= 3


def test_bases_differ_in_lightness_where_hues_may_be_confused():
    colours = BASE_COLOURS
    assert all(contrast(colours[a], colours[b]) > 1.3 for a, b in pairwise("ACGT"))
