"""A training run on disk: a folder that a process of its own writes and anyone may read.

::

    <run>/status.json          state, stage, progress, settings; replaced whole, never half written
    <run>/metrics.jsonl        one line per recorded step
    <run>/log.txt              what the process printed
    <run>/sequences            the uploaded sequences, where there was an upload
    <run>/model.safetensors    the model, once there is one

The process is ``python -m bioskipgram train … --run DIR`` in a session of its own: closing the
page, or killing the dashboard, leaves it running.
"""

import contextlib
import json
import math
import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from .checkpoint import write_whole
from .config import ProjectionConfig, TrainConfig
from .errors import BioSkipGramError, ConfigError, TrainingError
from .progress import Progress

MODEL = "model.safetensors"
ENDED = ("finished", "stopped", "failed")
_SECONDS_BETWEEN_WRITES = 0.3


@dataclass(frozen=True, kw_only=True)
class Status:
    """How a run stands.

    Attributes
    ----------
    state
        "running", "finished", "stopped" (on request; what was learnt is kept) or "failed".
    stage
        What it is doing: "starting", "reading", "counting", "training", "saving", "mapping".
    process
        Its process number.
    source
        The name of the sequences.
    config
        The settings, as `TrainConfig.from_dict` takes them.
    progress
        The newest `Progress`, None before the first step.
    error
        One sentence, where it failed.
    started, updated
        UTC times in ISO 8601.
    """

    state: str = "running"
    stage: str = "starting"
    process: int
    source: str
    config: dict[str, Any]
    progress: Progress | None = None
    error: str = ""
    started: str
    updated: str


@dataclass(frozen=True)
class Run:
    """One run's folder."""

    folder: Path

    @property
    def name(self) -> str:
        """What the run is called."""
        return self.folder.name

    @property
    def model(self) -> Path:
        """Where its model is, or will be."""
        return self.folder / MODEL

    def status(self) -> Status:
        """Return how the run stands; one whose process is gone without a word has failed.

        Raises
        ------
        TrainingError
            If the folder holds no readable status.
        """
        try:
            values = json.loads((self.folder / "status.json").read_text("utf-8"))
            progress = values.pop("progress")
            status = Status(progress=_progress(progress), **values)
            if type(status.process) is not int or status.process < 1:
                raise ValueError(f"process {status.process!r}")  # 0 and -1 mean many processes
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise TrainingError(f"{self.name}: no training run ({error})") from error
        if status.state == "running" and not _alive(status.process):
            gone = "its process ended without a word: killed, out of memory, or a restart"
            return Status(**{**_shallow(status), "state": "failed", "error": gone})
        return status

    def metrics(self) -> list[dict[str, float]]:
        """Return the recorded steps: step, loss, learning_rate, tokens_per_second, seconds."""
        try:
            lines = (self.folder / "metrics.jsonl").read_text("utf-8").splitlines()
        except FileNotFoundError:
            return []
        return [json.loads(line) for line in lines if line.endswith("}")]

    def log(self, characters: int = 4000) -> str:
        """Return the end of what the process printed, plain text."""
        try:
            # Bytes: as text, Python would read the carriage returns as line ends.
            text = (self.folder / "log.txt").read_bytes().decode("utf-8", errors="replace")
        except FileNotFoundError:
            return ""
        # A progress bar redraws its line with carriage returns: keep the last drawing.
        return "\n".join(line.rsplit("\r", 1)[-1] for line in text.split("\n"))[-characters:]

    def stop(self) -> None:
        """Ask the process to stop; it keeps what it has learnt."""
        status = self.status()
        if status.state != "running":
            return
        with contextlib.suppress(ProcessLookupError):  # it has just ended
            os.kill(status.process, signal.SIGTERM)
        if status.stage == "starting":  # perhaps too early for the process to say so itself
            _write_status(self, replace(status, state="stopped", updated=_now()))


def start(source: Path | bytes, config: TrainConfig, *, root: Path, name: str, title: str) -> Run:
    """Start a training process of its own and return its run.

    Parameters
    ----------
    source
        A sequence file, or the bytes of one.
    config
        The settings.
    root
        The folder of all runs.
    name
        What to call the run: letters, digits, ``-`` and ``_``; it becomes a folder's name.
    title
        The name of the sequences, as people know it.

    Raises
    ------
    ConfigError
        If the name has other characters or is taken.
    TrainingError
        If the folder cannot be made.
    """
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{0,59}", name):
        raise ConfigError(
            f"name: {name!r} is not 1 to 60 letters, digits, - and _, with a letter or digit first"
        )
    run = Run(root / name)
    try:
        run.folder.mkdir(parents=True)
    except FileExistsError as error:
        raise ConfigError(
            f"name: there is a run called {name!r} already; choose another"
        ) from error
    except OSError as error:
        raise TrainingError(f"{root}: no run can be made there ({error.strerror})") from error
    if isinstance(source, bytes):
        write_whole(run.folder / "sequences", source)
        source = run.folder / "sequences"
    _launch(run, source, config, title)
    return run


