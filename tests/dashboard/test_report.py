"""Reports and figures: what they hold, that they ask for nothing, and what cannot be drawn."""

import base64
import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import bioskipgram as bsg
from bioskipgram.cli.main import main
from bioskipgram.errors import BioSkipGramError
from bioskipgram.model import checkpoint, exchange, shipped, word_vectors
from dashboard.kmer_map import standalone
from dashboard.shared import journal, report

CODONS = shipped.SHIPPED / "human-cds-codon.safetensors"


def made(path: Path = CODONS, **settings: object) -> str:
    wanted = {"method": "tsne", "select": "", "map_only": False, "height": 500} | settings
    return report.page(path, **wanted)  # type: ignore[arg-type]


def data_of(page: str) -> dict[str, object]:
    found = re.search(r'<script type="application/json">(.*?)</script>', page, re.DOTALL)
    assert found
    return dict(json.loads(found[1]))


def test_a_report_has_every_part() -> None:
    page = made(select="CTN")
    for title in ("Selection: CTN", "Clusters", "How much is spelling?", "Settings"):
        assert f"<h2>{title}</h2>" in page
    assert "4 of 64 k-mers" in page
    assert "<code>CTA CTC CTG CTT</code>" in page
    assert "0.563 (0.558 to 0.930)" in page  # the shuffled codons
    assert bsg.load(CODONS).digest in page
    assert page.count("<svg viewBox") == 5  # four clusters and the selection


def test_6_mers_fit_into_5_megabytes_with_their_neighbours() -> None:
    page = made(shipped.SHIPPED / "human-cds-k6.safetensors")
    assert len(page) < 5e6
    model, data = bsg.load("human-cds-k6"), data_of(page)
    near = np.frombuffer(base64.b64decode(str(data["neighbors"])), "<i4").reshape(4096, -1)
    assert near[1234].tolist() == model.neighbors(model.vocabulary.texts[1234], 10).tokens.tolist()


def test_a_page_can_fetch_nothing() -> None:
    page = made()
    assert "default-src 'none'" in page
    assert not re.search(r"""(src|href)\s*=\s*["']|@import|fetch\(|XMLHttpRequest""", page)


def test_untrusted_names_are_text(tmp_path: Path) -> None:
    evil = "<img src=x onerror=alert(1)></script>"
    text = tmp_path / "codons.txt"
    exchange.write(word_vectors.of_model(bsg.load(CODONS)), text, "word2vec")
    model, _ = word_vectors.as_model(
        word_vectors.of_model(bsg.load(CODONS)), source=evil, sha256="", stride=3
    )
    path = checkpoint.save(model, tmp_path / f"{evil[:4]}.safetensors")
    page = made(path, method="pca")
    assert "<img" not in page.replace("<image", "")
    assert "&lt;img src=x" in page


def test_labels_end_no_script() -> None:
    assert "</script>" not in json.dumps({"x": "</script>"}).replace("<", "\\u003c")
    page = standalone.page("</title><b>", "")
    assert "<title>&lt;/title&gt;&lt;b&gt;</title>" in page


def test_a_pattern_that_nothing_matches_is_said() -> None:
    with pytest.raises(BioSkipGramError, match="'/AAAA/': no k-mer of this model matches it"):
        made(select="/AAAA/")


@pytest.mark.parametrize("suffix", journal.SUFFIXES)
def test_a_figure_is_as_wide_as_a_column(suffix: str, tmp_path: Path) -> None:
    data = journal.figure(CODONS, colour="", method="tsne", columns=1, suffix=suffix)
    assert data == journal.figure(CODONS, colour="", method="tsne", columns=1, suffix=suffix)
    if suffix == ".png":
        width, _ = np.frombuffer(data[16:24], ">u4")
        assert width == round(89 / 25.4 * 300)
    elif suffix == ".svg":
        (points,) = re.findall(rb'<svg[^>]* width="([\d.]+)pt"', data)
        assert float(points) == pytest.approx(89 / 25.4 * 72, abs=0.1)
        assert re.search(rb">[ACGT]{3}</text>", data)  # text stays text
    else:
        assert data.startswith(b"%PDF")


def test_a_colour_that_is_none_lists_the_known() -> None:
    with pytest.raises(BioSkipGramError, match=r"'taste': no colour .* there are Amino acid, fra"):
        journal.figure(CODONS, colour="taste", method="tsne", columns=1, suffix=".png")


def test_the_commands_write_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page, picture = tmp_path / "x.html", tmp_path / "x.svg"
    assert main(["report", "human-cds-codon", f"--out={page}", "--select=GGN"]) == 0
    assert "Selection: GGN" in page.read_text()
    assert main(["figure", "human-cds-codon", f"--out={picture}", "--colour=gc"]) == 0
    assert "GC content" in picture.read_text()
    capsys.readouterr()
    assert main(["figure", "human-cds-codon", f"--out={tmp_path / 'x.gif'}"]) == 2
    assert capsys.readouterr().err == (
        "bioskipgram: x.gif: the name must end in .png, .svg, .pdf\n"
    )
    assert main(["report", "human-cds-codon", f"--out={page}", "--select=/AAAA/"]) == 2
    assert "no k-mer of this model matches it" in capsys.readouterr().err


def test_a_notebook_shows_the_map_and_what_a_model_is(tmp_path: Path) -> None:
    model = bsg.load("human-cds-codon")
    shown = bsg.show(model, method="pca", select="CTN", height=300)
    frame = shown._repr_html_()
    assert 'sandbox="allow-scripts"' in frame
    assert "&quot;maps&quot;" in frame
    shown.save(tmp_path / "map.html")
    assert (tmp_path / "map.html").read_text().startswith("<!doctype html>")
    assert repr(model) == "<KmerEmbedding: 64 3-mers of DNA, 16 dimensions>"
    assert "<td>human_cds_permissive_orf.fa.gz</td>" in model._repr_html_()
    with pytest.raises(BioSkipGramError, match="no k-mer of this model matches it"):
        bsg.show("human-cds-codon", select="/AAAA/")


def test_a_report_needs_neither_streamlit_nor_plotly() -> None:
    program = "import sys, dashboard.shared.report; print({'streamlit', 'plotly'} & {*sys.modules})"
    words = [sys.executable, "-c", program]
    done = subprocess.run(words, cwd=shipped.ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
