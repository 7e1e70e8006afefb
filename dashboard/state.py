"""The names of session_state keys and query parameters, and the focus of the page."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st

from bioskipgram.numerics.arrays import Flags
from bioskipgram.variants.variant import Variant

MODEL = "model"
MODEL_FILE = "model_file"
LAYOUT = "layout"
DIMENSIONS = "dimensions"
COLOUR = "colour"
FIND = "find"
MAP = "map"
RELATION = "relation"
ROWS = "rows"
TABLE = "table"
TAB_KMER, TAB_GROUP = "tab_kmer", "tab_group"
CLASSIFY = "classify_"
TAB_PAIR = "tab_pair"
PLACES = "places"
HISTOGRAMS = "histograms"
CLUSTERING = "clustering"
CLUSTER_METHOD = "cluster_method"
CLUSTER_SIZE = "cluster_size"
COMPARE = "compare"
VALUES = "values"
VALUES_UPLOAD = "values_upload"
WHERE_UPLOAD = "where_upload"
RUN = "run"
STARTED = "started_run"
UPLOAD = "upload"
RUN_NAME = "run_name"
SETTING = "setting_"
PRESET = "preset"
COMPARED = "compared_runs"
RUNS_TABLE = "runs_table"
ESTIMATED = "_estimated"
PRESET_BEFORE = "_preset_before"
TRAIL = "trail"
MOTIF_FROM = "motif_from"
MOTIF = "motif"
MOTIF_PATTERN = "pattern"
MOTIF_TEXT = "motif_text"
MOTIF_FILE = "motif_file"
MOTIF_WHICH = "motif_which"
MOTIF_QUESTION = "motif_question"
MOTIF_VIEW = "motif_view"
MOTIF_FIRST = "motif_first"
MOTIF_SECOND = "motif_second"
MOTIF_FOUND = "motif_found"
MOTIF_MAP = "motif_map"
MOTIF_LEAST = "motif_least"
MOTIF_STRANDS = "motif_strands"
MOTIF_SOURCE = "motif_source"
MOTIF_UPLOAD = "motif_upload"
MOTIF_BY = "motif_by"
MOTIF_P = "motif_p"
MOTIF_RELATIVE = "motif_relative"
MOTIF_BACKGROUND = "motif_background"
MOTIF_SHUFFLE = "motif_shuffle"
MOTIF_RECORDS = "motif_records"
MOTIF_CLUSTER = "motif_cluster"
MOTIF_MEASURE = "motif_measure"
MOTIF_SURVEY = "motif_survey"
_SEEN = "seen_selection"
_SERIAL = "serial"
_FOCUS_MODEL = "focus_model"
_FIND_PROBLEM = "find_problem"
_MAX_TRAIL = 100


@dataclass(frozen=True)
class Focus:
    """What the inspector shows: "kmer", "cluster", "pattern", "selection", "pair"; "" = nothing.

    `number` is the token or the cluster; `text` the pattern, the selection's name or those of both,
    a line each; `flags` the selection, `against` the second of a pair, as `pack` gives them.
    """

    kind: str = ""
    number: int = -1
    text: str = ""
    flags: bytes = b""
    against: bytes = b""


@dataclass(frozen=True)
class Trail:
    """The history of focuses, and the present position in it."""

    looks: tuple[Focus, ...] = (Focus(),)
    place: int = 0


def pack(flags: Flags) -> bytes:
    """Return a selection, bool[V], as bytes that fit `unpack`."""
    return np.packbits(flags).tobytes()


def unpack(packed: bytes, size: int) -> Flags:
    """Return the selection that `pack` was given, bool[size]."""
    flags: Flags = np.unpackbits(np.frombuffer(packed, np.uint8), count=size).astype(np.bool_)
    return flags


def trail() -> Trail:
    """Return the history of focuses."""
    found: Trail = st.session_state.get(TRAIL, Trail())
    return found


def focus() -> Focus:
    """Return what the inspector shows."""
    now = trail()
    return now.looks[now.place]


def set_focus(new: Focus, *, by_map: bool = False) -> None:
    """Make the inspector show something else, which can be undone; `by_map` = done on the map."""
    now = trail()
    if new == now.looks[now.place]:
        return
    looks = (*now.looks[: now.place + 1], new)[-_MAX_TRAIL:]
    st.session_state[TRAIL] = Trail(looks, len(looks) - 1)
    if not by_map:
        _tell_map()


def step(by: int) -> None:
    """Go back (-1) or forward (1) in the history, as far as possible."""
    now = trail()
    place = max(0, min(len(now.looks) - 1, now.place + by))
    st.session_state[TRAIL] = Trail(now.looks, place)
    st.session_state[FIND] = ""
    set_find_problem("")
    _tell_map()


def other_clusters() -> None:
    """Forget what was looked at: the numbers of clusters now mean others."""
    kept = Focus() if focus().kind == "cluster" else focus()
    st.session_state[TRAIL] = Trail((kept,))
    _tell_map()


def serial() -> int:
    """Return the number of selections and moves that Python has sent to the map."""
    number: int = st.session_state.get(_SERIAL, 0)
    return number


def _tell_map() -> None:
    st.session_state[_SERIAL] = serial() + 1


def focus_belongs_to(model: str) -> None:
    """Reset the focus and the search if they are another model's."""
    if st.session_state.get(_FOCUS_MODEL, model) != model:
        st.session_state[TRAIL] = Trail()
        st.session_state[FIND] = ""
        set_find_problem("")
    st.session_state[_FOCUS_MODEL] = model


