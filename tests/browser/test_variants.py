"""The Variants page in Chromium: it opens on its example, a click on the map opens a card."""

from typing import Any

import pytest

from tests.browser.conftest import PATIENCE, settled

pytestmark = pytest.mark.browser
CELLS = """([x, y]) => {
  const plot = document.querySelector('.js-plotly-plot');
  const {xaxis, yaxis2} = plot._fullLayout, box = plot.getBoundingClientRect();
  return [box.left + xaxis._offset + xaxis.d2p(x), box.top + yaxis2._offset + yaxis2.d2p(y)];
}"""
DRAWN = "() => document.querySelector('.js-plotly-plot')?._fullLayout?.yaxis4 !== undefined"


def open_page(page: Any, address: str, query: str = "") -> None:
    page.goto(f"{address}/variants{query}")
    page.wait_for_function(DRAWN, timeout=PATIENCE)
    settled(page, CELLS, [0, 0])


def test_a_click_on_the_map_opens_the_card_of_that_substitution(page: Any, address: str) -> None:
    open_page(page, address)
    page.get_by_role("heading", name="HBB c.20A>T").wait_for()
    page.get_by_role("heading", name="Every substitution of HBB").scroll_into_view_if_needed()
    page.mouse.wheel(0, 500)
    x, y = settled(page, CELLS, [200, 1])
    page.mouse.move(x, y)
    page.wait_for_timeout(400)  # plotly looks at where the mouse is, then at a click
    page.mouse.click(x, y)
    heading = page.get_by_role("heading", name="HBB c.", exact=False)
    page.wait_for_function(
        "() => !document.body.innerText.includes('HBB c.20A>T')", timeout=PATIENCE
    )
    assert heading.first.inner_text() == "HBB c.200A>C"


def test_the_url_brings_gene_and_variants(page: Any, address: str) -> None:
    open_page(page, address, "?variant_gene=HBD&variants=c.8A%3ET")
    page.get_by_role("heading", name="HBD c.8A>T").wait_for()
    page.get_by_role("heading", name="Every substitution of HBD").wait_for()


def test_the_downloads_hold_the_variants(page: Any, address: str) -> None:
    open_page(page, address)
    for name, word in (("TSV", "p.Glu7Val"), ("VCF", "##fileformat=VCFv4.3")):
        with page.expect_download() as download:
            page.get_by_role("button", name=name, exact=True).first.click()
        assert word in download.value.path().read_text()
