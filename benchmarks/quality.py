"""How well do gene vectors find remote relatives? Mean average precision beside what needs none.

``python -m benchmarks.quality DATA`` with DATA the folder that holds ``human_cds`` and
``kaggle_families``. A **query** is a gene; all others are ranked by similarity to it. Right are
the members of its family; records that share an exact 60-mer with it, directly or by way of
others, are left out, neither right nor wrong: only remote relatives count. Two tasks:

* ``symbols``: human genes with symbols. Families are symbols alike but for their member's number
  or letter (see `root`); genes whose symbols share the first three letters only are left out.
* ``classes``: the seven gene families of the "DNA sequence" set; one query from each 60-mer group.

The figure is the mean over families of the mean average precision of their queries (MAP), with
a 95 % interval from 1,000 bootstraps of the queries within families. Alignment is slow, so it and
a few others are compared on sampled queries and candidates, in a table of its own.
"""

import argparse
import gzip
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from bioskipgram import checkpoint, fasta, genes
from bioskipgram.config import POOLINGS, PoolConfig
from bioskipgram.embedding import KmerEmbedding
from bioskipgram.fasta import Sequences
from bioskipgram.genes import distances
from bioskipgram.kmers import KmerTokenizer, translate
from bioskipgram.vocabulary import Vocabulary

MODELS = Path(__file__).parents[1] / "models"
SAYS_NOTHING = re.compile(r"C\d+ORF|CXORF|KIAA|LOC|FAM|TMEM|CCDC")
"""Symbols that name a place, a number or a feature, not a kin."""


def root(symbol: str) -> str:
    """Return a family's name out of a symbol, "" if it tells none.

    A letter after a number goes (ABCA1B -> ABCA1), then the number (ABCA1 -> ABCA). The globins,
    whose members have letters without numbers (HBB, HBD, HBE1, HBG1, HBG2), are the one exception.
    """
    symbol = symbol.upper()
    if re.fullmatch(r"HB[ABDEGMQZ]\d?", symbol):
        return "HB"
    stem = re.sub(r"\d+$", "", re.sub(r"(?<=\d)[A-Z]$", "", symbol))
    return "" if len(stem) < 3 or SAYS_NOTHING.match(stem) else stem


@dataclass
class Task:
    """Records, their families, which of them are near, and which are asked about."""

    name: str
    records: Sequences
    families: np.ndarray
    clusters: np.ndarray
    stems: np.ndarray
    queries: np.ndarray

    def __post_init__(self) -> None:
        # Numbers compare quicker than texts.
        self.families = np.unique(self.families, return_inverse=True)[1]
        self.stems = np.unique(self.stems, return_inverse=True)[1]

    def candidates(self, query: int) -> np.ndarray:
        """Return the records that count as right or wrong."""
        same = self.families == self.families[query]
        alike = (self.stems == self.stems[query]) & ~same
        return (self.clusters != self.clusters[query]) & ~alike

    def precisions(self, scores: np.ndarray) -> np.ndarray:
        """Return the average precision of every query, float64[queries]; scores [queries, R]."""
        found = np.zeros(len(self.queries))
        for row, (query, ranked) in enumerate(zip(self.queries, scores, strict=True)):
            among = np.flatnonzero(self.candidates(query))
            right = (self.families[among] == self.families[query])[
                np.argsort(-ranked[among], kind="stable")
            ]
            places = np.flatnonzero(right) + 1
            found[row] = np.mean(np.arange(1, len(places) + 1) / places)
        return found


def named(data: Path) -> Task:
    """Return the task of gene symbols."""
    records = fasta.read(data / "human_cds" / "named_human_cds.fa.gz")
    families = np.array([root(name) for name in records.names])
    clusters = shared_60mers(records)
    stems = np.array([name[:3].upper() for name in records.names])
    queries = [
        i
        for i, family in enumerate(families)
        if family and ((families == family) & (clusters != clusters[i])).any()
    ]
    return Task("symbols", records, families, clusters, stems, np.array(queries))


def classes(data: Path) -> Task:
    """Return the task of the seven families, exact duplicates dropped."""
    folder = data / "kaggle_families"
    lines = gzip.decompress((folder / "human_data.txt.gz").read_bytes()).decode().split("\n")[1:]
    rows = dict.fromkeys(tuple(line.split("\t")) for line in lines if line)
    records = fasta.read("".join(f">r\n{text}\n" for text, _ in rows).encode())
    families = np.array([family for _, family in rows])
    clusters = shared_60mers(records)
    queries = np.unique(clusters, return_index=True)[1]
    return Task("classes", records, families, clusters, families, np.sort(queries))


