"""No page shows a picture, a link or HTML that a user, a file or an address brought."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Block

import bioskipgram as bsg
from bioskipgram.training import runs
from dashboard import state
from dashboard.quality import keys
from dashboard.shared import cache
from dashboard.shared.findings import Finding
from tests.dashboard import pages
from tests.dashboard.hostile import TEXTS

NAME = "![x](p.png)<img src=q.png>[y](z) www.a.org"
"""As a file can be called."""
TEXT = f"{NAME}\n# ![x](http://127.0.0.1:1/p.png) `![x](http://127.0.0.1:1/p.png)"
ACTIVE = re.compile(r"!?\[[^\]]*\]\(|<[a-z/!]|://\w|www\.\w|\n#", re.IGNORECASE)
PLAIN = ("selectbox", "multiselect", "text", "code", "text_input", "text_area", "bidi_component",
         "arrow_data_frame", "plotly_chart", "json", "html")  # fmt: skip
"""Elements whose strings are not read as Markdown."""
READ = {"body", "label", "help", "text", "options", "content", "captions"}
"""Fields of the others that are."""
SEQUENCE = b"ATGGTGCATCTGACTCCTGAGGAGAAGTCTGCCGTTACTGCCCTGTAA"
FASTA = f">{NAME}\n".encode() + SEQUENCE + f"\n>2{NAME}\nMKLVEF\n".encode()


def strings(proto: Any) -> Iterator[str]:
    """Yield all text of an element that Streamlit reads as Markdown."""
    for field, value in proto.ListFields():
        values = value if field.is_repeated else [value]
        for one in values:
            if field.type == field.TYPE_MESSAGE:
                if field.name not in PLAIN:
                    yield from strings(one)
            elif field.type == field.TYPE_STRING and field.name in READ:
                yield one


def markdown(block: Any) -> Iterator[str]:
    """Yield all Markdown below a block."""
    proto = getattr(block, "proto", None)
    if proto is not None and block.type not in PLAIN:
        yield from strings(proto)
    if isinstance(block, Block):
        for child in block.children.values():
            yield from markdown(child)


def check(app: AppTest) -> str:
    """Assert that nothing foreign is active on a page; return its Markdown without escapes."""
    assert not app.exception
    found = list(markdown(app._tree))
    for text in found:
        bare = re.sub(r"(`+)(?!`).*?(?<!`)\1(?!`)", "", text)
        bare = re.sub(r"\\[^A-Za-z0-9]", "", bare)
        assert not ACTIVE.search(bare), text
    for error in app.error:
        shown = pages.shown(error)
        assert len(shown) <= 300
        assert shown.isprintable()
    for chart in app.get("plotly_chart"):
        assert not re.search("<(img|a|b)[ >]", chart.proto.spec)
    return re.sub(r"\\([^A-Za-z0-9])", r"\1", "\n".join(found)).replace("\u2060", "")


@pytest.mark.parametrize("text", TEXTS)
def test_the_check_sees_what_is_active_where_nothing_is_escaped(text: str) -> None:
    if re.search(r"\[.*\]\(|<img|^#|http|www", text):
        assert ACTIVE.search(f"\n{text}")


@pytest.fixture
def models(elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two models with such names, and a run whose files hold nothing else."""
    monkeypatch.setattr(cache, "MODELS", elsewhere)
    for name in (NAME, f"2{NAME}"):
        pages.save_trained(
            elsewhere / f"{name}.safetensors", "ACGTTGCATTAGCATCGATTACGCATGC" * 4, k=2
        )
    run = runs.Run(cache.RUNS / NAME)
    config = bsg.TrainConfig(k=2, dim=4)
    runs.Recorder(run.folder, source=TEXT, path="/mine.fa", config=config).write(
        state="failed", stage=TEXT, warning=TEXT, error=TEXT
    )
    shutil.copy(elsewhere / f"{NAME}.safetensors", run.model)
    return elsewhere


