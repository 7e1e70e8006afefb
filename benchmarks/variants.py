"""Does the score of a variant tell anything? Each figure beside nulls and simple baselines.

    python -m benchmarks.variants [--repeats 200] [--models NAME …] [--no-training] [--speed]

All substitutions of the 86 genes that ship are scored. AUC of synonymous against missense, of
transition against transversion, and of conservative against radical missense (BLOSUM62 at least 0
or below), plain and within strata of the same trinucleotide and, for the first, new base; with 95 %
intervals from drawing genes with replacement. The direction is always told: AUC above .5 = the
first class has the higher value.

The scores are those of the shipped models; of the same settings trained on the sample that ships
and on the sample shuffled (bases, or codons, in random order within each gene); and of random
vectors. Baselines: transition or not, what becomes of CpGs, and codon usage (log of the new codon's
share in the sample less that of the old).

--speed prints how long a saturation of 5,592 bases and a VCF of 10,000 lines take.
"""

import argparse
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bioskipgram.kmers.genetic_code import code
from bioskipgram.model import checkpoint
from bioskipgram.model.embedding import KmerEmbedding
from bioskipgram.model.quality import random_like
from bioskipgram.sequences import fasta
from bioskipgram.sequences.sequences import Sequences
from bioskipgram.sequences.shipped import GENES, SAMPLE
from bioskipgram.sequences.shuffle import shuffled
from bioskipgram.training.trainer import Training
from bioskipgram.variants import null as context_null
from bioskipgram.variants import reading
from bioskipgram.variants.assess import Assessor
from bioskipgram.variants.consequence import KINDS
from bioskipgram.variants.null import every, trinucleotides
from bioskipgram.variants.protein import blosum62
from bioskipgram.variants.saturation import kinds, saturate
from bioskipgram.variants.score import MEASURES, Scorer

MODELS = ("human-cds-k6", "human-cds-codon")
ROOT = Path(__file__).resolve().parents[1] / "models"
STEPS = 100
BINS = (1000, 150)
"""Into which values are ranked: without strata, and within each of many."""
Numbers = NDArray[np.float64]


class Substitutions:
    """Every substitution of some genes, and what is known of it without any model."""

    def __init__(self, genes: Sequences, sample: Sequences) -> None:
        self.genes = genes
        found: dict[str, list[NDArray]] = {}
        usage = codon_usage(sample)
        for record in range(len(genes)):
            for name, column in known(genes, record, usage).items():
                found.setdefault(name, []).append(column)
        self.columns = {name: np.concatenate(parts) for name, parts in found.items()}

    def scores(self, embedding: KmerEmbedding) -> Numbers:
        """Return float64[3, n]."""
        scorer = Scorer(embedding)
        parts = []
        for record in range(len(self.genes)):
            text = scorer.text(self.genes[record])
            values = scorer.substitutions(text, *every(text.bases))
            parts.append(text.comparable(values))
        return np.concatenate(parts, axis=1).astype(np.float64)


