"""The user's records among the reference genes on a map, its colours, and what is chosen on it."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import streamlit as st

from bioskipgram.config import PoolConfig, ProjectionConfig
from bioskipgram.groups.own_values import Column
from bioskipgram.numerics.arrays import Doubles
from dashboard import state
from dashboard.genes import cache as remembered
from dashboard.genes import figures, nearest
from dashboard.genes.labels import cache as labels
from dashboard.genes.labels import enriched
from dashboard.shared import errors
from dashboard.shared import text as safe
from dashboard.shared.cache import Given, ModelFile, Upload
from dashboard.shared.model_map import METHODS, watch_job

PLACED = {
    "pca": "on the same axes",
    "tsne": "put there by openTSNE's transform: the reference genes stay where they are",
    "umap": "put there as UMAP's transform does: the reference genes stay where they are",
}
COLOURS = ["one colour", "domain", "family", "chromosome", "length", "GC"]
UNITS_OF = {"length": "log10 bases", "GC": "GC %"}
OWN = "own: "
MAX_TABLE_MB = 20
Colours = list[str] | Doubles | None


def show(model: ModelFile, upload: Upload, pool: PoolConfig) -> None:
    """Draw the records among the reference genes; below, those nearest to the one clicked."""
    reference = remembered.reference(model)[0]
    if reference is None:
        st.info("The map shows records among reference genes, and this model has none.")
        return
    names = upload.records.sequences.names
    with st.container(horizontal=True, vertical_alignment="bottom"):
        method = st.segmented_control(
            "Layout", list(METHODS), default="PCA", required=True, key=state.GENES_LAYOUT,
            persist_state="session",
        )  # fmt: skip
        columns = _own_columns(model, upload)
        colour = _choose_colour(columns)
    config = ProjectionConfig(method=METHODS[method])
    layout = remembered.gene_layout(model, pool, config)
    if layout is None:
        _offer(model, pool, config, method)
        return
    points = remembered.placed(model, upload, pool, config, layout)
    axes = ("component 1", "component 2") if config.method == "pca" else ("", "")
    colours, own = labels.gene_colours(model, colour), None
    if (column := columns.get(colour.removeprefix(OWN))) and colour.startswith(OWN):
        colours, own = values_of(column, reference.names), values_of(column, names)
    figure = figures.gene_map(
        layout.points, reference.names, points, names, axes=axes, colours=colours, own=own,
        unit=UNITS_OF.get(colour, safe.figure(colour.removeprefix(OWN), 32)),
    )  # fmt: skip
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


def _choose_colour(columns: dict[str, Column]) -> str:
    names = [*COLOURS, *(f"{OWN}{name}" for name in columns)]
    state.choose_default(state.GENES_COLOUR, names, COLOURS[0])
    return st.selectbox(
        "Colour by", names, key=state.GENES_COLOUR, persist_state="session", width=200,
        help="Domains, families and chromosomes are those of the reference genes; a column of "
        "your own colours your records, too.",
    )  # fmt: skip


def _own_columns(model: ModelFile, upload: Upload) -> dict[str, Column]:
    """Draw the input of a table of names and values, and return its columns by name."""
    with st.popover("Own column", icon=":material/palette:"):
        st.markdown(
            "A CSV or TSV whose first column is the **name** of a record or of a reference gene, "
            "such as `HBB`, and whose other columns are numbers or words. Each becomes a colour."
        )
        file = st.file_uploader(
            "Table of names and values", type=["csv", "tsv", "txt"], key=state.GENES_OWN_UPLOAD,
            max_upload_size=MAX_TABLE_MB, label_visibility="collapsed",
        )  # fmt: skip
        if file is not None:
            st.session_state[state.GENES_OWN] = Given(file.name, file.getvalue())
        given: Given | None = st.session_state.get(state.GENES_OWN)
        if given is None:
            return {}
        with errors.told():
            found = remembered.own_columns(model, upload, given.digest, given)
            said = ", ".join(
                f"{safe.markdown(name)} ({len(c):,} names)" for name, c in found.items()
            )
            st.caption(f"{safe.markdown(given.name)}: {said or 'no values'}")
            return found
    return {}


def values_of(column: Column, names: Sequence[str]) -> list[str] | Doubles:
    """Return what a column says of names: numbers, NaN where it has none, or words, "" there."""
    if all(isinstance(value, float) for value in column.values()):
        return np.array([column.get(name, np.nan) for name in names], np.float64)
    return [str(column.get(name, "")) for name in names]


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
