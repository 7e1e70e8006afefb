"""Planted motifs found again: ``python -m benchmarks.discovery [--seeds N] [--null N]``.

Sites drawn from five matrices of JASPAR are planted in 10 to 50 % of 1,000 sequences of 100 bases,
pieces of the human coding sequences that ship, dinucleotides shuffled; the second set is the first,
shuffled again. A motif counts as found where a discovered one is significant on the held-out
sequences and like the planted matrix, Tomtom's p at most .001; the search ends at the first
significant one. What can be found is counted without the discovery: the planted matrix itself, its
scores by `Scanner`, its threshold the best of four fifths of the sequences, Fisher's test on the
last fifth. Last, how often the first motif of two sets without any is called significant at .05.
"""

import argparse
import time

import numpy as np

from bioskipgram.config import ScanConfig
from bioskipgram.motifs.discovery import compare
from bioskipgram.motifs.discriminative import HELD_OUT, SIGNIFICANT, discover
from bioskipgram.motifs.library import entry, jaspar
from bioskipgram.motifs.scan import Scanner
from bioskipgram.numerics.statistics import fisher
from bioskipgram.sequences import fasta
from bioskipgram.sequences.alphabet import DNA
from bioskipgram.sequences.sequences import Sequences
from bioskipgram.sequences.shipped import SAMPLE
from bioskipgram.sequences.shuffle import shuffle

NAMES = ("MA0035.5", "MA0018.5", "MA0139.2", "MA0106.3", "MA0058.4")
SHARES = (0.1, 0.3, 0.5)
RECORDS, LENGTH = 1000, 100
ALIKE = 0.001


def background(seed: int) -> Sequences:
    """Return random pieces of the sample, dinucleotides shuffled."""
    sample, random = fasta.read(SAMPLE), np.random.default_rng(seed)
    starts = random.choice(len(sample.codes) - LENGTH, RECORDS, replace=False)
    codes = np.concatenate([sample.codes[start : start + LENGTH] for start in starts])
    names = tuple(map(str, range(RECORDS)))
    offsets = np.arange(0, RECORDS * LENGTH + 1, LENGTH, dtype=np.int64)
    return shuffle(Sequences(names, names, codes, offsets, DNA), seed=seed)


def planted(sequences: Sequences, shares: np.ndarray, share: float, seed: int) -> Sequences:
    """Return the sequences with a site in so many of them, on either strand."""
    random, codes = np.random.default_rng(seed), sequences.codes.copy()
    for record in random.choice(RECORDS, round(share * RECORDS), replace=False):
        site = np.array([random.choice(4, p=row) for row in shares], np.uint8)
        site = 3 - site[::-1] if random.random() < 0.5 else site
        start = record * LENGTH + random.integers(LENGTH - len(site) + 1)
        codes[start : start + len(site)] = site
    return Sequences(sequences.names, sequences.names, codes, sequences.offsets, DNA)


def possible(first: Sequences, second: Sequences, motif, seed: int) -> float:
    """Return the p of the planted matrix itself on held-out sequences."""
    best = []
    for each in (first, second):
        scanner = Scanner(each, ScanConfig(by="relative", relative=0.4))
        hits = scanner.scan(motif)
        scores = np.full(len(each), -np.inf)
        np.maximum.at(scores, hits.records, hits.scores)
        best.append(np.random.default_rng(seed).permutation(scores))
    cut = round(HELD_OUT * RECORDS)
    steps = np.unique(best[0][cut:])
    hits, others = ((each[cut:] >= steps[:, None]).sum(axis=1) for each in best)
    size = RECORDS - cut
    threshold = steps[fisher(hits, others, size, size, alternative="greater").argmin()]
    held = [np.array([int((each[:cut] >= threshold).sum())]) for each in best]
    return float(fisher(*held, cut, cut, alternative="greater")[0])


def likeness(motif, identifier: str) -> float:
    """Return Tomtom's p of a motif and one matrix, by the columns of all of JASPAR."""
    known = jaspar()
    found = compare(motif, known)
    (place,) = (i for i, t in enumerate(found.targets) if known[t].name.endswith(identifier))
    return float(found.p[place])


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--null", type=int, default=40)
    options = parser.parse_args()
    print("| matrix | planted in | can be found | found | median held-out p | CPU seconds |")
    print("|---|---|---|---|---|---|")
    for name in NAMES:
        motif = entry(name).motif
        for share in SHARES:
            can, found, p, seconds = 0, 0, [], []
            for seed in range(options.seeds):
                first = planted(background(seed), motif.shares(), share, seed)
                second = shuffle(first, seed=seed + 1000)
                can += possible(first, second, motif, seed) <= SIGNIFICANT
                begun = time.process_time()
                made = list(discover(first, second, seed=seed, motifs=1))
                seconds.append(time.process_time() - begun)
                alike = [one for one in made if likeness(one.motif, name) <= ALIKE]
                found += any(one.significant for one in alike)
                p.append(min((one.p for one in alike), default=1.0))
            print(
                f"| {motif.name} | {share:.0%} | {can} of {options.seeds} | {found} | "
                f"{np.median(p):.2g} | {np.median(seconds):.1f} |", flush=True,
            )  # fmt: skip
    begun, spent = time.perf_counter(), time.process_time()
    number = len(list(discover(first, second)))
    print(
        f"\n{number} motifs of the last pair of sets: {time.perf_counter() - begun:.1f} s, "
        f"{time.process_time() - spent:.1f} s of the processors", flush=True,
    )  # fmt: skip
    null = []
    for seed in range(options.null):
        first = background(seed)
        null.append(next(discover(first, shuffle(first, seed=seed + 1000), seed=seed)).p)
    low = np.array(null) <= SIGNIFICANT
    print(f"\nno motif planted: p <= {SIGNIFICANT} in {low.sum()} of {len(null)} pairs of sets")


if __name__ == "__main__":
    main()
