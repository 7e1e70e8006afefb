"""Training runs on disk: real processes that finish, stop, are killed, fail and outlive us."""

import json
import math
import os
import random
import re
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from datetime import UTC, datetime, tzinfo
from pathlib import Path

import numpy as np
import pytest

from bioskipgram.config import ClusterConfig, ProjectionConfig, TrainConfig, default_clusters
from bioskipgram.errors import (
    CheckpointError,
    ConfigError,
    FastaError,
    TrainingError,
)
from bioskipgram.jobs import status as jobs_status
from bioskipgram.jobs.process import Process
from bioskipgram.jobs.progress import Progress
from bioskipgram.model import checkpoint
from bioskipgram.projection import projection
from bioskipgram.sequences.fasta import read
from bioskipgram.training import resume, runs
from bioskipgram.training.recorder import STATE, Recorder, Status
from bioskipgram.training.runs import Run
from bioskipgram.training.trainer import Training

ROOT = Path(__file__).parents[2]
FASTA = b">HBB\nATGGTGCATCTGACTCCTGAGGAGAAGTCTGCCGTTACTGCCCTGTGGGGCAAGGTGAACGTGGATGAAGTTGGTGG\n"
QUICK = TrainConfig(k=2, dim=4, steps=40)
NOW = "2026-01-01T12:00:00+00:00"
ENDLESS = replace(QUICK, steps=100_000)


def wait_for(run: Run, reached: Callable[[Status], bool], *, seconds: int = 60) -> Status:
    """The first status of which `reached` is true."""
    for _ in range(20 * seconds):
        status = run.status()
        if reached(status):
            return status
        time.sleep(0.05)
    raise AssertionError(f"still {status}; {run.log()}")


def ended(status: Status) -> bool:
    return status.state in runs.ENDED


def training(status: Status) -> bool:
    assert not ended(status), status.error
    return status.stage == "training" and status.progress is not None


@pytest.fixture
def start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Run]]:
    """`runs.start` into a folder of its own; what still runs in the end is killed."""
    started: list[Run] = []

    def start(
        config: TrainConfig, source: Path | bytes = FASTA, name: str = "one", every: float = 20.0
    ) -> Run:
        monkeypatch.setattr(runs, "SAVE_EVERY", every)
        run = runs.start(source, config, root=tmp_path / "runs", name=name, title="hbb.fa")
        started.append(run)
        return run

    yield start
    for run in started:
        if run.status().state == "running":
            os.kill(run.status().process, signal.SIGKILL)


# A run's life --------------------------------------------------------------------------------


def test_a_run_goes_through(start: Callable[..., Run]) -> None:
    run = start(QUICK)
    first = run.status()
    assert (first.state, first.source, first.error) == ("running", "hbb.fa", "")
    assert TrainConfig.from_dict(first.config) == QUICK
    assert os.getsid(first.process) == first.process  # a session of its own

    last = wait_for(run, ended)
    assert (last.state, last.stage, last.error) == ("finished", "", ""), run.log()
    assert last.progress is not None
    assert (last.progress.step, last.progress.steps) == (40, 40)
    assert first.started <= last.started <= last.updated

    metrics = run.metrics()
    assert [line["step"] for line in metrics] == list(range(5, 41, 5))
    assert set(metrics[0]) == {*asdict(last.progress), "seconds"}
    assert metrics[-1]["loss"] == last.progress.loss < metrics[0]["loss"]
    assert metrics[0]["seconds"] < metrics[-1]["seconds"]

    model = checkpoint.load(run.model)
    assert model.info.source == "hbb.fa"
    assert model.info.config == QUICK
    assert model.info.steps_done == 40
    for config in (ProjectionConfig(method="pca"), ProjectionConfig(method="tsne")):
        layout = projection.load(projection.cache_path(run.model, model, config))
        assert layout.points.shape == (len(model), 2)
    groups: ClusterConfig = default_clusters(len(model))
    assert projection.cache_path(run.model, model, groups).exists()

    assert "40/40" in run.log()
    assert "Traceback" not in run.log()
    assert (run.folder / "sequences").read_bytes() == FASTA
    assert sorted(path.name for path in run.folder.iterdir()) == [
        "log.txt", "metrics.jsonl", "model.layouts", "model.safetensors", "sequences",
        "status.json",
    ]  # fmt: skip


