"""Explore: the map of all k-mers, the inspector beside it, the table below it."""

import numpy as np
import streamlit as st

from bioskipgram.errors import BioSkipGramError, QueryError
from bioskipgram.model import queries
from bioskipgram.numerics.arrays import Flags, Floats, Tokens
from dashboard import state
from dashboard.explore import cache as explore
from dashboard.explore import colours, inspector, kmer_card, kmer_table, options
from dashboard.kmer_map.content import Colouring, MapLook, stamp_of
from dashboard.kmer_map.events import MapEvents, decode_events
from dashboard.shared import cache, errors, link, model_map
from dashboard.shared.cache import ModelFile
from dashboard.state import Focus


def main() -> None:
    """Draw the page."""
    model = cache.chosen()
    state.focus_belongs_to(model.name)
    link.follow(model)
    _take_events(model)
    with st.container(key="explore"):
        left, right = st.columns([7, 3], gap="small")
    with left:
        _controls_and_map(model)
    tokens = _tokens(model)
    with right, st.container(key="inspector"):
        if problem := state.find_problem():
            errors.say(problem)
            _offer_similarity(model)
        inspector.show(model, tokens)
    kmer_table.show(model, tokens)
    link.write(model)


def _controls_and_map(model: ModelFile) -> None:
    nucleotides = bool(cache.embedding(model).vocabulary.tokenizer.alphabet.complement)
    pattern, codes = ("CGNCG", "IUPAC codes") if nucleotides else ("GXG", "X for any residue")
    with st.container(horizontal=True, vertical_alignment="center", key="map_controls"):
        config = model_map.choose_layout(label_visibility="collapsed")
        colour = colours.choose(model)
        st.text_input(
            "Find", key=state.FIND, placeholder=f"Find a k-mer or {pattern}",
            on_change=_find, args=(model,), width=200, bind="query-params",
            label_visibility="collapsed",
            help=f"A whole k-mer opens its card; a part of one, with {codes}, or a regular "
            "expression between slashes lights all k-mers that match. Key: /",
        )  # fmt: skip
        options.ask(model)
    colours.explain(model, colour)
    _find_what_the_address_says(model)
    focus, tokens = state.focus(), _tokens(model)
    lit = np.zeros(len(cache.embedding(model)), np.bool_)
    lit[tokens] = True
    model_map.show(
        model,
        config,
        MapLook(
            colouring=colours.colouring(model, colour, tokens),
            highlighted=lit if focus.kind in ("cluster", "pattern", "pair") else None,
            fade=colour != colours.NEARNESS,
            focus=focus.number if focus.kind == "kmer" else None,
            near=_near(model, focus),
            select=_select(model),
            locate=(state.serial(), focus.number) if focus.kind == "kmer" else None,
            facts=colours.facts(model),
            histograms=options.histograms(model),
            height=0,
        ),
        key=state.MAP,
    )


def _near(model: ModelFile, focus: Focus) -> tuple[Tokens, Floats] | None:
    """Return the neighbours of the k-mer in focus and their cosines, as its card lists them."""
    if focus.kind != "kmer":
        return None
    found = explore.near(model, focus.number, kmer_card.hidden())
    return None if found is None else (found.tokens, found.cosines)


def _find_what_the_address_says(model: ModelFile) -> None:
    """Search the text of a shared address once; later the box itself calls `_find`."""
    if link.arrived(state.FIND) and st.session_state.get(state.FIND):
        _find(model)


def _find(model: ModelFile) -> None:
    """Focus on what was typed: a k-mer where it is one, else a pattern."""
    text = str(st.session_state[state.FIND]).strip()
    try:
        state.set_focus(_sought(model, text) if text else Focus())
        state.set_find_problem("")
    except QueryError as error:  # the map stays on a typing error
        state.set_find_problem(str(error))


def _sought(model: ModelFile, text: str) -> Focus:
    try:
        return Focus("kmer", cache.embedding(model).vocabulary.token(text))
    except QueryError:
        pattern = text if text.startswith("/") else text.upper()
        cache.matches(model, pattern)
        return Focus("pattern", text=pattern)


def _offer_similarity(model: ModelFile) -> None:
    """Link to the page that answers for a sequence, where one was typed."""
    text = str(st.session_state.get(state.FIND) or "").strip()
    try:
        query = queries.ask(cache.embedding(model), text)
    except BioSkipGramError:
        return
    if query.kind == queries.SEQUENCE:
        st.page_link(
            "similarity/page.py", icon=":material/hub:", query_params={state.QUERY: query.text},
            label=f"Ask Similarity about this sequence of {len(query.text):,} letters",
        )  # fmt: skip


def _take_events(model: ModelFile) -> None:
    """Turn what was done on the map since the last run into a new focus."""
    events, old = _events(model), state.focus()
    cluster = _clicked_cluster(model, events)
    selected = b"" if events.selection is None else state.pack(events.selection)
    if state.is_new_selection(selected) and selected not in (b"", old.flags):
        state.set_focus(Focus("selection", flags=selected), by_map=True)
    elif events.clicked is not None:
        state.set_focus(Focus("kmer", events.clicked), by_map=True)
    elif cluster is not None:
        state.set_focus(Focus("cluster", cluster), by_map=True)
    elif events.cleared:
        state.set_focus(Focus(), by_map=True)
    if state.focus() != old:
        st.session_state[state.FIND] = ""
        state.set_find_problem("")


def _clicked_cluster(model: ModelFile, events: MapEvents) -> int | None:
    """Return the cluster whose name, or whose entry in the legend, was clicked."""
    cluster = events.clicked_cluster
    colour = st.session_state.get(state.COLOUR, colours.default_for(model))
    if cluster is None and colour == colours.CLUSTER:
        cluster = events.clicked_category
    found = cache.found_clusters(model)
    return cluster if cluster is not None and cluster < len(found) else None


def _events(model: ModelFile) -> MapEvents:
    """Return what was done on the map; the legend's entries are the clusters."""
    kmers, names = cache.embedding(model).vocabulary.kmers, cache.cluster_names(model)
    legend = Colouring("", np.zeros(0, np.float32), names)
    found = st.session_state.get(state.MAP) or {}
    return decode_events(
        found, size=len(kmers), stamp=stamp_of(kmers), colouring=legend, select=_select(model)
    )


def _select(model: ModelFile) -> tuple[int, Flags]:
    """Return the selection in focus, bool[V], with the serial number of Python's last message."""
    focus, size = state.focus(), len(cache.embedding(model))
    none = np.zeros(size, np.bool_)
    chosen = focus.kind == "selection"
    return state.serial(), state.unpack(focus.flags, size) if chosen else none


def _tokens(model: ModelFile) -> Tokens:
    """Return the k-mers in focus, int32[n]."""
    focus, size = state.focus(), len(cache.embedding(model))
    if focus.kind == "kmer":
        return np.array([focus.number], np.int32)
    flags: Flags | None = None
    if focus.kind == "cluster":
        flags = cache.found_clusters(model).labels == focus.number
    elif focus.kind == "pattern":
        flags = cache.matches(model, focus.text)
    elif focus.kind == "pair":
        flags = state.unpack(focus.flags, size) | state.unpack(focus.against, size)
    elif focus.kind == "selection":
        flags = state.unpack(focus.flags, size)
    return np.flatnonzero(flags if flags is not None else []).astype(np.int32)


main()
