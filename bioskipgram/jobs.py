"""A background process: its lock, its turn and its status file."""

import contextlib
import fcntl
import json
import os
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Self

from .errors import BioSkipGramError, CheckpointError
from .files import write_whole
from .threads import cores

THREADS = 2
"""Of one layout, at most."""
_SECONDS_BETWEEN_WRITES = 0.5
_QUEUE = "bioskipgram-layouts-{user}-{slot}.lock"


@dataclass(frozen=True, kw_only=True)
class Status:
    """How a layout in the making stands.

    Attributes
    ----------
    state
        "waiting" for another to end, "running" or "failed".
    stage
        What it is doing.
    share
        How much of that stage is done, 0 to 1.
    seconds_left
        Of that stage; None = not known yet.
    error
        One sentence, where it failed.
    process
        Its process number.
    """

    state: str = "waiting"
    stage: str = "starting"
    share: float = 0.0
    seconds_left: float | None = None
    error: str = ""
    process: int

    @property
    def active(self) -> bool:
        """Whether the layout is still to come."""
        return self.state in ("waiting", "running")


@contextlib.contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Hold a folder's lock: two that ask for a layout at once start one process."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(folder, os.O_RDONLY)
    except OSError as error:
        raise CheckpointError(
            f"{folder}: no layout can be kept there ({error.strerror}); "
            "copy the model to a folder that can be written to"
        ) from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


class Report:
    """The writing side: a context that waits its turn, tells how far it is, and how it ends.

    Parameters
    ----------
    file
        The status file; None = nobody watches, and there is nothing to wait for.
    """

    def __init__(self, file: Path | None) -> None:
        self._file, self._turn = file, -1
        self._status = Status(process=os.getpid())
        self._written = self._began = time.monotonic()

    def __enter__(self) -> Self:
        if self._file is not None:
            os.nice(10)
            write_status(self._file, self._status)
            self._turn = _turn()
        return self

    def tell(self, stage: str, share: float) -> None:
        """Say that this share of a stage is done."""
        now, old = time.monotonic(), self._status
        if stage != old.stage:
            self._began = now
        elapsed = now - self._began
        left = elapsed * (1 - share) / share if share > 0.02 and elapsed > 1 else None
        new = replace(old, state="running", stage=stage, share=share, seconds_left=left)
        if self._file is None or (
            stage == old.stage and now - self._written < _SECONDS_BETWEEN_WRITES
        ):
            return
        self._status, self._written = new, now
        with contextlib.suppress(CheckpointError):  # a full disk: the layout's own writing tells
            write_status(self._file, new)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        if self._file is None:
            return
        if error is None:
            self._file.unlink(missing_ok=True)
        else:
            ours = isinstance(error, BioSkipGramError)
            text = str(error) if ours else f"{type(error).__name__}: {error}"
            with contextlib.suppress(CheckpointError):
                write_status(self._file, replace(self._status, state="failed", error=text))
        if self._turn >= 0:
            os.close(self._turn)


def _turn() -> int:
    """Wait until fewer layouts are computed than there are pairs of cores; return the lock.

    The kernel lets go of it when the process ends, however it ends.
    """
    slots = max(1, cores() // THREADS)
    folder = Path(tempfile.gettempdir())
    paths = [folder / _QUEUE.format(user=os.getuid(), slot=slot) for slot in range(slots)]
    flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW
    handles = [os.open(path, flags, 0o600) for path in paths]
    while True:
        for handle in handles:
            with contextlib.suppress(BlockingIOError):
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                for other in handles:
                    if other != handle:
                        os.close(other)
                return handle
        time.sleep(0.3)


def write_status(file: Path, status: Status) -> None:
    """Write the status file, whole or not at all."""
    write_whole(file, json.dumps(asdict(status)).encode())


def alive(process: int) -> bool:
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
