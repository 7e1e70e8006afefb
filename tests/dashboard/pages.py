"""The app under AppTest, opened on one of its pages."""

from pathlib import Path

from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

APP = Path(__file__).resolve().parents[2] / "dashboard" / "app.py"


def open_page(page: str = "", *, timeout: int = 120, **session: object) -> AppTest:
    """Run the app on a page ("genes"; "" = Explore) with some of its session state given."""
    app = AppTest.from_file(str(APP), default_timeout=timeout)
    for name, value in session.items():
        app.session_state[name] = value
    if page:
        # `switch_page` would need a first run, of Explore, to learn that the page is called so.
        app._page_hash = calc_hash(page)
    return app.run()
