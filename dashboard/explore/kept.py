"""Kept sets of k-mers: the button that keeps one, and the list that opens and compares them."""

import streamlit as st

from dashboard import state
from dashboard.explore import cache as explore
from dashboard.shared import text as safe
from dashboard.shared.cache import ModelFile
from dashboard.state import Focus


def sets(model: ModelFile) -> dict[str, bytes]:
    """Return the kept sets of a model's k-mers by name, as `state.pack` gives them."""
    return state.saved(explore.stamp(model))


def button(model: ModelFile, name: str, packed: bytes) -> None:
    """Draw the button that keeps a set under a name, which can be changed."""
    st.button(
        "Keep", icon=":material/bookmark_add:", key="keep", on_click=_keep,
        args=(model, name, packed), help="Keep this set, to open and to compare it later",
    )  # fmt: skip


def _keep(model: ModelFile, name: str, packed: bytes) -> None:
    sets(model)[name] = packed
    st.toast(f"Kept as {safe.markdown(name)}: it is on the overview")


def show(model: ModelFile) -> None:
    """List the kept sets, to open, to delete or to compare them."""
    from dashboard.explore import pair_card

    found = sets(model)
    if not found:
        return
    st.markdown("**Kept sets**")
    for name in list(found):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.button(
                safe.markdown(name), icon=":material/bookmark:", type="tertiary",
                key=f"open-{name}", on_click=state.set_focus,
                args=(Focus("selection", text=name, flags=found[name]),),
            )  # fmt: skip
            st.button(
                "", icon=":material/close:", type="tertiary", key=f"forget-{name}",
                on_click=state.forget, args=(explore.stamp(model), name), help="Delete this set",
            )  # fmt: skip
    if len(found) < 2:
        return
    chosen = st.multiselect("Compare two of them", list(found), list(found)[:2], max_selections=2)
    if len(chosen) == 2:
        first, second = ((name, found[name]) for name in chosen)
        st.button(
            "What tells them apart?", key="compare_kept", on_click=pair_card.open_pair,
            args=(first, second),
        )  # fmt: skip
