"""What tells a set of k-mers from others: properties and shorter words, with their tests."""

from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from bioskipgram.groups import compare as selections
from bioskipgram.groups.contrast import Contrast
from bioskipgram.groups.enrichment import ANYWHERE, WordEnrichment
from bioskipgram.numerics.arrays import Tokens
from dashboard import state
from dashboard.explore import cache as explore
from dashboard.explore import sentences
from dashboard.shared import cache, downloads
from dashboard.shared.cache import ModelFile

if TYPE_CHECKING:
    import pandas as pd

ROWS = 200
SURE = 0.05
"""The q below which a difference is significant."""
ROW = 27


def properties(model: ModelFile, tokens: Tokens) -> None:
    """Draw the properties in which some k-mers differ from all others."""
    if is_everything(model, tokens):
        return
    property_table(explore.contrasted(model, packed(model, tokens)), "properties")
    _strand_symmetry(model, tokens)


def property_table(
    found: Contrast, name: str, *, sides: tuple[str, str] = ("here", "rest")
) -> None:
    """Draw the properties that tell two sets apart; the file has all that were tested."""
    import pandas as pd

    sure = found.q < SURE
    st.caption(
        f"{int(sure.sum()):,} of {len(found):,} properties differ (q < {SURE}). δ = Cliff's delta: "
        "+1, every k-mer here is above every other one; 0, no difference; of a share, the "
        "difference.",
        help="Mann and Whitney's test of numbers, Fisher's exact test of shares; "
        "q after Benjamini and Hochberg over all of them. Each k-mer counts once.",
    )
    table = pd.DataFrame(
        {"property": found.names, sides[0]: found.inside, sides[1]: found.outside,
         "δ": found.effects, "q": found.q}
    )  # fmt: skip
    shown = table[sure].head(ROWS)
    for place, side in enumerate((found.inside[sure], found.outside[sure])):
        texts = [
            f"{value:.0%}" if share else f"{value:.3g}"
            for value, share in zip(side[:ROWS], found.shares[sure], strict=False)
        ]
        shown = shown.assign(**{sides[place]: texts})
    _draw(shown, "Properties that tell the set from others", {
        "property": st.column_config.TextColumn(width=132),
        **{side: st.column_config.TextColumn(side, width=56) for side in sides},
        "δ": st.column_config.NumberColumn(format="%+.2f", width=50),
        "q": st.column_config.NumberColumn(format="%.0e", width=56),
    })  # fmt: skip
    downloads.csv(table, name, label=f"CSV of all {len(table):,}")


def words(model: ModelFile, tokens: Tokens) -> None:
    """Draw the shorter k-mers that are enriched or depleted, beside a random selection's."""
    if is_everything(model, tokens):
        return
    found = explore.words(model, packed(model, tokens))
    by_chance = explore.words_by_chance(model, len(tokens))
    st.caption(
        f"**{int((found.q < SURE).sum()):,}** of {len(found):,} shorter k-mers differ "
        f"(q < {SURE}); in a random selection of this size {by_chance:,} do.",
        help="Each k-mer counts once; Fisher's exact test, Benjamini-Hochberg q.",
    )
    word_table(found, "words")


def word_table(
    found: WordEnrichment, name: str, *, sides: tuple[str, str] = ("here", "rest")
) -> None:
    """Draw enriched and depleted words; the file has the intervals of the odds ratios, too."""
    import pandas as pd

    places = ["" if p == ANYWHERE else f" at {p + 1}" for p in found.positions]
    table = pd.DataFrame(
        {"word": [f"{word}{at}" for word, at in zip(found.words, places, strict=True)],
         sides[0]: found.inside / found.inside_size, sides[1]: found.outside / found.outside_size,
         "odds ratio": found.odds, "low": found.low, "high": found.high, "q": found.q}
    )  # fmt: skip
    shown = table.drop(columns=["low", "high"]).head(ROWS)
    shown["odds ratio"] = [sentences.rounded(odds) for odds in shown["odds ratio"]]
    percent = {side: st.column_config.NumberColumn(format="percent", width=56) for side in sides}
    _draw(shown, "Shorter k-mers, the most surely enriched or depleted first", {
        "word": st.column_config.TextColumn(width=88, help="at 2 = from the second letter on"),
        **percent,
        "odds ratio": st.column_config.TextColumn(width=76),
        "q": st.column_config.NumberColumn(format="%.0e", width=56),
    })  # fmt: skip
    downloads.csv(table, name, label=f"CSV of all {len(table):,}")


def _draw(table: "pd.DataFrame", alt: str, columns: dict[str, Any]) -> None:
    height = ROW * (1 + min(12, max(2, len(table)))) + 8
    st.dataframe(
        table, hide_index=True, row_height=ROW, height=height, column_config=columns, alt=alt
    )


def _strand_symmetry(model: ModelFile, tokens: Tokens) -> None:
    """Write how many reverse complements the group contains, for k-mers of one strand."""
    embedding = cache.embedding(model)
    tokenizer = embedding.vocabulary.tokenizer
    if tokenizer.canonical or not tokenizer.alphabet.complement:
        return
    found = selections.strand_symmetry(embedding, tokens)
    st.caption(
        f"Reverse complements: **{found.share:.0%}** of the k-mers have theirs in the set too; "
        f"{found.expected_share:.0%} of as many random ones would (p = {found.p:.0e})."
    )


def packed(model: ModelFile, tokens: Tokens) -> bytes:
    """Return some k-mers as `state.pack` gives them."""
    flags = np.zeros(len(cache.embedding(model)), np.bool_)
    flags[tokens] = True
    return state.pack(flags)


def is_everything(model: ModelFile, tokens: Tokens) -> bool:
    """Tell whether there is no rest to compare with."""
    everything = len(tokens) == len(cache.embedding(model))
    if everything:
        st.info("All k-mers are selected: there is no rest to compare them with.")
    return everything
