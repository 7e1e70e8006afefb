"""Explore: the map of all k-mers, and the inspector beside it."""

import numpy as np
import streamlit as st

from bioskipgram.arrays import Flags, Tokens
from bioskipgram.config import ProjectionConfig
from bioskipgram.errors import QueryError
from bioskipgram.properties import offered
from dashboard import cache, inspector, model_map, state
from dashboard.cache import ModelFile
from dashboard.kmer_map import Colouring, MapEvents, decode_events, stamp_of
from dashboard.state import Focus


def main() -> None:
    """Draw the page."""
    name = st.session_state.get(state.MODEL)
    if name is None:
        st.info("There is no model yet. Train one on the Train page; it takes seconds.")
        return
    model = cache.models()[name]
    state.focus_belongs_to(name)
    _take_events(model)
    left, right = st.columns([2, 1], gap="medium")
    with left:
        config, colouring = _controls(model)
        tokens = _tokens(model)
        focus, lit = state.focus(), np.zeros(len(cache.embedding(model)), np.bool_)
        lit[tokens] = True
        model_map.show(
            model,
            config,
            colouring,
            key=state.MAP,
            highlighted=lit if focus.kind in ("cluster", "pattern") else None,
            focus=focus.number if focus.kind == "kmer" else None,
        )
    with right:
        _inspect(model, tokens)


def _controls(model: ModelFile) -> tuple[ProjectionConfig, Colouring]:
    nucleotides = bool(cache.embedding(model).vocabulary.tokenizer.alphabet.complement)
    pattern, codes = ("CGNCG", "IUPAC codes") if nucleotides else ("GXG", "X for any residue")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        config = model_map.choose_layout()
        colours = ["cluster", *offered(cache.embedding(model).vocabulary.tokenizer)]
        colour = st.selectbox(
            "Colour by", colours, key=state.COLOUR, bind="query-params", width=200
        )
        st.text_input(
            "Find", key=state.FIND, placeholder=f"a k-mer, or a pattern like {pattern}",
            on_change=_find, args=(model,), width=220,
            help=f"A whole k-mer opens its card; a part of one, {codes} allowed, lights all "
            "k-mers that contain it.",
        )  # fmt: skip
    return config, model_map.colouring_by(model, colour)


def _find(model: ModelFile) -> None:
    """Focus on what was typed: a k-mer where it is one, else a pattern."""
    text = str(st.session_state[state.FIND]).strip().upper()
    if not text:
        state.set_focus(Focus())
        return
    try:
        token = cache.embedding(model).vocabulary.token(text)
        state.set_focus(Focus("kmer", token))
    except QueryError:
        state.set_focus(Focus("pattern", text=text))


def _take_events(model: ModelFile) -> None:
    """Turn what was done on the map since the last run into a new focus."""
    events = _events(model)
    cluster = events.clicked_cluster
    if cluster is None and st.session_state.get(state.COLOUR) == "cluster":
        cluster = events.clicked_category
    old = state.focus()
    if state.is_new_selection(events.selection) and events.selection is not None:
        state.set_focus(Focus("selection"))
    elif events.clicked is not None:
        state.set_focus(Focus("kmer", events.clicked))
    elif cluster is not None and cluster < len(cache.found_clusters(model)):
        state.set_focus(Focus("cluster", cluster))
    elif events.cleared or (old.kind == "selection" and events.selection is None):
        state.set_focus(Focus())
    if state.focus() != old:
        st.session_state[state.FIND] = ""


def _events(model: ModelFile) -> MapEvents:
    """Return what was done on the map; the legend's entries are the clusters."""
    kmers, names = cache.embedding(model).vocabulary.kmers, cache.cluster_names(model)
    legend = Colouring("", np.zeros(0, np.float32), names)
    found = st.session_state.get(state.MAP) or {}
    return decode_events(found, size=len(kmers), stamp=stamp_of(kmers), colouring=legend)


def _tokens(model: ModelFile) -> Tokens:
    """Return the k-mers in focus, int32[n]."""
    focus = state.focus()
    if focus.kind == "kmer":
        return np.array([focus.number], np.int32)
    flags: Flags | None = None
    if focus.kind == "cluster":
        flags = cache.found_clusters(model).labels == focus.number
    elif focus.kind == "pattern":
        flags = cache.matches(model, focus.text)
    elif focus.kind == "selection":
        flags = _events(model).selection
    return np.flatnonzero(flags if flags is not None else []).astype(np.int32)


def _inspect(model: ModelFile, tokens: Tokens) -> None:
    focus = state.focus()
    if focus.kind:
        st.button(
            "Back to the overview", icon=":material/arrow_back:", type="tertiary",
            on_click=_forget,
        )  # fmt: skip
    inspector.show(model, tokens)


def _forget() -> None:
    state.set_focus(Focus())
    st.session_state[state.FIND] = ""


main()
