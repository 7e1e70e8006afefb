"""The map of a model's k-mers, as any page may show it: layout, colours, what is lit."""

import streamlit as st

from bioskipgram.arrays import Flags
from bioskipgram.clusters import label_points
from bioskipgram.config import ProjectionConfig
from bioskipgram.projection import Projection
from dashboard import cache, figures, state
from dashboard.cache import ModelFile
from dashboard.kmer_map import Colouring, MapEvents, MapLabel, kmer_map

METHODS = {"t-SNE": "tsne", "UMAP": "umap", "PCA": "pca"}
MAP_HEIGHT = 600


def choose_layout() -> ProjectionConfig:
    """Draw the choice of layout and view, and return it; the URL and all pages share it."""
    method = st.segmented_control(
        "Layout", list(METHODS), default="t-SNE", required=True, key=state.LAYOUT,
        bind="query-params",
    )  # fmt: skip
    dimensions = st.segmented_control(
        "View", ["2-D", "3-D"], default="2-D", required=True, key=state.DIMENSIONS,
        bind="query-params",
    )  # fmt: skip
    return ProjectionConfig(method=METHODS[method], dimensions=int(dimensions[0]))


def colouring_by(model: ModelFile, colour: str) -> Colouring:
    """Return the colours of a property of every k-mer; "cluster" is one of them."""
    found = cache.property_of(model, colour)
    return Colouring(found.title, found.values, found.categories, figures.palette(found.categories))


def show(
    model: ModelFile,
    config: ProjectionConfig,
    colouring: Colouring,
    *,
    key: str,
    highlighted: Flags | None = None,
    focus: int | None = None,
    height: int = MAP_HEIGHT,
) -> MapEvents:
    """Draw a model's map, or offer to lay it out; return what was done on it.

    Parameters
    ----------
    model, config
        What is laid out, and how.
    colouring
        The colour of each point; see `colouring_by`.
    key
        The component's streamlit key.
    highlighted
        bool[V] of points that stand out while the others fade.
    focus
        Token of the point to put a ring around.
    height
        In pixels.
    """
    found = cache.layout(model, config)
    if found is None:
        _offer(model, config)
        return MapEvents()
    events = _draw(model, found, colouring, key, highlighted, focus, height)
    _say(model, found)
    return events


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


def _draw(
    model: ModelFile,
    projection: Projection,
    colouring: Colouring,
    key: str,
    highlighted: Flags | None,
    focus: int | None,
    height: int,
) -> MapEvents:
    vocabulary = cache.embedding(model).vocabulary
    tokenizer = vocabulary.tokenizer
    return kmer_map(
        key=key,
        points=projection.points,
        kmers=vocabulary.kmers,
        k=tokenizer.k,
        letters=tokenizer.alphabet.letters,
        k_min=tokenizer.k_min,
        colouring=colouring,
        labels=_labels(model, projection),
        highlighted=highlighted,
        focus=focus,
        height=height,
    )


def _say(model: ModelFile, projection: Projection) -> None:
    """Print what the map is and how far it can be trusted."""
    method = next(shown for shown, name in METHODS.items() if name == projection.config.method)
    st.caption(
        f"{method} of {len(cache.embedding(model)):,} k-mers, all shown · trustworthiness "
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
