"""A list of neighbours on the page: its query in a line, the table, and what is spelling in it."""

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from bioskipgram.kmers.genetic_code import translate
from bioskipgram.kmers.relations import SPELT
from bioskipgram.model.neighbors import Neighborhood
from bioskipgram.model.queries import KMER, PATTERN, SEQUENCE, Query
from dashboard import state
from dashboard.shared import cache, downloads, neighbor_table
from dashboard.shared import text as safe
from dashboard.shared.cache import ModelFile
from dashboard.shared.quality import cache as quality
from dashboard.similarity import cache as remembered

if TYPE_CHECKING:
    import pandas as pd

NEAREST_TO = "nearest to"


def describe(model: ModelFile, query: Query) -> str:
    """Return a description of a query as a line of markdown."""
    embedding = cache.embedding(model)
    vocabulary = embedding.vocabulary
    name = safe.code(query.text, 60)
    distinct = len(np.unique(query.tokens))
    if query.kind == SEQUENCE:
        windows = len(query.tokens) + query.unknown
        return (
            f"{name} · sequence of {len(query.text):,} {vocabulary.tokenizer.alphabet.unit}s: mean "
            f"direction of **{len(query.tokens):,}** of its {windows:,} k-mers ({distinct:,} "
            f"different), {query.unknown:,} unknown"
        )
    if query.kind == PATTERN:
        return f"{name} · pattern: mean direction of the **{distinct:,}** k-mers that match it"
    facts = [neighbor_table.seen(vocabulary, int(query.tokens[0]))]
    facts += [
        f"{title} {form % values[0]}" for title, form, values in _features(model, query.tokens)
    ]
    return f"{name} · " + " · ".join(facts)


def _features(model: ModelFile, tokens: Any) -> list[tuple[str, str, list[Any]]]:
    """Return further features of k-mers: the name of each, its format and its values."""
    vocabulary = cache.embedding(model).vocabulary
    if not vocabulary.tokenizer.alphabet.complement:
        hydropathy = cache.property_of(model, "hydropathy").values[tokens]
        return [("hydropathy", "%.1f", hydropathy.tolist())]
    content = 100 * cache.property_of(model, "GC content").values[tokens]
    peptides = [translate(text) for text in vocabulary.spell(tokens)]
    return [("GC", "%.0f %%", content.tolist()), ("translation", "%s", peptides)]


def table_of(
    model: ModelFile, query_kind: str, found: Neighborhood, *, token: int | None = None
) -> "pd.DataFrame":
    """Return a list as a table: see `neighbor_table.columns`; count, GC and translation follow."""
    import pandas as pd

    vocabulary = cache.embedding(model).vocabulary
    columns = neighbor_table.columns(
        model, found.tokens, found.cosines, found.relations, token=token
    )
    if query_kind != KMER:
        columns[NEAREST_TO] = vocabulary.spell(found.origins)
    if vocabulary.counted:
        columns["count"] = vocabulary.counts[found.tokens]
    columns |= {title: values for title, _, values in _features(model, found.tokens)}
    return pd.DataFrame(columns)


def show(model: ModelFile, query: Query, found: Neighborhood, *, key: str) -> None:
    """Draw a list of neighbours; a click on a row makes it the query."""
    size = len(cache.embedding(model)) - len(set(query.tokens.tolist()))
    st.caption(f"Nearest {len(found.tokens)} of {size:,} by cosine; a click on a row asks for it")
    token = int(query.tokens[0]) if query.kind == KMER else None
    table = table_of(model, query.kind, found, token=token)
    draw_table(table, key=key, alt=f"Nearest neighbours of {query.label}; choose a row to ask it")
    download(table, f"neighbours-{query.kind}")


def draw_table(table: "pd.DataFrame", *, key: str, alt: str) -> None:
    """Draw a table of k-mers; a click on a row makes its k-mer the query."""
    number = st.column_config.NumberColumn
    neighbor_table.draw(
        table, key=key, alt=alt, on_select=partial(ask_row, key, tuple(table["k-mer"])),
        more={
            "count": number("count", width=60, format="localized"),
            "GC": number("GC", format="%.0f %%", width=52),
            "hydropathy": number("hydropathy", format="%.1f"),
            NEAREST_TO: st.column_config.TextColumn(
                NEAREST_TO, help="The k-mer of the query that is nearest to it: the relation is to "
                "this one", width=84,
            ),
        },
    )  # fmt: skip


def ask_row(key: str, kmers: tuple[str, ...]) -> None:
    """Make the chosen row's k-mer the query; a table's callback."""
    rows = st.session_state[key]["selection"]["rows"]
    if rows and 0 <= rows[0] < len(kmers):
        ask(kmers[rows[0]])


def ask(text: str) -> None:
    """Make a text the query; a callback, since the box may be drawn already."""
    st.session_state[state.QUERY] = text


def download(table: "pd.DataFrame", name: str) -> None:
    """Offer a table of k-mers as CSV and FASTA."""
    with st.container(horizontal=True):
        downloads.csv(table, name)
        downloads.fasta(table, name, *(name for name in ("cosine", "count") if name in table))


def relations(model: ModelFile, query: Query, n: int) -> None:
    """Write how much of a list, nothing hidden, is spelling, beside what is expected."""
    import pandas as pd

    found = remembered.nearest(model, query.text, n, ())
    columns = {
        "this list": found.shares,
        "typical list": quality.spelling(model),
        "after shuffling": remembered.shuffled(model),
        "by chance": {} if query.token is None else remembered.expected(model, query.token),
    }
    columns = {name: shares for name, shares in columns.items() if shares}
    kinds = [*dict.fromkeys(kind for shares in columns.values() for kind in shares)]
    spelt = {name: sum(shares.get(kind, 0) for kind in SPELT) for name, shares in columns.items()}
    beside = [f"{name} {share:.0%}" for name, share in spelt.items() if name != "this list"]
    st.markdown(
        f"**{spelt['this list']:.0%} of the nearest {len(found.tokens)} are spelling**"
        + (f" ({', '.join(beside)})." if beside else "."),
        help=f"{neighbor_table.SPELLING} Typical list: the first ten of 500 k-mers of this model. "
        "After shuffling: the same of a model trained on shuffled sequences; a share near it needs "
        "no knowledge of real ones. By chance: all other k-mers.",
    )
    table = pd.DataFrame(
        {"relation": kinds}
        | {n: [100 * shares.get(kind, 0.0) for kind in kinds] for n, shares in columns.items()}
    )
    percent = {name: st.column_config.NumberColumn(format="%.0f %%") for name in columns}
    st.dataframe(
        table, hide_index=True, row_height=neighbor_table.ROW, column_config=percent,
        height=neighbor_table.ROW * (len(kinds) + 1) + 12,
        alt="Share of each relation in this list, beside what is expected",
    )  # fmt: skip