def test_a_stopped_run_keeps_what_it_learnt(start: Callable[..., Run]) -> None:
    run = start(ENDLESS)
    seen = wait_for(run, training).progress
    assert seen is not None
    run.stop()
    last = wait_for(run, ended)
    assert (last.state, last.error) == ("stopped", ""), run.log()
    model = checkpoint.load(run.model)
    assert last.progress is not None
    assert seen.step <= model.info.steps_done == last.progress.step < 100_000
    assert model.info.gap is not None
    assert model.info.gap < 0.9
    assert saved_step(run) == model.info.steps_done
    assert run.resumable
    run.stop()  # once more does nothing
    assert run.status() == last


def test_a_run_stopped_before_it_could_hear_it_is_stopped_too(start: Callable[..., Run]) -> None:
    run = start(ENDLESS)
    run.stop()
    last = wait_for(run, lambda status: not status.owner.alive)
    assert (last.state, last.error) == ("stopped", "")


def test_a_killed_run_has_failed_and_says_so(start: Callable[..., Run]) -> None:
    run = start(ENDLESS)
    process = wait_for(run, training).process
    os.kill(process, signal.SIGKILL)
    last = wait_for(run, ended)
    assert last.state == "failed"
    assert last.error.startswith("The process was killed (SIGKILL) by a person, a program or")
    assert last.error.endswith(" GB of memory.")
    assert last.progress is not None
    assert not run.model.exists()
    run.stop()  # must not reach whoever has that process number next
    assert run.status() == last


def test_a_run_killed_three_times_ends_as_if_nobody_had(start: Callable[..., Run]) -> None:
    run = start(replace(QUICK, steps=2000, threads=1), every=0)
    for least in (1, 0, 500):  # steps saved: the first, none since it was started, many more
        kept = saved_step(run)
        while saved_step(run) < least:
            assert not ended(run.status()), run.log()
            time.sleep(0.02)
        os.kill(run.status().process, signal.SIGKILL)
        assert wait_for(run, ended).state == "failed"
        assert saved_step(run) >= max(kept, least)
        assert not run.model.exists()
        kept = saved_step(run)
        assert run.resumable
        runs.resume(run)
        assert run.status().state == "running"
        with pytest.raises(TrainingError, match="one: there is no state to resume; start a new"):
            runs.resume(run)
    last = wait_for(run, ended)
    assert (last.state, last.error) == ("finished", ""), run.log()
    assert f"going on after step {kept:,} of 2,000" in run.log(10**6)
    recorded = [line["step"] for line in run.metrics()]
    assert recorded == list(range(40, 2001, 40))  # none twice, none lost
    seconds = [line["seconds"] for line in run.metrics()]
    assert seconds == sorted(seconds)
    assert not (run.folder / STATE).exists()
    calm = Training(read(FASTA), TrainConfig.from_dict(last.config))
    for _ in calm:
        pass
    assert checkpoint.load(run.model).digest == calm.embedding().digest


