"""The Similarity page in Chromium: what only a browser shows: clicks, the address, the map."""

import re
from typing import Any

import numpy as np
import pytest

from bioskipgram.kmers.tokenizer import KmerTokenizer
from tests.browser.conftest import settled
from tests.browser.test_app import MAP, WHERE

pytestmark = pytest.mark.browser
LIT = f"() => {MAP}?.group !== undefined && {MAP}.dots.size(3) === 21"
ASKED = "() => document.querySelector('textarea[aria-label=Query]')?.value"
FREE = f"""() => {{
  for (let token = 1000; ; token++) {{
    const [x, y] = ({WHERE})(token), [inside, around] = [document.elementFromPoint(x, y), 9];
    const near = document.elementsFromPoint(x, y + around);
    if (inside?.tagName === 'CANVAS' && near[0]?.tagName === 'CANVAS') return token;
  }}
}}"""
RINGED = f"""() => {MAP}.plot.parentElement
  .querySelector('.kmer-map-ring').style.display !== 'none'"""


def box(page: Any) -> Any:
    return page.get_by_label("Query", exact=True)


def asks(page: Any, text: str) -> None:
    """Wait until box and address say so; both follow what Python sends with a delay."""
    page.wait_for_function(f"(text) => ({ASKED})() === text", arg=text)
    page.wait_for_function(f"() => location.search.includes('similar_to={text}')")


def choose_row(page: Any, row: int = 0) -> None:
    """Tick a row of the first table; it is drawn on a canvas."""
    table = page.locator("[data-testid=stDataFrame]").first
    table.locator("canvas").first.wait_for()
    page.wait_for_timeout(1000)
    place = table.bounding_box()
    page.mouse.click(place["x"] + 18, place["y"] + 49 + 27 * row)


def test_an_example_then_a_row_become_the_query_and_the_address_says_so(
    page: Any, address: str
) -> None:
    page.goto(f"{address}/similarity")
    page.get_by_text("An example: the most frequent 6-mer").wait_for()
    page.get_by_role("button", name="CGNCG", exact=True).click()
    page.get_by_text("pattern: mean direction of the 32 k-mers").wait_for()
    asks(page, "CGNCG")
    choose_row(page)
    page.get_by_text("· seen").wait_for()
    chosen = settled(page, ASKED)
    assert re.fullmatch("[ACGT]{6}", chosen)
    asks(page, chosen)
    page.get_by_role("button", name="a sum", exact=True).click()
    page.get_by_text("the terms left out").wait_for()
    page.get_by_role("button", name="two compared", exact=True).click()
    page.get_by_text("two random lists would share").wait_for()
    page.locator(".kmer-map-title", has_text="Nearest").wait_for()


def test_an_address_opens_what_it_says(page: Any, address: str) -> None:
    page.goto(f"{address}/similarity?similar_to=ATGAAA&nearest=7&hide=shift&hide=substitution")
    page.get_by_text("Nearest 7 of 4,095").wait_for()
    page.get_by_text("ATGAAA · seen").wait_for()
    asks(page, "ATGAAA")
    pressed = page.locator("[data-testid=stButtonGroup] [data-variant=pills][data-selected=true]")
    pressed.first.wait_for()
    assert {"shift", "substitution"} <= set(pressed.all_inner_texts())


def test_the_list_is_lit_on_the_map_and_a_click_on_a_point_asks_for_it(
    page: Any, address: str
) -> None:
    page.set_viewport_size({"width": 1280, "height": 1500})  # the whole map is in sight
    page.goto(f"{address}/similarity?similar_to=ATGAAA")
    page.wait_for_function(LIT)  # 20 neighbours and the query
    assert page.evaluate(RINGED)
    settled(page, WHERE, 1000)
    free = page.evaluate(FREE)  # a point that no name of a cluster lies over
    page.mouse.move(*page.evaluate(WHERE, free))
    page.mouse.down()
    page.mouse.up()
    asks(page, KmerTokenizer(6).decode(np.array([free]))[0])


def test_a_mistake_is_a_sentence_and_the_box_stays(page: Any, address: str) -> None:
    page.goto(f"{address}/similarity")
    box(page).fill("A!")
    page.get_by_role("button", name="Ask", exact=True).click()
    page.get_by_text("is no IUPAC nucleotide code").wait_for()
    box(page).fill("GCCACCATGG")
    page.get_by_role("button", name="Ask", exact=True).click()
    page.get_by_text("sequence of 10 bases").wait_for()
    page.get_by_text("is no IUPAC").wait_for(state="detached")
