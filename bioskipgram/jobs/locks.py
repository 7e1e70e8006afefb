"""Locks between processes: one for each folder, and a queue of those who wait for their turn."""

import contextlib
import fcntl
import hashlib
import math
import os
import stat
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from bioskipgram.errors import CheckpointError


@contextlib.contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Hold a folder's lock: of two that ask for a process at once, one starts it."""
    name = hashlib.sha256(os.fsencode(folder.resolve())).hexdigest()[:16]
    handle = hold([f"folder-{name}"], patience=30.0)
    try:
        yield
    finally:
        os.close(handle)


def turns(queue: str, at_once: int) -> list[str]:
    """Return the locks of a queue: each process that works holds one, the others wait for one."""
    return [f"{queue}-{place}" for place in range(at_once)]


def hold(names: Sequence[str], *, patience: float = math.inf) -> int:
    """Wait until one of some locks is free, take it and return its handle.

    Closing the handle frees the lock; so does the kernel when the process ends, however it ends.
    A CheckpointError if there is no place for locks, or none was free for `patience` seconds.
    """
    folder, give_up = _lock_folder(), time.monotonic() + patience
    with contextlib.ExitStack() as opened:
        handles = []
        try:
            for name in names:
                flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW
                handles.append(os.open(folder / f"{name}.lock", flags, 0o600))
                opened.callback(os.close, handles[-1])
        except OSError as error:
            raise CheckpointError(f"{folder}: no lock can be made there ({error})") from error
        while True:
            for handle in handles:
                with contextlib.suppress(BlockingIOError):
                    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    return os.dup(handle)  # which keeps the lock when this block closes `handle`
            if time.monotonic() > give_up:
                raise CheckpointError(f"{folder}: another process holds {names[0]}; try again")
            time.sleep(0.1)


def _lock_folder() -> Path:
    """Return a folder that only this user can open: nobody else can hold a lock in it."""
    home = os.path.expanduser("~/.cache")  # noqa: PTH111 - Path.home() may raise
    for parent in (os.environ.get("XDG_RUNTIME_DIR"), os.environ.get("TMPDIR"), "/tmp", home):
        if not parent:
            continue
        folder = Path(parent) / f"bioskipgram-{os.getuid()}"
        with contextlib.suppress(OSError, ValueError):
            folder.mkdir(mode=0o700, exist_ok=True)
            facts = folder.lstat()
            private = stat.S_ISDIR(facts.st_mode) and not facts.st_mode & 0o077
            if private and facts.st_uid == os.getuid():
                return folder
    raise CheckpointError(
        "no private folder for locks can be made; set XDG_RUNTIME_DIR to a folder of your own"
    )
