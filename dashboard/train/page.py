"""Train: start a run, watch it, compare runs; a finished model appears in the picker."""

import streamlit as st

from dashboard.shared import errors
from dashboard.train import compare, new_run, run_card


def main() -> None:
    """Draw the page; an error on one side does not affect the other."""
    left, right = st.columns([7, 11], gap="medium")
    with left, errors.told():
        new_run.show()
    pair = None
    with right, st.container(key="runs"), errors.told():
        pair = run_card.show()
    if pair:
        with errors.told():
            compare.show(*pair)


main()
