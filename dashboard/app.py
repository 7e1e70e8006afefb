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
# processor busy for longer than the work; its numbers are cut off on a small screen.
STYLE = """<style>
.stElementContainer { opacity: 1 !important; transition: none !important; }
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
    from dashboard.shared import errors, top_bar

    # The page of the bare address; it is not offered, because it has an address of its own, too.
    home = _declare("Explore", default=True)
    pages = [_declare(title) for title in PAGES]
    page = st.navigation([home, *pages], position="hidden")
    with errors.told():
        shown = [home, *pages[1:]] if page.url_path == "" else pages
        if top_bar.draw(shown, page) or page.title == TRAIN:
            page.run()
        else:
            st.info("There is no model yet. Train one on the Train page; it takes seconds.")


def _declare(title: str, *, default: bool = False) -> st.Page:
    folder = title.lower()
    return st.Page(
        HERE / folder / "page.py", title=title, icon=f":material/{PAGES[title]}:",
        url_path="home" if default else folder, default=default,
    )  # fmt: skip


if __name__ == "__main__":
    main()
else:  # imported by the web server, once
    from starlette.middleware import Middleware
    from streamlit.starlette import App

    from dashboard.shared.server import PageServer

    names = frozenset(["", *map(str.lower, PAGES)])
    app = App(__file__, middleware=[Middleware(PageServer, pages=names)])
