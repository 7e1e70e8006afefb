"""The first words of the page: what a dot is, what near means, and how far to believe it."""

import streamlit as st

from dashboard.shared import cache
from dashboard.shared.cache import ModelFile

SPELT = ("shift", "substitution", "extension")
"""Relations that overlapping windows and single letters bring about, whatever is learnt."""
CONTEXTS = {
    "all": "the {word}s around it",
    "non-overlapping": "the {word}s around it that share no letter with it",
    "frame": "the {word}s whole codons away",
    "frame-apart": "the {word}s whole codons away that share no base with it",
}
"""What each `TrainConfig.contexts` takes for the context of a k-mer."""


def say(model: ModelFile) -> None:
    """Write the sentences above the map."""
    st.markdown(sentences(model))


def sentences(model: ModelFile) -> str:
    """Return what a dot is, what near means and how much of nearness is spelling, as Markdown."""
    embedding = cache.embedding(model)
    tokenizer, info = embedding.vocabulary.tokenizer, embedding.info
    word = "codon" if tokenizer.k == tokenizer.stride == 3 else tokenizer.word
    contexts = CONTEXTS[info.config.contexts].format(word=word)
    return (
        f"Each dot is one of the {len(embedding):,} {word}s. Two are near when they occur in "
        f"similar contexts: a {word}'s context is {contexts}, in {info.records:,} sequences. "
        + spelling(word, cache.spelling(model), cache.spelling_by_chance(model))
    )


def spelling(word: str, shares: dict[str, float], chance: dict[str, float]) -> str:
    """Return how much of nearness is spelling, as Markdown; "" where it is not known.

    Parameters
    ----------
    word
        What a k-mer is called.
    shares, chance
        Share of each relation among nearest neighbours, and among all other k-mers, 0 to 1.
    """
    if not shares:
        return ""
    found, random = (sum(each.get(kind, 0.0) for kind in SPELT) for each in (shares, chance))
    return (
        f"**{found:.0%}** of a {word}'s ten nearest neighbours are spelt like it, shifted or with "
        f"one letter changed; of random ones {random:.0%} would be."
    )
