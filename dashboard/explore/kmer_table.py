"""The table under the map: all k-mers, or those in focus; a chosen row sets the focus."""

import streamlit as st

from bioskipgram.numerics.arrays import Tokens
from dashboard import state
from dashboard.explore import cache as explore
from dashboard.shared import cache, downloads
from dashboard.shared.cache import ModelFile
from dashboard.state import Focus

_LAZY = 10_000
"""The most rows that are sent to the browser at once."""


def show(model: ModelFile, tokens: Tokens) -> None:
    """Draw the table, once it is opened."""
    panel = st.expander("Table of k-mers", key=state.TABLE, on_change="rerun")
    if panel.open:
        with panel:
            _table(model, tokens)


def _table(model: ModelFile, tokens: Tokens) -> None:
    size, focus = len(cache.embedding(model)), state.focus()
    names = {
        "selection": "Selected", "cluster": "Cluster", "pattern": "Found", "pair": "Both sets"
    }  # fmt: skip
    few = names.get(focus.kind)
    choices = [f"All · {size:,}", *([f"{few} · {len(tokens):,}"] if few else [])]
    chosen = st.segmented_control(
        "Rows", choices, default=choices[-1], required=True, key=f"{state.ROWS}-{choices[-1]}",
        label_visibility="collapsed",
    )  # fmt: skip
    everything = explore.table(model)
    table = everything if chosen == choices[0] else everything.iloc[tokens]
    event = st.dataframe(
        table, hide_index=True, height=320, on_select="rerun", selection_mode="single-row",
        key=f"table-{model.name}-{chosen}", lazy=len(table) > _LAZY or None,
        column_config=explore.columns(model),
        alt=f"{len(table):,} of {size:,} k-mers; choose a row to find it on the map",
    )  # fmt: skip
    if event.selection.rows:
        row = table.index[event.selection.rows[0]]
        state.set_focus(Focus("kmer", int(row)))
        st.rerun()
    downloads.csv(
        table, f"kmers-{model.name.removeprefix('run: ')}", label=f"CSV of {len(table):,}"
    )
