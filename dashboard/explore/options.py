"""What else can be set on the map: clusters, histograms that filter, values of the user's own."""

import streamlit as st

from bioskipgram.config import ClusterConfig
from dashboard import state
from dashboard.explore import cache as explore
from dashboard.kmer_map.content import MAX_FACTS, Colouring
from dashboard.shared import cache, model_map
from dashboard.shared import text as safe
from dashboard.shared.cache import ModelFile

METHODS = {"k-means": "kmeans", "HDBSCAN": "hdbscan", "Leiden": "leiden"}
SIZES: dict[str, tuple[str, str, float, float, float]] = {
    "kmeans": ("clusters", "How many clusters", 2, 60, 1),
    "hdbscan": ("min_cluster_size", "k-mers in the smallest cluster", 2, 200, 1),
    "leiden": ("resolution", "Resolution: higher = more, smaller clusters", 0.1, 8.0, 0.1),
}
"""By method: its setting, what it is, its lowest and highest value and the step."""


def ask(model: ModelFile) -> None:
    """Draw a button that opens the settings."""
    with st.popover("Clusters, filters", help="Cluster anew, filter by histograms, own values"):
        _clusters(model)
        st.multiselect(
            "Histograms of", model_map.known(model), key=state.HISTOGRAMS, max_selections=MAX_FACTS,
            placeholder="up to three properties",
            help="They stand on the map; the handles of each filter the map and the others.",
        )  # fmt: skip
        _own_values(model)


def histograms(model: ModelFile) -> list[Colouring]:
    """Return the chosen properties, coloured."""
    names = [*st.session_state.get(state.HISTOGRAMS, ())]
    return [model_map.colouring_by(model, name) for name in names if name in model_map.known(model)]


def _clusters(model: ModelFile) -> None:
    """Ask how to cluster; the map's line says what it takes where that is long."""
    now = cache.cluster_config(model)
    shown = next(shown for shown, method in METHODS.items() if method == now.method)
    chosen = st.segmented_control(
        "Clusters", list(METHODS), default=shown, required=True, key=state.CLUSTER_METHOD,
        help="k-means: every k-mer in one of a number of clusters. HDBSCAN: dense groups, the rest "
        "is noise. Leiden: communities of the graph that joins each k-mer to its 15 nearest.",
    )  # fmt: skip
    method = METHODS[chosen]
    name, label, low, high, step = SIZES[method]
    value = getattr(now if now.method == method else ClusterConfig(method=method), name)
    kind = type(value)
    size = st.slider(
        label, kind(low), kind(high), kind(min(max(value, low), high)), kind(step),
        key=f"{state.CLUSTER_SIZE}-{method}-{model.name}",
    )  # fmt: skip
    wanted = ClusterConfig(method=method, **{name: size})
    if st.button("Find these clusters", disabled=wanted == now):
        st.session_state[state.CLUSTERING] = (model.name, wanted)
        state.other_clusters()
        st.rerun()


def _own_values(model: ModelFile) -> None:
    """Let the user give a table of k-mers and numbers to colour by."""
    st.markdown(
        "**Values of your own**: a CSV or TSV whose first column is the k-mer and whose other "
        "columns are numbers. Each becomes a colour."
    )
    file = st.file_uploader(
        "Table of k-mers and numbers", type=["csv", "tsv", "txt"], key=state.VALUES_UPLOAD,
        max_upload_size=50, label_visibility="collapsed",
    )  # fmt: skip
    if file is not None:
        st.session_state[state.VALUES] = cache.Given(file.name, file.getvalue())
    if given := st.session_state.get(state.VALUES):
        found = explore.own_values(model, given.digest, given)
        st.caption(f"{safe.markdown(given.name)}: {len(found)} column{'s' * (len(found) != 1)}")
        for note in dict.fromkeys(own.note for own in found if own.note):
            st.warning(safe.markdown(note, safe.MAX_ERROR))
        if st.button("Forget them"):
            del st.session_state[state.VALUES]
            st.rerun()
