"""A training run in memory."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cached_property
from math import isnan, log, nan

import numpy as np

from bioskipgram import __version__
from bioskipgram.config import TrainConfig
from bioskipgram.counting.corpus import Corpus
from bioskipgram.counting.counts import RawCounts
from bioskipgram.counting.pairs import check_countable, counted, len_codes, trainer_of
from bioskipgram.counting.stream import count_sequences
from bioskipgram.files import digest
from bioskipgram.jobs.progress import Progress
from bioskipgram.kmers.vocabulary import Vocabulary
from bioskipgram.model.balance import balanced
from bioskipgram.model.embedding import KmerEmbedding, ModelInfo
from bioskipgram.sequences.sequences import Sequences

from .distributed import ALONE, Group
from .exact import ExactTrainer
from .loss import ExpectedLoss
from .sampled import SampledTrainer
from .skipgram import SkipGram, computing, pick_device

MOST_JUDGED = 4**8
"""The largest vocabulary whose exact loss is evaluated after sampled training."""


class Training:
    r"""A training run in memory: iterate to train, break to stop, then take `embedding()`.

    For the exact trainer the `RawCounts` of the `sequences` are enough. `source` and `sha256` are
    name and digest of their file, for the model's history (by default those of the counts, or the
    digest of the bases). The processes of a `group` pass the same sequences, take the same steps
    and call `embedding`. `curve` is for `ExactTrainer`. A ConfigError if the exact trainer is
    chosen and cannot take these settings; a TrainingError if there is no pair to learn from, or no
    CUDA where it is chosen.

    Examples
    --------
    >>> from bioskipgram.sequences.fasta import read
    >>> config = TrainConfig(k=2, dim=4, steps=5)
    >>> training = Training(read(b">a\nACGTTGCAACGTAGCATTGACA\n"), config)
    >>> steps = [progress.step for progress in training]
    >>> steps, training.embedding().center.shape[1]
    ([1, 2, 3, 4, 5], 4)
    """

    def __init__(
        self,
        sequences: Sequences | RawCounts,
        config: TrainConfig,
        *,
        source: str = "sequences in memory",
        sha256: str = "",
        group: Group = ALONE,
        curve: bool = True,
    ) -> None:
        self._start = time.perf_counter()
        self.config, self.group = config, group
        self._source, self._sequences = source, sequences
        found, *self._size = _history(sequences)
        self.sha256 = sha256 or found
        self.trainer = (
            self._exact(curve=curve) if trainer_of(config) == "exact" else self._sampled()
        )
        self.last: Progress | None = None
        self.seconds_before = 0.0

    @property
    def seconds(self) -> float:
        """Time spent so far, including the runs that this one resumes."""
        return self.seconds_before + time.perf_counter() - self._start

    def _exact(self, *, curve: bool) -> ExactTrainer:
        with self.group.together():
            check_countable(self.config)
            pairs = counted(self._tally, self.config, share=self.group.share)
        del self._tally, self._sequences  # the pairs are all that is needed
        return ExactTrainer(pairs, self.config, group=self.group, curve=curve)

    @cached_property
    def _tally(self) -> RawCounts:
        known = self._sequences
        return known if isinstance(known, RawCounts) else count_sequences(known, self.config)

    def _sampled(self) -> SampledTrainer:
        if isinstance(self._sequences, RawCounts):
            raise TypeError("the sampled trainer walks through the sequences themselves")
        config, sequences = self.config, self._sequences
        with self.group.together():
            vocabulary = Vocabulary.from_sequences(
                sequences, config.tokenizer, min_count=config.min_count,
                both_strands=config.both_strands,
            )  # fmt: skip

        def read(epoch: int) -> Corpus:
            rng = np.random.default_rng((config.seed, 1 + epoch))
            return Corpus.from_sequences(
                sequences, vocabulary, both_strands=config.both_strands, rng=rng
            )

        recut = read if config.k_min else None
        return SampledTrainer(read(0), config, recut=recut, group=self.group)

    def __iter__(self) -> Iterator[Progress]:
        """Train, yielding after every step."""
        for progress in self.trainer:
            self.last = progress
            yield progress

    def embedding(self) -> KmerEmbedding:
        """Return what has been learnt so far, its tables balanced; see `model.balance`."""
        center, context = balanced(*self.trainer.arrays())
        return KmerEmbedding(
            self.trainer.vocabulary, center, context, self._info(), self.config.remove_components
        )

    def _info(self) -> ModelInfo:
        loss, optimum, zero = self._losses()
        exact, (records, bases) = isinstance(self.trainer, ExactTrainer), self._size
        return ModelInfo(
            config=self.config, trainer="exact" if exact else "sampled", source=self._source,
            sha256=self.sha256, records=records, bases=bases, loss=loss, optimum=optimum,
            zero_loss=zero, losses=tuple(self.trainer.losses),
            steps_done=self.last.step if self.last else 0, seconds=self.seconds,
            created=datetime.now(UTC).isoformat(timespec="seconds"), version=__version__,
        )  # fmt: skip

    def _losses(self) -> tuple[float, float | None, float | None]:
        """Return the loss now, the optimum, and the loss of zero vectors."""
        objective = self._objective
        if objective is None:
            return self._estimate(), None, None
        center, context = self.trainer.model.tables
        if not isinstance(self.trainer, ExactTrainer):
            center = center[self.group.rows(len(center))]
        with computing(self.config.threads):
            loss = self.group.sum(objective.loss(SkipGram(center, context)))
        return loss, self.group.sum(objective.optimum()), objective.at_zero()

    @cached_property
    def _objective(self) -> ExpectedLoss | None:
        """The exact loss, None where there are too many pairs to evaluate."""
        if isinstance(self.trainer, ExactTrainer):
            return self.trainer.objective
        if self.config.k_min or len_codes(self.config.tokenizer) > MOST_JUDGED:
            return None
        pairs = counted(self._tally, self.config, share=self.group.share)
        return ExpectedLoss(pairs, self.config, pick_device(self.config.device), group=self.group)

    def _estimate(self) -> float:
        """Return the loss of the last batch with a pair; before the first, that of the start."""
        seen = [loss for _, loss in self.trainer.losses] + [self.last.loss if self.last else nan]
        # Contexts start at zero, so every product is zero.
        start = (1 + self.config.negatives) * log(2)
        return next((loss for loss in reversed(seen) if not isnan(loss)), start)


def _history(sequences: Sequences | RawCounts) -> tuple[str, int, int]:
    """Return the digest, and how many records and bases there are."""
    if isinstance(sequences, RawCounts):
        found = sequences.digest or digest(sequences.counts)
        return found, sequences.records, sequences.bases
    return digest(sequences.codes, sequences.offsets), len(sequences), len(sequences.codes)
