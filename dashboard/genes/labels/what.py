"""What each record is: its nearest reference genes by three measures, and their labels."""

from typing import TYPE_CHECKING

import streamlit as st

from bioskipgram.config import PoolConfig
from bioskipgram.genes.annotation import KINDS, annotations, families
from bioskipgram.genes.reference import Reference
from bioskipgram.genes.transfer import MEASURES, Near, Transferred
from dashboard.genes import cache as genes
from dashboard.genes.labels import cache as remembered
from dashboard.shared import basket, downloads, grid
from dashboard.shared import text as safe
from dashboard.shared.cache import ModelFile, Upload
from dashboard.shared.findings import Finding

if TYPE_CHECKING:
    import pandas as pd

BY = {"vectors": "vectors", "mash": "DNA words (Mash)", "protein words": "protein words"}
SAME = 0.999
"""1 - Mash distance from which a reference gene is the record itself."""
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
    """Draw a row for every record, and the evidence for the chosen one."""
    reference = genes.reference(model)[0]
    found = remembered.near_by_measure(model, upload) if reference is not None else None
    if reference is None or found is None:
        st.info(
            "This model has no annotated reference genes, so records cannot be named. "
            "human-cds-codon and human-cds-k6 have 2,300 human genes."
        )
        return
    names = upload.records.sequences.names
    given = {kind: remembered.transferred(model, upload, kind) for kind in KINDS}
    agree = [agreement(found, reference, row)[0] for row in range(len(names))]
    counted = {said: agree.count(said) for said in dict.fromkeys(agree)}
    st.markdown(
        "**What is nearest to each record?** "
        + ", ".join(f"{n:,} × {said}" for said, n in counted.items()),
        help=HELP,
    )
    table = _table(upload, reference, found, given, agree)
    left, right = st.columns([3, 2], gap="medium")
    with left:
        row = grid.show(
            table, "Every record with its nearest reference genes; choose a row for the evidence",
            formats={"reliability": "%.0f %%"}, key=f"what-{upload.digest[:12]}",
        ) or 0  # fmt: skip
        downloads.csv(table, "what-each-record-is")
    with right:
        _evidence(upload, reference, found, given, min(row, len(names) - 1))


def agreement(found: dict[str, Near], reference: Reference, row: int) -> tuple[str, str]:
    """Return whether the three measures name one gene or family, and that in a sentence."""
    nearest = [reference.names[int(found[measure].indices[row, 0])] for measure in MEASURES]
    if len(set(nearest)) == 1:
        name, itself = safe.markdown(nearest[0]), found["mash"].scores[row, 0] > SAME
        said = f"{name} is itself among the reference genes." if itself else ""
        return "all three agree", f"All three measures name **{name}**. {said}"
    groups = {families().get(name, name) for name in nearest}
    said = "; ".join(
        f"{BY[measure]}: **{safe.markdown(name)}**"
        for measure, name in zip(MEASURES, nearest, strict=True)
    )
    if len(groups) == 1:
        return "one family", f"The measures name different genes of one family. {said}."
    if nearest[0] not in nearest[1:] and nearest[1] == nearest[2]:
        return "vectors differ", f"The vectors name another gene than the words do. {said}."
    return "they disagree", f"The measures disagree: look at how near each gene is. {said}."


def _table(
    upload: Upload,
    reference: Reference,
    found: dict[str, Near],
    given: dict[str, list[list[Transferred]]],
    agree: list[str],
) -> "pd.DataFrame":
    import pandas as pd

    best = [_best(*labels) for labels in zip(*given.values(), strict=True)]
    columns: dict[str, list[object]] = {
        "record": [safe.one_line(name) for name in upload.records.sequences.names],
        "likely": [safe.one_line(one.label) if one else "" for one in best],
        "reliability": [100 * one.reliability if one else None for one in best],
        "the measures": list(agree),
    }
    for measure in MEASURES:
        indices = found[measure].indices[:, 0].tolist()
        columns[f"by {BY[measure]}"] = [reference.names[i] for i in indices]
    return pd.DataFrame(columns)


def _best(domains: list[Transferred], others: list[Transferred]) -> Transferred | None:
    """Return the label to show: a likely domain, which says what a gene does, else the surest."""
    likely = [one for one in domains if one.reliability >= SURE]
    every = likely or [*domains, *others]
    return max(every, key=lambda one: one.reliability, default=None)


def _evidence(
    upload: Upload,
    reference: Reference,
    found: dict[str, Near],
    given: dict[str, list[list[Transferred]]],
    row: int,
) -> None:
    sequences = upload.records.sequences
    st.subheader(safe.markdown(sequences.names[row]), anchor=False)
    st.markdown(agreement(found, reference, row)[1])
    for kind, title in zip(KINDS, ("Domains", "Relatives (paralogues)"), strict=True):
        st.markdown(f"**{title}**, from the nearest genes")
        st.markdown("\n".join(_lines(given[kind][row], reference)) or "- none that is reliable")
    nearest = [reference.names[int(found[measure].indices[row, 0])] for measure in MEASURES]
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
