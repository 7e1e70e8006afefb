"""The map of a model's k-mers on any page: projection, colours, highlights."""

from dataclasses import replace
from typing import Literal

import numpy as np
import streamlit as st

from bioskipgram.config import ClusterConfig, ProjectionConfig
from bioskipgram.groups.properties import Property, offered
from bioskipgram.jobs.job import Job
from bioskipgram.jobs.status import Status
from bioskipgram.numerics.arrays import Floats
from bioskipgram.projection.jobs import seconds_needed
from bioskipgram.projection.projection import SAMPLE, WHOLE, Projection
from dashboard import state
from dashboard.kmer_map import palette
from dashboard.kmer_map.component import kmer_map
from dashboard.kmer_map.content import Colouring, MapContent, MapLabel, MapLook
from dashboard.kmer_map.events import MapEvents
from dashboard.kmer_map.labels import labels_of
from dashboard.shared import cache, errors, letters
from dashboard.shared import text as safe
from dashboard.shared.cache import ModelFile

METHODS = {"t-SNE": "tsne", "UMAP": "umap", "PCA": "pca"}
LONG = 240.0
"""Seconds from which on quicker projections are offered."""


def choose_layout(
    label_visibility: Literal["visible", "collapsed"] = "visible",
) -> ProjectionConfig:
    """Draw the choice of projection and view, and return it; shared by the URL and all pages."""
    method = st.segmented_control(
        "Layout", list(METHODS), default="t-SNE", required=True, key=state.LAYOUT,
        bind="query-params", label_visibility=label_visibility,
    )  # fmt: skip
    dimensions = st.segmented_control(
        "View", ["2-D", "3-D"], default="2-D", required=True, key=state.DIMENSIONS,
        bind="query-params", label_visibility=label_visibility,
    )  # fmt: skip
    return ProjectionConfig(method=METHODS[method], dimensions=int(dimensions[0]))


def known(model: ModelFile) -> tuple[str, ...]:
    """Return the properties that a model's k-mers can be coloured by."""
    tokenizer = cache.embedding(model).vocabulary.tokenizer
    return offered(tokenizer, frame_counts=bool(tokenizer.alphabet.complement))


def colouring_by(model: ModelFile, colour: str) -> Colouring:
    """Return the colours of a property of every k-mer; "cluster" is one of them."""
    found = coloured(cache.property_of(model, colour))
    return replace(found, palette=_cluster_palette(model)) if colour == "cluster" else found


def _cluster_palette(model: ModelFile) -> tuple[str, ...]:
    """Return a colour for each cluster, near ones unlike: on t-SNE, else in the full space."""
    shown, found = cache.layout(model, ProjectionConfig()), cache.found_clusters(model)
    points = cache.embedding(model).unit if shown is None else shown.points
    places = [np.median(points[found.members(c)], axis=0) for c in range(len(found))]
    return palette.beside(np.array(places, np.float32).reshape(len(found), points.shape[1]))


def coloured(found: Property) -> Colouring:
    """Return the colours of a property."""
    palette = letters.palette(found.categories)
    return Colouring(found.title, found.values, found.categories, palette)


def show(model: ModelFile, config: ProjectionConfig, look: MapLook, *, key: str) -> MapEvents:
    """Draw a model's map, labelled by its clusters, or offer to make it; return what was done."""
    found = cache.layout(model, config)
    if found is None:
        _offer(model, config)
        return MapEvents()
    labels = look.labels or _labels(model, found)
    events = kmer_map(content(model, found.points, replace(look, labels=labels)), key=key)
    _say(model, found)
    return events


def content(model: ModelFile, points: Floats, look: MapLook) -> MapContent:
    """Return a map of a model's k-mers at these points, float32[V, 2 or 3]."""
    vocabulary = cache.embedding(model).vocabulary
    tokenizer = vocabulary.tokenizer
    return MapContent(
        points=points, kmers=vocabulary.kmers, k=tokenizer.k, look=look,
        letters=tokenizer.alphabet.letters, k_min=tokenizer.k_min,
    )  # fmt: skip


