"""The top bar of every page: the pages, the model and what it is, the basket, the help."""

import json
from collections.abc import Mapping, Sequence

import streamlit as st
from safetensors import SafetensorError, safe_open
from streamlit.navigation.page import Page

from bioskipgram.errors import BioSkipGramError
from bioskipgram.model.embedding import ModelInfo
from bioskipgram.model.word_vectors import IMPORTED
from dashboard import state
from dashboard.shared import basket, cache, grid, help
from dashboard.shared import text as safe
from dashboard.shared.cache import ModelFile


def draw(pages: Sequence[Page], shown: Page, icons: Mapping[str, str]) -> bool:
    """Draw the bar; return whether there is a model. The choice of the model is in the address."""
    with st.container(
        horizontal=True, vertical_alignment="center", horizontal_alignment="distribute",
        key="top_bar",
    ):  # fmt: skip
        with st.container(horizontal=True, vertical_alignment="center", key="top_pages"):
            for page in pages:
                icon = f":material/{icons[page.title]}:"
                st.page_link(page, icon=icon, width="content")
        with st.container(horizontal=True, vertical_alignment="center", key="top_tools"):
            there = _pick_model()
            names = frozenset(page.title.lower() for page in pages)
            basket.draw(names, shown.title.lower())
            help.button(shown.title.lower())
    help.guide()
    return there


def _pick_model() -> bool:
    found = cache.models()
    if st.session_state.get(state.MODEL) not in found:
        st.session_state.pop(state.MODEL, None)
    chosen = st.selectbox(
        "Model", list(found), key=state.MODEL, bind="query-params", width=230,
        label_visibility="collapsed", placeholder="no model yet: train one",
    )  # fmt: skip
    st.session_state[state.MODEL_FILE] = found.get(chosen)
    if chosen is None:
        return False
    panel = st.popover(
        "About this model", icon=":material/info:", type="tertiary", key="about", on_change="rerun"
    )
    if panel.open:
        with panel:
            _about(found, chosen)
    return True


def _about(found: dict[str, ModelFile], chosen: str) -> None:
    """Say what the chosen model is, and what the others are."""
    st.markdown(f"**{safe.markdown(chosen)}**: {describe(found[chosen])}")
    st.markdown("All models: those given or imported, those that ship, those of training runs.")
    import pandas as pd

    rows = []
    for name, file in found.items():
        if (info := _info_of(file)) is not None:
            word, config = info.config.tokenizer.word, info.config
            rows.append((name, word, config.dim, info.records, info.bases / 1e6, info.source))
    names = ["model", "words", "dimensions", "sequences", "million letters", "learnt from"]
    grid.show(
        pd.DataFrame(rows, columns=names), "The models, and what each was learnt from",
        formats={"million letters": "%.2f"},
    )  # fmt: skip


def _info_of(model: ModelFile) -> ModelInfo | None:
    """Return what a model's file says about it, without reading its vectors; None if nothing."""
    try:
        with safe_open(model.path, framework="numpy") as file:
            return ModelInfo.from_dict(json.loads((file.metadata() or {})["info"]))
    except (OSError, SafetensorError, LookupError, ValueError, BioSkipGramError):
        return None


def describe(model: ModelFile) -> str:
    """Return one line of Markdown that says what a model is."""
    embedding = cache.embedding(model)
    info, config = embedding.info, embedding.info.config
    stride = "" if config.stride == 1 else f" in steps of {config.stride}"
    n = embedding.remove_components
    removed = f", {n} leading component{'s' * (n > 1)} removed" if n else ""
    tokenizer = embedding.vocabulary.tokenizer
    if info.trainer == IMPORTED:
        missing = {"counts": embedding.vocabulary.counted, "contexts": embedding.has_context}
        absent = ", ".join([*(name for name, there in missing.items() if not there), "loss"])
        return (
            f"{len(embedding):,} {tokenizer.word}s{stride}, {config.dim} dimensions · imported "
            f"from {safe.markdown(info.source)}, which does not hold: {absent}"
        )
    unit = "Mb" if tokenizer.alphabet.complement else "million residues"
    return (
        f"{len(embedding):,} {tokenizer.word}s{stride}, {config.dim} dimensions{removed}, window "
        f"{config.window} · learnt from {info.records:,} sequences, {info.bases / 1e6:.2f} {unit} "
        f"({safe.markdown(info.source)}) by the {info.trainer} trainer"
    )
