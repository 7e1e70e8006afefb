"""The parts of the Genes page that show all records at once: report, heat-map, tree, files."""

from functools import partial
from typing import Any

import numpy as np
import streamlit as st

from bioskipgram.config import PoolConfig
from bioskipgram.genes import bootstrap, formats, trees
from bioskipgram.numerics.arrays import Doubles
from dashboard import state
from dashboard.genes import cache as remembered
from dashboard.genes import figures, tables
from dashboard.shared import downloads, grid
from dashboard.shared import text as safe
from dashboard.shared.cache import ModelFile, Upload

MOST_IN_MATRIX = 1500
"""Records whose whole matrix is offered as a file: 18 MB of text."""
MOST_IN_TSV = 2_000_000
FILES = {
    ".tsv": "text/tab-separated-values", ".npz": "application/zip", ".h5ad": "application/x-hdf5",
}  # fmt: skip
MEASURES = {"cosine of the vectors": "cosine", "Mash distance of the k-mers": "mash"}
UNITS = {"cosine": "1 − cosine", "mash": "Mash distance"}
TREES = {"Neighbour joining": "nj", "UPGMA": "upgma"}


def report(model: ModelFile, upload: Upload, pool: PoolConfig) -> None:
    """Draw the table of what each record is, and what was left out."""
    table = remembered.report(model, upload, pool)
    troubled = int((table["warnings"] != "").sum())
    st.markdown(
        f"**{len(table):,} {'record' if len(table) == 1 else 'records'}** · "
        + (f"{troubled:,} with warnings" if troubled else "none with a warning")
    )
    columns: dict[str, Any] = {
        "record": st.column_config.NumberColumn("record", width=60),
        "GC %": st.column_config.NumberColumn("GC %", format="%.1f", width=70),
        "warnings": st.column_config.TextColumn("warnings", width="large"),
    }
    alt = "Every record with its length, GC, reading frame and warnings"
    grid.show(table, alt, height=460, columns=columns)
    downloads.csv(table, "report")


def heat_map(model: ModelFile, upload: Upload, pool: PoolConfig) -> None:
    """Draw the cosines of all records under their dendrogram."""
    names = upload.records.sequences.names
    if len(names) < 2:
        st.info("A heat-map compares records with one another; give at least two.")
        return
    found = remembered.similarity(model, upload, pool)
    st.plotly_chart(
        figures.heat_map(found, names), key="gene_heat_map", config={"displaylogo": False},
        alt="Cosine of every two records, in the order of the dendrogram above",
    )  # fmt: skip
    grouped = len(found) < len(names) - found.left_out
    st.caption(
        f"Cosines of {pool.pooling} vectors; records in the order of average linkage on 1 − cosine"
        + (
            f" · {len(names) - found.left_out:,} records in {len(found):,} groups, each cell the "
            "mean over two groups' records"
            if grouped
            else ""
        )
        + (f" · {found.left_out:,} further records are not shown" if found.left_out else "")
    )


def tree(model: ModelFile, upload: Upload, pool: PoolConfig) -> None:
    """Draw the records' tree and offer it as Newick."""
    names = upload.records.sequences.names
    if len(names) < 2:
        st.info("A tree needs at least two records.")
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        method = st.segmented_control(
            "Tree", list(TREES), default="Neighbour joining", required=True, key=state.GENES_TREE,
            persist_state="session",
        )  # fmt: skip
        by = st.segmented_control(
            "Distances", list(MEASURES), default=next(iter(MEASURES)), required=True,
            key=state.GENES_TREE_BY, persist_state="session",
            help="Mash distance needs no model: the tree to compare with.",
        )  # fmt: skip
        measure = MEASURES[by]
        ask = measure == "cosine" and len(names) > 3
        asked = ask and st.toggle(
            "Support values", key=state.GENES_SUPPORT, persist_state="session",
            help=f"How often each group is found again in {bootstrap.SAMPLES} trees of k-mers "
            "drawn with replacement (Felsenstein 1985). Shown from 50 % on; the file has all.",
        )  # fmt: skip
    found = remembered.tree(model, upload, pool, TREES[method], measure)
    shares = _support(model, upload, pool, TREES[method]) if asked else None
    st.plotly_chart(
        figures.tree_figure(found, UNITS[measure], shares), key="gene_tree",
        config={"displaylogo": False}, alt=f"{method} tree of {len(found.names):,} records",
    )  # fmt: skip
    left, right = st.columns([3, 1], vertical_alignment="center")
    left.caption(
        f"{method} on {by}"
        + (
            f" · the first {len(found.names):,} of {len(names):,} records"
            if len(found.names) < len(names)
            else ""
        )
        + (" · unrooted: the root only says where drawing begins" if found.method == "nj" else "")
        + (f" · numbers: support in % of {bootstrap.SAMPLES} trees" if asked else "")
    )
    with right:
        downloads.button("Newick", "tree.nwk", lambda: trees.newick(found, shares))


def _support(model: ModelFile, upload: Upload, pool: PoolConfig, method: str) -> Doubles:
    """Return the support of the tree's groups; a click stops it, and what is done is kept."""
    bar, parts = st.empty(), []
    for block in range(bootstrap.SAMPLES // remembered.BLOCK):
        bar.progress(
            block * remembered.BLOCK / bootstrap.SAMPLES,
            f"{block * remembered.BLOCK} of {bootstrap.SAMPLES} trees of drawn k-mers …",
        )
        parts.append(remembered.support(model, upload, pool, method, block))
    bar.empty()
    shares: Doubles = np.mean(parts, axis=0)
    return shares


def files(model: ModelFile, upload: Upload, pool: PoolConfig) -> None:
    """Offer the vectors and the matrix as files, made on demand."""
    genes = remembered.vectors(model, upload, pool)
    with st.popover("Download", icon=":material/download:"):
        for suffix, mime in FILES.items():
            made = partial(formats.genes_bytes, genes, suffix)
            if suffix != ".tsv" or genes.vectors.size <= MOST_IN_TSV:
                downloads.button(f"Vectors {suffix}", f"gene-vectors{suffix}", made, mime)
        if len(genes) <= MOST_IN_MATRIX:
            downloads.button(
                "Matrix of cosines .csv", "gene-cosines.csv",
                lambda: tables.matrix_csv(genes.names, genes.cosine()), "text/csv",
            )  # fmt: skip
        else:
            st.caption(
                f"A matrix of cosines is made of up to {MOST_IN_MATRIX:,} records; more are "
                "better compared from their vectors."
            )


def describe(model: ModelFile, example: str) -> None:
    """Write what the records are, if an example, and what they are compared with."""
    reference, own, why = remembered.reference(model)
    said = [f"The {example}, human coding sequences that ship"] if example else []
    if reference is None:
        said.append(
            f"no reference genes: {safe.error(why)}. Records are compared with one another alone"
        )
    elif own:
        said.append(f"compared with {len(reference):,} reference genes")
    else:
        said.append(
            "this model has no reference genes of its own: the "
            f"{len(reference):,} named human genes that ship stand in"
        )
    text = " · ".join(said)
    st.caption(text[0].upper() + text[1:], width="content")