def _offer(model: ModelFile, config: ProjectionConfig | ClusterConfig) -> None:
    """Offer to make a projection or to find clusters; meanwhile show the progress."""
    status, what = cache.layout_job(model, config).status(), _named(config)
    active = status is not None and status.active
    if not active:
        if status is not None:
            errors.say(status.error)
        st.info(_told_before(model, config))
        verb = "Find" if isinstance(config, ClusterConfig) else "Compute"
        if st.button(f"{verb} the {what}", type="primary", key=f"start_{config.method}"):
            cache.start_layout(model, config)
            st.rerun()
    _watch(model, config, active=active)


@st.fragment(run_every=1.0)
@errors.told()
def _watch(model: ModelFile, config: ProjectionConfig | ClusterConfig, *, active: bool) -> None:
    """Show the progress of a projection; draw the page again when it is done."""
    job = cache.layout_job(model, config)
    status = job.status()
    if (status is not None and status.active) != active or cache.is_made(model, config):
        st.rerun()
    if status is None or not active:
        return
    watch_job(job, status, _named(config), key=f"stop_{config.method}")


def watch_job(job: Job, status: Status, what: str, *, key: str) -> None:
    """Show the progress of a job, with a button that stops it."""
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.progress(status.share, f":material/hourglass_top: The {what}: {_how(status)}")
        if st.button("Stop", key=key):
            job.stop()
            st.rerun()


def _how(status: Status) -> str:
    """Return the progress of a projection in words."""
    if status.state == "waiting" and status.stage == "starting":
        return "starting, or waiting until another one is done …"
    left = "" if status.seconds_left is None else f" · {_duration(status.seconds_left)} left"
    return f"{safe.markdown(status.stage)} · {status.share:.0%}{left}"


def _named(config: ProjectionConfig | ClusterConfig) -> str:
    if isinstance(config, ClusterConfig):
        method = {"kmeans": "k-means", "hdbscan": "HDBSCAN", "leiden": "Leiden"}[config.method]
        return f"{method} clusters"
    method = next(shown for shown, method in METHODS.items() if method == config.method)
    return f"{config.dimensions}-D {method} map"


def _told_before(model: ModelFile, config: ProjectionConfig | ClusterConfig) -> str:
    """Return how long something takes, and a quicker alternative if that is long."""
    V = len(cache.embedding(model))
    needed = seconds_needed(config, V)
    text = (
        f"This model has no {_named(config)} yet. For {V:,} k-mers it takes about "
        f"{_duration(needed)} on two free cores, in the background."
    )
    if isinstance(config, ProjectionConfig) and V > WHOLE and config.method != "pca":
        text += f" {SAMPLE:,} of them are projected, the others placed near their neighbours."
    if isinstance(config, ClusterConfig) or needed < LONG:
        return text
    others = {
        shown: seconds_needed(replace(config, method=method), V)
        for shown, method in METHODS.items()
    }
    quicker = [f"{s} about {_duration(n)}" for s, n in others.items() if n < needed / 2]
    return text + (f" Quicker in {config.dimensions}-D: {', '.join(quicker)}." if quicker else "")


def _duration(seconds: float) -> str:
    """Return a duration as text: 40 s, 3 min, 2 h."""
    if seconds < 90:
        return f"{max(1, seconds):.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.0f} h"


def _say(model: ModelFile, projection: Projection) -> None:
    """Write what the map is, and its trustworthiness."""
    method = next(shown for shown, name in METHODS.items() if name == projection.config.method)
    V = len(cache.embedding(model))
    placed = (
        "" if projection.laid_out == V
        else f", projected from {projection.laid_out:,} of them, the others at the mean of their "
        "nearest"
    )  # fmt: skip
    st.caption(
        f"{method} of {V:,} k-mers{', all shown' if V <= WHOLE else ''}{placed} · trustworthiness "
        f"{projection.trustworthiness:.3f}",
        help="How far a point's 15 nearest neighbours on the map are near it in the full space: "
        "1 = all of them, 0.5 = as good as random (Venna & Kaski 2001). Distances between far "
        "groups mean little on t-SNE and UMAP maps.",
    )

    if cache.clusters_missing(model):
        _offer(model, cache.cluster_config(model))


def _labels(model: ModelFile, projection: Projection) -> list[MapLabel]:
    """Return the names of the clusters, after those of all k-mers if these are few."""
    vocabulary, found = cache.embedding(model).vocabulary, cache.found_clusters(model)
    return labels_of(vocabulary, projection.points, found, cache.cluster_names(model))
