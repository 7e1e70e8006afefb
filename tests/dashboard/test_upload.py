"""Sequences are asked for the same way on every page, with the same report of what is left out."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from bioskipgram.sequences.upload import BadRecord
from dashboard import state
from dashboard.shared import text as safe
from dashboard.shared import upload
from tests.dashboard import pages

GENE = b"ATGGTGCATCTGACTCCTGAGGAGAAGTCTGCCGTTACTGCCCTGTAA"
PAGES = {
    "genes": ({state.GENES_SOURCE: "Records of mine"}, state.GENES_FILES),
    "variants": ({state.VARIANT_SOURCE: "My sequences"}, state.VARIANT_SEQUENCES),
    "train": ({}, state.UPLOAD),
}


def asking() -> None:
    import streamlit as st

    from dashboard.shared import upload

    if st.session_state.get("away"):  # as on another page
        return
    found = upload.ask("DNA", key="mine", several=st.session_state.get("several", True))
    st.text("nothing" if found is None else " ".join(found.records.sequences.names))


@pytest.fixture
def app() -> AppTest:
    return AppTest.from_function(asking).run()


def given(app: AppTest, *files: tuple[str, bytes]) -> AppTest:
    app.file_uploader(key="mine").set_value([(n, d, "text/plain") for n, d in files]).run()
    assert not app.exception
    return app


def test_files_and_pasted_letters_are_read_together(app: AppTest) -> None:
    assert app.text[0].value == "nothing"
    given(app, ("one.fa", b">a\n" + GENE), ("two.fa", b">b\n" + GENE))
    assert app.text[0].value == "a b"
    app.text_area(key=state.pasted("mine")).set_value(GENE.decode()).run()
    assert app.text[0].value == "a b pasted"


def test_one_file_alone_is_taken_where_no_more_are_wanted() -> None:
    app = AppTest.from_function(asking)
    app.session_state["several"] = False
    app.run().text_area(key=state.pasted("mine")).set_value(GENE.decode()).run()
    assert app.text[0].value == "pasted"
    app.file_uploader(key="mine").set_value(("one.fa", b">a\n" + GENE, "text/plain")).run()
    assert app.text[0].value == "a"


def test_bad_records_are_listed_with_line_and_reason_and_the_good_ones_used(app: AppTest) -> None:
    given(app, ("one.fa", b">ok\n" + GENE + b"\n>no\nMKLVEF\n"), ("two.fa", b"PK\x03\x04"))
    assert app.text[0].value == "ok"
    assert app.expander[0].label == "Left out: 1 record and 1 file"
    table = app.dataframe[0].value
    assert table["file"].tolist() == ["one.fa", "two.fa"]
    assert table["record"].tolist() == ["no", "the whole file"]
    assert table["line"].tolist()[0] == 3
    assert "looks like protein" in table["reason"][0]
    assert "zip archive" in table["reason"][1]


def test_one_bad_file_alone_is_one_sentence_and_several_are_a_list(app: AppTest) -> None:
    given(app, ("![x](y).fa", b"PK\x03\x04"))
    assert app.text[0].value == "nothing"
    assert pages.shown(app.error[0]).startswith("![x](y).fa: this is a zip archive")
    assert not app.dataframe
    given(app, ("a.fa", b""), ("b.fa", b""))
    assert len(app.dataframe[0].value) == 2
    assert [pages.shown(each) for each in app.error] == [
        "None of the records can be used; why is said above."
    ]


def test_what_was_given_stays_and_can_be_forgotten(app: AppTest) -> None:
    given(app, ("*a*.fa", b">a\n" + GENE))
    for away in (True, False):
        app.session_state["away"] = away
        app.run()
    assert app.text[0].value == "a"
    assert pages.shown(app.caption[0]) == "Still here from before: *a*.fa"
    app.button(key="mine_forget").click().run()
    assert app.text[0].value == "nothing"


def test_the_report_to_save_holds_no_formula() -> None:
    table = safe.table(upload.bad_table((BadRecord("p.fa", "@bad", 1, "=1+1"),)))
    assert table.iloc[0].tolist() == ["p.fa", "'@bad", 1, "'=1+1"]


@pytest.mark.parametrize("page", PAGES)
def test_pages_list_a_bad_record_and_use_the_good_one(page: str, tmp_path: Path) -> None:
    session, key = PAGES[page]
    app = pages.open_page(page, **session)
    file = ("m.fa", b">ok\n" + GENE + b"\n>no\nMKLVEF\n", "text/plain")
    one = page == "train"
    app.file_uploader(key=key).set_value(file if one else [file]).run()
    assert not app.exception
    assert not app.error
    assert "Left out: 1 record" in [each.label for each in app.expander]
