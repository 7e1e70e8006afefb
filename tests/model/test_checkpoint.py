"""The model file: what was saved is loaded, and nothing else ever is."""

import hashlib
import json
import os
import pickle  # noqa: TID251 - to make one that must be refused
import stat
import struct
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from bioskipgram import files
from bioskipgram.config import TrainConfig
from bioskipgram.errors import BioSkipGramError, CheckpointError
from bioskipgram.kmers.vocabulary import Vocabulary
from bioskipgram.model import checkpoint
from bioskipgram.model.embedding import KmerEmbedding, ModelInfo

ROOT = Path(__file__).parents[2]
INFO = ModelInfo(
    config=TrainConfig(k=2, dim=3), trainer="exact", source="cds.fa", sha256="ab", records=1,
    bases=9, loss=1.5, optimum=1.0, zero_loss=3.0, losses=((1, 1.75), (2, 1.5)), steps_done=2,
    seconds=0.25, created="2025-01-01T00:00:00+00:00", version="0.1.0",
)  # fmt: skip


def tiny() -> KmerEmbedding:
    """Two 2-mers in three dimensions."""
    words = Vocabulary(INFO.config.tokenizer, np.array([1, 6]), np.array([5, 7]))
    center = np.array([[1, 2, 3], [-1, 0, 0.5]], np.float32)
    return KmerEmbedding(words, center, center / 4, INFO)


def same(one: KmerEmbedding, other: KmerEmbedding) -> bool:
    """Whether nothing at all tells the two apart."""
    return (
        one.digest == other.digest
        and one.info == other.info
        and one.remove_components == other.remove_components
        and one.vocabulary.tokenizer == other.vocabulary.tokenizer
    )


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return checkpoint.save(tiny(), tmp_path / "tiny.safetensors")


# There and back ------------------------------------------------------------------------------

finite = st.floats(-1e9, 1e9, width=32)


@st.composite
def embeddings(draw: st.DrawFn) -> KmerEmbedding:
    """Small embeddings with any vectors, settings and history."""
    k = draw(st.integers(1, 4))
    stride = draw(st.integers(1, k))
    dim = draw(st.integers(1, 4))
    config = TrainConfig(
        k=k, stride=stride, frame=draw(st.integers(0, stride - 1)), canonical=draw(st.booleans()),
        alphabet=draw(st.sampled_from(["DNA", "RNA"])), dim=dim,
        noise_power=draw(st.floats(0, 1)), remove_components=draw(st.integers(0, dim - 1)),
    )  # fmt: skip
    codes = st.lists(st.integers(0, 4**k - 1), min_size=1, max_size=5, unique=True)
    kmers = draw(codes.map(sorted))
    counts = draw(arrays.arrays(np.int64, len(kmers), elements=st.integers(0, 2**50)))
    center, context = (draw(arrays.arrays(np.float32, (len(kmers), dim), elements=finite)),) * 2
    unknown = draw(st.booleans())
    info = replace(
        INFO,
        config=config,
        source=draw(st.text(st.characters(exclude_categories=["Cs"]))),
        loss=draw(st.floats(allow_nan=False, allow_infinity=False)),
        optimum=None if unknown else 1.0,
        zero_loss=None if unknown else 2.0,
        losses=tuple(enumerate(draw(st.lists(finite, max_size=3)))),
    )
    words = Vocabulary(config.tokenizer, np.array(kmers, np.int64), counts)
    return KmerEmbedding(words, center, context, info, config.remove_components)


