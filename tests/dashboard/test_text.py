"""Untrusted text is shown as it is, whatever it holds."""

import re

import pandas as pd
import pytest

from dashboard.shared import text as safe
from tests.dashboard.hostile import TEXTS

ESCAPE = re.compile(r"\\(.)")


def unescaped(markdown: str) -> str:
    return ESCAPE.sub(r"\1", markdown).replace("\u2060", "")


@pytest.mark.parametrize("text", TEXTS)
def test_markdown_has_no_special_character_left_and_reads_the_same(text: str) -> None:
    found = safe.markdown(text, 300)
    assert not set(ESCAPE.sub("", found)) & set(r"\`*_{}[]()<>#+-.!|~$:&=@^")
    assert unescaped(found) == safe.one_line(text, 300)


@pytest.mark.parametrize("text", ["http://a.b", "HTTPS://a.b", "www.a.b", "me@a.b", ":material/x:"])
def test_what_streamlit_seeks_in_unescaped_text_is_broken_up(text: str) -> None:
    found = ESCAPE.sub(r"\1", safe.markdown(text))
    assert not re.search(r"://\w|www\.|@\w|:material", found, re.IGNORECASE)


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("ACGT", "`ACGT`"),
        ("a`b", "`` a`b ``"),
        ("``", "``` `` ```"),
        ("a\n\n# b", "`a  # b`"),
        ("", "`  `"),
    ],
)
def test_a_code_span_holds_any_text(text: str, span: str) -> None:
    assert safe.code(text) == span


def test_text_is_one_line_without_control_characters_and_short() -> None:
    assert safe.one_line("a\r\nb\0\x1b[31m\u202e\ud800", 300) == "a  b  [31m  "
    assert safe.one_line("GATTACA", 7) == "GATTACA"
    assert safe.one_line("GATTACA", 4) == "GAT…"
    assert safe.markdown("<b>" * 100, 5) == "\\<b\\>\\<…"


def test_an_error_keeps_its_beginning_and_its_cure() -> None:
    long = f"{'n' * 5000}.fa, line 3: what was found\n; the cure"
    found = unescaped(safe.error(ValueError(long)))
    assert len(found) == safe.MAX_ERROR
    assert found.startswith("nnn")
    assert found.endswith("what was found ; the cure")
    assert unescaped(safe.error("a short one")) == "a short one"


def test_html_and_figures_get_no_markup() -> None:
    assert safe.html("<a href='x'>") == "&lt;a href=&#x27;x&#x27;&gt;"
    assert safe.figure("<b>%{customdata}</b>") == "&lt;b&gt;%&#123;customdata}&lt;/b&gt;"


def test_letters_without_a_colour_are_none() -> None:
    found = safe.letters("A<", {"A": "#111111"}, underlined=frozenset({0}))
    assert found == (
        '<span style="color:#111111;text-decoration:underline">A</span>'
        '<span style="color:#8a8f98">N</span>'
    )


@pytest.mark.parametrize("text", ["=1+1", "+A", "-A", "@x"])
def test_no_cell_or_heading_of_a_download_is_a_formula(text: str) -> None:
    table = safe.table(pd.DataFrame({"name": [text, "ok"], "n": [-1.0, 2.0], text: [1, 2]}))
    assert table["name"].tolist() == [f"'{text}", "ok"]
    assert table["n"].tolist() == [-1.0, 2.0]
    assert list(table) == ["name", "n", f"'{text}"]
