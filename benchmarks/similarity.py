"""How long questions take: neighbours of a query, relations, two models' neighbour lists.

    python -m benchmarks.similarity [--k 6 8] [--dim 100] [--repeats 9]

The vectors are random: the time depends on how many there are. Medians, one warm call before.
"""

import argparse
import platform
import statistics
import time
from collections.abc import Callable

import numpy as np

from bioskipgram import __version__
from bioskipgram.config import TrainConfig
from bioskipgram.kmers.vocabulary import Vocabulary
from bioskipgram.model import compare, concatenation
from bioskipgram.model.embedding import KmerEmbedding, ModelInfo
from bioskipgram.model.neighbors import expected_shares, neighborhood
from bioskipgram.model.queries import ask

SAMPLE, BLOCK = 4096, 256


def main() -> None:
    """Print a row for each question and size."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--k", type=int, nargs="+", default=[6, 8])
    parser.add_argument("--dim", type=int, default=100)
    parser.add_argument("--repeats", type=int, default=9)
    options = parser.parse_args()
    print(f"{platform.processor() or platform.machine()}, numpy {np.__version__}")
    for k in options.k:
        first, second = (random_model(k, options.dim, seed) for seed in (1, 2))
        _ = first.unit, second.unit
        for name, question, repeats in questions(first, second, options.repeats):
            wall, cpu = timed(question, repeats)
            print(f"{len(first):7,} x {options.dim}  {name:40} {wall:9.1f} ms, CPU {cpu:9.1f} ms")


def questions(
    first: KmerEmbedding, second: KmerEmbedding, repeats: int
) -> list[tuple[str, Callable[[], object], int]]:
    """Return each question with its name and how often to ask it."""
    word = ("ACGT" * first.vocabulary.tokenizer.k)[: first.vocabulary.tokenizer.k]
    return [
        ("20 neighbours with relations", asking(first, word), repeats),
        ("the same, shifts hidden", asking(first, word, "shift"), repeats),
        ("20 neighbours of a 3 kb sequence", asking(first, random_text(3000)), repeats),
        ("relations of the whole vocabulary", lambda: expected_shares(first, 7), repeats),
        ("Procrustes and its null", lambda: compare.align(first, second), 1),
        (f"100 neighbours of {SAMPLE:,}, both models", lambda: lists(first, second), 1),
        ("concatenation test", lambda: concatenation.measure(first), 1),
    ]


def timed(question: Callable[[], object], repeats: int) -> tuple[float, float]:
    """Return the median wall and CPU time in ms, after a warm call if there are several."""
    if repeats > 1:
        question()
    times = []
    for _ in range(repeats):
        start = time.perf_counter(), time.process_time()
        question()
        times.append((time.perf_counter() - start[0], time.process_time() - start[1]))
    wall, cpu = (1000 * statistics.median(column) for column in zip(*times, strict=True))
    return wall, cpu


def asking(model: KmerEmbedding, text: str, *hide: str) -> Callable[[], object]:
    """Return the question for a text's neighbours, from the text on."""
    return lambda: neighborhood(model, ask(model, text), 20, hide=hide)


def lists(first: KmerEmbedding, second: KmerEmbedding) -> None:
    """Look up the neighbours of a sample in two models, block by block."""
    tokens = np.arange(len(first), dtype=np.int32)
    rows = np.random.default_rng(1).permutation(len(first))[:SAMPLE]
    for start in range(0, len(rows), BLOCK):
        block = rows[start : start + BLOCK]
        found = [compare.neighbor_lists(model, tokens, block) for model in (first, second)]
        compare.jaccard(found[0], found[1], 10)


def random_text(length: int) -> str:
    """Return random DNA."""
    return "".join(np.random.default_rng(1).choice(list("ACGT"), length))


def random_model(k: int, dim: int, seed: int) -> KmerEmbedding:
    """Return all k-mers with random vectors."""
    config = TrainConfig(k=k, dim=dim)
    kmers = config.tokenizer.all_codes()
    center = np.random.default_rng(seed).standard_normal((len(kmers), dim)).astype(np.float32)
    info = ModelInfo(
        config=config, trainer="exact", source="random", sha256="", records=0, bases=0, loss=0.0,
        optimum=None, zero_loss=None, losses=(), steps_done=0, seconds=0.0, created="",
        version=__version__,
    )  # fmt: skip
    words = Vocabulary(config.tokenizer, kmers, np.ones(len(kmers), np.int64))
    return KmerEmbedding(words, center, center, info)


if __name__ == "__main__":
    main()