def test_runs_killed_at_random_moments_are_whole_or_absent(start: Callable[..., Run]) -> None:
    """``KILLS=50 python -m pytest tests/training/test_runs.py -k random_moments`` kills so many."""
    moment = random.Random(int(os.environ.get("SEED", "1")))
    run = start(replace(QUICK, steps=200, threads=1), every=0)
    for _ in range(int(os.environ.get("KILLS", "3"))):
        time.sleep(moment.uniform(0, 6))
        owner = run.status().owner
        owner.send(signal.SIGKILL)
        while owner.alive:
            time.sleep(0.01)
        status = run.status()
        assert status.state in ("failed", "finished"), status
        assert saved_step(run) >= -1  # whole, or not there
        if run.model.exists():
            checkpoint.load(run.model)
        assert all(line["loss"] > 0 for line in run.metrics())
        if run.resumable:
            runs.resume(run)
        else:
            run.delete()
            run = start(replace(QUICK, steps=200, threads=1), every=0)
        assert run.status().state in ("running", "waiting")
    last = wait_for(run, ended, seconds=300)
    assert (last.state, last.error) == ("finished", ""), run.log()


def saved_step(run: Run) -> int:
    """The step of the state on disk, which is always whole; -1 if there is none."""
    path = run.folder / STATE
    return resume.load(path)[1]["progress"]["step"] if path.exists() else -1


def test_a_run_that_cannot_be_says_why_in_one_sentence(
    start: Callable[..., Run], tmp_path: Path
) -> None:
    path = tmp_path / "short.fa"
    path.write_text(">a\nACGT\n")
    run = start(TrainConfig(k=6), path)
    last = wait_for(run, lambda status: ended(status) and "bioskipgram:" in run.log())
    assert (last.state, last.stage) == ("failed", "counting")
    assert last.error == (
        "no 6-mer occurs 1 times or more: the sequences are shorter than 6 bases, all N, or too "
        "few; give longer sequences, a smaller k or a smaller min-count"
    )
    assert run.log().endswith(f"bioskipgram: {last.error}\n")  # a bar may stand before it
    assert run.metrics() == []
    assert not run.model.exists()
    assert path.read_text() == ">a\nACGT\n"


def test_a_run_outlives_the_program_that_started_it(tmp_path: Path) -> None:
    source = tmp_path / "hbb.fa"
    source.write_bytes(FASTA)
    program = (
        "from pathlib import Path; from bioskipgram.training import runs; "
        "from bioskipgram.config import TrainConfig\n"
        f"runs.start(Path({str(source)!r}), TrainConfig(k=2, dim=4, steps=40), "
        f"root=Path({str(tmp_path)!r}), name='orphan', title='hbb.fa')"
    )
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True, timeout=60)
    run = Run(tmp_path / "orphan")
    assert run.status().state == "running"
    assert wait_for(run, ended).state == "finished"
    assert len(checkpoint.load(run.model)) > 4


# Names ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    ["", ".", "..", "../x", "/tmp/x", "a/b", "a\\b", "a b", "a.b", "-a", "_a", "ä", "٣", "n\n",
     "\0", "x" * 61],
)  # fmt: skip
def test_a_bad_name_is_refused_and_nothing_is_made(tmp_path: Path, name: str) -> None:
    root = tmp_path / "in" / "runs"
    with pytest.raises(ConfigError, match="is not 1 to 60 letters, digits, - and _, with a"):
        runs.start(FASTA, QUICK, root=root, name=name, title="t")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["a", "7", "x" * 60, "A-b_9"])
def test_a_good_name_is_the_folders(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    launched = []
    monkeypatch.setattr(runs, "_launch", lambda *given: launched.append(given))
    run = runs.start(FASTA, QUICK, root=tmp_path, name=name, title="t")
    assert run.name == name
    assert run.folder == tmp_path / name
    assert launched == [(run, [run.folder / "sequences"], QUICK, "t")]


def test_a_taken_name_is_refused_and_the_run_that_has_it_left_alone(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "status.json").write_text("mine")
    with pytest.raises(ConfigError, match="there is a run called 'one' already; choose another"):
        runs.start(FASTA, QUICK, root=tmp_path, name="one", title="t")
    assert [path.name for path in (tmp_path / "one").iterdir()] == ["status.json"]
    assert (tmp_path / "one" / "status.json").read_text() == "mine"


def test_an_upload_is_the_users_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "_launch", lambda *_: None)
    before = os.umask(0o022)
    try:
        run = runs.start(FASTA, QUICK, root=tmp_path, name="one", title="t")
    finally:
        os.umask(before)
    assert stat.S_IMODE((run.folder / "sequences").stat().st_mode) == 0o600


