"""The inspector beside the map: the focus, its history, or an overview."""

from typing import TYPE_CHECKING

import streamlit as st

from bioskipgram.groups import clusters as clustering
from bioskipgram.model.quality import spread
from bioskipgram.model.quality_file import QualityReport
from bioskipgram.numerics.arrays import Tokens
from dashboard import state
from dashboard.explore import cache as explore
from dashboard.shared import cache
from dashboard.shared import text as safe
from dashboard.shared.cache import ModelFile
from dashboard.shared.quality import cache as quality
from dashboard.state import Focus

if TYPE_CHECKING:
    import pandas as pd


SHORT_LIST = 6
METHODS = {"kmeans": "k-means", "hdbscan": "HDBSCAN"}


def show(model: ModelFile, tokens: Tokens) -> None:
    """Draw the card of the focus."""
    focus = state.focus()
    _trail_buttons()
    if focus.kind == "kmer":
        from dashboard.explore import (
            kmer_card,  # cards are imported when first drawn: the map comes first
        )

        kmer_card.show(model, int(tokens[0]))
    elif focus.kind:
        from dashboard.explore import group_card

        group_card.show(model, tokens, _title(model, focus, len(tokens)), focus)
    else:
        _overview(model)


def _trail_buttons() -> None:
    """Draw undo, redo and the link to the overview, once there is a history."""
    trail = state.trail()
    if len(trail.looks) == 1:
        return
    with st.container(horizontal=True):
        st.button(
            "Undo", icon=":material/undo:", type="tertiary", key="undo",
            on_click=state.step, args=(-1,), disabled=trail.place == 0,
            help="Back to the previous card",
        )  # fmt: skip
        st.button(
            "Redo", icon=":material/redo:", type="tertiary", key="redo",
            on_click=state.step, args=(1,), disabled=trail.place == len(trail.looks) - 1,
            help="Forward again",
        )  # fmt: skip
        if state.focus().kind:
            st.button("Overview", icon=":material/home:", type="tertiary", on_click=_forget)


def _forget() -> None:
    state.set_focus(Focus())
    st.session_state[state.FIND] = ""


def _title(model: ModelFile, focus: Focus, size: int) -> str:
    if focus.kind == "cluster":
        return f"Cluster {focus.number} · {cache.described_clusters(model)[focus.number].label}"
    if focus.kind == "pattern":
        return f"k-mers with {safe.markdown(focus.text)}"
    return safe.markdown(focus.text) if focus.text else f"{size:,} selected k-mers"


def _overview(model: ModelFile) -> None:
    """List the clusters, also for keyboard use, and the quality of the model."""
    missing = cache.clusters_missing(model)
    if missing:
        st.markdown("Click a point or draw a lasso. Clusters are still to be found: see the map.")
    else:
        st.markdown("Click a point or a cluster's name, draw a lasso, or choose a cluster:")
    _saved_list(model)
    if not missing:
        _cluster_list(model)
    with st.expander("How good is this model?"):
        _quality(model)


def _quality(model: ModelFile) -> None:
    info = cache.embedding(model).info
    left, right = st.columns(2)
    left.metric(
        "Loss per pair",
        "not known" if info.loss is None else f"{info.loss:.4f}",
        help="Expected SGNS loss in nats.",
    )
    right.metric(
        "Gap to optimum",
        "not known" if info.gap is None else f"{info.gap:.1%}",
        help="0 % = no vectors could do better, 100 % = as good as none. It says how well the "
        "counts are fitted, not that they mean anything.",
    )
    report = quality.report(model)
    if report is None:
        st.caption(
            "How much of it shuffled sequences give too is not known: "
            "`bioskipgram quality MODEL CORPUS --keep` measures it."
        )
        return
    st.dataframe(
        quality_table(report), hide_index=True,
        alt="Measures of the model beside retrained seeds, nulls and rules without learning",
    )  # fmt: skip
    st.caption("Median and range of trainings from other seeds and on shuffled sequences.")


def quality_table(report: QualityReport) -> "pd.DataFrame":
    """Return a row for each measure of a model, beside its seeds, nulls and baselines."""
    import pandas as pd

    kinds = dict.fromkeys(kind for one in report.measures.values() for kind in one.nulls)
    rows = [
        {
            "measure": name,
            "this model": f"{one.value:.3f}",
            **{kind: spread(one.nulls[kind]) if kind in one.nulls else "" for kind in kinds},
            "other seeds": spread(one.seeds) if one.seeds else "",
            "without learning": f"{max(one.baselines.values()):.3f}" if one.baselines else "",
        }
        for name, one in report.measures.items()
    ]
    return pd.DataFrame(rows)


def _saved_list(model: ModelFile) -> None:
    """List the saved selections, to open or delete them."""
    kept = state.saved(explore.stamp(model))
    for name in list(kept):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.button(
                safe.markdown(name), icon=":material/bookmark:", type="tertiary",
                key=f"open-{name}", on_click=state.set_focus,
                args=(Focus("selection", text=name, flags=kept[name]),),
            )  # fmt: skip
            st.button(
                "", icon=":material/close:", type="tertiary", key=f"forget-{name}",
                on_click=state.forget, args=(explore.stamp(model), name),
                help="Forget this selection",
            )  # fmt: skip


def _cluster_list(model: ModelFile) -> None:
    """Offer the clusters and list them, in text: a table's script would keep the map waiting."""
    embedding, found = cache.embedding(model), cache.found_clusters(model)
    names, key = cache.cluster_names(model), f"clusters-{model.name}"
    st.selectbox(
        "Cluster", range(len(found)), index=None, key=key, on_change=_open_cluster, args=(key,),
        format_func=lambda cluster: f"{cluster} · {names[cluster]}",
        placeholder="Choose a cluster", label_visibility="collapsed",
    )  # fmt: skip
    with st.container(height=300 if len(found) > SHORT_LIST else "content", border=False):
        st.markdown(_cluster_table(model))
    noise = int((found.labels == clustering.NOISE).sum())
    alphabet = embedding.vocabulary.tokenizer.alphabet
    st.caption(
        f"{METHODS[found.config.method]} in the full {embedding.center.shape[1]}-dimensional space"
        + (f", {noise:,} k-mers are noise" if noise else "")
        + f" · named by the pattern that tells members best from others, . = any {alphabet.unit}, "
        "or by a property; beside it, the share of the members it fits"
    )


def _open_cluster(key: str) -> None:
    state.set_focus(Focus("cluster", st.session_state[key]))


def _cluster_table(model: ModelFile) -> str:
    """Return one row of markdown for each cluster."""
    found, names = cache.found_clusters(model), cache.described_clusters(model)
    feature, form, values = explore.feature(model)
    rows = [f"| cluster | fits | k-mers | {feature} |", "|:---|---:|---:|---:|"]
    for cluster, name in enumerate(names):
        tokens = found.members(cluster)
        mean = form.format(float(values[tokens].mean()))
        fits = f"{name.share:.0%}" if name.odds is not None else "–"
        rows.append(f"| {cluster} `{name.name}` | {fits} | {len(tokens):,} | {mean} |")
    return "\n".join(rows)
