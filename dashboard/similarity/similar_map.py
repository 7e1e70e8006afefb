"""The map beside an answer: the list lit and named, a sequence as a strip below."""

from dataclasses import dataclass

import numpy as np
import streamlit as st

from bioskipgram.model.compare import TwoLists
from bioskipgram.model.queries import SEQUENCE, Query
from bioskipgram.numerics.arrays import Floats, Tokens
from dashboard import state
from dashboard.kmer_map.content import Colouring, MapLook
from dashboard.shared import cache, model_map
from dashboard.shared.cache import ModelFile
from dashboard.similarity import cache as remembered
from dashboard.similarity import figures

COSINE, RELATION, LISTS = "cosine to the query", "relation to the query", "which list"
MOST = 200
"""More neighbours than these are not joined to the query."""
LIST_COLOURS = ("#0072B2", "#E8710A", "#9aa0a8", "#8B3FA8")


@dataclass(frozen=True)
class Lit:
    """An answer to show: the query's text, itself if it is one, its list, and perhaps a second.

    Of a sum, `text` is what is added and what is taken away, a line each.
    """

    text: str
    query: Query | None
    tokens: Tokens
    cosines: Floats
    also: tuple[str, TwoLists] | None = None


def draw(model: ModelFile, lit: Lit) -> None:
    """Draw the map with the list lit; a click on a point asks for it."""
    with st.container(horizontal=True, vertical_alignment="center", key="map_controls"):
        config = model_map.choose_layout(label_visibility="collapsed")
        tint = _choose(model, lit)
    query, size = lit.query, len(cache.embedding(model))
    own = np.zeros(size, np.bool_)
    strip = query is not None and query.kind == SEQUENCE
    if query is not None:
        own[query.tokens] = True
    own[lit.tokens[MOST:]] = True
    events = model_map.show(
        model,
        config,
        MapLook(
            colouring=_colouring(model, lit, tint),
            highlighted=own,
            fade=tint not in (COSINE, RELATION),
            focus=None if query is None or lit.also else query.token,
            near=(lit.tokens[:MOST], lit.cosines[:MOST]),
            path=cache.embedding(model).windows_of(query.text) if strip and query else None,
            path_step=cache.embedding(model).vocabulary.tokenizer.stride,
            height=0,
        ),
        key=state.SIMILAR_MAP,
    )
    if strip:
        st.caption(
            "Below the map: the sequence, each k-mer at its first letter in the map's colours. "
            "Point at one to find it on the map, or at the map to find it here."
        )
    if events.clicked is not None:
        state.ask_next(cache.embedding(model).vocabulary.spell(np.array([events.clicked]))[0])
        st.rerun()


def _choose(model: ModelFile, lit: Lit) -> str:
    """Draw the choice of colour; a sequence is first seen by clusters, two lists by list."""
    names = [COSINE, "cluster", *model_map.known(model)]
    first = COSINE
    if lit.query is not None and lit.query.token is not None:
        names.insert(1, RELATION)
    if lit.query is not None and lit.query.kind == SEQUENCE:
        first = "cluster"
    if lit.also is not None:
        first = LISTS
        names.insert(0, LISTS)
    state.choose_default(state.TINT, names, first)
    return st.selectbox(
        "Colour by", names, key=state.TINT, bind="query-params", width=210,
        label_visibility="collapsed", help="The list stands out in every colour.",
    )  # fmt: skip


def _colouring(model: ModelFile, lit: Lit, tint: str) -> Colouring:
    if tint == LISTS and lit.also is not None:
        return _lists(model, lit.text, *lit.also)
    if tint == RELATION and lit.query is not None and lit.query.token is not None:
        found = remembered.relation(model, lit.query.token)
        palette = tuple(figures.RELATION_COLOURS[kind] for kind in found.categories)
        return Colouring(found.title, found.values, found.categories, palette)
    if tint != COSINE:
        return model_map.colouring_by(model, tint)
    if lit.query is None:
        return Colouring("Cosine to the sum", remembered.sum_cosines(model, *lit.text.split("\n")))
    found = remembered.similarity(model, lit.text)
    return Colouring(found.title, found.values)


def _lists(model: ModelFile, first: str, second: str, found: TwoLists) -> Colouring:
    """Return which of two lists each k-mer is in."""
    values = np.full(len(cache.embedding(model)), 2, np.float32)
    listed = (found.ranks > 0) & (found.ranks <= found.n)
    values[found.tokens] = np.where(listed.all(axis=0), 3, np.where(listed[0], 0, 1))
    names = (f"near {first[:20]}", f"near {second}", "near neither", "near both")
    many = 4 if listed.all(axis=0).any() else 3
    return Colouring("Nearest", values, names[:many], LIST_COLOURS[:many])
