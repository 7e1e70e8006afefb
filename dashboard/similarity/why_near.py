"""Why two queries are near or far: their cosine, split into the contexts behind it."""

from typing import TYPE_CHECKING

import streamlit as st

from bioskipgram.model.queries import Query
from bioskipgram.model.why import Why
from dashboard.shared import cache, downloads, grid
from dashboard.shared.cache import ModelFile
from dashboard.similarity import cache as remembered

if TYPE_CHECKING:
    import pandas as pd

MOST = 200
HELP = (
    "The cosine is a sum of one part for each context, exactly: the product of how much more or "
    "less often than by chance the context is near either query, as the model learnt it and "
    "independent contexts would have it. Positive where both deviate in the same direction."
)


def show(model: ModelFile, first: Query, second: Query) -> None:
    """Draw the contexts that make two queries near, and those that keep them apart."""
    found = remembered.why(model, first.text, second.text)
    alike, unlike = found.for_and_against
    with st.expander(f"Why {found.score:.3f}? The contexts behind it"):
        st.markdown(
            f"Contexts in which both deviate alike add **{alike:+.3f}**, those in which they "
            f"differ **{unlike:+.3f}**; together {found.score:.3f}.",
            help=HELP,
        )
        table = _table(model, found)
        grid.show(
            table, "The contexts with the greatest parts",
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
