"""A list of neighbours on a page: table, downloads, what its relations say, and the map."""

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from bioskipgram.kmers.genetic_code import translate
from bioskipgram.model.neighbors import Neighborhood
from bioskipgram.model.queries import KMER, PATTERN, SEQUENCE, Query
from dashboard import state
from dashboard.kmer_map.content import Colouring, MapLook
from dashboard.shared import cache, downloads, model_map
from dashboard.shared import text as safe
from dashboard.shared.cache import ModelFile
from dashboard.shared.quality import cache as quality
from dashboard.similarity import cache as remembered
from dashboard.similarity import figures

if TYPE_CHECKING:
    import pandas as pd


TINTS = ("the list", "cosine", "relation")
BACK = "comes back"
BACK_HELP = (
    "The chance that it is among the ten nearest again when the model is trained on as many "
    "records drawn with replacement. Grey below 50 %: do not build on it."
)


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
    token = int(query.tokens[0])
    count = int(vocabulary.counts[token])
    rank = int((vocabulary.counts > count).sum()) + 1
    facts = [f"seen **{count:,}** times, rank {rank:,} of {len(vocabulary):,}"]
    facts += [f"{title} {form % value}" for title, form, value in _traits(model, query.tokens)[0]]
    return f"{name} · " + " · ".join(facts)


def _traits(model: ModelFile, tokens: Any) -> list[list[tuple[str, str, Any]]]:
    """Return the further column of a list: name, format and values."""
    vocabulary = cache.embedding(model).vocabulary
    if vocabulary.tokenizer.alphabet.complement:
        content = 100 * cache.property_of(model, "GC content").values[tokens]
        return [
            [("GC", "%.0f %%", float(gc)), ("translation", "%s", translate(text))]
            for gc, text in zip(content, vocabulary.spell(tokens), strict=True)
        ]
    hydropathy = cache.property_of(model, "hydropathy").values[tokens]
    return [[("hydropathy", "%.1f", float(value))] for value in hydropathy]


def table_of(
    model: ModelFile, query_kind: str, found: Neighborhood, *, token: int | None = None
) -> "pd.DataFrame":
    """Return a list as a table: k-mer, cosine, relation, count, GC and translation.

    With the token of the one k-mer that was asked for, also the chance that each neighbour comes
    back, where that was measured.
    """
    import pandas as pd

    vocabulary = cache.embedding(model).vocabulary
    columns: dict[str, Any] = {
        "k-mer": vocabulary.spell(found.tokens),
        "cosine": found.cosines,
        "relation": found.relations,
    }
    if query_kind != KMER:
        columns["to"] = vocabulary.spell(found.origins)
    if token is not None and remembered.stability(model) is not None:
        chances = remembered.chances(model, token, found.tokens)
        columns[BACK] = pd.array(chances, "Float64")
    columns["count"] = vocabulary.counts[found.tokens]
    traits = _traits(model, found.tokens)
    for place, (title, _, _) in enumerate(traits[0]):
        columns[title] = [row[place][2] for row in traits]
    return pd.DataFrame(columns)


def show(model: ModelFile, query: Query, found: Neighborhood, *, key: str) -> None:
    """Draw a list of neighbours; a click on a row makes it the query."""
    token = int(query.tokens[0]) if query.kind == KMER else None
    table = table_of(model, query.kind, found, token=token)
    draw_table(table, key=key, alt=f"Nearest neighbours of {query.label}; choose a row to ask it")
    download(table, f"neighbours-{query.kind}")


def draw_table(table: "pd.DataFrame", *, key: str, alt: str, height: int = 330) -> None:
    """Draw a table of k-mers; a click on a row makes its k-mer the query."""
    low = float(min(0.0, table["cosine"].min()))
    st.dataframe(
        table.style.apply(_faint, axis=1) if BACK in table else table,
        hide_index=True,
        height=height,
        on_select=partial(ask_row, key, tuple(table["k-mer"])),
        selection_mode="single-row",
        key=key,
        column_config={
            "cosine": st.column_config.ProgressColumn(
                "cosine", format="%.3f", min_value=low, max_value=1.0
            ),
            "GC": st.column_config.NumberColumn("GC", format="%.0f %%"),
            BACK: st.column_config.NumberColumn(BACK, format="%.0f %%", help=BACK_HELP),
            "hydropathy": st.column_config.NumberColumn("hydropathy", format="%.1f"),
            "to": st.column_config.TextColumn(
                "to", help="The query's own k-mer that it is nearest to: the relation is to this"
            ),
        },
        alt=alt,
    )


