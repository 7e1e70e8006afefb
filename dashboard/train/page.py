"""Train: start a run, watch it, stop it, delete it; its model appears in the picker."""

import streamlit as st

from dashboard.shared import errors
from dashboard.train import new_run, run_card


def main() -> None:
    """Draw the page; an error on one side does not affect the other."""
    left, right = st.columns([1, 1], gap="large")
    with left, errors.told():
        new_run.show()
    with right, errors.told():
        run_card.show()


main()
