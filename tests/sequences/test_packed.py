"""Sequences kept beside a model: there and back, every damage refused, the commands."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy
from hypothesis import given, settings
from hypothesis import strategies as st

from bioskipgram.cli.main import main
from bioskipgram.errors import CheckpointError
from bioskipgram.model import beside, checkpoint
from bioskipgram.sequences import packed as sequence_index
from bioskipgram.sequences.alphabet import DNA, PROTEIN, RNA, Alphabet
from bioskipgram.sequences.fasta import read
from bioskipgram.sequences.packed import SequenceIndex, load, save
from bioskipgram.sequences.sequences import Sequences

FASTA = """>HBB src=x id=U01317.1 hemoglobin
ATGGTGCATCTGACTCCTGAGGAGAAGTCTNNNNNGCCGTTACTGCCCTG
>empty
>other one Ärger
CAGATGCACCAT
"""


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    path = tmp_path / "m.sequences.safetensors"
    save(SequenceIndex(read(FASTA.encode()), "x.fa", "ab" * 32), path)
    return path


def same(a: Sequences, b: Sequences) -> bool:
    return (
        (a.names, a.descriptions, a.alphabet) == (b.names, b.descriptions, b.alphabet)
        and a.codes.tolist() == b.codes.tolist()
        and a.offsets.tolist() == b.offsets.tolist()
    )


@settings(max_examples=100, deadline=None)
@given(st.data(), st.sampled_from([DNA, RNA, PROTEIN]))
def test_sequences_come_back_as_they_were(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject, alphabet: Alphabet
) -> None:
    letters = alphabet.letters + alphabet.any
    texts = data.draw(st.lists(st.text(letters, max_size=30), max_size=5))
    names = tuple(f"ä name {i}" if i % 2 else "" for i in range(len(texts)))
    offsets = np.cumsum([0, *map(len, texts)])
    codes = alphabet.encode("".join(texts))
    sequences = Sequences(names, names[::-1], codes, offsets, alphabet)
    path = tmp_path_factory.getbasetemp() / "round.safetensors"
    save(SequenceIndex(sequences, "a.fa", "00"), path)
    found = load(path)
    assert same(found.sequences, sequences)
    assert (found.source, found.sha256) == ("a.fa", "00")


def test_four_bases_take_a_byte() -> None:
    packed = sequence_index._packed(DNA.encode("ACGTNNTG"), 4)
    assert packed["bases"].tolist() == [0b11_10_01_00, 0b10_11_00_00]
    assert packed["unknown"].tolist() == [[4, 6]]


def test_it_stands_beside_its_model(tmp_path: Path) -> None:
    assert beside.sequences(tmp_path / "a.b.safetensors") == tmp_path / "a.b.sequences.safetensors"
    assert beside.sequences("odd.name").name == "odd.name.sequences.safetensors"


def change(path: Path, **changes: Any) -> None:
    """Write the file again with other tensors or metadata; the checksum is the true one."""
    with safetensors.safe_open(path, framework="numpy") as file:
        metadata = file.metadata()
    tensors = safetensors.numpy.load_file(path)
    for name, value in changes.items():
        (metadata if name in metadata else tensors)[name] = value
    if "sha256" not in changes:
        metadata["sha256"] = sequence_index.SEQUENCES.seal(tensors, metadata)
    path.write_bytes(safetensors.numpy.save(tensors, metadata))


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({"format": "bioskipgram/1"}, "format 'bioskipgram/1', but this program reads"),
        ({"sha256": "00"}, "do not match its checksum"),
        ({"extra": np.zeros(1)}, "do not match its checksum"),
        ({"info": "{}"}, "damaged"),
        ({"info": "[" * 100_000}, "damaged"),
        ({"info": json.dumps({"alphabet": "Klingon", "source": "", "sha256": ""})}, "damaged"),
        ({"offsets": np.array([0, 50, 50, 99])}, "damaged"),
        ({"offsets": np.array([0, 50, 40, 62])}, "damaged"),
        ({"offsets": np.zeros(0, np.int64)}, "damaged"),
        ({"offsets": np.array([0.0, 50, 50, 62])}, "damaged"),
        ({"names": np.array([255, 10], np.uint8)}, "damaged"),
        ({"headers": np.array([65, 10], np.uint8)}, "1 lines for 3 records"),
        ({"bases": np.zeros(3, np.uint8)}, "damaged"),
        ({"bases": np.zeros(16, np.float32)}, "damaged"),
        ({"unknown": np.array([[1, 2, 3]])}, "damaged"),
        ({"unknown": np.array([5])}, "damaged"),
    ],
    ids=range(16),
)
def test_what_is_not_whole_is_refused(kept: Path, changes: dict[str, Any], match: str) -> None:
    assert same(load(kept).sequences, read(FASTA.encode()))
    change(kept, **changes)
    with pytest.raises(CheckpointError, match=match):
        load(kept)


def test_a_cut_and_a_missing_file_are_refused(kept: Path) -> None:
    kept.write_bytes(kept.read_bytes()[:-9])
    with pytest.raises(CheckpointError, match="damaged"):
        load(kept)
    with pytest.raises(CheckpointError, match="no such model file"):
        load(kept.with_name("none"))


# The commands --------------------------------------------------------------------------------


@pytest.fixture
def model(tmp_path: Path) -> tuple[Path, Path]:
    fasta, path = tmp_path / "x.fa", tmp_path / "m.safetensors"
    fasta.write_text(FASTA)
    words = ["train", str(fasta), "--k=3", "--dim=2", "--steps=1", "--index", "--out", str(path)]
    assert main(words) == 0
    return path, fasta


def test_index_and_where(model: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    path, fasta = model
    kept = load(beside.sequences(path))
    assert kept.sha256 == checkpoint.load(path).info.sha256
    beside.sequences(path).unlink()
    assert main(["where", str(path), "ATGGTGCATCTG"]) == 2
    assert "none are kept beside" in capsys.readouterr().err
    assert main(["index", str(path), str(fasta), "--json"]) == 0
    out, err = capsys.readouterr()
    assert json.loads(out) == {"index": str(beside.sequences(path))}
    assert "not the file" not in err
    assert same(load(beside.sequences(path)).sequences, kept.sequences)
    answers = []
    for words in ([str(path), "ATGGTGCATCTG"], ["3", "atgguGCATCTG", str(fasta)]):
        assert main(["where", *words, "--json"]) == 0
        answers.append(json.loads(capsys.readouterr().out))
    assert answers[0] == answers[1]
    assert answers[0]["total"] == answers[0]["records"] == 2
    assert (answers[0]["plus"], answers[0]["minus"]) == (1, 1)
    assert answers[0]["frames"] == [2, 0, 0]
    first, second = answers[0]["places"]
    assert (first["record"], first["symbol"], first["position"]) == ("HBB", "HBB", 0)
    assert (second["record"], second["strand"], second["match"]) == ("other", "-", "ATGGTGCATCTG")


def test_where_prints_a_table_that_counts_from_one(
    model: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    path, fasta = model
    capsys.readouterr()
    assert main(["where", str(path), "GTG", "-n", "1"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["total", "2"]
    assert lines[-1].split() == ["HBB", "HBB", "4", "+", "0", "ATG", "GTG", "CATCTGACTC"]
    assert main(["where", "3", "GGGGGGG", str(fasta)]) == 0
    assert "total            0" in capsys.readouterr().out


def test_index_of_other_sequences_says_so(
    model: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    path, fasta = model
    fasta.write_text(">a\nACGT\n")
    assert main(["index", str(path), str(fasta)]) == 0
    assert "x.fa is not what" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["where", "3", "ACG"], "a length has none kept beside it"),
        (["where", "13", "ACG", "x.fa"], "k: 13 is outside 1 to 12"),
        (["where", "9999999999999999", "ACG", "x.fa"], "is outside 1 to 12"),
        (["where", "3", "ACG", "none.fa"], "none.fa: there is no such file"),
        (["where", "none.safetensors", "ACG"], "no such model file"),
        (["where", "3", "ACG", "x.fa", "-n", "0"], "n: 0 is below 1"),
    ],
)
def test_bad_questions_are_one_line(
    words: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert message in line
