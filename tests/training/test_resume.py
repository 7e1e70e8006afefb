"""Saved states: there and back, whole or absent, refused where they do not belong."""

import json
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import safetensors.numpy

from bioskipgram.config import TrainConfig
from bioskipgram.errors import CheckpointError
from bioskipgram.sequences.fasta import read
from bioskipgram.training import resume
from bioskipgram.training.trainer import Training

FASTA = b">HBB\nATGGTGCATCTGACTCCTGAGGAGAAGTCTGCCGTTACTGCCCTGTGGGGCAAGGTGAACGTGGATGAAGTTGGTGG\n"
CONFIG = TrainConfig(k=2, dim=4, steps=30, trainer="exact", threads=1)
pytestmark = pytest.mark.usefixtures("one_thread")


def training(config: TrainConfig = CONFIG, fasta: bytes = FASTA) -> Training:
    return Training(read(fasta), config)


def after(steps: int, config: TrainConfig = CONFIG) -> Training:
    made = training(config)
    for _ in islice(made, steps):
        pass
    return made


@contextmanager
def files_at_most(size: int) -> Iterator[None]:
    """Let every write beyond so many bytes fail, as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    path = tmp_path / "x.state.safetensors"
    resume.save(after(10), path)
    return path


def test_a_state_saved_under_the_older_name_of_a_setting_still_opens(tmp_path: Path) -> None:
    path, config = tmp_path / "s", replace(CONFIG, contexts="non-overlapping")
    resume.save(after(10, config), path)
    tensors, facts = resume.load(path)
    facts["config"]["contexts"] = "apart"
    resume.STATE.write(path, tensors, facts=json.dumps(facts))
    again = training(config)
    resume.restore(again, path)
    assert again.last
    assert again.last.step == 10


@pytest.mark.parametrize("steps", [0, 1, 10, 29, 30])
def test_a_training_gone_on_with_ends_bit_equal(tmp_path: Path, steps: int) -> None:
    path = tmp_path / "s"
    resume.save(after(steps), path)
    again = training()
    resume.restore(again, path)
    assert [progress.step for progress in again] == list(range(steps + 1, 31))
    whole = after(30)
    assert again.embedding().digest == whole.embedding().digest
    assert again.embedding().info.losses == whole.embedding().info.losses
    assert again.embedding().info.steps_done == 30
    assert again.seconds_before > 0


def test_the_file_says_what_it_is(saved: Path) -> None:
    tensors, facts = resume.load(saved)
    assert {"center", "context", "losses", "schedule"} <= set(tensors)
    assert facts["config"] == vars(CONFIG)
    assert facts["progress"]["step"] == 10
    assert facts["source"] == training().sha256
    with safetensors.safe_open(saved, framework="numpy") as file:
        assert file.metadata()["format"] == "bioskipgram-state/1"


def test_threads_and_device_may_differ(saved: Path) -> None:
    again = training(replace(CONFIG, threads=2, device="cpu"))
    resume.restore(again, saved)
    assert again.last is not None
    assert again.last.step == 10


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"k": 3}, "k 2, not 3"),
        ({"steps": 31}, "steps 30, not 31"),
        ({"noise_power": 0.5}, "noise-power 0.75, not 0.5"),
        ({"seed": 2, "dim": 5}, "dim 4, not 5"),  # the first that differs
    ],
)
def test_other_settings_are_refused(saved: Path, changes: dict[str, Any], said: str) -> None:
    with pytest.raises(CheckpointError, match=rf"^x\.state\.safetensors: saved with {said}; give"):
        resume.restore(training(replace(CONFIG, **changes)), saved)


def test_other_sequences_are_refused(saved: Path) -> None:
    with pytest.raises(CheckpointError, match="saved from other sequences than these; give the"):
        resume.restore(training(fasta=FASTA.replace(b"ATGG", b"ATGC")), saved)


def test_a_setting_that_one_side_does_not_know_is_a_difference() -> None:
    known = dict(vars(CONFIG))
    assert resume.difference(CONFIG, known) == ""
    assert resume.difference(CONFIG, known | {"colour": 1}) == "colour"
    assert resume.difference(CONFIG, {k: v for k, v in known.items() if k != "l2"}) == "l2"


@pytest.mark.parametrize("place", [8, 400, -1, -200])
def test_a_flipped_byte_is_found(saved: Path, place: int) -> None:
    raw = bytearray(saved.read_bytes())
    raw[place] ^= 1
    saved.write_bytes(raw)
    with pytest.raises(CheckpointError, match=r"damaged|format"):
        resume.restore(training(), saved)


def test_a_model_is_no_state(saved: Path) -> None:
    from bioskipgram.model import checkpoint

    path = checkpoint.save(after(1).embedding(), saved.with_name("model.safetensors"))
    with pytest.raises(CheckpointError, match="format 'bioskipgram/1', but this program reads"):
        resume.load(path)


def test_tensors_of_another_trainers_version_are_refused(saved: Path) -> None:
    tensors, facts = resume.load(saved)
    del tensors["center"]
    text = json.dumps(facts)
    resume.STATE.write(saved, tensors, facts=text)
    with pytest.raises(CheckpointError, match="this version's trainer cannot resume from it"):
        resume.restore(training(), saved)


def test_a_full_disk_is_a_warning_and_the_older_state_stays(saved: Path) -> None:
    before = saved.read_bytes()
    made = after(12)
    checkpointer = resume.Checkpointer(made, saved, every=0)
    assert checkpointer.news() is None
    with files_at_most(500):
        checkpointer.step()
    assert checkpointer.warning.startswith("the state was not saved: ")
    assert checkpointer.news() == checkpointer.warning
    with files_at_most(500):
        checkpointer.step()
    assert checkpointer.news() is None  # told already
    assert saved.read_bytes() == before
    assert [path.name for path in saved.parent.iterdir()] == [saved.name]
    checkpointer.step()
    assert checkpointer.news() == ""
    assert resume.load(saved)[1]["progress"]["step"] == 12


def test_a_state_is_saved_when_it_is_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [0.0]
    monkeypatch.setattr(resume, "time", SimpleNamespace(perf_counter=lambda: clock[0]))
    made, path = after(1), tmp_path / "s"
    checkpointer = resume.Checkpointer(made, path, every=20)
    for now, there in ((19.0, False), (20.0, True)):
        clock[0] = now
        checkpointer.step()
        assert path.exists() is there
    checkpointer.discard()
    clock[0] = 39.0
    checkpointer.step()
    assert not path.exists()
    checkpointer.discard()  # once more does nothing


def test_arrays_of_every_rank_come_back_as_they_were(tmp_path: Path) -> None:
    made = after(3)
    resume.save(made, tmp_path / "s")
    tensors, _ = resume.load(tmp_path / "s")
    for name, array in made.trainer.state().items():
        assert tensors[name].shape == array.shape
        np.testing.assert_array_equal(tensors[name], array)
