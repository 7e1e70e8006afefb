"""A motif among a model's k-mers: on the map, as a table, and in its clusters."""

from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from bioskipgram.motifs.library import KmerMatches
from bioskipgram.numerics.arrays import Flags
from dashboard import state
from dashboard.kmer_map.content import Colouring, MapLook
from dashboard.motifs.cache import Chosen, enrichment, entry, flags, kmers_matching, shares
from dashboard.shared import cache, downloads, grid, model_map
from dashboard.shared.cache import ModelFile

if TYPE_CHECKING:
    import pandas as pd


STRANDS = {"as it stands": False, "both strands": True}
MAX_ROWS = 5000
SURE = 0.05
ORDER = "order of the letters"
MEANING = """
**Score.** The motif is laid over the k-mer at every offset at which at least four columns (or all,
where the k-mer or the motif is shorter) lie over it. The log-odds of those columns are added up,
and the highest sum is divided by the highest that any k-mer can have: 1 = no k-mer scores higher.
For a pattern it is the share of letters that agree. A regular expression matches (1) or not (0).

A k-mer shorter than the motif covers a part of it: **covers** says how many columns, and **of the
whole motif** divides the sum by the highest that a word as long as the motif can have.

**A match is a likeness of letters**, nothing more: not that a protein binds there. Short k-mers
hold only a part of a long motif.
"""
CONTROLS = """
**odds**: of a match inside the cluster over outside (half a k-mer is added to each number).
**q**: Fisher's exact test, one-sided, after Benjamini and Hochberg over the clusters.
**once shuffled**: how many matches the cluster would have if the letters of each of its k-mers were
in random order. Where it would have fewer (p < 0.05) the **order of the letters** explains the
matches, else **which letters** there are: the cluster's base composition. The file also has how
often *any* cluster is as rich when the clusters' labels are shuffled.
"""
SHOWN = ["cluster", "name", "k-mers", "matches", "once shuffled", "explained by", "odds", "q"]


def show(model: ModelFile, chosen: Chosen) -> None:
    """Draw the map, the k-mers and the clusters of a motif."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        threshold = st.slider(
            "Share of the best score", 0.3, 1.0, 0.8, 0.05, key=state.MOTIF_LEAST, width=260,
            help="k-mers with at least this score are highlighted.",
        )  # fmt: skip
        strands = st.segmented_control(
            "k-mers", list(STRANDS), default="as it stands", required=True,
            key=state.MOTIF_STRANDS, bind="query-params",
            help="Whether a k-mer whose reverse complement matches counts as well.",
        )  # fmt: skip
        config = model_map.choose_layout()
    both = STRANDS[strands]
    values = shares(model, chosen, both=both)
    lit = flags(model, chosen, threshold, both=both)
    left, right = st.columns([2, 1], gap="medium")
    with left:
        model_map.show(
            model,
            config,
            MapLook(
                colouring=Colouring("Match, share of the best", values),
                highlighted=lit if lit.any() else None,
                height=480,
            ),
            key=state.MOTIF_MAP,
        )
    with right:
        _table(model, chosen, kmers_matching(model, chosen, both=both), lit)
    _clusters(model, chosen, threshold, both=both)


def _table(model: ModelFile, chosen: Chosen, found: KmerMatches, lit: Flags) -> None:
    import pandas as pd

    vocabulary = cache.embedding(model).vocabulary
    tokens = np.flatnonzero(lit)
    tokens = tokens[np.lexsort((-found.shares[tokens], -found.whole[tokens]))]
    share = vocabulary.share(tokens)
    one, two = st.columns(2)
    one.metric("k-mers", f"{len(tokens):,}", help=f"of {len(vocabulary):,}")
    corpus = "not known" if share is None else f"{share:.1%}"
    two.metric("Of corpus", corpus, help="Share of all k-mers in the training sequences")
    if not len(tokens):
        st.info("No k-mer of this model matches so well. Lower the share of the best score.")
        return
    table = pd.DataFrame(
        {
            "k-mer": [vocabulary.texts[token] for token in tokens],
            "score": found.shares[tokens],
            "of the whole motif": found.whole[tokens],
            "covers": [found.covered(token).removesuffix(" columns") for token in tokens.tolist()],
            "count": vocabulary.counts[tokens],
            "cluster": cache.found_clusters(model).labels[tokens],
        }
    )
    bar = st.column_config.ProgressColumn("score", format="%.3f", min_value=0.0, max_value=1.0)
    if found.length <= vocabulary.tokenizer.k:  # every k-mer can cover all of it
        table = table.drop(columns=["of the whole motif", "covers"])
    alt = f"k-mers that match {entry(chosen).name[:40]}, best first"
    grid.show(
        table.head(MAX_ROWS), alt, columns={"score": bar}, formats={"of the whole motif": "%.2f"}
    )
    if len(table) > MAX_ROWS:
        st.caption(f"showing {MAX_ROWS:,} of {len(table):,}; the downloads have all")
    with st.container(horizontal=True):
        downloads.csv(table, "motif-kmers")
        downloads.fasta(table, "motif-kmers", "score", "count")
    with st.expander("What a match means"):
        st.markdown(MEANING)


def _clusters(model: ModelFile, chosen: Chosen, threshold: float, *, both: bool) -> None:
    import pandas as pd

    st.subheader("In which clusters", anchor=False)
    if not len(cache.found_clusters(model)):
        st.info("This model has no clusters yet.")
        return
    found = enrichment(model, chosen, threshold, both=both)
    if not found.hits.any():
        st.info("No k-mer of any cluster matches.")
        return
    table = pd.DataFrame(
        {
            "cluster": np.arange(len(found.sizes)),
            "name": cache.cluster_names(model),
            "k-mers": found.sizes,
            "matches": found.hits,
            "once shuffled": found.shuffled,
            "explained by": np.select(
                [found.q >= SURE, found.shuffled_p < SURE], ["", ORDER], "which letters"
            ),
            "odds": found.odds,
            "p": found.p,
            "q": found.q,
            "p once shuffled": found.shuffled_p,
            "share of shuffled labels with a cluster as rich": found.permuted,
        }
    ).sort_values("p", kind="stable", ignore_index=True)
    st.markdown(_sentence(table))
    formats = {"q": "%.1e", "odds": "%.1f", "once shuffled": "%.1f"}
    alt = "Clusters, the richest in matches first, with odds, q and what explains the matches"
    grid.show(table[SHOWN], alt, height=280, formats=formats)
    downloads.csv(table, "motif-clusters")
    st.caption(
        f"{found.permutations:,} permutations of the labels, {found.shuffles} shuffles of letters"
    )
    with st.expander("What the columns mean"):
        st.markdown(CONTROLS)


def _sentence(table: "pd.DataFrame") -> str:
    """Return the answer in plain words."""
    rich = table[table["q"] < SURE]
    if rich.empty:
        return "No cluster is richer in matches than expected by chance (q < 0.05)."
    order = int((rich["explained by"] == ORDER).sum())
    first = rich.iloc[0]
    return (
        f"**{len(rich)} of {len(table)} clusters** are richer in matches than the rest (q < 0.05); "
        f"in **{order}** of them the order of the letters matters, not only which they are. "
        f"First: cluster {first['cluster']} · `{first['name']}` with {first['matches']} "
        f"of {first['k-mers']} k-mers, {first['once shuffled']:.1f} once shuffled."
    )
