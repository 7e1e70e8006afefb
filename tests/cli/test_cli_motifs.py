"""The command `motifs`, from its arguments to what it prints."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from bioskipgram.cli.main import main
from bioskipgram.sequences.shipped import GENES

ROOT = Path(__file__).resolve().parents[2]
JASPAR = ">M1 mine\nA [9 0 0 9 9]\nC [0 9 0 0 0]\nG [0 0 9 0 0]\nT [0 0 0 0 0]\n"


@pytest.fixture
def model(tmp_path: Path) -> str:
    """The codon model with its clusters, in a folder of our own."""
    for path in (ROOT / "models").glob("human-cds-codon*"):
        copy = shutil.copytree if path.is_dir() else shutil.copy
        copy(path, tmp_path / path.name)
    return str(tmp_path / "human-cds-codon.safetensors")


def printed(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert main(["motifs", *words]) == 0
    return capsys.readouterr().out


def table(capsys: pytest.CaptureFixture[str], *words: str) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = json.loads(printed(capsys, *words, "--json"))
    return rows


def test_scan_counts_hits_beside_chance_and_shuffles(capsys) -> None:
    words = ["--motif", "EcoRI", "--motif", "/TAA/", "--shuffles", "3"]
    first, second = table(capsys, "scan", str(GENES), *words)
    assert (first["motif"], first["hits"], first["of"]) == ("EcoRI", 25, 86)
    assert first["expected"] == pytest.approx(17.4)
    assert 0 < float(str(first["shuffled"])) < 40
    assert second["expected"] is None


def test_scan_writes_where_the_hits_are(capsys, tmp_path: Path) -> None:
    out = tmp_path / "hits.gff3"
    matrix = tmp_path / "mine.jaspar"
    matrix.write_text(JASPAR)
    words = ["--matrix", str(matrix), "--p", "0.01", "--form"]
    assert printed(capsys, "scan", str(GENES), *words, "gff3", "--out", str(out)) == ""
    lines = out.read_text().splitlines()
    assert lines[0] == "##gff-version 3"
    assert len(printed(capsys, "scan", str(GENES), *words, "bed").splitlines()) == len(lines) - 1
    assert len(printed(capsys, "scan", str(GENES), *words, "csv").splitlines()) == len(lines)


def test_kmers_and_clusters_of_a_motif(capsys, model: str) -> None:
    rows = table(capsys, "kmers", model, "stop codons")
    assert {row["kmer"] for row in rows} == {"TAA", "TAG", "TGA"}
    rows = table(capsys, "clusters", model, "CpG", "--shuffles", "20")
    assert sum(int(str(row["hits"])) for row in rows) == 8
    assert set(rows[0]) >= {"odds", "q", "permuted", "shuffled_hits", "shuffled_p"}


def test_a_cluster_s_motif_is_written_and_compared(capsys, model: str, tmp_path: Path) -> None:
    out = tmp_path / "cluster.meme"
    rows = table(capsys, "discover", model, "1", "-n", "4", "--out", str(out))
    assert len(rows) == 4
    assert "letter-probability matrix" in out.read_text()


def test_the_library_is_listed(capsys) -> None:
    row = table(capsys, "library", "TATA box")[0]
    assert row["pattern"] == "TATAWAWR"


def test_sets_are_compared_with_their_shuffle(capsys) -> None:
    rows = table(capsys, "sets", str(GENES), "--motif", "EcoRI", "--motif", "CpG")
    assert {row["motif"] for row in rows} == {"EcoRI", "CpG"}
    assert all(row["records"] == row["background_records"] == 86 for row in rows)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["scan", str(GENES)], "no motif: give --motif NAME or PATTERN"),
        (["scan", str(GENES), "--motif", "hello"], "nor is it a pattern: 'E' is no IUPAC code"),
        (["scan", str(GENES), "--motif", "CG", "--p", "2"], "p: 2.0 is outside"),
        (["scan", str(GENES), "--matrix", "no.meme"], "no.meme: it cannot be opened"),
        (["library", "nothing like it"], "is in no motif's name or description"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(capsys, words: list[str], said: str) -> None:
    assert main(["motifs", *words]) == 2
    assert said in capsys.readouterr().err


def test_a_cluster_that_is_not_there_is_refused(capsys, model: str) -> None:
    assert main(["motifs", "discover", model, "99"]) == 2
    assert "cluster: 99 is outside 0 to 3" in capsys.readouterr().err
    assert main(["motifs", "kmers", model, "CG", "--least", "0"]) == 2
    assert "least: 0.0 is outside" in capsys.readouterr().err


def test_show_lists_the_matrices_of_a_file(tmp_path: Path, capsys) -> None:
    path = tmp_path / "two.meme"
    row = "letter-probability matrix: alength= 4 w= 1 nsites= 3\n0.6 0.2 0.1 0.1\n\n"
    path.write_text(f"MEME version 4\n\nMOTIF a\n{row}MOTIF none\n\nMOTIF b\n{row}")
    assert main(["motifs", "show", str(path), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [one["name"] for one in found] == ["a", "b"]
    assert found[0] == {"name": "a", "consensus": "A", "shares": [[0.6, 0.2, 0.1, 0.1]]}
    assert main(["motifs", "show", str(path)]) == 0
    assert capsys.readouterr().out.splitlines()[1].split() == ["a", "1", "A"]


def test_two_sets_of_sequences_are_told_apart(capsys, tmp_path: Path) -> None:
    random = np.random.default_rng(2)
    paths = [tmp_path / "with.fa", tmp_path / "without.fa"]
    for path, site in zip(paths, ("TGACGTCA", ""), strict=True):
        words = ("".join(random.choice(list("ACGT"), 50 - len(site))) for _ in range(100))
        path.write_text("".join(f">{i}\n{word}{site}\n" for i, word in enumerate(words)))
    out = tmp_path / "found.meme"
    text = printed(
        capsys, "discover", *map(str, paths), "--motifs", "1", "--json", "--out", str(out)
    )
    first = json.loads(text)[0]
    assert first["significant"]
    assert (first["sites"], first["of"]) == (100, 100)
    assert "TGACGTCA" in first["motif"]
    assert len(first["shares"]) == len(first["motif"])
    assert f"MOTIF {first['motif']}" in out.read_text()
