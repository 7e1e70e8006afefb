"""Quality: what a model knows, beside its nulls and rules without learning."""

import streamlit as st

from dashboard import state
from dashboard.quality import (
    concatenation,
    directions,
    keys,
    null_twin,
    species,
    two_models,
    verdict,
)
from dashboard.shared import cache


def main() -> None:
    """Draw the page."""
    model = cache.chosen()
    section = st.segmented_control(
        "Section", list(_SECTIONS), default=keys.VERDICT, required=True, key=state.QUALITY,
        bind="query-params", label_visibility="collapsed",
    )  # fmt: skip
    _SECTIONS[section](model)


_SECTIONS = {
    keys.VERDICT: verdict.show,
    keys.TWIN: null_twin.show,
    keys.DIRECTIONS: directions.show,
    state.TWO_MODELS: two_models.show,
    keys.ATLAS: species.show,
    keys.SUMS: concatenation.show,
}

main()
