"""Explore in a real Chromium: keyboard alone, undo, kept selections, a shared address."""

import re
from pathlib import Path
from typing import Any

import pytest

from tests.browser.conftest import settled
from tests.browser.test_app import DRAWN, HEADING, MAP, SELECTED, WHERE, middle, open_map

CHOSEN_TAB = "() => document.querySelector('[role=tab][aria-selected=true]')?.innerText"
pytestmark = pytest.mark.browser


def lasso(page: Any) -> None:
    x, y = middle(page)
    corners = [(-120, -80), (60, -90), (80, 80), (-100, 60), (-120, -80)]
    page.mouse.move(x + corners[0][0], y + corners[0][1])
    page.mouse.down()
    for dx, dy in corners[1:]:
        page.mouse.move(x + dx, y + dy, steps=5)
    page.mouse.up()
    page.get_by_role("heading", name="selected k-mers").wait_for()


def test_keyboard_alone_selects_a_cluster_reads_its_card_and_exports_it(
    page: Any, address: str, tmp_path: Path
) -> None:
    open_map(page, f"{address}/?colour=cluster")
    entry = page.locator("button.kmer-map-entry").first
    name = entry.locator(".kmer-map-name").inner_text()
    page.locator(".kmer-map-stage").focus()
    for _ in range(80):  # past the tools and the labels to the legend
        page.keyboard.press("Tab")
        if page.evaluate("() => document.activeElement.classList.contains('kmer-map-entry')"):
            break
    page.keyboard.press("Enter")
    page.get_by_role("heading", name=f"Cluster 0 · {name}").wait_for()
    for tab in ("Words", "Genes", "Compare", "List"):
        # Streamlit drops the focus where it has to fetch what it draws a tab's contents with.
        page.locator("[role=tab][aria-selected=true]").focus()
        page.keyboard.press("ArrowRight")
        assert settled(page, CHOSEN_TAB) == tab
    button = page.get_by_role("button", name="FASTA")
    button.focus()
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    text = Path(download.value.path()).read_text()
    assert text.startswith(">")
    assert re.fullmatch(r"(>[ACGT]{6} count=\d+\n[ACGT]{6}\n)+", text)


def test_undo_brings_the_selection_back_to_the_map(page: Any, address: str) -> None:
    open_map(page, address)
    lasso(page)
    many = page.evaluate(SELECTED)
    assert many > 50
    page.get_by_role("textbox", name="Find").fill("ATGAAA")
    page.get_by_role("textbox", name="Find").press("Enter")
    page.locator(HEADING).wait_for()
    page.wait_for_function(f"({SELECTED})() === 0")
    page.get_by_role("button", name="Undo").first.click()
    page.get_by_role("heading", name=f"{many} selected k-mers").wait_for()
    page.wait_for_function(f"({SELECTED})() === {many}")


def test_escape_clears_the_selection_on_both_sides(page: Any, address: str) -> None:
    open_map(page, address)
    lasso(page)
    page.locator(".kmer-map-stage").focus()
    page.keyboard.press("Escape")
    page.get_by_role("heading", name="selected k-mers").wait_for(state="detached")
    assert page.evaluate(SELECTED) == 0


def test_a_kept_selection_is_opened_on_the_map(page: Any, address: str) -> None:
    open_map(page, address)
    lasso(page)
    many = page.evaluate(SELECTED)
    page.get_by_role("button", name="Keep", exact=True).click()
    page.get_by_role("button", name="Kept", exact=True).wait_for()
    page.get_by_role("button", name="Overview").first.click()
    page.get_by_role("button", name=f"{many} selected k-mers").click()
    page.get_by_role("heading", name=f"{many} selected k-mers").wait_for()
    page.wait_for_function(f"({SELECTED})() === {many}")


def test_an_unknown_colour_in_an_address_is_neither_drawn_nor_shown(
    page: Any, address: str
) -> None:
    open_map(page, f"{address}/?colour=nonsense")
    page.locator(".kmer-map-title", has_text="Preferred frame").wait_for()
    box = page.get_by_role("combobox", name="Colour by")
    assert box.input_value() == "frame preference"


def test_a_sequence_leads_to_similarity(page: Any, address: str) -> None:
    open_map(page, address)
    page.get_by_role("textbox", name="Find").fill("GCCACCATGG")
    page.get_by_role("textbox", name="Find").press("Enter")
    page.get_by_role("link", name="Ask Similarity about this sequence of 10 letters").click()
    page.get_by_text("sequence of 10 bases").wait_for()
    page.get_by_role("slider", name="Position in the sequence").wait_for()


def test_clusters_are_found_anew_and_the_map_is_coloured_by_them(page: Any, address: str) -> None:
    open_map(page, f"{address}/?colour=cluster")
    page.get_by_role("button", name="Clusters, filters").click()
    page.get_by_text("Leiden", exact=True).click()
    page.get_by_role("button", name="Find these clusters").click()
    page.get_by_text("clusters by Leiden in the full 16-dimensional space").wait_for()
    entries = page.locator(".kmer-map-list").first.locator("button.kmer-map-entry")
    page.wait_for_function("() => document.querySelectorAll('button.kmer-map-entry').length < 25")
    colours = f"() => new Set({MAP}.paint.colours.slice(1)).size"
    assert page.evaluate(colours) == entries.count() > 3


def test_the_map_takes_more_than_half_of_the_window(page: Any, address: str) -> None:
    page.set_viewport_size({"width": 1440, "height": 900})
    open_map(page, address)
    box = page.locator(".kmer-map-stage").bounding_box()
    page.set_viewport_size({"width": 1280, "height": 1000})
    assert box["y"] + box["height"] <= 900
    assert box["width"] * box["height"] > 0.52 * 1440 * 900


def test_a_shared_address_opens_the_same_view(page: Any, address: str) -> None:
    page.goto(f"{address}/?colour=CpG&layout=UMAP&find=%2F%5EATG%2F")
    page.wait_for_function(DRAWN)
    page.get_by_role("heading", name="k-mers with /^ATG/").wait_for()
    page.locator(".kmer-map-title", has_text="CpG in the k-mer").wait_for()
    page.get_by_text("UMAP of 4,096 k-mers").wait_for()


def test_a_row_of_the_neighbours_moves_the_map_to_that_kmer(page: Any, address: str) -> None:
    open_map(page, address)
    for _ in range(6):
        page.get_by_role("button", name="Zoom in (+)").click()
    page.get_by_role("textbox", name="Find").fill("TTTTTT")
    page.get_by_role("textbox", name="Find").press("Enter")
    page.locator(HEADING).wait_for()
    page.wait_for_function(
        f"""() => {{ const [x, y] = {MAP}.space.pixels(4095);
          return x > 0 && y > 0 && x < {MAP}.plot.clientWidth && y < {MAP}.plot.clientHeight; }}"""
    )
    assert page.evaluate(WHERE, 4095)


def test_slash_leads_to_the_search_box(page: Any, address: str) -> None:
    open_map(page, address)
    page.locator(".kmer-map-stage").focus()
    page.keyboard.press("/")
    page.wait_for_function("() => document.activeElement.getAttribute('aria-label') === 'Find'")
