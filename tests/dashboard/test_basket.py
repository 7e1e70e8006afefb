"""The basket and sessions on a page: named, removed, cleared; opened, or why not."""

from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.shared import cache, downloads, findings, session_file
from dashboard.shared.findings import Finding
from dashboard.shared.session_file import Session
from tests.dashboard import pages

GENE = Finding("genes", "mine", ">a\nATGGTGCATTAA\n")
SITE = Finding("motifs", "![x](http://127.0.0.1:1/p.png)", "WGATAR")
OWNER = "0" * 32


@pytest.fixture
def app() -> AppTest:
    """The page Train with two findings in its basket, which is open."""
    findings.change(OWNER, lambda old: (GENE, SITE))
    return pages.open_page("train", basket=True, _basket_owner=OWNER)


def opened(session: Session) -> AppTest:
    """Return the page Train after a session file was given to it."""
    app = pages.open_page("train", basket=True, _basket_owner=OWNER)
    file = ("session.json", session_file.write(session), "application/json")
    return app.file_uploader(key="session_file").set_value(file).run()


def session_of(model: str, digest: str) -> Session:
    return Session(model, digest, "genes", {"genes": "Map", "model": model}, kept=(GENE, SITE))


def links(app: AppTest) -> list[str]:
    """Return the links of a page as HTML."""
    return [part.body for part in app.get("html") if "<a " in part.body]


def test_what_was_kept_is_listed_with_its_size_and_a_link(app: AppTest) -> None:
    assert not app.exception
    assert [box.value for box in app.text_input if box.key.startswith("_basket_name")] == [
        GENE.name, SITE.name,
    ]  # fmt: skip
    assert "1 gene" in pages.words(app)
    assert any(f'href="genes?selection={GENE.number}"' in html for html in links(app))


def test_a_finding_is_renamed_removed_and_all_are_cleared_on_disk_too(app: AppTest) -> None:
    app.text_input(key=f"_basket_name_{GENE.number}").set_value("its new name").run()
    assert findings.basket(OWNER) == (replace(GENE, name="its new name"), SITE)
    app.button(key=f"remove-{SITE.number}").click().run()
    assert [found.name for found in findings.basket(OWNER)] == ["its new name"]
    next(b for b in app.button if b.label == "Clear the basket").click().run()
    assert findings.basket(OWNER) == ()
    assert "Nothing is kept yet" in pages.words(app)


def test_a_session_is_saved_with_its_model_page_settings_and_findings(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    files = {}
    monkeypatch.setattr(
        downloads, "button", lambda label, name, made, mime="": files.update({name: made})
    )
    findings.change(OWNER, lambda old: (GENE, SITE))
    app = pages.prepare("genes", basket=True, _basket_owner=OWNER)
    app.query_params["genes"] = "Map"
    app.query_params["selection"] = GENE.number
    app.run()
    # As a browser asks for it: outside the session that drew the button.
    saved = session_file.read(files["session.json"](), frozenset({"genes"}))
    model = cache.models()["human-cds-k6"]
    assert (saved.model, saved.digest) == (model.name, cache.embedding(model).digest)
    assert saved.settings == {"genes": "Map", "selection": GENE.number}
    assert (saved.kept, saved.shown) == ((GENE, SITE), (GENE,))


def test_a_session_fills_the_basket_and_leads_to_its_page() -> None:
    name = "human-cds-codon"
    app = opened(session_of(name, cache.embedding(cache.models()[name]).digest))
    assert not app.exception
    assert findings.basket(OWNER) == (GENE, SITE)
    assert '<a href="genes?genes=Map&amp;model=human-cds-codon">Open this session</a>' in links(app)


@pytest.mark.parametrize(
    ("name", "why"),
    [("human-cds-codon", "the model of that name here is another one"), ("gone", "not here")],
)
def test_a_session_of_another_model_says_so_and_keeps_its_findings(name: str, why: str) -> None:
    app = opened(session_of(name, "ab" * 32))
    assert not app.exception
    (error,) = app.error
    assert f"saved with the model {name} (digest abababababab)" in pages.shown(error)
    assert why in pages.shown(error)
    assert findings.basket(OWNER) == (GENE, SITE)
    assert not [html for html in links(app) if "Open this session" in html]


def test_a_malformed_session_is_one_sentence() -> None:
    app = pages.open_page("train", basket=True, _basket_owner=OWNER)
    file = ("session.json", b'{"format": 1}', "application/json")
    app.file_uploader(key="session_file").set_value(file).run()
    assert not app.exception
    assert "This session file cannot be opened: its format is 1" in pages.shown(app.error[0])
