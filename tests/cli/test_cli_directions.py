"""The commands `directions` and `null-map`: what they print and keep."""

import json
from pathlib import Path

import numpy as np
import pytest

from bioskipgram.cli.main import main
from bioskipgram.model import beside, beyond, checkpoint
from bioskipgram.model.codon_quality import synonym_auc

MODEL = str(Path(__file__).parents[2] / "models" / "yeast-cds-codon.safetensors")


def test_directions_have_ends_and_are_followed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["directions", MODEL, "-n", "2", "--ends", "3", "--rotated", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [row["direction"] for row in rows] == [1, 2]
    assert rows[0]["share"] >= rows[1]["share"] > 0
    assert len({*rows[0]["high"].split(), *rows[0]["low"].split()}) == 6
    assert "Spearman" in rows[0]["follows"] or "eta squared" in rows[0]["follows"]
    assert main(["directions", MODEL, "-n", "99"]) == 2
    assert "directions: 99 is outside 1 to 16" in capsys.readouterr().err


def test_forms_stand_beside_those_of_random_vectors(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["directions", MODEL, "--forms", "--json"]) == 0
    rows = {row.pop("measure"): row for row in json.loads(capsys.readouterr().out)}
    embedding = checkpoint.load(MODEL)
    learnt = rows["synonymous codons, AUC"]
    assert learnt["as it is"] == pytest.approx(synonym_auc(embedding))
    assert learnt["without 1 component"] == pytest.approx(synonym_auc(embedding.removing(1)))
    assert abs(rows["synonymous codons, AUC, random vectors"]["plain"] - 0.5) < 0.15


def test_a_null_map_is_kept_beside_the_model(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    letters = "".join(np.random.default_rng(1).choice(list("ACGT"), 3000))
    corpus, model = tmp_path / "x.fa", tmp_path / "x.safetensors"
    corpus.write_text(f">a\n{letters}\n>b\n{letters[::-1]}\n")
    words = ["--k=3", "--stride=3", "--dim=4", "--steps=10", "--threads=1"]
    assert main(["train", str(corpus), *words, "--out", str(model)]) == 0
    capsys.readouterr()
    assert main(["null-map", str(model), str(corpus), "--models", "3", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["kind"], found["models"], found["lit"]) == ("codons shuffled", 3, 0)
    embedding = checkpoint.load(model)
    kept, digest = beyond.load(beside.beyond(model, embedding.digest))
    assert digest == embedding.digest
    assert kept.twin.shape == embedding.center.shape
    assert main(["null-map", str(model), str(corpus), "--models", "2"]) == 2
    assert "models: 2 is below 3" in capsys.readouterr().err
