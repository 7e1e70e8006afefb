"""The box that every question is typed into, examples to click, and the length of the list."""

import streamlit as st

from bioskipgram.kmers.relations import possible
from dashboard import state
from dashboard.shared import cache, neighbor_table
from dashboard.shared.cache import ModelFile
from dashboard.similarity import cache as remembered
from dashboard.similarity import neighbor_list, vector_sums

LONGEST = 20_000


def query(model: ModelFile) -> str:
    """Draw the box and examples to click; while it is empty, the first example is the query."""
    examples = remembered.examples(model)
    text = str(
        st.text_area(
            "Query", key=state.QUERY, bind="query-params", height=68, max_chars=LONGEST,
            placeholder=f"a k-mer, a pattern, a sequence or a sum, for example {examples[0][0]}",
            help="A k-mer; IUPAC codes or a regular expression between slashes: the mean of all "
            "k-mers that match; a longer sequence: the mean of its k-mers. Two of them, separated "
            "by a comma or a line, are compared, up to 24 are a matrix. A sum: AAA + CCC - GGG. "
            "Ctrl+Enter asks.",
        )
    )  # fmt: skip
    first, second = examples[0][0], examples[1][0] if len(examples) > 1 else ""
    offered = [(text, text, what) for text, what in examples[:4]]
    if second:
        offered.append((f"{first}, {second}", "two compared", f"{first}, {second}"))
    if total := vector_sums.example(model):
        offered.append((total, "a sum", f"{total}: what A is to B, what is it to C?"))
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        st.button("Ask", type="primary")
        for example, shown, what in offered:
            st.button(
                shown, help=what, type="tertiary", key=f"example-{shown}",
                on_click=neighbor_list.ask, args=(example,),
            )  # fmt: skip
    if vector_sums.terms(text) or remembered.asked(model, text):
        return text
    st.caption(f"An example: {examples[0][1]}. Ask your own above, or click one.")
    return first


def settings(model: ModelFile) -> tuple[int, tuple[str, ...]]:
    """Draw the settings of a list: its length and what it leaves out."""
    kinds = possible(cache.embedding(model).vocabulary.tokenizer)
    kept = [kind for kind in st.session_state.get(state.HIDE) or () if kind in kinds]
    if kept != (st.session_state.get(state.HIDE) or []):  # another model has other relations
        st.session_state[state.HIDE] = kept
    with st.container(horizontal=True, vertical_alignment="bottom"):
        n = st.number_input(
            "Neighbours", 1, 1000, 20, key=state.LENGTH, bind="query-params", width=120
        )
        hide = st.pills(
            "Hide", kinds, selection_mode="multi", key=state.HIDE, bind="query-params", wrap=True,
            help="Leave out neighbours with such a relation; the next nearest take their places. "
            f"Every neighbour has exactly one. {neighbor_table.SPELLING}",
        )  # fmt: skip
    return int(n), tuple(hide)
