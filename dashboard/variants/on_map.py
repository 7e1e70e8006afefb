"""The map of every substitution of a gene, and what a click on it opens."""

from typing import Any

import numpy as np
import streamlit as st

from bioskipgram.arrays import Floats
from bioskipgram.kmers.genetic_code import protein_of
from bioskipgram.variants.assess import Assessor
from bioskipgram.variants.consequence import KINDS
from bioskipgram.variants.null import trinucleotides
from bioskipgram.variants.saturation import Saturation, position_means
from bioskipgram.variants.variant import Variant
from dashboard import state
from dashboard.shared.cache import ModelFile
from dashboard.variants import cache as remembered
from dashboard.variants import figures

MOST_MAPPED = 30_000
"""Bases: a point of the map for each substitution of a longer one is too much for a browser."""
SCORE, PERCENTILE, SHIFT = "change in log-odds", "percentile of it", "window shift"


def show(model: ModelFile, source: str, assessor: Assessor, record: int) -> Saturation | None:
    """Draw the map and take what is clicked on it; None where the gene is too long for it."""
    sequences = assessor.sequences
    if (length := int(sequences.lengths[record])) > MOST_MAPPED:
        st.info(f"The map is drawn of up to {MOST_MAPPED:,} bases; this sequence has {length:,}.")
        return None
    known = [SCORE, PERCENTILE, SHIFT] if assessor.null is not None else [SCORE, SHIFT]
    shown = st.segmented_control(
        "Colour by", known, default=SCORE, required=True, key=state.VARIANT_MEASURE
    )
    found = remembered.saturated(model, source, record, sequences)
    band = remembered.band(model, source, record, sequences)
    event = st.plotly_chart(
        _figure(found, band, assessor, record, shown),
        key=f"{state.VARIANT_MAP}-{model.name}-{source[:12]}-{record}-{shown}",
        on_select="rerun",
        selection_mode="points",
        config={"displaylogo": False},
        alt="Every substitution of the gene: mean per position, score, consequence and codon",
    )
    st.caption(
        "A column for each position, a row for each new base; grey = the reference's own. Drag to "
        "zoom, double-click to zoom out, click a cell for its card. Between the dashed lines lie "
        "95 % of the means of the positions when the gene's codons stand in random order: what is "
        "inside, composition alone gives too."
    )
    _take_click(event, found, record)
    return found


def _figure(found: Saturation, band: Floats, assessor: Assessor, record: int, shown: str) -> Any:
    measure = 1 if shown == SHIFT else 0
    letters = assessor.text(record)[1]
    values = found.values[measure]
    return figures.saturation_map(
        found,
        percentiles(found, assessor, record) if shown == PERCENTILE else values,
        title=shown,
        diverging={SCORE: 0.0, PERCENTILE: 50.0}.get(shown),
        means=position_means(found)[measure],
        band=None if np.isnan(band[measure]).any() else band[measure],
        amino_acids=protein_of(letters),
        hover=hover_texts(found, letters),
    )


def percentiles(found: Saturation, assessor: Assessor, record: int) -> Floats:
    """Return the percentile of each substitution's change in log-odds, float32[4, L]."""
    shown = np.full(found.kinds.shape, np.nan, np.float32)
    positions, alts = np.nonzero(found.kinds.T >= 0)
    text, _ = assessor.text(record)
    if assessor.null is not None:
        values = text.comparable(found.values[:, alts, positions])
        contexts = trinucleotides(found.bases)[positions]
        shares = assessor.null.percentiles(values, contexts, alts.astype(np.uint8))
        shown[alts, positions] = shares[0]
    return shown


def hover_texts(found: Saturation, letters: str) -> list[str]:
    """Return a text for each substitution, in the order of `Saturation.variants`."""
    positions, alts = np.nonzero(found.kinds.T >= 0)
    rows = zip(
        positions.tolist(), alts.tolist(), found.kinds[alts, positions].tolist(),
        *found.values[:2, alts, positions].tolist(), strict=True,
    )  # fmt: skip
    return [
        f"c.{p + 1}{letters[p]}>{'ACGT'[alt]}<br>{KINDS[kind]}<br>Δ log-odds {score:+.2f}"
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
