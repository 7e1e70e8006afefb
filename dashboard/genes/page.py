"""Genes: the user's records as vectors, compared with one another and with human genes."""

from collections.abc import Callable

import streamlit as st

from bioskipgram.config import PoolConfig
from dashboard import state
from dashboard.genes import cache as remembered
from dashboard.genes import gene_map, nearest, overview, pair, path
from dashboard.genes.labels import what
from dashboard.shared import better_model, cache, forms, upload
from dashboard.shared.cache import ModelFile, Upload

BEST_MODEL = "human-cds-codon"
WHY = (
    f"Relatives are found best with {BEST_MODEL}: of 329 genes' paralogues it ranks first by mean "
    "average precision among the models that ship, 0.264; protein words reach 0.308."
)
EXAMPLE_TITLE = "An example"
MINE_TITLE = "Records of mine"
EXTRA = {
    "sif": ["smoothing", "remove_components"],
    "whitened": ["shrinkage"],
    "auto": ["shrinkage"],
    "second-order": ["shrinkage"],
}
VIEWS: dict[str, Callable[[ModelFile, Upload, PoolConfig], None]] = {
    "What is it?": what.show,
    "Records": overview.report,
    "Map": gene_map.show,
    "Heat map": overview.heat_map,
    "Nearest": nearest.show,
    "Tree": overview.tree,
    "Pair": pair.show,
    "Path": lambda model, records, pool: path.show(model, records),
}


def main() -> None:
    """Draw the page."""
    model = cache.chosen()
    head = st.container(horizontal=True, vertical_alignment="center")
    with head:
        choice = _source(model)
    records = _records(model, choice)
    if records is None:
        return
    with head:
        pool = _pooling(model)
        overview.files(model, records, pool)
        overview.describe(model, remembered.EXAMPLE if choice == EXAMPLE_TITLE else "")
    if cache.embedding(model).vocabulary.tokenizer.alphabet.complement:
        better_model.advise(BEST_MODEL, WHY)
    view = st.segmented_control(
        "Show", list(VIEWS), default="What is it?", required=True, key=state.GENES_VIEW,
        bind="query-params", label_visibility="collapsed",
    )  # fmt: skip
    VIEWS[view](model, records, pool)


def _source(model: ModelFile) -> str:
    """Draw the choice of the records' source."""
    alphabet = cache.embedding(model).vocabulary.tokenizer.alphabet
    titles = [EXAMPLE_TITLE, MINE_TITLE] if alphabet.complement else [MINE_TITLE]
    return st.radio(
        f"Records of {alphabet.name}", titles, horizontal=True, key=state.GENES_SOURCE,
        persist_state="session", label_visibility="collapsed", width="content",
    )  # fmt: skip


def _records(model: ModelFile, choice: str) -> Upload | None:
    """Return what is usable of the records chosen, uploaded or pasted; None of none."""
    alphabet = cache.embedding(model).vocabulary.tokenizer.alphabet.name
    if choice == EXAMPLE_TITLE:
        return remembered.example(alphabet)
    return upload.ask(alphabet, key=state.GENES_FILES)


def _pooling(model: ModelFile) -> PoolConfig:
    """Ask how k-mers become a vector."""
    strands = bool(cache.embedding(model).vocabulary.tokenizer.alphabet.complement)
    with st.popover("Pooling", icon=":material/tune:"):
        settings = forms.ask(PoolConfig, ["pooling"], prefix=state.GENES_POOL, columns=1)
        extra = ["both_strands"] if strands and settings["pooling"] != "second-order" else []
        extra += EXTRA.get(settings["pooling"], [])
        settings |= forms.ask(PoolConfig, extra, prefix=state.GENES_POOL, columns=1)
    return PoolConfig.from_dict(settings)


main()
