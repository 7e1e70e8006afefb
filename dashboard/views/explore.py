"""Explore: the map of all k-mers, and the inspector beside it."""

import numpy as np
import streamlit as st

from bioskipgram.arrays import Flags, Tokens
from bioskipgram.clusters import label_points
from bioskipgram.config import ProjectionConfig
from bioskipgram.errors import QueryError
from bioskipgram.projection import Projection
from bioskipgram.properties import offered
from dashboard import cache, figures, inspector, state
from dashboard.cache import ModelFile
from dashboard.kmer_map import Colouring, MapEvents, MapLabel, decode_events, kmer_map, stamp_of
from dashboard.state import Focus

METHODS = {"t-SNE": "tsne", "UMAP": "umap", "PCA": "pca"}
MAP_HEIGHT = 600


def main() -> None:
    """Draw the page."""
    name = st.session_state.get(state.MODEL)
    if name is None:
        st.info("There is no model yet. Train one on the Train page; it takes seconds.")
        return
    model = cache.models()[name]
    state.focus_belongs_to(name)
    _take_events(model)
    left, right = st.columns([2, 1], gap="medium")
    with left:
        config, colouring = _controls(model)
        tokens = _tokens(model)
        projection = _projection(model, config)
        if projection is not None:
            _draw(model, projection, colouring, tokens)
    with right:
        _inspect(model, tokens)


def _controls(model: ModelFile) -> tuple[ProjectionConfig, Colouring]:
    nucleotides = bool(cache.embedding(model).vocabulary.tokenizer.alphabet.complement)
    pattern, codes = ("CGNCG", "IUPAC codes") if nucleotides else ("GXG", "X for any residue")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        method, dimensions, colour = _choices(model)
        st.text_input(
            "Find", key=state.FIND, placeholder=f"a k-mer, or a pattern like {pattern}",
            on_change=_find, args=(model,), width=220,
            help=f"A whole k-mer opens its card; a part of one, {codes} allowed, lights all "
            "k-mers that contain it.",
        )  # fmt: skip
    found = cache.property_of(model, colour)
    config = ProjectionConfig(method=METHODS[method], dimensions=int(dimensions[0]))
    return config, Colouring(
        found.title, found.values, found.categories, figures.palette(found.categories)
    )


def _choices(model: ModelFile) -> tuple[str, str, str]:
    """Return layout, view and colour, as the widgets call them."""
    method = st.segmented_control(
        "Layout", list(METHODS), default="t-SNE", required=True, key=state.LAYOUT,
        bind="query-params",
    )  # fmt: skip
    dimensions = st.segmented_control(
        "View", ["2-D", "3-D"], default="2-D", required=True, key=state.DIMENSIONS,
        bind="query-params",
    )  # fmt: skip
    colours = ["cluster", *offered(cache.embedding(model).vocabulary.tokenizer)]
    colour = st.selectbox("Colour by", colours, key=state.COLOUR, bind="query-params", width=200)
    return method, dimensions, colour


def _find(model: ModelFile) -> None:
    """Focus on what was typed: a k-mer where it is one, else a pattern."""
    text = str(st.session_state[state.FIND]).strip().upper()
    if not text:
        state.set_focus(Focus())
        return
    try:
        token = cache.embedding(model).vocabulary.token(text)
        state.set_focus(Focus("kmer", token))
    except QueryError:
        state.set_focus(Focus("pattern", text=text))


def _take_events(model: ModelFile) -> None:
    """Turn what was done on the map since the last run into a new focus."""
    events = _events(model)
    cluster = events.clicked_cluster
    if cluster is None and st.session_state.get(state.COLOUR) == "cluster":
        cluster = events.clicked_category
    old = state.focus()
    if state.is_new_selection(events.selection) and events.selection is not None:
        state.set_focus(Focus("selection"))
    elif events.clicked is not None:
        state.set_focus(Focus("kmer", events.clicked))
    elif cluster is not None and cluster < len(cache.found_clusters(model)):
        state.set_focus(Focus("cluster", cluster))
    elif events.cleared or (old.kind == "selection" and events.selection is None):
        state.set_focus(Focus())
    if state.focus() != old:
        st.session_state[state.FIND] = ""