@given(embeddings())
def test_what_was_saved_is_loaded(
    tmp_path_factory: pytest.TempPathFactory, made: KmerEmbedding
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.safetensors"
    assert checkpoint.save(made, path) == path
    assert same(checkpoint.load(path), made)
    assert same(checkpoint.load(str(path)), made)


def test_half_precision_is_half_the_vectors_and_three_digits(tmp_path: Path) -> None:
    center = np.random.default_rng(0).normal(size=(2, 300)).astype(np.float32)
    info = replace(INFO, config=TrainConfig(k=2, dim=300))
    made = replace(tiny(), center=center, context=center, info=info)
    whole = checkpoint.save(made, tmp_path / "whole.safetensors")
    half = checkpoint.save(made, tmp_path / "half.safetensors", half=True)
    # A handful of bytes is the header's: "F16" and shorter offsets.
    assert whole.stat().st_size - half.stat().st_size == pytest.approx(center.nbytes, abs=16)
    loaded = checkpoint.load(half)
    assert loaded.center.dtype == np.float32
    np.testing.assert_array_equal(loaded.center, center.astype(np.float16))
    np.testing.assert_allclose(loaded.center, center, rtol=1e-3, atol=1e-6)
    assert loaded.info == made.info


def test_vectors_too_large_for_half_precision_are_not_saved_as_infinity(tmp_path: Path) -> None:
    made = replace(tiny(), context=np.full((2, 3), 70_000, np.float32))
    path = tmp_path / "half.safetensors"
    with pytest.raises(CheckpointError, match="70000 is too large for float16; save without half"):
        checkpoint.save(made, path, half=True)
    assert not path.exists()
    assert same(checkpoint.load(checkpoint.save(made, path)), made)


def test_what_is_compared_without_components_is_saved_whole(tmp_path: Path) -> None:
    made = tiny().removing(1)
    loaded = checkpoint.load(checkpoint.save(made, tmp_path / "x.safetensors"))
    assert loaded.center.tobytes() == made.center.tobytes()


def test_loaded_arrays_are_read_only(file: Path) -> None:
    with pytest.raises(ValueError, match="read-only"):
        checkpoint.load(file).center[0, 0] = 1


@pytest.mark.parametrize(("umask", "mode"), [(0o022, 0o644), (0o077, 0o600), (0o002, 0o664)])
def test_folders_on_the_way_are_made_and_the_umask_decides_who_may_read(
    tmp_path: Path, umask: int, mode: int
) -> None:
    before = os.umask(umask)
    try:
        path = checkpoint.save(tiny(), tmp_path / "a" / "b" / "tiny.safetensors")
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == mode
    assert [found.name for found in path.parent.iterdir()] == [path.name]


# The format, byte for byte -------------------------------------------------------------------


def test_the_format_is_what_it_says(file: Path) -> None:
    raw = file.read_bytes()
    (size,) = struct.unpack("<Q", raw[:8])
    header = json.loads(raw[8 : 8 + size])
    metadata = header.pop("__metadata__")
    assert header == {
        "counts": {"dtype": "I64", "shape": [2], "data_offsets": [0, 16]},
        "kmers": {"dtype": "I64", "shape": [2], "data_offsets": [16, 32]},
        "center": {"dtype": "F32", "shape": [2, 3], "data_offsets": [32, 56]},
        "context": {"dtype": "F32", "shape": [2, 3], "data_offsets": [56, 80]},
    }
    body = struct.pack("<4q", 5, 7, 1, 6)
    body += struct.pack("<6f", 1, 2, 3, -1, 0, 0.5)
    body += struct.pack("<6f", 0.25, 0.5, 0.75, -0.25, 0, 0.125)
    assert raw[8 + size :] == body
    assert sorted(metadata) == ["format", "info", "sha256"]
    assert metadata["format"] == "bioskipgram/1"
    info = (
        '{"config": {"k": 2, "stride": 1, "frame": 0, "k_min": 0, "canonical": false, '
        '"both_strands": false, "alphabet": "DNA", "dim": 3, "window": 5, "contexts": "all", '
        '"negatives": 5, "noise_power": 0.75, "subsample": 0.0, "min_count": 1, '
        '"trainer": "auto", "steps": 0, "epochs": 5, "batch": 65536, '
        '"shared_negatives": false, "learning_rate": 0.0, "l2": 0.0, "remove_components": 0, '
        '"seed": 1, "threads": 0, "device": "auto"}, '
        '"trainer": "exact", "source": "cds.fa", "sha256": "ab", "records": 1, "bases": 9, '
        '"loss": 1.5, "optimum": 1.0, "zero_loss": 3.0, "losses": [[1, 1.75], [2, 1.5]], '
        '"steps_done": 2, "seconds": 0.25, "created": "2025-01-01T00:00:00+00:00", '
        '"version": "0.1.0"}'
    )
    assert metadata["info"] == info
    sealed = b"<f4(2, 3)" + body[32:56] + b"<f4(2, 3)" + body[56:80]
    sealed += b"<i8(2,)" + body[:16] + b"<i8(2,)" + body[16:32]
    sealed += f"|u1({len(info)},)".encode() + info.encode()
    assert metadata["sha256"] == hashlib.sha256(sealed).hexdigest()


def test_the_digest_of_a_model_is_pinned() -> None:
    assert tiny().digest == "c50ee75c85921d056d4a04605e727cd688ed766d4376a0fb54bc4fa816e9368e"


@pytest.mark.parametrize("name", ["human-cds-k6", "human-cds-codon"])
def test_the_models_that_ship_are_read(name: str) -> None:
    model = checkpoint.load(ROOT / "models" / f"{name}.safetensors")
    assert len(model) == 4**model.info.config.k
    assert model.info.gap is not None
    assert 0 < model.info.gap < 0.5


# Damage --------------------------------------------------------------------------------------


def refusal(path: Path, content: bytes) -> str:
    """What is said of a file with this content; "" if it is loaded."""
    path.write_bytes(content)
    try:
        checkpoint.load(path)
    except CheckpointError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("flip", [0x01, 0x20], ids=hex)
def test_no_flipped_byte_passes(file: Path, flip: int) -> None:
    """Every byte of the file, one after the other; 0x20 turns letters to their other case."""
    whole = file.read_bytes()
    assert len(whole) > 1000
    for place in range(len(whole)):
        spoilt = whole[:place] + bytes([whole[place] ^ flip]) + whole[place + 1 :]
        said = refusal(file, spoilt)
        assert said.startswith(("tiny.safetensors: damaged (", "tiny.safetensors: format ")), place


def test_no_cut_file_passes(file: Path) -> None:
    whole = file.read_bytes()
    for length in [*range(16), *range(16, len(whole), 7), len(whole) - 1]:
        said = refusal(file, whole[:length])
        assert said.startswith("tiny.safetensors: damaged (not a whole safetensors file"), length


def test_a_file_with_something_behind_it_does_not_pass(file: Path) -> None:
    with file.open("ab") as end:
        end.write(b"\0")
    with pytest.raises(CheckpointError, match="damaged"):
        checkpoint.load(file)


class Bomb:
    """Unpickling this makes a folder: nothing here may ever do it."""

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[str]]:
        return os.mkdir, ("exploded",)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b">a\nACGT\n",
        b"\0" * 100,
        struct.pack("<Q", 2) + b"{}",  # a whole safetensors file with nothing in it
        struct.pack("<Q", 2**63) + b"{}",
        pickle.dumps(Bomb()),
    ],
    ids=["empty", "short", "text", "zeros", "no tensors", "huge header", "pickle"],
)
def test_another_file_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "x.safetensors"
    path.write_bytes(content)
    named = "damaged|format 'none'|a file of sequences|a pickle, which could run code"
    with pytest.raises(CheckpointError, match=rf"^x\.safetensors: ({named})"):
        checkpoint.load(path)
    assert [found.name for found in tmp_path.iterdir()] == [path.name]


