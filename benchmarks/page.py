"""How quick the Explore page is in Chromium: first paint, click, lasso, recolour; bytes each way.

    python -m benchmarks.page [--model human-cds-k8] [--points 262144] [--repeats 5]

Starts the app on a free port of this machine and drives it in Debian's chromium, with the graphics
processor emulated in software. The first line is the first visit after the server is up, when
Python still has its imports to do; the others are medians of the visits after it. The first click
of a visit also fetches and compiles the scripts of Streamlit's tabs and tables. `--points`
opens a model of that many k-mers with made-up vectors and layout instead of a shipped one: it
shows what the page can carry, and nothing about DNA.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from benchmarks.made_up import write_model
from tests.browser.conftest import FLAGS
from tests.browser.test_app import DRAWN, HEADING, MAP, PLOT, WHERE

PORT = 8699
ROOT = Path(__file__).resolve().parents[1]
FREE = f"""(first) => {{
  const where = {WHERE};
  for (let token = first; ; token++) {{
    const [x, y] = where(token);
    if (document.elementFromPoint(x, y)?.className === "kmer-map-points") return [x, y];
  }}
}}"""
"""The place of a point that no name and no button covers."""
BUDGETS = {
    "first paint, map drawn": "2",
    "later click to the k-mer's card": "0.3 at 4,096 k-mers, 0.6 at 65,536",
    "recolour": "0.4",
    "frames a second while the map is moved": "60 where a graphics processor draws",
    "select all to its card": "",
    "kB up for all": "50 at 65,536, 200 at 262,144",
}
"""What the dashboard must keep to; seconds unless said otherwise."""
_WATCH = """() => {
  let began = null;
  for (const kind of ["pointerup", "keydown"]) {
    addEventListener(kind, () => { began = performance.now(); }, { capture: true, once: true });
  }
  self.seen = new Promise((resolve) => {
    const watcher = new MutationObserver(() => {
      if (began === null || !(SHOWN)) return;
      watcher.disconnect();
      const painted = () => setTimeout(() => resolve((performance.now() - began) / 1000));
      requestAnimationFrame(painted);
    });
    watcher.observe(document, { subtree: true, childList: true, characterData: true });
  });
}"""


_PAN = f"""() => new Promise((done) => {{
  const map = {MAP}, began = performance.now();
  let frames = 0;
  const step = () => {{
    map.view.drag([300, 300], [frames % 20 < 10 ? 304 : 296, 300]);
    map.paintFrame();
    frames++;
    const passed = performance.now() - began;
    if (passed < 2000) requestAnimationFrame(step);
    else done((1000 * frames) / passed);
  }};
  requestAnimationFrame(step);
}})"""


def main() -> None:
    """Print the figures beside their budgets."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default="human-cds-k6")
    parser.add_argument("--points", type=int, default=0)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument(
        "--server", action="store_true", help="only the processor time of the page's script"
    )
    options = parser.parse_args()
    if options.server:
        return _server(options.repeats)
    with tempfile.TemporaryDirectory() as runs:
        model = options.model
        if options.points:
            model = write_model(Path(runs), options.points)
        visits = _visits(model, options.repeats, runs)
    for name in visits[0]:
        value = statistics.median(visit[name] for visit in visits)
        unit, budget = ("" if name[:2] in ("kB", "fr") else " s"), BUDGETS.get(name, "")
        print(f"{name}: {value:.2f}{unit}" + (f"   (budget {budget})" if budget else ""))


def _server(repeats: int) -> None:
    """Print the processor time that the page's script takes of a click, without a browser.

    It depends little on what else the machine does.
    """
    from streamlit.testing.v1 import AppTest

    from dashboard import state
    from dashboard.state import Focus, Trail

    app = AppTest.from_file(str(ROOT / "dashboard" / "app.py"), default_timeout=600).run()

    def look(focus: Focus) -> dict[str, Any]:
        return {state.TRAIL: Trail((Focus(), focus), 1)}

    for name, change in {
        "nothing": lambda i: {},
        "another k-mer": lambda i: look(Focus("kmer", 1000 + 37 * i)),
        "another cluster": lambda i: look(Focus("cluster", i)),
        "a cluster seen before": lambda i: look(Focus("cluster", i)),
        "another colour": lambda i: {state.COLOUR: ("GC content", "CpG")[i % 2]},
    }.items():
        taken = []
        for i in range(repeats):
            for key, value in change(i).items():
                app.session_state[key] = value
            began = time.process_time()
            app.run()
            taken.append(time.process_time() - began)
        print(f"script, {name}: {statistics.median(taken):.3f} s")


