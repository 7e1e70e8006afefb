"""Whatever stands in the files of a run, a projection or a clustering: a value, or one sentence.

``FUZZ=100000 python -m pytest --timeout=0 tests/fuzz/test_jobs.py`` tries so many of each kind.
"""

import json
import os
import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bioskipgram.config import ClusterConfig, ProjectionConfig
from bioskipgram.errors import BioSkipGramError, CheckpointError
from bioskipgram.groups import clusters
from bioskipgram.jobs.job import Job
from bioskipgram.jobs.process import Process
from bioskipgram.jobs.progress import Progress
from bioskipgram.jobs.status import Status as JobStatus
from bioskipgram.projection import projection
from bioskipgram.training import runs
from bioskipgram.training.recorder import Metric, Status
from bioskipgram.training.runs import Run

EXAMPLES = int(os.environ.get("FUZZ", "150"))
SETTINGS = settings(
    max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), database=None
)
NOW = "2026-01-01T12:00:00+00:00"
STEP = Progress(1, 2, 0.5, 0.1, 1e6, 3.0)
RUN = asdict(
    Status(process=1, source="x.fa", config={"k": 6}, progress=STEP, started=NOW, updated=NOW)
)
SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
    | st.sampled_from([
        -1, 0, 2**31, 2**63, 10**400, 1e308, "", "\ud800", "\0", "x" * 5000, "yesterday", NOW,
        "0001-01-01", "9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59", "running",
        "waiting",
    ])
)  # fmt: skip
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner)
)


@st.composite
def changed(draw: st.DrawFn, values: dict[str, Any]) -> bytes:
    """JSON of an object in which some values are others, and perhaps some bytes."""
    made = json.loads(json.dumps(values))
    for _ in range(draw(st.integers(0, 3))):
        at = draw(
            st.sampled_from([made, *(each for each in made.values() if isinstance(each, dict))])
        )
        name = draw(st.sampled_from([*at, "other"]))
        if draw(st.integers(0, 5)):
            at[name] = draw(VALUES)
        else:
            at.pop(name, None)
    data = bytearray(json.dumps(made).encode())
    for _ in range(draw(st.integers(0, 2)) * draw(st.integers(0, 1))):
        place = draw(st.integers(0, max(0, len(data) - 1)))
        data[place : place + draw(st.integers(0, 9))] = draw(st.binary(max_size=9))
    return bytes(data)


@pytest.fixture(autouse=True)
def nobody_is_signalled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The number of another process stands in many of these files; locks go with the test."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    sent: list[object] = []
    monkeypatch.setattr(os, "kill", lambda *given: sent.append(given))
    monkeypatch.setattr("signal.pidfd_send_signal", lambda *given: sent.append(given))
    yield
    assert not sent


def said(error: BioSkipGramError) -> None:
    """Check that an error is one sentence."""
    text = str(error)
    text.encode()
    assert 0 < len(text) < 600


@SETTINGS
@given(changed(RUN), st.binary(max_size=60) | changed(asdict(Metric(**asdict(STEP), seconds=4.0))))
def test_the_files_of_a_run(status: bytes, metrics: bytes) -> None:
    with tempfile.TemporaryDirectory() as name:
        run = Run(Path(name) / "one")
        run.folder.mkdir()
        (run.folder / "status.json").write_bytes(status)
        (run.folder / "metrics.jsonl").write_bytes(metrics + b"\n")
        (run.folder / "log.txt").write_bytes(metrics)
        found = run.status()
        # What a page does with them.
        shown = [found.state, found.stage, found.source, found.error, found.warning, run.log()]
        for line in run.metrics():
            shown.append(f"{line['loss']:.4f} {line['tokens_per_second']:,.0f} {line['step']:,}")
        if found.progress:
            step, steps = found.progress.step, found.progress.steps
            shown.append(f"{step:,} of {steps:,} {max(0.0, found.progress.seconds_left):.0f}")
            assert 0 <= step <= max(1, steps)
        assert found.seconds >= 0
        assert 0 <= found.share <= 1
        assert not found.active  # no process is proven to be its own
        json.dumps(found.config)
        "".join(shown).encode()
        assert [each.name for each in runs.all_runs(Path(name))] == ["one"]
        try:
            run.stop()
            runs.resume(run)
        except BioSkipGramError as error:
            said(error)
        run.delete()
        assert not run.folder.exists()


