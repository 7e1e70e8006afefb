"""Messages and progress on standard error."""

import contextlib
import sys
from collections.abc import Iterable
from typing import Any

from tqdm import tqdm


class SafeStderr:
    """Standard error that ignores write errors, as on a full disk."""

    def write(self, text: str) -> None:
        """Write text if possible."""
        with contextlib.suppress(OSError):
            sys.stderr.write(text)

    def flush(self) -> None:
        """Flush if possible."""
        with contextlib.suppress(OSError):
            sys.stderr.flush()

    def fileno(self) -> int:
        """Return the descriptor, by which a bar finds the terminal's width."""
        return sys.stderr.fileno()

    def isatty(self) -> bool:
        """Return whether this is a terminal."""
        return sys.stderr.isatty()


def log(text: str) -> None:
    """Write a line to standard error, above a progress bar if there is one."""
    tqdm.write(f"bioskipgram: {text}", file=SafeStderr())


def bar(items: Iterable[Any] | None = None, total: int | None = None, **settings: Any) -> Any:
    """Return tqdm's progress bar over some items, on standard error."""
    shared = {"mininterval": 0.5, "dynamic_ncols": True, "file": SafeStderr()}
    return tqdm(items, total=total, **shared | settings)