def find_problem() -> str:
    """Return why the last typed text cannot be searched, "" if it can."""
    problem: str = st.session_state.get(_FIND_PROBLEM, "")
    return problem


def set_find_problem(problem: str) -> None:
    """Store why a text cannot be searched; "" = no problem."""
    st.session_state[_FIND_PROBLEM] = problem


def choose_default(widget: str, names: Sequence[str], default: str) -> None:
    """Put a default into a selectbox that is bound to the address, before it is drawn.

    Where it holds none of its names, or still an older default. A box whose value is only removed
    would go on showing it.
    """
    key = f"_default_{widget}"
    before, now = st.session_state.get(key, default), st.session_state.get(widget)
    st.session_state[key] = default
    asked = now is None and st.query_params.get(widget) in names
    if (now not in names and not asked) or (before != default and now == before):
        st.session_state[widget] = default


def is_new_selection(packed: bytes) -> bool:
    """Return whether the map's selection has changed, and store it."""
    mark = (serial(), packed)
    changed = mark != st.session_state.get(_SEEN)
    st.session_state[_SEEN] = mark
    return changed


# The Similarity page, with the names of its query parameters ---------------------------------

QUERY = "similar_to"
LENGTH = "nearest"
HIDE = "hide"
TINT = "tint"
SIMILAR_MAP = "similarity_map"
_ASK_NEXT = "ask_next"


def ask_next(text: str) -> None:
    """Set the query of the next run of the Similarity page: in this one the box is drawn."""
    st.session_state[_ASK_NEXT] = text


def take_next() -> None:
    """Put the query of `ask_next` into the box before it is drawn."""
    text = st.session_state.pop(_ASK_NEXT, None)
    if text is not None:
        st.session_state[QUERY] = text


# The Quality page: what other pages link to --------------------------------------------------

QUALITY = "quality"
TWO_MODELS = "Two models"
OTHER_MODEL = "other_model"

# The Genes page ------------------------------------------------------------------------------

GENES_SOURCE = "genes_source"
GENES_FILES = "genes_files"
GENES_POOL = "genes_pool_"
GENES_VIEW = "genes"
GENES_RECORD = "genes_record"
GENES_OTHER = "genes_other"
GENES_LAYOUT = "genes_layout"
GENES_COLOUR = "genes_colour"
GENES_OWN = "genes_own"
GENES_OWN_UPLOAD = "genes_own_upload"
GENES_SUPPORT = "genes_support"
GENES_TREE = "genes_tree"
GENES_TREE_BY = "genes_tree_by"
GENES_DOTS = "genes_dots_"
GENES_DOT_MAP = "genes_dot_map"
GENES_PATH = "genes_path"
GENES_PATH_MAP = "genes_path_map"


def pasted(uploader: str) -> str:
    """Return the key of the text area that belongs to an uploader."""
    return f"{uploader}_pasted"


def keep(uploader: str, files: tuple[Any, ...]) -> None:
    """Keep an uploader's files for this session while other pages are shown."""
    st.session_state[f"_kept_{uploader}"] = files


def kept(uploader: str) -> tuple[Any, ...]:
    """Return what `keep` kept, nothing if nothing was."""
    found: tuple[Any, ...] = st.session_state.get(f"_kept_{uploader}", ())
    return found


# The Variants page ---------------------------------------------------------------------------

VARIANT_SOURCE = "variant_source"
VARIANT_GENE = "variant_gene"
VARIANTS = "variants"
VARIANT_FILE = "variant_file"
VARIANT_SEQUENCES = "variant_sequences"
VARIANT_MEASURE = "variant_measure"
VARIANT_TABLE = "variant_table"
VARIANT_MAP = "variant_map"
VARIANT_ALL = "variant_all"
_VARIANT = "variant_focus"
_STOPPED = "variants_stopped"


def variant_focus() -> Variant | None:
    """Return the variant whose card is open."""
    found: Variant | None = st.session_state.get(_VARIANT)
    return found


def set_variant_focus(variant: Variant | None) -> None:
    """Open another card."""
    st.session_state[_VARIANT] = variant


def stopped(work: str) -> bool:
    """Return whether this work was stopped by hand."""
    return bool(st.session_state.get(_STOPPED) == work)


def set_stopped(work: str) -> None:
    """Store that this work was stopped; "" = none."""
    st.session_state[_STOPPED] = work


def is_new_choice(widget: str, choice: list[Any]) -> bool:
    """Return whether a widget's choice has changed, and store it."""
    key = f"_seen_{widget}"
    changed = bool(st.session_state.get(key, []) != choice)
    st.session_state[key] = list(choice)
    return changed
