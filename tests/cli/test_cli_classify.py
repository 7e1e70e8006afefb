"""The commands `classify train`, `test`, `predict`, `report`; tables that are odd or wrong."""

import gzip
import json
from pathlib import Path

import pytest

from bioskipgram.classify.jobs import table_bytes
from bioskipgram.cli.main import main
from tests.classify.conftest import MOTIF, planted

Captured = pytest.CaptureFixture[str]
QUICK = ["--aligned=no", "--gapped=no", "--strands=yes"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with train.csv, dev.csv, test.csv and a classifier of the first two."""
    folder = tmp_path_factory.mktemp("task")
    for name, n, seed in (("train", 240, 1), ("dev", 60, 2), ("test", 120, 3)):
        text = gzip.decompress(table_bytes(planted(n, seed=seed)))
        (folder / f"{name}.csv").write_bytes(text)
    words = ["classify", "train", str(folder / "train.csv"), "--dev", str(folder / "dev.csv")]
    assert main([*words, *QUICK, "--out", str(folder / "x.safetensors")]) == 0
    return folder


def command(folder: Path, *words: str) -> list[str]:
    """The words of `classify test` on a folder."""
    parts = [f"--{part}={folder / f'{part}.csv'}" for part in ("train", "dev", "test")]
    return ["classify", "test", *parts, *QUICK, *words]


def test_the_scores_are_printed_as_json(folder: Path, capsys: Captured) -> None:
    assert main(command(folder, "--json", "--baselines", "none")) == 0
    out, err = capsys.readouterr()
    found = json.loads(out)
    assert found["mcc"] > 0.4
    assert found["auroc"] > 0.7
    assert found["macro_f1"] > 0.7
    assert found["seconds"] > 0
    assert found["leaks"]["test_shared"] == 0
    assert "0 of 120 test items (0.0%) share a 31-mer" in err


def test_dev_may_be_missing_and_baselines_stand_beside(folder: Path, capsys: Captured) -> None:
    words = [word for word in command(folder) if not word.startswith("--dev")]
    assert main(words) == 0
    out = capsys.readouterr().out
    assert "macro_f1" in out
    for name in ("majority", "length", "GC", "6-mers"):
        assert name in out


def test_a_saved_classifier_is_tested(folder: Path, capsys: Captured) -> None:
    words = ["classify", "test", "--classifier", str(folder / "x.safetensors"), "--json"]
    assert main([*words, "--test", str(folder / "test.csv")]) == 0
    assert json.loads(capsys.readouterr().out)["mcc"] > 0.4


def test_records_and_windows_are_predicted(folder: Path, capsys: Captured) -> None:
    long = folder / "long.fa"
    long.write_text(f">chr1\n{'ACGTTGCA' * 30}{MOTIF * 4}{'TTGACAAC' * 30}\n>short\nACG\n")
    words = ["classify", "predict", str(folder / "x.safetensors"), str(long)]
    assert main(words) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "sequence\tclass\tbound\tfree"
    assert [line.split("\t")[0] for line in lines[1:]] == ["chr1", "short"]
    assert main([*words, "--form", "bed", "--window", "60", "--step", "20", "--least", "0"]) == 0
    rows = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
    assert {row[0] for row in rows} == {"chr1"}
    assert all(int(row[2]) - int(row[1]) == 60 for row in rows)
    out = folder / "x.bedgraph"
    assert main([*words, "--form", "bedgraph", "--out", str(out)]) == 0
    assert out.read_text().startswith("track type=bedGraph")


def test_a_report_has_everything(folder: Path, tmp_path: Path) -> None:
    out, saved = tmp_path / "r.json", tmp_path / "c.safetensors"
    words = ["classify", "report", str(folder / "dev.csv"), "--test", str(folder / "test.csv")]
    assert main([*words, *QUICK, "--out", str(out), "--save", str(saved)]) == 0
    found = json.loads(out.read_text())
    assert {"leaks", "test", "baselines", "learning_curve", "words", "motifs"} <= found.keys()
    assert found["leaks"]["verdict"] == "pass"
    assert saved.is_file()
    assert main([*words[:3], *QUICK, "--folds", "2", "--out", str(out)]) == 0
    found = json.loads(out.read_text())
    assert {"grouped_folds", "random_folds"} <= found.keys()


def _rewritten(text: str, form: str) -> bytes:
    """The table in one of the ways that programs write tables."""
    rows = [line.split(",") for line in text.splitlines()[1:]]
    if form == "excel":
        lines = [
            "\ufefflabel;id;Sequence",
            *(f"{b};{i};{a.lower()}" for i, (a, b) in enumerate(rows)),
        ]
        return "\r\n".join(lines).encode()
    if form == "quoted":
        return "\n".join(['"sequence","label"', *(f'"{a}","{b}"' for a, b in rows)]).encode()
    if form == "numbers":
        numbers = {"free": "0.0", "bound": "1.0"}
        return "\n".join(["sequence,label", *(f"{a},{numbers[b]}" for a, b in rows)]).encode()
    if form == "gaps":
        rows = [["", "free"], ["ACGTN", "free"], ["NNNN", "bound"], ["acg", "bound"], *rows]
        return "\n".join(["sequence,label", *map(",".join, rows)]).encode()
    return gzip.compress(text.encode())


@pytest.mark.parametrize("form", ["excel", "quoted", "numbers", "gaps", "gzip"])
def test_odd_tables_are_read(form: str, folder: Path, tmp_path: Path, capsys: Captured) -> None:
    for part in ("train", "dev", "test"):
        data = _rewritten((folder / f"{part}.csv").read_text(), form)
        (tmp_path / f"{part}.csv").write_bytes(data)
    assert main(command(tmp_path, "--json", "--baselines", "none")) == 0
    out, err = capsys.readouterr()
    found = json.loads(out)
    assert found["mcc"] > 0.4
    if form == "numbers":
        assert [row["class"] for row in found["classes"]] == ["0", "1"]
    assert ("left out: test.csv, line 2: row 2: no sequence" in err) == (form == "gaps")


def test_three_classes_and_one_of_them_tested(
    folder: Path, tmp_path: Path, capsys: Captured
) -> None:
    lines = (folder / "train.csv").read_text().splitlines()[1:]
    more = [f"{'GCGCCG' * 10},repeat"] * 12
    (tmp_path / "train.csv").write_text("\n".join(["sequence,label", *lines, *more]))
    (tmp_path / "dev.csv").write_bytes((folder / "dev.csv").read_bytes())
    (tmp_path / "test.csv").write_text("\n".join(["sequence,label", *more[:5]]))
    assert main(command(tmp_path, "--json", "--baselines", "none")) == 0
    found = json.loads(capsys.readouterr().out)
    assert [row["class"] for row in found["classes"]] == ["bound", "free", "repeat"]
    assert found["accuracy"] == 1
    assert found["auroc"] is None
    assert found["leaks"]["verdict"] == "fail"


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("sequence,label\nACGT,1\n" * 9, "one class"),
        ("seq,label\nACGT,1\n", "no column 'sequence'"),
        ("sequence,label\n", "no row that can be used"),
        ("", "train.csv"),
        ("sequence,label\nACGT,1\nAC,1\nAG,0\nAT,1\nGG,1\nTT,1\n", "class '0' has 1 items"),
        (">a\nACGT\n", "train.csv: one FASTA file is one class; give a file for each class"),
        ("sequence,label\n" + "".join(f"ACGT,{i / 7}\n" for i in range(150)), "150 labels"),
    ],
)  # fmt: skip
def test_a_wrong_training_table_is_one_sentence(
    table: str, said: str, folder: Path, tmp_path: Path, capsys: Captured
) -> None:
    (tmp_path / "train.csv").write_text(table)
    words = ["classify", "test", "--train", str(tmp_path / "train.csv")]
    assert main([*words, "--test", str(folder / "test.csv"), *QUICK]) == 2
    err = capsys.readouterr().err.strip().splitlines()
    assert said in err[-1]
    assert "Traceback" not in "".join(err)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["classify", "test", "--test", "{}/test.csv"], "no training set; give --train FILE"),
        (["classify", "test", "--train", "{}/none.csv", "--test", "{}/test.csv"], "none.csv"),
        (["classify", "predict", "{}/train.csv", "{}/test.csv"], "train.csv"),
        (["classify", "predict", "{}/x.safetensors", "{}/long2.fa", "--window", "500"],
         "no window of 500 known letters; the longest record has 4"),
        (["classify", "train", "{}/train.csv", "--out", "{}/y.safetensors", "--alphabet=protein",
          "--strands=yes"], "strands: protein has no other strand"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_one_sentence(
    words: list[str], said: str, folder: Path, capsys: Captured
) -> None:
    (folder / "long2.fa").write_text(">x\nACGT\n")
    assert main([word.format(folder) for word in words]) == 2
    lines = capsys.readouterr().err.strip().splitlines()
    assert said in lines[-1]


def test_labels_that_were_not_learnt_are_said(
    folder: Path, tmp_path: Path, capsys: Captured
) -> None:
    for part in ("train", "dev"):
        (tmp_path / f"{part}.csv").write_bytes((folder / f"{part}.csv").read_bytes())
    (tmp_path / "test.csv").write_text("sequence,label\nACGT,loose\n")
    assert main(command(tmp_path)) == 2
    assert "the test set: the label 'loose' is not in the training set" in capsys.readouterr().err