def test_a_missing_file_and_a_folder_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=r"nowhere\.safetensors: no such model file$"):
        checkpoint.load(tmp_path / "nowhere.safetensors")
    with pytest.raises(CheckpointError, match="this is a directory; name a model file in it"):
        checkpoint.load(tmp_path)


# Whole files that are wrong, their checksum right -------------------------------------------


def rewritten(
    file: Path, *, info: object = None, form: str = checkpoint.FORMAT, **tensors: Any
) -> Path:
    """Change parts of a model file and seal it again; a tensor given as None is left out."""
    values, metadata = files.read_tensors(file)
    values = {name: array for name, array in {**values, **tensors}.items() if array is not None}
    text = metadata["info"] if info is None else info if isinstance(info, str) else json.dumps(info)
    sealed = hashlib.sha256()
    for array in [values[name] for name in sorted(values)] + [np.frombuffer(text.encode(), "u1")]:
        sealed.update(f"{array.dtype.str}{array.shape}".encode() + array.tobytes())
    metadata = {"format": form, "info": text, "sha256": sealed.hexdigest()}
    file.write_bytes(safetensors.numpy.save(values, metadata))
    return file


def history(**changes: Any) -> dict[str, Any]:
    values = INFO.to_dict()
    return {**values, **changes}


def test_rewriting_alone_does_no_harm(file: Path) -> None:
    """So that the tests below fail for the reason they name."""
    assert same(checkpoint.load(rewritten(file, info=history())), tiny())


