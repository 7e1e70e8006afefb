"""Training: sequences and settings in, an embedding out.

`Training` is what people use; it reads the corpus the way its trainer wants it and knows how to
make a `KmerEmbedding` of the result. `exact.py` and `sampled.py` hold the two trainers.
"""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from math import isnan, log, nan

from bioskipgram.config import TrainConfig
from bioskipgram.cooccurrence import PairCounts, count, fits
from bioskipgram.corpus import Corpus
from bioskipgram.embedding import KmerEmbedding, ModelInfo, digest
from bioskipgram.expected import ExpectedLoss
from bioskipgram.fasta import Sequences
from bioskipgram.model import pick_device
from bioskipgram.progress import Progress
from bioskipgram.version import __version__
from bioskipgram.vocabulary import Vocabulary

from .exact import ExactTrainer
from .sampled import SampledTrainer

__all__ = ["ExactTrainer", "Progress", "SampledTrainer", "Training"]


class Training:
    r"""A training run in memory: iterate to train, break off to stop, then ask for the embedding.

    Parameters
    ----------
    sequences
        What to learn from.
    config
        The settings.
    source, sha256
        Name and SHA-256 of the file the sequences came from, for the model's history; by
        default the digest of the bases.

    Raises
    ------
    ConfigError
        If the exact trainer is asked for and its table would be too large.
    TrainingError
        If there is nothing to learn from, or CUDA is asked for and not there.

    Examples
    --------
    >>> from bioskipgram.fasta import read
    >>> config = TrainConfig(k=2, dim=4, steps=5)
    >>> training = Training(read(b">a\nACGTTGCAACGTAGCATTGACA\n"), config)
    >>> steps = [progress.step for progress in training]
    >>> steps, training.embedding().center.shape[1]
    ([1, 2, 3, 4, 5], 4)
    """

    def __init__(
        self,
        sequences: Sequences,
        config: TrainConfig,
        *,
        source: str = "sequences in memory",
        sha256: str = "",
    ) -> None:
        self._start = time.perf_counter()
        self.config = config
        self._source = source
        self.sha256 = sha256 or digest(sequences.codes, sequences.offsets)
        self._records, self._bases = len(sequences), len(sequences.codes)
        self._pairs: PairCounts | None = None
        if fits(config.tokenizer) or config.trainer == "exact":
            self._pairs = count(sequences, config)
        self.trainer = self._choose(sequences)
        self.last: Progress | None = None
        self.seconds_before = 0.0

    @property
    def seconds(self) -> float:
        """Time spent so far, that of the runs this one goes on from included."""
        return self.seconds_before + time.perf_counter() - self._start

    def _choose(self, sequences: Sequences) -> ExactTrainer | SampledTrainer:
        if self._pairs is not None and self.config.trainer != "sampled":
            return ExactTrainer(self._pairs, self.config)
        vocabulary = Vocabulary.from_sequences(
            sequences, self.config.tokenizer, min_count=self.config.min_count
        )
        return SampledTrainer(Corpus.from_sequences(sequences, vocabulary), self.config)

    def __iter__(self) -> Iterator[Progress]:
        """Train, yielding after every step."""
        for progress in self.trainer:
            self.last = progress
            yield progress

    def embedding(self) -> KmerEmbedding:
        """Return what has been learnt so far."""
        center, context = self.trainer.model.arrays()
        return KmerEmbedding(
            self.trainer.vocabulary, center, context, self._info(), self.config.remove_components
        )

    def _info(self) -> ModelInfo:
        loss, optimum, zero = self._losses()
        exact = isinstance(self.trainer, ExactTrainer)
        return ModelInfo(
            config=self.config,
            trainer="exact" if exact else "sampled",
            source=self._source,
            sha256=self.sha256,
            records=self._records,
            bases=self._bases,
            loss=loss,
            optimum=optimum,
            zero_loss=zero,
            losses=tuple(self.trainer.losses),
            steps_done=self.last.step if self.last else 0,
            seconds=self.seconds,
            created=datetime.now(UTC).isoformat(timespec="seconds"),
            version=__version__,
        )

    def _losses(self) -> tuple[float, float | None, float | None]:
        """Return the loss now, the optimum, and the loss of zero vectors."""
        if self._pairs is None:
            return self._estimate(), None, None
        if isinstance(self.trainer, ExactTrainer):
            objective = self.trainer.objective
        else:
            objective = ExpectedLoss(self._pairs, self.config, pick_device(self.config.device))
        return objective.loss(self.trainer.model), objective.optimum(), objective.at_zero()

    def _estimate(self) -> float:
        """Return the loss of the last batch with a pair; before the first, that of the start."""
        seen = [loss for _, loss in self.trainer.losses] + [self.last.loss if self.last else nan]
        # Contexts start at zero, so every product is zero.
        start = (1 + self.config.negatives) * log(2)
        return next((loss for loss in reversed(seen) if not isnan(loss)), start)