QUERIES = {
    "explore": [{}],
    "similarity": [{}],
    "genes": [{}],
    "motifs": [{state.MOTIF_FROM: "Pattern"}, {}],
    "variants": [{}],
    "train": [{}],
    "quality": [{state.QUALITY: section} for section in keys.QUALITY_SECTIONS],
}


@pytest.mark.parametrize(
    ("page", "query"), [(page, query) for page, queries in QUERIES.items() for query in queries]
)
@pytest.mark.parametrize("text", [TEXT, f"/{TEXT}/", NAME])
def test_an_address_brings_no_markup(page: str, query: dict[str, str], text: str) -> None:
    app = pages.prepare(page)
    names = (state.FIND, state.QUERY, state.TINT, state.MOTIF_PATTERN,
             state.VARIANTS, state.MODEL, state.LAYOUT, state.COLOUR, state.MOTIF, state.HIDE,
             state.MOTIF_VIEW, state.GENES_VIEW, state.OTHER_MODEL)  # fmt: skip
    for name in names:
        app.query_params[name] = text
    for name, value in query.items():
        app.query_params[name] = value
    check(app.run())


@pytest.mark.parametrize("page", QUERIES)
def test_names_of_models_and_what_a_run_says_bring_no_markup(models: Path, page: str) -> None:
    app = pages.open_page(page, model=NAME, **{state.LAYOUT: "PCA"})
    said = check(app)
    assert app.selectbox(key=state.MODEL).value == NAME
    assert page != "train" or "p.png" in said
    if page == "quality":
        app.segmented_control(key=state.QUALITY).set_value(state.TWO_MODELS).run()
        app.selectbox(key=state.OTHER_MODEL).set_value(f"2{NAME}").run()
        assert "p.png" in check(app)


@pytest.mark.parametrize("bad", [False, True])
@pytest.mark.parametrize(
    ("page", "session", "key", "several"),
    [
        ("genes", {state.GENES_SOURCE: "Records of mine"}, state.GENES_FILES, True),
        ("variants", {state.VARIANT_SOURCE: "My sequences"}, state.VARIANT_SEQUENCES, True),
        ("train", {}, state.UPLOAD, False),
    ],
)
def test_a_file_of_sequences_brings_no_markup(
    page: str, session: dict[str, str], key: str, several: bool, bad: bool
) -> None:
    app = pages.open_page(page, **session)
    file = (f"{NAME}.fa", b"PK\x03\x04" if bad else FASTA, "text/plain")
    app.file_uploader(key=key).set_value([file] if several else file).run()
    check(app)
    if page == "genes" and not bad:
        for view in ("Records", "Map", "Heat map", "Nearest", "Tree", "Pair", "Path"):
            check(app.segmented_control(key=state.GENES_VIEW).set_value(view).run())


def test_a_matrix_brings_no_markup() -> None:
    matrix = f">M1 {NAME}\nA [ 9 0 0 9 ]\nC [ 0 9 0 0 ]\nG [ 0 0 9 0 ]\nT [ 0 0 0 0 ]\n"
    app = pages.open_page("motifs", **{state.MOTIF_FROM: "Matrix", state.MOTIF_TEXT: matrix})
    assert "q.png" in check(app)
    check(app.segmented_control(key=state.MOTIF_VIEW).set_value("Along sequences").run())


def test_names_of_selections_and_values_bring_no_markup() -> None:
    kept = [Finding("k-mers", NAME, text) for text in ("AAAAAA CCCCCC", "GGGGGG TTTTTT ACACAC")]
    app = pages.open_page(_basket=tuple(kept))
    app.button(key="compare_kept").click().run()
    assert "p.png" in check(app)
    table = f"k-mer,{NAME}\nAAAAAA,1\nCCCCCC,2\n".encode()
    app.session_state[state.VALUES] = cache.Given(f"{NAME}.csv", table)
    next(button for button in app.button if button.label == "Overview").click().run()
    assert NAME in check(app)
    (own,) = (name for name in app.selectbox(key=state.COLOUR).options if "p.png" in name)
    app.selectbox(key=state.COLOUR).set_value(own).run()
    check(app)
