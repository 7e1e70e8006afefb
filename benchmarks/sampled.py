"""The sampled trainer beside gensim on the same tokens: exact loss, then tokens per second.

    python -m benchmarks.sampled CORPUS.fa.gz [--epochs 1] [--gensim 1 5]

Sequences and vocabulary are in memory; numba has compiled. gensim runs with two workers from
`corpus_file`, its fastest way; the writing of that file is left out, its scan for words counts.
"""

import argparse
import tempfile
import time
from pathlib import Path

from benchmarks.speed import CONFIG, _gensim, _token_file
from bioskipgram.config import TrainConfig
from bioskipgram.counting.corpus import Corpus
from bioskipgram.counting.pairs import count
from bioskipgram.sequences.fasta import read
from bioskipgram.training.loss import ExpectedLoss
from bioskipgram.training.sampled import SampledTrainer
from bioskipgram.training.skipgram import SkipGram, pick_device


def main() -> None:
    """Print a table of losses and speeds."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--epochs", type=int, nargs="*", default=[1])
    parser.add_argument("--gensim", type=int, nargs="*", default=[1], help="gensim's epochs")
    options = parser.parse_args()
    sequences = read(options.corpus)
    pairs = count(sequences, CONFIG)
    judge = ExpectedLoss(pairs, CONFIG, pick_device("cpu"))
    corpus = Corpus.from_sequences(sequences, pairs.vocabulary)
    T = len(corpus.tokens)

    def report(name: str, epochs: int, seconds: float, model: SkipGram) -> None:
        speed, loss = T * epochs / seconds, judge.loss(model)
        print(f"{name:28} {epochs} epochs {loss:8.4f} {speed:12,.0f} tokens/s {seconds:8.1f} s",
              flush=True)  # fmt: skip

    for epochs in options.epochs:
        for shared in (False, True):
            seconds, model = _sampled(corpus, epochs=epochs, shared=shared)
            report("sampled" + ", shared negatives" * shared, epochs, seconds, model)
    with tempfile.TemporaryDirectory() as folder:
        tokens = _token_file(corpus, Path(folder))
        for epochs in options.gensim:
            report("gensim", epochs, *_gensim(tokens, corpus, epochs))


def _sampled(corpus: Corpus, *, epochs: int, shared: bool) -> tuple[float, SkipGram]:
    config = TrainConfig.from_dict(
        {**vars(CONFIG), "epochs": epochs, "shared_negatives": shared, "device": "cpu"}
    )
    next(iter(SampledTrainer(corpus, config)))
    start = time.perf_counter()
    trainer = SampledTrainer(corpus, config)
    for _ in trainer:
        pass
    return time.perf_counter() - start, trainer.model


if __name__ == "__main__":
    main()