@pytest.mark.parametrize("full", ["the upload", "the log", "the status"])
def test_a_full_disk_leaves_nothing_that_blocks_the_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, full: str
) -> None:
    def refuse(path: Path, *_: object, **__: object) -> None:
        raise CheckpointError(f"{path}: could not be written (No space left on device)")

    with monkeypatch.context() as patched:
        if full == "the upload":
            patched.setattr(runs, "write_whole", refuse)
        elif full == "the log":
            patched.setattr(runs, "launch", lambda *_, log, **__: refuse(log))
        else:
            patched.setattr(jobs_status, "write_whole", refuse)
        with pytest.raises(CheckpointError, match="No space left"):
            runs.start(FASTA, ENDLESS, root=tmp_path, name="one", title="t")
    assert list(tmp_path.iterdir()) == []
    monkeypatch.setattr(runs, "_launch", lambda *_: None)
    runs.start(FASTA, QUICK, root=tmp_path, name="one", title="t")


@pytest.mark.parametrize("left", [(), ("sequences",), ("sequences", "log.txt")])
def test_what_a_start_cut_short_left_does_not_block_the_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, left: tuple[str, ...]
) -> None:
    (tmp_path / "one").mkdir()
    for name in left:
        (tmp_path / "one" / name).write_text("old")
    monkeypatch.setattr(runs, "_launch", lambda *_: None)
    run = runs.start(FASTA, QUICK, root=tmp_path, name="one", title="t")
    assert [path.name for path in run.folder.iterdir()] == ["sequences"]
    assert (run.folder / "sequences").read_bytes() == FASTA


def test_a_place_where_no_folder_can_be_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(TrainingError, match="file: no run can be made there \\(Not a directory\\)"):
        runs.start(FASTA, QUICK, root=tmp_path / "file", name="one", title="t")


# The status ----------------------------------------------------------------------------------


def recorded(folder: Path, **changes: object) -> Run:
    """A run whose status is written by hand, as if this process were the one that trains."""
    own = Process.of(os.getpid())
    values = asdict(
        Status(
            process=own.number, born=own.born, source="hbb.fa", config={}, started=NOW, updated=NOW
        )
    )
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "status.json").write_text(json.dumps({**values, **changes}))
    return Run(folder)


def test_a_status_written_by_hand_is_read(tmp_path: Path) -> None:
    """So that the refusals below have the reason they name."""
    assert recorded(tmp_path).status().state == "running"


def test_a_missing_status_says_so(tmp_path: Path) -> None:
    status = Run(tmp_path / "nowhere").status()
    assert status.state == "damaged"
    assert re.search("nowhere: its record cannot be used: .*No such file.*; delete", status.error)


@pytest.mark.parametrize("process", [0, -1, 2**31, 10**400, "1", None, 1.5, True])
def test_a_process_number_that_means_others_is_never_signalled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, process: object
) -> None:
    """To the kernel, 0 is every process of our group and -1 every process there is."""
    monkeypatch.setattr(os, "kill", lambda *given: pytest.fail(f"signalled {given}"))
    monkeypatch.setattr(signal, "pidfd_send_signal", os.kill)
    run = recorded(tmp_path, process=process)
    run.stop()
    assert run.status().state == ("failed" if process == 0 else "damaged")


