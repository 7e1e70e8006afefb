"""The inspector beside the map: the focus, its history, or an overview."""

import streamlit as st

from bioskipgram.numerics.arrays import Tokens
from dashboard import state
from dashboard.explore import kept, sentences
from dashboard.shared import cache
from dashboard.shared import text as safe
from dashboard.shared.cache import ModelFile
from dashboard.state import Focus


def show(model: ModelFile, tokens: Tokens) -> None:
    """Draw the card of the focus."""
    focus = state.focus()
    _trail_buttons()
    # Cards are imported when first drawn: the map comes first.
    if focus.kind == "kmer":
        from dashboard.explore import kmer_card

        kmer_card.show(model, int(tokens[0]))
    elif focus.kind == "pair":
        from dashboard.explore import pair_card

        pair_card.show(model, focus)
    elif focus.kind:
        from dashboard.explore import group_card

        group_card.show(model, tokens, _title(model, focus, len(tokens)), focus)
    else:
        _overview(model)


def _trail_buttons() -> None:
    """Draw undo, redo and the link to the overview, once there is a history."""
    trail = state.trail()
    if len(trail.looks) == 1:
        return
    with st.container(horizontal=True):
        st.button(
            "Undo", icon=":material/undo:", type="tertiary", key="undo",
            on_click=state.step, args=(-1,), disabled=trail.place == 0,
            help="Back to the previous card",
        )  # fmt: skip
        st.button(
            "Redo", icon=":material/redo:", type="tertiary", key="redo",
            on_click=state.step, args=(1,), disabled=trail.place == len(trail.looks) - 1,
            help="Forward again",
        )  # fmt: skip
        if state.focus().kind:
            st.button("Overview", icon=":material/home:", type="tertiary", on_click=_forget)


def _forget() -> None:
    state.set_focus(Focus())
    st.session_state[state.FIND] = ""


def _title(model: ModelFile, focus: Focus, size: int) -> str:
    if focus.kind == "cluster":
        return f"Cluster {focus.number} · {cache.described_clusters(model)[focus.number].title}"
    if focus.kind == "pattern":
        return f"k-mers with {safe.markdown(focus.text)}"
    return safe.markdown(focus.text) if focus.text else f"{size:,} selected k-mers"


def _overview(model: ModelFile) -> None:
    """Say what the map shows and what can be done with it, and list the kept sets."""
    st.markdown(sentences.of_map(model))
    clusters = (
        "Clusters are still to be found: see under the map."
        if cache.clusters_missing(model)
        else "Click a point, a cluster in the list on the map, or draw a lasso around k-mers."
    )
    st.markdown(clusters)
    if not cache.clusters_missing(model):
        st.caption(sentences.of_clusters(model))
    kept.show(model)
    st.page_link("quality/page.py", label="How good is this model?", icon=":material/verified:")
