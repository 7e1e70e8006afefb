"""A training run on disk: a folder written by its process, which anyone may read.

::

    <run>/status.json          state, stage, progress, settings; replaced whole, never half written
    <run>/metrics.jsonl        one line per recorded step
    <run>/log.txt              what the process printed
    <run>/sequences            the uploaded sequences, where there was an upload; for the user alone
    <run>/state.safetensors    all that is needed to resume, while it is not finished
    <run>/model.safetensors    the model, once there is one

The process is ``python -m bioskipgram train … --run DIR`` in a session of its own: closing the
page, or killing the dashboard, leaves it running. A run that was killed can be resumed.
"""

import contextlib
import os
import re
import shutil
import signal
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from bioskipgram.config import SAVE_EVERY, TrainConfig
from bioskipgram.errors import CheckpointError, ConfigError, TrainingError
from bioskipgram.files import write_whole
from bioskipgram.jobs.locks import alone
from bioskipgram.jobs.process import launch
from bioskipgram.jobs.status import read_end

from .recorder import AT_ONCE as AT_ONCE
from .recorder import LARGEST, METRICS, MODEL, STATE, STATUS, Recorder, Status, moment, read_metrics

UPLOAD = "sequences"
LOG = "log.txt"
ENDED = ("finished", "stopped", "failed", "damaged")
MAX_WAITING = 20
"""The most runs that may be active, waiting ones included."""


@dataclass(frozen=True)
class Run:
    """One run's folder."""

    folder: Path

    @property
    def name(self) -> str:
        """The name of the run."""
        return self.folder.name

    @property
    def model(self) -> Path:
        """Where its model is, or will be."""
        return self.folder / MODEL

    @property
    def resumable(self) -> bool:
        """Whether it ended early and left a state to resume from."""
        status = self.status()
        if status.state not in ("stopped", "failed") or not self.sequences_paths(status):
            return False
        return os.path.lexists(self.folder / STATE)

    def sequences_paths(self, status: Status) -> list[Path]:
        """Return the paths of its sequences; none where they are not recorded."""
        upload = self.folder / UPLOAD  # wherever the folder was when the status was written
        if os.path.lexists(upload):
            return [upload]
        return [Path(path) for path in status.path.splitlines()]

    def status(self) -> Status:
        """Return how the run stands; "failed" without its process, "damaged" with a bad record."""
        try:
            status = Status.read(self.folder / STATUS)
        except CheckpointError as error:
            why = f"{self.name}: its record cannot be used: {error}; delete the run"
            now = moment()
            return Status(
                state="damaged", stage="", error=why, source="", config={}, started=now, updated=now
            )
        if status.active and not status.owner.alive:
            return replace(status, state="failed", error=status.gone(self.log()))
        return status

    def metrics(self) -> list[dict[str, float]]:
        """Return the recorded steps: the fields of `Progress`, and seconds since the start."""
        return read_metrics(self.folder / METRICS)

    def log(self, characters: int = 4000) -> str:
        """Return the end of what the process printed, plain text."""
        try:
            # Bytes: as text, Python would read the carriage returns as line ends.
            text = read_end(self.folder / LOG, LARGEST).decode("utf-8", "replace")
        except OSError:
            return ""
        # A progress bar redraws its line with carriage returns: keep the last drawing.
        return "\n".join(line.rsplit("\r", 1)[-1] for line in text.split("\n"))[-characters:]

    def stop(self) -> None:
        """Ask the process to stop; it saves what it has learnt."""
        status = self.status()
        if not status.active:
            return
        if status.state == "waiting":
            status.owner.end()
        else:
            status.owner.send(signal.SIGTERM)
        if status.stage == "starting":  # too early for the process to write it itself
            replace(status, state="stopped", updated=moment()).write(self.folder / STATUS)

    def delete(self) -> None:
        """Delete the run's folder, model and sequences included; a TrainingError while it runs."""
        with self._idle("deleted"), contextlib.suppress(FileNotFoundError):
            if self.folder.is_symlink():
                self.folder.unlink()
            else:
                shutil.rmtree(self.folder)

    def rename(self, name: str) -> "Run":
        """Give the run another name and return it.

        A ConfigError for other characters or a name in use, a TrainingError if it is running.
        """
        new = Run(self.folder.with_name(_allowed(name)))
        with self._idle("renamed"):
            _make_free(new)
            self.folder.rename(new.folder)
        return new

    @contextlib.contextmanager
    def _idle(self, done: str) -> Iterator[None]:
        """Lock the run: no process may be running, and none can be started meanwhile."""
        with alone(self.folder.parent), alone(self.folder):
            if self.status().active:
                raise TrainingError(f"{self.name}: an active run cannot be {done}; stop it first")
            try:
                yield
            except OSError as error:
                raise TrainingError(
                    f"{self.name}: it cannot be {done} ({error.strerror}); look at its folder"
                ) from error


