"""The verdict on a model: its measures, each beside its nulls, drawn and as a table."""

from typing import TYPE_CHECKING

import streamlit as st

from bioskipgram.model import verdict as rule
from bioskipgram.model.codon_quality import FIRST
from bioskipgram.model.geometry import HUBS, RARE
from bioskipgram.model.quality import GAP, Judged, meaning, spread
from bioskipgram.model.quality_file import QualityReport
from dashboard.quality import ask, figures
from dashboard.shared import downloads
from dashboard.shared import text as safe
from dashboard.shared.cache import ModelFile
from dashboard.shared.quality import cache as quality

if TYPE_CHECKING:
    import pandas as pd


def show(model: ModelFile) -> None:
    """Draw the verdict and what it rests on."""
    report = quality.report(model)
    measures = report.measures if report else {}
    said, evidence = rule.verdict(measures)
    st.markdown(f"### {said}")
    st.markdown(evidence, help=rule.RULE)
    known, rest = _parted(measures)
    left, right = st.columns(2, gap="medium")
    with left:
        _chart("**Knowledge**: higher is better", known)
        ask.show(model, report)
    with right:
        _chart("**Spelling and shape**: no better or worse, for comparison", rest)
    if report is not None:
        _table(model, report)


def _chart(title: str, some: dict[str, Judged]) -> None:
    if some:
        st.markdown(title)
        st.plotly_chart(
            figures.measures(some), config={"displayModeBar": False}, key=title,
            alt="Each measure of the model beside its other seeds, its nulls and rules",
        )  # fmt: skip


def _parted(measures: dict[str, Judged]) -> tuple[dict[str, Judged], dict[str, Judged]]:
    """Return the measures of knowledge, and all others that fit on an axis from -1 to 1."""
    known = {name: one for name, one in measures.items() if name in (*rule.KNOWLEDGE, FIRST)}
    left_out = {*known, GAP, RARE, HUBS}
    return known, {name: one for name, one in measures.items() if name not in left_out}


def _table(model: ModelFile, report: QualityReport) -> None:
    table = _rows(report.measures)
    st.dataframe(table, hide_index=True, height="content")
    downloads.csv(table, f"quality-{model.path.rpartition('/')[2].partition('.')[0]}")
    st.caption(
        f"Each cell: median (lowest to highest). Trained on {safe.code(report.source)}. "
        "The command `bioskipgram quality MODEL SEQUENCES --keep` makes these numbers."
    )


def _rows(measures: dict[str, Judged]) -> "pd.DataFrame":
    import pandas as pd

    kinds = dict.fromkeys(kind for one in measures.values() for kind in one.nulls)
    more = {one.name: one.excess for one in rule.findings(measures)}
    rows = []
    for name, one in measures.items():
        row = {"measure": name, "this model": f"{one.value:.3f}"}
        row["other seeds"] = spread(one.seeds) if one.seeds else ""
        row |= {kind: spread(one.nulls[kind]) if kind in one.nulls else "" for kind in kinds}
        row["best rule without learning"] = _best(one.baselines)
        row["more than the best of these"] = _interval(more.get(name))
        row["meaning"] = meaning(name)
        rows.append(row)
    return pd.DataFrame(rows)


def _best(rules: dict[str, float]) -> str:
    if not rules:
        return ""
    rule_name = max(rules, key=lambda each: rules[each])
    return f"{rules[rule_name]:.3f} ({rule_name})"


def _interval(excess: tuple[float, float, float] | None) -> str:
    return "{:+.3f} ({:+.3f} to {:+.3f})".format(*excess) if excess else ""