def codon_usage(sample: Sequences) -> Numbers:
    """Return the log share of each codon in frame, float64[64]."""
    counts = np.ones(64)
    for record in range(len(sample)):
        codons = sample[record][: len(sample[record]) // 3 * 3].reshape(-1, 3).astype(int)
        codons = codons[(codons < 4).all(axis=1)]
        counts += np.bincount(codons @ [16, 4, 1], minlength=64)
    return np.log(counts / counts.sum())


def known(genes: Sequences, record: int, usage: Numbers) -> dict[str, NDArray]:
    """Return class, context and the baselines of each substitution of a gene."""
    bases = genes[record].astype(int)
    positions, alts = every(genes[record])
    alts = alts.astype(int)
    whole = bases.reshape(-1, 3)[positions // 3]
    new = whole.copy()
    new[np.arange(len(new)), positions % 3] = alts
    letters = np.array(list(code().values()))
    places = np.array([16, 4, 1])
    old_codon, new_codon = whole @ places, new @ places
    padded = np.concatenate([[4], bases, [4]])
    left, right, ref = padded[positions], padded[positions + 2], bases[positions]

    def sites(middle: NDArray) -> NDArray:
        return ((left == 1) & (middle == 2)) + ((middle == 1) & (right == 2)).astype(int)

    table = np.array(
        [[-9 if (score := blosum62(a, b)) is None else score for b in letters] for a in letters]
    )
    return {
        "gene": np.full(len(positions), record),
        "kind": kinds(genes[record])[alts, positions],
        "context": trinucleotides(genes[record])[positions],
        "alt": alts,
        "place": positions % 3,
        "transition": (np.abs(ref - alts) == 2).astype(float),
        "CpG": (sites(alts) - sites(ref)).astype(float),
        "codon usage": usage[new_codon] - usage[old_codon],
        "BLOSUM62": table[old_codon, new_codon].astype(float),
    }


def interval(
    values: Numbers, first: NDArray, second: NDArray, strata: NDArray, gene: NDArray,
    *, repeats: int, seed: int = 1,
) -> tuple[float, float, float]:  # fmt: skip
    """Return the AUC of two classes within strata, with a 95 % interval over genes.

    Pairs of one of each class are compared within a stratum; strata add up. Values are ranked
    once into `BINS`, in which ties count half; genes are drawn with replacement.
    """
    use = (first | second) & (strata >= 0) & ~np.isnan(values)
    values, is_first, strata, gene = values[use], first[use], strata[use], gene[use]
    _, strata = np.unique(strata, return_inverse=True)
    genes, gene = np.unique(gene, return_inverse=True)
    S, G = int(strata.max()) + 1, len(genes)
    edges = np.unique(np.quantile(values, np.linspace(0, 1, BINS[S > 1] + 1)))
    cells = strata * (len(edges) + 1) + np.searchsorted(edges, values, side="left")
    size = S * (len(edges) + 1)
    random = np.random.default_rng(seed)
    draws = random.multinomial(G, np.full(G, 1 / G), repeats)
    weights = np.concatenate([np.ones((1, G)), draws]).astype(np.float32)
    ones, others = (
        weights @ np.bincount(gene[one] * size + cells[one], minlength=G * size)
        .reshape(G, size).astype(np.float32)
        for one in (is_first, ~is_first)
    )  # fmt: skip
    ones, others = (x.reshape(len(weights), S, -1).astype(np.float64) for x in (ones, others))
    below = np.cumsum(others, axis=2) - others / 2
    found = (ones * below).sum(axis=(1, 2)) / (ones.sum(axis=2) * others.sum(axis=2)).sum(axis=1)
    low, high = np.percentile(found[1:], [2.5, 97.5]) if repeats else (np.nan, np.nan)
    return float(found[0]), float(low), float(high)


def report(rows: dict[str, Numbers], every_one: Substitutions, repeats: int) -> None:
    """Print a table of AUCs: a line for each score, a column for each question."""
    c = every_one.columns
    nothing = np.zeros(len(c["kind"]), int)
    by_context = np.where(c["context"] >= 0, 4 * c["context"] + c["alt"], -1)
    by_all = np.where(by_context >= 0, 3 * by_context + c["place"], -1)
    synonymous, missense = (c["kind"] == KINDS.index(name) for name in ("synonymous", "missense"))
    transition = c["transition"] == 1
    same = missense & (c["BLOSUM62"] >= 0)
    radical = missense & (c["BLOSUM62"] < 0)
    questions = {
        "syn|mis": (synonymous, missense, nothing),
        "syn|mis, context": (synonymous, missense, by_context),
        "syn|mis, context+place": (synonymous, missense, by_all),
        "ts|tv": (transition, ~transition, nothing),
        "ts|tv, trinucleotide": (transition, ~transition, c["context"]),
        "ts|tv syn, trinuc.": (transition & synonymous, ~transition & synonymous, c["context"]),
        "conservative|radical": (same, radical, nothing),
        "cons.|rad., context+place": (same, radical, by_all),
    }
    print(f"{'':38}" + "".join(f"{name:>28}" for name in questions))
    for name, values in rows.items():
        cells = []
        for first, second, strata in questions.values():
            auc, low, high = interval(values, first, second, strata, c["gene"], repeats=repeats)
            cells.append(f"{auc:.3f} ({low:.3f}-{high:.3f})")
        print(f"{name:38}" + "".join(f"{cell:>28}" for cell in cells), flush=True)


def trained(embedding: KmerEmbedding, sequences: Sequences, name: str) -> KmerEmbedding:
    """Return the same settings trained on other sequences, with so many steps."""
    config = replace(embedding.info.config, steps=STEPS)
    training = Training(sequences, config, source=name)
    for _ in training:
        pass
    return training.embedding().removing(embedding.remove_components)


def others(embedding: KmerEmbedding, sample: Sequences) -> dict[str, KmerEmbedding]:
    """Return the nulls that have to be trained, and their counterpart on real sequences."""
    return {
        "trained on the sample": trained(embedding, sample, "sample"),
        "… bases shuffled": trained(embedding, shuffled(sample, unit=1), "bases"),
        "… codons shuffled": trained(embedding, shuffled(sample, unit=3), "codons"),
    }


def random_model(embedding: KmerEmbedding) -> KmerEmbedding:
    """Return the same words with random vectors in both tables."""
    random = np.random.default_rng(2)
    context = random.standard_normal(embedding.context.shape).astype(np.float32)
    return replace(random_like(embedding), context=context)


def speed() -> None:
    """Print how long a saturation and a long VCF take; medians of 5, the first one left out."""
    genes = fasta.read(GENES)
    random = np.random.default_rng(0)
    long = random.integers(0, 4, 5592).astype(np.uint8)  # as long as BRCA1's coding sequence
    record = genes.names.index("HBB")
    rows = [
        f"HBB\t{p + 1}\t.\t{genes.text(record)[p]}\t{a}"
        for p in range(444) for a in "ACGT" if a != genes.text(record)[p]
    ]  # fmt: skip
    text = "\n".join((rows * 8)[:10_000])
    for name in MODELS:
        embedding = checkpoint.load(ROOT / f"{name}.safetensors")
        null = context_null.load(context_null.cache_path(ROOT / f"{name}.safetensors", embedding))
        scorer = Scorer(embedding)
        text_of_long = scorer.text(long)
        clock = {
            "saturation of 5,592 bases": lambda s=scorer, t=text_of_long: saturate(s, t),
            "10,000 lines of VCF": lambda s=scorer, n=null: Assessor(s, genes, n).all(
                reading.read(text, genes).variants
            ),
        }
        for what, work in clock.items():
            times = []
            for _ in range(6):
                start, cpu = time.perf_counter(), time.process_time()
                work()
                times.append((time.perf_counter() - start, time.process_time() - cpu))
            wall, busy = np.median(times[1:], axis=0)
            print(f"{name}: {what}: {wall:.3f} s (processor {busy:.3f} s)")


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=200)
    parser.add_argument("--models", nargs="+", default=MODELS, choices=MODELS)
    parser.add_argument("--no-training", action="store_true")
    parser.add_argument("--speed", action="store_true")
    options = parser.parse_args()
    if options.speed:
        speed()
        return
    genes, sample = fasta.read(GENES), fasta.read(SAMPLE)
    substitutions = Substitutions(genes, sample)
    c = substitutions.columns
    print(f"{len(c['kind']):,} substitutions of {len(genes)} genes; "
          + ", ".join(f"{(c['kind'] == KINDS.index(k)).sum():,} {k}"
                      for k in ("synonymous", "missense", "stop gained")))  # fmt: skip
    print("\nbaselines")
    names = ("transition", "CpG", "codon usage")
    report({name: c[name] for name in names}, substitutions, options.repeats)
    for name in options.models:
        embedding = checkpoint.load(ROOT / f"{name}.safetensors")
        models = {"shipped": embedding}
        if not options.no_training:
            models |= others(embedding, sample)
        models["random vectors"] = random_model(embedding)
        for number, measure in enumerate(MEASURES[:2]):
            print(f"\n{name}: {measure}")
            rows = {what: substitutions.scores(model)[number] for what, model in models.items()}
            report(rows, substitutions, options.repeats)


if __name__ == "__main__":
    main()
