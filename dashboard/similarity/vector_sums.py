"""Vector arithmetic on a page: sums of queries."""

import re

import streamlit as st

from bioskipgram.model.queries import SEQUENCE
from dashboard.shared import cache
from dashboard.shared import text as safe
from dashboard.shared.cache import ModelFile
from dashboard.similarity import cache as remembered
from dashboard.similarity import neighbor_list, sum_parts
from dashboard.similarity.similar_map import Lit

_SIGN = re.compile(r"\s*([+−-])\s*")


def terms(text: str) -> tuple[str, str] | None:
    """Return what a text adds and what it takes away, separated by commas; None if it is no sum.

    A regular expression and FASTA are none, whatever they hold.
    """
    parts = _SIGN.split(text.strip())
    if len(parts) < 3 or "/" in text or ">" in text:
        return None
    signs, items = ["+", *parts[1::2]], parts[0::2]
    if not all(items[1:]):  # gaps of an alignment
        return None
    found = [(sign == "+", item) for sign, item in zip(signs, items, strict=True) if item]
    plus, minus = ([item for added, item in found if added is side] for side in (True, False))
    return ", ".join(plus), ", ".join(minus)


def example(model: ModelFile) -> str:
    """Return a sum that the model can answer; "" without one."""
    found = remembered.sum_example(model)
    if found is None:
        return ""
    changed, other = found[0].split(", ")
    return f"{changed} - {found[1]} + {other}"


def show(model: ModelFile, given: tuple[str, str], n: int, hide: tuple[str, ...]) -> Lit:
    """Draw what is nearest to the sum of some queries less that of others."""
    plus, minus = given
    found = remembered.sum_of(model, plus, minus, n, hide)
    table = neighbor_list.table_of(model, SEQUENCE, found)
    added, taken = (
        " + ".join(safe.code(query.label) for query in remembered.asked(model, text))
        for text in given
    )
    st.markdown(f"Nearest to {added}" + (f" − ({taken})" if taken else "") + ", the terms left out")
    _expected(model, given)
    key = f"sum-{model.name}-{plus}-{minus}-{n}-{hide}"
    neighbor_list.draw_table(table, key=key, alt="k-mers nearest to the sum; choose one to ask it")
    neighbor_list.download(table, "vector-sum")
    sum_parts.show(model, plus, minus, found.tokens)
    _alone(model, plus, found.tokens.tolist(), hide)
    return Lit(f"{plus}\n{minus}", None, found.tokens, found.cosines)


def _expected(model: ModelFile, given: tuple[str, str]) -> None:
    """Write where the example's answer by letters stands."""
    found = remembered.sum_example(model)
    if found is None or set(given[0].split(", ")) != set(found[0].split(", ")):
        return
    if given[1] != found[1]:
        return
    changed, other = found[0].split(", ")
    rank = remembered.rank_in_sum(model, *found)
    st.caption(
        f"What `{changed}` is to `{found[1]}`, what is it to `{other}`? By letters `{found[2]}`: "
        f"rank **{rank:,}** of {len(cache.embedding(model)):,}."
    )


def _alone(model: ModelFile, plus: str, tokens: list[int], hide: tuple[str, ...]) -> None:
    """Write how much of the answer one term alone would give: the null of a sum."""
    shared = {
        safe.code(query.label): len(
            set(tokens) & set(remembered.nearest(model, query.text, len(tokens), hide).tokens)
        )
        for query in remembered.asked(model, plus)
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
