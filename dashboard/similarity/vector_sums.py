"""Vector arithmetic on a page: sums of queries."""

import streamlit as st

from bioskipgram.model.queries import SEQUENCE
from dashboard import state
from dashboard.shared import cache
from dashboard.shared import text as safe
from dashboard.shared.cache import ModelFile
from dashboard.similarity import cache as remembered
from dashboard.similarity import neighbor_list


def arithmetic(model: ModelFile, terms: tuple[str, str], n: int, hide: tuple[str, ...]) -> None:
    """Draw what is nearest to the sum of some queries less that of others."""
    plus, minus = terms
    if not plus.strip() and not minus.strip():
        st.info("Give k-mers to add or to take away, for example one that you know.")
        return
    found = remembered.sum_of(model, plus, minus, n, hide)
    table = neighbor_list.table_of(model, SEQUENCE, found)
    added, taken = (
        " + ".join(safe.code(query.label) for query in remembered.asked(model, text))
        for text in (plus, minus)
    )
    st.markdown(f"Nearest to {added}" + (f" − ({taken})" if taken else "") + ", the terms left out")
    key = f"sum-{model.name}-{plus}-{minus}-{n}-{hide}"
    neighbor_list.draw_table(table, key=key, alt="k-mers nearest to the sum; choose one to ask it")
    neighbor_list.download(table, "vector-sum")
    _alone(model, plus, found.tokens.tolist(), hide)


def ask(model: ModelFile) -> tuple[str, str]:
    """Draw the inputs of terms to add and to subtract; an example while both are empty."""
    example = remembered.sum_example(model) or ("", "", "")
    plus = st.text_input(
        "Add", key=state.PLUS, bind="query-params", placeholder=f"for example {example[0]}",
        help="One or more k-mers, patterns or sequences, separated by commas.",
    )  # fmt: skip
    minus = st.text_input(
        "Take away", key=state.MINUS, bind="query-params", placeholder=f"for example {example[1]}"
    )
    if example[0] and not plus.strip() and not minus.strip():
        changed, other = example[0].split(", ")
        rank = remembered.rank_in_sum(model, *example)
        st.caption(
            f"An example: what `{changed}` is to `{example[1]}`, what is it to `{other}`? By "
            f"letters `{example[2]}`: rank **{rank:,}** of {len(cache.embedding(model)):,}."
        )
        return example[:2]
    return plus, minus


def _alone(model: ModelFile, plus: str, tokens: list[int], hide: tuple[str, ...]) -> None:
    """Write how much of the answer one term alone would give: the null of a sum."""
    terms = remembered.asked(model, plus)
    shared = {
        safe.code(query.label): len(
            set(tokens) & set(remembered.nearest(model, query.text, len(tokens), hide).tokens)
        )
        for query in terms
    }
    if shared:
        st.caption(
            "Of these, "
            + ", ".join(
                f"{count} of {len(tokens)} are among the nearest of {label} alone"
                for label, count in shared.items()
            )
            + ": a sum is always near what is near one of its terms."
        )
