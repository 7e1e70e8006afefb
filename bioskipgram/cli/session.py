"""A training session on the command line, which can be stopped and resumed."""

import contextlib
import signal
import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from bioskipgram.config import TrainConfig
from bioskipgram.errors import BioSkipGramError

from .console import bar, log

if TYPE_CHECKING:
    from bioskipgram.model.embedding import KmerEmbedding
    from bioskipgram.training.distributed import Group
    from bioskipgram.training.recorder import Recorder
    from bioskipgram.training.resume import Checkpointer
    from bioskipgram.training.trainer import Training


SWEEP_AFTER = 60.0
"""Age in seconds at which a temporary file is abandoned."""


class StopRequest:
    """Turns SIGINT and SIGTERM into a flag, so that the model is saved.

    A second SIGINT ends the program at once.
    """

    def __init__(self) -> None:
        self.asked = False
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._ask)

    def _ask(self, number: int, frame: object) -> None:
        if self.asked and number == signal.SIGINT:
            raise KeyboardInterrupt
        self.asked = True


def go_on(training: "Training", state: Path) -> None:
    """Resume `training` from a saved state, or log that there is none."""
    from bioskipgram.training.resume import restore

    first = training.group.first
    if first:
        _sweep(state.parent)
    if not training.group.any(first and state.exists()):
        if first:
            log(f"no saved state at {state}: starting from the beginning")
        return
    restore(training, state)
    if training.last and first:
        log(f"going on after step {training.last.step:,} of {training.last.steps:,}")


def _sweep(folder: Path) -> None:
    """Remove temporary files of killed processes, but not those being written."""
    for path in folder.glob(".*.part"):
        with contextlib.suppress(FileNotFoundError):
            if time.time() - path.stat().st_mtime > SWEEP_AFTER:
                path.unlink()


def fit(
    training: "Training",
    checkpointer: "Checkpointer",
    recorder: "Recorder | None",
    stop: StopRequest,
) -> bool:
    """Train to the end or a stop request; return whether the end was reached."""
    reached, group = True, training.group
    for progress in bar(training):
        if recorder:
            recorder.step(progress)
        checkpointer.step()
        _pass_on(checkpointer, recorder)
        if group.any(stop.asked):
            reached = progress.step == progress.steps
            break
    if not reached:
        checkpointer.save()
        _pass_on(checkpointer, recorder)
    if recorder and training.last is not None:
        recorder.write(progress=training.last)
    return reached


def _pass_on(checkpointer: "Checkpointer", recorder: "Recorder | None") -> None:
    """Log once why states cannot be saved, and update the run's status."""
    news = checkpointer.news()
    if news:
        log(f"{news}; training goes on")
    if recorder and news is not None:
        recorder.write(warning=news)


def save_model(
    embedding: "KmerEmbedding",
    path: Path,
    checkpointer: "Checkpointer",
    *,
    half: bool,
    finished: bool,
    group: "Group",
) -> None:
    """Save the model, of a group the first does; the state then goes if training is finished.

    Raises
    ------
    CheckpointError
        If the model cannot be written; the newest state is then kept, to go on from later.
    """
    from bioskipgram.model import checkpoint

    try:
        with group.together():
            if group.first:
                checkpoint.save(embedding, path, half=half)
    except BioSkipGramError:
        checkpointer.save()
        raise
    if finished:
        checkpointer.discard()


def same_model(out: Path, config: TrainConfig, sha256: str) -> "KmerEmbedding | None":
    """Return the model at `out` if it is of these settings and these sequences."""
    from bioskipgram.model import checkpoint
    from bioskipgram.training.resume import difference

    embedding = checkpoint.load(out)
    info = embedding.info
    same = info.sha256 == sha256 and not difference(config, asdict(info.config))
    return embedding if same and info.steps_done else None
