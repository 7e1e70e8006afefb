"""The frame of every page: ``streamlit run dashboard/app.py``."""

import sys
from pathlib import Path

import streamlit as st

from dashboard.kmer_map.component import bring_map

# `streamlit run` puts this file's folder on the path, not the repository.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))


HERE = Path(__file__).parent
# Streamlit fades every element while Python works, which keeps a browser without a graphics
# processor busy for longer than the work; its margins take a third of a small screen, and its
# numbers are cut off there.
STYLE = """<style>
.stElementContainer { opacity: 1 !important; transition: none !important; }
.stMainBlockContainer { padding: 4rem 1.75rem 2rem; }
[data-testid="stMetricLabel"] :is(div, p) { white-space: normal; overflow: visible; }
[data-testid="stMetricValue"] { font-size: clamp(1.2rem, 2.4vw, 2.1rem); }
</style>"""


def main() -> None:
    """Draw the frame, then the chosen page; what it cannot do is said in one sentence."""
    # A picture of our own: Streamlit would fetch a named icon from the network.
    st.set_page_config("BioSkipGram", HERE / "icon.svg", layout="wide")
    st.html(STYLE)
    # First of all, so that the browser reads the map's script while Python is still importing.
    bring_map()
    _page()


def _page() -> None:
    from bioskipgram.errors import BioSkipGramError

    page = st.navigation(
        [
            st.Page(
                HERE / "explore/page.py",
                title="Explore",
                url_path="explore",
                icon=":material/bubble_chart:",
            ),
            st.Page(
                HERE / "similarity/page.py",
                title="Similarity",
                url_path="similarity",
                icon=":material/hub:",
            ),
            st.Page(
                HERE / "genes/page.py", title="Genes", url_path="genes", icon=":material/genetics:"
            ),
            st.Page(
                HERE / "motifs/page.py",
                title="Motifs",
                url_path="motifs",
                icon=":material/manage_search:",
            ),
            st.Page(
                HERE / "variants/page.py",
                title="Variants",
                url_path="variants",
                icon=":material/edit_note:",
            ),
            st.Page(
                HERE / "train/page.py",
                title="Train",
                url_path="train",
                icon=":material/model_training:",
            ),
        ],
        position="top",
    )
    try:
        _pick_model()
        page.run()
    except BioSkipGramError as error:
        st.error(str(error), icon=":material/error:")


def _pick_model() -> None:
    """Choose the model every page speaks of; the URL remembers it."""
    from dashboard import state
    from dashboard.explore import inspector
    from dashboard.shared import cache

    names = list(cache.models())
    if st.session_state.get(state.MODEL) not in names:
        st.session_state.pop(state.MODEL, None)
    with st.container(horizontal=True, vertical_alignment="bottom", key="model-row"):
        chosen = st.selectbox(
            "Model",
            names,
            key=state.MODEL,
            bind="query-params",
            width=260,
            placeholder="no model yet: train one",
            help="The models that ship, then those of your training runs.",
        )
        if chosen is not None:
            st.caption(inspector.describe(cache.models()[chosen]))


main()
