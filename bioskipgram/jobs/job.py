"""A job: a process that makes one file, with its status beside that file while it does so."""

import contextlib
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType

from bioskipgram.errors import CheckpointError
from bioskipgram.numerics.threads import cores

from .locks import alone, turns
from .process import THREADS, Process, launch, threads_of_one
from .status import Status, StatusWriter, read_end


@dataclass(frozen=True)
class Job:
    """What makes one file, `place`; it stands still until started and when the file is there."""

    place: Path

    @property
    def file(self) -> Path:
        """Where its status is, while there is one."""
        return self.place.with_suffix(".json")

    @property
    def log(self) -> Path:
        """Where its process prints, while there is one."""
        return self.file.with_suffix(".log")

    def status(self) -> Status | None:
        """Return how it stands, None if nobody makes it; one whose process is gone has failed."""
        try:
            status = Status.read(self.file)
        except CheckpointError:  # none, or none of ours
            return None
        if not status.active or status.owner.alive:
            return status
        # It may have ended well since its status was read.
        if not self.file.exists():
            return None
        printed = ""
        with contextlib.suppress(OSError):
            printed = read_end(self.log, 4000).decode("utf-8", "replace")
        return replace(status, state="failed", error=status.gone(printed))

    def launch(self, arguments: Sequence[str]) -> None:
        """Start ``python -m`` with these arguments and ``--status FILE``, unless it is at work.

        A CheckpointError if nothing can be written beside the model.
        """
        folder = self.place.parent
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with alone(folder):
                status = self.status()
                if status is None or not status.active:
                    # A result that is there and was asked for again is damaged.
                    self.place.unlink(missing_ok=True)
                    self._launch([*arguments, "--status", str(self.file.resolve())])
        except OSError as error:
            raise CheckpointError(
                f"{folder}: no layout can be kept there ({error.strerror}); "
                "copy the model to a folder that can be written to"
            ) from error

    def _launch(self, arguments: Sequence[str]) -> None:
        process = launch(arguments, log=self.log, threads=threads_of_one())
        try:
            Status(process=process.number, born=process.born).write(self.file)
        except CheckpointError:
            process.end()
            forget(self.file)
            raise

    def stop(self) -> None:
        """End its process and forget it."""
        status = self.status()
        if status is not None and status.active:
            status.owner.end()
        forget(self.file)


class Report(StatusWriter[Status]):
    """The writing side of a job: its status file, which goes when the result is there.

    `file` None = nobody watches.
    """

    def __init__(self, file: Path | None) -> None:
        own = Process.of(os.getpid())
        # As many at once as there are pairs of cores.
        queue = turns("projections", max(1, cores() // THREADS))
        super().__init__(file, Status(process=own.number, born=own.born), queue=queue)
        self._began = time.monotonic()

    def begin(self) -> None:
        """Write the first status, and wait for a turn, at low priority."""
        if self._file is not None:
            os.nice(10)
        super().begin()

    def on_progress(self, stage: str, share: float) -> None:
        """Say that this share of a stage is done."""
        new = stage != self.status.stage
        if new:
            self._began = time.monotonic()
        if new or self.due:
            elapsed = time.monotonic() - self._began
            left = elapsed * (1 - share) / share if share > 0.02 and elapsed > 1 else None
            self.write(state="running", stage=stage, share=share, seconds_left=left)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        super().__exit__(kind, error, _)
        if error is None and self._file is not None:
            forget(self._file)


def forget(file: Path) -> None:
    """Remove a job's status and its log."""
    for path in (file.with_suffix(".log"), file):  # without a status nothing of it is left
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)
