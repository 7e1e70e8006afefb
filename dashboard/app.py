"""The frame of every page: ``streamlit run dashboard/app.py``."""

import sys
from pathlib import Path

# `streamlit run` puts this file's folder on the path, not the repository.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import streamlit as st

from bioskipgram.errors import BioSkipGramError
from dashboard import cache, state

VIEWS = Path(__file__).parent / "views"


def main() -> None:
    """Draw the frame, then the chosen page; what it cannot do is said in one sentence."""
    st.set_page_config("BioSkipGram", ":material/bubble_chart:", layout="wide")
    page = st.navigation(
        [
            st.Page(VIEWS / "explore.py", title="Explore", icon=":material/bubble_chart:"),
            st.Page(VIEWS / "train.py", title="Train", icon=":material/model_training:"),
        ]
    )
    try:
        _pick_model()
        page.run()
    except BioSkipGramError as error:
        st.error(str(error), icon=":material/error:")


def _pick_model() -> None:
    """Let the sidebar choose the model every page speaks of; the URL remembers it."""
    names = list(cache.models())
    if st.session_state.get(state.MODEL) not in names:
        st.session_state.pop(state.MODEL, None)
    with st.sidebar:
        st.selectbox(
            "Model",
            names,
            key=state.MODEL,
            bind="query-params",
            placeholder="no model yet: train one",
            help="The models that ship, then those of your training runs.",
        )


main()
