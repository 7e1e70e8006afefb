"""Offer the model that suits a page best, where another one is chosen."""

import streamlit as st

from dashboard import state
from dashboard.shared import cache


def advise(name: str, why: str) -> None:
    """Say why another model suits the page better, with a button that chooses it.

    Says nothing where that model is chosen already or is not there.
    """
    if cache.chosen().name == name or name not in cache.models():
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(why, width="content")
        st.button(f"Use {name}", on_click=_choose, args=(name,))


def _choose(name: str) -> None:
    st.session_state[state.MODEL] = name
