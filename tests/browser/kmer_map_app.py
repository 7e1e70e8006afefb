"""A page with nothing but the map on made-up data, for the browser tests to drive.

The query says what is shown: ``?n=4096&dimensions=3&labels=0``.
"""

import json
import sys
import zlib
from pathlib import Path

import numpy as np
import streamlit as st

from bioskipgram.numerics.arrays import Flags, Floats
from dashboard.kmer_map.component import kmer_map
from dashboard.kmer_map.content import Colouring, MapContent, MapLabel, MapLook
from dashboard.kmer_map.events import MapEvents

# `streamlit run` puts only this folder on the path.
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))


CLUSTERS = 24
PATH = 12
NEAR = np.array([500, 900, 1500], np.int32)


def synthetic(size: int, dimensions: int, *, seed: int = 0) -> tuple[Floats, Floats]:
    """Return points float32[size, dimensions] in blobs, and the blob of each."""
    generator = np.random.default_rng(seed)
    centres = generator.normal(0, 10, (CLUSTERS, dimensions))
    cluster = generator.integers(0, CLUSTERS, size)
    spread = generator.normal(0, 1.4, (size, dimensions))
    return (centres[cluster] + spread).astype(np.float32), cluster.astype(np.float32)


def digest(events: MapEvents) -> str:
    """Return the events as JSON a test can read."""
    tokens = [] if events.selection is None else np.flatnonzero(events.selection).tolist()
    seen = {
        "selected": len(tokens),
        "crc": zlib.crc32(json.dumps(tokens).encode()),
        "clicked": events.clicked,
        "cluster": events.clicked_cluster,
        "category": events.clicked_category,
        "cleared": events.cleared,
        "searched": events.searched,
    }
    return json.dumps(seen)


def choose(first: int) -> None:
    """Let Python select the first so many k-mers."""
    serial, _ = st.session_state.get("chosen", (0, 0))
    st.session_state.chosen = (serial + 1, first)


def selection(size: int) -> tuple[int, Flags] | None:
    """Return what Python selected last, with its serial number."""
    if "chosen" not in st.session_state:
        return None
    serial, first = st.session_state.chosen
    return serial, np.arange(size) < first


def main() -> None:
    """Draw the page."""
    st.set_page_config(layout="wide")
    size = int(st.query_params.get("n", "4096"))
    dimensions = int(st.query_params.get("dimensions", "2"))
    k = max(1, int(np.ceil(np.log(max(size, 2)) / np.log(4))))
    with st.sidebar:
        colour = st.radio("colour", ["cluster", "gc", "evil"])
        layout = st.radio("layout", ["first", "second"])
        lit = st.checkbox("highlight")
        focus = st.checkbox("focus")
        path = st.checkbox("path")
        near = st.checkbox("near")
        histograms = st.checkbox("histograms")
        st.button("rerun")
        st.button("choose 100", on_click=choose, args=(100,))
        st.button("choose 200", on_click=choose, args=(200,))
        st.button("choose none", on_click=choose, args=(0,))
        if st.button("locate"):
            serial, _ = st.session_state.get("locate", (0, 0))
            st.session_state.locate = (serial + 1, 5)
    points, cluster = synthetic(size, dimensions, seed=int(layout == "second"))
    cluster[: size // 50] = -1
    gc = (np.arange(size) % 97 / 97).astype(np.float32)
    gc[: size // 50] = np.nan
    names = tuple(f"cluster {i}" for i in range(CLUSTERS))
    evil = ("<b>bold</b>", "<img src=x onerror=alert(1)>", "&amp; <a href='x'>y</a>")
    colourings = {
        "cluster": Colouring("Cluster", cluster, names),
        "gc": Colouring("GC content", gc),
        "evil": Colouring("<i>evil</i>", np.minimum(cluster, 2), evil),
    }
    labels = []
    if size and st.query_params.get("labels", "1") == "1":
        for i in range(CLUSTERS):
            members = points[cluster == i]
            if len(members):
                at = [float(value) for value in members.mean(axis=0)]
                labels.append(MapLabel(i, f"CpG <{i}>", *at, size=len(members)))
    look = MapLook(
        colouring=colourings[colour],
        labels=labels,
        highlighted=cluster == 3 if lit else None,
        focus=7 if focus else None,
        path=np.arange(100, 100 + PATH, dtype=np.int32) if path else None,
        near=(NEAR, np.linspace(0.9, 0.5, len(NEAR), dtype=np.float32)) if near else None,
        fade=st.query_params.get("fade", "1") == "1",
        histograms=[colourings["gc"], colourings["cluster"]] if histograms else [],
        select=selection(size),
        locate=st.session_state.get("locate"),
        facts=[Colouring("Number", np.arange(size, dtype=np.float32)), colourings["evil"]],
        height=620,
    )
    kmers = np.arange(size, dtype=np.int64)
    events = kmer_map(MapContent(points=points, kmers=kmers, k=k, look=look), key="map")
    st.session_state.runs = st.session_state.get("runs", 0) + 1
    st.text(f"RUNS {st.session_state.runs} {digest(events)}")


if __name__ == "__main__":
    main()
