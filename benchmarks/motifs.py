"""Motifs: agreement with Bio.motifs, speed, and what is true of the shipped models.

    python -m benchmarks.motifs agreement [--motifs 20]
    python -m benchmarks.motifs speed [--bases 20000000]
    python -m benchmarks.motifs library [--bases 1000000]
    python -m benchmarks.motifs clusters [models/human-cds-k6.safetensors ...]

Sequences are random, one base in four each, unless said otherwise. Times are the median of several
runs, after one that compiles; run on a machine with nothing else to do.
"""

import argparse
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from Bio import motifs as bio
from Bio.Seq import Seq

from bioskipgram.cli.keep import keep_clusters
from bioskipgram.config import ScanConfig, default_clusters
from bioskipgram.groups import clusters as clustering
from bioskipgram.model import checkpoint
from bioskipgram.motifs.enrichment import in_clusters
from bioskipgram.motifs.library import asked_for, jaspar, kmer_shares
from bioskipgram.motifs.log_odds import UNIT
from bioskipgram.motifs.matrix import Motif
from bioskipgram.motifs.scan import Scanner
from bioskipgram.numerics.threads import cores
from bioskipgram.sequences.alphabet import DNA
from bioskipgram.sequences.sequences import Sequences

MODELS = ("models/human-cds-k6.safetensors", "models/human-cds-codon.safetensors")
QUESTIONS = ("stop codons in frame", "CpG", "polyadenylation signal")