def _events(model: ModelFile) -> MapEvents:
    """Return what was done on the map; the legend's entries are the clusters."""
    kmers, names = cache.embedding(model).vocabulary.kmers, cache.cluster_names(model)
    legend = Colouring("", np.zeros(0, np.float32), names)
    found = st.session_state.get(state.MAP) or {}
    return decode_events(found, size=len(kmers), stamp=stamp_of(kmers), colouring=legend)


def _tokens(model: ModelFile) -> Tokens:
    """Return the k-mers in focus, int32[n]."""
    focus = state.focus()
    if focus.kind == "kmer":
        return np.array([focus.number], np.int32)
    flags: Flags | None = None
    if focus.kind == "cluster":
        flags = cache.found_clusters(model).labels == focus.number
    elif focus.kind == "pattern":
        flags = cache.matches(model, focus.text)
    elif focus.kind == "selection":
        flags = _events(model).selection
    return np.flatnonzero(flags if flags is not None else []).astype(np.int32)


def _projection(model: ModelFile, config: ProjectionConfig) -> Projection | None:
    """Return the layout, or offer to make it and say how that goes."""
    found = cache.layout(model, config)
    if found is None:
        _offer(model, config)
    return found


@st.fragment(run_every=1.0)
def _offer(model: ModelFile, config: ProjectionConfig) -> None:
    """Offer to make a layout; while it is made, say so and let it be stopped."""
    job = cache.layout_job(model, config)
    name = next(shown for shown, method in METHODS.items() if method == config.method)
    if job is not None and job.poll() is None:
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            st.markdown(f":material/hourglass_top: Computing the {name} map …")
            if st.button("Stop", key="stop_layout"):
                job.terminate()
        return
    if job is not None and job.returncode == 0:
        st.rerun()
    if job is not None and job.returncode > 0 and job.stderr is not None and not job.stderr.closed:
        st.session_state["layout_error"] = job.stderr.read().decode(errors="replace")[-500:]
        job.stderr.close()
    if job is not None and job.returncode > 0:
        st.error(st.session_state.get("layout_error", "The layout could not be made."))
    st.info(
        f"This model has no {config.dimensions}-D {name} map yet. It takes about ten seconds for "
        "4,096 k-mers, UMAP a minute the first time; you can go on meanwhile. PCA is there at once."
    )
    if st.button(f"Compute the {name} map", type="primary", key="start_layout"):
        cache.layout_job(model, config, start=True)
        st.rerun(scope="fragment")


def _draw(model: ModelFile, projection: Projection, colouring: Colouring, tokens: Tokens) -> None:
    embedding, focus = cache.embedding(model), state.focus()
    tokenizer = embedding.vocabulary.tokenizer
    lit = np.zeros(len(embedding), np.bool_)
    lit[tokens] = True
    kmer_map(
        key=state.MAP,
        points=projection.points,
        kmers=embedding.vocabulary.kmers,
        k=tokenizer.k,
        letters=tokenizer.alphabet.letters,
        k_min=tokenizer.k_min,
        colouring=colouring,
        labels=_labels(model, projection),
        highlighted=lit if focus.kind in ("cluster", "pattern") else None,
        focus=focus.number if focus.kind == "kmer" else None,
        height=MAP_HEIGHT,
    )
    method = next(shown for shown, name in METHODS.items() if name == projection.config.method)
    st.caption(
        f"{method} of {len(embedding):,} k-mers, all shown · trustworthiness "
        f"{projection.trustworthiness:.3f}",
        help="How far a point's 15 nearest neighbours on the map are near it in the full space: "
        "1 = all of them, 0.5 = as good as random (Venna & Kaski 2001). Distances between far "
        "groups mean little on t-SNE and UMAP maps.",
    )


def _labels(model: ModelFile, projection: Projection) -> list[MapLabel]:
    places = label_points(projection.points, cache.found_clusters(model))
    names = cache.cluster_names(model)
    return [
        MapLabel(cluster, name, *(float(value) for value in place))
        for cluster, (name, place) in enumerate(zip(names, places, strict=True))
    ]


def _inspect(model: ModelFile, tokens: Tokens) -> None:
    focus = state.focus()
    if focus.kind:
        st.button(
            "Back to the overview", icon=":material/arrow_back:", type="tertiary",
            on_click=_forget,
        )  # fmt: skip
    inspector.show(model, tokens)


def _forget() -> None:
    state.set_focus(Focus())
    st.session_state[state.FIND] = ""


main()
