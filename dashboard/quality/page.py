"""Quality: what a model knows, beside its nulls and rules without learning."""

import streamlit as st

from dashboard import state
from dashboard.quality import concatenation, null_twin, species, two_models, verdict
from dashboard.shared import cache


def main() -> None:
    """Draw the page."""
    model = cache.chosen()
    section = st.segmented_control(
        "Section", list(_SECTIONS), default=state.VERDICT, required=True, key=state.QUALITY,
        bind="query-params", label_visibility="collapsed",
    )  # fmt: skip
    _SECTIONS[section](model)


_SECTIONS = {
    state.VERDICT: verdict.show,
    state.TWIN: null_twin.show,
    state.TWO_MODELS: two_models.show,
    state.ATLAS: species.show,
    state.SUMS: concatenation.show,
}

main()
