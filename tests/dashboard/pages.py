"""The app under AppTest, opened on one of its pages."""

import re
from pathlib import Path
from typing import Any

from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

import bioskipgram as bsg
from bioskipgram.model import checkpoint

APP = Path(__file__).resolve().parents[2] / "dashboard" / "app.py"


def open_page(page: str = "", *, timeout: int = 120, **session: object) -> AppTest:
    """Run the app on a page ("genes"; "" = Explore) with some of its session state given."""
    return prepare(page, timeout=timeout, **session).run()


def prepare(page: str = "", *, timeout: int = 120, **session: object) -> AppTest:
    """Return the app before its first run."""
    app = AppTest.from_file(str(APP), default_timeout=timeout)
    for name, value in session.items():
        app.session_state[name] = value
    if page:
        # `switch_page` would need a first run, of Explore, to learn that the page is called so.
        app._page_hash = calc_hash(page)
    return app


def shown(element: Any) -> str:
    """Return an element's Markdown as it is read, without what `dashboard.shared.text` put in."""
    return re.sub(r"\\([^A-Za-z0-9\s])", r"\1", str(element.value)).replace("\u2060", "")


def words(app: AppTest) -> str:
    """Return all Markdown, captions, headings and messages of a page as they are read."""
    parts = [*app.markdown, *app.caption, *app.subheader, *app.text]
    parts += [*app.error, *app.warning, *app.info]
    return "\n".join(map(shown, parts))


def save_trained(path: Path, text: str, **settings: Any) -> None:
    """Train a small model on one record and save it."""
    config = bsg.TrainConfig(dim=4, steps=3, **settings)
    sequences = bsg.read(f">a\n{text}\n".encode(), alphabet=config.tokenizer.alphabet)
    training = bsg.Training(sequences, config)
    for _ in training:
        pass
    checkpoint.save(training.embedding(), path)
