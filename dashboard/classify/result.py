"""What a report says: scores beside baselines, what drives them, new sequences."""

import json
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from bioskipgram.classify import vectors
from bioskipgram.classify.classifier import Classifier
from bioskipgram.classify.jobs import ClassifyJob
from bioskipgram.classify.labelled import Labelled, take
from bioskipgram.classify.windows import along, records_text, text_of
from bioskipgram.groups.logos import logo
from bioskipgram.sequences.sequences import Sequences
from dashboard import state
from dashboard.classify import cache, figures
from dashboard.shared import downloads, grid, link, upload
from dashboard.shared import figures as shared
from dashboard.shared import text as safe

PLOT = {"displayModeBar": False}
ALIKE = 0.1
"""The q-value up to which a motif is said to be like a known one."""


def show(
    job: ClassifyJob, report: dict[str, Any], items: Labelled, again: Callable[[], None]
) -> None:
    """Draw a report and what its classifier makes of sequences; `again` makes a new one."""
    facts = job.place.stat()
    made = cache.classifier(str(job.place), (facts.st_mtime_ns, facts.st_size))
    _scores(report, made)
    tabs = st.tabs(["What drives it", "One sequence", "New sequences", "Details"])
    with tabs[0]:
        _drivers(report, made)
    with tabs[1]:
        _one(made, items.sequences)
    with tabs[2]:
        _predict(made)
    with tabs[3]:
        _details(report, made)
    with st.container(horizontal=True):
        downloads.button("Classifier", "classifier.safetensors", job.place.read_bytes)
        downloads.button("Report", "report.json", lambda: json.dumps(report, indent=1))
        if st.button("Train again", icon=":material/refresh:", type="tertiary"):
            again()


def _scores(report: dict[str, Any], made: Classifier) -> None:
    tested = report.get("test") or report["grouped_folds"]
    where = "the test set" if "test" in report else "folds that share no long word"
    low, high = tested["intervals"]["mcc"]
    columns = st.columns(4)
    columns[0].metric("MCC", f"{tested['mcc']:.3f}", help="Matthews' correlation coefficient")
    columns[1].metric("AUROC", _number(tested["auroc"]))
    columns[2].metric("Macro F1", f"{tested['macro_f1']:.3f}")
    columns[3].metric("Accuracy", f"{tested['accuracy']:.3f}")
    text = f"On {where}; 95 % interval of MCC {low:.3f} to {high:.3f}."
    if "random_folds" in report:
        text += (
            f" In random folds, where relatives are on both sides, MCC would be "
            f"{report['random_folds']['mcc']:.3f}."
        )
    st.caption(text)
    own = report.get("test") or report["first_fold"]
    rows = [{"name": "this classifier", "mcc": own["mcc"], "own": True,
             "low": own["intervals"]["mcc"][0], "high": own["intervals"]["mcc"][1]}]  # fmt: skip
    rows += [row | {"own": False} for row in report["baselines"]]
    left, right = st.columns([3, 2])
    with left:
        st.plotly_chart(
            figures.compared(rows), config=PLOT, key="classify-compared",
            alt="MCC of the classifier beside rules and simpler classifiers",
        )  # fmt: skip
    with right:
        st.plotly_chart(
            figures.confusion(own["confusion"], list(made.classes)), config=PLOT,
            key="classify-confusion", alt="Items of each true class by the class that is said",
        )  # fmt: skip
    st.caption(vectors.sentence(cache.measured()))


def _number(value: float | None) -> str:
    return grid.NOTHING if value is None else f"{value:.3f}"


