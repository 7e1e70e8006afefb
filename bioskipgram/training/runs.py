"""A training run on disk: a folder that a process of its own writes and anyone may read.

::

    <run>/status.json          state, stage, progress, settings; replaced whole, never half written
    <run>/metrics.jsonl        one line per recorded step
    <run>/log.txt              what the process printed
    <run>/sequences            the uploaded sequences, where there was an upload
    <run>/state.safetensors    all that is needed to go on, while it is not finished
    <run>/model.safetensors    the model, once there is one

The process is ``python -m bioskipgram train … --run DIR`` in a session of its own: closing the
page, or killing the dashboard, leaves it running. Killed itself, it can be gone on with.
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
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from bioskipgram.config import SAVE_EVERY, TrainConfig
from bioskipgram.errors import BioSkipGramError, CheckpointError, ConfigError, TrainingError
from bioskipgram.files import write_whole
from bioskipgram.jobs import alive
from bioskipgram.progress import Progress

MODEL = "model.safetensors"
STATE = "state.safetensors"
METRICS = "metrics.jsonl"
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
        What it is doing: "starting", "reading", "counting", "training", "saving", "mapping",
        "indexing".
    process
        Its process number.
    source, path
        The name of the sequences, and where their file is.
    config
        The settings, as `TrainConfig.from_dict` takes them.
    progress
        The newest `Progress`, None before the first step.
    error
        One sentence, where it failed.
    warning
        One sentence, where it goes on but something is wrong: a full disk.
    started, updated
        UTC times in ISO 8601; that of a run gone on with starts earlier by the time it had used.
    """

    state: str = "running"
    stage: str = "starting"
    process: int
    source: str
    path: str = ""
    config: dict[str, Any]
    progress: Progress | None = None
    error: str = ""
    warning: str = ""
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

    @property
    def resumable(self) -> bool:
        """Whether it ended early and left a state to go on from."""
        status = self.status()
        ended_early = status.state in ENDED and status.state != "finished"
        return ended_early and bool(status.path) and (self.folder / STATE).exists()

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
        if status.state == "running" and not alive(status.process):
            gone = "its process ended without a word: killed, out of memory, or a restart"
            return Status(**{**_shallow(status), "state": "failed", "error": gone})
        return status

    def metrics(self) -> list[dict[str, float]]:
        """Return the recorded steps: step, loss, learning_rate, tokens_per_second, seconds."""
        try:
            lines = (self.folder / METRICS).read_text("utf-8").splitlines()
        except FileNotFoundError:
            return []
        return [found for line in lines if (found := _metric(line)) is not None]

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


def resume(run: Run) -> None:
    """Start a process that goes on with a run where its saved state ends.

    Raises
    ------
    TrainingError
        If it has not ended early, or left no state.
    """
    if not run.resumable:
        raise TrainingError(f"{run.name}: there is nothing to go on with; start a new run")
    status = run.status()
    config = TrainConfig.from_dict(status.config)
    _launch(run, Path(status.path), config, status.source, resume=True)


def _launch(
    run: Run, source: Path, config: TrainConfig, title: str, *, resume: bool = False
) -> None:
    values = [f"--{key.replace('_', '-')}={value}" for key, value in asdict(config).items()]
    command = [sys.executable, "-m", "bioskipgram", "train", str(source.resolve()), *values]
    command += ["--run", str(run.folder.resolve()), f"--title={title}", "--layouts"]
    command += [f"--save-every={SAVE_EVERY}", *(["--resume"] if resume else [])]
    package = Path(__file__).resolve().parents[2]
    with (run.folder / "log.txt").open("ab" if resume else "wb") as log:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=package,
            start_new_session=True,
        )
    # The child takes seconds to import torch before it writes its own first status over this one.
    path = str(source.resolve())
    Recorder(run, source=title, config=config, path=path, process=process.pid).begin()
    # It is to outlive this object, which would warn of that; `alive` collects what it leaves.
    process.returncode = 0


def all_runs(root: Path) -> list[Run]:
    """Return the runs in a folder, newest first."""
    found = []
    for path in root.glob("*/status.json"):
        with contextlib.suppress(OSError):  # deleted since it was listed
            found.append((path.parent.stat().st_ctime, Run(path.parent)))
    return [run for _, run in sorted(found, key=lambda each: each[0], reverse=True)]


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
    path
        Where the sequences are.
    process
        The process that trains; by default this one.

    Notes
    -----
    Once begun, it does not raise where the disk is full: training is worth more than its record.
    """

    def __init__(
        self, run: Run, *, source: str, config: TrainConfig, path: str = "", process: int = 0
    ) -> None:
        self._run, self._written = run, 0.0
        self._begin = time.perf_counter()
        self._status = Status(
            process=process or os.getpid(),
            source=source,
            path=path,
            config=asdict(config),
            started=_now(),
            updated=_now(),
        )

    def __enter__(self) -> Self:
        self.begin()
        return self

    def begin(self) -> None:
        """Write the first status.

        Raises
        ------
        CheckpointError
            If it cannot be written.
        """
        _write_status(self._run, self._status)

    def rewind(self, step: int) -> None:
        """Forget what was recorded after a step, and count the time that was used until then."""
        kept = [line for line in self._run.metrics() if line["step"] <= step]
        text = "".join(json.dumps(line) + "\n" for line in kept)
        if kept or (self._run.folder / METRICS).exists():
            write_whole(self._run.folder / METRICS, text.encode())
        used = kept[-1]["seconds"] if kept else 0.0
        self._begin = time.perf_counter() - used
        started = datetime.now(UTC) - timedelta(seconds=used)
        self.write(started=started.isoformat(timespec="seconds"))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        if error is not None:
            ours = isinstance(error, BioSkipGramError)
            text = str(error) if ours else f"{type(error).__name__}: {error}"
            self.write(state="failed", error=text)

    def write(self, **changes: Any) -> None:
        """Change fields of the status and put it on disk if that can be."""
        self._status = Status(**{**_shallow(self._status), **changes, "updated": _now()})
        with contextlib.suppress(CheckpointError):
            _write_status(self._run, self._status)
        self._written = time.perf_counter()

    def step(self, progress: Progress) -> None:
        """Record a step: a metrics line where a loss was evaluated, the status now and then."""
        if not math.isnan(progress.loss) and self._is_time(progress):
            line = {**asdict(progress), "seconds": time.perf_counter() - self._begin}
            with (
                contextlib.suppress(OSError),
                (self._run.folder / METRICS).open("a", encoding="utf-8") as file,
            ):
                file.write(json.dumps(_plain(line)) + "\n")
        if time.perf_counter() - self._written > _SECONDS_BETWEEN_WRITES:
            self.write(stage="training", progress=progress)

    @staticmethod
    def _is_time(progress: Progress) -> bool:
        """Return whether this is one of some 200 steps whose loss is kept."""
        return progress.step % max(1, progress.steps // 200) == 0 or progress.step == progress.steps


def _metric(line: str) -> dict[str, float] | None:
    """Return a line of metrics; None for one that is cut short."""
    try:
        values: dict[str, float] = json.loads(line)
    except ValueError:
        return None
    return values


def _write_status(run: Run, status: Status) -> None:
    text = json.dumps(_plain(asdict(status)), allow_nan=False)
    write_whole(run.folder / "status.json", text.encode())


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
