"""Errors of a page, shown as one sentence in its place."""

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from bioskipgram.errors import BioSkipGramError, optional_packages
from dashboard.shared import text as safe


@contextmanager
def told() -> Iterator[None]:
    """Show the error raised inside as one sentence.

    `app.py` wraps each page in it; every fragment is decorated with it too, under `st.fragment`,
    since it runs again without the page.
    """
    try:
        with optional_packages():
            yield
    except BioSkipGramError as error:
        say(error)


def say(error: object) -> None:
    """Show an error's text, which may quote untrusted text."""
    st.error(safe.error(error), icon=":material/error:")
