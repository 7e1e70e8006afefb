"""Occurrences of a k-mer, and the genes richest in a group of them."""

import numpy as np
import streamlit as st

from bioskipgram.kmers import occurrences as finding
from bioskipgram.kmers import record_counts
from bioskipgram.numerics.arrays import Tokens
from bioskipgram.sequences.sequences import Sequences
from dashboard import state
from dashboard.shared import cache, downloads, upload
from dashboard.shared import text as safe
from dashboard.shared.cache import ModelFile

PLACES = 200
GENES = 50


def occurrences(model: ModelFile, text: str) -> None:
    """Draw where a k-mer occurs: totals by strand and frame, and the first places."""
    import pandas as pd

    sequences = _source(model)
    if sequences is None:
        return
    tokenizer = cache.embedding(model).vocabulary.tokenizer
    found = finding.occurrences(sequences, tokenizer, text, most=PLACES)
    strands = [f"{name} strand **{total:,}**" for name, total in
               zip(("+", "-"), found.totals.sum(axis=1).tolist(), strict=True)]  # fmt: skip
    frames = found.totals[0]
    st.markdown(
        f"**{found.total:,}** times in **{found.record_total:,}** of {len(sequences):,} sequences"
        f" · {' · '.join(strands)}"
    )
    if frames.sum():
        shares = " · ".join(f"{f}: {share:.0%}" for f, share in enumerate(frames / frames.sum()))
        st.caption(f"Frames of the + strand: {shares} (33 % each were chance)")
    if not found.total:
        return
    rows = finding.hits(sequences, found, most=PLACES)
    table = pd.DataFrame(
        {"gene": [row.symbol or row.record for row in rows],
         "position": [row.position + 1 for row in rows],
         "strand": [row.strand for row in rows],
         "frame": [row.frame for row in rows],
         "surroundings": [f"{row.before.lower()}{row.match}{row.after.lower()}" for row in rows]}
    )  # fmt: skip
    st.caption(f"The first {len(table):,} of {found.total:,}; positions count from 1")
    st.dataframe(table, hide_index=True, height=230, alt=f"Where {text} occurs")
    downloads.csv(table, f"places-{text}")


def genes(model: ModelFile, tokens: Tokens) -> None:
    """Draw the records that hold more of some k-mers than an even spread would give."""
    import pandas as pd

    sequences = _source(model)
    if sequences is None:
        return
    flags = np.zeros(len(cache.embedding(model)), np.bool_)
    flags[tokens] = True
    found = record_counts.richest(sequences, cache.embedding(model).vocabulary, flags)
    order = found.order[:GENES]
    table = pd.DataFrame(
        {"gene": [sequences.symbols[i] or sequences.names[i] for i in order],
         "k-mers here": found.observed[order], "expected": found.expected[order],
         "ratio": found.ratio[order], "q": found.q[order]}
    )  # fmt: skip
    st.caption(
        f"{len(table)} of {len(sequences):,} sequences, those with the least likely excess first. "
        "Windows overlap, so q ranks; it is no proof."
    )
    st.dataframe(
        table, hide_index=True, height=260, alt="Genes richest in these k-mers",
        column_config={
            "expected": st.column_config.NumberColumn(format="%.1f"),
            "ratio": st.column_config.NumberColumn(format="%.2f"),
            "q": st.column_config.NumberColumn(format="%.1e"),
        },
    )  # fmt: skip
    downloads.csv(table, "richest-genes")


def _source(model: ModelFile) -> Sequences | None:
    """Write which sequences are searched, let the user give others, and return them."""
    alphabet = cache.embedding(model).vocabulary.tokenizer.alphabet.name
    left, right = st.columns([4, 1], vertical_alignment="center")
    with right.popover("", icon=":material/upload_file:", help="Search sequences of your own"):
        given = upload.ask(alphabet, key=state.WHERE_UPLOAD)
    sequences, name = cache.sequences_of(model, given)
    left.caption(f"In {safe.markdown(name)}")
    return sequences
