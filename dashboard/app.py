"""The frame of every page: ``streamlit run dashboard/app.py``."""

import sys
from pathlib import Path

import streamlit as st
from streamlit import net_util

HERE = Path(__file__).parent
if str(HERE.parent) not in sys.path:
    # `streamlit run` puts this file's folder on the path, not the repository.
    sys.path.insert(0, str(HERE.parent))

PAGES = {
    "Explore": "bubble_chart",
    "Similarity": "hub",
    "Genes": "genetics",
    "Motifs": "manage_search",
    "Variants": "edit_note",
    "Train": "model_training",
    "Quality": "verified",
}
"""Title of each page and its icon; its folder and its address are the title in small letters."""
TRAIN = "Train"
# Streamlit fades every element while Python works, which keeps a browser without a graphics
# processor busy for longer than the work; its margins take a third of a small screen, and its
# numbers are cut off there.
STYLE = """<style>
.stElementContainer { opacity: 1 !important; transition: none !important; }
.stMainBlockContainer { padding: 4rem 1.75rem 2rem; }
[data-testid="stMetricLabel"] :is(div, p) { white-space: normal; overflow: visible; }
[data-testid="stMetricValue"] { font-size: clamp(1.2rem, 2.4vw, 2.1rem); }
</style>"""


# Streamlit asks a web service for this machine's public address when a page of another site tries
# to connect, whatever `browser.serverAddress` says; it does not ask for one that it knows.
net_util._external_ip = "localhost"


def main() -> None:
    """Draw the frame, then the chosen page, or its error in one sentence."""
    from dashboard.kmer_map.component import bring_map

    # A picture of our own: Streamlit would fetch a named icon from the network.
    st.set_page_config("BioSkipGram", HERE / "icon.svg", layout="wide")
    st.html(STYLE)
    # First of all, so that the browser reads the map's script while Python is still importing.
    bring_map()
    _page()


def _page() -> None:
    from dashboard.shared import errors

    page = st.navigation(
        [
            st.Page(
                HERE / title.lower() / "page.py",
                title=title,
                url_path=title.lower(),
                icon=f":material/{icon}:",
            )
            for title, icon in PAGES.items()
        ],
        position="top",
    )
    with errors.told():
        if _pick_model() or page.title == TRAIN:
            page.run()
        else:
            st.info("There is no model yet. Train one on the Train page; it takes seconds.")


def _pick_model() -> bool:
    """Draw the choice of the model, kept in the URL; return whether there is one."""
    from dashboard import state
    from dashboard.explore import inspector
    from dashboard.shared import cache

    found = cache.models()
    if st.session_state.get(state.MODEL) not in found:
        st.session_state.pop(state.MODEL, None)
    left, right = st.columns([1, 3], vertical_alignment="bottom")
    chosen = left.selectbox(
        "Model",
        list(found),
        key=state.MODEL,
        bind="query-params",
        placeholder="no model yet: train one",
        help="The models that ship, then those of your training runs.",
    )
    st.session_state[state.MODEL_FILE] = found.get(chosen)
    if chosen is not None:
        right.caption(inspector.describe(found[chosen]))
    return chosen is not None


main()
