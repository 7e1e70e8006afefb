"""Questions a user comes with, each answered on a cold page within three clicks and a minute."""

import json
import re
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bioskipgram.genes import reference_file
from bioskipgram.kmers.record_counts import shares_of
from bioskipgram.kmers.relations import SPELT
from bioskipgram.model import beside, checkpoint
from tests.browser.conftest import PATIENCE, ROOT, serving, settled, watched
from tests.browser.test_app import DRAWN, MAP, SELECTED
from tests.browser.test_explore import lasso

pytestmark = pytest.mark.browser
MODEL = ROOT / "models" / "human-cds-k6.safetensors"
CLICKS, SECONDS = 3, 60
NEAR = f"() => Array.from({MAP}?.data.near ?? [])"


class Visit:
    """A page that was just opened, and how often it was clicked."""

    def __init__(self, page: Any, address: str) -> None:
        self.page, self.clicks, self.began = page, 0, time.monotonic()
        page.goto(address)
        if "/train" not in address:
            page.wait_for_function(DRAWN)

    def click(self, place: Any) -> None:
        place.click()
        self.clicks += 1

    def find(self, text: str) -> None:
        """Type into the box and press Enter, which counts as a click."""
        box = self.page.get_by_role("textbox", name="Find")
        self.click(box)
        box.fill(text)
        box.press("Enter")

    def answered(self) -> None:
        assert self.clicks <= CLICKS
        assert time.monotonic() - self.began <= SECONDS


@pytest.fixture(scope="module")
def warm(chromium: Any, address: str) -> None:
    visited(chromium, address)


def visited(browser: Any, address: str) -> None:
    """Visit a server once: the minute is a user's, not that of a server's first imports."""
    page = browser.new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(address)
    page.wait_for_function(DRAWN)
    page.close()


def test_what_a_cluster_is_in_one_sentence(cold: Any, address: str) -> None:
    visit = Visit(cold, address)
    entry = cold.locator(".kmer-map-clusters .kmer-map-entry").nth(4)
    name, size = (entry.locator(f".kmer-map-{part}").inner_text() for part in ("name", "count"))
    visit.click(entry)
    cold.get_by_role("heading", name=f"Cluster 4 · {name}").wait_for()
    said = cold.locator(".st-key-inspector p").filter(has_text="of the 4,096 6-mers").inner_text()
    share = r"\d+% of them match " + re.escape(name)
    assert re.match(rf"{size} of the 4,096 6-mers \(\d\.\d%\)\. {share}\W+odds ratio", said)
    visit.answered()


def test_neighbours_that_are_no_spelling_are_lit_on_the_map(cold: Any, address: str) -> None:
    visit = Visit(cold, address)
    visit.find("TATAAA")
    visit.click(cold.get_by_text("not spelling", exact=True))
    cold.get_by_text("Nearest 40 of 4,095 by cosine, not spelling; lit on the map").wait_for()
    embedding = checkpoint.load(MODEL)
    expected = embedding.neighbors("TATAAA", 40, hide=SPELT)
    cold.wait_for_function(f"(tokens) => ({NEAR})().join() === tokens", arg=join(expected.tokens))
    cold.wait_for_function(f"() => {MAP}.dots.size(3) === 41")  # and itself
    named = cold.locator(".kmer-map-label-near").first.text_content()
    first = embedding.vocabulary.spell(expected.tokens)[0]
    assert named == f"{first} {expected.cosines[0]:.2f}"
    visit.answered()


def join(tokens: Any) -> str:
    return ",".join(map(str, tokens.tolist()))


def test_which_genes_hold_a_kmer_most(cold: Any, address: str) -> None:
    visit = Visit(cold, address)
    visit.find("TATAAA")
    visit.click(cold.get_by_role("tab", name="Genes"))
    said = cold.get_by_text("is the richest for its length").inner_text()
    genes = reference_file.load(Path(beside.genes(MODEL)))
    token = checkpoint.load(MODEL).vocabulary.token("TATAAA")
    observed = np.asarray(genes.counts[:, [token]].todense()).ravel().astype(np.int64)
    windows = np.asarray(genes.counts.sum(axis=1)).ravel().astype(np.int64)
    first = int(shares_of(observed, windows).order[0])
    assert said.startswith(
        f"{genes.names[first]} is the richest for its length: {observed[first]},"
    )
    visit.answered()


def test_what_tells_two_kept_sets_apart(cold: Any, address: str) -> None:
    before = Visit(cold, address)
    for place in (0, 13):
        before.click(cold.locator(".kmer-map-clusters .kmer-map-entry").nth(place))
        cold.get_by_role("heading", name=f"Cluster {place} ·").wait_for()
        before.click(cold.get_by_role("button", name="Keep", exact=True))
        cold.get_by_role("button", name="Kept", exact=True).wait_for()
    visit = Visit(cold, address)  # the basket is on disk
    visit.click(cold.get_by_role("button", name="What tells them apart?"))
    said = cold.locator(".st-key-inspector p").filter(has_text="Cliff's delta").first.inner_text()
    assert re.match(
        r"GC content: 0\.\d+ in A, 0\.\d+ in B \(Cliff's delta -(0\.9\d|1\.00), q", said
    )
    entries = cold.locator(".kmer-map-list").first.locator(".kmer-map-name")
    cold.wait_for_function(f"() => {MAP}.data.title === 'The two sets'")
    assert [text[:2] for text in entries.all_inner_texts()[:2]] == ["A:", "B:"]
    visit.answered()


def test_a_colleague_who_is_sent_the_address_sees_the_finding(
    cold: Any, address: str, chromium: Any
) -> None:
    visit = Visit(cold, address)
    lasso(cold)
    visit.clicks += 1
    many = settled(cold, SELECTED)
    assert many > 50
    cold.wait_for_function("() => location.search.includes('selection=')")
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    with watched(context) as colleague:
        colleague.goto(cold.url)
        colleague.get_by_role("heading", name=f"{many} selected k-mers").wait_for()
        colleague.wait_for_function(f"({SELECTED})() === {many}")
    context.close()
    visit.answered()


def test_a_session_file_opens_everything_on_a_server_started_anew(
    cold: Any, address: str, chromium: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "session.json"
    visit = Visit(cold, f"{address}/explore?model=human-cds-codon&colour=CpG&cluster=1")
    title = cold.get_by_role("heading", name="Cluster 1").inner_text()
    visit.click(cold.get_by_role("button", name="Keep", exact=True))
    visit.click(cold.get_by_role("button", name="Basket · 1"))
    with cold.expect_download() as download:
        visit.click(cold.get_by_role("button", name="Save the session"))
    download.value.save_as(file)
    visit.answered()
    assert json.loads(file.read_text())["page"] == "explore"
    monkeypatch.setenv("BIOSKIPGRAM_SESSIONS", str(tmp_path / "sessions"))
    with serving(ROOT / "dashboard" / "app.py", (), tmp_path / "log") as anew:
        visited(chromium, anew)
        context = chromium.new_context(viewport={"width": 1440, "height": 900})
        with watched(context) as page:
            visit = Visit(page, f"{anew}/train")
            visit.click(page.get_by_role("button", name="Basket"))
            page.get_by_test_id("stPopoverBody").locator("input[type=file]").set_input_files(file)
            visit.clicks += 1
            visit.click(page.get_by_role("link", name="Open this session"))
            page.get_by_role("heading", name=title).wait_for()
            page.get_by_role("button", name="Basket · 1").wait_for()
            page.locator(".kmer-map-title", has_text="CpG").wait_for()
            visit.answered()
        context.close()
