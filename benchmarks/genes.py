"""How fast do genes become vectors? ``python -m benchmarks.genes [--bases 48000000]``.

Human coding sequences that ship are sampled with replacement and mutated (5 % of the bases), so
the file is as real as it can be and no record is there twice. Each figure is the median of the
repetitions; the first of all, in which numba compiles or reads its cache, is left out. A model
without reference genes beside it pools by the mean alone.
"""

import argparse
import resource
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from bioskipgram.config import POOLINGS, PoolConfig
from bioskipgram.genes import embed, reference_file
from bioskipgram.model import beside, checkpoint
from bioskipgram.sequences import fasta
from bioskipgram.sequences.sequences import Sequences
from bioskipgram.sequences.shipped import SAMPLE

MODELS = Path(__file__).parents[1] / "models"


def mutated(records: Sequences, *, bases: int = 0, many: int = 0, seed: int = 1) -> bytes:
    """Return FASTA text of records drawn with replacement, a twentieth of their bases replaced."""
    random = np.random.default_rng(seed)
    letters = np.frombuffer(b"ACGTN", np.uint8)
    pieces, done = [], 0
    while done < bases or len(pieces) < many:
        codes = records[int(random.integers(len(records)))].copy()
        places = random.integers(0, len(codes), len(codes) // 20)
        codes[places] = random.integers(0, 4, len(places))
        pieces.append(b">gene%d\n%b\n" % (len(pieces) + 1, letters[codes].tobytes()))
        done += len(codes)
    return b"".join(pieces)


def median(run: Callable[[], object], repeat: int) -> float:
    """Return the median seconds of several runs, after one that is not counted."""
    run()
    seconds = []
    for _ in range(repeat):
        started = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - started)
    return statistics.median(seconds)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bases", type=int, default=48_000_000, help="of the large file")
    parser.add_argument("--repeat", type=int, default=3, help="repetitions")
    options = parser.parse_args()
    sample = fasta.read(SAMPLE)
    thousand = mutated(sample, many=1000)
    with tempfile.TemporaryDirectory() as folder:
        large = Path(folder, "large.fa")
        large.write_bytes(mutated(sample, bases=options.bases))
        size = large.stat().st_size
        print(f"1,000 genes: {len(thousand) / 1e6:.2f} MB; large file: {size / 1e6:.1f} MB\n")
        print("| model | pooling | 1,000 genes, s | large file, Mbp/s |\n|---|---|---|---|")
        for path in beside.models_in(MODELS):
            _measure(path, thousand, large, options)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"\npeak memory of all this: {peak:,.0f} MiB")


def _measure(path: Path, thousand: bytes, large: Path, options: argparse.Namespace) -> None:
    embedding = checkpoint.load(path)
    own = beside.genes(path)
    known = reference_file.load(own, embedding) if own.exists() else None
    for pooling in POOLINGS if known else ("mean",):
        config = PoolConfig(pooling=pooling)
        background = known.background(embedding, config) if known else None

        def small() -> None:
            embed.embed(embedding, fasta.read(thousand), config, background=background)  # noqa: B023

        def streamed() -> None:
            blocks = fasta.stream(large, block_bases=1 << 21)
            for _ in embed.embed_blocks(embedding, blocks, config, background=background):  # noqa: B023
                pass

        speed = options.bases / 1e6 / median(streamed, options.repeat)
        print(f"| {path.stem} | {pooling} | {median(small, options.repeat):.2f} | {speed:.1f} |",
              flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
