"""Models to compare with: of other seeds, of resampled and of shuffled sequences."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from bioskipgram.config import TrainConfig
from bioskipgram.model.embedding import KmerEmbedding
from bioskipgram.model.stability import bootstrap
from bioskipgram.sequences.sequences import Sequences
from bioskipgram.sequences.shuffle import shuffle, shuffled

from .trainer import Training

SEEDS = "seeds"
BASES = "bases shuffled"
CODONS = "codons shuffled"
DINUCLEOTIDES = "dinucleotides shuffled"
_SHUFFLES: dict[str, Callable[[Sequences, int, int], Sequences]] = {
    BASES: lambda sequences, frame, seed: shuffled(sequences, seed=seed),
    CODONS: lambda sequences, frame, seed: shuffled(sequences, unit=3, frame=frame, seed=seed),
    DINUCLEOTIDES: lambda sequences, frame, seed: shuffle(sequences, "dinucleotide", seed=seed),
}


def kinds(config: TrainConfig) -> tuple[str, ...]:
    """Return the shuffles that a model of such settings is compared with.

    Codons within their gene where the settings know codons; bases where frames might be learnt from
    their order; dinucleotides for DNA read on both strands.
    """
    if config.both_strands or config.canonical:
        return (DINUCLEOTIDES,)
    if config.stride == 3:
        return (CODONS,)
    return (BASES, CODONS) if config.contexts in ("frame", "frame-apart") else (BASES,)


def retrained(
    sequences: Sequences, config: TrainConfig, *, seeds: int, shuffles: int
) -> Iterator[tuple[str, KmerEmbedding]]:
    """Yield models of other seeds, then of shuffled sequences, each with what it is.

    Each shuffle has its own training seed, so that a null varies with both.
    """
    for seed in range(config.seed + 1, config.seed + 1 + seeds):
        yield SEEDS, _trained(sequences, replace(config, seed=seed))
    for kind in kinds(config):
        for model in shuffled_models(sequences, config, kind, models=shuffles):
            yield kind, model


def shuffled_models(
    sequences: Sequences, config: TrainConfig, kind: str, *, models: int
) -> Iterator[KmerEmbedding]:
    """Yield models of sequences shuffled in one of the `kinds`, each with its own seed."""
    for seed in range(config.seed, config.seed + models):
        mixed = _SHUFFLES[kind](sequences, config.frame, seed)
        yield _trained(mixed, replace(config, seed=seed))


def regularized(
    sequences: Sequences, config: TrainConfig, penalties: Iterable[float]
) -> Iterator[tuple[float, KmerEmbedding]]:
    """Yield models of other L2 penalties, each with its penalty: to show what they do."""
    for l2 in penalties:
        yield l2, _trained(sequences, replace(config, l2=l2))


def bootstrapped(
    sequences: Sequences, config: TrainConfig, *, models: int
) -> Iterator[KmerEmbedding]:
    """Yield models of records drawn with replacement, each with a training seed of its own."""
    for seed in range(config.seed + 1, config.seed + 1 + models):
        yield _trained(bootstrap(sequences, seed=seed), replace(config, seed=seed))


def _trained(sequences: Sequences, config: TrainConfig) -> KmerEmbedding:
    # All cores: these runs need not be reproducible bit for bit.
    training = Training(sequences, replace(config, threads=0), curve=False)
    for _ in training:
        pass
    return training.embedding()
