"""Train: start a run, watch it, compare runs; a finished model appears in the picker."""

import streamlit as st

from dashboard.shared import errors
from dashboard.train import compare, new_run, run_card

# A narrow page has the runs below the inputs of a new one.
STYLE = """<style>
@media (max-width: 1000px) {
  .st-key-train > * > [data-testid="stHorizontalBlock"] { flex-wrap: wrap; }
  .st-key-train > * > [data-testid="stHorizontalBlock"] > [data-testid="stColumn"] {
    min-width: 100%;
  }
}
</style>"""


def main() -> None:
    """Draw the page; an error on one side does not affect the other."""
    st.html(STYLE)
    with st.container(key="train"):
        left, right = st.columns([7, 11], gap="medium")
    with left, errors.told():
        new_run.show()
    pair = None
    with right, errors.told():
        pair = run_card.show()
    if pair:
        with errors.told():
            compare.show(*pair)


main()
