"""Loss and time of the trainers beside gensim's, on the same tokens: the loss first, then the time.

    python -m benchmarks.speed CORPUS.fa.gz [--epochs 1 5] [--repeats 3]

Every trainer is judged by the exact expected SGNS loss on the same pair counts. Times run
from the FASTA file to the vectors; imports, numba's compilation and the writing of gensim's token
file are left out for all. gensim runs with two workers from `corpus_file`, its fastest way.
"""

import argparse
import platform
import statistics
import tempfile
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import numpy as np

from bioskipgram.config import TrainConfig
from bioskipgram.cooccurrence import count
from bioskipgram.corpus import Corpus
from bioskipgram.expected import ExpectedLoss
from bioskipgram.fasta import Sequences, read
from bioskipgram.model import SkipGram, pick_device
from bioskipgram.training import Training

CONFIG = TrainConfig(k=6, dim=100, window=5, negatives=5, seed=1)


def main() -> None:
    """Print a table of losses and times."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--epochs", type=int, nargs="*", default=[1, 5], help="gensim's epochs")
    parser.add_argument("--steps", type=int, nargs="*", default=[30, 50, 100, 200])
    parser.add_argument(
        "--sampled", type=int, nargs="*", default=[1], help="epochs, sampled trainer"
    )
    parser.add_argument("--repeats", type=int, default=3, help="of the exact trainer")
    options = parser.parse_args()
    sequences = read(options.corpus)
    pairs = count(sequences, CONFIG)
    judge = ExpectedLoss(pairs, CONFIG, pick_device("cpu"))
    print(_machine())
    print(f"{options.corpus.name}: {len(sequences):,} records, {len(sequences.codes):,} bases, "
          f"{pairs.vocabulary.counts.sum():,} tokens")  # fmt: skip
    print(f"optimum {judge.optimum():.4f}, zero vectors {judge.at_zero():.4f}\n")
    print(f"{'trainer':34} {'loss':>8} {'gap':>7} {'seconds':>9}")
    corpus = Corpus.from_sequences(sequences, pairs.vocabulary)
    for steps in options.steps:
        _report(judge, f"exact, {steps} steps", _ours(options, steps=steps, trainer="exact"))
    for epochs in options.sampled:
        _report(
            judge, f"sampled, {epochs} epochs", _ours(options, epochs=epochs, trainer="sampled")
        )
    with tempfile.TemporaryDirectory() as folder:
        tokens = _token_file(corpus, Path(folder))
        for epochs in options.epochs:
            _report(judge, f"gensim, {epochs} epochs", [_gensim(tokens, corpus, epochs)])
    _counting(sequences)


def _machine() -> str:
    import torch  # after bioskipgram, which says how its threads wait

    names = ("torch", "numpy", "numba", "gensim")
    versions = ", ".join(f"{name} {version(name)}" for name in names)
    cpu = next(
        (line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines()
         if line.startswith("model name")), platform.processor())  # fmt: skip
    return (
        f"{cpu}, {torch.get_num_threads()} threads, Python {platform.python_version()}, {versions}"
    )


def _report(judge: ExpectedLoss, name: str, runs: list[tuple[float, SkipGram]]) -> None:
    seconds, loss = statistics.median(run[0] for run in runs), judge.loss(runs[-1][1])
    gap = (loss - judge.optimum()) / (judge.at_zero() - judge.optimum())
    print(f"{name:34} {loss:8.4f} {gap:7.4f} {seconds:9.2f}", flush=True)


def _ours(options: argparse.Namespace, **settings: object) -> list[tuple[float, SkipGram]]:
    """Return (seconds, vectors) of each repeat, from the file to the vectors."""
    config = TrainConfig.from_dict({**_plain(CONFIG), **settings})
    runs = []
    for _ in range(options.repeats if config.trainer == "exact" else 1):
        start = time.perf_counter()
        training = Training(read(options.corpus), config)
        for _ in training:
            pass
        runs.append((time.perf_counter() - start, training.trainer.model))
    return runs


def _plain(config: TrainConfig) -> dict[str, object]:
    from dataclasses import asdict

    return asdict(config)


def _token_file(corpus: Corpus, folder: Path) -> Path:
    """Write one sentence per line, as gensim reads it fastest."""
    texts = np.array(corpus.vocabulary.texts)[corpus.tokens]
    path = folder / "tokens.txt"
    with path.open("w") as file:
        for start, stop in zip(corpus.offsets[:-1], corpus.offsets[1:], strict=True):
            # gensim cuts a line after 10,000 words, which these sequences stay below or nearly so.
            file.write(" ".join(texts[start:stop]) + "\n")
    return path


def _gensim(tokens: Path, corpus: Corpus, epochs: int) -> tuple[float, SkipGram]:
    import torch
    from gensim.models import Word2Vec

    start = time.perf_counter()
    model = Word2Vec(
        corpus_file=str(tokens), sg=1, hs=0, negative=CONFIG.negatives, ns_exponent=0.75,
        vector_size=CONFIG.dim, window=CONFIG.window, sample=0, min_count=1, epochs=epochs,
        workers=2, seed=1,
    )  # fmt: skip
    seconds = time.perf_counter() - start
    order = [model.wv.key_to_index[text] for text in corpus.vocabulary.texts]
    center, context = model.wv.vectors[order], model.syn1neg[order]
    return seconds, SkipGram(torch.from_numpy(center.copy()), torch.from_numpy(context.copy()))


def _counting(sequences: Sequences) -> None:
    def timed(work: Callable[[], object]) -> float:
        start = time.perf_counter()
        work()
        return time.perf_counter() - start

    seconds = statistics.median(timed(lambda: count(sequences, CONFIG)) for _ in range(5))
    print(f"\ncounting alone, sequences in memory: {seconds:.2f} s, "
          f"{len(sequences.codes) / seconds / 1e6:.0f} Mbp/s")  # fmt: skip


if __name__ == "__main__":
    main()
