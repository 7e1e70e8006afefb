"""Layouts in the making: one process each, watched, queued, stopped, killed, never half written."""

import fcntl
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bioskipgram.config import ClusterConfig, ProjectionConfig, TrainConfig
from bioskipgram.errors import CheckpointError, ConfigError
from bioskipgram.groups import clusters
from bioskipgram.jobs.job import Report
from bioskipgram.jobs.locks import hold, turns
from bioskipgram.jobs.process import THREADS
from bioskipgram.jobs.status import Status
from bioskipgram.kmers.vocabulary import Vocabulary
from bioskipgram.model import checkpoint
from bioskipgram.model.embedding import KmerEmbedding, ModelInfo
from bioskipgram.numerics.threads import cores
from bioskipgram.projection import projection
from bioskipgram.projection.jobs import ProjectionJob, seconds_needed

PCA = ProjectionConfig(method="pca")
PATIENCE = 240.0


def made_up(V: int = 40, dim: int = 6) -> KmerEmbedding:
    vectors = np.random.default_rng(0).normal(size=(V, dim)).astype(np.float32)
    config = TrainConfig(k=4, dim=dim)
    info = ModelInfo(
        config=config, trainer="exact", source="", sha256="", records=1, bases=9, loss=1.5,
        optimum=None, zero_loss=None, losses=(), steps_done=1, seconds=0.1, created="", version="",
    )  # fmt: skip
    words = Vocabulary(config.tokenizer, np.arange(V), np.ones(V, np.int64))
    return KmerEmbedding(words, vectors, vectors, info)


