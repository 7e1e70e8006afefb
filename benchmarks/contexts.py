"""Which contexts make neighbours that are biology: the measure of unspelt neighbours, and nulls.

    python -m benchmarks.contexts --coding human.fa yeast.fa ecoli.fa --bound bound.fa \
        [--dims 16 32 64] [--seeds 5] [--shuffles 5] [--steps 12] [--threads 1]

For coding sequences, each record from its first codon on: the correlation of a 6-mer's share in
frame 0 with the mean of its ten nearest neighbours that are not spelt alike
(`bioskipgram.model.unspelt`). For bound regulatory DNA, learnt from both strands: how many of the
ten share a JASPAR motif with it (a k-mer belongs to a motif as on the Motifs page: it or its
reverse complement scores at least 0.8 of the best). The frames and motifs of the real sequences
judge the models of shuffled ones, too. Printed as Markdown: median (range) over the seeds, and
over the shuffles, of which every one has a seed of its own. The margin is the worst seed less the
best shuffle.
"""

import argparse
import platform
import statistics
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import torch

from bioskipgram import __version__
from bioskipgram.config import TrainConfig
from bioskipgram.counting.pairs import PairCounts, count
from bioskipgram.kmers.vocabulary import Vocabulary
from bioskipgram.model.balance import balanced
from bioskipgram.model.embedding import KmerEmbedding, ModelInfo
from bioskipgram.model.unspelt import (
    agreement,
    frame_shares,
    shared_groups,
    shared_groups_by_chance,
    spelt_alike,
    unspelt_neighbors,
)
from bioskipgram.motifs import library
from bioskipgram.numerics.arrays import Flags
from bioskipgram.sequences import fasta
from bioskipgram.sequences.sequences import Sequences
from bioskipgram.sequences.shuffle import shuffle, shuffled
from bioskipgram.training.exact import ExactTrainer

K = 6
CODING = [(scheme, 5) for scheme in ("all", "non-overlapping", "frame", "frame-apart")]
BOUND = [("all", 5), ("non-overlapping", 5), ("non-overlapping", 12)]
MATCH = 0.8
Shuffle = Callable[[int], Sequences]
Judge = Callable[[KmerEmbedding, Flags], float]


@dataclass(frozen=True)
class Study:
    """A corpus, its nulls by name, and what judges a model of it."""

    title: str
    sequences: Sequences
    nulls: dict[str, Shuffle]
    judge: Judge
    schemes: list[tuple[str, int]]
    both_strands: bool


def main() -> None:
    """Print a table for each corpus."""
    options = _options()
    print(f"bioskipgram {__version__}, Python {platform.python_version()}, torch "
          f"{torch.__version__}, numpy {np.__version__}; {platform.platform()}; "
          f"k = {K}, {options.steps} steps\n")  # fmt: skip
    for path in options.coding:
        report(coding(path), options)
    for path in options.bound:
        report(bound(path), options)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--coding", nargs="*", default=[], type=Path, metavar="FASTA")
    parser.add_argument("--bound", nargs="*", default=[], type=Path, metavar="FASTA")
    parser.add_argument("--dims", nargs="+", type=int, default=[16, 32, 64])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--shuffles", type=int, default=5)
    parser.add_argument("--steps", type=int, default=12)
    parser.add_argument("--threads", type=int, default=1)
    return parser.parse_args()


def coding(path: Path) -> Study:
    """Return the study of coding sequences: the frame, bases and codons shuffled."""
    sequences = fasta.read(path)
    nulls: dict[str, Shuffle] = {
        "bases shuffled in records": lambda seed: shuffled(sequences, seed=seed),
        "codons shuffled in genes": lambda seed: shuffled(sequences, unit=3, seed=seed),
    }
    codes = TrainConfig(k=K).tokenizer.all_codes()
    every = Vocabulary(TrainConfig(k=K).tokenizer, codes, np.ones(len(codes), np.int64))
    shares = frame_shares(sequences, every)

    def judge(model: KmerEmbedding, alike: Flags) -> float:
        return agreement(shares[model.vocabulary.kmers], unspelt_neighbors(model, alike=alike))

    title = f"{path.name}: correlation of the frame-0 share"
    return Study(title, sequences, nulls, judge, CODING, both_strands=False)


