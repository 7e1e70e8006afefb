"""Labels transferred to held-out genes: ``python -m benchmarks.transfer MODEL… [--keep]``.

Every annotated reference gene is a query among the others, its copies (Mash distance below 0.05)
left out. Families of paralogues are dealt to five folds: the curves that state reliabilities are
fitted on four, and tried on the fifth. Printed are, for each way to find neighbours, how many of
the first labels are right, beside the commonest label, and the share right at each stated
reliability; each as median and range over five ways to deal the families. "family left out": all
paralogues of a query are left out of the reference, so that a domain can come from a remote gene
only. `--keep` writes the curves of all genes beside the model.
"""

import argparse
from itertools import pairwise
from pathlib import Path

import numpy as np

from bioskipgram.genes import reference_file
from bioskipgram.genes.annotation import KINDS, families, labels
from bioskipgram.genes.transfer import METHODS, POOL, Near, calibrate, near, save
from bioskipgram.model import beside, checkpoint

FOLDS, DEALS = 5, 5
EDGES = np.array([0, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 0.9, 1.0001])


def spread(values: list[float]) -> str:
    """Return median and range."""
    return f"{np.median(values):.3f} ({min(values):.3f}-{max(values):.3f})"


def tried(found: dict[str, Near], matrix, known: np.ndarray, groups: np.ndarray, seed: int):
    """Return stated reliability, whether right, and whether first of each label, by method."""
    fold = np.random.default_rng(seed).permutation(groups.max() + 1)[groups] % FOLDS
    rows: dict[str, list[np.ndarray]] = {name: [] for name in METHODS}
    for held in range(FOLDS):
        fitting, trying = (np.flatnonzero(known & each) for each in (fold != held, fold == held))
        made = calibrate(
            {name: one[fitting] for name, one in found.items()}, matrix[fitting], matrix
        )
        for method in METHODS:
            scored = made.scores({name: one[trying] for name, one in found.items()}, matrix, method)
            stated = made.labels[method](scored.data)
            query = np.repeat(trying, np.diff(scored.indptr))
            right = np.asarray(matrix[query, scored.indices]).ravel() > 0
            order = np.lexsort((-scored.data, query))
            first = np.zeros(len(query), bool)
            first[order] = np.diff(query[order], prepend=-1) > 0
            rows[method].append(np.stack([stated, right, first, query]))
    return {method: np.concatenate(parts, axis=1) for method, parts in rows.items()}


def report(kind: str, title: str, found: dict[str, Near], matrix, known, groups) -> list[list]:
    """Print the tables of one kind of label; return that of reliabilities, all votes together."""
    has = known & (np.asarray(matrix.sum(axis=1)).ravel() > 0)
    deals = [tried(found, matrix, known, groups, seed) for seed in range(DEALS)]
    commonest = int(np.asarray(matrix[known].sum(axis=0)).argmax())
    share = float(np.asarray(matrix[has][:, commonest].todense()).mean())
    print(f"\n{kind}, {title}: {has.sum():,} of {known.sum():,} genes have one")
    print(f"commonest label, given to all: {share:.3f} of the genes that have one\n")
    print("| votes of | first label right, of all genes | Brier score |")
    print("|---|---|---|")
    table = []
    for method in METHODS:
        rights, briers = [], []
        for deal in deals:
            stated, right, first, _ = deal[method]
            rights.append(right[first > 0].sum() / known.sum())
            briers.append(float(((stated - right) ** 2).mean()))
        print(f"| {method} | {spread(rights)} | {spread(briers)} |")
    print("\n| votes of | stated reliability | labels | stated | right |\n|---|---|---|---|---|")
    for method in METHODS:
        for low, high in pairwise(EDGES):
            inside = [(d[method][0] >= low) & (d[method][0] < high) for d in deals]
            numbers = [int(each.sum()) for each in inside]
            if min(numbers) == 0:
                continue
            means = [
                [float(d[method][row][each].mean()) for d, each in zip(deals, inside, strict=True)]
                for row in (0, 1)
            ]
            print(
                f"| {method} | {low:.2f}-{min(high, 1):.2f} | {int(np.median(numbers)):,} | "
                f"{np.median(means[0]):.3f} | {spread(means[1])} |"
            )
            if method == "together":
                row = [low, min(high, 1), int(np.median(numbers)), *map(np.median, means)]
                table.append([round(float(value), 4) for value in row])
    return table


def main() -> None:
    """Print the tables of each model."""
    parser = argparse.ArgumentParser()
    parser.add_argument("model", nargs="+", type=Path)
    parser.add_argument("--keep", action="store_true")
    options = parser.parse_args()
    for model in options.model:
        print(f"\n### {model.stem}")
        embedding = checkpoint.load(model)
        own = reference_file.load(beside.genes(model), embedding)
        genes = own.genes(embedding, POOL)
        named = [families().get(name, name) for name in own.names]
        groups = np.unique(named, return_inverse=True)[1]
        made, tables = {}, {}
        for kind in KINDS:
            know = labels(own.names, kind)
            among = {"known": know.known, "apart": True}
            found = near(genes, own.words, genes, own.words, **among)
            tables[kind] = report(kind, "copies left out", found, know.matrix, know.known, groups)
            if kind == "domain":
                far = near(genes, own.words, genes, own.words, families=groups, **among)
                report(kind, "family left out", far, know.matrix, know.known, groups)
            rows = np.flatnonzero(know.known)
            made[kind] = calibrate(
                {name: one[rows] for name, one in found.items()}, know.matrix[rows], know.matrix
            )
        if options.keep:
            facts = {"model": embedding.digest, "pooling": POOL.pooling, "held_out": tables}
            save(beside.transfer(model), made, genes=len(own), **facts)


if __name__ == "__main__":
    main()
