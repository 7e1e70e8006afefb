"""The card of a variant: what becomes of the codon, of the k-mers, of the score."""

from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from bioskipgram.arrays import Tokens
from bioskipgram.errors import QueryError
from bioskipgram.model.embedding import KmerEmbedding
from bioskipgram.variants.assess import Assessment, Assessor
from bioskipgram.variants.score import Change
from dashboard.kmer_map.message import BASE_COLOURS

if TYPE_CHECKING:
    import pandas as pd


MOST_ROWS = 60
"""k-mers listed of a frameshift that changes all that follow."""
METRICS = (
    (
        "Δ log-odds", "{:+.2f}",
        "Change in the expected log-odds of the changed k-mers and their contexts, in nats. Below "
        "0: the new k-mers go less well with their surroundings than the old ones.",
    ),
    (
        "Window shift", "{:.3f}",
        "1 - cosine of the mean vector of the changed k-mers, before and after: 0 = the same, "
        "1 = nothing in common.",
    ),
    (
        "Gene shift", "{:.1e}",
        "1 - cosine of the mean vector of all k-mers of the gene, before and after. It gets "
        "smaller the longer the gene is; its percentile is freed of that.",
    ),
)  # fmt: skip
"""Name, form and help of each of `effects.MEASURES`."""


def show(assessor: Assessor, found: Assessment) -> None:
    """Draw the card of one variant."""
    st.subheader(f"{plain(found.gene)} {plain(found.consequence.coding)}", anchor=False)
    _codon(found)
    _metrics(found)
    st.markdown(_facts(found))
    text, _ = assessor.text(found.variant.record)
    _kmers(assessor.scorer.embedding, assessor.scorer.change(text, found.variant))


def _codon(found: Assessment) -> None:
    """Write the codons before and after, the changed bases underlined."""
    if not found.consequence.codons:
        return
    old, new = found.consequence.codons.split(">")
    changed = [a != b for a, b in zip(old, new, strict=True)]
    arrow = '<span style="color:#8a8f98"> → </span>'
    st.html(
        '<div style="font:600 1.9rem/1.2 ui-monospace,monospace;letter-spacing:.06em">'
        f"{_coloured(old, changed)}{arrow}{_coloured(new, changed)}</div>"
    )


def _coloured(codon: str, changed: list[bool]) -> str:
    """Return codons as HTML; all letters but A, C, G and T become N."""
    spans = []
    for base, mark in zip(codon, changed, strict=True):
        line = "underline" if mark else "none"
        letter = base if base in BASE_COLOURS else "N"
        colour = BASE_COLOURS.get(base, "#8a8f98")
        spans.append(f'<span style="color:{colour};text-decoration:{line}">{letter}</span>')
    return "".join(spans)


def _metrics(found: Assessment) -> None:
    rows = zip(METRICS, found.values, found.percentiles, strict=True)
    with st.container(horizontal=True, gap="medium"):  # wraps where the page is narrow
        for (name, form, text), value, share in rows:
            st.metric(
                name,
                "not known" if np.isnan(value) else form.format(value),
                None if np.isnan(share) else f"percentile {share:.0f}",
                delta_color="off",
                delta_arrow="off",
                help=text,
                width="content",
            )


def _facts(found: Assessment) -> str:
    """Return what is known of a variant as a list."""
    known = found.consequence
    rows = [f"Consequence · **{known.kind}**, {plain(known.protein)}"]
    if known.amino_acids:
        shown = known.amino_acids.replace("*", "(stop)").replace(">", " → ")
        score = "" if known.blosum62 is None else f", BLOSUM62 {known.blosum62:+d}"
        rows.append(f"Amino acid · {shown}{score}")
    if known.change:
        rows.append(f"Base · {known.change}")
    rows.append(f"CpG · {known.cpg or 'none touched'}")
    if np.isnan(found.percentiles).all():
        rows.append(f"Percentile · none: {_why(found)}")
    else:
        rows.append(
            "Percentile · among all substitutions of the same base between the same neighbours, "
            "to the same new base, in the genes that ship"
        )
    return "\n".join(f"- {row}" for row in rows)


