"""Genes: one's own records as vectors, beside one another and among the human genes."""

from collections.abc import Callable

import streamlit as st

from bioskipgram.config import PoolConfig
from dashboard import state
from dashboard.genes import cache as remembered
from dashboard.genes import overview, pair
from dashboard.genes.cache import Upload
from dashboard.shared import cache, forms
from dashboard.shared.cache import ModelFile

EXAMPLE_TITLE = "An example"
FILES_TITLE = "Files of mine"
PASTE_TITLE = "Pasted"
PASTED = "pasted text"
EXTRA = {
    "sif": ["smoothing", "remove_components"],
    "whitened": ["shrinkage"],
    "pairs": ["shrinkage"],
}
VIEWS: dict[str, Callable[[ModelFile, Upload, PoolConfig], None]] = {
    "Records": overview.report,
    "Map": overview.gene_map,
    "Similarity": overview.heat_map,
    "Nearest": pair.nearest,
    "Tree": overview.tree,
    "Pair": pair.pair,
    "Path": lambda model, upload, pool: pair.path(model, upload),
}


def main() -> None:
    """Draw the page."""
    model = cache.chosen()
    head = st.container(horizontal=True, vertical_alignment="bottom")
    with head:
        choice = _source(model)
    upload = _records(model, choice)
    if upload is None:
        return
    overview.left_out(upload)
    if not len(upload):
        st.error("None of the records can be used; why is said above.", icon=":material/error:")
        return
    with head:
        pool = _pooling(model)
        overview.files(model, upload, pool)
    overview.describe(model, remembered.EXAMPLE if choice == EXAMPLE_TITLE else "")
    view = st.segmented_control(
        "Show", list(VIEWS), default="Records", required=True, key=state.GENES_VIEW,
        bind="query-params", label_visibility="collapsed",
    )  # fmt: skip
    VIEWS[view](model, upload, pool)


def _source(model: ModelFile) -> str:
    """Let one choose where the records come from."""
    alphabet = cache.embedding(model).vocabulary.tokenizer.alphabet
    titles = [FILES_TITLE, PASTE_TITLE]
    if alphabet.complement:
        titles.insert(0, EXAMPLE_TITLE)
    return st.radio(
        f"Records of {alphabet.name}", titles, horizontal=True, key=state.GENES_SOURCE,
        persist_state="session",
    )  # fmt: skip


def _records(model: ModelFile, choice: str) -> Upload | None:
    """Return what is usable of the records chosen, uploaded or pasted; None of none."""
    alphabet = cache.embedding(model).vocabulary.tokenizer.alphabet.name
    if choice == EXAMPLE_TITLE:
        return remembered.example(alphabet)
    files = _files() if choice == FILES_TITLE else _pasted(alphabet)
    return remembered.read(files, alphabet) if files else None


def _files() -> tuple[tuple[str, bytes], ...]:
    """Ask for files; those of before stay while other pages are looked at."""
    st.file_uploader(
        "FASTA, GenBank or EMBL, plain or gzipped, one file or several", key=state.GENES_FILES,
        accept_multiple_files=True, max_upload_size=cache.MAX_UPLOAD_MB, on_change=_keep,
    )  # fmt: skip
    limits = remembered.LIMITS
    st.caption(
        f"Up to {limits.records:,} records and {limits.bases / 1e6:.0f} million letters in all, "
        f"{limits.length / 1e6:.0f} million in one record, {limits.file_bytes / 1e6:.0f} MB a "
        "file, plain or packed. Of more, the command line makes vectors: `bioskipgram embed`."
    )
    files = state.kept_upload()
    if files and not st.session_state[state.GENES_FILES]:
        names = ", ".join(name for name, _ in files)
        st.text(f"Still here from before: {names[:200]}")
    return files


def _keep() -> None:
    files = st.session_state[state.GENES_FILES]
    state.keep_upload(tuple((file.name, file.getvalue()) for file in files))


def _pasted(alphabet: str) -> tuple[tuple[str, bytes], ...]:
    example = (
        ">my gene\nATGGTGCATCTGACTCCTGAGGAGAAG…" if alphabet != "protein" else ">mine\nMVHLTPEEK…"
    )
    text = st.text_area(
        "FASTA, GenBank, EMBL, or a bare sequence", key=state.GENES_PASTED, height=140,
        placeholder=example, persist_state="session", max_chars=2_000_000,
    )  # fmt: skip
    return ((PASTED, text.encode("utf-8", "replace")),) if text.strip() else ()


def _pooling(model: ModelFile) -> PoolConfig:
    """Ask how k-mers become a vector."""
    strands = bool(cache.embedding(model).vocabulary.tokenizer.alphabet.complement)
    with st.popover("Pooling", icon=":material/tune:"):
        settings = forms.ask(PoolConfig, ["pooling"], prefix=state.GENES_POOL, columns=1)
        extra = ["both_strands"] if strands and settings["pooling"] != "pairs" else []
        extra += EXTRA.get(settings["pooling"], [])
        settings |= forms.ask(PoolConfig, extra, prefix=state.GENES_POOL, columns=1)
    return PoolConfig.from_dict(settings)


main()
