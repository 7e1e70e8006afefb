"""Why a k-mer is near a sum of queries: its cosine, split into the terms and their contexts."""

import numpy as np
import streamlit as st

from bioskipgram.model.why import WhySum
from bioskipgram.numerics.arrays import Doubles, Tokens
from dashboard.shared import cache
from dashboard.shared import text as safe
from dashboard.shared.cache import ModelFile
from dashboard.shared.quality import why_near
from dashboard.similarity import cache as remembered

MOST = 6
"""The most terms that have a column of their own."""
HELP = (
    "The cosine of a k-mer with a sum is, exactly, a sum of one part for each term: the term's own "
    "cosine with the k-mer, less what is subtracted, divided by the length of the sum."
)


def show(model: ModelFile, plus: str, minus: str, near: Tokens) -> None:
    """Offer what each term of a sum adds to the cosine of one of the nearest k-mers."""
    key = f"{plus}-{minus}"
    opened = why_near.expander(model, key, "terms and contexts")
    if not opened.open:
        return
    with opened:
        (token,) = why_near.one_of(model, near, key).tolist()
        found = remembered.why_sum(model, plus, minus, token)
        names = _names(model, plus, minus)
        st.markdown(_told(found, names), help=HELP)
        if not cache.embedding(model).has_context:
            st.caption("The model came without context vectors: contexts cannot be told.")
            return
        why_near.draw(model, found, _columns(found, names), "%+.4f")


def _names(model: ModelFile, plus: str, minus: str) -> list[str]:
    """Return each term with its sign."""
    signed = (("+", plus), ("−", minus))
    return [
        f"{sign} {query.label}" for sign, text in signed for query in remembered.asked(model, text)
    ]


def _told(found: WhySum, names: list[str]) -> str:
    """Return the part of each term as a sentence."""
    parts = ", ".join(
        f"{safe.code(name)} **{part:+.3f}**"
        for name, part in zip(names, found.terms.tolist(), strict=True)
    )
    return f"What each term adds: {parts}; together **{found.score:.3f}**."


def _columns(found: WhySum, names: list[str]) -> dict[str, Doubles]:
    """Return what each term adds through each context; a term given twice has one column."""
    columns: dict[str, Doubles] = {}
    for name, part in zip(names, found.by_term, strict=True):
        columns[name] = columns.get(name, np.zeros(len(part))) + part
    return columns if len(columns) <= MOST else {}