def _why(found: Assessment) -> str:
    """Return why a variant has no percentile."""
    if not found.variant.is_substitution:
        return "only substitutions have a null to be compared with"
    if np.isnan(found.values).all():
        return "no k-mer that the model knows covers this place"
    return "the null has not been made, or there is no known base on both sides"


def _kmers(embedding: KmerEmbedding, change: Change) -> None:
    """List the changed k-mers, window by window."""
    import pandas as pd

    rows = max(len(change.old), len(change.new))
    if not rows:
        st.caption("No k-mer of this model covers this place.")
        return
    st.markdown(f"**{rows} changed {embedding.vocabulary.tokenizer.word}{'s' * (rows > 1)}**")
    sides = {"old": change.old[:MOST_ROWS], "new": change.new[:MOST_ROWS]}
    tokenizer = embedding.vocabulary.tokenizer
    starts = tokenizer.frame + tokenizer.stride * (change.window + np.arange(rows)) + 1
    table = pd.DataFrame({"from base": starts[:MOST_ROWS]})
    for name, tokens in sides.items():
        table[name] = pd.Series([_text(embedding, token) for token in tokens])
    if len(change.old) == len(change.new):
        table["cosine"] = _cosines(embedding, sides["old"], sides["new"])
    for name, tokens in sides.items():
        table[f"{name} count"] = _counts(embedding, tokens)
    for name, tokens in sides.items():
        table[f"nearest to {name}"] = pd.Series(_nearest(embedding, tokens))
    st.dataframe(
        table,
        hide_index=True,
        height=min(36 * len(table) + 38, 290),
        column_config={"cosine": st.column_config.NumberColumn("cosine", format="%.2f")},
        alt="Changed k-mers with their counts and nearest neighbours, before and after",
    )
    st.caption("Nearest by cosine, k-mers that are the same one moved by a few bases left out.")
    if rows > MOST_ROWS:
        st.caption(f"The first {MOST_ROWS} of {rows:,} are shown.")


def _text(embedding: KmerEmbedding, token: int) -> str:
    return embedding.vocabulary.texts[token] if token >= 0 else "unknown"


def _counts(embedding: KmerEmbedding, tokens: Tokens) -> "pd.Series[int]":
    import pandas as pd

    counts = np.where(tokens >= 0, embedding.vocabulary.counts[tokens], 0)
    return pd.Series(counts, dtype="Int64")


def _nearest(embedding: KmerEmbedding, tokens: Tokens) -> list[str]:
    """Return the nearest neighbour of each k-mer that is not a shift of it, "" for unknown."""
    known = [embedding.vocabulary.texts[token] for token in tokens if token >= 0]
    if not known or len(embedding) < 3:
        return [""] * len(tokens)
    try:
        found = embedding.neighbors(known, 12)
    except QueryError:
        return [""] * len(tokens)
    names = {}
    for text, row, relations in zip(known, found.tokens, found.relations, strict=True):
        best = next((i for i, name in enumerate(relations) if not name.startswith("shift")), 0)
        names[text] = embedding.vocabulary.texts[row[best]]
    return [names[embedding.vocabulary.texts[t]] if t >= 0 else "" for t in tokens]


def _cosines(embedding: KmerEmbedding, old: Tokens, new: Tokens) -> "pd.Series[float]":
    import pandas as pd

    both = (old >= 0) & (new >= 0)
    cosines = np.einsum("nd,nd->n", embedding.unit[old], embedding.unit[new])
    return pd.Series(np.where(both, cosines, np.nan))


def plain(text: str) -> str:
    """Return untrusted text so that markdown shows it as it is."""
    return "".join(f"\\{c}" if c in r"\`*_{}[]()#+-.!|<>~$:=" else c for c in text[:80])


def plain_sentence(text: str) -> str:
    """Return a sentence that quotes untrusted text, so that markdown shows it as it is."""
    return "".join(f"\\{c}" if c in r"\`*_{}[]<>~$:" else c for c in text[:600])
