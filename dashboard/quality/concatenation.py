"""The concatenation test on a page, with its nulls."""

import numpy as np
import streamlit as st

from bioskipgram.kmers.tokenizer import KmerTokenizer
from bioskipgram.model import concatenation
from bioskipgram.model.concatenation import Concatenation
from dashboard.quality import cache as remembered
from dashboard.quality import figures
from dashboard.shared import cache
from dashboard.shared.cache import ModelFile


def show(model: ModelFile) -> None:
    """Offer the concatenation test, and draw its result beside its nulls."""
    tokenizer = cache.embedding(model).vocabulary.tokenizer
    st.markdown("#### The concatenation test: is a sum of two words near their join?")
    st.markdown(_question(tokenizer))
    if not len(concatenation.lengths(tokenizer)):
        return
    key = f"test-{model.name}-{model.stamp}"
    large = len(cache.embedding(model)) > remembered.SAMPLE
    if large and not st.session_state.get(key):
        if not st.button("Measure it", help="It may take half a minute."):
            return
        st.session_state[key] = True
    _result(remembered.concatenated(model), tokenizer)


def _question(tokenizer: KmerTokenizer) -> str:
    if tokenizer.shortest < tokenizer.k:
        return (
            "dna2vec (Ng 2017) found vec(a) + vec(b) near vec(ab), *a* written before *b*. Here: "
            "random words *a* and *b*; how often is *ab* among the 10 nearest of all words?"
        )
    if not len(concatenation.lengths(tokenizer)):
        return (
            f"This model's words are {tokenizer.word}s in steps of {tokenizer.stride}: no two of "
            "them join around a third, so there is nothing to test."
        )
    k, step = tokenizer.k, tokenizer.stride
    return (
        f"dna2vec (Ng 2017) asks whether vec(a) + vec(b) is near vec(ab). All words of this model "
        f"have {k} letters, so *ab* is not one. Instead: take a random string of {k + 2 * step} to "
        f"{2 * k} letters, add its first and its last {k}-mer; how often is the {k}-mer in its "
        "middle among the 10 nearest?"
    )


def _result(found: Concatenation, tokenizer: KmerTokenizer) -> None:
    lengths = np.unique(found.joins.length).tolist()
    places = st.columns(3)
    for place, (name, title) in zip(
        places,
        (("ranks", "a + b"), ("other_partner", "b of another pair"), ("shuffled", "shuffled")),
        strict=True,
    ):
        place.metric(
            f"In first 10, {title}", f"{found.within(10, name):.1%}",
            help=f"Median rank {found.median(name):,.0f} of {found.words:,}",
        )  # fmt: skip
    st.plotly_chart(
        figures.concatenation(found, 10),
        config={"displayModeBar": False},
        alt="Share of sums whose joining word is among the 10 nearest, by length of the string",
    )
    st.caption(_meaning(found, lengths, tokenizer))


def _meaning(found: Concatenation, lengths: list[int], tokenizer: KmerTokenizer) -> str:
    order = (
        "A sum has no order: where the word that joins *b* and *a* (orange) does as well as that "
        "of *a* and *b*, the vectors say what letters there are, not which come first. "
        if found.within(10, "swapped") is not None
        else ""
    )
    overlap = (
        ""
        if tokenizer.shortest < tokenizer.k
        else f"Up to {2 * tokenizer.k - 1} letters *a* and *b* overlap, and the word in the middle "
        f"shares most letters with both: that is spelling. At {lengths[-1]} letters each gives "
        "it half of its own. "
    )
    return (
        f"{len(found.joins):,} pairs, drawn evenly over all strings. {overlap}{order}Grey: *a* "
        "with the *b* of another pair, what *a* reaches alone; and the vectors permuted among "
        "the words, what chance gives."
    )
