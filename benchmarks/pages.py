"""How long each page takes to answer its first example in Chromium, and a substitution's card.

    python -m benchmarks.pages [--repeats 3]

The server is warm: each page was opened once before. Software graphics, as in `page`.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from typing import Any

from playwright.sync_api import sync_playwright

from benchmarks.page import ROOT, wait_for
from tests.browser.conftest import FLAGS

PORT = 8698
ANSWERS = {
    "similarity": "Nearest 20 of",
    "genes": "beta-globin cluster",
    "motifs": "k-mers",
    "variants": "p.Glu7Val",
}
"""Page -> a text that stands there once its example is answered."""


def main() -> None:
    """Print the medians."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=3)
    repeats = parser.parse_args().repeats
    with tempfile.TemporaryDirectory() as runs:
        server = subprocess.Popen(
            [sys.executable, "-m", "streamlit", "run", "dashboard/app.py",
             f"--server.port={PORT}", "--server.headless=true"],
            cwd=ROOT, stdout=subprocess.DEVNULL, env={**os.environ, "BIOSKIPGRAM_RUNS": runs},
        )  # fmt: skip
        try:
            wait_for(f"http://localhost:{PORT}/_stcore/health")
            _measure(repeats)
        finally:
            server.terminate()
            server.wait()


def _measure(repeats: int) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=list(FLAGS)
        )
        for page, text in ANSWERS.items():
            times = [_opened(browser, page, text) for _ in range(repeats + 1)][1:]
            print(f"{page}, its example answered: {statistics.median(times):.2f} s", flush=True)


def _opened(browser: Any, name: str, text: str) -> float:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.set_default_timeout(120_000)
    start = time.perf_counter()
    page.goto(f"http://localhost:{PORT}/{name}")
    page.get_by_text(text).first.wait_for()
    page.locator("[data-testid=stStatusWidget]").wait_for(state="detached")
    taken = time.perf_counter() - start
    context.close()
    return taken


if __name__ == "__main__":
    main()
