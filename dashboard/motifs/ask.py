"""Inputs of the Motifs page: sequences, and how to scan them."""

import streamlit as st

from bioskipgram.config import ScanConfig
from bioskipgram.sequences.alphabet import DNA
from bioskipgram.sequences.sequences import Sequences
from bioskipgram.sequences.shipped import GENES, SAMPLE
from dashboard import state
from dashboard.shared import cache, upload

SHIPPED = {"86 human genes that ship": GENES, "726 human CDS that ship": SAMPLE}
MINE = "Sequences of mine"
P_VALUES = [1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7]
BACKGROUNDS = {"of the sequences": "data", "a quarter each": "uniform"}
Given = tuple[str, Sequences]


def choose_source() -> str:
    """Draw the choice of sequences and return its name; see `sequences_of`."""
    return str(
        st.segmented_control(
            "Sequences", [*SHIPPED, MINE], default=next(iter(SHIPPED)), required=True,
            key=state.MOTIF_SOURCE, bind="query-params",
        )
    )  # fmt: skip


def sequences_of(choice: str) -> Given | None:
    """Return the cache key of the chosen sequences, and them; None where none were given."""
    if choice != MINE:
        return choice, cache.shipped(SHIPPED[choice], DNA.name)
    found = upload.ask(DNA.name, key=state.MOTIF_UPLOAD)
    if found is None:
        st.info("Give sequences to scan: a file, or pasted FASTA.")
        return None
    return found.digest, found.records.sequences


def scan_settings() -> ScanConfig:
    """Return the scan settings."""
    with st.popover("Settings", icon=":material/tune:"):
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
