"""A list of nearest k-mers as a table: rank, cosine, relation, and the chance to come back."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Literal

import streamlit as st

from bioskipgram.kmers.relations import SPELT
from bioskipgram.kmers.vocabulary import Vocabulary
from bioskipgram.numerics.arrays import Floats, Tokens
from dashboard.shared import cache
from dashboard.shared.cache import ModelFile
from dashboard.shared.quality import cache as quality

if TYPE_CHECKING:
    import pandas as pd

BACK = "comes back"
SPELLING = (
    f"**Spelling** = {', '.join(SPELT)}: what overlapping windows and single letters explain."
)
HELP = {
    "cosine": "Of the two vectors in the full space, -1 to 1; the map shows it only roughly",
    "relation": "How it is spelt relative to the query. shift: the same letters moved by that many "
    "positions; substitution: one letter changed; extension: one holds the other; synonymous: the "
    "same amino acids; other: none of these",
    BACK: "The chance that it is among the ten nearest again when the model is trained on as many "
    "records drawn with replacement. Grey below 50 %: do not build on it.",
}
ROW = 27
"""Pixels of a row: twenty fit a screen."""


def seen(vocabulary: Vocabulary, token: int) -> str:
    """Return how often a k-mer was seen and its rank, as Markdown."""
    if not vocabulary.counted:
        return "count not known"
    counts = vocabulary.counts
    rank = int((counts > counts[token]).sum()) + 1
    return f"seen **{int(counts[token]):,}** times, rank {rank:,} of {len(counts):,}"


def columns(
    model: ModelFile,
    tokens: Tokens,
    cosines: Floats,
    relations: Sequence[str],
    *,
    token: int | None = None,
) -> dict[str, Any]:
    """Return the columns of a list, nearest first.

    With the `token` of the one k-mer that was asked for, also the chance in per cent that each
    neighbour comes back, where that was measured.
    """
    import pandas as pd

    found = {
        "rank": range(1, len(tokens) + 1),
        "k-mer": cache.embedding(model).vocabulary.spell(tokens),
        "cosine": cosines,
        "relation": relations,
    }
    if token is not None and quality.stability(model) is not None:
        found[BACK] = pd.array(quality.chances(model, token, tokens), "Float64")
    return found


def draw(
    table: "pd.DataFrame",
    *,
    key: str,
    alt: str,
    on_select: "Literal['rerun'] | Callable[[], None]" = "rerun",
    rows: int = 20,
    more: dict[str, Any] | None = None,
) -> Any:
    """Draw a list of k-mers, of which a row can be chosen; `more` are further columns' settings."""
    number, low = st.column_config.NumberColumn, float(min(0.0, table["cosine"].min()))
    return st.dataframe(
        table.style.apply(_faint, axis=1) if BACK in table else table,
        hide_index=True, row_height=ROW, height=ROW * (1 + min(rows, max(3, len(table)))) + 12,
        on_select=on_select, selection_mode="single-row", key=key, alt=alt, placeholder="",
        column_config={
            "rank": number("rank", width=40),
            "k-mer": st.column_config.TextColumn("k-mer", width=66),
            "cosine": st.column_config.ProgressColumn(
                "cosine", format="%.3f", min_value=low, max_value=1.0, help=HELP["cosine"],
                width=78,
            ),
            "relation": st.column_config.TextColumn(help=HELP["relation"], width=86),
            BACK: number("back", format="%.0f %%", help=HELP[BACK], width=52),
            **(more or {}),
        },
    )  # fmt: skip


def _faint(row: "pd.Series[Any]") -> list[str]:
    """Return a row's style: grey where the neighbour comes back less often than not."""
    chance = row[BACK]
    unsure = isinstance(chance, float) and chance < 50
    return ["color: #9aa0a6" if unsure else ""] * len(row)
