"""The status file: what a process says about itself; read with every check, written whole."""

import contextlib
import errno
import json
import math
import os
import stat
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, is_dataclass, replace
from pathlib import Path
from types import NoneType, TracebackType, UnionType
from typing import Any, Generic, Self, TypeVar, get_args, get_origin

from bioskipgram.errors import CheckpointError
from bioskipgram.files import write_whole

from .ending import in_words, told
from .locks import alone, hold
from .process import Process

T = TypeVar("T")
S = TypeVar("S", bound="Status")
STATES = ("waiting", "running", "finished", "stopped", "failed", "damaged")
_SECONDS_BETWEEN_WRITES = 0.4
_LARGEST = 1 << 20
"""Bytes of the largest status file that is read."""
UNREADABLE = (OSError, ValueError, TypeError, ArithmeticError, RecursionError)
"""What reading a file with absurd contents may raise."""


@dataclass(frozen=True, kw_only=True)
class Status:
    """How a process stands.

    `state` is "waiting" for its turn, "running", "finished", "stopped", "failed", or "damaged" (the
    status file cannot be read); `share` (0 to 1) of the `stage` is done, `seconds_left` of it (None
    = not known). A status of version 0.1.0 does not say when the process was `born`.
    """

    state: str = "waiting"
    stage: str = "starting"
    share: float = 0.0
    seconds_left: float | None = None
    error: str = ""
    process: int = 0
    born: str = ""

    def __post_init__(self) -> None:
        if self.state not in STATES:
            raise ValueError(f"state {self.state!r:.40}")
        if not 0 <= self.process < 2**31:  # -1 means many processes
            raise ValueError(f"process {self.process}")
        if not 0 <= self.share <= 1:
            raise ValueError(f"share {self.share}")

    @property
    def active(self) -> bool:
        """Whether the process has still to do something."""
        return self.state in ("waiting", "running")

    @property
    def owner(self) -> Process:
        """The process; of number 0, which no program has, where none was started yet."""
        return Process(self.process, self.born)

    def gone(self, printed: str) -> str:
        """Return how its process ended that did not say so, from the end of what it printed."""
        return told(printed, self.process, restarted=self.owner.before_restart)

    @classmethod
    def read(cls, file: Path) -> Self:
        """Return the status in a file; a CheckpointError if there is none or a value is wrong."""
        try:
            return from_json(cls, json.loads(read_end(file, _LARGEST)))
        except UNREADABLE as error:
            why = str(error)[:200]
            raise CheckpointError(f"{file.name}: no status can be read ({why})") from error

    def write(self, file: Path) -> None:
        """Write the status, whole or not at all."""
        write_whole(file, to_json(self).encode())


class StatusWriter(Generic[S]):
    """The writing side: a context that waits for its turn, and records how its block ends.

    Once begun it does not raise where the disk is full: the work is worth more than its record.
    `file` None = nobody watches, and there is nothing to wait for; `queue` are locks of which one
    is held while the block runs, see `locks.turns`.
    """

    def __init__(self, file: Path | None, status: S, *, queue: Sequence[str] = ()) -> None:
        self._file, self.status, self._queue = file, status, queue
        self._turn, self._written = -1, -math.inf

    def __enter__(self) -> Self:
        self.begin()
        return self

    def begin(self) -> None:
        """Write the first status (a CheckpointError if it cannot be), and wait for a turn."""
        if self._file is None:
            return
        with alone(self._file.parent):  # whoever started this process writes before it does
            self.status.write(self._file)
        if self._queue:
            self._turn = hold(self._queue)

    def write(self, **changes: Any) -> None:
        """Change fields of the status and put it on disk if that can be."""
        self.status = replace(self.status, **changes)
        self._written = time.monotonic()
        if self._file is not None:
            with contextlib.suppress(CheckpointError):
                self.status.write(self._file)

    @property
    def due(self) -> bool:
        """Whether the last writing is so long ago that the next step is worth another."""
        return time.monotonic() - self._written > _SECONDS_BETWEEN_WRITES

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        if error is not None:
            self.write(state="failed", error=in_words(error))
        if self._turn >= 0:
            os.close(self._turn)


# Files that anyone may have changed ----------------------------------------------------------


def read_end(path: Path, most: int) -> bytes:
    """Return at most so many last bytes of a regular file; reading others might never end."""
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        facts = os.fstat(handle)
        if not stat.S_ISREG(facts.st_mode):
            raise OSError(errno.EINVAL, "not a regular file")
        return os.pread(handle, most, max(0, facts.st_size - most))
    finally:
        os.close(handle)


def to_json(made: Any) -> str:
    """Return a dataclass as JSON, which has neither NaN nor infinity: null stands for them."""
    return json.dumps(_plain(asdict(made)), allow_nan=False)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    return None if isinstance(value, float) and not math.isfinite(value) else value


def from_json(kind: type[T], values: object) -> T:
    """Return a dataclass of what JSON gave, after checking that each value fits its field.

    A ValueError, TypeError or OverflowError for a wrong value or a missing or unknown field.
    """
    if not isinstance(values, dict):
        raise ValueError("no JSON object")
    types = {spec.name: spec.type for spec in fields(kind)}  # type: ignore[arg-type]
    if unknown := values.keys() - types.keys():
        raise ValueError(f"unknown field {min(unknown)!r:.80}")
    return kind(**{name: _fitting(name, value, types[name]) for name, value in values.items()})


def _fitting(name: str, value: Any, wanted: Any) -> Any:
    """Return a value as its field wants it: text that can be encoded, numbers that are finite."""
    kinds = get_args(wanted) if isinstance(wanted, UnionType) else (get_origin(wanted) or wanted,)
    if value is None and NoneType in kinds:
        return None
    if float in kinds and (value is None or type(value) in (int, float)):
        number = math.nan if value is None else float(value)
        return None if NoneType in kinds and not math.isfinite(number) else number
    if type(value) in kinds and not (type(value) is int and abs(value) >= 2**53):
        return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value
    if is_dataclass(kinds[0]) and isinstance(kinds[0], type):
        return from_json(kinds[0], value)
    raise ValueError(f"{name} is {value!r:.80}")