def _faint(row: "pd.Series[Any]") -> list[str]:
    """Return a row's style: grey where the neighbour comes back less often than not."""
    chance = row[BACK]
    unsure = isinstance(chance, float) and chance < 50
    return ["color: #9aa0a6" if unsure else ""] * len(row)


def ask_row(key: str, kmers: tuple[str, ...]) -> None:
    """Make the chosen row's k-mer the query; a table's callback."""
    rows = st.session_state[key]["selection"]["rows"]
    if rows and 0 <= rows[0] < len(kmers):
        ask(kmers[rows[0]])


def ask(text: str) -> None:
    """Make a text the query; a callback, since the box may be drawn already."""
    st.session_state[state.QUERY] = text
    if st.session_state.get(state.SECTION) == state.ARITHMETIC:  # it does not show the query
        st.session_state[state.SECTION] = state.NEIGHBOURS


def download(table: "pd.DataFrame", name: str) -> None:
    """Offer a table of k-mers as CSV and FASTA."""
    with st.container(horizontal=True):
        downloads.csv(table, name)
        downloads.fasta(table, name, "cosine", "count")


def relations(model: ModelFile, query: Query, n: int) -> None:
    """Write how much of a list, nothing hidden, is spelling, beside what is expected."""
    found = remembered.nearest(model, query.text, n, ())
    kinds = [*dict.fromkeys([*_expected(model, query), *found.shares])]
    listed = {kind: found.shares.get(kind, 0.0) for kind in kinds}
    others = {
        "typical list": quality.spelling(model),
        "shuffled training": remembered.shuffled(model),
        "chance": _expected(model, query),
    }
    known = {name: shares for name, shares in others.items() if shares}
    spelt = sum(listed.get(kind, 0.0) for kind in ("shift", "substitution", "extension"))
    st.markdown(
        f"**{spelt:.0%} of the nearest {len(found.tokens)} are spelling**: shifts, "
        "extensions, one letter changed"
    )
    st.plotly_chart(
        figures.shares(listed, known),
        config={"displayModeBar": False},
        alt="Share of each relation: "
        + ", ".join(f"{kind} {share:.0%}" for kind, share in listed.items()),
    )
    st.caption(
        "Bars: this list, nothing hidden. ○ the mean list: the first 10 of 500 k-mers of this model"
        + (" · ◆ the same after training on shuffled sequences" if "shuffled training" in known
           else "")
        + (" · | all other k-mers: what a random list would have" if "chance" in known else "")
        + ". A share near ◆ needs no knowledge of real sequences."
        * ("shuffled training" in known)
    )  # fmt: skip


def _expected(model: ModelFile, query: Query) -> dict[str, float]:
    return {} if query.token is None else remembered.expected(model, query.token)


def draw_map(model: ModelFile, query: Query, found: Neighborhood) -> None:
    """Draw the map with the list highlighted, or all k-mers by cosine or relation to the query."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        config = model_map.choose_layout()
        tint = st.segmented_control(
            "Map shows", TINTS, default=TINTS[0], required=True, key=state.TINT,
            bind="query-params",
            help="The list: its k-mers stand out, coloured by cosine. Cosine: every k-mer by its "
            "cosine to the query. Relation: every k-mer by how it is spelt relative to it.",
        )  # fmt: skip
    lit = np.zeros(len(cache.embedding(model)), np.bool_)
    lit[found.tokens] = True
    lit[query.tokens] = True
    events = model_map.show(
        model,
        config,
        MapLook(
            colouring=_colouring(model, query, tint),
            highlighted=lit if tint == TINTS[0] else None,
            focus=query.token,
            path=query.tokens if query.kind == SEQUENCE else None,
            height=460,
        ),
        key=state.SIMILAR_MAP,
    )
    if events.clicked is not None:
        state.ask_next(cache.embedding(model).vocabulary.spell(np.array([events.clicked]))[0])
        st.rerun()


def _colouring(model: ModelFile, query: Query, tint: str) -> Colouring:
    if tint == "relation" and query.token is not None:
        found = remembered.relation(model, query.token)
        palette = tuple(figures.RELATION_COLOURS[kind] for kind in found.categories)
        return Colouring(found.title, found.values, found.categories, palette)
    found = remembered.similarity(model, query.text)
    return Colouring(found.title, found.values)
