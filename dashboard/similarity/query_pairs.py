"""Comparison of several queries: the matrix of their cosines, and two lists side by side."""

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from bioskipgram.model import compare
from bioskipgram.model.compare import TwoLists
from bioskipgram.model.queries import Query
from dashboard.shared import cache, downloads, neighbor_table
from dashboard.shared import text as safe
from dashboard.shared.cache import ModelFile
from dashboard.shared.quality import why_near
from dashboard.similarity import cache as remembered
from dashboard.similarity import figures, neighbor_list

if TYPE_CHECKING:
    import pandas as pd


def matrix(model: ModelFile, text: str) -> None:
    """Draw the cosines of all queries of a text as a heat map."""
    import pandas as pd

    queries, cosines = remembered.asked(model, text), remembered.cosines(model, text)
    labels = [query.label for query in queries]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**Cosine of every two** of {len(queries)} queries", width="content")
        ordered = st.toggle(
            "Group alike", value=True, key="group_alike",
            help="Order by average linkage on 1 - cosine, the tree above; off: the order you gave.",
        )  # fmt: skip
    linkage = compare.tree(cosines) if ordered and len(queries) > 2 else None
    st.plotly_chart(
        figures.matrix(cosines, labels, linkage),
        config={"displaylogo": False},
        alt=f"Heat map of the cosines of {len(queries)} queries",
    )
    table = pd.DataFrame(cosines, columns=labels)
    table.insert(0, "query", labels)
    downloads.csv(table, "cosines", label="Matrix as CSV")


def two_queries(model: ModelFile, first: Query, second: Query, n: int) -> TwoLists:
    """Draw the neighbours of two queries side by side and their differences; return the lists."""
    st.markdown(neighbor_list.describe(model, first))
    st.markdown(neighbor_list.describe(model, second))
    found = remembered.two_lists(model, first.text, second.text, n)
    cosine = remembered.cosines(model, f"{first.text}\n{second.text}")[0, 1]
    st.markdown(
        f"Cosine of the two **{cosine:.3f}**; they share **{found.shared} of {found.n}** nearest "
        f"k-mers, two random lists would share {found.expected:.2g}."
    )
    why_near.show(model, first.tokens, second.tokens)
    _lists(model, found, first, second)
    _leanings(model, first, second, found.n)
    return found


def _lists(model: ModelFile, found: TwoLists, first: Query, second: Query) -> None:
    table = _table(model, found, first, second)
    key = f"two-{model.name}-{first.text}-{second.text}-{found.n}"
    kmers = tuple(table["k-mer"])
    st.caption("Both lists, the nearest to either first; a click on a row asks for it")
    st.dataframe(
        table,
        hide_index=True,
        height=38 + neighbor_table.ROW * 20,
        row_height=neighbor_table.ROW,
        on_select=partial(neighbor_list.ask_row, key, kmers),
        selection_mode="single-row",
        key=key,
        column_config={
            "in": st.column_config.TextColumn("in", help="Which of the lists holds it"),
            "difference": st.column_config.NumberColumn(
                help="Rank for the second less rank for the first, among all k-mers"
            ),
            **{f"rank {i}": st.column_config.NumberColumn(width=56) for i in "12"},
            **{f"cosine {i}": st.column_config.NumberColumn(format="%.3f") for i in "12"},
        },
        alt=f"Neighbours of {first.label} and of {second.label}",
    )
    downloads.csv(table, "two-queries")


def _table(model: ModelFile, found: TwoLists, first: Query, second: Query) -> "pd.DataFrame":
    import pandas as pd

    ranks = found.ranks
    listed = (ranks > 0) & (ranks <= found.n)
    which = np.where(listed.all(axis=0), "both", np.where(listed[0], "first", "second"))
    own = (ranks == 0).any(axis=0)
    columns: dict[str, Any] = {
        "k-mer": cache.embedding(model).vocabulary.spell(found.tokens),
        "in": which,
        "rank 1": ranks[0],
        "rank 2": ranks[1],
        "difference": pd.array(np.where(own, 0, ranks[1] - ranks[0]), dtype="Int64"),
        "cosine 1": found.cosines[0].round(3),
        "cosine 2": found.cosines[1].round(3),
    }
    columns["difference"][own] = pd.NA  # it is part of one query
    return pd.DataFrame(columns)


def _leanings(model: ModelFile, first: Query, second: Query, n: int) -> None:
    """Show the k-mers that are much nearer to one of the queries."""
    st.markdown("**What tells them apart**: nearest to one less the other")
    sides = zip(st.columns(2), ((first, second), (second, first)), strict=True)
    for place, (near, far) in sides:
        found = remembered.sum_of(model, near.text, far.text, min(n, 10), ())
        words = cache.embedding(model).vocabulary.spell(found.tokens)
        place.markdown(
            f"Nearer to {safe.code(near.label)}  \n" + " ".join(f"`{word}`" for word in words)
        )