@pytest.fixture(autouse=True)
def own_queue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test waits for what else runs on this machine."""
    folder = tmp_path / "queue"
    folder.mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(folder))


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return checkpoint.save(made_up(), tmp_path / "x.safetensors")


def job_of(model: Path, config: ProjectionConfig | ClusterConfig = PCA) -> ProjectionJob:
    return ProjectionJob(projection.cache_path(model, checkpoint.load(model), config), model)


def wait_for(holds: Callable[[], bool]) -> None:
    give_up = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < give_up, "nothing happened"
        time.sleep(0.05)


def state_of(job: ProjectionJob) -> str:
    status = job.status()
    return "" if status is None else status.state


@pytest.fixture
def all_turns_taken() -> Iterator[Callable[[], None]]:
    """Hold every slot of the queue; call it to let go."""
    held = [hold([turn]) for turn in turns("projections", max(1, cores() // THREADS))]

    def release() -> None:
        while held:
            os.close(held.pop())

    yield release
    release()


# A process of its own ------------------------------------------------------------------------


def test_a_layout_is_made_by_a_process_of_its_own(model: Path) -> None:
    config = replace(PCA, dimensions=3, min_dist=0.5)
    job = job_of(model, config)
    assert job.status() is None
    job.start(config)
    first = job.status()
    assert first is not None
    assert first.active
    assert os.getsid(first.process) == first.process
    wait_for(lambda: job.status() is None)
    layout = projection.load(job.place)
    assert layout.config == config
    np.testing.assert_array_equal(layout.points, projection.project(made_up(), config).points)
    assert [path.name for path in job.place.parent.iterdir()] == [job.place.name]


def test_clusters_are_found_with_a_layout_or_alone(model: Path) -> None:
    groups = ClusterConfig(clusters=5)
    job = job_of(model, groups)
    job.start(groups)
    wait_for(lambda: job.status() is None)
    assert len(clusters.load(job.place)) == 5
    both = job_of(model)
    both.start(PCA, clusters=True)
    wait_for(lambda: both.status() is None)
    names = sorted(path.name.split("-")[0] for path in both.place.parent.iterdir())
    assert names == ["kmeans", "kmeans", "pca"]  # 5 asked for, and those of the default


def test_what_cannot_be_laid_out_says_so_in_one_sentence(tmp_path: Path) -> None:
    model = checkpoint.save(made_up(4), tmp_path / "x.safetensors")
    job = job_of(model)
    job.start(PCA)
    wait_for(lambda: state_of(job) == "failed")
    status = job.status()
    assert status is not None
    assert status.error == "a map needs at least 5 points; there are 4"
    assert not job.place.exists()


def test_a_damaged_layout_is_made_anew(model: Path) -> None:
    job = job_of(model)
    job.place.parent.mkdir()
    job.place.write_bytes(b"half")
    job.start(PCA)
    wait_for(lambda: job.status() is None)
    assert projection.load(job.place).config == PCA


def test_a_folder_that_cannot_be_written_to_is_named(model: Path) -> None:
    job = job_of(model)
    job.place.parent.write_text("in the way")
    with pytest.raises(CheckpointError, match=r"x\.layouts: no layout can be kept there"):
        job.start(PCA)


# Together ------------------------------------------------------------------------------------


def test_two_who_ask_for_one_layout_start_one_process(
    model: Path, all_turns_taken: Callable[[], None]
) -> None:
    job, same = job_of(model), job_of(model)
    job.start(PCA)
    wait_for(lambda: state_of(job) == "waiting")
    first = job.status()
    same.start(PCA)
    second = same.status()
    assert first is not None
    assert second is not None
    assert first.process == second.process
    all_turns_taken()
    wait_for(lambda: job.status() is None)
    assert job.place.exists()


def test_who_waits_computes_nothing_until_it_is_its_turn(
    model: Path, all_turns_taken: Callable[[], None]
) -> None:
    jobs = {seed: job_of(model, replace(PCA, seed=seed)) for seed in (1, 2)}
    for seed, job in jobs.items():
        job.start(replace(PCA, seed=seed))
    time.sleep(1.5)
    assert {state_of(job) for job in jobs.values()} == {"waiting"}
    all_turns_taken()
    for job in jobs.values():
        wait_for(lambda job=job: job.status() is None)
        assert job.place.exists()


def test_a_turn_is_free_again_when_its_holder_ends() -> None:
    turn = hold(turns("projections", 2))
    path = Path(f"/proc/self/fd/{turn}")
    if not path.exists():
        pytest.skip("needs /proc")
    with path.readlink().open("r+") as other:
        with pytest.raises(BlockingIOError):
            fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.close(turn)
        fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)


# Ends ----------------------------------------------------------------------------------------


def test_a_stopped_job_is_forgotten(model: Path, all_turns_taken: Callable[[], None]) -> None:
    job = job_of(model)
    job.start(PCA)
    status = job.status()
    assert status is not None
    job.stop()
    assert not status.owner.alive
    assert job.status() is None
    assert list(job.place.parent.iterdir()) == []
    all_turns_taken()
    job.start(PCA)
    wait_for(job.place.exists)


def test_a_killed_process_is_noticed(model: Path, all_turns_taken: Callable[[], None]) -> None:
    job = job_of(model)
    job.start(PCA)
    status = job.status()
    assert status is not None
    os.kill(status.process, signal.SIGKILL)
    wait_for(lambda: state_of(job) == "failed")
    found = job.status()
    assert found is not None
    assert "was killed (SIGKILL)" in found.error
    all_turns_taken()
    job.start(PCA)
    wait_for(lambda: job.status() is None)
    assert job.place.exists()


def test_jobs_killed_at_random_moments_leave_nothing_half_made(model: Path) -> None:
    """``KILLS=50 python -m pytest tests/projection -k random_moments`` kills so many."""
    moment = random.Random(int(os.environ.get("SEED", "1")))
    job = job_of(model)
    for _ in range(int(os.environ.get("KILLS", "3"))):
        job.start(PCA)
        status = job.status()
        assert status is not None
        time.sleep(moment.uniform(0, 5))
        status.owner.send(signal.SIGKILL)
        while status.owner.alive:
            time.sleep(0.01)
        assert state_of(job) in ("failed", "")
        if job.place.exists():
            assert projection.load(job.place, size=40).config == PCA
            job.place.unlink()
    job.start(PCA)
    wait_for(lambda: job.status() is None)
    assert projection.load(job.place).config == PCA
    assert [path.name for path in job.place.parent.iterdir() if path.suffix != ".part"] == [
        job.place.name
    ]


@pytest.mark.parametrize("born", ["", "an earlier boot:7"])
def test_a_number_used_again_is_not_signalled(model: Path, born: str) -> None:
    job = job_of(model)
    job.place.parent.mkdir()
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]) as innocent:
        Status(state="running", process=innocent.pid, born=born).write(job.file)
        assert state_of(job) == "failed"
        job.stop()
        time.sleep(0.2)
        assert innocent.poll() is None
        assert not job.file.exists()
        innocent.kill()


def test_what_a_process_printed_before_it_ended_is_told(model: Path) -> None:
    job = job_of(model)
    job.launch(["nowhere"])
    wait_for(lambda: state_of(job) == "failed")
    status = job.status()
    assert status is not None
    assert "The process ended with exit code 1. The last line of its log: " in status.error
    assert "No module named nowhere" in status.error
    job.stop()
    assert list(job.place.parent.iterdir()) == []


def test_a_full_disk_starts_nothing(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, data: bytes) -> None:
        raise CheckpointError("full")

    job = job_of(model)
    monkeypatch.setattr("bioskipgram.jobs.status.write_whole", full)
    with pytest.raises(CheckpointError, match="full"):
        job.start(PCA)
    assert list(job.place.parent.iterdir()) == []


@pytest.mark.parametrize("text", ["", "{", "[]", '{"process": -1}', '{"x": 1}'])
def test_a_foreign_status_is_none(model: Path, text: str) -> None:
    job = job_of(model)
    job.file.parent.mkdir()
    job.file.write_text(text)
    assert job.status() is None
    job.stop()  # kills nobody


# Telling -------------------------------------------------------------------------------------


def test_a_report_tells_the_stage_the_share_and_the_time_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    monkeypatch.setattr(os, "nice", lambda _: 0)
    job = ProjectionJob(tmp_path / "x.layouts" / "pca.safetensors", tmp_path / "x.safetensors")

    def told() -> tuple[str, str, float, float | None]:
        status = job.status()
        assert status is not None
        return status.state, status.stage, status.share, status.seconds_left

    with Report(job.file) as report:
        assert told() == ("waiting", "starting", 0, None)
        report.on_progress("looking", 0.0)
        assert told() == ("running", "looking", 0, None)
        clock[0] += 10
        report.on_progress("looking", 0.25)
        assert told() == ("running", "looking", 0.25, 30)
        clock[0] += 0.1
        report.on_progress("looking", 0.3)  # too soon to write again
        assert told()[2] == 0.25
        report.on_progress("judging", 0.0)  # a new stage is told at once
        assert told() == ("running", "judging", 0, None)
    assert not job.file.exists()


def test_a_report_keeps_the_sentence_of_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "nice", lambda _: 0)
    file = tmp_path / "pca.json"
    with pytest.raises(ConfigError), Report(file):
        raise ConfigError("no, because")
    assert json.loads(file.read_text())["error"] == "no, because"
    with pytest.raises(MemoryError), Report(file):
        raise MemoryError("8 GB")
    assert json.loads(file.read_text())["error"].startswith("Memory ran out (8 GB); ")


def test_a_report_to_nobody_writes_and_waits_for_nothing(
    tmp_path: Path, all_turns_taken: Callable[[], None]
) -> None:
    with Report(None) as report:
        report.on_progress("looking", 0.5)
    assert [path.name for path in tmp_path.iterdir()] == ["queue"]


def test_active_is_what_is_still_to_come() -> None:
    states = {state: Status(state=state, process=1).active for state in ("waiting", "running")}
    assert states == {"waiting": True, "running": True}
    assert not Status(state="failed", process=1).active


# How long ------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["pca", "tsne", "umap"])
@pytest.mark.parametrize("dimensions", [2, 3])
def test_more_kmers_take_longer(method: str, dimensions: int) -> None:
    config = ProjectionConfig(method=method, dimensions=dimensions)
    needed = [seconds_needed(config, 4**k) for k in range(3, 10)]
    assert needed == sorted(needed)
    assert seconds_needed(config, 4**10) > 0


def test_tsne_in_space_is_slow_and_said_to_be() -> None:
    flat, space = (
        seconds_needed(ProjectionConfig(dimensions=dimensions), 65_536) for dimensions in (2, 3)
    )
    assert space > 4 * flat
