"""Tables on a page: height by rows, a dash for missing values, one row to choose."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import streamlit as st

if TYPE_CHECKING:
    import pandas as pd


NOTHING = "–"
ROW, HEAD = 35, 38
"""Pixels of a row and of the names of the columns."""


def show(
    table: "pd.DataFrame",
    alt: str,
    *,
    height: int = HEAD + 20 * ROW,
    formats: Mapping[str, str] | None = None,
    columns: Mapping[str, Any] | None = None,
    key: str = "",
) -> int | None:
    """Draw a table and return the row that is chosen in it; without `key` none can be.

    `alt` is for screen readers, `height` the most pixels (20 rows), `formats` how numbers are
    printed: ``{"p": "%.1e", "length": "%d bases"}``.
    """
    number = st.column_config.NumberColumn
    settings = {name: number(name, format=form) for name, form in (formats or {}).items()}
    chosen: dict[str, Any] = {"key": key, "on_select": "rerun", "selection_mode": "single-row"}
    event = st.dataframe(
        table, hide_index=True, height=min(height, HEAD + ROW * len(table)), placeholder=NOTHING,
        column_config={**settings, **(columns or {})}, alt=alt, **(chosen if key else {}),
    )  # fmt: skip
    return int(event.selection.rows[0]) if key and event.selection.rows else None
