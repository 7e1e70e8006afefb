"""Kept sets of k-mers: the button that keeps one, and the list that opens and compares them."""

import numpy as np
import streamlit as st

from bioskipgram.numerics.arrays import Tokens
from dashboard import state
from dashboard.explore import pairs
from dashboard.shared import basket, cache, findings
from dashboard.shared import text as safe
from dashboard.shared.cache import ModelFile
from dashboard.state import Focus


def sets(model: ModelFile) -> dict[str, bytes]:
    """Return the kept sets that hold k-mers of a model, by name, as `state.pack` gives them."""
    vocabulary, found = cache.embedding(model).vocabulary, {}
    for one in basket.kept("k-mers"):
        flags = np.zeros(len(vocabulary), np.bool_)
        flags[findings.tokens_of(one, vocabulary)] = True
        name = one.name if one.name not in found else f"{one.name} ({one.number[:4]})"
        if flags.any():
            found[name] = state.pack(flags)
    return found


def button(model: ModelFile, name: str, tokens: Tokens) -> None:
    """Draw the button that keeps some k-mers under a name, which can be changed in the basket."""
    vocabulary = cache.embedding(model).vocabulary
    basket.keep_button(findings.of_kmers(vocabulary, tokens, name, model.name), key="keep")


def show(model: ModelFile) -> None:
    """List the kept sets, to open and to compare them."""
    found = sets(model)
    if not found:
        return
    st.markdown("**Kept sets**")
    for name in found:
        st.button(
            safe.markdown(name), icon=":material/bookmark:", type="tertiary", key=f"open-{name}",
            on_click=state.set_focus, args=(Focus("selection", text=name, flags=found[name]),),
        )  # fmt: skip
    if len(found) < 2:
        st.caption("Keep a second one, and the two can be compared.")
        return
    chosen = st.multiselect("Compare two of them", list(found), list(found)[:2], max_selections=2)
    if len(chosen) == 2:
        first, second = ((name, found[name]) for name in chosen)
        st.button(
            "What tells them apart?", key="compare_kept", on_click=pairs.open_pair,
            args=(first, second), type="primary",
        )  # fmt: skip
