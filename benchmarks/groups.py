"""How quickly groups of k-mers are described and traced: properties, enrichment, provenance.

    python benchmarks/groups.py [--k 8 9] [--megabases 8 48]

Models are random vectors of every k-mer, 100 dimensions; sequences are the records of the sample
that ships, drawn with replacement and mutated at 5 % of the bases. Each figure is the median of
five runs after one to warm up; "processor" is the time of all threads together, which other
programs disturb less.
"""

import argparse
import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from bioskipgram.config import TrainConfig
from bioskipgram.groups.compare import compare, strand_symmetry
from bioskipgram.groups.enrichment import enriched_words, flags
from bioskipgram.groups.features import differing, features
from bioskipgram.groups.properties import PROPERTIES, offered
from bioskipgram.kmers.occurrences import hits, occurrences
from bioskipgram.kmers.record_counts import frame_counts, record_counts, richest
from bioskipgram.kmers.vocabulary import Vocabulary
from bioskipgram.model.embedding import KmerEmbedding, ModelInfo
from bioskipgram.sequences import fasta
from bioskipgram.sequences.sequences import Sequences
from bioskipgram.sequences.shipped import SAMPLE

SELECTED = 30_000
MUTATED = 0.05
RUNS = 5


def main() -> None:
    """Print every figure."""
    parser = argparse.ArgumentParser(description="Measure groups of k-mers.")
    parser.add_argument("--k", type=int, nargs="+", default=[8, 9])
    parser.add_argument("--megabases", type=float, nargs="+", default=[8, 48])
    options = parser.parse_args()
    for k in options.k:
        model = random_model(k)
        selections(model)
    for megabases in options.megabases:
        tracing(mutated(int(megabases * 1e6)), random_model(min(options.k)))


def selections(model: KmerEmbedding) -> None:
    """Print how long properties and enrichment of a selection take."""
    rng = np.random.default_rng(1)
    a, b = (rng.choice(len(model), min(SELECTED, len(model) // 2), replace=False) for _ in "ab")
    a, b = a.astype(np.int32), b.astype(np.int32)
    where = f"V = {len(model):,}"
    names = offered(model.vocabulary.tokenizer)
    properties = {name: PROPERTIES[name](model) for name in names}
    for name in names:
        show(f"{where}: property {name}", lambda name=name: PROPERTIES[name](model))
    where += f", {len(a):,} selected"
    show(f"{where}: words", lambda: enriched_words(model.vocabulary, a))
    show(f"{where}: features", lambda: features(model.vocabulary, a))
    show(f"{where}: strand symmetry", lambda: strand_symmetry(model, a))
    show(
        f"{where}: words, features and strand symmetry",
        lambda: (
            enriched_words(model.vocabulary, a),
            features(model.vocabulary, a),
            strand_symmetry(model, a),
        ),
    )
    inside = flags(model.vocabulary, a)
    show(f"{where}: {len(names)} properties ranked", lambda: differing(properties, inside))
    show(f"{where}: compared with another", lambda: compare(model, a, b, properties))


def tracing(sequences: Sequences, model: KmerEmbedding) -> None:
    """Print how quickly k-mers are traced to sequences."""
    vocabulary, L = model.vocabulary, len(sequences.codes)
    tokenizer, chosen = vocabulary.tokenizer, np.arange(len(vocabulary)) < SELECTED
    where = f"{L / 1e6:.0f} Mb, {len(sequences):,} records"
    long = sequences.text(0)[:20]
    for word in ("ACGTTG", "GAGGAGAA", long):
        show(
            f"{where}: {len(word)} bases on both strands",
            lambda word=word: occurrences(sequences, tokenizer, word), L,
        )  # fmt: skip
    found = occurrences(sequences, tokenizer, "ACGTTG")
    show(f"{where}: names and bases around 100 places", lambda: hits(sequences, found, most=100))
    show(f"{where}: selection by record", lambda: record_counts(sequences, vocabulary, chosen), L)
    show(f"{where}: richest records", lambda: richest(sequences, vocabulary, chosen), L)
    show(f"{where}: frames, k = {tokenizer.k}", lambda: frame_counts(sequences, vocabulary), L)


def show(what: str, work: Callable[[], Any], bases: int = 0) -> None:
    """Print how long some work takes, and how many bases a second that is."""
    work()
    walls, processors = [], []
    for _ in range(RUNS):
        wall, processor = time.perf_counter(), time.process_time()
        work()
        walls.append(time.perf_counter() - wall)
        processors.append(time.process_time() - processor)
    wall, processor = statistics.median(walls), statistics.median(processors)
    rate = f"  {bases / wall / 1e6:7.0f} Mbp/s" if bases else ""
    print(f"{what:62} {1e3 * wall:8.1f} ms  processor {1e3 * processor:8.1f} ms{rate}", flush=True)


def random_model(k: int) -> KmerEmbedding:
    """Return random vectors and counts for every k-mer of a length."""
    config = TrainConfig(k=k, dim=100)
    codes, rng = config.tokenizer.all_codes(), np.random.default_rng(k)
    vectors = rng.normal(size=(len(codes), config.dim)).astype(np.float32)
    info = ModelInfo(
        config=config, trainer="exact", source="random", sha256="", records=1, bases=1, loss=1.0,
        optimum=None, zero_loss=None, losses=(), steps_done=1, seconds=1.0, created="", version="",
    )  # fmt: skip
    counts = rng.integers(1, 1000, len(codes))
    return KmerEmbedding(Vocabulary(config.tokenizer, codes, counts), vectors, vectors, info)


def mutated(bases: int) -> Sequences:
    """Return records of the sample, drawn until there are so many bases, and mutated."""
    sample, rng = fasta.read(SAMPLE), np.random.default_rng(1)
    drawn: list[int] = []
    total = 0
    while total < bases:
        drawn.append(int(rng.integers(len(sample))))
        total += int(sample.lengths[drawn[-1]])
    codes = np.concatenate([sample[record] for record in drawn])
    changed = rng.random(len(codes), dtype=np.float32) < MUTATED
    codes = np.where(changed, rng.integers(0, 4, len(codes), dtype=np.uint8), codes)
    offsets = np.concatenate([[0], np.cumsum(sample.lengths[drawn])])
    names = tuple(sample.names[record] for record in drawn)
    headers = tuple(sample.descriptions[record] for record in drawn)
    return Sequences(names, headers, codes, offsets)


if __name__ == "__main__":
    main()
