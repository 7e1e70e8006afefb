"""The card of a variant: its effects on the codon, the k-mers and the score."""

from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from bioskipgram.numerics.arrays import Tokens
from bioskipgram.sequences.sequences import Sequences
from bioskipgram.variants.assess import Assessment, Assessor
from bioskipgram.variants.coding import exon_distance
from bioskipgram.variants.score import Change
from bioskipgram.variants.variant import Variant
from dashboard.kmer_map.content import BASE_COLOURS
from dashboard.shared import cache, grid
from dashboard.shared import text as safe
from dashboard.shared.cache import ModelFile
from dashboard.variants import cache as remembered

if TYPE_CHECKING:
    import pandas as pd


MAX_ROWS = 60
"""k-mers listed of a frameshift that changes all that follow."""
METRICS = (
    (
        "Δ log-odds", "{:+.2f} nats",
        "Change in the expected log-odds of the changed k-mers and their contexts, in nats: the "
        "natural logarithm of the odds that a pair of k-mers is a real one and not chance, summed "
        "over all pairs within the window.",
    ),
    (
        "Window shift", "{:.3f}",
        "1 - cosine of the mean vector of the changed k-mers, before and after: 0 = the same, "
        "1 = nothing in common.",
    ),
    (
        "Gene shift", "{:.1e}",
        "1 - cosine of the mean vector of all k-mers of the gene, before and after. It gets "
        "smaller the longer the gene is; its percentile does not depend on that.",
    ),
)  # fmt: skip
"""Name, form and help of each of `score.MEASURES`."""


def show(model: ModelFile, assessor: Assessor, found: Assessment) -> None:
    """Draw the card of one variant."""
    name = f"{safe.markdown(found.gene)} {safe.markdown(found.consequence.coding)}"
    st.subheader(name, anchor=False)
    st.markdown(f"**{found.consequence.kind}**, {safe.markdown(found.consequence.protein)}")
    _codon(found)
    _metrics(found)
    if sentence := score_sentence(found.values[0], found.percentiles[0]):
        st.markdown(sentence)
    st.markdown(_facts(assessor, found))
    text, _ = assessor.text(found.variant.record)
    _kmers(model, assessor.scorer.change(text, found.variant))


def _codon(found: Assessment) -> None:
    """Write the codons before and after, the changed bases underlined."""
    if not found.consequence.codons:
        return
    old, new = found.consequence.codons.split(">")
    changed = frozenset(i for i, (a, b) in enumerate(zip(old, new, strict=True)) if a != b)
    before, after = (safe.letters(each, BASE_COLOURS, underlined=changed) for each in (old, new))
    st.html(
        '<div style="font:600 1.9rem/1.2 ui-monospace,monospace;letter-spacing:.06em">'
        f'{before}<span style="color:#8a8f98"> → </span>{after}</div>'
    )


def _metrics(found: Assessment) -> None:
    rows = zip(METRICS, found.values, found.percentiles, strict=True)
    with st.container(horizontal=True, gap="medium"):  # wraps where the page is narrow
        for (name, form, text), value, share in rows:
            st.metric(
                name, "not known" if np.isnan(value) else form.format(value),
                None if np.isnan(share) else f"percentile {share:.0f}",
                delta_color="off", delta_arrow="off", help=text, width="content",
            )  # fmt: skip


def score_sentence(score: float, percentile: float = np.nan) -> str:
    """Return the meaning of a change in log-odds and its percentile, "" if it is not known."""
    if np.isnan(score):
        return ""
    if not round(score, 2):
        return "To this model the new k-mers are as likely there as the old ones."
    likely = "more" if score > 0 else "less"
    said = f"To this model the new k-mers are **{likely} likely** beside those around them"
    if np.isnan(percentile):
        return f"{said}."
    return (
        f"{said}: the change in log-odds is higher than in {percentile:.0f} % of the like "
        "substitutions of human genes (same base, same neighbours, same new base)."
    )


