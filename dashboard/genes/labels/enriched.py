"""What a selection of reference genes has in common: domains and families."""

import numpy as np
import streamlit as st

from bioskipgram.genes.annotation import KINDS, Enriched, enrichment
from bioskipgram.genes.reference import Reference
from dashboard.shared import downloads, grid
from dashboard.shared import text as safe

MOST = 30


def show(reference: Reference, chosen: list[int]) -> None:
    """Draw the labels that are commoner among these reference genes than among all others."""
    import pandas as pd

    flags = np.zeros(len(reference.names), np.bool_)
    flags[chosen] = True
    found = [
        (kind, one) for kind in KINDS for one in enrichment(reference.names, flags, kind)[:MOST]
    ]
    sure = sum(one.q < 0.05 for _, one in found)
    st.markdown(
        f"**{len(chosen):,} reference genes chosen: {sure} labels are commoner among them** than "
        "among the others (q < 0.05)",
        help="One-sided Fisher exact test against all other annotated reference genes; q: "
        "Benjamini-Hochberg over the labels of a kind.",
    )
    table = pd.DataFrame([_row(kind, one) for kind, one in found])
    formats = {"odds": "%.1f", "p": "%.1e", "q": "%.1e"}
    grid.show(table, "Labels of the chosen genes, the surest first", height=330, formats=formats)
    downloads.csv(table, "enriched-labels")


def _row(kind: str, one: Enriched) -> dict[str, object]:
    return {
        "kind": kind, "label": safe.one_line(one.label),
        "chosen": f"{one.inside} of {one.inside_size}",
        "others": f"{one.outside} of {one.outside_size}", "odds": one.odds, "p": one.p, "q": one.q,
        "genes": safe.one_line(", ".join(one.genes), 200),
    }  # fmt: skip
