"""Messages and progress on standard error."""

import contextlib
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bioskipgram.jobs.progress import Progress
    from bioskipgram.training.trainer import Training


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
    from tqdm import tqdm

    tqdm.write(f"bioskipgram: {text}", file=SafeStderr())


def bar(training: "Training") -> "Iterator[Progress]":
    """Yield what the trainer yields, drawing a progress bar on standard error."""
    from tqdm import tqdm

    done = training.last.step if training.last else 0
    settings = {"unit": "step", "mininterval": 0.5, "dynamic_ncols": True, "file": SafeStderr()}
    with tqdm(initial=done, disable=not training.group.first, **settings) as drawn:
        for progress in training:
            drawn.total = progress.steps
            if progress.loss == progress.loss:  # not NaN
                drawn.set_postfix_str(f"loss {progress.loss:.4f}", refresh=False)
            drawn.update()
            yield progress
