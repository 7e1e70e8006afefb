"""Which genes are found nearest: ``python -m benchmarks.paralogues PARALOGUES GENES NAMED MODEL…``.

PARALOGUES and GENES are the tables of Ensembl's paralogues and symbols (ideogram's
homo-sapiens-paralogs.tsv.gz and homo-sapiens-genes.tsv.gz), NAMED a FASTA file of named coding
sequences, of which those that may ship are ranked, as the reference genes beside a model are.
Printed are the five genes nearest to HOXA1 and HBB, and for ten queries drawn among the genes
with a paralogue in the set, and for all of those, the mean average precision and how many have a
paralogue among their ten nearest. Isoforms and copies of the query are not ranked (Mash distance
below 0.05).
"""

import argparse
import gzip
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from benchmarks.retrieval.precision import average_precisions
from benchmarks.shippable import SOURCES
from bioskipgram.config import PoolConfig
from bioskipgram.genes import distances, embed
from bioskipgram.genes.reference import SKETCH
from bioskipgram.genes.words import words
from bioskipgram.model import checkpoint
from bioskipgram.sequences import fasta
from bioskipgram.sequences.sequences import Sequences

SHOWN = ("HOXA1", "HBB")
QUERIES = 10
Ranking = Callable[[np.ndarray], np.ndarray]
"""Queries, int64[Q] -> scores, float[Q, R], the more alike the higher."""


def shippable(path: Path) -> Sequences:
    """Return the records of the sources that may ship, and the two that are shown."""
    records = fasta.read(path)
    kept = [
        f">{line}\n{records.text(i)}\n"
        for i, line in enumerate(records.descriptions)
        if any(f"src={source}" in line.split() for source in SOURCES) or records.names[i] in SHOWN
    ]
    return fasta.read("".join(kept).encode())


def paralogues(names: tuple[str, ...], pairs: Path, genes: Path) -> np.ndarray:
    """Return which records are paralogues of which, bool[R, R]."""
    symbols = {}
    for line in gzip.decompress(genes.read_bytes()).decode().splitlines():
        fields = line.split("\t")
        if not line.startswith("#") and len(fields) > 4:
            symbols[fields[3]] = fields[4]
    places = {name: i for i, name in enumerate(names)}
    found = np.zeros((len(names), len(names)), np.bool_)
    for line in gzip.decompress(pairs.read_bytes()).decode().splitlines():
        symbol, *others = line.split("\t")
        for number in others if symbol in places else ():
            if (other := symbols.get(number)) in places:
                found[places[symbol], places[other]] = found[places[other], places[symbol]] = True
    np.fill_diagonal(found, val=False)
    return found


def rankings(records: Sequences, models: list[Path]) -> Iterator[tuple[str, Ranking]]:
    """Yield ways to rank all records by likeness to some of them, with their names."""
    own = words(records)
    assert own.dna is not None
    dna, sketch = own.dna, own.dna.sketch(SKETCH)
    yield "Mash distance, 11-mers, exact", lambda q: -distances.mash(dna[q], dna)
    yield f"Mash distance, sketches of {SKETCH}", lambda q: -distances.mash(dna[q], sketch)
    yield "protein words", lambda q: -distances.mash(own.protein[q], own.protein)
    for path in models:
        embedding = checkpoint.load(path)
        for pooling in ("mean", "second-order"):
            unit = embed.embed(embedding, records, PoolConfig(pooling=pooling)).unit
            yield f"{path.stem}, {pooling}", lambda q, unit=unit: unit[q] @ unit.T  # type: ignore[misc]


def main() -> None:
    """Print the two tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("paralogues", type=Path)
    parser.add_argument("genes", type=Path)
    parser.add_argument("named", type=Path)
    parser.add_argument("models", type=Path, nargs="*")
    options = parser.parse_args()
    records = shippable(options.named)
    right = paralogues(records.names, options.paralogues, options.genes)
    own = words(records).dna
    assert own is not None
    alike = distances.mash(own, own) < 0.05
    right &= ~alike
    every = np.flatnonzero(right.any(axis=1))
    ten = np.sort(np.random.default_rng(1).choice(every, QUERIES, replace=False))
    print(f"{len(records):,} genes, {len(every)} of them with a paralogue; ten queries: "
          + ", ".join(records.names[i] for i in ten))  # fmt: skip
    print(
        f"| what ranks | {' | '.join(SHOWN)} | MAP, ten | hits in 10, ten | MAP, all | hits, all |"
    )
    print("|---|" + "---|" * (len(SHOWN) + 4))
    for name, ranking in rankings(records, options.models):
        cells = [near(ranking, records, alike, symbol) for symbol in SHOWN]
        for queries in (ten, every):
            scores, counted = ranking(queries), ~alike[queries]
            precision = average_precisions(scores, right[queries], counted).mean()
            first = np.argsort(-np.where(counted, scores, -np.inf), axis=1, kind="stable")[:, :10]
            hits = np.take_along_axis(right[queries], first, axis=1).any(axis=1)
            cells += [f"{precision:.3f}", f"{hits.sum()} of {len(queries)}"]
        print(f"| {name} | {' | '.join(cells)} |", flush=True)


def near(ranking: Ranking, records: Sequences, alike: np.ndarray, symbol: str) -> str:
    """Return the five genes nearest to one."""
    row = records.names.index(symbol)
    scores = np.where(alike[row], -np.inf, ranking(np.array([row]))[0])
    return " ".join(records.names[i] for i in np.argsort(-scores, kind="stable")[:5])


if __name__ == "__main__":
    main()
