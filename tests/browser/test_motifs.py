"""The Motifs page in a real browser: what the address says, what is drawn, what is kept."""

import re
from pathlib import Path
from typing import Any

import pytest

from tests.browser.conftest import settled

pytestmark = pytest.mark.browser


def test_the_address_holds_the_motif(page: Any, address: str) -> None:
    page.goto(f"{address}/motifs?motif=EcoRI&motif_view=Along+sequences")
    page.get_by_text("GAATTC").first.wait_for()
    page.locator(".js-plotly-plot .scatterlayer .trace").first.wait_for(state="attached")
    assert "motif=EcoRI" in page.url


def test_matching_kmers_are_lit_and_recolouring_keeps_the_zoom(page: Any, address: str) -> None:
    page.goto(f"{address}/motifs?motif=CpG&motif_view=Among+the+k-mers")
    page.wait_for_function("document.querySelector('.kmer-map-plot')?.kmerMap?.group !== undefined")
    view = "JSON.stringify(document.querySelector('.kmer-map-plot').kmerMap.view.ranges())"
    page.get_by_text(re.compile(r"\d+ of 32 clusters")).wait_for()
    whole = page.evaluate(view)
    page.locator(".kmer-map-stage").focus()
    page.keyboard.press("+")
    page.wait_for_function(f"{view} !== {whole!r}")
    zoomed = settled(page, f"() => {view}")
    page.get_by_text("both strands", exact=True).click()
    page.wait_for_function("new URL(location.href).searchParams.get('motif_strands')")
    assert settled(page, f"() => {view}") == zoomed


def test_hits_are_downloaded_as_bed(page: Any, address: str) -> None:
    page.goto(f"{address}/motifs?motif=EcoRI&motif_view=Along+sequences")
    button = page.get_by_role("button", name="BED")
    button.wait_for()
    with page.expect_download() as download:
        button.click()
    lines = Path(download.value.path()).read_text().splitlines()
    assert len(lines) == 25
    assert all(len(line.split("\t")) == 6 for line in lines)


def test_the_library_can_be_stopped_and_keeps_what_is_done(page: Any, address: str) -> None:
    page.goto(f"{address}/motifs?motif_view=The+whole+library")
    page.get_by_role("button", name="Scan 857 JASPAR motifs").click()
    page.get_by_text(re.compile(r"\d+ of 857 motifs")).first.wait_for()
    page.get_by_role("button", name="Stop").click()
    page.get_by_role("button", name="Go on").wait_for()
    done = page.get_by_text("half a hit is added to both").inner_text()
    assert 0 < int(done.split()[0]) < 857