def start(
    source: Path | list[Path] | bytes, config: TrainConfig, *, root: Path, name: str, title: str
) -> Run:
    """Start a training process and return its run, a folder `name` of `root`.

    `title` is the name of the sequences as shown. A ConfigError for other characters than letters,
    digits, ``-`` and ``_`` or a name in use; a TrainingError or CheckpointError if the folder
    cannot be made or written, and nothing of the run is left then.
    """
    run = Run(root / _allowed(name))
    with alone(root):
        _make_free(run)
        if sum(each.status().active for each in all_runs(root)) >= MAX_WAITING:
            raise TrainingError(
                f"{MAX_WAITING} runs are active or waiting, the most there may be; wait for one to "
                "end, or stop one"
            )
        try:
            run.folder.mkdir(parents=True)
        except OSError as error:
            raise TrainingError(f"{root}: no run can be made there ({error.strerror})") from error
        try:
            if isinstance(source, bytes):
                write_whole(run.folder / UPLOAD, source, mode=0o600)
                source = run.folder / UPLOAD
            with alone(run.folder):
                _launch(run, source if isinstance(source, list) else [source], config, title)
        except BaseException:
            shutil.rmtree(run.folder, ignore_errors=True)
            raise
    return run


def resume(run: Run) -> None:
    """Continue a run from its saved state; a TrainingError if it has none or did not end early."""
    with alone(run.folder):
        status = run.status()
        sources = run.sequences_paths(status)
        if not run.resumable:
            raise TrainingError(f"{run.name}: there is no state to resume; start a new run")
        config = TrainConfig.from_dict(status.config)
        _launch(run, sources, config, status.source, resume=True)


def _allowed(name: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{0,59}", name):
        raise ConfigError(
            f"name: {name!r} is not 1 to 60 letters, digits, - and _, with a letter or digit first"
        )
    return name


def _make_free(run: Run) -> None:
    """Raise a ConfigError if a run's name is taken; remove what an interrupted start left there."""
    if not os.path.lexists(run.folder):
        return
    with contextlib.suppress(OSError):
        if {path.name for path in run.folder.iterdir()} <= {UPLOAD, LOG}:
            shutil.rmtree(run.folder)
            return
    raise ConfigError(f"name: there is a run called {run.name!r} already; choose another")


def _launch(
    run: Run, sources: list[Path], config: TrainConfig, title: str, *, resume: bool = False
) -> None:
    """Start the process of a run whose folder's lock is held."""
    paths = [str(source.resolve()) for source in sources]
    listed = "\n".join(paths)
    values = [f"--{key.replace('_', '-')}={value}" for key, value in asdict(config).items()]
    command = ["bioskipgram", "train", *paths, *values, "--run", str(run.folder.resolve())]
    command += [f"--title={title}", "--layouts", "--queue", f"--save-every={SAVE_EVERY}"]
    process = launch(
        command + (["--resume"] if resume else []), log=run.folder / LOG, append=resume
    )
    try:
        recorder = Recorder(run.folder, source=title, config=config, path=listed, process=process)
        # The process takes seconds to import torch before it writes its own first status.
        recorder.status.write(run.folder / STATUS)
    except CheckpointError:
        process.end()
        raise


def all_runs(root: Path) -> list[Run]:
    """Return the runs in a folder, newest first."""
    found = []
    for path in root.glob(f"*/{STATUS}"):
        with contextlib.suppress(OSError):  # deleted since it was listed
            if path.parent.name.isprintable():
                found.append((path.parent.stat().st_ctime, Run(path.parent)))
    return [run for _, run in sorted(found, key=lambda each: each[0], reverse=True)]
