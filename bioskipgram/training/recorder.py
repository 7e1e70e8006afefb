"""The records of a training run: its status and its losses."""

import contextlib
import json
import math
import os
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bioskipgram.config import TrainConfig
from bioskipgram.files import write_whole
from bioskipgram.jobs.locks import turns
from bioskipgram.jobs.process import Process
from bioskipgram.jobs.progress import Progress
from bioskipgram.jobs.status import UNREADABLE, StatusWriter, from_json, read_end, to_json
from bioskipgram.jobs.status import Status as JobStatus
from bioskipgram.numerics.threads import cores

MODEL = "model.safetensors"
STATE = "state.safetensors"
METRICS = "metrics.jsonl"
STATUS = "status.json"
AT_ONCE = max(2, cores() // 2)
"""How many queued runs work at once."""
LARGEST = 4 << 20
"""The most bytes read from the end of the metrics or of a log."""


@dataclass(frozen=True, kw_only=True)
class Status(JobStatus):
    """How a run stands, for its record on disk.

    `stage` is "starting", "reading", "counting", "training", "saving", "mapping" or "indexing";
    `warning` a problem that does not end the run; times are UTC, ISO 8601, and the start of a
    resumed run is earlier by the time it had used.
    """

    state: str = "running"
    source: str
    path: str = ""
    config: dict[str, Any]
    progress: Progress | None = None
    warning: str = ""
    started: str
    updated: str

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.progress and not 0 <= self.progress.step <= max(1, self.progress.steps):
            raise ValueError(f"step {self.progress.step} of {self.progress.steps}")
        if any(isinstance(value, dict | list) for value in self.config.values()):
            raise ValueError("config holds more than settings")
        _ = self.seconds

    @property
    def seconds(self) -> float:
        """Seconds of work, over all its processes."""
        begin, end = (datetime.fromisoformat(text) for text in (self.started, self.updated))
        return max(0.0, (end - begin).total_seconds())


@dataclass(frozen=True)
class Metric(Progress):
    """A recorded step: its progress, and the seconds since the run was started."""

    seconds: float


def read_metrics(path: Path) -> list[dict[str, float]]:
    """Return the recorded steps; a line that is cut short or malformed is left out."""
    found = []
    with contextlib.suppress(OSError):
        for line in read_end(path, LARGEST).splitlines():
            with contextlib.suppress(*UNREADABLE):
                metric = from_json(Metric, json.loads(line))
                if math.isfinite(metric.loss):
                    found.append(asdict(metric))
    return found


def moment(seconds: float = 0.0, *, after: str = "") -> str:
    """Return the time so many seconds after another one or, by default, after now: ISO 8601."""
    begin = datetime.fromisoformat(after) if after else datetime.now(UTC)
    return (begin + timedelta(seconds=seconds)).isoformat(timespec="seconds")


class Recorder(StatusWriter[Status]):
    """The writing side of a run: a context that records how it ends.

    With `queue` it waits while other such runs work: two, or half as many as cores.
    """

    def __init__(
        self,
        folder: Path,
        *,
        source: str,
        config: TrainConfig,
        path: str = "",
        process: Process | None = None,
        queue: bool = False,
    ) -> None:
        own, now = process or Process.of(os.getpid()), moment()
        status = Status(
            state="waiting" if queue else "running", process=own.number, born=own.born,
            source=source, path=path, config=asdict(config), started=now, updated=now,
        )  # fmt: skip
        places = turns("trainings", AT_ONCE) if queue else ()
        super().__init__(folder / STATUS, status, queue=places)
        self._metrics, self._begin = folder / METRICS, time.monotonic()

    def begin(self) -> None:
        """Write the first status, and wait for a turn."""
        super().begin()
        if self._queue:
            self.write(state="running")

    def rewind(self, step: int) -> None:
        """Delete what was recorded after a step, and count the time used until then."""
        kept = [line for line in read_metrics(self._metrics) if line["step"] <= step]
        if kept or (self._metrics).exists():
            text = "".join(json.dumps(line) + "\n" for line in kept)
            write_whole(self._metrics, text.encode())
        used = kept[-1]["seconds"] if kept else 0.0
        self._begin = time.monotonic() - used
        self.write(started=moment(-used))

    @property
    def seconds(self) -> float:
        """Seconds of work, independent of changes to the machine's clock."""
        return time.monotonic() - self._begin

    def write(self, **changes: Any) -> None:
        """Change fields of the status and write it if possible."""
        started = changes.get("started", self.status.started)
        super().write(updated=moment(self.seconds, after=started), **changes)

    def step(self, progress: Progress) -> None:
        """Record a step: a metrics line where a loss was evaluated, the status at intervals."""
        step, every = progress.step, max(1, progress.steps // 200)  # so many losses are kept
        if not math.isnan(progress.loss) and (step % every == 0 or step == progress.steps):
            line = Metric(**asdict(progress), seconds=self.seconds)
            with contextlib.suppress(OSError), self._metrics.open("a", encoding="utf-8") as file:
                file.write(to_json(line) + "\n")
        if self.due:
            share, left = step / max(1, progress.steps), progress.seconds_left
            self.write(stage="training", progress=progress, share=share, seconds_left=left)
