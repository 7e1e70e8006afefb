"""The map of every substitution of a gene, with clicks."""

from typing import Any

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from bioskipgram.variants.assess import Assessor
from bioskipgram.variants.coding import table_of
from bioskipgram.variants.consequence import KINDS
from bioskipgram.variants.protein import translated
from bioskipgram.variants.saturation import Saturation, position_means
from bioskipgram.variants.variant import Variant
from dashboard import state
from dashboard.shared.cache import ModelFile
from dashboard.variants import cache as remembered
from dashboard.variants import figures

MAX_MAPPED = 30_000
"""Bases: a point of the map for each substitution of a longer one is too much for a browser."""
SCORE, PERCENTILE, SHIFT = "change in log-odds", "percentile of it", "window shift"
UNITS = {SCORE: f"{SCORE}, nats", PERCENTILE: PERCENTILE, SHIFT: SHIFT}
MIDDLES = {SCORE: 0.0, PERCENTILE: 50.0}


def show(model: ModelFile, source: str, assessor: Assessor, record: int) -> Saturation | None:
    """Draw the map and return the clicked variant; None where the gene is too long."""
    if (length := int(assessor.sequences.lengths[record])) > MAX_MAPPED:
        st.info(f"The map is drawn of up to {MAX_MAPPED:,} bases; this sequence has {length:,}.")
        return None
    known = [SCORE, PERCENTILE, SHIFT] if assessor.null is not None else [SCORE, SHIFT]
    shown = st.segmented_control(
        "Colour by", known, default=SCORE, required=True, key=state.VARIANT_MEASURE
    )
    found = remembered.saturated(model, source, record, assessor)
    event = st.plotly_chart(
        _figure(model, source, assessor, record, shown),
        key=f"{state.VARIANT_MAP}-{model.name}-{source[:12]}-{record}-{shown}",
        on_select="rerun", selection_mode="points", config={"displaylogo": False},
        alt="Every substitution of the gene: mean per position, score, consequence and codon",
    )  # fmt: skip
    st.caption(
        "A column for each position, a row for each new base; grey = the reference base. Drag to "
        "zoom, double-click to zoom out, click a cell for its card. Between the dashed lines lie "
        "95 % of the position means when the gene's codons are put in random order: composition "
        "alone gives such values."
    )
    _take_click(event, found, record)
    return found


def _figure(
    model: ModelFile, source: str, assessor: Assessor, record: int, shown: str
) -> go.Figure:
    """Draw the values of one measure, or the percentiles of the score."""
    found = remembered.saturated(model, source, record, assessor)
    measure, values = int(shown == SHIFT), found.values
    if shown == PERCENTILE:
        values = remembered.percentiles(model, source, record, assessor)
    band = remembered.band(model, source, record, assessor)[measure]
    letters, table = assessor.text(record)[1], table_of(assessor.sequences, record)
    return figures.saturation_map(
        found, values[measure], title=UNITS[shown], diverging=MIDDLES.get(shown),
        means=position_means(found)[measure], band=None if np.isnan(band).any() else band,
        amino_acids=translated(letters, table).letters, hover=hover_texts(found, letters),
    )  # fmt: skip


def hover_texts(found: Saturation, letters: str) -> list[str]:
    """Return a text for each substitution, in the order of `Saturation.variants`."""
    positions, alts = np.nonzero(found.kinds.T >= 0)
    rows = zip(
        positions.tolist(), alts.tolist(), found.kinds[alts, positions].tolist(),
        *found.values[:2, alts, positions].tolist(), strict=True,
    )  # fmt: skip
    return [
        f"c.{p + 1}{letters[p]}>{'ACGT'[alt]}<br>{KINDS[kind]}<br>Δ log-odds {score:+.2f} nats"
        f"<br>window shift {shift:.3f}"
        for p, alt, kind, score, shift in rows
    ]


def clicked(points: list[dict[str, Any]], found: Saturation, record: int) -> Variant | None:
    """Return the substitution of a clicked point; None for anything else a browser may send."""
    try:
        position, base = int(points[0]["x"]) - 1, int(points[0]["y"])
    except (IndexError, KeyError, TypeError, ValueError, OverflowError):
        return None
    if not (0 <= position < len(found.bases) and 0 <= base < 4) or found.kinds[base, position] < 0:
        return None
    return Variant(record, position, "ACGT"[found.bases[position]], "ACGT"[base])


def _take_click(event: Any, found: Saturation, record: int) -> None:
    points = event.selection.points
    places = [(point.get("x"), point.get("y")) for point in points]
    chosen = clicked(points, found, record)
    if state.is_new_choice(state.VARIANT_MAP, places) and chosen is not None:
        state.set_variant_focus(chosen)
        st.rerun()
