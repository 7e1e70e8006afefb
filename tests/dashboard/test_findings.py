"""Findings, baskets and session files: kept, found again, and refused where they are malformed."""

import json
import os
import stat
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bioskipgram.errors import CheckpointError
from bioskipgram.kmers.tokenizer import KmerTokenizer
from bioskipgram.kmers.vocabulary import Vocabulary
from dashboard.shared import findings, link, session_file
from dashboard.shared.findings import Finding
from dashboard.shared.session_file import Session

GENE = Finding("genes", "mine", ">a\nATGGTGCATTAA\n", "human-cds-codon")
SITE = Finding("motifs", "GATA", "WGATAR")
PAGES = frozenset({"explore", "genes"})
OWNER = "0" * 32


@pytest.fixture
def store(elsewhere: Path) -> Path:
    """Return the folder of findings of a test."""
    return elsewhere / "sessions"


def test_a_finding_is_found_by_its_number_and_read_by_its_owner_alone(store: Path) -> None:
    number = findings.put(GENE)
    assert findings.get(number) == GENE
    assert stat.S_IMODE((store / f"{number}.json").stat().st_mode) == 0o600
    assert stat.S_IMODE(store.stat().st_mode) == 0o700
    assert findings.get("0" * 16) is None


@pytest.mark.parametrize("number", ["", "../../etc/passwd", "A" * 16, "0" * 15, "basket-0000000"])
def test_no_file_is_reached_by_what_is_no_number(number: str) -> None:
    assert findings.get(number) is None


def test_a_changed_file_is_no_finding(store: Path) -> None:
    number = findings.put(GENE)
    path = store / f"{number}.json"
    path.write_text(path.read_text().replace("ATG", "ATC"))
    assert findings.get(number) is None


def test_a_basket_is_kept_in_order_with_its_names() -> None:
    assert findings.basket(OWNER) == ()
    findings.change(OWNER, lambda old: (*old, GENE))
    findings.change(OWNER, lambda old: (*old, SITE))
    findings.change(OWNER, lambda old: (replace(old[0], name="renamed"), *old[1:]))
    assert findings.basket(OWNER) == (replace(GENE, name="renamed"), SITE)
    assert findings.basket("1" * 32) == ()


def test_what_nobody_opened_for_long_is_deleted_with_the_next_change(store: Path) -> None:
    old, new = findings.put(GENE), findings.put(SITE)
    past = time.time() - (findings.DAYS + 1) * 24 * 3600
    os.utime(store / f"{old}.json", (past, past))
    findings.change(OWNER, lambda kept: kept)
    assert findings.get(old) is None
    assert findings.get(new) == SITE


def test_where_nothing_can_be_written_an_error_says_so(store: Path) -> None:
    store.write_text("a file where the folder would be")
    with pytest.raises(CheckpointError, match="could not be written"):
        findings.put(GENE)
    assert findings.basket(OWNER) == ()


def test_kmers_are_found_again_in_another_model_that_has_some_of_them() -> None:
    tokenizer = KmerTokenizer(2)
    whole = Vocabulary(tokenizer, np.arange(16), np.ones(16, np.int64))
    half = Vocabulary(tokenizer, np.arange(8), np.ones(8, np.int64))
    found = findings.of_kmers(whole, np.array([9, 3, 7], np.int32), "three", "m")
    assert found.text == "AT CT GC"
    assert found.size == "3 k-mers"
    assert findings.tokens_of(found, whole).tolist() == [3, 7, 9]
    assert findings.tokens_of(found, half).tolist() == [3, 7]


@pytest.mark.parametrize(
    ("found", "size"),
    [(GENE, "1 gene"), (SITE, "1 motif"), (Finding("variants", "", "a\nb\n"), "2 variants")],
)
def test_the_size_of_a_finding_is_told_in_words(found: Finding, size: str) -> None:
    assert found.size == size


# The session file ----------------------------------------------------------------------------

SESSION = Session(
    "human-cds-k6", "ab" * 32, "genes", {"genes": "Map", "hide": ["shift", "other"]},
    kept=(GENE, SITE), shown=(GENE,),
)  # fmt: skip


def test_a_session_comes_back_from_its_file() -> None:
    assert session_file.read(session_file.write(SESSION), PAGES) == SESSION


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"format": "bioskipgram session 9"}, "its format is 'bioskipgram session 9'"),
        ({"page": "../x"}, "there is no page '../x'"),
        ({"model": 3}, "its model has to be text, not 3"),
        ({"digest": None}, "its digest has to be text, not None"),
        ({"settings": [1]}, "its settings have to be an object"),
        ({"settings": {"a": 1}}, "the setting 'a' has to be text, not 1"),
        ({"settings": {"a": ["x", 2]}}, "the setting 'a' has to be text"),
        ({"settings": {str(n): "" for n in range(201)}}, "at most 200 texts"),
        ({"kept": {}}, "'kept' has to be a list"),
        ({"kept": [7]}, "a finding is an object with kind, name and text, not 7"),
        ({"kept": [{"kind": "x", "text": "a"}]}, "a finding of the kind 'x'"),
        ({"kept": [{"kind": "genes", "text": ""}]}, "1 to 5,000,000 characters, not 0"),
        ({"kept": [{"kind": "genes", "text": "a\x00"}]}, "control characters"),
        ({"shown": [{"kind": "genes", "text": 1}]}, "the text of a finding has to be text"),
    ],
)
def test_a_malformed_session_is_refused_in_one_sentence(
    change: dict[str, object], why: str
) -> None:
    data = json.dumps({**json.loads(session_file.write(SESSION)), **change}).encode()
    with pytest.raises(CheckpointError, match="This session file cannot be opened") as told:
        session_file.read(data, PAGES)
    assert why in str(told.value)


@pytest.mark.parametrize("data", [b"", b"[]", b"{", b"\xff\xfe", b'"x"', b"[" * 10**5, b"{}"])
def test_what_is_no_session_is_refused(data: bytes) -> None:
    with pytest.raises(CheckpointError, match="This session file cannot be opened"):
        session_file.read(data, PAGES)


def test_a_link_is_an_address_of_the_app_without_markup() -> None:
    html = link.anchor("<b>", "explore", find='"><img src=x>', hide=["a", "b"])
    assert html.startswith('<a href="explore?find=%22%3E%3Cimg+src%3Dx%3E&amp;hide=a&amp;hide=b"')
    assert "<b>" not in html
