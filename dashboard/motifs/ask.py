"""What the Motifs page is asked about: sequences, and how to scan them."""

from pathlib import Path

import streamlit as st

from bioskipgram.config import ScanConfig
from dashboard import state
from dashboard.motifs.cache import MAX_BASES, MAX_UPLOAD_MB, SHIPPED, Source

UPLOAD = "A file of mine"
P_VALUES = [1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7]
BACKGROUNDS = {"of the sequences": "data", "a quarter each": "uniform"}
Given = tuple[Source, bytes | Path]


def choose_sequences() -> Given | None:
    """Return the sequences to scan; None where nothing was uploaded yet, which is said."""
    choice = st.radio(
        "Sequences", [*SHIPPED, UPLOAD], key=state.MOTIF_SOURCE, horizontal=True,
        bind="query-params",
    )  # fmt: skip
    if choice != UPLOAD:
        return Source(choice), SHIPPED[choice]
    file = st.file_uploader(
        "FASTA, GenBank or EMBL, plain or gzipped", key=state.MOTIF_UPLOAD,
        max_upload_size=MAX_UPLOAD_MB,
        help=f"Up to {MAX_BASES // 1_000_000} Mb; more by `bioskipgram motifs scan`.",
    )  # fmt: skip
    if file is None:
        return None
    data = file.getvalue()
    return Source.of(file.name, data), data


def scan_settings() -> ScanConfig:
    """Return how the sequences are to be scanned."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        by = st.segmented_control(
            "Threshold", ["p-value", "relative"], default="p-value", required=True,
            key=state.MOTIF_BY, bind="query-params",
            help="Patterns and regular expressions need none: they match or not.",
        )  # fmt: skip
        p, relative = ScanConfig.p, ScanConfig.relative
        if by == "p-value":
            p = st.select_slider(
                "p-value of one window, at most", P_VALUES, 1e-4, key=state.MOTIF_P, width=260,
                format_func=lambda value: f"{value:g}",
            )  # fmt: skip
        else:
            relative = st.slider(
                "Relative score, at least", 0.5, 1.0, 0.8, 0.01, key=state.MOTIF_RELATIVE,
                width=260, help="0 = the lowest score that a word can have, 1 = the highest.",
            )  # fmt: skip
        strands = st.segmented_control(
            "Strands", ["both", "+"], default="both", required=True, key=state.MOTIF_STRANDS + "_s"
        )
        background = st.selectbox(
            "Background bases", list(BACKGROUNDS), key=state.MOTIF_BACKGROUND, width=200
        )
    return ScanConfig(
        by=by, p=p, relative=relative, strands=strands, background=BACKGROUNDS[background]
    )
