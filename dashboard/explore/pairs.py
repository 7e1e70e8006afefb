"""Two sets of k-mers in focus: how they become so, and their colours on the map."""

import numpy as np
import streamlit as st

from dashboard import state
from dashboard.kmer_map.content import Colouring
from dashboard.shared import cache
from dashboard.shared import text as safe
from dashboard.shared.cache import ModelFile
from dashboard.state import Focus

PAIR = "the two sets"
"""The name of their colours in the box."""
COLOURS = ("#0072B2", "#E8710A", "#9aa0a8", "#8B3FA8")
"""Of the first set, the second, what is in neither and in both."""


def open_pair(first: tuple[str, bytes], second: tuple[str, bytes]) -> None:
    """Make two sets, each a name and k-mers, the focus; a callback."""
    names = f"{first[0]}\n{second[0]}"
    state.set_focus(Focus("pair", text=names, flags=first[1], against=second[1]))
    st.session_state[state.COLOUR] = PAIR


def names_of(focus: Focus) -> tuple[str, str]:
    """Return the names of two sets."""
    first, second = (safe.one_line(name, 40) for name in focus.text.split("\n"))
    return f"A: {first}", f"B: {second}"


def colouring(model: ModelFile, focus: Focus) -> Colouring:
    """Return the colours of two sets."""
    V = len(cache.embedding(model))
    one, two = state.unpack(focus.flags, V), state.unpack(focus.against, V)
    values = np.where(one & two, 3, np.where(one, 0, np.where(two, 1, 2))).astype(np.float32)
    many = 4 if (one & two).any() else 3
    names = (*names_of(focus), "in neither", "in both")[:many]
    return Colouring("The two sets", values, names, COLOURS[:many])
