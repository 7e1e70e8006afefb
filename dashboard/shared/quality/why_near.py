"""Why two k-mers, or sets of them, are near or far: their cosine, split into the contexts."""

from typing import TYPE_CHECKING, Any

import streamlit as st

from bioskipgram.model.why import Why
from bioskipgram.numerics.arrays import Tokens
from dashboard.shared import cache, downloads, grid
from dashboard.shared.cache import ModelFile
from dashboard.shared.quality import cache as remembered

if TYPE_CHECKING:
    import pandas as pd

MOST = 200
HELP = (
    "The cosine is a sum of one part for each context, exactly: the product of how much more or "
    "less often than by chance the context is near either query, as the model learnt it and "
    "independent contexts would have it. Positive where both deviate in the same direction."
)


def show(model: ModelFile, first: Tokens, second: Tokens) -> None:
    """Offer the contexts that make two queries near, and those that keep them apart."""
    opened = _expander(model, f"{first.tobytes()[:400].hex()}-{second.tobytes()[:400].hex()}")
    if opened.open:
        with opened:
            _parts(model, first, second)


def show_one_of(model: ModelFile, first: Tokens, near: Tokens) -> None:
    """Offer the contexts behind the cosine of a query and one of its neighbours, to be chosen."""
    key, spell = first.tobytes()[:400].hex(), cache.embedding(model).vocabulary.spell
    opened = _expander(model, key)
    if not opened.open:
        return
    with opened:
        place: int = st.selectbox(
            "Neighbour", range(len(near)), format_func=spell(near).__getitem__,
            key=f"why-{model.name}-{key}",
        )  # fmt: skip
        _parts(model, first, near[[place]])


def _expander(model: ModelFile, key: str) -> Any:
    return st.expander(
        "Why this cosine? The contexts behind it", on_change="rerun",
        key=f"why-of-{model.name}-{key}",
    )  # fmt: skip


def _parts(model: ModelFile, first: Tokens, second: Tokens) -> None:
    """Draw the parts of a cosine."""
    if not cache.embedding(model).has_context:
        st.caption("The model came without context vectors, so a cosine cannot be split.")
        return
    found = remembered.why(model, first.tobytes(), second.tobytes())
    alike, unlike = found.for_and_against
    st.markdown(
        f"Contexts in which both deviate alike add **{alike:+.3f}**, those in which they "
        f"differ **{unlike:+.3f}**; together **{found.score:.3f}**.",
        help=HELP,
    )
    table = _table(model, found)
    grid.show(
        table, "The contexts with the greatest parts", height=grid.HEAD + 10 * grid.ROW,
        formats={"part": "%+.4f", "near 1, × chance": "%.2f", "near 2, × chance": "%.2f"},
    )  # fmt: skip
    downloads.csv(table, "why")


def _table(model: ModelFile, found: Why) -> "pd.DataFrame":
    import pandas as pd

    tokens = found.leading(MOST)
    return pd.DataFrame(
        {
            "context": cache.embedding(model).vocabulary.spell(tokens),
            "part": found.parts[tokens],
            "near 1, × chance": found.first[tokens],
            "near 2, × chance": found.second[tokens],
        }
    )
