"""Records judged as they come: the same however the text is cut, and never more than is kept."""

import re
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bioskipgram.sequences.alphabet import DNA
from bioskipgram.sequences.fasta import _fasta
from bioskipgram.sequences.genbank import flat_records
from bioskipgram.sequences.reading import Reading
from bioskipgram.sequences.sequences import BadRecord
from bioskipgram.sequences.source import NO_LIMITS
from bioskipgram.sequences.upload import Limits, read_all
from tests.sequences.test_fasta import EMBL, GENBANK

LINES = st.lists(
    st.sampled_from(
        [">a", ">b c", "ACGT", "AC GT", "", "; note", ">", "N", "ACxE", "A!", "K" * 21]
    ),
    max_size=12,
)


def plainly(text: str) -> tuple[list[tuple[str, str]], list[tuple[str, int]]]:
    """The good records of a text and the lines of the bad ones, line by line: the oracle."""
    found: list[list[str]] = []
    lines: list[int] = []
    for number, line in enumerate(re.split("\r\n|\r|\n", text), 1):
        if line.startswith(">"):
            found.append([line[1:], ""])
            lines.append(number)
        elif found and not line.startswith(";"):
            found[-1][1] += re.sub(r"\s", "", line)
    good, bad = [], []
    for (header, letters), line in zip(found, lines, strict=True):
        rare = sum(letter in "XK" for letter in letters.upper().replace("X", ""))
        protein = len(letters) >= 20 and 2 * rare > len(letters)
        if letters and not re.search("[^ACGTNKX]", letters.upper()) and not protein:
            good.append((header, re.sub("[^ACGT]", "N", letters.upper())))
        else:
            bad.append((header or "(no name)", line))
    return good, bad


def cut(data: bytes, sizes: list[int]) -> list[bytes]:
    chunks, at = [], 0
    while at < len(data):
        size = sizes[len(chunks) % len(sizes)]
        chunks.append(data[at : at + size])
        at += size
    return chunks


@given(LINES, st.sampled_from(["\n", "\r\n", "\r"]), st.lists(st.integers(1, 7), min_size=1))
@settings(max_examples=150, deadline=None)
def test_records_are_the_same_however_the_text_is_cut(
    lines: list[str], end: str, sizes: list[int]
) -> None:
    text, bad = end.join([">first", *lines]), list[BadRecord]()
    reading = Reading("f", DNA, NO_LIMITS, bad)
    for _ in _fasta(cut(text.encode(), sizes), reading):
        pass
    found = reading.block()
    good = list(zip(found.descriptions, map(found.text, range(len(found))), strict=True))
    assert (good, [(one.name, one.line) for one in bad]) == plainly(text)


@given(st.sampled_from(["\n", "\r\n", "\r"]), st.lists(st.integers(1, 50), min_size=1))
@settings(max_examples=50, deadline=None)
@pytest.mark.parametrize(("kind", "text"), [("genbank", GENBANK), ("embl", EMBL)])
def test_flat_records_are_the_same_however_the_text_is_cut(
    kind: str, text: str, end: str, sizes: list[int]
) -> None:
    damaged = re.sub("(?s)\n(ORIGIN|SQ).*", "\n//\n", text)
    data = (text + damaged + text).replace("\n", end).encode()
    bad = list[BadRecord]()
    reading = Reading("f", DNA, NO_LIMITS, bad)
    for _ in flat_records(cut(data, sizes), kind, reading):
        pass
    whole = read_all([("f", data)])
    assert len(whole) == 2
    found = reading.block()
    assert found.descriptions == whole.sequences.descriptions
    assert (found.codes == whole.sequences.codes).all()
    assert tuple(bad) == whole.bad
    assert [one.line for one in bad] == [1 + text.count("\n")]


@pytest.mark.parametrize(
    ("data", "limits", "said"),
    [
        (b">one\n" + b"ACGT" * 10_000_000, Limits(length=50_000), "40,000,000 bases, of which"),
        (b">one\n" + b"N" * 40_000_000, Limits(length=50_000), "40,000,000 bases, of which"),
        (b">a\n" * 10_000_000, Limits(), "more than 10,000 of its records cannot be used"),
        (b">a\nACGT\n" * 4_000_000, Limits(records=20_000), "more than 20,000 records"),
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