def _launch(run: Run, source: Path, config: TrainConfig, title: str) -> None:
    values = [f"--{key.replace('_', '-')}={value}" for key, value in asdict(config).items()]
    command = [sys.executable, "-m", "bioskipgram", "train", str(source.resolve()), *values]
    command += ["--run", str(run.folder.resolve()), f"--title={title}", "--layouts"]
    package = Path(__file__).resolve().parents[1]
    with (run.folder / "log.txt").open("wb") as log:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=package,
            start_new_session=True,
        )
    # The child takes seconds to import torch before it writes its own first status over this one.
    Recorder(run, source=title, config=config, process=process.pid).write()
    # It is to outlive this object, which would warn of that; `_alive` collects what it leaves.
    process.returncode = 0


def all_runs(root: Path) -> list[Run]:
    """Return the runs in a folder, newest first."""
    found = [Run(path.parent) for path in root.glob("*/status.json")]
    return sorted(found, key=lambda run: run.folder.stat().st_ctime, reverse=True)


class Recorder:
    """The writing side of a run: a context that records how it ends.

    Parameters
    ----------
    run
        The folder.
    source
        The name of the sequences.
    config
        The settings.
    process
        The process that trains; by default this one.
    """

    def __init__(self, run: Run, *, source: str, config: TrainConfig, process: int = 0) -> None:
        self._run, self._written = run, 0.0
        self._begin = time.perf_counter()
        self._status = Status(
            process=process or os.getpid(),
            source=source,
            config=asdict(config),
            started=_now(),
            updated=_now(),
        )

    def __enter__(self) -> Self:
        self.write()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        if error is not None:
            ours = isinstance(error, BioSkipGramError)
            text = str(error) if ours else f"{type(error).__name__}: {error}"
            self.write(state="failed", error=text)

    def write(self, **changes: Any) -> None:
        """Change fields of the status and put it on disk."""
        self._status = Status(**{**_shallow(self._status), **changes, "updated": _now()})
        _write_status(self._run, self._status)
        self._written = time.perf_counter()

    def step(self, progress: Progress) -> None:
        """Record a step: a metrics line where a loss was evaluated, the status now and then."""
        if not math.isnan(progress.loss) and self._is_time(progress):
            line = {**asdict(progress), "seconds": time.perf_counter() - self._begin}
            with (self._run.folder / "metrics.jsonl").open("a", encoding="utf-8") as file:
                file.write(json.dumps(_plain(line)) + "\n")
        if time.perf_counter() - self._written > _SECONDS_BETWEEN_WRITES:
            self.write(stage="training", progress=progress)

    @staticmethod
    def _is_time(progress: Progress) -> bool:
        """Return whether this is one of some 200 steps whose loss is kept."""
        return progress.step % max(1, progress.steps // 200) == 0 or progress.step == progress.steps


def _write_status(run: Run, status: Status) -> None:
    text = json.dumps(_plain(asdict(status)), allow_nan=False)
    write_whole(run.folder / "status.json", text.encode())


def _alive(process: int) -> bool:
    """Return whether a process runs; one that this process started and that ended is let go."""
    with contextlib.suppress(OSError):  # when it is not a child of this process
        os.waitpid(process, os.WNOHANG)
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _progress(values: dict[str, Any] | None) -> Progress | None:
    if values is None:
        return None
    filled: dict[str, Any] = {k: math.nan if v is None else v for k, v in values.items()}
    return Progress(**filled)


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    """Return the values with None for NaN and infinity, which JSON does not have."""
    return {
        key: _plain(value)
        if isinstance(value, dict)
        else None
        if isinstance(value, float) and not math.isfinite(value)
        else value
        for key, value in values.items()
    }


def _shallow(status: Status) -> dict[str, Any]:
    return {spec.name: getattr(status, spec.name) for spec in fields(status)}


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def start_layout(model: Path, config: ProjectionConfig) -> "subprocess.Popen[bytes]":
    """Start a process that lays a model out and keeps the layout beside it; return the process.

    Its standard error holds one sentence if it fails. Ending it leaves nothing half written.
    """
    values = [f"--{key.replace('_', '-')}={value}" for key, value in asdict(config).items()]
    command = [sys.executable, "-m", "bioskipgram", "project", str(model.resolve()), *values]
    return subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        cwd=Path(__file__).resolve().parents[1],
    )
