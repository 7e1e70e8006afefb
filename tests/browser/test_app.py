"""The app as its user meets it: open, zoom, recolour, click, lasso."""

from typing import Any

import pytest

from tests.browser.conftest import PATIENCE, settled

pytestmark = pytest.mark.browser
PLOT = ".kmer-map-plot"
HEADING = '[role=heading][aria-level="2"]'
MAP = "document.querySelector('.kmer-map-plot')?.kmerMap"
RANGE = f"() => {MAP}.view.ranges().x.map((value) => +value.toFixed(3))"
DRAWN = f"() => {MAP}?.group !== undefined"
SELECTED = f"""() => ({MAP}.selected ?? [])
  .reduce((n, bits) => n + bits.toString(2).replaceAll('0', '').length, 0)"""
WHERE = f"""(token) => {{
  const map = {MAP}, box = map.plot.getBoundingClientRect(), [x, y] = map.space.pixels(token);
  return [box.left + x, box.top + y];
}}"""


def open_map(page: Any, address: str) -> None:
    page.goto(address)
    page.wait_for_function(DRAWN, timeout=PATIENCE)
    page.wait_for_function("() => document.querySelectorAll('.kmer-map-label').length > 5")
    settled(page, WHERE, 0)


def middle(page: Any) -> tuple[float, float]:
    box = page.locator(PLOT).first.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_a_click_on_a_point_opens_its_card(page: Any, address: str) -> None:
    open_map(page, address)
    token = 1000  # ATTGGA: 0·4^5 + 3·4^4 + 3·4^3 + 2·4^2 + 2·4 + 0
    page.mouse.move(*settled(page, WHERE, token))
    page.mouse.down()
    page.mouse.up()
    page.locator(HEADING).wait_for()
    assert page.locator(HEADING).inner_text() == "ATTGGA"
    page.get_by_text("Reverse complement").wait_for()
    page.get_by_role("button", name="Overview").first.click()
    page.locator(HEADING).wait_for(state="detached")


def test_a_click_on_a_cluster_opens_its_card(page: Any, address: str) -> None:
    open_map(page, address)
    entry = page.locator(".kmer-map-clusters .kmer-map-entry").first
    name = entry.locator(".kmer-map-name").inner_text()
    entry.click()
    page.get_by_role("heading", name=f"Cluster 0 · {name}").wait_for()


def test_recolouring_keeps_zoom_and_selection(page: Any, address: str) -> None:
    open_map(page, address)
    x, y = middle(page)
    whole = page.evaluate(RANGE)
    page.mouse.move(x, y)
    page.mouse.wheel(0, -500)
    page.wait_for_function(f"() => ({RANGE})()[0] > {whole[0]} + 1")
    corners = [(-120, -80), (60, -90), (80, 80), (-100, 60), (-120, -80)]
    page.mouse.move(x + corners[0][0], y + corners[0][1])
    page.mouse.down()
    for dx, dy in corners[1:]:
        page.mouse.move(x + dx, y + dy, steps=5)
    page.mouse.up()
    heading = page.get_by_role("heading", name="selected k-mers")
    heading.wait_for()
    before = settled(page, RANGE), heading.inner_text()
    page.get_by_role("combobox", name="Colour by").click()
    page.get_by_role("option", name="GC content").click()
    page.locator(".kmer-map-title", has_text="GC content").wait_for()
    page.wait_for_function("() => location.search.includes('colour=GC')")
    assert (settled(page, RANGE), heading.inner_text()) == before


def test_another_layout_and_three_dimensions_draw(page: Any, address: str) -> None:
    open_map(page, address)
    page.get_by_text("UMAP", exact=True).click()
    page.get_by_text("UMAP of 4,096 k-mers").wait_for()
    page.get_by_text("3-D", exact=True).click()
    page.wait_for_function(f"() => {MAP}?.data.dimensions === 3 && {MAP}.group !== undefined")
    page.wait_for_timeout(1000)
    assert page.get_by_text("BidiComponent Error").count() == 0
