"""The name of every session_state key and query parameter, and what the page is looking at."""

from dataclasses import dataclass

import numpy as np
import streamlit as st

from bioskipgram.arrays import Flags

MODEL = "model"
LAYOUT = "layout"
DIMENSIONS = "dimensions"
COLOUR = "colour"
FIND = "find"
MAP = "map"
HIDE_SHIFTS = "hide_shifts"
RUN = "run"
STARTED = "started_run"
SOURCE = "source"
UPLOAD = "upload"
RUN_NAME = "run_name"
SETTING = "setting_"

_FOCUS = "focus"
_SEEN = "seen_selection"
_FOCUS_MODEL = "focus_model"


@dataclass(frozen=True)
class Focus:
    """What the inspector shows.

    Attributes
    ----------
    kind
        "kmer", "cluster", "pattern", "selection" or "" for nothing.
    number
        The token or the cluster.
    text
        The pattern.
    """

    kind: str = ""
    number: int = -1
    text: str = ""


def focus() -> Focus:
    """Return what the inspector shows."""
    found: Focus = st.session_state.get(_FOCUS, Focus())
    return found


def set_focus(new: Focus) -> None:
    """Make the inspector show something else."""
    st.session_state[_FOCUS] = new


def focus_belongs_to(model: str) -> None:
    """Forget the focus and the search if they are another model's."""
    if st.session_state.get(_FOCUS_MODEL, model) != model:
        set_focus(Focus())
        st.session_state[FIND] = ""
    st.session_state[_FOCUS_MODEL] = model


def is_new_selection(selection: Flags | None) -> bool:
    """Return whether this selection differs from the last one asked about, and remember it."""
    mark = None if selection is None else np.packbits(selection).tobytes()
    changed = mark != st.session_state.get(_SEEN)
    st.session_state[_SEEN] = mark
    return changed
