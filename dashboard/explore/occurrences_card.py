"""The genes richest in some k-mers, and the places of one."""

import streamlit as st

from bioskipgram.kmers import occurrences as finding
from bioskipgram.numerics.arrays import Tokens
from dashboard import state
from dashboard.explore import cache as explore
from dashboard.shared import cache, downloads, upload
from dashboard.shared import text as safe
from dashboard.shared.cache import ModelFile, Upload

PLACES = 200
GENES = 100


def genes(model: ModelFile, tokens: Tokens) -> Upload | None:
    """Draw the genes that hold more of some k-mers than an even spread; return the user's."""
    import pandas as pd

    alphabet = cache.embedding(model).vocabulary.tokenizer.alphabet.name
    left, right = st.columns([5, 1], vertical_alignment="center")
    with right.popover("", icon=":material/upload_file:", help="Search sequences of your own"):
        given = upload.ask(alphabet, key=state.WHERE_UPLOAD)
    ranked = explore.gene_shares(model, tokens, given)
    if ranked is None:
        left.caption("Give protein sequences: none ship.")
        return given
    names, found, source = ranked
    left.caption(f"In {safe.markdown(source)}")
    order = found.order[:GENES]
    table = pd.DataFrame(
        {"gene": [names[i] for i in order], "here": found.observed[order],
         "expected": found.expected[order], "ratio": found.ratio[order], "q": found.q[order]}
    )  # fmt: skip
    first = table.iloc[0]
    st.markdown(
        f"**{safe.markdown(first['gene'])}** is the richest for its length: {first['here']:,}, "
        f"where {first['expected']:.1f} are expected."
    )
    number = st.column_config.NumberColumn
    st.dataframe(
        table, hide_index=True, height=440, row_height=27, alt="Genes richest in these k-mers",
        column_config={
            "here": number(width=54, help="Occurrences in the gene"),
            "expected": number(format="%.1f", width=70, help="If all genes had the same share"),
            "ratio": number(format="%.1f", width=52, help="here / expected"),
            "q": number(format="%.0e", width=58, help="Binomial, after Benjamini and Hochberg. "
                        "Windows overlap, so q ranks; it is no proof."),
        },
    )  # fmt: skip
    st.caption(f"The first {len(table)} of {len(names):,}, the least likely excess on top")
    downloads.csv(table, "richest-genes")
    return given


def places(model: ModelFile, text: str, given: Upload | None) -> None:
    """Draw where a k-mer occurs, once asked: totals by strand and frame, and the first places."""
    panel = st.expander("Places, strands and frames", key=state.PLACES, on_change="rerun")
    if panel.open:
        with panel:
            _occurrences(model, text, given)


def _occurrences(model: ModelFile, text: str, given: Upload | None) -> None:
    import pandas as pd

    sequences, source = cache.sequences_of(model, given)
    if sequences is None:
        return
    st.caption(f"In {safe.markdown(source)}")
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
        st.caption(f"Frames of the + strand: {shares} (33 % each would be chance)")
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
