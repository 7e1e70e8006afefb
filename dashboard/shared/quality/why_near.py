"""Why two k-mers, or sets of them, are near or far: their cosine, split into the contexts."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import streamlit as st

from bioskipgram.model.why import Why
from bioskipgram.numerics.arrays import Doubles, Tokens
from dashboard.shared import cache, downloads, grid
from dashboard.shared.cache import ModelFile
from dashboard.shared.quality import cache as remembered

if TYPE_CHECKING:
    import pandas as pd

MOST = 200
HELP = (
    "The cosine is a sum of one part for each context, exactly: the product of how much more or "
    "less often than by chance the context is near either query, as the model learnt it and "
    "independent contexts would have it. Positive where both deviate in the same direction. "
    "Near, ×: how many times as often as by chance the context is near."
)


def show(model: ModelFile, first: Tokens, second: Tokens) -> None:
    """Offer the contexts that make two queries near, and those that keep them apart."""
    opened = expander(model, f"{first.tobytes()[:400].hex()}-{second.tobytes()[:400].hex()}")
    if opened.open:
        with opened:
            _parts(model, first, second)


def show_one_of(model: ModelFile, first: Tokens, near: Tokens) -> None:
    """Offer the contexts behind the cosine of a query and one of its neighbours, to be chosen."""
    key = first.tobytes()[:400].hex()
    opened = expander(model, key)
    if opened.open:
        with opened:
            _parts(model, first, one_of(model, near, key))


def expander(model: ModelFile, key: str, behind: str = "contexts") -> Any:
    """Return the expander, closed at first, that explains a cosine."""
    return st.expander(
        f"Why this cosine? The {behind} behind it", on_change="rerun",
        key=f"why-of-{model.name}-{key}",
    )  # fmt: skip


def one_of(model: ModelFile, near: Tokens, key: str) -> Tokens:
    """Draw the choice of one of some neighbours, and return it, int32[1]."""
    spell = cache.embedding(model).vocabulary.spell
    place: int = st.selectbox(
        "Neighbour", range(len(near)), format_func=spell(near).__getitem__,
        key=f"why-{model.name}-{key}",
    )  # fmt: skip
    return near[[place]]


def _parts(model: ModelFile, first: Tokens, second: Tokens) -> None:
    """Draw the parts of a cosine."""
    if not cache.embedding(model).has_context:
        st.caption("The model came without context vectors, so a cosine cannot be split.")
        return
    found = remembered.why(model, first.tobytes(), second.tobytes())
    names = (
        _near(model, first, "the first"),
        _near(model, second, "the second"),
    )
    near = dict(zip(names, (found.first, found.second), strict=True))
    draw(model, found, near, "%.2f ×")


def _near(model: ModelFile, tokens: Tokens, otherwise: str) -> str:
    """Return the name of the column that says how often contexts are near a query."""
    spelt = cache.embedding(model).vocabulary.spell(tokens[:1])[0]
    return f"near {spelt if len(tokens) == 1 else otherwise}"


def draw(model: ModelFile, found: Why, columns: Mapping[str, Doubles], form: str) -> None:
    """Draw the greatest parts of a cosine, each with values of its context, float64[V] each."""
    alike, unlike = found.for_and_against
    st.markdown(
        f"Contexts in which both deviate alike add **{alike:+.3f}**, those in which they "
        f"differ **{unlike:+.3f}**; together **{found.score:.3f}**.",
        help=HELP,
    )
    table = _table(model, found, columns)
    grid.show(
        table, "The contexts with the greatest parts", height=grid.HEAD + 10 * grid.ROW,
        formats={"part": "%+.4f"} | dict.fromkeys(columns, form),
    )  # fmt: skip
    downloads.csv(table, "why")


def _table(model: ModelFile, found: Why, columns: Mapping[str, Doubles]) -> "pd.DataFrame":
    import pandas as pd

    tokens = found.leading(MOST)
    names = cache.embedding(model).vocabulary.spell(tokens)
    values = {name: each[tokens] for name, each in columns.items()}
    return pd.DataFrame({"context": names, "part": found.parts[tokens], **values})
