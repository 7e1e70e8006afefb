"""The card of a group of k-mers: a cluster, what a pattern found, or a selection."""

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from bioskipgram.groups import clusters as clustering
from bioskipgram.groups import logos
from bioskipgram.kmers.vocabulary import Vocabulary
from bioskipgram.motifs.matrix_text import filled_up, jaspar_matrix, meme_text
from bioskipgram.numerics.arrays import Counts, Doubles, Offsets, Tokens
from dashboard import state
from dashboard.explore import cache as explore
from dashboard.explore import enrichment_card, occurrences_card, sentences
from dashboard.shared import cache, downloads, figures
from dashboard.shared.cache import ModelFile
from dashboard.state import Focus

if TYPE_CHECKING:
    from collections.abc import Callable


def show(model: ModelFile, tokens: Tokens, title: str, focus: Focus) -> None:
    """Draw the card of some k-mers, int32[n], under a title in Markdown."""
    st.subheader(title, anchor=False)
    if not len(tokens):
        st.info("No k-mer of this model matches.")
        return
    named = cache.described_clusters(model) if focus.kind == "cluster" else ()
    name = named[focus.number] if named else None
    vocabulary = cache.embedding(model).vocabulary
    word = sentences.word_of(vocabulary.tokenizer)
    st.markdown(sentences.of_group(word, len(tokens), len(vocabulary), name))
    pattern = focus.text if focus.kind == "pattern" else ""
    _metrics(model, tokens)
    pages: dict[str, Callable[[ModelFile, Tokens], None]] = {
        "Logo": partial(_logo, pattern=pattern),
        "Enrichment": enrichment_card.words,
        "Features": enrichment_card.features,
        "Genes": occurrences_card.genes,
        "Compare": enrichment_card.compare,
        "K-mers": _members,
    }
    tabs = st.tabs(list(pages), key=state.TAB_GROUP, on_change="rerun")
    for tab, page in zip(tabs, pages.values(), strict=True):
        if tab.open:
            with tab:
                page(model, tokens)


def _metrics(model: ModelFile, tokens: Tokens) -> None:
    embedding = cache.embedding(model)
    feature, form, values = explore.feature(model)
    rest = _rest(len(embedding), tokens)
    one, two, three = st.columns(3)
    one.metric("k-mers", f"{len(tokens):,}", help=f"{len(tokens) / len(embedding):.1%} of all")
    share = embedding.vocabulary.share(tokens)
    corpus = "not known" if share is None else f"{share:.1%}"
    two.metric("Share of corpus", corpus, help="Of all k-mers in the training sequences")
    three.metric(
        feature,
        form.format(values[tokens].mean()),
        help=f"All others: {form.format(values[rest].mean())}" if len(rest) else None,
    )


def _rest(size: int, tokens: Tokens) -> Offsets:
    """Return all other tokens, int64."""
    others = np.ones(size, np.bool_)
    others[tokens] = False
    return np.flatnonzero(others)


def _logo(model: ModelFile, tokens: Tokens, *, pattern: str) -> None:
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
    st.caption(f"Letters {made.how}")
    st.plotly_chart(
        figures.logo(logos.logo(counts), alphabet),
        config={"displayModeBar": False, "staticPlot": True},
        alt=f"Sequence logo, consensus {logos.consensus(counts, alphabet)}",
    )
    _matrices(counts, vocabulary)
    selected, others = (
        _shares(vocabulary, group) for group in (tokens, _rest(len(embedding), tokens))
    )
    st.plotly_chart(
        figures.composition(selected, others, alphabet),
        config={"displayModeBar": False},
        alt=f"Share of each {alphabet.unit} in the selection and in all other k-mers",
    )


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


def _shares(vocabulary: Vocabulary, group: Tokens | Offsets) -> Doubles:
    """Return the share of each letter in some k-mers, float64[A]."""
    tokenizer = vocabulary.tokenizer
    bases, letters = tokenizer.bases(vocabulary.kmers[group]), tokenizer.alphabet.unknown
    counts = np.bincount(bases.ravel(), minlength=letters)[:letters]
    shares: Doubles = counts / max(1, counts.sum())
    return shares


def _members(model: ModelFile, tokens: Tokens) -> None:
    """List the k-mers, most frequent first, with downloads and saving."""
    table = explore.table(model).iloc[tokens].sort_values("count", ascending=False)
    event = st.dataframe(
        table, hide_index=True, height=260, on_select="rerun", selection_mode="single-row",
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
    _ask_name(model, tokens)


def _ask_name(model: ModelFile, tokens: Tokens) -> None:
    """Draw the input of a name, to save the group for later."""

    def keep() -> None:
        name = str(st.session_state[state.SAVE_AS]).strip()
        flags = np.zeros(len(cache.embedding(model)), np.bool_)
        flags[tokens] = True
        if name:
            state.saved(explore.stamp(model))[name] = state.pack(flags)
            st.session_state[state.SAVE_AS] = ""

    st.text_input(
        "Keep as", key=state.SAVE_AS, placeholder="a name, then Enter", on_change=keep,
        max_chars=60, help="Kept until the page is closed: on the overview, and under Compare.",
    )  # fmt: skip
