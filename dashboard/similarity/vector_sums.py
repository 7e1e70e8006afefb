"""Vector arithmetic on a page: sums of queries, and the concatenation test with its nulls."""

import numpy as np
import streamlit as st

from bioskipgram.kmers.tokenizer import KmerTokenizer
from bioskipgram.model import concatenation
from bioskipgram.model.concatenation import Concatenation
from bioskipgram.model.queries import SEQUENCE
from dashboard import state
from dashboard.shared import cache
from dashboard.shared import text as safe
from dashboard.shared.cache import ModelFile
from dashboard.similarity import cache as remembered
from dashboard.similarity import figures, neighbor_list


def arithmetic(model: ModelFile, terms: tuple[str, str], n: int, hide: tuple[str, ...]) -> None:
    """Draw what is nearest to the sum of some queries less that of others."""
    plus, minus = terms
    if not plus.strip() and not minus.strip():
        st.info("Give k-mers to add or to take away, for example one that you know.")
        return
    found = remembered.sum_of(model, plus, minus, n, hide)
    table = neighbor_list.table_of(model, SEQUENCE, found)
    added, taken = (
        " + ".join(safe.code(query.label) for query in remembered.asked(model, text))
        for text in (plus, minus)
    )
    st.markdown(f"Nearest to {added}" + (f" − ({taken})" if taken else "") + ", the terms left out")
    key = f"sum-{model.name}-{plus}-{minus}-{n}-{hide}"
    neighbor_list.draw_table(table, key=key, alt="k-mers nearest to the sum; choose one to ask it")
    neighbor_list.download(table, "vector-sum")
    _alone(model, plus, found.tokens.tolist(), hide)


def ask(model: ModelFile) -> tuple[str, str]:
    """Draw the inputs of terms to add and to subtract; an example while both are empty."""
    example = remembered.sum_example(model) or ("", "", "")
    plus = st.text_input(
        "Add", key=state.PLUS, bind="query-params", placeholder=f"for example {example[0]}",
        help="One or more k-mers, patterns or sequences, separated by commas.",
    )  # fmt: skip
    minus = st.text_input(
        "Take away", key=state.MINUS, bind="query-params", placeholder=f"for example {example[1]}"
    )
    if example[0] and not plus.strip() and not minus.strip():
        changed, other = example[0].split(", ")
        rank = remembered.rank_in_sum(model, *example)
        st.caption(
            f"An example: what `{changed}` is to `{example[1]}`, what is it to `{other}`? By "
            f"letters `{example[2]}`: rank **{rank:,}** of {len(cache.embedding(model)):,}."
        )
        return example[:2]
    return plus, minus


def _alone(model: ModelFile, plus: str, tokens: list[int], hide: tuple[str, ...]) -> None:
    """Write how much of the answer one term alone would give: the null of a sum."""
    terms = remembered.asked(model, plus)
    shared = {
        safe.code(query.label): len(
            set(tokens) & set(remembered.nearest(model, query.text, len(tokens), hide).tokens)
        )
        for query in terms
    }
    if shared:
        st.caption(
            "Of these, "
            + ", ".join(
                f"{count} of {len(tokens)} are among the nearest of {label} alone"
                for label, count in shared.items()
            )
            + ": a sum is always near what is near one of its terms."
        )


def concatenation_test(model: ModelFile) -> None:
    """Offer the concatenation test, and draw its result beside its nulls."""
    tokenizer = cache.embedding(model).vocabulary.tokenizer
    st.markdown("#### Does a sum spell? The concatenation test")
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