@pytest.mark.parametrize("form", ["bioskipgram/2", "bioskipgram/11", "", "Bioskipgram/1"])
def test_another_format_version_is_named(file: Path, form: str) -> None:
    with pytest.raises(CheckpointError, match=f"format '{form}', but this program reads 'bio"):
        checkpoint.load(rewritten(file, form=form))


@pytest.mark.parametrize("name", ["center", "context", "kmers", "counts"])
def test_a_missing_or_additional_tensor_is_noticed(file: Path, name: str) -> None:
    with pytest.raises(CheckpointError, match="damaged"):
        checkpoint.load(rewritten(file, **{name: None}))
    checkpoint.save(tiny(), file)
    with pytest.raises(CheckpointError, match="damaged"):
        checkpoint.load(rewritten(file, **{f"{name}2": np.zeros(1)}))


F32, I64 = np.float32, np.int64


@pytest.mark.parametrize(
    ("name", "array", "message"),
    [
        ("center", np.zeros((2, 3)), "center: expected float32"),
        ("center", np.zeros((2, 3), np.int32), "center: expected float32"),
        ("center", np.zeros((3, 2), F32), r"found float32 with shape \(3, 2\)"),
        ("center", np.zeros((2, 4), F32), r"found float32 with shape \(2, 4\)"),
        ("context", np.zeros((3, 3), F32), r"context: .*\(3, 3\)"),
        ("context", np.full((2, 3), np.nan, F32), "context: holds a value that is not finite"),
        ("center", np.full((2, 3), np.inf, np.float16), "center: holds a value that is not"),
        (
            "center",
            np.full((2, 3), 1e38, F32),
            "center: holds a value that is not finite, or beyond 1e9",
        ),
        ("counts", np.array([-1, 3]), "counts: negative, or more in all than can be"),
        ("counts", np.array([2**62, 2**62]), "counts: negative, or more in all than can be"),
        ("kmers", np.array([1, 6], np.int32), "kmers: expected int64"),
        ("kmers", np.array([6, 1]), "kmers: not ascending k-mer codes"),
        ("kmers", np.array([1, 1]), "kmers: not ascending k-mer codes"),
        ("kmers", np.array([-1, 6]), "kmers: not ascending k-mer codes"),
        ("kmers", np.array([1, 16]), "kmers: not ascending k-mer codes"),
        ("kmers", np.array([1, 6, 7]), r"counts: expected int64 with shape \(3,\)"),
        ("counts", np.array([1.0, 2.0]), "counts: expected int64"),
        ("counts", np.array([[1], [2]]), "counts: expected int64"),
    ],
)
def test_tensors_that_do_not_fit_are_refused(
    file: Path, name: str, array: np.ndarray[Any, Any], message: str
) -> None:
    with pytest.raises(CheckpointError, match=rf"damaged \(.*{message}.*\); copy or train"):
        checkpoint.load(rewritten(file, **{name: array}))


