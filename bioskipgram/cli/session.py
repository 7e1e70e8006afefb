"""A training session on the command line, which can be stopped and resumed."""

import argparse
import contextlib
import time
from contextlib import nullcontext
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from bioskipgram.config import TrainConfig
from bioskipgram.counting.counts import RawCounts
from bioskipgram.counting.pairs import check_countable, trainer_of
from bioskipgram.counting.stream import Counting
from bioskipgram.errors import BioSkipGramError, TrainingError
from bioskipgram.model import checkpoint
from bioskipgram.model.embedding import KmerEmbedding
from bioskipgram.numerics.threads import cores
from bioskipgram.sequences.sequences import BadRecord
from bioskipgram.training.distributed import Group
from bioskipgram.training.estimate import bases_of
from bioskipgram.training.memory import check_memory
from bioskipgram.training.recorder import MODEL, STATE, Recorder
from bioskipgram.training.resume import Checkpointer, difference, restore
from bioskipgram.training.trainer import Training

from .console import bar, log
from .keep import keep_sequences, lay_out
from .models import print_info
from .records import file_sha256, tell_left_out, training_sequences
from .stop import StopRequest

SWEEP_AFTER = 60.0
"""Age in seconds at which a temporary file is abandoned."""


def run(options: argparse.Namespace, config: TrainConfig, stop: StopRequest) -> None:
    """Train, save the model, and print its history."""
    with Group.here(config.device) as group:
        if group.local > 1 and not config.threads:  # this process's share of the machine's cores
            config = replace(config, threads=max(1, cores() // group.local))
        with group.together():
            recorder = _recorder(options, config) if group.first else None
        with recorder or nullcontext():
            _Session(options, config, stop, group, recorder).run()


def _recorder(options: argparse.Namespace, config: TrainConfig) -> Recorder | None:
    if options.run is None:
        return None
    title = options.title or Path(options.sequences).name
    path = str(Path(options.sequences).resolve())
    return Recorder(options.run, source=title, config=config, path=path, queue=options.queue)


@dataclass(frozen=True)
class _Session:
    """One training: its options, who wants it to stop, its processes, and its record if any."""

    options: argparse.Namespace
    config: TrainConfig
    stop: StopRequest
    group: Group
    recorder: Recorder | None

    @property
    def out(self) -> Path:
        """Where the model belongs."""
        path: Path = self.options.out or self.options.run / MODEL
        return path

    @property
    def state(self) -> Path:
        """Where the training's state is saved."""
        if self.options.run:
            return Path(self.options.run / STATE)
        return self.out.with_name(f"{self.out.name.removesuffix('.safetensors')}.{STATE}")

    def run(self) -> None:
        """Train, save the model and what belongs beside it, and print its history."""
        group, embedding, finished = self.group, None, True
        with group.together():
            if self.options.resume and group.first:
                embedding = self._found()
        if not group.any(embedding is not None):
            embedding, finished = self._learn()
        if embedding is None or not group.first:
            return
        self._keep_beside(embedding)
        self._record(state="finished" if finished else "stopped", stage="")
        print_info(embedding, as_json=self.options.json)

    def _record(self, **changes: str) -> None:
        if self.recorder:
            self.recorder.write(**changes)

    def _keep_beside(self, embedding: KmerEmbedding) -> None:
        """Make the maps and keep the sequences that were asked for."""
        options = self.options
        if options.layouts and not self.stop.asked:
            self._record(stage="mapping")
            lay_out(embedding, self.out)
        if options.index and not self.stop.asked:
            self._record(stage="indexing")
            keep_sequences(
                self.out, options.sequences, alphabet=self.config.alphabet,
                sha256=file_sha256(options.sequences), bad=None if options.strict else [],
            )  # fmt: skip

    def _found(self) -> KmerEmbedding | None:
        """Return the model if it is finished: of these settings and these sequences."""
        if self.state.exists() or not self.out.exists():
            return None
        embedding = checkpoint.load(self.out)
        info, sha256 = embedding.info, file_sha256(self.options.sequences)
        same = info.sha256 == sha256 and not difference(self.config, asdict(info.config))
        if not (same and info.steps_done):
            return None
        log(f"{self.out} is finished, with these settings: there is nothing to do")
        return embedding

    def _learn(self) -> tuple[KmerEmbedding, bool]:
        """Return the saved model, and whether its training finished."""
        training = self._prepare()
        if self.options.resume:
            go_on(training, self.state)
        if self.recorder:
            self.recorder.rewind(training.last.step if training.last else 0)
        checkpointer = Checkpointer(training, self.state, every=self.options.save_every)
        self._record(stage="training")
        finished = self._fit(training, checkpointer)
        self._record(stage="saving")
        return self._save(training, checkpointer, finished=finished), finished

    def _prepare(self) -> Training:
        """Return a new training, after reading or counting the sequences."""
        path, config, group = self.options.sequences, self.config, self.group
        exact = trainer_of(config) == "exact"
        self._record(stage="counting" if exact else "reading")
        with group.together():
            check_memory(config, bases_of(path))
            if exact:
                counts = self._count()
                sha256 = counts.digest
            else:
                sequences = training_sequences(path, config, strict=self.options.strict)
                sha256 = file_sha256(path)
        group.same(sha256, Path(path).name)
        return Training(
            group.tally(counts) if exact else sequences, config,
            source=self.options.title or Path(path).name, sha256=sha256, group=group,
        )  # fmt: skip

    def _count(self) -> RawCounts:
        """Return the counts of this process's share of a file, counted behind a progress bar."""
        check_countable(self.config)
        group, bad = self.group, None if self.options.strict else list[BadRecord]()
        shard = (group.rank, group.size)
        counting = Counting(self.options.sequences, self.config, bad=bad, shard=shard)
        with bar(delay=1, disable=not group.first, unit="B", unit_scale=True) as drawn:
            for done in counting:
                drawn.update(done)
                if self.stop.asked:
                    raise TrainingError("stopped while counting: there is nothing learnt to keep")
        tell_left_out(bad if bad and group.first else ())
        # Each process reads the whole file, so each knows its digest.
        return replace(counting.result(), digest=counting.hashed.hexdigest())

    def _fit(self, training: Training, checkpointer: Checkpointer) -> bool:
        """Train to the end or a stop request, behind a bar; return whether the end was reached."""
        reached, group = True, self.group
        done = training.last.step if training.last else 0
        with bar(initial=done, disable=not group.first, unit="step") as drawn:
            for progress in training:
                drawn.total = progress.steps
                if progress.loss == progress.loss:  # not NaN
                    drawn.set_postfix_str(f"loss {progress.loss:.4f}", refresh=False)
                drawn.update()
                if self.recorder:
                    self.recorder.step(progress)
                checkpointer.step()
                self._pass_on(checkpointer)
                if group.any(self.stop.asked):
                    reached = progress.step == progress.steps
                    break
        if not reached:
            checkpointer.save()
            self._pass_on(checkpointer)
        if self.recorder and training.last is not None:
            self.recorder.write(progress=training.last)
        return reached

    def _pass_on(self, checkpointer: Checkpointer) -> None:
        """Log once why states cannot be saved, and update the run's status."""
        news = checkpointer.news()
        if news:
            log(f"{news}; training goes on")
        if news is not None:
            self._record(warning=news)

    def _save(
        self, training: Training, checkpointer: Checkpointer, *, finished: bool
    ) -> KmerEmbedding:
        """Save the model and return it; the state of a finished training goes.

        If the model cannot be written, the newest state is kept, to resume from later.
        """
        embedding = training.embedding()
        try:
            with self.group.together():
                if self.group.first:
                    checkpoint.save(embedding, self.out, half=self.options.half)
        except BioSkipGramError:
            checkpointer.save()
            raise
        if finished:
            checkpointer.discard()
        return embedding


def go_on(training: Training, state: Path) -> None:
    """Resume `training` from a saved state, or log that there is none."""
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