def shared_60mers(records: Sequences) -> np.ndarray:
    """Return the group of each record: those that share a 60-mer, directly or by way of others."""
    codes, last = records.codes.astype(np.uint64), len(records.codes) - 59
    half = np.zeros(len(codes) - 29, np.uint64)
    for offset in range(30):
        half = (half << np.uint64(2)) | (codes[offset : offset + len(half)] & np.uint64(3))
    mixed = half[:last] * np.uint64(0x9E3779B97F4A7C15) ^ half[30:] * np.uint64(0xC2B2AE3D27D4EB4F)
    record = np.searchsorted(records.offsets, np.arange(last), side="right") - 1
    unknown = np.concatenate([[0], np.cumsum(codes > 3)])
    whole = (np.arange(last) + 60 <= records.offsets[record + 1]) & (unknown[60:] == unknown[:-60])
    mixed, record = mixed[whole], record[whole]
    order = np.argsort(mixed, kind="stable")
    alike = mixed[order][1:] == mixed[order][:-1]
    edges = record[order][1:][alike], record[order][:-1][alike]
    graph = coo_matrix((np.ones(len(edges[0])), edges), (len(records), len(records)))
    return connected_components(graph, directed=False)[1]


def summary(task: Task, precisions: np.ndarray, *, seed: int = 1) -> tuple[float, float, float]:
    """Return the MAP, a mean over families, and its 95 % interval."""
    groups = [
        precisions[task.families[task.queries] == family]
        for family in np.unique(task.families[task.queries])
    ]
    random = np.random.default_rng(seed)
    drawn = np.mean(
        [
            group[random.integers(0, len(group), (1000, len(group)))].mean(axis=1)
            for group in groups
        ],
        axis=0,
    )
    low, high = np.percentile(drawn, [2.5, 97.5])
    return float(np.mean([group.mean() for group in groups])), float(low), float(high)


# What is compared ----------------------------------------------------------------------------

Ranker = Callable[[np.ndarray], np.ndarray]
"""Rows of queries -> scores, float[queries, R]."""


def baselines(task: Task) -> Iterator[tuple[str, np.ndarray]]:
    """Yield what needs no learning: scores of every query."""
    random = np.random.default_rng(1)
    yield "random order", random.random((len(task.queries), len(task.records)))
    for k in (6, 8, 11):
        tokenizer = KmerTokenizer(k)
        vocabulary = Vocabulary.from_sequences(task.records, tokenizer)
        counts = genes.counts(vocabulary, task.records).matrix
        asked = counts[task.queries]
        yield f"Mash distance, k = {k}", -distances.mash(asked, counts, k)
        yield f"{k}-mer cosine", distances.kmer_cosine(asked, counts)
        if k == 6:
            yield "6-mer cosine, centred", centred_cosine(counts.toarray(), task.queries)
    counts = genes.counts(in_frame(6), task.records).matrix
    yield "in-frame 6-mer (dicodon) cosine, centred", centred_cosine(counts.toarray(), task.queries)
    counts = genes.counts(in_frame(3), task.records).matrix
    yield "codon usage cosine, centred", centred_cosine(counts.toarray(), task.queries)


def in_frame(k: int) -> Vocabulary:
    """Return every k-mer, read codon by codon."""
    tokenizer = KmerTokenizer(k, stride=3)
    return Vocabulary(tokenizer, tokenizer.all_codes(), np.ones(4**k, np.int64))


def centred_cosine(counts: np.ndarray, queries: np.ndarray) -> np.ndarray:
    """Return the cosines of k-mer shares, less their mean over all records."""
    shares = (counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)).astype(np.float32)
    shares -= shares.mean(axis=0)
    shares /= np.maximum(np.linalg.norm(shares, axis=1, keepdims=True), 1e-12)
    return shares[queries] @ shares.T


def pooled(task: Task, embedding: KmerEmbedding, pooling: str) -> np.ndarray:
    """Return the cosines of gene vectors, fitted on the records themselves without labels."""
    unit = genes.embed(embedding, task.records, PoolConfig(pooling=pooling)).unit
    return unit[task.queries] @ unit.T


def random_vectors(embedding: KmerEmbedding, seed: int) -> KmerEmbedding:
    """Return the same model with vectors that learnt nothing."""
    random = np.random.default_rng(seed)
    center = random.standard_normal(embedding.center.shape).astype(np.float32)
    return KmerEmbedding(
        embedding.vocabulary, center, center, embedding.info, embedding.remove_components
    )


def shipped() -> dict[str, KmerEmbedding]:
    """Return the models in the repository's folder."""
    paths = sorted(path for path in MODELS.glob("*.safetensors") if ".genes" not in path.name)
    return {path.stem: checkpoint.load(path) for path in paths}


