"""What a page cannot do is said in one sentence where the page would be."""

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from bioskipgram.errors import BioSkipGramError
from dashboard.shared import text as safe


@contextmanager
def told() -> Iterator[None]:
    """Show the error that is raised inside, as one sentence.

    `app.py` wraps each page in it, and every fragment is decorated with it, under `st.fragment`:
    a fragment runs again without the page around it.
    """
    try:
        yield
    except BioSkipGramError as error:
        say(error)


def say(error: object) -> None:
    """Show an error's text, which quotes what users and files brought."""
    st.error(safe.error(error), icon=":material/error:")
