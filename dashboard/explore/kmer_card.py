"""The card of one k-mer: facts, neighbours and occurrences."""

import streamlit as st

from bioskipgram.errors import QueryError
from bioskipgram.kmers.genetic_code import translate
from bioskipgram.model.embedding import KmerEmbedding
from dashboard import state
from dashboard.explore import cache as explore
from dashboard.shared import cache, downloads, figures
from dashboard.shared import text as safe
from dashboard.shared.cache import ModelFile
from dashboard.state import Focus

NEIGHBORS = 40
RELATIONS = {
    "all": (),
    "no shifts": ("shift",),
    "no shifts, no substitutions": ("shift", "substitution", "extension"),
}
"""Choices of the neighbour list: name, and the relations it hides."""


def show(model: ModelFile, token: int) -> None:
    """Draw the card of a k-mer."""
    embedding = cache.embedding(model)
    vocabulary = embedding.vocabulary
    text = vocabulary.texts[token]
    st.html(_coloured(text, figures.letter_colours(vocabulary.tokenizer.alphabet)))
    count = int(vocabulary.counts[token])
    rank = int((vocabulary.counts > count).sum()) + 1
    one, two, three = st.columns(3)
    known = vocabulary.counted
    shown = (f"{count:,}", f"{rank:,}") if known else ("not known", "not known")
    one.metric("Count", shown[0], help="Occurrences in the training sequences")
    two.metric("Rank", shown[1], help=f"1 = most frequent of {len(vocabulary):,}")
    feature, form, values = explore.feature(model)
    three.metric(feature, form.format(values[token]))
    st.markdown(_facts(model, token))
    near, where = st.tabs(["Neighbours", "Where it occurs"], key=state.TAB_KMER, on_change="rerun")
    if near.open:
        with near:
            _neighbors(model, embedding, text)
    if where.open:
        from dashboard.explore import occurrences_card

        with where:
            occurrences_card.occurrences(model, text)


def _facts(model: ModelFile, token: int) -> str:
    """Return translation and reverse complement, where there are, and cluster as a list."""
    embedding = cache.embedding(model)
    nucleotides = bool(embedding.vocabulary.tokenizer.alphabet.complement)
    rows = _strand_facts(embedding, token) if nucleotides else []
    rows.append(f"Cluster · {_cluster(model, token)}")
    return "\n".join(f"- {row}" for row in rows)


def _cluster(model: ModelFile, token: int) -> str:
    """Return the number and name of a k-mer's cluster, or why it has none."""
    if cache.clusters_missing(model):
        return "not found yet"
    label = int(cache.found_clusters(model).labels[token])
    return "noise" if label < 0 else f"{label} · `{cache.cluster_names(model)[label]}`"


def _strand_facts(embedding: KmerEmbedding, token: int) -> list[str]:
    """Return what only nucleotides have: a translation and a reverse complement."""
    text, other = embedding.vocabulary.texts[token], int(embedding.twins[token])
    frames = [translate(text, frame).replace("*", "(stop)") for frame in range(3)]
    lines = [f"frame {f}: **{peptide}**" for f, peptide in enumerate(frames) if peptide]
    rows = ["Translation · " + " · ".join(lines)] if lines else []
    if other == token:
        rows.append("Its own reverse complement (palindrome)")
    elif other >= 0:
        cosine = float(embedding.unit[token] @ embedding.unit[other])
        rows.append(
            f"Reverse complement · `{embedding.vocabulary.texts[other]}`, cosine {cosine:.3f}"
        )
    return rows


def _neighbors(model: ModelFile, embedding: KmerEmbedding, text: str) -> None:
    """List the nearest k-mers in the full space; a chosen row becomes the focus."""
    import pandas as pd

    hide = st.segmented_control(
        "Show", list(RELATIONS), default="all", required=True, key=state.RELATION,
        label_visibility="collapsed",
        help="Neighbours that are the same k-mer moved by a few bases, or with one base changed, "
        "mostly follow from how windows overlap.",
    )  # fmt: skip
    try:
        found = embedding.neighbors(text, NEIGHBORS, hide=RELATIONS[hide])
    except QueryError:
        st.caption(f"No k-mer is left: {hide}.")
        return
    table = pd.DataFrame(
        {"k-mer": embedding.vocabulary.spell(found.tokens),
         "cosine": found.cosines, "relation": found.relations,
         "count": embedding.vocabulary.counts[found.tokens]}
    )  # fmt: skip
    hidden = "" if hide == "all" else f", {hide}"
    st.caption(f"Nearest {len(table)} of {len(embedding) - 1:,} by cosine{hidden}")
    event = st.dataframe(
        table, hide_index=True, height=260, on_select="rerun", selection_mode="single-row",
        key=f"neighbors-{model.name}-{text}-{hide}",
        column_config={
            "cosine": st.column_config.ProgressColumn(
                "cosine", format="%.3f", min_value=0.0, max_value=1.0
            )
        },
        alt=f"Nearest neighbours of {text}; choose a row to go there",
    )  # fmt: skip
    if event.selection.rows:
        state.set_focus(Focus("kmer", int(found.tokens[event.selection.rows[0]])))
        st.rerun()
    downloads.csv(table, f"neighbours-{text}")


def _coloured(kmer: str, colours: dict[str, str]) -> str:
    """Return a k-mer as a heading of HTML, each letter in its colour."""
    return (
        '<div role="heading" aria-level="2" style="font:600 2.1rem/1.2 ui-monospace,monospace;'
        f'letter-spacing:.06em">{safe.letters(kmer, colours)}</div>'
    )
