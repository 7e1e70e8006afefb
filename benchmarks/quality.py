"""How well do gene vectors find relatives? Mean average precision beside what needs no learning.

``python -m benchmarks.quality DATA`` with DATA the folder that holds ``human_cds`` and
``kaggle_families``; parts of it by ``--only symbols``, ``classes``, ``isoforms``. A **query** is
a record; all others are ranked by likeness to it. Right are the members of its family, the figure
is the mean over families of the mean average precision of their queries (MAP). Four tasks:

* ``symbols``: human genes with symbols. Families are symbols alike but for their member's number
  or letter; genes whose symbols share the first three letters only are neither right nor wrong.
* ``classes``: the seven gene families of the "DNA sequence" set; one query from each group.
* ``isoforms, near``: records of one gene; near relatives, shown as the easy task it is.
* ``isoforms, remote``: the same without the records of the query's group.

In all but the near one, records that share an exact 60-mer with the query, directly or by way of
others (the groups of ``clusters_full_orf.tsv``), are neither right nor wrong: only remote
relatives count. The poolings are fitted on the records compared, without labels, and the models
have seen many of these records in training, without labels too.

Beside each embedding: how much better than the best without learning (paired, 95 %); the same
recipe with other seeds; the same recipe on shuffled sequences; random vectors. The pooling, its
shrinkage and lags were once chosen on ``symbols``, so there they are chosen anew on one half of
the families and judged on the other. Alignment is slow, so it is compared on a sample of queries
and candidates, the same for all methods.

With `--keep FOLDER` trained models are left there and found again: on two cores without AVX-512
each of the six of k6 takes a minute or two.
"""

import argparse
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from benchmarks.retrieval.alignment import MEASURES, aligned
from benchmarks.retrieval.models import RETRAINED, Model, shipped
from benchmarks.retrieval.precision import average_precisions, mean
from benchmarks.retrieval.rankings import Ranking, pooled, without_learning
from benchmarks.retrieval.samples import Sample, sample
from benchmarks.retrieval.settings import crossed, settings
from benchmarks.retrieval.tables import Table
from benchmarks.retrieval.tasks import TASKS, Collection, Task
from bioskipgram.config import POOLINGS, PoolConfig
from bioskipgram.model.embedding import KmerEmbedding
from bioskipgram.numerics.threads import cores


def report(
    collection: Collection, models: Sequence[Model], samples: Sequence[Sample]
) -> tuple[list[Table], list[dict[str, np.ndarray]]]:
    """Print a table for each task; return them, and what each method finds in the samples."""
    records, tasks = collection.records, collection.tasks
    tables = [Table(task, live=task is tasks[0]) for task in tasks]
    sampled: list[dict[str, np.ndarray]] = [{} for _ in tasks]
    for table in tables:
        table.head(len(records))

    def keep(name: str, ranking: Ranking) -> None:
        for one, found in zip(samples, sampled, strict=False):
            found[name] = one.ranked(ranking)

    for name, ranking in without_learning(records):
        for table in tables:
            table.baseline(name, precisions(table.task, ranking))
        keep(name, ranking)
    for model in models:
        for pooling in POOLINGS:
            name, config = f"{model.name}, {pooling}", PoolConfig(pooling=pooling)
            ranking = pooled(model.embedding, records, config)
            keep(name, ranking)
            beside = precisions_beside(model, collection, config)
            for at, table in enumerate(tables):
                table.model(name, precisions(table.task, ranking), beside[at])
    return tables, sampled


def precisions(task: Task, ranking: Ranking) -> np.ndarray:
    """Return the average precision of each query."""
    return average_precisions(ranking(task.queries), task.right, task.counted)


def precisions_beside(
    model: Model, collection: Collection, config: PoolConfig
) -> list[dict[str, list[np.ndarray]]]:
    """Return for each task the precisions of all that stands beside a model."""

    def of(embedding: KmerEmbedding) -> list[np.ndarray]:
        ranking = pooled(embedding, collection.records, config)
        return [precisions(task, ranking) for task in collection.tasks]

    with ThreadPoolExecutor(cores()) as pool:
        found = {kind: list(pool.map(of, these)) for kind, these in model.beside.items()}
    return [
        {kind: [each[at] for each in these] for kind, these in found.items()}
        for at in range(len(collection.tasks))
    ]


def print_settings(table: Table, collection: Collection, models: Sequence[Model]) -> None:
    """Print what settings chosen on half of the families find in the other half."""
    task = table.task
    print("\nSettings chosen on one half of the families, judged on the other, both ways:\n")
    print("| method | chosen | MAP | 95 % | less the best without learning so chosen |")
    print("|---|---|---|---|---|")
    untaught = [(name, found) for name, found in table.found.items() if name not in table.learnt]
    winners, best = crossed(task, untaught)
    print(f"| without learning | {' / '.join(winners)} | {mean(task, best)} | |", flush=True)
    for model in models:
        if model.name in RETRAINED:
            tried = settings(model.embedding, collection.records, task)
            winners, found = crossed(task, tried)
            print(
                f"| {model.name} | {' / '.join(winners)} | {mean(task, found)} | "
                f"{mean(task, found - best).signed} |",
                flush=True,
            )


def print_alignment(collection: Collection, one: Sample, found: dict[str, np.ndarray]) -> None:
    """Print every method on the sample, those that align last."""
    task = one.task
    candidates = task.counted.sum(axis=1)
    print(
        f"\n### {task.name}, a sample: {len(task.queries)} queries of "
        f"{len(np.unique(task.families))} families, each among {candidates.min()} to "
        f"{candidates.max()} records; {candidates.sum():,} alignments of each kind\n"
    )
    print("| method | MAP of the sample | 95 % | less protein Smith-Waterman |\n|---|---|---|---|")
    searched, seconds = {}, {}
    for measure in MEASURES:
        started = time.perf_counter()
        searched[measure] = one.precisions(aligned(collection.records, one, measure))
        seconds[measure] = time.perf_counter() - started
    best = searched[next(iter(MEASURES))]
    for name, values in (found | searched).items():
        apart = "" if values is best else mean(task, values - best).signed
        took = f" ({seconds[name]:.0f} s)" if name in seconds else ""
        print(f"| {name}{took} | {mean(task, values)} | {apart} |", flush=True)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("data", type=Path, help="the folder of human_cds and kaggle_families")
    parser.add_argument("--only", nargs="+", choices=TASKS, default=list(TASKS))
    parser.add_argument("--seeds", type=int, default=3, help="models of each kind beside each")
    parser.add_argument("--queries", type=int, default=60, help="queries to align; 0 = none")
    parser.add_argument("--others", type=int, default=50, help="unrelated candidates to align")
    parser.add_argument("--keep", type=Path, help="a folder to leave trained models in, or find")
    options = parser.parse_args()
    started = time.perf_counter()
    corpus = options.data / "human_cds" / "human_cds_permissive_orf.fa.gz"
    models = shipped(corpus, seeds=options.seeds, keep=options.keep)
    for name in options.only:
        collection = TASKS[name](options.data)
        samples = [
            sample(collection, task, queries=options.queries, others=options.others)
            for task in collection.tasks
            if options.queries
        ]
        tables, sampled = report(collection, models, samples)
        for table in tables:
            table.close()
        if name == "symbols":
            print_settings(tables[0], collection, models)
        for one, found in zip(samples, sampled, strict=False):
            print_alignment(collection, one, found)
        print(
            f"\n{name}: done after {(time.perf_counter() - started) / 60:.1f} minutes", flush=True
        )


if __name__ == "__main__":
    main()
