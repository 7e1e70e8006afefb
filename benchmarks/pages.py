"""How long each page takes to answer its first example in Chromium, and a substitution's card.

    python -m benchmarks.pages [--repeats 3]
    python -m benchmarks.pages --large [--genes cds.fa]

The server is warm: each page was opened once before. Software graphics, as in `page`. With
``--large`` the Genes page is given 5,000 records (those of a file, else made from the sample that
ships) and the Variants page a VCF of 10,000 lines; meanwhile another browser asks Explore for one
k-mer after another.
"""

import argparse
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import sync_playwright

from benchmarks.genes_page import RECORDS, made
from benchmarks.page import ROOT, wait_for
from bioskipgram.sequences import fasta
from bioskipgram.sequences.shipped import GENES
from tests.browser.conftest import FLAGS

PORT = 8698
ANSWERS = {
    "similarity": "Nearest 20 of",
    "genes": "Alike beyond Mash",
    "motifs": "shuffles (",
    "variants": "p.Glu7Val",
}
"""Page -> a text that stands there once its example is answered."""


def main() -> None:
    """Print the medians."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--large", action="store_true")
    parser.add_argument("--genes", type=Path, help="FASTA of coding sequences")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as runs:
        server = subprocess.Popen(
            [sys.executable, "-m", "streamlit", "run", "dashboard/app.py",
             f"--server.port={PORT}", "--server.headless=true"],
            cwd=ROOT, stdout=subprocess.DEVNULL, env={**os.environ, "BIOSKIPGRAM_RUNS": runs},
        )  # fmt: skip
        try:
            wait_for(f"http://localhost:{PORT}/_stcore/health")
            if options.large:
                _large(Path(runs), options.genes)
            else:
                _measure(options.repeats)
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


def _large(folder: Path, given: Path | None) -> None:
    """Print how long large uploads take to answer, view by view, and what others wait for."""
    genes, variants = folder / "genes.fa", folder / "variants.vcf"
    text = made() if given is None else fasta_of(given)
    genes.write_bytes(text)
    variants.write_text(vcf())
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=list(FLAGS)
        )
        for name in ("genes", "variants"):
            _opened(browser, name, ANSWERS[name])
        page, other = (_page(browser) for _ in range(2))
        other.goto(f"http://localhost:{PORT}/explore")
        other.get_by_role("textbox", name="Find").wait_for()
        page.goto(f"http://localhost:{PORT}/genes?model=human-cds-codon")
        page.get_by_text("Records of mine").click()
        upload = page.locator("input[type=file]").first
        _timed(page, other, "genes, first answer", lambda: upload.set_input_files(genes),
               "Alike beyond Mash")  # fmt: skip
        for view, shown in VIEWS.items():
            button = page.get_by_test_id("stMain").locator("button", has_text=view).first
            _timed(page, other, f"genes, {view}", button.click, shown)
        page.goto(f"http://localhost:{PORT}/variants?model=human-cds-codon")
        page.get_by_text(ANSWERS["variants"]).first.wait_for()
        upload = page.locator("input[type=file]").first
        _timed(page, other, "variants, first answer", lambda: upload.set_input_files(variants),
               "10,000 variants")  # fmt: skip


VIEWS = {
    "Records": "with warnings", "Map": "trustworthiness", "Heat map": "in 200 groups",
    "Nearest": "Reference genes nearest to", "Tree": "the first 200 of", "Pair": "k-mer cosine",
    "Path": "k-mers that begin at",
}  # fmt: skip
"""View of the Genes page -> a text that stands there once it is drawn."""


def fasta_of(path: Path) -> bytes:
    """Return the first 5,000 records of a FASTA file."""
    sequences = fasta.read(path).head(RECORDS)
    return b"".join(
        f">{line}\n{sequences.text(i)}\n".encode() for i, line in enumerate(sequences.descriptions)
    )


def vcf() -> str:
    """Return 10,000 substitutions of the genes that ship."""
    sequences, rng = fasta.read(GENES), np.random.default_rng(1)
    lines = ["##fileformat=VCFv4.2", "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO"]
    while len(lines) < 10_002:
        record = int(rng.integers(len(sequences)))
        at = int(rng.integers(sequences.lengths[record]))
        ref = sequences.alphabet.decode(sequences[record][at : at + 1])
        alt = "ACGT".replace(ref, "")[rng.integers(3)]
        lines.append(f"{sequences.names[record]}\t{at + 1}\t.\t{ref}\t{alt}\t.\t.\t.")
    return "\n".join(lines) + "\n"


def _page(browser: Any) -> Any:
    page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    page.set_default_timeout(300_000)
    return page


def _timed(page: Any, other: Any, name: str, act: Callable[[], object], shown: str) -> None:
    """Print the seconds from an act to a text and a quiet page, and the longest wait of another."""
    start, waits = time.perf_counter(), [0.0]
    act()
    done = 0.0
    while not done:
        kmer = "".join(random.choice("ACGT") for _ in range(6))
        began = time.perf_counter()
        box = other.get_by_role("textbox", name="Find")
        box.fill(kmer)
        box.press("Enter")
        heading = other.locator('[role=heading][aria-level="2"]').filter(has_text=kmer)
        heading.wait_for()
        waits.append(time.perf_counter() - began)
        there = page.get_by_text(shown).locator("visible=true").count()
        if there and not page.locator("[data-testid=stStatusWidget]").count():
            done = time.perf_counter() - start
    print(f"{name}: {done:.1f} s; another browser's k-mer meanwhile: {max(waits):.1f} s at most",
          flush=True)  # fmt: skip


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