DAMAGE = [
    b"", b"{", b"null", b"5", b"[]", b'"x"', b"{}", b'{"progress": null}', b"\xff", b"[" * 10**5,
    *(json.dumps(each).encode() for each in [
        {"colour": 1}, {"progress": {"step": 1}}, {"progress": 3}, {"started": "yesterday"},
        {"started": None}, {"updated": "2026-01-01"}, {"config": []}, {"config": {"k": [1]}},
        {"source": None}, {"state": "asleep"}, {"error": {}},
        {"progress": {**asdict(Progress(3, 2, 0.5, 0.1, 1e6, 3.0))}},
        {"progress": {**asdict(Progress(1, 2, 0.5, 0.1, 1e6, 3.0)), "step": 10**400}},
    ]),
]  # fmt: skip


@pytest.mark.parametrize("damage", DAMAGE, ids=lambda damage: repr(damage[:40]))
def test_a_damaged_run_is_one_sentence_and_can_be_deleted(tmp_path: Path, damage: bytes) -> None:
    run = recorded(tmp_path / "one")
    values = json.loads((run.folder / "status.json").read_text())
    if damage.startswith(b'{"') and damage != b'{"progress": null}':
        damage = json.dumps({**values, **json.loads(damage)}).encode()
    (run.folder / "status.json").write_bytes(damage)
    status = run.status()
    assert status.state == "damaged"
    assert status.error.startswith("one: its record cannot be used: status.json: no status can be")
    assert len(status.error) < 400
    assert (status.seconds, status.active, run.resumable) == (0, False, False)
    run.stop()
    with pytest.raises(TrainingError, match="no state to resume"):
        runs.resume(run)
    run.delete()
    assert runs.all_runs(tmp_path) == []


def test_a_run_of_the_first_version_is_read(tmp_path: Path) -> None:
    """Its status does not say when its process was born: a running one is dead."""
    folder = recorded(tmp_path).folder
    values = json.loads((folder / "status.json").read_text())
    for name in ("born", "share", "seconds_left"):
        values.pop(name)
    (folder / "status.json").write_text(json.dumps({**values, "state": "finished"}))
    assert Run(folder).status().state == "finished"
    (folder / "status.json").write_text(json.dumps(values))
    assert Run(folder).status().state == "failed"


@pytest.mark.parametrize("born", ["", "an earlier boot:7"])
def test_a_number_used_again_is_nobody_we_know(tmp_path: Path, born: str) -> None:
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]) as innocent:
        run = recorded(tmp_path, process=innocent.pid, born=born)
        run.stop()
        assert run.status().state == "failed"
        said = "machine was restarted" if born else "How it ended is not known"
        assert said in run.status().error
        run.delete()
        time.sleep(0.2)
        assert innocent.poll() is None
        innocent.kill()


@pytest.mark.parametrize("state", ["finished", "stopped", "failed"])
def test_a_run_that_has_ended_is_not_asked_for_its_process(tmp_path: Path, state: str) -> None:
    finished = subprocess.Popen([sys.executable, "-c", ""])
    own = Process.of(finished.pid)
    finished.wait()
    facts = {"process": own.number, "born": own.born}
    assert recorded(tmp_path, state=state, **facts).status().state == state
    assert recorded(tmp_path, **facts).status().state == "failed"


def test_a_run_at_work_is_neither_deleted_nor_renamed(tmp_path: Path) -> None:
    run = recorded(tmp_path / "one")
    with pytest.raises(TrainingError, match="one: an active run cannot be deleted; stop it first"):
        run.delete()
    with pytest.raises(TrainingError, match="one: an active run cannot be renamed; stop it first"):
        run.rename("two")
    assert run.status().state == "running"


def test_a_run_is_deleted_with_all_it_holds_and_nothing_else(tmp_path: Path) -> None:
    run = recorded(tmp_path / "runs" / "one", state="finished")
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "file").write_text("")
    (run.folder / "link").symlink_to(tmp_path / "kept")
    linked = Run(tmp_path / "runs" / "two")
    linked.folder.symlink_to(recorded(tmp_path / "elsewhere", state="finished").folder)
    run.delete()
    linked.delete()
    run.delete()  # somebody else has done so
    assert list((tmp_path / "runs").iterdir()) == []
    assert (tmp_path / "kept" / "file").exists()
    assert (tmp_path / "elsewhere" / "status.json").exists()


