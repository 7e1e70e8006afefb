"""How quick the Explore page is in Chromium: first paint, click, lasso, recolour; bytes each way.

    python -m benchmarks.page [--repeats 5]

Starts the app on a free port of this machine and drives it in Debian's chromium, with the graphics
processor emulated in software. The first line is the first visit after the server is up, when
Python still has its imports to do; the others are medians of the visits after it.
"""

import argparse
import shutil
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from tests.browser.conftest import FLAGS
from tests.browser.test_app import HEADING, PLOT, WHERE

PORT = 8699
ROOT = Path(__file__).resolve().parents[1]


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=5)
    repeats = parser.parse_args().repeats
    server = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", "dashboard/app.py", f"--server.port={PORT}",
         "--server.headless=true"], cwd=ROOT, stdout=subprocess.DEVNULL)  # fmt: skip
    try:
        _wait_for(f"http://localhost:{PORT}/_stcore/health")
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=shutil.which("chromium"), args=list(FLAGS)
            )
            print(f"first visit, map drawn: {_visit(browser)['first paint, map drawn']:.2f} s")
            visits = [_visit(browser) for _ in range(repeats)]
    finally:
        server.terminate()
        server.wait()
    for name in visits[0]:
        unit = "kB" if "bytes" in name else "s"
        print(f"{name}: {statistics.median(visit[name] for visit in visits):.2f} {unit}")


def _wait_for(address: str) -> None:
    for _ in range(300):
        try:
            urllib.request.urlopen(address, timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit("the app did not start")


def _visit(browser: Any) -> dict[str, float]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page, sent, received = context.new_page(), [0], [0]

    def watch(socket: Any) -> None:
        socket.on("framesent", lambda data: sent.append(len(data)))
        socket.on("framereceived", lambda data: received.append(len(data)))

    page.on("websocket", watch)
    found = {"first paint, map drawn": _timed(lambda: _open(page))}
    found["bytes down until then"] = sum(received) / 1e3
    page.wait_for_timeout(1500)
    x, y = page.evaluate(WHERE, 1000)
    page.mouse.move(x, y)
    page.wait_for_timeout(300)

    def click() -> None:
        page.mouse.click(x, y)
        page.locator(HEADING).wait_for()

    found["click to the k-mer's card"] = _timed(click)
    page.wait_for_timeout(500)
    sent.clear()
    found["lasso of half the map to its card"] = _timed(lambda: _lasso(page))
    found["bytes up for the lasso"] = sum(sent) / 1e3
    page.wait_for_timeout(500)
    page.get_by_label("Colour by").click()
    option = page.get_by_role("option", name="GC content")
    option.wait_for()

    def recolour() -> None:
        option.click()
        page.locator(".kmer-map-title", has_text="GC content").wait_for()

    found["recolour"] = _timed(recolour)
    context.close()
    return found


def _open(page: Any) -> None:
    page.goto(f"http://localhost:{PORT}")
    page.wait_for_selector(PLOT, state="attached")


def _lasso(page: Any) -> None:
    box = page.locator(PLOT).first.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x - 200, y - 200)
    page.mouse.down()
    for dx, dy in [(200, -200), (200, 200), (-200, 200), (-200, -200)]:
        page.mouse.move(x + dx, y + dy, steps=3)
    page.mouse.up()
    page.get_by_role("heading", name="selected k-mers").wait_for()


def _timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