def _drivers(report: dict[str, Any], made: Classifier) -> None:
    target = safe.markdown(made.classes[-1], 30)
    for i, row in enumerate(row for row in report["motifs"] if row["share"] > row["others"]):
        counts = np.array(row["counts"], np.float64)
        left, right = st.columns([2, 3], vertical_alignment="center")
        with left:
            st.plotly_chart(
                shared.logo(logo(counts)), config=PLOT, key=f"classify-motif-{i}",
                alt=f"Logo of a motif of {row['sites']} sites",
            )  # fmt: skip
        with right:
            q = f"{row['q']:.1e}" if row["q"] < 0.001 else f"{row['q']:.3f}"
            known = f"**{safe.markdown(row['known'])}** ({safe.code(row['consensus'])}, q = {q})"
            like = (
                f"Most like {known} of JASPAR."
                if row["q"] <= ALIKE
                else "No motif of JASPAR is like it."
            )
            st.markdown(
                f"{row['sites']:,} sites; in {row['share']:.0%} of the items of {target} and in "
                f"{row['others']:.0%} of the others. {like}"
            )
    table = pd.DataFrame(report["words"])
    if not len(table):
        return
    st.caption(
        f"Words that speak for {target} (effect above 0) or against it. The effect is the weight "
        "times the difference of the mean feature between the classes, in log odds."
    )
    plain = table[
        (table["weight"] > 0) & ~table["word"].str.contains("N") & table["position"].isna()
    ]
    if len(plain) and made.alphabet != "protein":
        words = "|".join(plain["word"].head(12))
        st.html(link.anchor("Light these words on the map", "explore", find=f"/{words}/"))
    formats = {"effect": "%.4f", "weight": "%.3f", "in_class": "%.3f", "in_others": "%.3f"}
    grid.show(table, "Words by their effect", formats=formats, height=380)
    downloads.csv(table, "words")


def _one(made: Classifier, sequences: Sequences) -> None:
    rows = np.flatnonzero(made.fits(sequences))
    if not len(rows):
        return
    number = st.number_input(
        f"Item, 1 to {len(rows):,}", 1, len(rows), 1, key=state.CLASSIFY + "item",
        help="The bars sum to the log odds of the class, without its bias.",
    )  # fmt: skip
    record = int(rows[int(number) - 1])
    chance = made.probabilities(take(sequences, np.array([record])))[0]
    said = " · ".join(
        f"{safe.markdown(name, 30)} {p:.3f}" for name, p in zip(made.classes, chance, strict=True)
    )
    st.caption(f"{safe.markdown(sequences.descriptions[record], 80)}: {said}")
    values = made.contributions(sequences, record)
    st.plotly_chart(
        figures.shares(sequences[record], values, sequences.alphabet), config=PLOT,
        key="classify-shares", alt="Share of each base in the log odds",
    )  # fmt: skip


def _predict(made: Classifier) -> None:
    found = upload.ask(made.alphabet, key=state.CLASSIFY + "new")
    if found is None:
        return
    sequences = found.records.sequences
    longest = int(sequences.lengths.max())
    window = made.length or int(made.info.get("length", 200))
    if longest >= 2 * window and st.toggle(
        f"Windows of {window:,} along the records",
        value=made.length > 0,
        key=state.CLASSIFY + "windows",
    ):
        windows = along(made, sequences, window=window)
        st.caption(f"{len(windows):,} windows, {windows.step:,} apart")
        with st.container(horizontal=True):
            for form in ("tsv", "bed", "bedgraph"):
                downloads.button(
                    form, f"windows.{form}", partial(text_of, windows, form, least=0.5)
                )
        return
    text = records_text(made, sequences)
    lines = [line.split("\t") for line in text.splitlines()]
    table = pd.DataFrame(lines[1:1001], columns=lines[0])
    grid.show(table, "The class of each record", height=380)
    downloads.button("TSV", "classes.tsv", lambda: text)


def _details(report: dict[str, Any], made: Classifier) -> None:
    tested = report.get("test") or report["first_fold"]
    left, right = st.columns(2)
    with left:
        st.caption("Learning curve")
        st.plotly_chart(
            figures.curve(report["learning_curve"]), config=PLOT, key="classify-curve",
            alt="MCC by the number of training items",
        )  # fmt: skip
    with right:
        st.caption("Calibration")
        st.plotly_chart(
            figures.calibration(report["calibration"]), config=PLOT, key="classify-calibration",
            alt="Share of the class at each probability that was said",
        )  # fmt: skip
    table = pd.DataFrame(tested["classes"]).map(_short)
    grid.show(table, "Scores of each class", formats=dict.fromkeys(
        ("precision", "recall", "f1", "auroc"), "%.3f"))  # fmt: skip
    chosen = made.info
    strands = "merged" if made.block.merged else "kept apart"
    positions = "count" if made.length else "do not count"
    st.caption(
        f"Chosen on {chosen.get('held_out', 0):,} held-out items: strands are {strands}, positions "
        f"{positions}; {len(chosen.get('heads', []))} linear heads summed, "
        f"{made.block.size:,} columns."
    )


def _short(cell: object) -> object:
    return safe.one_line(cell) if isinstance(cell, str) else cell
