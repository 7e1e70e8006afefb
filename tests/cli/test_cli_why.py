"""The command `why`: what it prints adds up."""

import json
from pathlib import Path

import pytest

from bioskipgram.cli.main import main

ROOT = Path(__file__).parents[2]
MODEL = str(ROOT / "models" / "yeast-cds-codon.safetensors")


def test_the_parts_of_two_kmers_add_up(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["why", MODEL, "GCT", "GCC", "-n", "64", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert len(found["parts"]) == 64
    total = sum(part["part"] for part in found["parts"]) + found["rest"]
    assert total == pytest.approx(found["cosine"], abs=1e-5)
    assert found["for"] + found["against"] + found["rest"] == pytest.approx(found["cosine"])
    assert main(["why", MODEL, "GCT", "GCC", "-n", "3"]) == 0
    assert "GCT, fitted" in capsys.readouterr().out


def test_counts_stand_beside_the_parts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sample = str(ROOT / "bioskipgram" / "data" / "human_cds_sample.fa.gz")
    model = str(tmp_path / "x.safetensors")
    assert main(["train", sample, "--k=3", "--dim=64", "--steps=200", "--out", model]) == 0
    capsys.readouterr()
    assert main(["why", model, "CGA", "GAT", "-n", "5", "--corpus", sample, "--json"]) == 0
    for part in json.loads(capsys.readouterr().out)["parts"]:
        assert part["CGA, fitted"] == pytest.approx(part["CGA, counted"], rel=0.3)
    assert main(["why", MODEL, "GCT", "GCC", "--corpus", str(tmp_path / "none.fa")]) == 2
    assert "no such file" in capsys.readouterr().err


def test_the_parts_of_two_genes_add_up(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "genes.fa"
    path.write_text(">a\nATGGCTGCCAAAGCTTAA\n>b\nATGGCCGCTAAGGCCTGA\n>c\nATGTTTTTCTTATAA\n")
    words = ["why", MODEL, "a", "b", "--genes", str(path), "--pooling=mean", "-n=64", "--json"]
    assert main(words) == 0
    found = json.loads(capsys.readouterr().out)
    total = sum(part["part"] for part in found["parts"]) + found["rest"]
    assert total == pytest.approx(found["cosine"], abs=1e-5)
    assert {p["kmer"]: p["positions"] for p in found["parts"]}["GCT"] == "4 13"
    assert main(["why", MODEL, "a", "z", "--genes", str(path)]) == 2
    assert "z: no record has such a name" in capsys.readouterr().err
