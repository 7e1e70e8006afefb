"""How fast the map of k-mers is in Chromium with software rendering, and what it sends.

``python -m benchmarks.kmer_map 4096 65536 262144`` prints a line per number of k-mers. Times are in
milliseconds, medians, from the user's doing to the page that shows it, Python's rerun included;
"frame" is recolouring and drawing alone; bytes went over the connection, uncompressed.
"""

import argparse
import json
import re
import shutil
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from tests.browser.conftest import FLAGS

ROOT = Path(__file__).parents[1]
APP = ROOT / "tests" / "browser" / "kmer_map_app.py"
REPEATS = 5
PATIENCE = 180.0
MAP = "document.querySelector('.kmer-map-plot')?.kmerMap"
FRAME = f"""() => {{
  const map = {MAP}, gl = map.dots.gl, times = [];
  for (let i = 0; i < 7; i++) {{
    const start = performance.now();
    map.dots.colour(map.paint.steps, map.paint.colours);
    map.regroup();
    map.paintFrame();
    // Reading a pixel waits for the drawing.
    gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, new Uint8Array(4));
    times.push(performance.now() - start);
  }}
  return times.sort((a, b) => a - b)[3];
}}"""


class Visit:
    """A page with a map, and what went over its connection."""

    def __init__(self, browser: Any, address: str, size: int) -> None:
        self.page = browser.new_page(viewport={"width": 1280, "height": 800})
        self.up, self.down = 0, 0
        self.page.on("websocket", self._listen)
        start = time.perf_counter()
        self.page.goto(f"{address}/?n={size}&labels=0")
        self.until(lambda: self.page.evaluate(f"() => {MAP}?.group !== undefined"))
        self.first = time.perf_counter() - start

    def _listen(self, socket: Any) -> None:
        socket.on("framesent", lambda frame: setattr(self, "up", self.up + len(frame)))
        socket.on("framereceived", lambda frame: setattr(self, "down", self.down + len(frame)))

    def until(self, happened: Callable[[], Any]) -> None:
        """Wait until something is so."""
        give_up = time.monotonic() + PATIENCE
        while not happened():
            if time.monotonic() > give_up:
                raise TimeoutError
            time.sleep(0.005)

    def seen(self) -> dict[str, Any]:
        """Return the events that Python printed last."""
        text = self.page.get_by_text(re.compile("^RUNS")).first.inner_text()
        found: dict[str, Any] = json.loads(text.split(" ", 2)[2])
        return found

    def colour(self) -> str:
        """Return the title of the colouring that the points are drawn in."""
        return str(self.page.evaluate(f"() => {MAP}.drawn === {MAP}.data && {MAP}.data.title"))

    def place(self, token: int) -> tuple[float, float]:
        """Return where a point is on the page."""
        x, y = self.page.evaluate(f"(token) => {MAP}.space.pixels(token).slice(0, 2)", token)
        box = self.page.locator(".kmer-map-plot").bounding_box()
        return box["x"] + x, box["y"] + y

    def timed(self, action: Callable[[], Any], happened: Callable[[], Any]) -> float:
        """Return the milliseconds from an action to what it leads to."""
        start = time.perf_counter()
        action()
        self.until(happened)
        return 1000 * (time.perf_counter() - start)


def measure(browser: Any, address: str, size: int) -> dict[str, float]:
    """Return times and bytes for a map of so many k-mers."""
    visit = Visit(browser, address, size)
    page = visit.page
    page.wait_for_timeout(1500)
    found = {"first": 1000 * visit.first, "frame": page.evaluate(FRAME)}
    times, down = [], visit.down
    for i in range(REPEATS):
        name, title = (("gc", "GC content"), ("cluster", "Cluster"))[i % 2]
        choose = page.get_by_text(name, exact=True).click
        times.append(visit.timed(choose, lambda title=title: visit.colour() == title))
    found["recolour"] = statistics.median(times)
    found["recolour_down"] = (visit.down - down) / REPEATS
    times, down = [], visit.down
    for token in range(REPEATS):
        page.wait_for_timeout(700)
        before = visit.seen()["clicked"]
        x, y = visit.place(token * (size // REPEATS))
        times.append(
            visit.timed(
                lambda x=x, y=y: page.mouse.click(x, y),
                lambda before=before: visit.seen()["clicked"] not in (None, before),
            )
        )
    found["click"] = statistics.median(times)
    found["click_down"] = (visit.down - down) / REPEATS
    up, down = visit.up, visit.down
    page.locator(".kmer-map-stage").focus()
    page.keyboard.press("b")
    box = page.locator(".kmer-map-plot").bounding_box()
    page.mouse.move(box["x"] + 3, box["y"] + 55)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] - 3, box["y"] + box["height"] - 3, steps=5)
    found["select"] = visit.timed(page.mouse.up, lambda: visit.seen()["selected"] > size // 2)
    found["selected"] = visit.seen()["selected"]
    found["select_up"], found["select_down"] = visit.up - up, visit.down - down
    page.close()
    return found


def main() -> None:
    """Print a line per size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sizes", type=int, nargs="*", default=[4096, 65536, 262144])
    sizes = parser.parse_args().sizes
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = ["--server.headless=true", f"--server.port={port}", "--server.address=127.0.0.1"]
    server = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", str(APP), *options],
        cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    address = f"http://127.0.0.1:{port}"
    try:
        while True:
            with suppress(OSError):
                urllib.request.urlopen(f"{address}/_stcore/health", timeout=2).close()
                break
            time.sleep(0.2)
        with sync_playwright() as playwright:
            chromium = shutil.which("chromium") or shutil.which("chromium-browser")
            browser = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
            for size in sizes:
                found = measure(browser, address, size)
                print(f"{size:>9,}", *(f"{name} {value:,.0f}" for name, value in found.items()))
            browser.close()
    finally:
        server.terminate()
        server.wait()


if __name__ == "__main__":
    main()
