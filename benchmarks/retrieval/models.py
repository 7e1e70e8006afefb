"""The models that ship, each with its like trained again and with what has learnt nothing."""

import sys
import time
from collections import deque
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from bioskipgram.config import TrainConfig
from bioskipgram.model import checkpoint
from bioskipgram.model.embedding import KmerEmbedding
from bioskipgram.model.quality import random_like
from bioskipgram.sequences import fasta
from bioskipgram.sequences.sequences import Sequences
from bioskipgram.sequences.shuffle import shuffled

FOLDER = Path(__file__).parents[2] / "models"
RETRAINED = ("human-cds-k6", "human-cds-codon")
"""What is trained again: the others take minutes each."""


@dataclass(frozen=True)
class Model:
    """A model that ships, and what stands beside it, made when first asked for.

    Attributes
    ----------
    name, embedding
        As it ships.
    corpus
        FASTA file it was trained on.
    seeds
        Models of each kind beside it.
    keep
        A folder where trained models are left, and found again; None = nowhere.
    """

    name: str
    embedding: KmerEmbedding
    corpus: Path
    seeds: int
    keep: Path | None = None

    @cached_property
    def again(self) -> list[KmerEmbedding]:
        """Trained anew by the same recipe on the same sequences, other seeds."""
        config, sequences = self.embedding.info.config, fasta.read(self.corpus)
        seeded = [replace(config, seed=config.seed + seed) for seed in self._numbers]
        return [self._trained(sequences, each, f"seed-{each.seed}") for each in seeded]

    @cached_property
    def shuffled(self) -> list[KmerEmbedding]:
        """Trained on shuffled sequences: composition (of codons, for codons) kept, order lost."""
        config, sequences = self.embedding.info.config, fasta.read(self.corpus)
        return [
            self._trained(
                shuffled(sequences, unit=config.stride, seed=seed), config, f"shuffled-{seed}"
            )
            for seed in self._numbers
        ]

    @cached_property
    def random(self) -> list[KmerEmbedding]:
        """The same vocabulary with random vectors."""
        return [random_like(self.embedding, seed=1 + seed) for seed in range(self.seeds)]

    @property
    def beside(self) -> dict[str, list[KmerEmbedding]]:
        """What stands beside the model in a table's row."""
        return {"again": self.again, "shuffled": self.shuffled, "random": self.random}

    @property
    def _numbers(self) -> range:
        return range(1, 1 + self.seeds if self.name in RETRAINED else 1)

    def _trained(self, sequences: Sequences, config: TrainConfig, name: str) -> KmerEmbedding:
        """Return a model trained to its end, and say so on standard error; or the one kept."""
        from bioskipgram.training.trainer import Training

        name = f"{self.name}-{name}"
        kept = self.keep and self.keep / f"{name}.safetensors"
        if kept and kept.exists():
            return checkpoint.load(kept)
        started = time.perf_counter()
        training = Training(sequences, config, source=name)
        deque(training, maxlen=0)
        embedding = training.embedding()
        seconds, loss = time.perf_counter() - started, embedding.info.loss
        print(f"{name}: loss {loss:.4f}, {seconds:.0f} s", file=sys.stderr, flush=True)
        if kept:
            kept.parent.mkdir(parents=True, exist_ok=True)
            checkpoint.save(embedding, kept)
        return embedding


def shipped(corpus: Path, *, seeds: int, keep: Path | None = None) -> list[Model]:
    """Return the models in the repository's folder; see `Model`."""
    paths = sorted(path for path in FOLDER.glob("*.safetensors") if ".genes" not in path.name)
    return [Model(path.stem, checkpoint.load(path), corpus, seeds, keep) for path in paths]
