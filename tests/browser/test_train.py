"""Training as its user meets it: give sequences, start, see the map, and what cannot be used."""

import gzip
import os
import re
import time
from pathlib import Path
from typing import Any

import pytest

from bioskipgram.sequences.shipped import SAMPLE
from tests.browser.conftest import PATIENCE

pytestmark = pytest.mark.browser
MAP = "document.querySelector('.kmer-map-plot')?.kmerMap"
DRAWN = f"() => {MAP}?.group !== undefined"
PROTEIN = ">hbb\nMVHLTPEEKSAVTALWGKVNVDEVGGEALGRLLVVYPWTQRFFESFGDLSTPDAVMGNPKVKAHGKK\n"


@pytest.fixture(scope="module")
def mine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two hundred genes, and one protein among them."""
    path = tmp_path_factory.mktemp("mine") / "mine.fa"
    genes = gzip.decompress(SAMPLE.read_bytes()).decode().split(">")[1:201]
    path.write_text(">" + ">".join(genes[:100]) + PROTEIN + ">" + ">".join(genes[100:]))
    return path


def open_train(page: Any, address: str) -> None:
    page.goto(f"{address}/train")
    page.get_by_role("heading", name="A new run").wait_for()
    page.get_by_text("726 sequences").wait_for()


def test_codons_of_my_file_coloured_by_amino_acid(page: Any, address: str, mine: Path) -> None:
    """In three clicks: the file, codons, start."""
    open_train(page, address)
    begun = time.monotonic()
    page.locator("input[type=file]").first.set_input_files(mine)
    page.get_by_text("Left out: 1 record").wait_for()
    page.get_by_text("200 sequences").wait_for()
    page.get_by_text("Codons", exact=True).click()
    page.get_by_text("K-mer length: 3").wait_for()
    page.get_by_role("button", name="Start").click()
    page.get_by_text("coloured by amino acid").wait_for(timeout=PATIENCE)
    page.wait_for_function(DRAWN, timeout=PATIENCE)
    if os.getloadavg()[0] < 4:  # nobody else computes
        assert time.monotonic() - begun < 60
    page.get_by_text("vectors of zeros: nothing learnt").first.wait_for()
    said = page.evaluate(
        f"() => {{ const {{categories, values}} = {MAP}.data;"
        "  return [...values].map((place) => categories[place]); }"
    )
    # Tokens are in alphabetical order: AAA, AAC … TTT.
    assert len(said) == 64
    assert [said[0], said[14], said[48], said[63]] == ["K", "M", "stop", "F"]
    page.get_by_role("button", name="Explore this model").click()
    page.wait_for_url(re.compile(r":\d+/(explore)?\?.*model=run%3A\+run-1"))
    page.wait_for_function(DRAWN, timeout=PATIENCE)


def test_a_bad_upload_leaves_the_page_usable(page: Any, address: str, tmp_path: Path) -> None:
    bad = tmp_path / "protein.fa"
    bad.write_text(PROTEIN)
    open_train(page, address)
    page.locator("input[type=file]").first.set_input_files(bad)
    page.get_by_text("protein.fa, line").wait_for()
    assert page.get_by_role("button", name="Start").is_disabled()
    page.get_by_label("Name", exact=True).wait_for()
    page.get_by_text("Proteins", exact=True).click()
    page.get_by_text("1 sequence, 67 residues").wait_for()
    assert page.get_by_role("button", name="Start").is_enabled()
