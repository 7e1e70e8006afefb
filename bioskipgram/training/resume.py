"""A training run's state <-> one safetensors file, so that a killed run loses seconds, not hours.

Tensors: those of the trainer's ``state()``. The metadata holds ``format`` ("bioskipgram-state/1"),
``facts`` (JSON: settings, trainer, SHA-256 of the sequences, the newest progress, seconds so far)
and ``sha256`` (over the tensors and the facts).
"""

import json
import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bioskipgram.config import TrainConfig
from bioskipgram.errors import BioSkipGramError, CheckpointError
from bioskipgram.files import FileKind
from bioskipgram.jobs.progress import Progress
from bioskipgram.jobs.status import from_json
from bioskipgram.numerics.arrays import State

if TYPE_CHECKING:
    from .trainer import Training


FORMAT = "bioskipgram-state/1"
STATE = FileKind(
    format=FORMAT,
    cure="start again without resume, or use the version that wrote it",
    facts=("facts",),
)
FREE = ("threads", "device")
"""Settings that may differ between the run that saved a state and the one that resumes."""
MOST_TIME = 0.05
"""The largest share of the time that goes into saving states."""


def save(training: "Training", path: Path) -> None:
    """Write all that `training` needs to continue; in a group the first process does.

    A CheckpointError if it cannot be written; an older state there is kept.
    """
    state = training.trainer.state()
    if not training.group.first:
        return
    facts = {
        "config": asdict(training.config), "trainer": type(training.trainer).__name__,
        "source": training.sha256, "seconds": training.seconds,
        "progress": asdict(training.last) if training.last else None,
    }  # fmt: skip
    STATE.write(path, state, facts=json.dumps(facts))


def restore(training: "Training", path: Path) -> None:
    """Make `training` continue after the step at which a state was saved.

    A CheckpointError if the file is missing, damaged, or of other settings or sequences.
    """
    group = training.group
    tensors: State = {}
    facts: dict[str, Any] = {}
    with group.together():
        if group.first:
            tensors, facts = load(path)
            _check(training, facts, path)
    tensors, facts = group.state(tensors), json.loads(group.text(json.dumps(facts)))
    with group.together():
        try:
            training.trainer.restore(tensors)
        except (LookupError, ValueError, RuntimeError, TypeError, ArithmeticError) as error:
            raise CheckpointError(
                f"{path.name}: this version's trainer cannot resume from it ({error}); "
                "start again without resume"
            ) from error
    training.last = Progress(**facts["progress"]) if facts["progress"] else None
    training.seconds_before = facts["seconds"]


def load(path: Path) -> tuple[State, dict[str, Any]]:
    """Return a state's tensors and its facts, checked against its checksum."""
    return STATE.read(path, lambda tensors, facts: (tensors, _facts(facts["facts"])))


def _facts(text: str) -> dict[str, Any]:
    """Return the facts beside the tensors after checking those that are used as they are."""
    facts: dict[str, Any] = json.loads(text)
    if not isinstance(facts["config"], dict):
        raise ValueError(f"config: {facts['config']!r:.40}")
    if facts["progress"] is not None:
        progress = from_json(Progress, facts["progress"])
        if not 0 <= progress.step <= progress.steps:
            raise ValueError(f"step {progress.step} of {progress.steps}")
        facts["progress"] = asdict(progress)
    if type(facts["seconds"]) not in (int, float) or not 0 <= facts["seconds"] < 1e10:
        raise ValueError(f"seconds: {facts['seconds']!r:.40}")
    return facts | {name: str(facts[name]) for name in ("source", "trainer")}


def _check(training: "Training", facts: dict[str, Any], path: Path) -> None:
    """Raise unless the state is of these settings, this trainer and these sequences."""
    why, trainer = "", type(training.trainer).__name__
    if name := difference(training.config, facts["config"]):
        here, saved = (each.get(name, "unset") for each in (vars(training.config), facts["config"]))
        why = f"with {name.replace('_', '-')} {saved}, not {here}; give the same settings"
    elif facts["source"] != training.sha256:
        why = "from other sequences than these; give the same file"
    elif facts["trainer"] != trainer:
        why = f"by {facts['trainer']}, not {trainer}; name the trainer"
    if why:
        raise CheckpointError(f"{path.name}: saved {why}, or start again without resume")


def difference(config: TrainConfig, saved: dict[str, Any]) -> str:
    """Return the name of the first setting that differs and may not, "" if there is none."""
    here, saved = asdict(config), config.renamed(saved)
    names = [*here, *(name for name in saved if name not in here)]
    absent = object()
    return next(
        (n for n in names if n not in FREE and here.get(n, absent) != saved.get(n, absent)), ""
    )


class Checkpointer:
    """Keeps the newest state of a run on disk; a full disk is a warning, not the end.

    It saves every `every` seconds, less often where a save takes over a twentieth of them.
    """

    def __init__(self, training: "Training", path: Path, *, every: float) -> None:
        self._training, self._path, self._every = training, path, every
        self._next = time.perf_counter() + every
        self.warning = ""
        """Why the newest state could not be saved; "" if it was."""
        self._told = ""

    def step(self) -> None:
        """Save the state if it is time to."""
        group = self._training.group
        if group.any(group.first and time.perf_counter() >= self._next):
            self.save()

    def save(self) -> None:
        """Save the state now; say why in `warning` if that fails."""
        start = time.perf_counter()
        try:
            save(self._training, self._path)
            self.warning = ""
        except BioSkipGramError as error:
            self.warning = f"the state was not saved: {error}"
        end = time.perf_counter()
        self._next = end + max(self._every, (end - start) / MOST_TIME if self._every else 0.0)

    def news(self) -> str | None:
        """Return `warning` if it has changed since the last call, else None."""
        if bool(self.warning) == bool(self._told):
            return None
        self._told = self.warning
        return self.warning

    def discard(self) -> None:
        """Remove the state: the model is finished."""
        if self._training.group.first:
            self._path.unlink(missing_ok=True)