@SETTINGS
@given(changed(asdict(JobStatus(process=1, state="running"))))
def test_the_status_of_a_job(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as name:
        job = Job(Path(name) / "x.safetensors")
        job.file.write_bytes(data)
        found = job.status()
        if found is not None:
            assert not found.active
            f"{found.stage} {found.share:.0%} {found.seconds_left or 0:.0f} {found.error}".encode()
        job.stop()
        assert not job.file.exists()


SHAPES = st.lists(st.integers(0, 9), max_size=3).map(tuple)
TYPES = st.sampled_from(["f4", "f8", "f2", "i4", "i8", "u1", "?"])
LABELS = st.lists(st.integers(-3, 9) | st.sampled_from([2**31 - 1, -(2**31)]), max_size=9)
PLACES = st.lists(st.floats(width=32), min_size=14, max_size=14)


@SETTINGS
@given(
    st.builds(lambda shape, kind: np.ones(shape, kind), SHAPES, TYPES)
    | PLACES.map(lambda x: np.array(x, "f4").reshape(7, 2)),
    changed({"config": asdict(ProjectionConfig()), "trustworthiness": 0.5, "laid_out": 7}),
    st.sampled_from(["points", "points", "points", "other"]),
)
def test_a_projection(points: np.ndarray, facts: bytes, name: str) -> None:
    found = read(projection.load, {name: points}, {"projection": facts})
    if found is not None:
        assert found.points.shape == (7, found.config.dimensions)
        assert np.abs(found.points).max() <= 1e9
        assert -1 <= found.trustworthiness <= 1
        assert 0 <= found.laid_out <= 7


@SETTINGS
@given(
    st.builds(lambda shape, kind: np.ones(shape, kind), SHAPES, TYPES)
    | LABELS.map(lambda labels: np.array(labels, "i4")),
    changed(asdict(ClusterConfig(clusters=3))),
)
def test_a_clustering(labels: np.ndarray, facts: bytes) -> None:
    found = read(clusters.load, {"labels": labels}, {"clusters": facts})
    if found is not None:
        places = clusters.label_points(np.zeros((7, 2), np.float32), found)
        assert places.shape == (len(found), 2)


def read(load: Any, tensors: dict[str, np.ndarray], facts: dict[str, bytes]) -> Any:
    """Return what is read, None if that is refused in one sentence."""
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "x.safetensors"
        texts = {key: value.decode("utf-8", "replace") for key, value in facts.items()}
        path.write_bytes(safetensors.numpy.save(tensors, texts))
        try:
            return load(path, size=7)
        except CheckpointError as error:
            said(error)
            return None


@SETTINGS
@given(st.data())
def test_a_projection_with_other_bytes(data: st.DataObject) -> None:
    made = projection.Projection(ProjectionConfig(), np.ones((7, 2), np.float32), 0.5)
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "x.safetensors"
        projection.save(made, path)
        whole = bytearray(path.read_bytes())
        for _ in range(data.draw(st.integers(1, 4))):
            whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
        path.write_bytes(whole[: data.draw(st.integers(0, len(whole)) | st.just(len(whole)))])
        try:
            assert len(projection.load(path, size=7).points) == 7
        except CheckpointError as error:
            said(error)


def test_the_files_as_they_should_be_are_read() -> None:
    """So that the refusals above have the reason they name."""
    with tempfile.TemporaryDirectory() as name:
        (Path(name) / "status.json").write_text(json.dumps(RUN))
        assert Run(Path(name)).status().state == "failed"
        own = Process.of(os.getpid())
        (Path(name) / "status.json").write_text(
            json.dumps(RUN | {"process": own.number, "born": own.born})
        )
        assert Run(Path(name)).status().state == "running"
