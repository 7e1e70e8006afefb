"""Counting straight from a FASTA file beside Jellyfish and KMC, and its memory on a large file.

    python -m benchmarks.counting [CORPUS.fa.gz] [--repeats 5] [--large]

The corpora are made here: records of CORPUS (by default the sample that ships) drawn with
replacement, each with 1 % of its bases replaced at random, until there are 48 Mbp; with
``--large`` also 3 Gbp. Everyone counts 11-mers on two threads, forward strand only, from the
same uncompressed file, the page cache warm. Ours is timed inside a process that has loaded and
compiled everything; the others, which start in milliseconds, as commands. Our peak memory is
that of a process of its own. Jellyfish and KMC are Debian's packages, left out where missing.
"""

import argparse
import gzip
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from bioskipgram.config import TrainConfig
from bioskipgram.counting.pairs import pairs, sparse_pairs
from bioskipgram.counting.stream import count_file
from bioskipgram.sequences import shipped
from bioskipgram.sequences.fasta import read
from bioskipgram.sequences.sequences import Sequences

SIX = TrainConfig(k=6, window=5, threads=2)
"""Its words are 11-mers."""
OTHERS = (
    ("k=6, one thread", TrainConfig(k=6, window=5, threads=1)),
    ("k=6, canonical", TrainConfig(k=6, window=5, canonical=True, threads=2)),
    ("k=8 (13-mers)", TrainConfig(k=8, window=5, threads=2)),
    ("k=6, contexts apart", TrainConfig(k=6, window=5, contexts="apart", threads=2)),
    ("k=3, stride 3", TrainConfig(k=3, window=5, stride=3, threads=2)),
)


def main() -> None:
    """Print the figures of RESULTS.md."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("corpus", type=Path, nargs="?", default=shipped.SAMPLE)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--large", action="store_true", help="3 Gbp too: 3.1 GB of disk, minutes")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder, sequences = Path(name), read(options.corpus)
        path = folder / "48.fa"
        bases = made(sequences, 48_000_000, path)
        print(f"{bases:,} bases, {path.stat().st_size:,} bytes")
        beside_others(path, bases, folder, options.repeats)
        by_settings(path, bases, options.repeats)
        if options.large:
            path.unlink()
            large(sequences, folder / "3000.fa")


def made(sequences: Sequences, least: int, path: Path) -> int:
    """Write a corpus of at least so many bases; return how many."""
    random, letters, bases = np.random.default_rng(1), np.frombuffer(b"ACGTN", np.uint8), 0
    with path.open("wb") as file:
        while bases < least:
            codes = sequences[int(random.integers(len(sequences)))].copy()
            mutated = np.flatnonzero(random.random(len(codes), np.float32) < 0.01)
            codes[mutated] = random.integers(0, 4, len(mutated))
            text = letters[codes].tobytes()
            lines = [text[i : i + 60] for i in range(0, len(text), 60)]
            file.write(b">%d\n%b\n" % (bases, b"\n".join(lines)))
            bases += len(codes)
    return bases


def beside_others(path: Path, bases: int, folder: Path, repeats: int) -> None:
    """Print the times for 11-mers."""
    count_file(path, SIX)
    ours = median(lambda: count_file(path, SIX), repeats)
    report("ours, histogram", ours, bases)
    report("ours, to the table of pairs", median(lambda: pairs(count_file(path, SIX), SIX)), bases)
    packed = path.with_suffix(".fa.gz")
    with path.open("rb") as plain, gzip.open(packed, "wb", 6) as file:
        shutil.copyfileobj(plain, file)
    report("ours, gzipped", median(lambda: count_file(packed, SIX), repeats), bases)
    packed.unlink()
    out = str(folder / "out")
    jellyfish = ["jellyfish", "count", "-m", "11", "-s", "8M", "-t", "2", "-o", out, str(path)]
    kmc = ["kmc", "-k11", "-t2", "-fm", "-ci1", "-cs4294967295", "-b", str(path), out, str(folder)]
    for command in (jellyfish, kmc):
        if shutil.which(command[0]):
            seconds = median(
                lambda command=command: subprocess.run(command, check=True, capture_output=True), 3
            )
            report(command[0], seconds, bases, f", {seconds / ours:.1f} times ours")


def by_settings(path: Path, bases: int, repeats: int) -> None:
    """Print the times of other settings."""
    for name, config in OTHERS:
        count_file(b">a\n" + b"ACGT" * 9, config)
        report(name, median(lambda c=config: count_file(path, c), repeats), bases)
    for name, config in (OTHERS[2],):
        tally = count_file(path, config)
        sparse_pairs(count_file(b">a\n" + b"ACGT" * 9, config), config)
        seconds = median(lambda t=tally, c=config: sparse_pairs(t, c), 2)
        print(f"{name}: sparse table {seconds:.2f} s, {len(sparse_pairs(tally, config).indices):,}")


def large(sequences: Sequences, path: Path) -> None:
    """Print time and peak memory for 3 Gbp: 48 Mbp made as above, 63 times over."""
    part = path.with_suffix(".part")
    bases = 63 * made(sequences, 48_000_000, part)
    with path.open("wb") as file:
        for _ in range(63):
            file.write(part.read_bytes())
    print(f"\n{bases:,} bases, {path.stat().st_size:,} bytes")
    for config in ("k=6", "k=8"):
        done = subprocess.run(
            [sys.executable, "-c", LARGE.format(config=config, path=str(path))],
            check=True, capture_output=True, text=True,
        )  # fmt: skip
        seconds, peak = map(float, done.stdout.split())
        report(f"{config}, 3 Gbp", seconds, bases, f", peak {peak / 2**20:.2f} GiB")


LARGE = """
import re, time
from pathlib import Path
from bioskipgram.config import TrainConfig
from bioskipgram.counting import count_file
config = TrainConfig({config}, window=5, threads=2)
count_file(b">a\\nACGTACGTACGTACGTACGT", config)
start = time.perf_counter()
count_file({path!r}, config)
seconds = time.perf_counter() - start
print(seconds, re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1])
"""


def median(work: Callable[[], object], repeats: int = 5) -> float:
    """Return the median seconds of some runs."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def report(name: str, seconds: float, bases: int, more: str = "") -> None:
    """Print one line."""
    print(f"{name:30} {seconds:8.3f} s {bases / seconds / 1e6:8.0f} Mbp/s{more}", flush=True)


if __name__ == "__main__":
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    main()
