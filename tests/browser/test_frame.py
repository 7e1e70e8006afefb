"""The frame in Chromium: addresses, basket, help, and what axe-core finds."""

from typing import Any

import pytest

from tests.browser.conftest import QUIET

pytestmark = pytest.mark.browser
PAGES = ("explore", "similarity", "genes", "motifs", "variants", "train", "quality", "classify")
WIDE = {"width": 1280, "height": 900}
BACKGROUND = """() => parseInt(
  getComputedStyle(document.querySelector('.stApp')).backgroundColor.match(/\\d+/)[0])"""
BAR = "() => document.querySelector('.st-key-top_bar').getBoundingClientRect().bottom"


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_there_at_its_address_without_a_stray_request_or_what_axe_finds_serious(
    name: str, page: Any, address: str
) -> None:
    failed: list[str] = []
    page.on("response", lambda got: failed.append(got.url) if got.status >= 400 else None)
    page.set_viewport_size(WIDE)
    page.goto(f"{address}/{name}")
    page.get_by_role("link", name=name.title(), exact=True).wait_for()
    page.wait_for_function(f"() => document.title === '{name.title()} · BioSkipGram'")
    assert page.evaluate(BAR) <= 56
    assert page.get_by_text("Page not found").count() == 0
    assert failed == []
    assert serious(page) == []
    page.emulate_media(color_scheme="dark")
    page.reload()
    page.locator(".st-key-top_bar").wait_for()
    assert page.evaluate(BACKGROUND) < 60
    assert serious(page, runOnly=["color-contrast"]) == []  # all else is as in the light


def serious(page: Any, **options: Any) -> list[str]:
    """Return what axe-core finds serious on a page once nothing runs."""
    driver = pytest.importorskip("axe_playwright_python.sync_playwright")
    page.wait_for_function(QUIET)
    page.wait_for_timeout(500)
    found = driver.Axe().run(page, options=options or None).response["violations"]
    return [
        f"{one['id']} {node['html'][:200]}"
        for one in found if one["impact"] in ("serious", "critical")
        for node in one["nodes"]
    ]  # fmt: skip


def test_what_is_kept_is_there_after_a_reload_and_in_no_other_browser(
    page: Any, address: str, chromium: Any
) -> None:
    page.goto(f"{address}/explore?cluster=3")
    page.get_by_role("button", name="Keep", exact=True).click()
    page.get_by_text("See the basket, above.").wait_for()
    page.reload()
    page.get_by_role("button", name="Basket · 1").click()
    page.get_by_role("button", name="Clear …").wait_for()
    other = chromium.new_context(viewport=WIDE).new_page()
    other.goto(f"{address}/train")
    other.get_by_role("button", name="Basket").wait_for()
    assert other.get_by_role("button", name="Basket · 1").count() == 0
    other.context.close()
