"""FASTA cut as it comes: the same records whatever the chunks, and never more than is kept."""

import re
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bioskipgram.sequences.record_pieces import Piece, fasta_pieces
from bioskipgram.sequences.upload import Limits, read_all

LINES = st.lists(
    st.sampled_from([">a", ">b c", "ACGT", "AC GT", "", "; note", ">", "N"]), max_size=12
)


def plainly(text: str) -> list[Piece]:
    """The records of a text, line by line: the oracle."""
    found: list[list[str]] = []
    lines: list[int] = []
    for number, line in enumerate(re.split("\r\n|\r|\n", text), 1):
        if line.startswith(">"):
            found.append([line[1:], ""])
            lines.append(number)
        elif found and not line.startswith(";"):
            found[-1][1] += re.sub(r"\s", "", line)
    return [
        Piece(header, letters.encode(), line, len(letters))
        for (header, letters), line in zip(found, lines, strict=True)
    ]


@given(LINES, st.sampled_from(["\n", "\r\n", "\r"]), st.lists(st.integers(1, 7), min_size=1))
@settings(max_examples=150, deadline=None)
def test_records_are_the_same_however_the_text_is_cut(
    lines: list[str], end: str, sizes: list[int]
) -> None:
    text = end.join([">first", *lines])
    data, chunks, at = text.encode(), [], 0
    while at < len(data):
        size = sizes[len(chunks) % len(sizes)]
        chunks.append(data[at : at + size])
        at += size
    assert list(fasta_pieces(chunks, 1000)) == plainly(text)


def test_of_a_record_that_is_too_long_the_end_is_counted() -> None:
    chunks = [b">long\n", *[b"ACGT\n"] * 50, b">short\nACG\n"]
    long, short = fasta_pieces(chunks, 20)
    assert (long.length, short.length, short.line) == (200, 3, 52)
    assert len(long.letters) < 30


@pytest.mark.parametrize(
    ("data", "limits", "said"),
    [
        (b">one\n" + b"ACGT" * 10_000_000, Limits(length=50_000), "40,000,000 bases, of which"),
        (b">one\n" + b"N" * 40_000_000, Limits(length=50_000), "40,000,000 bases, of which"),
        (b">a\n" * 10_000_000, Limits(), "more than 20,000 records"),
        (b">a\nACGT\n" * 4_000_000, Limits(), "more than 20,000 records"),
        ((b">a\n" + b"ACGT" * 1000 + b"\n") * 8000, Limits(bases=10**5), "more than 100,000"),
    ],
    ids=["one record", "of N", "only headers", "many records", "many letters"],
)
def test_what_is_too_much_is_refused_before_it_is_in_memory(
    data: bytes, limits: Limits, said: str
) -> None:
    tracemalloc.start()
    try:
        found = read_all([("large.fa", data)], limits=limits)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert len(found) == 0
    assert said in found.bad[-1].reason
    assert peak < 20_000_000
