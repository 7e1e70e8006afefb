"""Settings chosen on one half of the families and judged on the other."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np

from benchmarks.retrieval.precision import average_precisions
from benchmarks.retrieval.rankings import cosine
from benchmarks.retrieval.tasks import Task
from bioskipgram.config import PoolConfig
from bioskipgram.genes import counts, embed
from bioskipgram.model.embedding import KmerEmbedding
from bioskipgram.sequences.sequences import Sequences

SHRINKAGES = (0.03, 0.1, 0.3, 1.0, 3.0)
SMOOTHINGS = (1e-4, 1e-3, 1e-2)


def settings(
    embedding: KmerEmbedding, records: Sequences, task: Task
) -> Iterator[tuple[str, np.ndarray]]:
    """Yield every setting with the average precision of each query."""
    for pooling, values in (
        ("mean", [{}]), ("tfidf", [{}]),
        ("sif", [{"smoothing": a} for a in SMOOTHINGS]),
        ("whitened", [{"shrinkage": a} for a in SHRINKAGES]),
        ("second-order", [{"shrinkage": a} for a in SHRINKAGES]),
    ):  # fmt: skip
        counted = counts.count(embedding, records, PoolConfig(pooling=pooling))
        lags = range(1, counts.PAIR_LAGS + 1) if counted.pairs is not None else (0,)
        for lag in lags:
            some = counted
            if counted.pairs is not None:
                each = counted.pairs.shape[1] // counts.PAIR_LAGS
                some = replace(counted, pairs=np.ascontiguousarray(counted.pairs[:, : lag * each]))
            for value in values:
                config = PoolConfig(pooling=pooling, **value)
                vectors = embed.embed_counts(embedding, records.names, some, config).vectors
                scores = cosine(vectors)(task.queries)
                words = [pooling, *(f"{name} {number:g}" for name, number in value.items())]
                words += [f"{lag} lags"] if lag else []
                yield ", ".join(words), average_precisions(scores, task.right, task.counted)


def crossed(
    task: Task, tried: Iterable[tuple[str, np.ndarray]], *, seed: int = 1
) -> tuple[list[str], np.ndarray]:
    """Return the winner of each half of the families, and what it finds for the other's queries.

    Parameters
    ----------
    task
        Whose families are halved at random.
    tried
        Names of settings and their average precisions, float64[Q].
    seed
        Of the halves.
    """
    names, family = np.unique(task.families, return_inverse=True)
    order = np.random.default_rng(seed).permutation(len(names))
    second = np.isin(family, order[len(names) // 2 :])
    tried = list(tried)
    winners, found = [], np.zeros(len(family))
    for half in (~second, second):
        means = [_mean(precisions[half], family[half]) for _, precisions in tried]
        best = int(np.argmax(means))
        winners.append(tried[best][0])
        found[~half] = tried[best][1][~half]
    return winners, found


def _mean(precisions: np.ndarray, family: np.ndarray) -> float:
    many = np.bincount(family)
    return float((np.bincount(family, precisions)[many > 0] / many[many > 0]).mean())
