"""What the Genes page does with records: seconds of each step, the median of several runs.

``python -m benchmarks.genes_page`` reads and checks 5,000 coding sequences (made from the sample
that ships, with substitutions), embeds and groups them, makes a dot plot of 10 kb x 10 kb and
aligns the globins.
"""

import statistics
import time
from collections.abc import Callable

import numpy as np

from bioskipgram.genes import alignment, embed
from bioskipgram.genes.dotplot import dot_plot
from bioskipgram.genes.similarity import nearest_others, similarity
from bioskipgram.model import checkpoint
from bioskipgram.sequences import fasta
from bioskipgram.sequences.orfs import check, verdicts, warnings
from bioskipgram.sequences.shipped import GENES, SAMPLE
from bioskipgram.sequences.upload import read_all

MODEL = "models/human-cds-k6.safetensors"
RECORDS = 5000
RUNS = 3


def made() -> bytes:
    """Return 5,000 records as FASTA."""
    sample, rng = fasta.read(SAMPLE), np.random.default_rng(1)
    texts = []
    for i in range(RECORDS):
        bases = np.array(sample[i % len(sample)])
        hit = rng.random(len(bases)) < 0.04 * (i // len(sample))
        bases[hit] = rng.integers(0, 4, hit.sum())
        texts.append(f">r{i}\n{sample.alphabet.decode(bases)}\n")
    return "".join(texts).encode()


def measure(name: str, step: Callable[[], object]) -> None:
    """Print the median seconds of a step; its first run, which compiles, is not counted."""
    step()
    walls, busy = [], []
    for _ in range(RUNS):
        wall, cpu = time.perf_counter(), time.process_time()
        step()
        walls.append(time.perf_counter() - wall)
        busy.append(time.process_time() - cpu)
    print(f"{name:<44}{statistics.median(walls):8.3f} s{statistics.median(busy):8.3f} s of CPU")


def main() -> None:
    """Run all."""
    data, embedding = made(), checkpoint.load(MODEL)
    records = read_all([("made.fa", data)])
    sequences, found = records.sequences, check(records.sequences)
    print(f"{len(records):,} records, {len(sequences.codes):,} bases")
    measure("read tolerantly", lambda: read_all([("made.fa", data)]))
    measure("check", lambda: check(sequences))
    measure(
        "verdicts and warnings in words",
        lambda: (verdicts(found), [warnings(found, sequences.names, i) for i in range(RECORDS)]),
    )
    vectors = embed.embed(embedding, sequences)
    measure("embed", lambda: embed.embed(embedding, sequences))
    measure("nearest other record of each", lambda: nearest_others(vectors))
    measure("group into 200 for the heat-map", lambda: similarity(vectors))
    rng = np.random.default_rng(2)
    pair = [rng.integers(0, 4, 10_000).astype(np.uint8) for _ in range(2)]
    measure("dot plot, 10 kb x 10 kb, both strands", lambda: dot_plot(embedding, *pair))
    named = fasta.read(GENES)
    hbb, hbd = (named.text(named.names.index(name)) for name in ("HBB", "HBD"))
    measure("align HBB with HBD, global", lambda: alignment.align(hbb, hbd))
    texts = [named.alphabet.decode(bases[:4472]) for bases in pair]
    measure("align at the limit of what starts unasked", lambda: alignment.align(*texts))


if __name__ == "__main__":
    main()