@pytest.mark.parametrize(
    ("info", "message"),
    [
        ("", "Expecting value"),
        ("not json", "Expecting value"),
        ("[" * 100_000, "recursion"),
        ([], "list indices"),
        ("null", "NoneType"),
        ({}, "config"),
        ({"config": {}}, "trainer"),
        (history(config=[1]), "unknown setting 1"),
        (history(config={"k": 0}), "k: 0 is outside 1 to 12"),
        (history(config={"k": 2, "dim": 4}), "center: expected float32 with shape"),
        (history(config={"k": 1, "dim": 3}), "kmers: not ascending"),
        (history(config={"k": 2, "colour": "red"}), "unknown setting 'colour'"),
        (history(config={"k": 2, "l2": 10**400}), "l2: 1000*"),
        (history(losses=[1]), "int"),
        (history(losses=None), "NoneType"),
        (history(losses=[["a", "b"]]), "invalid literal"),
        (history(loss="low"), "a loss or a time that is no finite number"),
        (history(optimum=float("nan")), "a loss or a time that is no finite number"),
        (history(losses=[[1, float("inf")]]), "a loss or a time that is no finite number"),
        (history(bases=-1), "a count that is no whole number of 0 or more"),
        (history(records=1.5), "a count that is no whole number of 0 or more"),
        (history(source=["a"]), "a name that is no text"),
    ],
)
def test_a_history_that_makes_no_sense_is_refused(file: Path, info: object, message: str) -> None:
    with pytest.raises(CheckpointError, match=rf"^tiny\.safetensors: damaged \(.*({message})"):
        checkpoint.load(rewritten(file, info=info))


def test_a_model_error_is_also_a_value_error(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no such model") as caught:
        checkpoint.load(tmp_path / "x")
    assert isinstance(caught.value, BioSkipGramError)


# Writing fails -------------------------------------------------------------------------------

FULL_DISK = """
import resource, sys
from bioskipgram.model import checkpoint
from bioskipgram.errors import CheckpointError
model = checkpoint.load(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), resource.RLIM_INFINITY))
try:
    checkpoint.save(model, sys.argv[1], half=True)
except CheckpointError as error:
    print(error)
"""


@pytest.mark.parametrize("room", [0, 1, 1000])
def test_a_full_disk_leaves_the_old_file_as_it_was(file: Path, room: int) -> None:
    before = file.read_bytes()
    command = [sys.executable, "-c", FULL_DISK, str(file), str(room)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == (
        f"{file}: could not be written (File too large); nothing was changed there; "
        "free some space or choose another folder\n"
    )
    assert file.read_bytes() == before
    assert [found.name for found in file.parent.iterdir()] == [file.name]


@pytest.mark.parametrize("where", ["a file/x.safetensors", "/proc/x.safetensors", "folder"])
def test_a_place_that_cannot_be_written_is_named(tmp_path: Path, where: str) -> None:
    (tmp_path / "a file").write_text("here")
    (tmp_path / "folder").mkdir()
    with pytest.raises(CheckpointError, match=rf"{where}: could not be written \(.+\); nothing"):
        checkpoint.save(tiny(), tmp_path / where)
    assert sorted(found.name for found in tmp_path.rglob("*")) == ["a file", "folder"]


def test_a_file_that_is_being_read_can_be_replaced(file: Path) -> None:
    loaded = checkpoint.load(file)
    before = loaded.center.tobytes()
    checkpoint.save(replace(tiny(), center=np.ones((2, 3), np.float32)), file)
    assert loaded.center.tobytes() == before
    assert checkpoint.load(file).center.tolist() == [[1] * 3] * 2
