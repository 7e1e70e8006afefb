"""The card of a group of k-mers: a cluster, what a pattern found, or a selection."""

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from bioskipgram.groups import clusters as clustering
from bioskipgram.groups import logos
from bioskipgram.kmers.vocabulary import Vocabulary
from bioskipgram.motifs.matrix_text import filled_up, jaspar_matrix, meme_text
from bioskipgram.numerics.arrays import Counts, Tokens
from dashboard import state
from dashboard.explore import cache as explore
from dashboard.explore import contrast_card, kept, occurrences_card, pair_card, sentences
from dashboard.shared import cache, downloads, figures
from dashboard.shared.cache import ModelFile
from dashboard.state import Focus

if TYPE_CHECKING:
    from collections.abc import Callable


def show(model: ModelFile, tokens: Tokens, title: str, focus: Focus) -> None:
    """Draw the card of some k-mers, int32[n], under a title in plain text."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(title, anchor=False)
        if len(tokens):
            kept.button(model, title, tokens)
    if not len(tokens):
        st.info("No k-mer of this model matches.")
        return
    st.markdown(_sentence(model, tokens, focus))
    pages: dict[str, Callable[[ModelFile, Tokens], object]] = {
        "Summary": partial(_summary, pattern=focus.text if focus.kind == "pattern" else ""),
        "Words": contrast_card.words,
        "Genes": occurrences_card.genes,
        "Compare": partial(pair_card.ask, title=title),
        "List": _members,
    }
    tabs = st.tabs(list(pages), key=state.TAB_GROUP, on_change="rerun")
    for tab, page in zip(tabs, pages.values(), strict=True):
        if tab.open:
            with tab:
                page(model, tokens)


def _sentence(model: ModelFile, tokens: Tokens, focus: Focus) -> str:
    """Return what the group is, in one sentence or two."""
    named = cache.described_clusters(model) if focus.kind == "cluster" else ()
    vocabulary = cache.embedding(model).vocabulary
    word, share = sentences.word_of(vocabulary.tokenizer), vocabulary.share(tokens)
    rest = np.ones(len(vocabulary), np.bool_)
    rest[tokens] = False
    feature, form, values = explore.feature(model)
    corpus = "" if share is None else f" They are {share:.1%} of the corpus."
    others = f" ({form.format(values[rest].mean())} in the others)" if rest.any() else ""
    name = named[focus.number] if named else None
    return (
        sentences.of_group(word, len(tokens), len(vocabulary), name)
        + f"{corpus} Mean {feature} {form.format(values[tokens].mean())}{others}."
    )


def _summary(model: ModelFile, tokens: Tokens, *, pattern: str) -> None:
    embedding = cache.embedding(model)
    vocabulary = embedding.vocabulary
    kmers, tokenizer = vocabulary.kmers, vocabulary.tokenizer
    if pattern:
        starts = cache.match_starts(model, pattern)[tokens]
        made = logos.match_counts(kmers[tokens], starts, tokenizer)
    else:
        center = int(kmers[clustering.medoid(embedding, tokens)])
        made = logos.letter_counts(kmers[tokens], center, tokenizer)
    counts, alphabet = made.counts, tokenizer.alphabet
    st.caption(f"Sequence logo, letters {made.how}")
    st.plotly_chart(
        figures.logo(logos.logo(counts), alphabet),
        config={"displayModeBar": False, "staticPlot": True},
        alt=f"Sequence logo, consensus {logos.consensus(counts, alphabet)}",
    )
    contrast_card.properties(model, tokens)
    _matrices(counts, vocabulary)


def _matrices(counts: Counts, vocabulary: Vocabulary) -> None:
    """Offer the aligned counts as the matrices that motif programs read."""
    alphabet = vocabulary.tokenizer.alphabet
    with st.container(horizontal=True):
        downloads.button(
            "MEME",
            "kmers.meme",
            lambda: meme_text([("selection", filled_up(counts))], alphabet=alphabet),
        )
        if alphabet.complement:
            downloads.button(
                "JASPAR", "kmers.jaspar", lambda: jaspar_matrix(counts, alphabet=alphabet)
            )


def _members(model: ModelFile, tokens: Tokens) -> None:
    """List the k-mers, most frequent first, with downloads."""
    table = explore.table(model).iloc[tokens].sort_values("count", ascending=False)
    event = st.dataframe(
        table, hide_index=True, height=560, row_height=27, on_select="rerun",
        selection_mode="single-row",
        key=f"members-{model.name}-{len(tokens)}-{int(tokens.sum())}",
        column_config=explore.columns(model),
        alt="The k-mers of this group; choose a row to open one",
    )  # fmt: skip
    if event.selection.rows:
        state.set_focus(Focus("kmer", int(table.index[event.selection.rows[0]])))
        st.rerun()
    with st.container(horizontal=True):
        downloads.csv(table, "kmers")
        downloads.fasta(table, "kmers", "count")
