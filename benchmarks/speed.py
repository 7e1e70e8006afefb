"""Time to gensim's loss: every trainer judged by the exact expected loss on the same pairs.

    python -m benchmarks.speed CORPUS.fa.gz [--gensim 1 5] [--steps 20 25 30 40 0] [--repeats 3]
    python -m benchmarks.speed CORPUS.fa.gz --scales 1 4 16 64 [--plot scaling.svg]
    python -m benchmarks.speed CORPUS.fa.gz --large 7 8
    python -m benchmarks.speed CORPUS.fa.gz --tables 10 20 40 [--settings k=3 stride=3 dim=16]

Times run from the FASTA file to the vectors; imports, numba's compilation, the writing of gensim's
token file and losses on the way are left out for all. gensim runs with two workers from
`corpus_file`, its fastest way. Larger corpora are made of the records, drawn with replacement, 1 %
of the bases replaced at random. On CUDA: `--device cuda`.
"""

import argparse
import platform
import statistics
import tempfile
import time
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

import numpy as np

from bioskipgram.config import TrainConfig
from bioskipgram.counting.corpus import Corpus
from bioskipgram.counting.pairs import count, counted
from bioskipgram.counting.stream import count_file
from bioskipgram.sequences.fasta import read
from bioskipgram.training.exact import ExactTrainer
from bioskipgram.training.loss import ExpectedLoss
from bioskipgram.training.skipgram import SkipGram, pick_device
from bioskipgram.training.trainer import Training

CONFIG = TrainConfig(k=6, dim=100, window=5, negatives=5, seed=1)


