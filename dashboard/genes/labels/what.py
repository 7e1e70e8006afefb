"""What each record is: its nearest reference genes by three measures, and their labels."""

from collections import Counter
from typing import TYPE_CHECKING

import streamlit as st

from bioskipgram.config import PoolConfig
from bioskipgram.genes.annotation import KINDS, annotations
from bioskipgram.genes.reference import Reference
from bioskipgram.genes.summary import GeneSummary
from bioskipgram.genes.transfer import MEASURES, Transferred
from dashboard.genes import cache as genes
from dashboard.genes.labels import alike
from dashboard.genes.labels import cache as remembered
from dashboard.shared import basket, downloads, grid
from dashboard.shared import text as safe
from dashboard.shared.cache import ModelFile, Upload
from dashboard.shared.findings import Finding

if TYPE_CHECKING:
    import pandas as pd

BY = {"vectors": "vectors", "mash": "DNA words (Mash)", "protein words": "protein words"}
AGREEMENT = {
    "all": "all three agree", "family": "one family", "two": "two of three agree",
    "none": "they disagree",
}  # fmt: skip
"""What is said of each `GeneSummary.agreement`, if a gene is near by words."""
ALONE = "no relative found"
SURE = 0.5
"""The reliability from which a label is called likely."""
HELP = (
    "Three measures, each without the others. Vectors: how a gene's k-mers go together, by this "
    "model. DNA words: shared 11-mers of either strand, an estimate of substitutions (Mash, Ondov "
    "et al. 2016). Protein words: shared 3-letter words of the translation. Labels are those of "
    "the nearest genes; a reliability is the share of held-out reference genes with such "
    "neighbours for which the label was right."
)


def show(model: ModelFile, upload: Upload, pool: PoolConfig) -> None:
    """Draw a row for every record, the pairs beyond Mash, and the evidence for a chosen record."""
    reference = genes.reference(model)[0]
    found = remembered.near_by_measure(model, upload) if reference is not None else None
    if reference is None or found is None:
        st.info(
            "This model has no annotated reference genes, so records cannot be named. "
            "human-cds-codon and human-cds-k6 have 2,300 human genes."
        )
        return
    given = {kind: remembered.transferred(model, upload, kind) for kind in KINDS}
    told = remembered.told(model, upload)
    counted = Counter(map(_said, told))
    st.markdown(
        "**What is nearest to each record?** "
        + " · ".join(f"{n:,} × {said}" for said, n in counted.most_common()),
        help=HELP,
    )  # fmt: skip
    alike.show(model, upload)
    table = _table(upload, given, told)
    left, right = st.columns([7, 4], gap="medium")
    with left:
        row = grid.show(
            table, "Every record with its nearest reference genes; choose a row for the evidence",
            formats={"reliability": "%.0f %%"}, key=f"what-{upload.digest[:12]}",
        ) or 0  # fmt: skip
        downloads.csv(table, "what-each-record-is")
    with right:
        row = min(row, len(told) - 1)
        _evidence(
            upload, reference, {kind: labels[row] for kind, labels in given.items()}, told[row], row
        )


def _said(one: GeneSummary) -> str:
    return AGREEMENT[one.agreement] if one.related else ALONE


def _table(
    upload: Upload, given: dict[str, list[list[Transferred]]], told: list[GeneSummary]
) -> "pd.DataFrame":
    import pandas as pd

    best = [_best(*labels) for labels in zip(*given.values(), strict=True)]
    columns: dict[str, list[object]] = {
        "record": [safe.one_line(name) for name in upload.records.sequences.names],
        "likely": [safe.one_line(one.label) if one else "" for one in best],
        "reliability": [100 * one.reliability if one else None for one in best],
        "the measures": [_said(one) for one in told],
    }
    for measure in MEASURES:
        near = [one.nearest[measure] for one in told]
        columns[f"by {BY[measure]}"] = [
            safe.one_line(one.gene) if one.score > 0 else None for one in near
        ]
    return pd.DataFrame(columns)


def _best(domains: list[Transferred], others: list[Transferred]) -> Transferred | None:
    """Return the label to show: a likely domain, which says what a gene does, else the surest."""
    likely = [one for one in domains if one.reliability >= SURE]
    every = likely or [*domains, *others]
    return max(every, key=lambda one: one.reliability, default=None)


def _evidence(
    upload: Upload,
    reference: Reference,
    given: dict[str, list[Transferred]],
    told: GeneSummary,
    row: int,
) -> None:
    sequences = upload.records.sequences
    st.subheader(safe.markdown(sequences.names[row]), anchor=False)
    st.markdown(safe.markdown(told.sentence, safe.MAX_ERROR))
    for kind, title in zip(KINDS, ("Domains", "Relatives (paralogues)"), strict=True):
        st.markdown(f"**{title}**, from the nearest genes")
        st.markdown("\n".join(_lines(given[kind], reference)) or "- none that is reliable")
    nearest = [told.itself, *(one.gene for one in told.nearest.values())]
    about = {name: annotations()[name].about for name in nearest if name in annotations()}
    st.caption(
        " · ".join(f"{safe.markdown(n)}: {safe.markdown(text)}" for n, text in about.items())
    )
    text = f">{sequences.descriptions[row]}\n{sequences.text(row)}\n"
    basket.keep_button(Finding("genes", safe.one_line(sequences.names[row]), text), key="keep-gene")


def _lines(labels: list[Transferred], reference: Reference) -> list[str]:
    lines = []
    for one in labels[:4]:
        near = list(dict.fromkeys(reference.names[each.gene] for each in one.evidence))
        first = one.evidence[0]
        how = f"{BY[first.measure]} {first.score:.2f}"
        more = f" and {len(near) - 3} more" if len(near) > 3 else ""
        word = "likely" if one.reliability >= SURE else "uncertain"
        lines.append(
            f"- {safe.markdown(one.label)}: **{word}**, right for {one.reliability:.0%} of "
            f"held-out genes; {safe.markdown(', '.join(near[:3]))}{more} (nearest: {how})"
        )
    return lines