def bound(path: Path) -> Study:
    """Return the study of regulatory DNA: JASPAR's motifs, dinucleotides shuffled."""
    sequences = fasta.read(path)
    nulls: dict[str, Shuffle] = {
        "dinucleotides shuffled": lambda seed: shuffle(sequences, "dinucleotide", seed=seed)
    }
    codes = TrainConfig(k=K).tokenizer.all_codes()
    every = Vocabulary(TrainConfig(k=K).tokenizer, codes, np.ones(len(codes), np.int64))
    matrices = [one for one in library.entries().values() if one.kind == "JASPAR"]
    members = np.stack(
        [library.kmer_shares(one, every, both=True) >= MATCH for one in matrices], axis=1
    )
    chance = shared_groups_by_chance(members, every, both_strands=True)

    def judge(model: KmerEmbedding, alike: Flags) -> float:
        tokens = np.arange(len(model), dtype=np.int32)
        found = unspelt_neighbors(model, alike=alike)
        return shared_groups(members[model.vocabulary.kmers], tokens, found)

    title = f"{path.name}: share of neighbours with a motif in common (chance {chance:.3f})"
    return Study(title, sequences, nulls, judge, BOUND, both_strands=True)


def report(study: Study, options: argparse.Namespace) -> None:
    """Print the table of one corpus."""
    print(f"{study.title}\n")
    heads = ["contexts", "window", "dim", "model", *study.nulls, "margin"]
    print("| " + " | ".join(heads) + " |\n" + "|---" * len(heads) + "|")
    cut = TrainConfig(k=K).tokenizer
    codes = cut.all_codes()
    alike = spelt_alike(cut, codes, codes, both_strands=study.both_strands)
    for scheme, window in study.schemes:
        config = TrainConfig(
            k=K, contexts=scheme, window=window, both_strands=study.both_strands,
            steps=options.steps, threads=options.threads,
        )  # fmt: skip
        for dim, values, nulls in _measured(study, config, alike, options):
            margin = min(values) - max(map(max, nulls))
            cells = [scheme, str(window), str(dim), *map(_spread, [values, *nulls])]
            print("| " + " | ".join([*cells, f"{margin:.3f}"]) + " |", flush=True)
    print()


def _measured(
    study: Study, config: TrainConfig, alike: Flags, options: argparse.Namespace
) -> Iterator[tuple[int, list[float], list[list[float]]]]:
    """Yield each dimension, its value for every seed, and for every shuffle of each kind."""
    pairs = count(study.sequences, config)
    judged = partial(_judged, study, alike)
    real = {
        dim: [judged(pairs, replace(config, dim=dim, seed=1 + s)) for s in range(options.seeds)]
        for dim in options.dims
    }
    nulls: dict[int, list[list[float]]] = {dim: [] for dim in options.dims}
    for name, made in study.nulls.items():
        for dim in options.dims:
            nulls[dim].append([])
        for seed in range(1, 1 + options.shuffles):
            pairs = count(made(seed), config)
            for dim in options.dims:
                nulls[dim][-1].append(judged(pairs, replace(config, dim=dim, seed=seed)))
            print(f"{study.title}: {config.contexts}, {name} {seed}", file=sys.stderr, flush=True)
    for dim in options.dims:
        yield dim, real[dim], nulls[dim]


def _judged(study: Study, alike: Flags, pairs: PairCounts, config: TrainConfig) -> float:
    trainer = ExactTrainer(pairs, config, tied=False)  # as the printed tables were made
    for _ in trainer:
        pass
    center, context = balanced(*trainer.arrays())
    info = ModelInfo(
        config=config, trainer="exact", source="", sha256="", records=0, bases=0,
        loss=trainer.losses[-1][1], optimum=trainer.optimum, zero_loss=None, losses=(),
        steps_done=config.steps, seconds=0.0, created="", version=__version__,
    )  # fmt: skip
    kmers = pairs.vocabulary.kmers
    return study.judge(
        KmerEmbedding(pairs.vocabulary, center, context, info), alike[np.ix_(kmers, kmers)]
    )


def _spread(values: list[float]) -> str:
    return f"{statistics.median(values):.3f} ({min(values):.3f} to {max(values):.3f})"


if __name__ == "__main__":
    main()
