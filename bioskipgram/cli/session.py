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
from bioskipgram.counting.stream import Counting, nothing_counted
from bioskipgram.errors import BioSkipGramError, TrainingError
from bioskipgram.model import checkpoint
from bioskipgram.model.embedding import KmerEmbedding
from bioskipgram.numerics.threads import cores
from bioskipgram.sequences.alphabet import ALPHABETS
from bioskipgram.sequences.sequences import BadRecord, Sequences
from bioskipgram.training.distributed import Group
from bioskipgram.training.estimate import bases_of
from bioskipgram.training.memory import check_memory
from bioskipgram.training.recorder import MODEL, STATE, Recorder
from bioskipgram.training.resume import Checkpointer, difference, restore
from bioskipgram.training.trainer import Training

from .console import bar, log
from .files import known_digests
from .keep import keep_sequences, lay_out
from .models import print_info
from .records import file_sha256, tell_left_out
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
    title, path, queue = options.title, options.files.record, options.queue
    return Recorder(options.run, source=title, config=config, path=path, queue=queue)


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
                self.out, options.files, alphabet=self.config.alphabet, strict=options.strict,
                told=True,
            )  # fmt: skip

    def _found(self) -> KmerEmbedding | None:
        """Return the model if it is finished: of these settings and these sequences."""
        if self.state.exists() or not self.out.exists():
            return None
        embedding = checkpoint.load(self.out)
        info, sha256 = embedding.info, self.options.files.sha256()
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
        files, config, group = self.options.files, self.config, self.group
        exact = trainer_of(config) == "exact"
        group.same(files.title, "the list of files")
        self._record(stage="counting" if exact else "reading")
        with group.together():
            check_memory(config, sum(map(bases_of, files.paths)))
        sequences: RawCounts | Sequences
        if exact:
            sequences, digests = self._count()
        else:
            with group.together():
                read = files.read(ALPHABETS[config.alphabet], strict=self.options.strict)
                read.check_longest(config.k, files.title)
                sequences = read
                digests = {path: file_sha256(path) for path in files.paths}
        sha256 = files.sha256(known_digests(digests, group))
        return Training(sequences, config, source=self.options.title, sha256=sha256, group=group)

    def _count(self) -> tuple[RawCounts, dict[str, str]]:
        """Return the counts of all files, each process counting its share, and their digests."""
        group, bad = self.group, None if self.options.strict else list[BadRecord]()
        total, digests, shares = None, {}, list(self.options.files.shares(group))
        with group.together():
            check_countable(self.config)
            for path, share in shares:
                counting = Counting(path, self.config, bad=bad, shard=share)
                self._draw(counting)
                part = counting.result()
                total = part if total is None else total + part
                # A process reads all of its files, so it knows their digests.
                digests[path] = counting.hashed.hexdigest()
        left_out = [str(one) for one in bad or ()]
        if group.size <= len(self.options.files.paths):  # else all have read the same records
            left_out = [text for part in group.told(left_out) for text in part]
        tell_left_out(left_out if group.first else ())
        return group.tally(total or nothing_counted(self.config)), digests

    def _draw(self, counting: Counting) -> None:
        """Count behind a progress bar."""
        with bar(delay=1, disable=not self.group.first, unit="B", unit_scale=True) as drawn:
            for done in counting:
                drawn.update(done)
                if self.stop.asked:
                    raise TrainingError("stopped while counting: there is nothing learnt to keep")

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