def _visits(model: str, repeats: int, runs: str) -> list[dict[str, float]]:
    """Return what `repeats` visits measured, after a first one, which is printed."""
    command = [sys.executable, "-m", "streamlit", "run", "dashboard/app.py"]
    server = subprocess.Popen(
        [*command, f"--server.port={PORT}", "--server.headless=true"], cwd=ROOT,
        stdout=subprocess.DEVNULL, env={**os.environ, "BIOSKIPGRAM_RUNS": runs},
    )  # fmt: skip
    try:
        wait_for(f"http://localhost:{PORT}/_stcore/health")
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=shutil.which("chromium"), args=list(FLAGS)
            )
            first = _visit(browser, model)["first paint, map drawn"]
            print(f"first visit, map drawn: {first:.2f} s")
            return [_visit(browser, model) for _ in range(repeats)]
    finally:
        server.terminate()
        server.wait()


def wait_for(address: str) -> None:
    """Return once something answers at an address."""
    for _ in range(300):
        try:
            urllib.request.urlopen(address, timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit("the app did not start")


def _visit(browser: Any, model: str) -> dict[str, float]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page, sent, received = context.new_page(), [0], [0]
    page.set_default_timeout(120_000)

    def watch(socket: Any) -> None:
        socket.on("framesent", lambda data: sent.append(len(data)))
        socket.on("framereceived", lambda data: received.append(len(data)))

    page.on("websocket", watch)
    found = {"first paint, map drawn": _timed(lambda: _open(page, model))}
    found["kB down until then"] = sum(received) / 1e3
    page.wait_for_timeout(2500)
    found["first click of a visit to the k-mer's card"], *later = [
        _click(page, token) for token in (1000, 2000, 3000, 1500)
    ]
    found["later click to the k-mer's card"] = statistics.median(later)
    found["frames a second while the map is moved"] = page.evaluate(_PAN)
    received.clear()
    found["recolour"] = _recolour(page)
    found["kB down for a recolour"] = sum(received) / 1e3
    page.wait_for_timeout(700)
    sent.clear()
    found["lasso of half the map to its card"] = _lasso(page)
    found["kB up for the lasso"] = sum(sent) / 1e3
    page.wait_for_timeout(700)
    sent.clear()
    found["select all to its card"] = _select_all(page)
    found["kB up for all"] = sum(sent) / 1e3
    context.close()
    return found


def _open(page: Any, model: str) -> None:
    page.goto(f"http://localhost:{PORT}/?model={urllib.parse.quote(model)}")
    page.wait_for_function(DRAWN)


def _click(page: Any, token: int) -> float:
    x, y = page.evaluate(FREE, token)
    page.mouse.move(x, y)
    page.wait_for_timeout(300)
    headings = f"[...document.querySelectorAll('{HEADING}')].map((h) => h.innerText)"
    before = page.evaluate(f"() => {headings}")  # the old card stays for a moment
    shown = f"{headings}.some((text) => !{before!r}.includes(text))"
    seconds = _seen(page, shown, lambda: page.mouse.click(x, y))
    page.wait_for_timeout(900)
    return seconds


def _recolour(page: Any) -> float:
    page.get_by_role("combobox", name="Colour by").click()
    option = page.get_by_role("option", name="GC content")
    option.wait_for()
    title = "document.querySelector('.kmer-map-title')?.textContent.includes('GC content')"
    return _seen(page, title, option.click)


def _lasso(page: Any) -> float:
    box = page.locator(PLOT).first.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x - 200, y - 200)
    page.mouse.down()
    for dx, dy in [(200, -200), (200, 200), (-200, 200), (-200, -200)]:
        page.mouse.move(x + dx, y + dy, steps=3)
    return _seen(page, _selected("''"), page.mouse.up)


def _select_all(page: Any) -> float:
    before = page.get_by_role("heading", name="selected k-mers").inner_text()
    page.locator(".kmer-map-stage").first.focus()
    return _seen(page, _selected(repr(before)), lambda: page.keyboard.press("Control+a"))


def _selected(before: str) -> str:
    """Return JavaScript that is true once another card of a selection than before is shown."""
    return (
        "[...document.querySelectorAll('h3')].some((h) => "
        f"h.innerText.includes('selected k-mers') && h.innerText !== {before})"
    )


def _seen(page: Any, shown: str, act: Callable[[], object]) -> float:
    """Return the seconds from the last button or key of an act until `shown` has been painted.

    The page's own clock: the driver looks for things only once a frame, and between its own calls.
    """
    page.evaluate(_WATCH.replace("SHOWN", shown))
    act()
    return float(page.evaluate("() => self.seen"))


def _timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