def main() -> None:
    """Print what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=("agreement", "speed", "library", "clusters"))
    parser.add_argument("models", nargs="*", default=MODELS)
    parser.add_argument("--motifs", type=int, default=20)
    parser.add_argument("--bases", type=int, default=0)
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    {"agreement": agreement, "speed": speed, "library": library, "clusters": clusters}[
        options.what
    ](options)


def random_sequences(bases: int, seed: int = 1) -> Sequences:
    """Return one record of random bases."""
    codes = np.random.default_rng(seed).integers(0, 4, bases).astype(np.uint8)
    return Sequences(("random",), ("random",), codes, np.array([0, bases]))


def agreement(options: argparse.Namespace) -> None:
    """Print how far scores, hits and thresholds are from those of Bio.motifs."""
    sequences, shares = random_sequences(20_000), dict.fromkeys("ACGT", 0.25)
    text, rng = Seq(DNA.decode(sequences.codes)), np.random.default_rng(2)
    scanner = Scanner(sequences, ScanConfig(background="uniform", p=1e-3))
    worst = {"score": 0.0, "p": 0.0, "threshold": 0.0}
    same = border = hits = 0
    for number in range(options.motifs):
        length = int(rng.integers(5, 21))
        motif = Motif(f"random {number}", rng.integers(1, 40, (length, 4)).astype(np.float64))
        counts = dict(zip("ACGT", motif.weights.T.tolist(), strict=True))
        pssm = bio.Motif(alphabet="ACGT", counts=counts).counts.normalize(0.25).log_odds(shares)
        log_odds = scanner.log_odds(motif)
        threshold = scanner.threshold(log_odds)
        found = scanner.scan(log_odds)
        ours = dict(zip(zip(found.starts.tolist(), found.strands.tolist(), strict=True),
                        found.scores.tolist(), strict=True))  # fmt: skip
        theirs = {
            (int(at) % len(text), 1 if at >= 0 else -1): float(score)
            for at, score in pssm.search(text, threshold * UNIT - length * UNIT)
        }
        hits += len(ours)
        same += len(set(ours) & set(theirs))
        border += sum(
            key not in ours and score >= threshold * UNIT for key, score in theirs.items()
        )
        worst["score"] = max(worst["score"], *(abs(ours[key] - theirs[key]) for key in ours))
        own = pssm.distribution(background=shares, precision=10**3)
        gap = abs(own.threshold_fpr(1e-3) - threshold * UNIT)
        worst["threshold"] = max(worst["threshold"], gap)
        if length <= 8:
            words = np.indices((4,) * length).reshape(length, -1)
            every = log_odds.scores[np.arange(length)[:, None], words].sum(axis=0)
            exact = (every >= threshold).mean()
            p = log_odds.p_values(np.array([threshold]))[0]
            worst["p"] = max(worst["p"], abs(p / exact - 1))
    print(f"{options.motifs} random matrices of 5 to 20 columns, 20 kb, both strands, p <= 0.001")
    print(f"hits: {hits}, of which Bio.motifs has {same}; of its own {border} more, all within "
          "the rounding of the threshold")  # fmt: skip
    print(f"largest difference of a score: {worst['score']:.5f} bits (a unit is {UNIT:.5f})")
    print(f"largest relative error of p against all 4^length words: {worst['p']:.1e}")
    print(f"largest distance to ScoreDistribution.threshold_fpr: {worst['threshold']:.3f} bits")


def timed(work: Callable[[], Any], repeats: int) -> tuple[float, float]:
    """Return the medians of wall and processor seconds of some runs, after one not counted."""
    work()
    seconds = []
    for _ in range(repeats):
        start, busy = time.perf_counter(), time.process_time()
        work()
        seconds.append((time.perf_counter() - start, time.process_time() - busy))
    wall, processor = zip(*seconds, strict=True)
    return statistics.median(wall), statistics.median(processor)


def speed(options: argparse.Namespace) -> None:
    """Print bases per second per motif, both strands, p <= 1e-4, beside Bio.motifs."""
    bases = options.bases or 20_000_000
    scanner = Scanner(random_sequences(bases))
    print(f"{bases / 1e6:g} Mb, both strands, p <= 1e-4, {cores()} cores, median of "
          f"{options.repeats}")  # fmt: skip
    for length in (6, 8, 12, 18, 24):
        rng = np.random.default_rng(length)
        motif = Motif("random", rng.integers(1, 40, (length, 4)).astype(np.float64))
        log_odds = scanner.log_odds(motif)
        _ = log_odds.tail
        wall, busy = timed(lambda scored=log_odds: scanner.scan(scored), options.repeats)
        print(f"{length:2} columns: {bases / wall / 1e6:6.0f} Mbp/s, "
              f"{bases / busy / 1e6:6.0f} Mbp per second of one core")  # fmt: skip
    counts = dict(zip("ACGT", motif.weights.T.tolist(), strict=True))
    pssm = bio.Motif(alphabet="ACGT", counts=counts).counts.normalize(0.25).log_odds()
    text = DNA.decode(scanner.sequences.codes[:1_000_000])
    start = time.process_time()
    _ = pssm.calculate(text), pssm.reverse_complement().calculate(text)
    print(f"Bio.motifs' calculate, 24 columns: {1 / (time.process_time() - start):.1f} Mbp per "
          "second of one core")  # fmt: skip
    wall, busy = timed(lambda: Scanner(scanner.sequences), options.repeats)
    print(f"preparing the sequences, once: {bases / wall / 1e6:.0f} Mbp/s, "
          f"{bases / busy / 1e6:.0f} Mbp per second of one core")  # fmt: skip


def library(options: argparse.Namespace) -> None:
    """Print how long JASPAR's human CORE takes."""
    from tqdm import tqdm

    bases = options.bases or 1_000_000
    known = jaspar()
    Scanner(random_sequences(1000)).scan(known[0])
    start, busy = time.perf_counter(), time.process_time()
    scanner = Scanner(random_sequences(bases))
    hits, expected = 0, 0.0
    for found in tqdm(map(scanner.scan, known), total=len(known), unit="motif"):
        hits, expected = hits + len(found), expected + found.expected
    wall, busy = time.perf_counter() - start, time.process_time() - busy
    print(f"{len(known)} matrices over {bases / 1e6:g} Mb, both strands, p <= 1e-4: {wall:.1f} s, "
          f"{busy:.1f} s of processors; {hits:,} hits, {expected:,.0f} expected")  # fmt: skip


def clusters(options: argparse.Namespace) -> None:
    """Print which clusters of the models are richest in stops in frame, CpG and AATAAA."""
    for path in map(Path, options.models):
        embedding = checkpoint.load(path)
        found, _ = keep_clusters(embedding, path, default_clusters(len(embedding)))
        names = clustering.names(embedding, found)
        for question in QUESTIONS:
            one = asked_for(question)
            if one.motif is not None and len(one.motif) > embedding.vocabulary.tokenizer.k + 2:
                continue
            result = in_clusters(
                lambda v, one=one: kmer_shares(one, v, both=False) >= 0.8 - 1e-6,
                embedding.vocabulary, found.labels, shuffles=1000,
            )  # fmt: skip
            print(f"\n{path.stem}: {question} ({one.pattern}), {len(found)} clusters")
            print("cluster  name         k-mers  hits   odds        q  any-cluster  "
                  "letters shuffled: hits      p")  # fmt: skip
            for c in np.argsort(result.p, kind="stable")[:4].tolist():
                print(
                    f"{c:7}  {names[c]:12} {result.sizes[c]:6}  {result.hits[c]:4} "
                    f"{result.odds[c]:6.1f}  {result.q[c]:7.1e}  {result.permuted[c]:11.3f}  "
                    f"{result.shuffled[c]:22.1f}  {result.shuffled_p[c]:5.3f}"
                )


if __name__ == "__main__":
    main()
