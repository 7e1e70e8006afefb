"""The frame of every page: ``streamlit run dashboard/app.py``."""

import sys
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from threading import Thread

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
    "Classify": "category",
    "Train": "model_training",
    "Quality": "verified",
}
"""Title of each page and its icon; its folder and its address are the title in small letters."""
TRAIN = "Train"
# Streamlit asks a web service for this machine's public address when a page of another site tries
# to connect, whatever `browser.serverAddress` says; it does not ask for one that it knows.
net_util._external_ip = "localhost"


def main() -> None:
    """Draw the frame, then the chosen page, or its error in one sentence."""
    from dashboard.kmer_map.component import bring_map

    # A picture of our own. The pages have none: Streamlit would fetch it from the network.
    st.set_page_config(page_icon=HERE / "icon.svg", layout="wide")
    # The page of the bare address; it is not offered, because it has an address of its own, too.
    home = _declare("Explore", default=True)
    pages = [_declare(title) for title in PAGES]
    page = st.navigation([home, *pages], position="hidden")
    st.set_page_config(f"{page.title} · BioSkipGram")
    # First of all, so that the browser reads the map's script while Python is still importing.
    bring_map()
    from dashboard.shared import errors, top_bar

    with errors.told():
        shown = [home, *pages[1:]] if page.url_path == "" else pages
        if top_bar.draw(shown, page, PAGES) or page.title == TRAIN:
            page.run()
        else:
            st.info("There is no model yet. Train one on the Train page; it takes seconds.")


def _declare(title: str, *, default: bool = False) -> st.Page:
    folder = title.lower()
    return st.Page(
        HERE / folder / "page.py", title=title, url_path="home" if default else folder,
        default=default,
    )  # fmt: skip


def _import_pages() -> None:
    """Import what the pages are made of, in their order."""
    for folder in map(str.lower, PAGES):
        for module in iter_modules([str(HERE / folder)]):
            if module.name != "page":  # which draws when it is imported
                import_module(f"dashboard.{folder}.{module.name}")


if __name__ == "__main__":
    main()
else:  # imported by the web server, once
    from starlette.middleware import Middleware
    from streamlit.starlette import App

    from dashboard.shared.server import PageServer

    names = frozenset(["", *map(str.lower, PAGES)])
    app = App(__file__, middleware=[Middleware(PageServer, pages=names)])
    # So that the first visitor need not wait for them.
    Thread(target=_import_pages, daemon=True).start()
