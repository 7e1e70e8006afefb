"""Similarity: what is near a k-mer, a pattern, a sequence or a sum of them, beside its nulls."""

import streamlit as st

from bioskipgram.model.queries import Query
from dashboard import state
from dashboard.shared import cache
from dashboard.shared import text as safe
from dashboard.shared.cache import ModelFile
from dashboard.shared.quality import why_near
from dashboard.similarity import ask, neighbor_list, query_pairs, similar_map, vector_sums
from dashboard.similarity import cache as remembered


def main() -> None:
    """Draw the page."""
    model = cache.chosen()
    state.take_next()
    with st.container(key="similarity"):
        left, right = st.columns([45, 55], gap="small")
    with left:
        text = ask.query(model)
        n, hide = ask.settings(model)
        terms = vector_sums.terms(text)
        if terms is not None:
            lit = vector_sums.show(model, terms, n, hide)
        else:
            queries = remembered.asked(model, text)
            lit = _pair(model, queries, n) if len(queries) == 2 else _one(model, text, n, hide)
    with right, st.container(key="similar_map"):
        similar_map.draw(model, lit)


def _one(model: ModelFile, text: str, n: int, hide: tuple[str, ...]) -> similar_map.Lit:
    """Draw the neighbours of one query, the chosen one of several."""
    queries = remembered.asked(model, text)
    if len(queries) > 1:
        query_pairs.matrix(model, text)
    query = _chosen(queries)
    st.markdown(neighbor_list.describe(model, query))
    found = remembered.nearest(model, query.text, n, hide)
    neighbor_list.show(model, query, found, key=f"near-{model.name}-{query.text}-{n}-{hide}")
    why_near.show_one_of(model, query.tokens, found.tokens)
    neighbor_list.relations(model, query, n)
    return similar_map.Lit(query.text, query, found.tokens, found.cosines)


def _pair(model: ModelFile, queries: tuple[Query, ...], n: int) -> similar_map.Lit:
    """Draw the neighbours of two queries side by side."""
    first, second = queries
    found = query_pairs.two_queries(model, first, second, n)
    return similar_map.Lit(
        first.text, first, found.tokens, found.cosines.max(axis=0), also=(second.label, found)
    )  # fmt: skip


def _chosen(queries: tuple[Query, ...]) -> Query:
    """Return the query whose neighbours are shown: the chosen one of several."""
    if len(queries) == 1:
        return queries[0]
    place = st.segmented_control(
        "Neighbours of", range(len(queries)), default=0, required=True,
        format_func=lambda place: safe.markdown(queries[place].label),
        key=f"one-of-{len(queries)}",
    )  # fmt: skip
    return queries[place]


main()
