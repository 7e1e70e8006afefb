"""A quality report made in the background: seeds and nulls are trained by a process of its own."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

from bioskipgram.files import write_whole
from bioskipgram.jobs.job import Job

from . import beside


@dataclass(frozen=True)
class QualityJob(Job):
    """Trains seeds and nulls of a model, and writes the report beside it.

    Nothing is ever written to its place: the report that is there stays until the new one is whole.
    """

    model: Path

    @classmethod
    def of(cls, model: str | Path) -> Self:
        """Return the job of a model."""
        return cls(beside.remade(model, "asked", "quality"), Path(model))

    @property
    def sequences(self) -> Path:
        """Where sequences that were uploaded for it are, for the user alone, while it runs."""
        return self.place.with_suffix(".sequences")

    def start(self, sequences: list[Path] | bytes, *, name: str, seeds: int, shuffles: int) -> None:
        """Start its process on the training sequences, files or uploaded bytes called `name`.

        Raises
        ------
        CheckpointError
            If nothing can be written beside the model.
        """
        if isinstance(sequences, bytes):
            write_whole(self.sequences, sequences, mode=0o600)
            sequences = [self.sequences]
        files = [str(path.resolve()) for path in (self.model, *sequences)]
        numbers = [f"--seeds={seeds}", f"--nulls={shuffles}"]
        self.launch(["bioskipgram", "quality", *files, "--keep", f"--name={name}", *numbers])

    def forget_sequences(self) -> None:
        """Remove the uploaded sequences; a running process keeps what it has read."""
        self.sequences.unlink(missing_ok=True)
