"""The card of one k-mer: facts, neighbours, and the genes it is in."""

import numpy as np
import streamlit as st

from bioskipgram.kmers.genetic_code import translate
from bioskipgram.kmers.relations import SPELT
from bioskipgram.model.embedding import KmerEmbedding
from dashboard import state
from dashboard.explore import cache as explore
from dashboard.explore import kept
from dashboard.shared import cache, downloads, letters, neighbor_table
from dashboard.shared import text as safe
from dashboard.shared.cache import ModelFile
from dashboard.shared.quality import why_near
from dashboard.state import Focus

RELATIONS: dict[str, tuple[str, ...]] = {
    "all": (),
    "no shifts": ("shift",),
    "not spelling": SPELT,
}
"""Choices of the neighbour list: name, and the relations it hides."""


def hidden() -> tuple[str, ...]:
    """Return the relations that the list, and the map beside it, leave out."""
    return RELATIONS.get(st.session_state.get(state.RELATION) or "all", ())


def show(model: ModelFile, token: int) -> None:
    """Draw the card of a k-mer."""
    embedding = cache.embedding(model)
    text = embedding.vocabulary.texts[token]
    st.html(_coloured(text, letters.letter_colours(embedding.vocabulary.tokenizer.alphabet)))
    st.markdown(_facts(model, token))
    near, where = st.tabs(["Neighbours", "Genes"], key=state.TAB_KMER, on_change="rerun")
    if near.open:
        with near:
            _neighbors(model, token, text)
    if where.open:
        from dashboard.explore import occurrences_card

        with where:
            given = occurrences_card.genes(model, np.array([token], np.int32))
            occurrences_card.places(model, text, given)


def _facts(model: ModelFile, token: int) -> str:
    """Return count, translation, reverse complement and cluster, a line each."""
    embedding = cache.embedding(model)
    feature, form, values = explore.feature(model)
    seen = neighbor_table.seen(embedding.vocabulary, token)
    rows = [f"{seen} · {feature} {form.format(values[token])}"]
    if embedding.vocabulary.tokenizer.alphabet.complement:
        rows += _strand_facts(embedding, token)
    rows.append(f"Cluster · {_cluster(model, token)}")
    return "  \n".join(rows)


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


def _neighbors(model: ModelFile, token: int, text: str) -> None:
    """List the nearest k-mers in the full space; a chosen row becomes the focus."""
    import pandas as pd

    hide = st.segmented_control(
        "Show", list(RELATIONS), default="all", required=True, key=state.RELATION,
        label_visibility="collapsed", help=neighbor_table.SPELLING,
    )  # fmt: skip
    found = explore.near(model, token, RELATIONS[hide])
    if found is None:
        st.caption(f"No k-mer is left: {hide}.")
        return
    columns = neighbor_table.columns(
        model, found.tokens, found.cosines, found.relations, token=token
    )
    table, size = pd.DataFrame(columns), len(cache.embedding(model)) - 1
    left = "" if hide == "all" else f", {hide}"
    st.caption(f"Nearest {len(table)} of {size:,} by cosine{left}; lit on the map")
    event = neighbor_table.draw(
        table, key=f"neighbors-{model.name}-{text}-{hide}", rows=16,
        alt=f"Nearest neighbours of {text}; choose a row to go there",
    )  # fmt: skip
    why_near.show_one_of(model, np.array([token], np.int32), found.tokens)
    if event.selection.rows:
        state.set_focus(Focus("kmer", int(found.tokens[event.selection.rows[0]])))
        st.rerun()
    with st.container(horizontal=True):
        downloads.csv(table, f"neighbours-{text}")
        kept.button(model, f"{text} and {len(table)} near ({hide})", np.append(found.tokens, token))


def _coloured(kmer: str, colours: dict[str, str]) -> str:
    """Return a k-mer as a heading of HTML, each letter in its colour."""
    return (
        '<div role="heading" aria-level="2" style="font:600 2.1rem/1.2 ui-monospace,monospace;'
        f'letter-spacing:.06em">{safe.letters(kmer, colours)}</div>'
    )
