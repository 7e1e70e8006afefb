"""A message is one line without control characters, at most 300 characters."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bioskipgram.errors import MAX_MESSAGE, BioSkipGramError, FastaError, QueryError, one_line


@given(st.text(max_size=1000) | st.text("a\n\x1b[31m\u202e", max_size=1000))
def test_every_message_is_one_short_line(text: str) -> None:
    for kind in (BioSkipGramError, FastaError, QueryError):
        found = str(kind(text))
        assert found.isprintable()
        assert len(found) <= MAX_MESSAGE


def test_a_plain_message_stays_and_of_a_long_one_both_ends() -> None:
    assert str(FastaError("x.fa, line 2:  two  blanks")) == "x.fa, line 2:  two  blanks"
    long = one_line(f"start {'x' * 1000}; take a part of it")
    assert long.startswith("start xxx")
    assert long.endswith("; take a part of it")
    assert len(long) == MAX_MESSAGE


@pytest.mark.parametrize("text", ["a\nb", "a\r\n  b", "a\t\x00b"])
def test_line_ends_become_blanks(text: str) -> None:
    assert str(BioSkipGramError(text)) == "a b"
