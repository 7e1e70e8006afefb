"""Protein, RNA and words of several lengths: from the file to the answers, by the commands."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import bioskipgram as bsg
from bioskipgram.cli.main import main
from bioskipgram.config import TrainConfig
from bioskipgram.counting.pairs import count
from bioskipgram.sequences.fasta import read

pytestmark = pytest.mark.usefixtures("one_thread")
TEXTS = ["MKVLAAGIVGLLLAQWERTYHPSDFGHKCNMKVL*AAGHHWQRDEMKVLAAGIVG", "GIVGLLLAXAQWERTYHPS", "MK"]


@pytest.fixture
def proteins(tmp_path: Path) -> Path:
    path = tmp_path / "proteins.fa"
    path.write_text("".join(f">{i}\n{text}\n" for i, text in enumerate(TEXTS)))
    return path


@pytest.mark.parametrize("settings", [{}, {"stride": 2, "frame": 1}, {"contexts": "all"}])
def test_pairs_are_those_of_two_loops(proteins: Path, settings: dict[str, Any]) -> None:
    config = TrainConfig(alphabet="protein", k=2, window=3, **settings)
    pairs: Counter[tuple[str, str]] = Counter()
    for text in TEXTS:
        words = [text[i : i + 2] for i in range(config.frame, len(text) - 1, config.stride)]
        for i, word in enumerate(words):
            for j in range(i + 1, min(i + 4, len(words))):
                if not set("".join(words[i : j + 1])) & set("*X"):
                    pairs[word, words[j]] += 4 - (j - i)
                    pairs[words[j], word] += 4 - (j - i)
    found = count(read(proteins, alphabet=config.tokenizer.alphabet), config)
    texts = found.vocabulary.texts
    for (one, other), weight in pairs.items():
        cell = found.counts[texts.index(one), texts.index(other)]
        assert cell == pytest.approx(weight / 3)
    assert found.total == pytest.approx(sum(pairs.values()) / 3)


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> Any:
    assert main([str(argument) for argument in arguments] + ["--json"]) == 0
    return json.loads(capsys.readouterr().out)


@pytest.mark.parametrize("trainer", ["exact", "sampled"])
def test_every_command_takes_protein(
    proteins: Path, capsys: pytest.CaptureFixture[str], trainer: str
) -> None:
    out = proteins.with_name("x.safetensors")
    history = run(capsys, "train", proteins, "--alphabet", "protein", "--k", 2, "--dim", 4,
                  "--steps", 3, "--epochs", 1, "--trainer", trainer, "--out", out)  # fmt: skip
    assert history["config"]["alphabet"] == "protein"
    assert history["trainer"] == trainer
    model = bsg.load(out)
    assert model.vocabulary.texts == sorted(
        {text[i : i + 2] for text in TEXTS for i in range(len(text) - 1)}
        - {word for text in TEXTS for i in range(len(text) - 1)
           if set(word := text[i : i + 2]) & set("*X")}
    )  # fmt: skip
    rows = run(capsys, "neighbors", out, "mk", "-n", 500)
    assert {"KV": "shift +1", "AG": "other"}.items() <= {
        row["kmer"]: row["relation"] for row in rows
    }.items()
    assert len(run(capsys, "quality", out, proteins)) > 2
    assert run(capsys, "project", out, "--method", "pca", "--cluster", "kmeans")["number"] > 1
    assert run(capsys, "info", out)["kmers"] == len(model)


def test_rna_is_printed_with_u(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, out = tmp_path / "rna.fa", tmp_path / "x.safetensors"
    path.write_text(">a\nACGUUGCAUUAGCAUCGAUUACGTTAGC\n")
    run(capsys, "train", path, "--alphabet", "RNA", "--k", 3, "--dim", 4, "--steps", 2,
        "--out", out)  # fmt: skip
    table = tmp_path / "points.tsv"
    run(capsys, "project", out, "--method", "pca", "--tsv", table)
    rows = run(capsys, "neighbors", out, "TTA", "-n", 50)
    shown = [row["kmer"] for row in rows] + table.read_text().split("\n", 1)[1].split()[::3]
    assert "GUU" in shown
    assert not any("T" in kmer for kmer in shown)
    assert np.isfinite(bsg.load(out).center).all()


@pytest.mark.parametrize("alphabet", ["DNA", "protein"])
def test_words_of_several_lengths_from_file_to_answers(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], alphabet: str
) -> None:
    path, out = tmp_path / "x.fa", tmp_path / "x.safetensors"
    path.write_text(">a\n" + (TEXTS[0] if alphabet == "protein" else "ACGTTGCATTAGC" * 4) + "\n")
    settings = ["--alphabet", alphabet, "--k", 3, "--k-min", 2, "--dim", 4, "--epochs", 1]
    history = run(capsys, "train", path, *settings, "--out", out)
    assert history["trainer"] == "sampled"
    model = bsg.load(out)
    assert {len(text) for text in model.vocabulary.texts} == {2, 3}
    short, long = (next(t for t in model.vocabulary.texts if len(t) == n) for n in (2, 3))
    for query in (short, long):
        rows = run(capsys, "neighbors", out, query, "-n", 500)
        assert len(rows) == len(model) - 1
        assert "extension" in {row["relation"] for row in rows}
    names = [row["name"] for row in run(capsys, "quality", out, path)]
    assert "neighbours: extension" in names
    assert run(capsys, "project", out, "--method", "pca", "--cluster", "kmeans")["number"] > 1
    arguments = ["train", path, *settings, "--trainer", "exact", "--out", out]
    assert main([str(argument) for argument in arguments]) == 2
    assert "choose the sampled trainer, or k-min 0" in capsys.readouterr().err


def test_dna_is_no_protein_and_protein_no_dna(
    proteins: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    genes = proteins.with_name("genes.fa")
    genes.write_text(">a\n" + "ACGTTGCAAT" * 5 + "\n")
    for path, alphabet, said in [
        (genes, "protein", "100% of its letters are A, C, G, T, U or N, so this is DNA"),
        (proteins, "DNA", "choose the alphabet protein"),
    ]:
        arguments = [
            "train",
            path,
            "--alphabet",
            alphabet,
            "--k",
            "2",
            "--out",
            path.with_name("x"),
        ]
        assert main([str(argument) for argument in arguments]) == 2
        assert said in capsys.readouterr().err
