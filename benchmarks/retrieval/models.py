"""The models that ship, each with its like trained again and with what has learnt nothing."""

import sys
import time
from collections import deque
from dataclasses import dataclass, replace
from pathlib import Path

from bioskipgram import checkpoint, fasta
from bioskipgram.config import TrainConfig
from bioskipgram.embedding import KmerEmbedding
from bioskipgram.fasta import Sequences
from bioskipgram.quality import random_like, shuffled

FOLDER = Path(__file__).parents[2] / "models"
RETRAINED = ("human-cds-k6", "human-cds-codon")
"""What is trained again: the others take minutes each."""


@dataclass(frozen=True)
class Model:
    """A model that ships.

    Attributes
    ----------
    name, embedding
        As it ships.
    again
        Trained anew by the same recipe on the same sequences, other seeds.
    shuffled
        The same on shuffled sequences: composition (of codons, for codons) kept, order lost.
    random
        The same vocabulary with random vectors.
    """

    name: str
    embedding: KmerEmbedding
    again: tuple[KmerEmbedding, ...]
    shuffled: tuple[KmerEmbedding, ...]
    random: tuple[KmerEmbedding, ...]

    @property
    def nulls(self) -> dict[str, tuple[KmerEmbedding, ...]]:
        """What stands beside the model in a table's row."""
        return {"again": self.again, "shuffled": self.shuffled, "random": self.random}


def shipped(corpus: Path, *, seeds: int, keep: Path | None = None) -> list[Model]:
    """Return the models in the repository's folder, those of `RETRAINED` trained again.

    Parameters
    ----------
    corpus
        FASTA file they were trained on.
    seeds
        Models of each kind beside every one that ships.
    keep
        A folder where trained models are left, and found again.
    """
    sequences = fasta.read(corpus)
    found = []
    for path in sorted(FOLDER.glob("*.safetensors")):
        if ".genes" in path.name:
            continue
        embedding, numbers = checkpoint.load(path), range(1, seeds + 1)
        config = embedding.info.config
        random = tuple(random_like(embedding, seed=seed) for seed in numbers)
        again, mixed = [], []
        for seed in numbers if path.stem in RETRAINED else ():
            seeded = replace(config, seed=config.seed + seed)
            again.append(trained(sequences, seeded, f"{path.stem}-seed-{seeded.seed}", keep))
            order = shuffled(sequences, unit=config.stride, seed=seed)
            mixed.append(trained(order, config, f"{path.stem}-shuffled-{seed}", keep))
        found.append(Model(path.stem, embedding, tuple(again), tuple(mixed), random))
    return found


def trained(
    sequences: Sequences, config: TrainConfig, name: str, keep: Path | None
) -> KmerEmbedding:
    """Return a model trained to its end, and say so on standard error; or the one kept."""
    from bioskipgram.training import Training

    kept = keep and keep / f"{name}.safetensors"
    if kept and kept.exists():
        return checkpoint.load(kept)
    started = time.perf_counter()
    training = Training(sequences, config, source=name)
    deque(training, maxlen=0)
    embedding = training.embedding()
    seconds = time.perf_counter() - started
    print(f"{name}: loss {embedding.info.loss:.4f}, {seconds:.0f} s", file=sys.stderr, flush=True)
    if kept:
        kept.parent.mkdir(parents=True, exist_ok=True)
        checkpoint.save(embedding, kept)
    return embedding