def test_a_renamed_run_is_resumed_from_its_own_upload(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = recorded(tmp_path / "one", state="stopped", path=str(tmp_path / "one" / "sequences"))
    run = replace_config(run)
    for name in ("sequences", STATE):
        (run.folder / name).write_bytes(FASTA)
    for name in ("", "../x", "a b"):
        with pytest.raises(ConfigError, match="is not 1 to 60 letters"):
            run.rename(name)
    recorded(tmp_path / "taken")
    with pytest.raises(ConfigError, match="there is a run called 'taken' already"):
        run.rename("taken")
    new = run.rename("two")
    assert (new.name, run.folder.exists(), new.resumable) == ("two", False, True)
    launched = []
    monkeypatch.setattr(runs, "_launch", lambda *given, **_: launched.append(given))
    runs.resume(new)
    assert launched == [(new, [tmp_path / "two" / "sequences"], QUICK, "hbb.fa")]


def replace_config(run: Run) -> Run:
    return recorded(run.folder, **{**json.loads((run.folder / "status.json").read_text()),
                                   "config": asdict(QUICK)})  # fmt: skip


def test_runs_are_listed_newest_first_and_other_folders_not_at_all(tmp_path: Path) -> None:
    assert runs.all_runs(tmp_path / "nowhere") == []
    for name in ("b", "a", "c"):
        recorded(tmp_path / name)
        time.sleep(0.02)
    (tmp_path / "no run").mkdir()
    (tmp_path / "file").write_text("")
    assert [run.name for run in runs.all_runs(tmp_path)] == ["c", "a", "b"]


# The writing side ----------------------------------------------------------------------------


def recorder(folder: Path) -> Recorder:
    return Recorder(folder, source="hbb.fa", config=QUICK)


def test_a_recorder_is_this_process_unless_told(tmp_path: Path) -> None:
    with recorder(tmp_path):
        status = Run(tmp_path).status()
    assert (status.state, status.stage, status.process) == ("running", "starting", os.getpid())
    assert TrainConfig.from_dict(status.config) == QUICK


def test_an_error_of_ours_is_recorded_as_its_sentence(tmp_path: Path) -> None:
    with pytest.raises(FastaError, match="no good"), recorder(tmp_path):
        raise FastaError("x.fa: no good")
    assert (Run(tmp_path).status().state, Run(tmp_path).status().error) == (
        "failed",
        "x.fa: no good",
    )


def test_another_error_is_recorded_with_its_kind_or_its_cure(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), recorder(tmp_path):
        raise ZeroDivisionError("too much")
    assert "(ZeroDivisionError: too much)" in Run(tmp_path).status().error
    with pytest.raises(MemoryError), recorder(tmp_path):
        raise MemoryError("too much")
    assert Run(tmp_path).status().error.startswith("Memory ran out (too much); ")


def test_steps_are_recorded_where_there_is_a_loss_and_some_two_hundred_in_all(
    tmp_path: Path,
) -> None:
    run, steps = Run(tmp_path), 1000
    with recorder(tmp_path) as writing:
        for step in range(1, steps + 1):
            loss = 5.0 / step if step % 2 == 0 else math.nan
            writing.step(Progress(step, steps, loss, 0.1, 1e6, 3.0))
    recorded_steps = [line["step"] for line in run.metrics()]
    assert recorded_steps == list(range(10, 1001, 10))  # every fifth that has a loss
    assert run.metrics()[0]["loss"] == 0.5


def test_what_json_does_not_have_comes_back_as_nan(tmp_path: Path) -> None:
    writing = recorder(tmp_path)
    writing.write(progress=Progress(1, 2, math.nan, 0.1, math.inf, 3.0))
    text = (tmp_path / "status.json").read_text()
    assert "NaN" not in text
    assert "Infinity" not in text
    progress = Run(tmp_path).status().progress
    assert progress is not None
    assert np.isnan([progress.loss, progress.tokens_per_second]).all()
    assert (progress.step, progress.learning_rate, progress.seconds_left) == (1, 0.1, 3.0)


def test_a_clock_that_is_set_back_does_not_shorten_a_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Back(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> "Back":
            return cls(1999, 1, 1, tzinfo=UTC)

    writing = recorder(tmp_path)
    began = time.monotonic()
    monkeypatch.setattr("bioskipgram.training.recorder.datetime", Back)
    monkeypatch.setattr(time, "monotonic", lambda: began + 90)
    writing.write(stage="training")
    status = Run(tmp_path).status()
    assert status.started[:4] != "1999"
    assert status.seconds == pytest.approx(90, abs=2)


def test_a_line_that_is_being_written_is_not_read(tmp_path: Path) -> None:
    line = {**asdict(Progress(1, 2, 0.5, 0.1, 1e6, 3.0)), "seconds": 4.0}
    (tmp_path / "metrics.jsonl").write_text(f'{json.dumps(line)}\n{{"st')
    assert Run(tmp_path).metrics() == [line]


def test_a_run_without_a_word_yet_has_no_metrics_and_no_log(tmp_path: Path) -> None:
    assert Run(tmp_path).metrics() == []
    assert Run(tmp_path).log() == ""


def test_the_log_keeps_the_last_drawing_of_a_bar_and_the_end_of_the_text(tmp_path: Path) -> None:
    (tmp_path / "log.txt").write_bytes(b"first\n 1/3\r 2/3\r 3/3\nlast \xff\n")
    assert Run(tmp_path).log() == "first\n 3/3\nlast \ufffd\n"
    assert Run(tmp_path).log(8) == "\nlast \ufffd\n"


def test_a_recorder_forgets_what_came_after_the_step_it_goes_back_to(tmp_path: Path) -> None:
    with recorder(tmp_path) as writing:
        for step in range(1, 5):
            writing.step(Progress(step, 4, 1.0, 0.1, 1e6, 3.0))
    path = tmp_path / "metrics.jsonl"
    path.write_text(path.read_text() + '{"step": 5, "lo')  # killed in the middle of a line
    again = recorder(tmp_path)
    again.rewind(2)
    again.step(Progress(3, 4, 1.0, 0.1, 1e6, 3.0))
    assert [line["step"] for line in Run(tmp_path).metrics()] == [1, 2, 3]
    again.rewind(0)
    assert Run(tmp_path).metrics() == []


def test_a_full_disk_does_not_end_what_is_recorded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, data: bytes) -> None:
        raise CheckpointError(f"{path}: could not be written (No space left on device)")

    with recorder(tmp_path) as writing:
        monkeypatch.setattr(jobs_status, "write_whole", full)
        writing.write(stage="training")
        (tmp_path / "metrics.jsonl").mkdir()  # as good as full
        writing.step(Progress(1, 1, 1.0, 0.1, 1e6, 3.0))
    assert Run(tmp_path).status().stage == "starting"
    with pytest.raises(CheckpointError, match="No space left"), recorder(tmp_path / "new"):
        pass


@pytest.mark.parametrize(
    ("ended_as", "with_state", "path", "resumable"),
    [
        ("failed", True, "/x.fa", True),
        ("stopped", True, "/x.fa", True),
        ("finished", True, "/x.fa", False),
        ("failed", False, "/x.fa", False),
        ("failed", True, "", False),  # recorded before runs knew where their sequences are
        ("running", True, "/x.fa", False),
    ],
)
def test_which_runs_can_be_gone_on_with(
    tmp_path: Path, ended_as: str, with_state: bool, path: str, resumable: bool
) -> None:
    run = recorded(tmp_path, state=ended_as, path=path)
    if with_state:
        (tmp_path / STATE).write_bytes(b"")
    assert run.resumable is resumable
