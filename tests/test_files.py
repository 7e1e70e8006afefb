"""The sealed file: what is written is read, whole, and nothing else is."""

import hashlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from bioskipgram.errors import CheckpointError, ConfigError
from bioskipgram.files import FileKind, read_tensors, write_whole
from bioskipgram.numerics.arrays import State

SEALED = FileKind(format="test/1", cure="write it again", facts=("one", "two"), tensors=("a", "b"))
OPEN = FileKind(format="test/2", cure="write it again", facts=("one",))
LOOSE = FileKind(what="numbers")
TENSORS: State = {"b": np.array([1, 2]), "a": np.array([0.5], np.float32)}


def both(tensors: State, metadata: dict[str, str]) -> tuple[State, dict[str, str]]:
    return tensors, metadata


@pytest.mark.parametrize("kind", [SEALED, OPEN, LOOSE], ids=["sealed", "open", "loose"])
def test_what_was_written_is_read(kind: FileKind, tmp_path: Path) -> None:
    kind.write(tmp_path / "x", TENSORS, one="1", two="2")
    tensors, metadata = kind.read(tmp_path / "x", both)
    assert {name: array.tolist() for name, array in tensors.items()} == {"a": [0.5], "b": [1, 2]}
    assert {"one": "1", "two": "2"}.items() <= metadata.items()
    assert ("sha256" in metadata) == bool(kind.format)


def test_the_seal_is_over_the_sorted_tensors_and_the_facts() -> None:
    arrays = b"<f4(1,)" + TENSORS["a"].tobytes() + b"<i8(2,)" + TENSORS["b"].tobytes()
    pinned = hashlib.sha256(arrays + b"|u1(3,)" + b"xyz").hexdigest()
    assert SEALED.seal(TENSORS, {"two": "yz", "one": "x", "three": "!"}) == pinned
    named = hashlib.sha256(arrays + b"|u1(12,)" + b"['a', 'b'] x").hexdigest()
    assert OPEN.seal(TENSORS, {"one": "x"}) == named


@pytest.mark.parametrize("changed", ["one", "b", "names"])
def test_what_was_changed_is_refused(changed: str, tmp_path: Path) -> None:
    path = tmp_path / "x"
    SEALED.write(path, TENSORS, one="1", two="2")
    tensors, metadata = read_tensors(path)
    if changed == "one":
        metadata["one"] = "9"
    elif changed == "b":
        tensors["b"] = tensors["b"] + 1
    else:
        tensors["c"] = tensors.pop("b")
    import safetensors.numpy

    path.write_bytes(safetensors.numpy.save(tensors, metadata))
    with pytest.raises(CheckpointError, match=r"x: damaged \(its contents do not match its check"):
        SEALED.read(path, both)


def test_another_format_is_named(tmp_path: Path) -> None:
    OPEN.write(tmp_path / "x", TENSORS, one="1")
    with pytest.raises(CheckpointError, match="format 'test/2', but this program reads 'test/1'; "):
        SEALED.read(tmp_path / "x", both)


ABSURD = [
    KeyError("a"), IndexError("far"), TypeError("no"), ValueError("no"), AttributeError("no"),
    OverflowError("much"), RecursionError("deep"), MemoryError("much"), ConfigError("k: 99"),
]  # fmt: skip


@pytest.mark.parametrize("error", ABSURD, ids=lambda error: type(error).__name__)
def test_whatever_building_raises_is_one_sentence(error: Exception, tmp_path: Path) -> None:
    def make(_: State, __: dict[str, str]) -> None:
        raise error

    for kind, said in (
        (OPEN, r"x: damaged \(.*\); copy or"),
        (LOOSE, r"x: no numbers \(.*\); del"),
    ):
        kind.write(tmp_path / "x", TENSORS, one="1")
        with pytest.raises(CheckpointError, match=said):
            kind.read(tmp_path / "x", make)


@pytest.mark.parametrize("name", ["n\0ul", "n" * 5000, "file/inside", "folder"])
def test_a_path_that_cannot_be_is_one_sentence(name: str, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "folder").mkdir()
    with pytest.raises(CheckpointError):
        read_tensors(tmp_path / name)
    with pytest.raises(CheckpointError, match="be written"):
        write_whole(tmp_path / name, b"data")
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["file", "folder"]


LFS = b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 5\n"


@pytest.mark.parametrize(
    ("start", "said"),
    [
        (LFS, "a Git LFS pointer, .*git lfs pull"),
        (LFS.replace(b"\n", b"\r\n"), "a Git LFS pointer"),
        (b"2 3\nAAA 0.1 0.2 0.3\nAAC 0.2 0.1 0.3\n", "word2vec's format"),
        (b"4096 100 \r\nAAAAAA -0.1 2e-3\r\n", "word2vec's format"),
        (b"2 3\nAAA \xcd\xcc\x01\x3e\x00", "word2vec's format"),
        (b"PK\x03\x04\x00\x00", "a zip archive, as PyTorch"),
        (b"\x80\x04\x95\x00", "a pickle, which could run code"),
        (b"\x89HDF\r\n\x1a\n", "an HDF5 file"),
        (b"\x1f\x8b\x08\x00", "gzip data; unpack it first"),
        (b">a\nACGTACGTACGT\n", "a file of sequences; train a model on it"),
        (b"<!DOCTYPE html>", "a web page or XML"),
        (b"", r"damaged \(not a whole safetensors file"),
        (b">\0\0\0\0\0\0\0{", r"damaged \(not a whole safetensors file"),
        (b"something else entirely", r"damaged \(not a whole safetensors file"),
    ],
)
def test_what_is_no_safetensors_file_is_named(start: bytes, said: str, tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(start)
    with pytest.raises(CheckpointError, match=f"^x: {said}"):
        read_tensors(tmp_path / "x")


@pytest.fixture(params=[0o022, 0o077])
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def test_a_file_is_written_as_the_umask_says(umask: int, tmp_path: Path) -> None:
    write_whole(tmp_path / "public", b"a")
    write_whole(tmp_path / "private", b"a", mode=0o600)
    assert stat.S_IMODE((tmp_path / "public").stat().st_mode) == 0o666 & ~umask
    assert stat.S_IMODE((tmp_path / "private").stat().st_mode) == 0o600


def test_an_interrupted_write_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(_: int) -> None:
        raise KeyboardInterrupt

    (tmp_path / "x").write_text("old")
    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_whole(tmp_path / "x", b"new")
    assert [path.name for path in tmp_path.iterdir()] == ["x"]
    assert (tmp_path / "x").read_text() == "old"
