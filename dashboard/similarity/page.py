"""Similarity: what is near a k-mer, a pattern or a sequence, beside its nulls."""

import streamlit as st

from bioskipgram.kmers.relations import possible
from bioskipgram.model.queries import Query
from dashboard import state
from dashboard.shared import cache
from dashboard.shared import text as safe
from dashboard.shared.cache import ModelFile
from dashboard.similarity import cache as remembered
from dashboard.similarity import neighbor_list, query_pairs, vector_sums

LONGEST = 20_000


def main() -> None:
    """Draw the page."""
    model = cache.chosen()
    state.take_next()
    section = st.segmented_control(
        "Ask for", state.SECTIONS, default=state.NEIGHBOURS, required=True, key=state.SECTION,
        bind="query-params", label_visibility="collapsed",
    )  # fmt: skip
    left, right = st.columns([3, 2], gap="medium")
    with right:
        n, hide = _list_settings(model, section)
    with left:
        terms = vector_sums.ask(model) if section == state.ARITHMETIC else (_query(model), "")
    if section == state.ARITHMETIC:
        vector_sums.arithmetic(model, terms, n, hide)
    elif section == state.TWO_QUERIES:
        first = remembered.asked(model, terms[0])[0]
        with right:
            second = query_pairs.second_query(model, first)
        query_pairs.two_queries(model, first, second, n)
    else:
        _neighbours(model, terms[0], n, hide)


def _query(model: ModelFile) -> str:
    """Draw the box and examples to click; while it is empty, the first example is the query."""
    examples = remembered.examples(model)
    text = str(
        st.text_area(
            "Query", key=state.QUERY, bind="query-params", height=68, max_chars=LONGEST,
            placeholder=f"a k-mer, a pattern or a sequence, for example {examples[0][0]}",
            help="A k-mer; IUPAC codes or a regular expression between slashes: the mean of all "
            "k-mers that match; a longer sequence: the mean of its k-mers. Several, up to 24, "
            "separated by commas or lines. Ctrl+Enter asks.",
        )
    )  # fmt: skip
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        st.button("Ask", type="primary")
        st.caption("Try", width="content")
        several = ", ".join(text for text, _ in examples)
        for example, what in (*examples, (several, "all of these")):
            st.button(
                example if example != several else what, help=what, type="tertiary",
                key=f"example-{what}", on_click=neighbor_list.ask, args=(example,),
            )  # fmt: skip
    if remembered.asked(model, text):
        return text
    st.caption(f"An example: {examples[0][1]}. Ask your own above, or click one.")
    return examples[0][0]


def _list_settings(model: ModelFile, section: str) -> tuple[int, tuple[str, ...]]:
    """Draw the settings of a list: its length and what it leaves out."""
    n = st.number_input("Neighbours", 1, 1000, 20, key=state.LENGTH, bind="query-params", width=130)
    if section == state.TWO_QUERIES:
        return int(n), ()
    kinds = possible(cache.embedding(model).vocabulary.tokenizer)
    kept = [kind for kind in st.session_state.get(state.HIDE) or () if kind in kinds]
    if kept != (st.session_state.get(state.HIDE) or []):  # another model has other relations
        st.session_state[state.HIDE] = kept
    hide = st.pills(
        "Hide", kinds, selection_mode="multi", key=state.HIDE, bind="query-params", wrap=True,
        help="Leave out neighbours with such a relation; the next nearest take their places. "
        "Shift: the same k-mer moved by a few letters, which overlapping windows alone bring "
        "about. Every neighbour has exactly one relation.",
    )  # fmt: skip
    return int(n), tuple(hide)


def _neighbours(model: ModelFile, text: str, n: int, hide: tuple[str, ...]) -> None:
    queries = remembered.asked(model, text)
    if len(queries) > 1:
        query_pairs.matrix(model, text)
    query = _one_of(queries)
    st.markdown(neighbor_list.describe(model, query))
    found = remembered.nearest(model, query.text, n, hide)
    left, right = st.columns([5, 6], gap="medium")
    with left:
        size = len(cache.embedding(model)) - len(set(query.tokens.tolist()))
        st.markdown(f"**Nearest {len(found.tokens)} of {size:,}** by cosine, in the full space")
        key = f"near-{model.name}-{query.text}-{n}-{hide}"
        neighbor_list.show(model, query, found, key=key)
        neighbor_list.relations(model, query, n)
    with right:
        neighbor_list.draw_map(model, query, found)


def _one_of(queries: tuple[Query, ...]) -> Query:
    """Return the query whose neighbours are shown: the chosen one of several."""
    if len(queries) == 1:
        return queries[0]
    place = st.segmented_control(
        "Neighbours of",
        range(len(queries)),
        default=0,
        required=True,
        format_func=lambda place: safe.markdown(queries[place].label),
        key=f"one-of-{len(queries)}",
    )
    return queries[place]


main()
