"""The Genes page as its user meets it: dot plots that answer a click, names that stay names."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.browser.conftest import QUIET, settled

pytestmark = pytest.mark.browser
LEFT, TOP = 46, 6  # of a dot plot's square in its stage, see dot_map/index.js
PLACE = """() => {
  const box = document.querySelectorAll('.dot-map-stage')[1].getBoundingClientRect();
  return [box.left, box.top, box.width];
}"""
PAINTED = """() => {
  const canvas = document.querySelector('.dot-map-canvas');
  const {data} = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  let painted = 0;
  for (let i = 3; i < data.length; i += 4) painted += data[i] > 0;
  return painted;
}"""
RUNS = """() => {
  const app = document.querySelector('[data-testid=stApp]');
  window.scriptRuns = 0;
  new MutationObserver(() => { window.scriptRuns += 1; })
    .observe(app, {attributes: true, attributeFilter: ['data-test-script-state']});
}"""


def upload(page: Any, address: str, file: Path) -> None:
    page.goto(f"{address}/genes")
    page.get_by_text("Records of mine").click()
    page.locator("input[type=file]").set_input_files(file)


def choose(page: Any, view: str) -> None:
    page.get_by_test_id("stMain").locator("button", has_text=view).first.click()


def test_a_threshold_recolours_without_asking_python(page: Any, address: str) -> None:
    page.goto(f"{address}/genes?genes=Pair")
    page.locator(".dot-map-slider").first.wait_for()
    page.wait_for_function(QUIET)
    page.wait_for_timeout(1000)
    page.evaluate(RUNS)
    before = page.evaluate(PAINTED)
    page.locator(".dot-map-slider").first.fill("95")
    page.wait_for_function(f"() => ({PAINTED})() < {before}")
    assert "0.95" in page.locator(".dot-map-value").first.inner_text()
    page.locator(".dot-map-slider").first.fill("0")
    page.wait_for_function(f"() => ({PAINTED})() > {before}")
    assert page.evaluate("() => window.scriptRuns") == 0


def test_a_click_on_a_cell_shows_both_windows(page: Any, address: str) -> None:
    page.goto(f"{address}/genes?genes=Pair")
    stage = page.locator(".dot-map-stage").nth(1)
    stage.scroll_into_view_if_needed()
    side = settled(page, PLACE)[2] - LEFT - 10
    # Window 100 of 385 of each of HBB and HBD, which need no gap to align.
    middle = (99.5 / 385) * side
    stage.hover(position={"x": LEFT + middle, "y": TOP + middle})
    page.locator(".dot-map-says").nth(1).filter(has_text="100 × 100: 0.9").wait_for()
    stage.click(position={"x": LEFT + middle, "y": TOP + middle})
    page.get_by_text("HBB 100–159").wait_for()
    page.get_by_text("HBD 100–159").wait_for()
    stage.focus()
    for key in ("ArrowDown", "ArrowRight", "Enter"):
        page.keyboard.press(key)
    page.get_by_text("HBD 101–160").wait_for()


def test_names_from_a_file_stay_names(page: Any, address: str, tmp_path: Path) -> None:
    gene = "ATG" + "GCTGAACGTCTG" * 12 + "TAA"
    hostile = "<b>bold</b><script>alert(1)</script><img/src=x/onerror=alert(2)>"
    long = "x" * 10_000
    file = tmp_path / "h.fa"
    file.write_text(
        f">{hostile}\n{gene}\n>{long}\n{gene[:60]}ACC{gene[60:]}\n>`**a**`:red[b]\n{gene}\n"
    )
    upload(page, address, file)
    choose(page, "Records")
    page.get_by_text("3 records").wait_for()
    for view, shown in {
        "Map": ".js-plotly-plot", "Heat map": ".js-plotly-plot", "Tree": ".js-plotly-plot",
        "Pair": ".dot-map-slider", "Nearest": "text=Reference genes nearest to",
    }.items():  # fmt: skip
        choose(page, view)
        page.locator(shown).first.wait_for()
        page.wait_for_function(QUIET)
        main = page.get_by_test_id("stMain")
        assert main.locator("b, img[src=x], script", has_text="bold").count() == 0
        assert main.locator("img[src=x]").count() == 0
        assert long not in main.inner_text()


def test_five_thousand_records_leave_the_page_in_use(
    page: Any, address: str, tmp_path: Path
) -> None:
    rng = np.random.default_rng(0)
    letters = np.frombuffer(b"ACGT", np.uint8)[rng.integers(0, 4, (5000, 900))]
    file = tmp_path / "many.fa"
    file.write_bytes(b"".join(b">r%d\n%s\n" % (i, row.tobytes()) for i, row in enumerate(letters)))
    upload(page, address, file)
    choose(page, "Records")
    page.get_by_text("5,000 records").first.wait_for()
    choose(page, "Heat map")
    page.get_by_text("5,000 records in 200 groups").wait_for()
    choose(page, "Tree")
    page.get_by_text("the first 200 of 5,000 records").wait_for()


def saved(page: Any, label: str, folder: Path) -> Path:
    """Press the button of a download and return the file it gave."""
    with page.expect_download() as waiting:
        # Not the table's own "Download as CSV"; an icon is read as its name.
        name = re.compile(rf"^(download\s*)?{re.escape(label)}$")
        page.get_by_role("button", name=name).last.click()
    path = folder / waiting.value.suggested_filename
    waiting.value.save_as(path)
    return path


def test_every_download_is_what_its_name_says(page: Any, address: str, tmp_path: Path) -> None:
    from io import StringIO

    from anndata import read_h5ad
    from Bio import Phylo

    page.goto(f"{address}/genes?genes=Tree")
    newick = saved(page, "Newick", tmp_path).read_text()
    tree = Phylo.read(StringIO(newick), "newick")
    assert {leaf.name for leaf in tree.get_terminals()} >= {"HBB", "HBD", "HBE1"}
    page.wait_for_function(QUIET)
    page.get_by_role("button", name="Download").first.click()
    with np.load(saved(page, "Vectors .npz", tmp_path), allow_pickle=False) as arrays:
        shapes = [arrays[name].shape for name in arrays.files]
    (vectors,) = {shape for shape in shapes if len(shape) == 2}
    assert vectors[0] == 25
    assert vectors[1] >= 16
    assert read_h5ad(saved(page, "Vectors .h5ad", tmp_path)).shape == vectors
    assert len(saved(page, "Vectors .tsv", tmp_path).read_text().splitlines()) >= 26
    matrix = saved(page, "Matrix of cosines .csv", tmp_path).read_text().splitlines()
    assert len(matrix) == len(matrix[0].split(",")) == 26
    page.keyboard.press("Escape")
    for view, rows in {"Records": 26, "Nearest": 26}.items():
        page.goto(f"{address}/genes?genes={view}")
        table = saved(page, "CSV", tmp_path).read_text().splitlines()
        assert len(table) == rows
        assert "HBB" in table[1]