def splicing(sequences: Sequences, variant: Variant) -> str:
    """Return the distance to a splice site, which the score does not take into account."""
    places = range(variant.position, max(variant.stop, variant.position + 1))
    found = [exon_distance(sequences, variant.record, p) for p in (places[0], places[-1])]
    known = [distance for distance in found if distance is not None]
    if not known:
        return (
            "cannot be seen: this gene's exons are not known here, so a change beside a splice "
            "site looks like any other"
        )
    return f"not scored; {min(known):,} bases of the exon lie between this change and its end"


def _facts(assessor: Assessor, found: Assessment) -> str:
    """Return what is known of a variant as a list."""
    known = found.consequence
    rows = []
    if known.amino_acids:
        shown = known.amino_acids.replace("*", "(stop)").replace(">", " → ")
        score = "" if known.blosum62 is None else f", BLOSUM62 {known.blosum62:+d}"
        rows.append(f"Amino acid · {shown}{score}")
    if known.change:
        rows.append(f"Base · {known.change}")
    rows.append(f"CpG · {known.cpg or 'none touched'}")
    if np.isnan(found.percentiles).all():
        rows.append(f"Percentile · none: {_why(found)}")
    rows.append(f"Splicing · {splicing(assessor.sequences, found.variant)}")
    return "\n".join(f"- {row}" for row in rows)


def _why(found: Assessment) -> str:
    """Return why a variant has no percentile."""
    if not found.variant.is_substitution:
        return "only substitutions have a null to be compared with"
    if np.isnan(found.values).all():
        return "no k-mer that the model knows covers this place"
    return "the null has not been made, or there is no known base on both sides"


def _kmers(model: ModelFile, change: Change) -> None:
    """List the changed k-mers, window by window."""
    tokenizer = cache.embedding(model).vocabulary.tokenizer
    rows = max(len(change.old), len(change.new))
    if not rows:
        st.caption("No k-mer of this model covers this place.")
        return
    st.markdown(f"**{rows} changed {tokenizer.word}{'s' * (rows > 1)}**")
    table = kmer_table(model, change)
    alt = "Changed k-mers with their counts and nearest neighbours, before and after"
    grid.show(table, alt, height=290, formats={"cosine": "%.2f"})
    st.caption("Nearest by cosine, without k-mers that are the same one moved by a few bases.")
    if rows > MAX_ROWS:
        st.caption(f"The first {MAX_ROWS} of {rows:,} are shown.")


def kmer_table(model: ModelFile, change: Change) -> "pd.DataFrame":
    """Return the first `MAX_ROWS` changed k-mers, each before and after."""
    import pandas as pd

    embedding = cache.embedding(model)
    vocabulary, tokenizer = embedding.vocabulary, embedding.vocabulary.tokenizer
    rows = min(MAX_ROWS, max(len(change.old), len(change.new)))
    old, new = (_padded(tokens, rows) for tokens in (change.old, change.new))
    sides = {"old": old, "new": new}
    starts = tokenizer.frame + tokenizer.stride * (change.window + np.arange(rows)) + 1
    table = pd.DataFrame({"from base": starts})
    for side, tokens in sides.items():
        inside = np.arange(rows) < len(getattr(change, side))
        table[side] = [
            vocabulary.texts[token] if token >= 0 else "unknown" if there else None
            for token, there in zip(tokens.tolist(), inside.tolist(), strict=True)
        ]
    if len(change.old) == len(change.new):
        cosines = np.einsum("nd,nd->n", embedding.unit[old], embedding.unit[new])
        table["cosine"] = np.where((old >= 0) & (new >= 0), cosines, np.nan)
    for side, tokens in sides.items():
        counts = [int(vocabulary.counts[token]) if token >= 0 else None for token in tokens]
        table[f"{side} count"] = pd.array(counts, "Int64")
    for side, tokens in sides.items():
        table[f"nearest to {side}"] = [
            remembered.nearest(model, token) or None if token >= 0 else None
            for token in tokens.tolist()
        ]
    return table


def _padded(tokens: Tokens, rows: int) -> Tokens:
    """Return the first tokens, int32[rows], -1 where there are fewer."""
    found: Tokens = np.full(rows, -1, np.int32)
    found[: len(tokens)] = tokens[:rows]
    return found
