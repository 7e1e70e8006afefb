"""Two sets of k-mers against each other: what tells them apart, in words and in tables."""

import numpy as np
import streamlit as st

from bioskipgram.numerics.arrays import Tokens
from dashboard import state
from dashboard.explore import cache as explore
from dashboard.explore import contrast_card, kept, pairs, sentences
from dashboard.shared import cache
from dashboard.shared import text as safe
from dashboard.shared.cache import ModelFile
from dashboard.shared.quality import why_near
from dashboard.state import Focus


def ask(model: ModelFile, tokens: Tokens, title: str) -> None:
    """Draw the choice of another set, and compare the one in focus with it."""
    others = groups(model)
    chosen = st.selectbox(
        "Compare with", list(others), index=None, key=state.COMPARE,
        placeholder="a kept set or a cluster",
        help="Keep sets with the button Keep of their card.",
    )  # fmt: skip
    if chosen is None:
        st.caption("Choose another set: the map shows both, and the card what tells them apart.")
        return
    here = contrast_card.packed(model, tokens)
    st.button(
        "Show both", type="primary", on_click=pairs.open_pair,
        args=((title, here), (chosen, others[chosen])),
    )  # fmt: skip


def groups(model: ModelFile) -> dict[str, bytes]:
    """Return the sets one can compare with, by name: those kept, then the clusters."""
    found, names = cache.found_clusters(model), cache.cluster_names(model)
    clusters = {
        f"Cluster {c} · {name}": state.pack(found.labels == c) for c, name in enumerate(names)
    }
    return kept.sets(model) | clusters


def show(model: ModelFile, focus: Focus) -> None:
    """Draw the card of two sets."""
    st.subheader("What tells them apart", anchor=False)
    found = explore.compared(model, focus.flags, focus.against)
    first, second = (safe.markdown(name) for name in pairs.names_of(focus))
    a, b, both = len(found.only_a), len(found.only_b), len(found.both)
    sizes = f"**{first}** · {a + both:,} k-mers  \n**{second}** · {b + both:,} k-mers"
    st.markdown(f"{sizes}  \n{both:,} in both" if both else sizes)
    if found.enriched_words is None:
        st.info("One set holds the other, so there is nothing to contrast.")
        return
    tested = explore.contrasted(model, focus.flags, focus.against)
    st.markdown(sentences.of_pair(tested, found.enriched_words))
    if both:
        st.caption("What is in both is left out of the tests.")
    traits, spelt = st.tabs(["Properties", "Words"], key=state.TAB_PAIR, on_change="rerun")
    if traits.open:
        with traits:
            contrast_card.property_table(tested, "properties-compared", sides=("A", "B"))
    if spelt.open:
        with spelt:
            contrast_card.word_table(found.enriched_words, "words-compared", sides=("A", "B"))
    st.caption(
        f"Cosine of the two centres {found.centroid_cosine:.2f}; mean cosine of two k-mers: "
        f"{found.within_a:.2f} within A, {found.within_b:.2f} within B, {found.between:.2f} across"
    )
    sets = (
        state.unpack(each, len(cache.embedding(model))) for each in (focus.flags, focus.against)
    )
    why_near.show(model, *(np.flatnonzero(each).astype(np.int32) for each in sets))