def report(task: Task, *, seeds: int) -> dict[str, np.ndarray]:
    """Print a table row for each method; return what alignment will be compared with."""
    kept = {}
    many, families = len(task.queries), len(set(task.families[task.queries]))
    groups = len(set(task.clusters))
    print(
        f"\n### {task.name}: {len(task.records):,} records in {groups:,} groups by 60-mers, ",
        end="",
    )
    print(f"{many:,} queries, {families} families\n")
    print("| method | MAP | 95 % |\n|---|---|---|", flush=True)
    for name, scores in baselines(task):
        kept[name] = row(name, task, scores)
    for model, embedding in shipped().items():
        for pooling in POOLINGS:
            kept[f"{model}, {pooling}"] = row(
                f"**{model}, {pooling}**", task, pooled(task, embedding, pooling)
            )
            nulls = [
                summary(task, task.precisions(pooled(task, random_vectors(embedding, s), pooling)))
                for s in range(1, seeds + 1)
            ]
            values = ", ".join(f"{null[0]:.4f}" for null in nulls)
            print(f"| {model}, {pooling}, random vectors | {values} | {seeds} seeds |", flush=True)
    return kept


def row(name: str, task: Task, scores: np.ndarray) -> np.ndarray:
    """Print one row of the table and return the scores."""
    value, low, high = summary(task, task.precisions(scores))
    print(f"| {name} | {value:.4f} | {low:.4f} to {high:.4f} |", flush=True)
    return scores


# Alignment -----------------------------------------------------------------------------------


def against_alignment(
    task: Task, kept: dict[str, np.ndarray], *, queries: int, others: int
) -> None:
    """Print the same on sampled queries, each among its relatives and some others, aligned too."""
    random = np.random.default_rng(1)
    rows = random.permutation(len(task.queries))[:queries]
    print(f"\n{len(rows)} sampled queries, each among 10 relatives at most and {others} others\n")
    chosen = [candidates(task, int(task.queries[row]), random, others) for row in rows]
    print("| method | MAP of the sample |\n|---|---|")
    for name, scores in kept.items():
        found = [
            precision(task, int(task.queries[row]), among, scores[row, among])
            for row, among in zip(rows, chosen, strict=True)
        ]
        print(f"| {name} | {np.mean(found):.4f} |")
    for name, identity in (("DNA", False), ("protein", True)):
        started = time.perf_counter()
        align = aligner(protein=identity)
        texts = [task.records.text(i) for i in range(len(task.records))]
        if identity:
            texts = [translate(text.replace("N", "A")).replace("*", "X") for text in texts]
        found = []
        for row, among in zip(rows, chosen, strict=True):
            query = int(task.queries[row])
            scores = np.array([identity_of(align, texts[query], texts[i]) for i in among])
            found.append(precision(task, query, among, scores))
        seconds = time.perf_counter() - started
        label = f"identity of the global {name} alignment ({seconds:.0f} s)"
        print(f"| {label} | {np.mean(found):.4f} |", flush=True)


def candidates(task: Task, query: int, random: np.random.Generator, others: int) -> np.ndarray:
    """Return up to ten relatives of a query, and some others."""
    among = task.candidates(query)
    right = np.flatnonzero(among & (task.families == task.families[query]))
    wrong = np.flatnonzero(among & (task.families != task.families[query]))
    return np.concatenate([random.permutation(right)[:10], random.permutation(wrong)[:others]])


def precision(task: Task, query: int, among: np.ndarray, scores: np.ndarray) -> float:
    """Return the average precision of one query among some candidates."""
    right = (task.families[among] == task.families[query])[np.argsort(-scores, kind="stable")]
    places = np.flatnonzero(right) + 1
    return float(np.mean(np.arange(1, len(places) + 1) / places))


def aligner(*, protein: bool) -> object:
    """Return Biopython's aligner with the usual scores, end gaps free."""
    from Bio.Align import PairwiseAligner, substitution_matrices

    made = PairwiseAligner(mode="global")
    if protein:
        made.substitution_matrix = substitution_matrices.load("BLOSUM62")
        made.open_gap_score, made.extend_gap_score = -11, -1
    else:
        made.match_score, made.mismatch_score = 2, -3
        made.open_gap_score, made.extend_gap_score = -5, -2
    made.end_gap_score = 0
    return made


def identity_of(align: object, one: str, two: str) -> float:
    """Return identical columns over the shorter length."""
    best = align.align(one, two)[0]  # type: ignore[attr-defined]
    return float(best.counts().identities / max(min(len(one), len(two)), 1))


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="the folder of human_cds and kaggle_families")
    parser.add_argument("--seeds", type=int, default=3, help="random models for the null")
    parser.add_argument("--queries", type=int, default=40, help="queries to align; 0 = none")
    parser.add_argument("--others", type=int, default=100, help="unrelated candidates to align")
    options = parser.parse_args()
    for task in (named(options.data), classes(options.data)):
        kept = report(task, seeds=options.seeds)
        if options.queries:
            against_alignment(task, kept, queries=options.queries, others=options.others)


if __name__ == "__main__":
    main()
