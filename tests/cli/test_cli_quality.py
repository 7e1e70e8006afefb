"""The commands quality and verify: numbers beside nulls, and drift that is named."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

from bioskipgram.cli.main import main
from bioskipgram.kmers.tokenizer import KmerTokenizer
from bioskipgram.model import beside, beyond, checkpoint, geometry, quality_file
from bioskipgram.model.verdict import verdict

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a codon model, its sequences and its report."""
    folder = tmp_path_factory.mktemp("models")
    genes = folder / "genes.fa"
    genes.write_text(">a\n" + "ATGGCTGCAGTTGTCAAAAAG" * 30 + "\n>b\n" + "GCTGTTAAGTTT" * 30 + "\n")
    settings = ["--k=3", "--stride=3", "--dim=3", "--steps=20", "--threads=1"]
    assert main(["train", str(genes), *settings, "--out", str(folder / "x.safetensors")]) == 0
    words = ["quality", str(folder / "x.safetensors"), str(genes), "--nulls=2", "--seeds=2"]
    assert main([*words, "--keep"]) == 0
    return folder


def test_every_measure_has_its_seeds_and_nulls(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = quality_file.load(beside.quality(folder / "x.safetensors"))
    assert report.source == "genes.fa"
    for name, one in report.measures.items():
        assert len(one.seeds) == len(one.nulls["codons shuffled"]) == 2
        assert name.startswith("gap") or len(one.nulls["random vectors"]) == 5
    capsys.readouterr()
    assert main(["quality", str(folder / "x.safetensors"), "--json"]) == 0
    printed = capsys.readouterr()
    assert "need the training sequences" in printed.err
    rows = {row["name"]: row for row in json.loads(printed.out)}
    assert set(rows) == set(report.measures)
    assert {len(row["seeds"]) for row in rows.values()} == {0}


def test_what_holds_is_said_and_what_drifted_is_named(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = tmp_path / "README.md"
    text.write_text("# Models\n\n<!-- quality: x -->\nold\n<!-- end -->\nafter\n")
    words = ["verify", str(folder), str(folder / "genes.fa"), "--text", str(text)]
    assert main(words) == 1
    assert "README.md: the table of x is not that of its report" in capsys.readouterr().out
    assert main([*words, "--write"]) == 0
    assert "| codons shuffled |" in text.read_text()
    assert text.read_text().endswith("<!-- end -->\nafter\n")
    capsys.readouterr()
    assert main(words) == 0
    assert capsys.readouterr().out == "1 models: every number holds\n"

    path = beside.quality(folder / "x.safetensors")
    kept = path.read_text()
    changed = json.loads(kept)
    changed["measures"]["synonymous codons, AUC"]["nulls"]["codons shuffled"] = [0.1, 0.1]
    path.write_text(json.dumps(changed))
    assert main(words[:-2]) == 1
    assert "AUC, codons shuffled: 0" in capsys.readouterr().out
    assert main(words[:2]) == 0  # without its sequences this one cannot be looked at
    path.write_text(kept)


def test_a_report_of_another_model_is_named(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = beside.quality(folder / "x.safetensors")
    kept = path.read_text()
    path.write_text(kept.replace('"digest": "', '"digest": "0'))
    capsys.readouterr()
    assert main(["verify", str(folder)]) == 1
    assert "the report is another model's" in capsys.readouterr().out
    path.write_text(kept)


def test_a_folder_without_models(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", str(tmp_path)]) == 2
    assert "there is no model in this folder" in capsys.readouterr().err


def test_what_is_printed_of_the_models_that_ship_holds(
    capsys: pytest.CaptureFixture[str],
) -> None:
    models = ROOT / "models"
    assert main(["verify", str(models), "--text", str(models / "README.md")]) == 0
    shipped = {path.stem for path in beside.models_in(models)}
    named = set(re.findall(r"<!-- quality: ([\w-]+) -->", (models / "README.md").read_text()))
    assert named == shipped
    assert f"{len(shipped)} models: every number holds" in capsys.readouterr().out


def test_random_dna_in_several_files_is_spelling_only_and_nothing_is_lit(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Independent bases: by the rule no model of them knows anything."""
    random = np.random.default_rng(5)
    for name in ("a.fa", "b.fa"):
        texts = ["".join(random.choice(list("ACGT"), 3000)) for _ in range(4)]
        (tmp_path / name).write_text("".join(f">{i}\n{t}\n" for i, t in enumerate(texts)))
    model, files = tmp_path / "x.safetensors", str(tmp_path / "?.fa")
    words = ["--k=3", "--stride=3", "--dim=8", "--steps=30", "--threads=1"]
    assert main(["train", files, *words, "--out", str(model)]) == 0
    assert main(["quality", str(model), files, "--nulls=5", "--seeds=5", "--keep"]) == 0
    report = quality_file.load(beside.quality(model))
    assert report.source == "2 files: a.fa, b.fa"
    assert verdict(report.measures)[0].startswith("Spelling only")
    embedding = checkpoint.load(model)
    kept, digest = beyond.load(beside.beyond(model, embedding.digest))
    assert (digest, kept.kind, kept.models) == (embedding.digest, "codons shuffled", 5)
    assert len(kept.lit) == 0
    capsys.readouterr()
    assert main(["stability", str(model), files, "--models=2", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["models"] == 2


def test_imported_words_of_several_lengths_are_measured_and_not_trained_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A table as dna2vec publishes one: words of 3 to 5 bases, no counts, no contexts."""
    vectors = np.random.default_rng(1).standard_normal((5440 // 4, 6))
    words = [word for k in (3, 4, 5) for word in KmerTokenizer(k).decode(np.arange(4**k))]
    lines = [f"{word} {' '.join(map(str, row))}" for word, row in zip(words, vectors, strict=False)]
    (tmp_path / "x.w2v").write_text("\n".join([f"{len(lines)} 6", *lines]) + "\n")
    model, genes = str(tmp_path / "x.safetensors"), tmp_path / "genes.fa"
    genes.write_text(">a\n" + "ATGGCTGCAGTTGTCAAAAAG" * 30 + "\n")
    assert main(["import", str(tmp_path / "x.w2v"), "--out", model]) == 0
    capsys.readouterr()
    assert main(["quality", model, str(genes), "--json"]) == 0
    printed = capsys.readouterr()
    assert "no seeds and nulls are trained" in printed.err
    rows = {row["name"]: row for row in json.loads(printed.out)}
    assert geometry.RARE not in rows  # the counts are not known
    assert abs(rows[geometry.SPELLING]["value"]) < 0.1
    assert {kind for row in rows.values() for kind in row["nulls"]} == {"random vectors"}
    for command in ("stability", "null-map"):
        assert main([command, model, str(genes)]) == 2
        assert "it cannot be trained again" in capsys.readouterr().err