def main() -> None:
    """Print what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--gensim", type=int, nargs="*", default=[1, 5], help="gensim's epochs")
    parser.add_argument("--steps", type=int, nargs="*", default=[15, 20, 25, 30, 35, 60, 0])
    parser.add_argument("--repeats", type=int, default=3, help="of the exact trainer")
    parser.add_argument("--scale", type=int, default=1, help="times the corpus, for the race")
    parser.add_argument("--scales", type=int, nargs="*", default=[], help="times the corpus")
    parser.add_argument("--plot", type=Path, help="where to draw the scales, as SVG")
    parser.add_argument("--large", type=int, nargs="*", default=[], help="k of large vocabularies")
    parser.add_argument("--large-steps", type=int, default=38)
    parser.add_argument("--tables", type=int, nargs="*", default=[], help="steps, tied and not")
    parser.add_argument("--settings", nargs="*", default=[], help="of --tables, NAME=VALUE")
    parser.add_argument("--device", default="auto")
    options = parser.parse_args()
    print(machine())
    with tempfile.TemporaryDirectory() as folder:
        if options.scales:
            scales(options, Path(folder))
        elif options.large:
            large(options)
        elif options.tables:
            tables(options)
        else:
            race(options, Path(folder))


def machine() -> str:
    """Return processor, threads and versions."""
    import torch  # after bioskipgram, which says how its threads wait

    names = ("torch", "numpy", "numba", "gensim")
    versions = ", ".join(f"{name} {version(name)}" for name in names)
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    found = (line.split(":")[1].strip() for line in lines if line.startswith("model name"))
    cpu = next(found, platform.processor())
    if torch.cuda.is_available():
        cpu += f", {torch.cuda.get_device_name()}"
    return (
        f"{cpu}, {torch.get_num_threads()} threads, Python {platform.python_version()}, {versions}"
    )


def race(options: argparse.Namespace, folder: Path) -> None:
    """Print losses and times of the exact trainer and of gensim, and the ratios."""
    path = enlarged(options.corpus, options.scale, folder)
    sequences = read(path)
    pairs = count(sequences, CONFIG)
    judge = ExpectedLoss(pairs, CONFIG, pick_device("cpu"))
    T, best, zero = pairs.vocabulary.counts.sum(), judge.optimum(), judge.at_zero()
    print(f"{path.name}: {len(sequences):,} records, {len(sequences.codes):,} bases, {T:,} tokens")
    print(f"optimum {best:.4f}, zero vectors {zero:.4f}\n")
    print(f"{'trainer':24} {'loss':>8} {'gap':>7} {'seconds':>9}")

    def report(name: str, seconds: float, model: SkipGram) -> tuple[float, float]:
        loss = judge.loss(model)
        print(f"{name:24} {loss:8.4f} {(loss - best) / (zero - best):7.4f} {seconds:9.2f}",
              flush=True)  # fmt: skip
        return loss, seconds

    exact(path, replace(CONFIG, steps=5, device=options.device))  # compiles
    ours = []
    for steps in options.steps:
        config = replace(CONFIG, steps=steps, device=options.device)
        runs = [exact(path, config) for _ in range(options.repeats)]
        seconds = statistics.median(run[0] for run in runs)
        name = f"exact, {steps} steps" if steps else "exact, as long as it falls"
        ours.append(report(name, seconds, runs[-1][1]))
    corpus = Corpus.from_sequences(sequences, pairs.vocabulary)
    tokens = _token_file(corpus, folder)
    for epochs in options.gensim:
        loss, seconds = report(f"gensim, {epochs} epochs", *_gensim(tokens, corpus, epochs))
        reached = [time for found, time in ours if found <= loss]
        if reached:
            print(f"{'':24} reached by exact in {min(reached):.2f} s: "
                  f"{seconds / min(reached):.0f} times sooner")  # fmt: skip


def exact(path: Path, config: TrainConfig) -> tuple[float, SkipGram]:
    """Return the seconds from the file to the vectors, and the vectors."""
    start = time.perf_counter()
    training = Training(count_file(path, config), config, curve=False)
    for _ in training:
        pass
    seconds = time.perf_counter() - start
    center, context = (table.cpu() for table in training.trainer.model.tables)
    return seconds, SkipGram(center, context)


def enlarged(path: Path, scale: int, folder: Path) -> Path:
    """Return a file of so many times the corpus, uncompressed."""
    from benchmarks.counting import made

    if scale == 1:
        return path
    sequences, result = read(path), folder / f"{scale}x.fa"
    made(sequences, scale * len(sequences.codes), result)
    return result


def scales(options: argparse.Namespace, folder: Path) -> None:
    """Print what counting and training take as the corpus grows."""
    exact(options.corpus, replace(CONFIG, steps=5))
    points = []
    for scale in options.scales:
        path = enlarged(options.corpus, scale, folder)
        counting, whole = [], []
        for _ in range(options.repeats):
            start = time.perf_counter()
            tally = count_file(path, CONFIG)
            counting.append(time.perf_counter() - start)
            training = Training(tally, replace(CONFIG, steps=options.steps[0]))
            for _ in training:
                pass
            whole.append(time.perf_counter() - start)
        points.append((tally.bases, statistics.median(counting), statistics.median(whole)))
        bases, count_seconds, seconds = points[-1]
        print(f"{scale:3} x {bases:12,} bases: counting {count_seconds:6.2f} s "
              f"({bases / count_seconds / 1e6:.0f} Mbp/s), {options.steps[0]} steps "
              f"{seconds - count_seconds:5.2f} s, all {seconds:6.2f} s", flush=True)  # fmt: skip
        if scale > 1:
            path.unlink()
    if options.plot:
        options.plot.write_text(drawn(points))


def drawn(points: list[tuple[int, float, float]]) -> str:
    """Return a bar for each corpus as SVG: counting, and what does not grow."""
    longest, rows = max(point[2] for point in points), []
    for i, (bases, counting, whole) in enumerate(points):
        y, first, second = 40 * i + 30, *(440 * t / longest for t in (counting, whole - counting))
        rows.append(
            f'<text x="10" y="{y + 15}">{bases / 1e6:.0f} Mbp</text>'
            f'<rect x="90" y="{y}" width="{first:.1f}" height="22" fill="#0072B2"/>'
            f'<rect x="{90 + first:.1f}" y="{y}" width="{second:.1f}" height="22" fill="#E69F00"/>'
            f'<text x="{100 + first + second:.1f}" y="{y + 15}">{whole:.1f} s</text>'
        )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="620" height="{40 * len(points) + 40}" '
        'font-family="sans-serif" font-size="13" fill="#333"><rect width="100%" height="100%" '
        'fill="white"/><text x="90" y="18">counting (blue) and training (orange), seconds</text>'
        f"{''.join(rows)}</svg>\n"
    )


def large(options: argparse.Namespace) -> None:
    """Print what a large vocabulary takes: the exact trainer, then three sampled epochs."""
    for k in options.large:
        config = replace(CONFIG, k=k, trainer="exact", steps=options.large_steps)
        sampled = replace(config, trainer="sampled", epochs=3, shared_negatives=True)
        for one in (sampled, config):
            start = time.perf_counter()
            source = read(options.corpus) if one is sampled else count_file(options.corpus, one)
            training = Training(source, one, curve=False)
            for _ in training:
                pass
            seconds = time.perf_counter() - start
            info = training.embedding().info
            gap = info.gap if info.gap is not None else float("nan")
            what = f"{info.steps_done} steps" if info.trainer == "exact" else "3 epochs, shared"
            print(f"k={k} {info.trainer}, {what}: {seconds:.1f} s, loss {info.loss:.4f}, "
                  f"optimum {info.optimum:.4f}, gap {gap:.4f}", flush=True)  # fmt: skip


def tables(options: argparse.Namespace) -> None:
    """Print losses and seconds of the exact trainer with tied tables and with two."""
    pairs_of = (setting.split("=") for setting in options.settings)
    settings = {name: int(v) if v.isdecimal() else v for name, v in pairs_of}
    config = replace(CONFIG, **settings)
    pairs = counted(count_file(options.corpus, config), config)
    for steps in options.tables:
        for tied in (True, False):
            start = time.perf_counter()
            trainer = ExactTrainer(pairs, replace(config, steps=steps), curve=False, tied=tied)
            done = sum(1 for _ in trainer)
            seconds, name = time.perf_counter() - start, "tied" if tied else "two tables"
            print(f"{done:4} steps, {name:10}: loss {trainer.loss():.4f}, {seconds:6.2f} s",
                  flush=True)  # fmt: skip


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


if __name__ == "__main__":
    main()
