"""Characteristics of a group of k-mers: enriched words, features, another group."""

import numpy as np
import streamlit as st

from bioskipgram.groups import compare as selections
from bioskipgram.groups.enrichment import ANYWHERE, WordEnrichment
from bioskipgram.groups.features import Features
from bioskipgram.numerics.arrays import Tokens
from dashboard import state
from dashboard.explore import cache as explore
from dashboard.shared import cache, downloads
from dashboard.shared.cache import ModelFile

ROWS = 200
SURE = 0.05
"""The q below which an enrichment is significant."""


def words(model: ModelFile, tokens: Tokens) -> None:
    """Draw the shorter k-mers that are enriched or depleted, beside a random selection's."""
    if _is_everything(model, tokens):
        return
    found = explore.words(model, _packed(model, tokens))
    by_chance = explore.words_by_chance(model, len(tokens))
    st.caption(
        f"**{int((found.q < SURE).sum()):,}** of {len(found):,} shorter k-mers differ "
        f"(q < {SURE}); in a random selection of this size {by_chance:,} do. "
        "k-mers count once each; Fisher's exact test, Benjamini-Hochberg q."
    )
    _word_table(found, "words")


def _word_table(found: WordEnrichment, name: str, *, other: str = "rest") -> None:
    import pandas as pd

    places = ["any" if p == ANYWHERE else str(p + 1) for p in found.positions]
    table = pd.DataFrame(
        {"word": found.words, "at": places,
         "in": found.inside / found.inside_size, other: found.outside / found.outside_size,
         "odds": found.odds, "low": found.low, "high": found.high, "q": found.q}
    )  # fmt: skip
    percent = st.column_config.NumberColumn(format="percent")
    st.dataframe(
        table.head(ROWS), hide_index=True, height=280,
        column_config={
            "at": st.column_config.TextColumn(help="Position in the k-mer; any = anywhere"),
            "in": percent, other: percent,
            "odds": st.column_config.NumberColumn(format="%.2f", help="Odds ratio"),
            "low": st.column_config.NumberColumn(format="%.2f", help="95 % interval"),
            "high": st.column_config.NumberColumn(format="%.2f", help="95 % interval"),
            "q": st.column_config.NumberColumn(format="%.1e"),
        },
        alt="Shorter k-mers, the most surely enriched or depleted first",
    )  # fmt: skip
    downloads.csv(table, name, label=f"CSV of all {len(table):,}")


def features(model: ModelFile, tokens: Tokens) -> None:
    """Draw the features in which the group differs from the rest."""
    if _is_everything(model, tokens):
        return
    _strand_symmetry(model, tokens)
    packed = _packed(model, tokens)
    choices = {"What differs most": explore.differing, "Composition": explore.composition}
    chosen = st.segmented_control(
        "Features", list(choices), default="What differs most", required=True,
        label_visibility="collapsed", key=state.FEATURES,
    )  # fmt: skip
    _feature_table(choices[chosen](model, packed), chosen.lower().replace(" ", "-"))


def _strand_symmetry(model: ModelFile, tokens: Tokens) -> None:
    """Write how many reverse complements the group contains, for k-mers of one strand."""
    embedding = cache.embedding(model)
    tokenizer = embedding.vocabulary.tokenizer
    if tokenizer.canonical or not tokenizer.alphabet.complement:
        return
    found = selections.strand_symmetry(embedding, tokens)
    st.caption(
        f"Reverse complements: **{found.share:.0%}** of the k-mers have theirs in the group too; "
        f"{found.expected_share:.0%} of as many random ones would (p = {found.p:.1e})."
    )


def _feature_table(found: Features, name: str, *, other: str = "rest") -> None:
    import pandas as pd

    table = pd.DataFrame(
        {"feature": found.names, "of": found.groups, "in": found.inside, other: found.outside,
         "effect": found.effects, "measure": found.measures, "q": found.q}
    )  # fmt: skip
    number = st.column_config.NumberColumn(format="%.3g")
    st.dataframe(
        table.head(ROWS), hide_index=True, height=280,
        column_config={
            "in": number, other: number,
            "effect": st.column_config.NumberColumn(
                format="%.2f",
                help="Cliff's delta of a number, -1 to 1; log2 of the odds ratio of a share",
            ),
            "q": st.column_config.NumberColumn(format="%.1e"),
        },
        alt="Features of the group beside the rest",
    )  # fmt: skip
    downloads.csv(table, name)


def compare(model: ModelFile, tokens: Tokens) -> None:
    """Draw the group beside another: a kept selection or a cluster."""
    others = _others(model)
    chosen = st.selectbox(
        "Compare with", list(others), index=None, key=state.COMPARE,
        placeholder="a kept selection or a cluster",
        help="Selections are kept under a name on the K-mers tab.",
    )  # fmt: skip
    if chosen is None:
        st.caption("Choose another group: what do both have, and in what do they differ?")
        return
    other = np.flatnonzero(state.unpack(others[chosen], len(cache.embedding(model))))
    found = explore.compared(model, _packed(model, tokens), others[chosen])
    one, two, three = st.columns(3)
    one.metric("Only here", f"{len(found.only_a):,}", help=f"of {len(tokens):,}")
    two.metric("In both", f"{len(found.both):,}", help=f"Jaccard {found.jaccard:.2f}")
    three.metric("Only there", f"{len(found.only_b):,}", help=f"of {len(other):,}")
    st.caption(
        f"Cosine of the two centres {found.centroid_cosine:.2f} · mean cosine of two k-mers: "
        f"{found.within_a:.2f} here, {found.within_b:.2f} there, {found.between:.2f} across"
    )
    if found.enriched_words is None or found.features is None:
        st.info("One group holds the other, so there is nothing to contrast.")
        return
    _word_table(found.enriched_words, "words-compared", other="there")
    _feature_table(found.features, "features-compared", other="there")


def _others(model: ModelFile) -> dict[str, bytes]:
    """Return the groups one can compare with, by name."""
    found, names = cache.found_clusters(model), cache.cluster_names(model)
    clusters = {
        f"Cluster {c} · {name}": state.pack(found.labels == c) for c, name in enumerate(names)
    }
    return state.saved(explore.stamp(model)) | clusters


def _packed(model: ModelFile, tokens: Tokens) -> bytes:
    flags = np.zeros(len(cache.embedding(model)), np.bool_)
    flags[tokens] = True
    return state.pack(flags)


def _is_everything(model: ModelFile, tokens: Tokens) -> bool:
    """Tell whether there is no rest to compare with."""
    everything = len(tokens) == len(cache.embedding(model))
    if everything:
        st.info("All k-mers are selected: there is no rest to compare them with.")
    return everything
