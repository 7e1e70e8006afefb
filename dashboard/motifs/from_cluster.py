"""A cluster's motif, and similar known motifs."""

import numpy as np
import streamlit as st

from bioskipgram.motifs.discovery import MEASURES, Matches
from bioskipgram.motifs.library import jaspar
from bioskipgram.motifs.matrix import Motif
from bioskipgram.motifs.matrix_text import meme_text
from dashboard import state
from dashboard.motifs import figures
from dashboard.motifs.cache import cluster_motif, matches
from dashboard.shared import cache, downloads, grid
from dashboard.shared.cache import ModelFile

SHOWN = 50
MEANING = """
The letters of the cluster's k-mers are counted at each position: a matrix. It is compared with each
of JASPAR's, column by column, at every ungapped offset with at least four columns over each other,
on both strands. **p**: the chance that columns drawn at random from all of JASPAR score as high at
the best offset (the method of Tomtom, Gupta et al. 2007); **q**: Benjamini-Hochberg over the 857
motifs.

The clusters of coding sequences are mostly about codons and dinucleotides. **A likeness to a
transcription factor's motif does not mean that the factor binds**, and with k letters even the best
score is often within chance: look at q.
"""


def show(model: ModelFile) -> None:
    """Draw a cluster's logo beside similar known motifs."""
    if not len(cache.found_clusters(model)):
        st.info("This model has no clusters yet; Explore offers to find them.")
        return
    left, right = st.columns([2, 3], gap="medium")
    with left:
        motif, found = _cluster(model)
    with right:
        _known(motif, found)
    with st.expander("What this means"):
        st.markdown(MEANING)


def _cluster(model: ModelFile) -> tuple[Motif, Matches]:
    """Draw the choice of a cluster and its logo; return its motif and the similar ones."""
    names = cache.cluster_names(model)
    sizes = np.bincount(cache.found_clusters(model).labels + 1)[1:]
    cluster = st.selectbox(
        "Cluster", range(len(names)), key=state.MOTIF_CLUSTER,
        format_func=lambda i: f"{i} · {names[i]} ({sizes[i]:,} k-mers)",
    )  # fmt: skip
    measure = st.segmented_control(
        "Columns are compared by", list(MEASURES), default=MEASURES[0], required=True,
        key=state.MOTIF_MEASURE, help="Correlation of the shares, or 2 - their squared distance.",
    )  # fmt: skip
    motif = cluster_motif(model, cluster)
    st.plotly_chart(
        figures.motif_logo(motif), config=figures.STATIC, key="cluster-logo",
        alt=f"Logo of cluster {cluster}, consensus {motif.consensus}",
    )  # fmt: skip
    text = meme_text([(motif.name, motif.weights)])
    with st.container(horizontal=True):
        downloads.button("Matrix (MEME)", f"cluster-{cluster}.meme", lambda: text)
        st.button(
            "Use this motif", icon=":material/arrow_forward:", on_click=use, args=(text,),
            help="Look for it among the k-mers and along sequences.",
        )  # fmt: skip
    return motif, matches(model, cluster, measure)


def use(text: str) -> None:
    """Look for a matrix, MEME text, along sequences."""
    st.session_state[state.MOTIF_FROM] = "Matrix"
    st.session_state[state.MOTIF_TEXT] = text
    st.session_state[state.MOTIF_QUESTION] = "Where is my motif?"
    st.session_state[state.MOTIF_VIEW] = "Along sequences"


def _known(motif: Motif, found: Matches) -> None:
    """List the known motifs; the chosen one's logo is under the cluster's."""
    import pandas as pd

    known = [jaspar()[int(i)] for i in found.targets[:SHOWN]]
    table = pd.DataFrame(
        {
            "known motif": [one.name for one in known],
            "consensus": [one.consensus for one in known],
            "score": found.scores[:SHOWN],
            "columns": found.overlaps[:SHOWN],
            "strand": np.where(found.strands[:SHOWN] > 0, "+", "−"),
            "p": found.p[:SHOWN],
            "q": found.q[:SHOWN],
        }
    )
    significant = int((found.q < 0.05).sum())
    st.markdown(
        f"**{significant} of {len(found)}** JASPAR motifs are more like it than chance (q < 0.05)"
        + ("" if significant else "; the most similar ones are listed")
    )
    row = grid.show(
        table, "Known motifs, the most alike first; choose a row to see both", height=250,
        formats={"p": "%.1e", "q": "%.1e", "score": "%.3f"}, key="known-motifs",
    ) or 0  # fmt: skip
    best, forward = known[row], bool(found.strands[row] > 0)
    turned = best if forward else best.reverse_complement
    st.plotly_chart(
        figures.aligned(motif, turned, int(found.offsets[row])), config=figures.STATIC,
        key="aligned-logos", alt=f"Logo of the cluster over that of {best.name}",
    )  # fmt: skip
    st.caption(
        f"the cluster's motif above, {best.name} below"
        + ("" if forward else " (its reverse complement)")
    )
