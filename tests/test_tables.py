"""Cells that no spreadsheet computes."""

import numpy as np
import pytest

from bioskipgram.tables import harmless, matrix_bytes


@pytest.mark.parametrize("start", ["=", "+", "-", "@", " =", "\xa0-", "\n+", "\0@", "\t", "\r"])
def test_what_a_spreadsheet_would_compute_gets_an_apostrophe(start: str) -> None:
    found = harmless(f"{start}1+1")
    assert found.startswith("'")
    assert found.isprintable()
    assert harmless(f"a{start}1").startswith("a")


@pytest.mark.parametrize("text", ["", "HBB", "1e-5", "a=b", "β-globin", "'quoted'"])
def test_other_text_stays_as_it_is(text: str) -> None:
    assert harmless(text) == text


def test_no_cell_spans_two() -> None:
    assert harmless("a\tb\r\nc\x1b[2J") == "a b  c [2J"


def test_a_matrix_has_its_names_along_both_sides() -> None:
    found = matrix_bytes(np.array([[0, 0.25], [0.25, 0]]), ("=a", "b"))
    assert found == b"name\t'=a\tb\n'=a\t0\t0.25\nb\t0.25\t0\n"
