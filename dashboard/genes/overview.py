"""The parts of the Genes page that show all records at once: report, map, heat-map, tree."""

from functools import partial
from typing import Any

import numpy as np
import streamlit as st

from bioskipgram.config import PoolConfig, ProjectionConfig
from bioskipgram.genes import formats, trees
from bioskipgram.genes.reference import Reference
from dashboard import state
from dashboard.genes import cache as remembered
from dashboard.genes import figures, nearest, tables
from dashboard.genes.labels import cache as labels
from dashboard.genes.labels import enriched
from dashboard.shared import downloads, errors, grid
from dashboard.shared import text as safe
from dashboard.shared.cache import ModelFile, Upload
from dashboard.shared.model_map import METHODS, watch_job

MOST_IN_MATRIX = 1500
"""Records whose whole matrix is offered as a file: 18 MB of text."""
MOST_IN_TSV = 2_000_000
FILES = {
    ".tsv": "text/tab-separated-values", ".npz": "application/zip", ".h5ad": "application/x-hdf5",
}  # fmt: skip
MEASURES = {"cosine of the vectors": "cosine", "Mash distance of the k-mers": "mash"}
UNITS = {"cosine": "1 − cosine", "mash": "Mash distance"}
PLACED = {
    "pca": "on the same axes",
    "tsne": "put there by openTSNE's transform: the reference genes stay where they are",
    "umap": "put there as UMAP's transform does: the reference genes stay where they are",
}
COLOURS = ["one colour", "domain", "family", "chromosome", "length", "GC"]
UNITS_OF = {"length": "log10 bases", "GC": "GC %"}
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


def gene_map(model: ModelFile, upload: Upload, pool: PoolConfig) -> None:
    """Draw the records among the reference genes; below, those nearest to the one clicked."""
    reference = remembered.reference(model)[0]
    if reference is None:
        st.info("The map shows records among reference genes, and this model has none.")
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        method = st.segmented_control(
            "Layout", list(METHODS), default="PCA", required=True, key=state.GENES_LAYOUT,
            persist_state="session",
        )  # fmt: skip
        colour = st.segmented_control(
            "Colour the reference genes by", COLOURS, default=COLOURS[0], required=True,
            key=state.GENES_COLOUR, persist_state="session",
        )  # fmt: skip
    config = ProjectionConfig(method=METHODS[method])
    layout = remembered.gene_layout(model, pool, config)
    if layout is None:
        _offer(model, pool, config, method)
        return
    points = remembered.placed(model, upload, pool, config, layout)
    names = upload.records.sequences.names
    axes = ("component 1", "component 2") if config.method == "pca" else ("", "")
    colours, unit = labels.gene_colours(model, colour), UNITS_OF.get(colour, "")
    figure = figures.gene_map(
        layout.points, reference.names, points, names, axes=axes, colours=colours, unit=unit
    )
    event = st.plotly_chart(
        figure, key=f"gene_map-{upload.digest[:12]}-{method}-{colour}", on_select="rerun",
        selection_mode=("points", "lasso", "box"),
        config={"scrollZoom": True, "displaylogo": False},
        alt=f"{len(names):,} records among {len(reference):,} reference genes, by {method}",
    )  # fmt: skip
    nowhere = int(np.isnan(points[:, 0]).sum())
    st.caption(
        f"{method} of {len(reference):,} reference genes, all shown, trustworthiness "
        f"{layout.trustworthiness:.3f} · {len(names) - nowhere:,} records of yours, "
        + PLACED[config.method]
        + (f" · {nowhere:,} without a vector are nowhere" if nowhere else ""),
        help="Trustworthiness: how far a point's nearest neighbours on the map are near it in the "
        "full space, 1 = all of them, 0.5 = as good as random (Venna & Kaski 2001).",
    )
    record, chosen = _clicked(event, len(names)), _selected(event, len(reference))
    if len(chosen) > 1:
        enriched.show(reference, chosen)
    elif record is None:
        st.caption(
            "Click one of your records for the reference genes nearest to it, or draw a lasso "
            "around reference genes for what they have in common."
        )
    else:
        nearest.reference_card(model, upload, pool, record)


def _clicked(event: Any, records: int) -> int | None:
    """Return the record whose point was clicked, None if none of them was."""
    for point in event.selection.points:
        index = point.get("point_index")
        if point.get("curve_number") == 1 and isinstance(index, int) and 0 <= index < records:
            return index
    return None


def _selected(event: Any, genes: int) -> list[int]:
    """Return the reference genes inside a lasso or box."""
    points = [one for one in event.selection.points if one.get("curve_number") == 0]
    places = (one.get("point_index") for one in points)
    return [place for place in places if isinstance(place, int) and 0 <= place < genes]


@st.fragment(run_every=1.0)
@errors.told()
def _offer(model: ModelFile, pool: PoolConfig, config: ProjectionConfig, name: str) -> None:
    """Offer to project the reference genes; meanwhile show progress and a stop button."""
    job = remembered.layout_job(model, pool, config)
    status = job.status()
    if status is not None and status.active:
        watch_job(job, status, f"{name} map of the reference genes", key="stop_genes_layout")
        return
    if remembered.gene_layout(model, pool, config) is not None:
        st.rerun()
    if status is not None:
        errors.say(status.error)
    st.info(
        f"There is no {name} map of the reference genes for this pooling yet; it takes ten "
        "seconds to a minute, once. PCA is there at once."
    )
    if st.button(f"Compute the {name} map", type="primary", key="start_genes_layout"):
        job.start(pool, config)
        st.rerun(scope="fragment")


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
    found = remembered.tree(model, upload, pool, TREES[method], measure)
    st.plotly_chart(
        figures.tree_figure(found, UNITS[measure]), key="gene_tree",
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
    )
    with right:
        downloads.button("Newick", "tree.nwk", lambda: trees.newick(found))


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
        said.append(f"compared with {len(reference):,} reference genes ({_sources(reference)})")
    else:
        said.append(
            "this model has no reference genes of its own: the "
            f"{len(reference):,} named human genes that ship stand in"
        )
    text = " · ".join(said)
    st.caption(text[0].upper() + text[1:])


def _sources(reference: Reference) -> str:
    sources = sorted(set(reference.sources) - {""})
    return ", ".join(safe.markdown(one, 20) for one in sources[:5]) or "human coding sequences"
