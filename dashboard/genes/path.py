"""A record's k-mers as a strip along its positions, lit on the map of all k-mers."""

import streamlit as st

from dashboard import state
from dashboard.genes import cache as remembered
from dashboard.genes.pair import choose
from dashboard.kmer_map.content import MapLook
from dashboard.shared import cache, model_map
from dashboard.shared.cache import ModelFile, Upload

MAX_DRAWN = 1000
"""Bases: a longer strip could not be read."""


def show(model: ModelFile, upload: Upload) -> None:
    """Draw a record's k-mers; a part of it is chosen."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        record = choose(upload, "Record", state.GENES_RECORD)
        config = model_map.choose_layout()
    sequences = upload.records.sequences
    L = len(sequences[record])
    start, stop = 0, L
    if cache.embedding(model).vocabulary.tokenizer.k + 1 < L:
        start, stop = st.slider(
            f"{sequences.alphabet.unit}s".capitalize(), 1, L, (1, min(L, 60)),
            key=f"{state.GENES_PATH}-{upload.digest[:8]}-{record}",
        )  # fmt: skip
        start -= 1
    clipped = min(stop, start + MAX_DRAWN)
    tokens = remembered.path(model, upload, record, start, clipped)
    if not (tokens >= 0).any():
        st.info("This model knows no k-mer of this part.")
        return
    colouring = model_map.colouring_by(model, "cluster")
    step = cache.embedding(model).vocabulary.tokenizer.stride
    look = MapLook(
        colouring=colouring, path=tokens, path_start=start, path_step=step, height=560
    )  # fmt: skip
    model_map.show(model, config, look, key=state.GENES_PATH_MAP)
    st.caption(
        f"{int((tokens >= 0).sum()):,} k-mers that begin at {start + 1:,} to {clipped:,}; point at "
        "the strip to find one on the map"
        + (f" · the first {MAX_DRAWN:,} of the part chosen" if clipped < stop else "")
    )
