"""One test: leaks first, then the scores, then what they must beat."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from bioskipgram.errors import ConfigError
from bioskipgram.jobs.progress import OnProgress, no_progress
from bioskipgram.numerics.arrays import Counts

from .baselines import Baseline
from .classifier import Classifier, decided
from .fit import FEWEST, fit
from .labelled import Labelled
from .leaks import Leaks, folds_of, groups_of
from .scores import Scores, mcc, scores
from .settings import ClassifyConfig

CURVE = (100, 300, 1_000, 3_000, 10_000, 30_000)
"""Training items of the learning curve."""


@dataclass(frozen=True)
class Evaluation:
    """A classifier, how it does on other items, and how long it took, seconds."""

    classifier: Classifier | None
    scores: Scores
    seconds: float
    leaks: Leaks | None = None
    baselines: list[Baseline] = field(default_factory=list)

    def to_dict(self) -> dict[str, Any]:
        """Return the values for JSON, the scores first."""
        found: dict[str, Any] = {**self.scores.values(), "seconds": round(self.seconds, 2)}
        found["intervals"] = self.scores.intervals()
        found["classes"] = self.scores.per_class()
        found["confusion"] = self.scores.confusion.tolist()
        if self.classifier is not None:
            found["chosen"] = {"threshold": self.classifier.threshold, **self.classifier.info}
        if self.leaks is not None:
            found["leaks"] = {**vars(self.leaks), "verdict": self.leaks.verdict}
        if self.baselines:
            found["baselines"] = [one._asdict() for one in self.baselines]
        return found


def evaluated(
    train: Labelled,
    items: Labelled,
    config: ClassifyConfig,
    tell: OnProgress = no_progress,
    *,
    dev: Labelled | None = None,
) -> Evaluation:
    """Return a classifier of the training items and its scores on others; `dev` as for `fit`."""
    began = time.perf_counter()
    made = fit(train, config, tell, dev=dev)
    found = judge(made, items, config.threads)
    return Evaluation(made, found, time.perf_counter() - began)


def judge(classifier: Classifier, items: Labelled, threads: int = 0) -> Scores:
    """Return the scores of a classifier on items of the same classes."""
    chances = classifier.probabilities(items.sequences, threads)
    predicted = decided(chances, classifier.threshold)
    return scores(items.classes, items.labels, chances, predicted)


def cross_validate(
    items: Labelled,
    config: ClassifyConfig,
    *,
    folds: int = 5,
    grouped: bool = True,
    tell: OnProgress = no_progress,
) -> Evaluation:
    """Return the scores of every item by a classifier that was fitted without its fold.

    `grouped`: items that share a long word are in one fold; otherwise folds are random, and copies
    and relatives of a test item may have been learnt from.
    """
    began = time.perf_counter()
    fold = fold_numbers(items, folds, grouped=grouped, seed=config.seed)
    K = len(items.classes)
    chances, predicted = np.zeros((len(items), K)), np.zeros(len(items), np.int32)
    used = np.zeros(len(items), np.bool_)
    for f in usable(items, fold):
        inside, outside = np.flatnonzero(fold == f), np.flatnonzero(fold != f)
        kind = "grouped" if grouped else "random"

        def told(stage: str, share: float, f: int = f, kind: str = kind) -> None:
            tell(f"{kind} fold {f + 1} of {folds}: {stage}", (f + share) / folds)

        made = fit(items.take(outside), config, told)
        chances[inside] = made.probabilities(items.sequences_at(inside), config.threads)
        predicted[inside] = decided(chances[inside], made.threshold)
        used[inside] = True
    rows = np.flatnonzero(used)
    found = scores(items.classes, items.labels[rows], chances[rows], predicted[rows])
    return Evaluation(None, found, time.perf_counter() - began)


def usable(items: Labelled, fold: Counts) -> list[int]:
    """Return the folds without which enough items of each class are left; `fold` of each item.

    A ConfigError if there is none.
    """
    K, found = len(items.classes), list[int]()
    for f in np.unique(fold).tolist():
        if np.bincount(items.labels[fold != f], minlength=K).min() >= FEWEST:
            found.append(f)
    if not found:
        sizes = np.bincount(items.labels, minlength=K)
        raise ConfigError(
            f"class {items.classes[int(sizes.argmin())][:40]!r} has {sizes.min()} items, too few "
            "to be on both sides of a fold, where items that share a long word stay together; "
            "give more sequences, or a test set"
        )
    return found


def fold_numbers(items: Labelled, folds: int, *, grouped: bool, seed: int) -> Counts:
    """Return the fold of each item, int64[R]; see `cross_validate`."""
    groups = groups_of(items.sequences) if grouped else np.arange(len(items))
    return folds_of(groups, folds, seed=seed)


def learning_curve(
    train: Labelled,
    test_items: Labelled,
    config: ClassifyConfig,
    *,
    sizes: Sequence[int] = CURVE,
    repeats: int = 3,
    tell: OnProgress = no_progress,
) -> list[dict[str, Any]]:
    """Return a row for each number of training items: MCC on the test set, median and range.

    Below 3,000 items of `repeats` random choices.
    """
    sizes = [n for n in sizes if n < len(train)] + [len(train)]
    rows = []
    for i, n in enumerate(sizes):
        tell(f"learning curve: {n:,} items", i / len(sizes))
        found = []
        for seed in range(repeats if n <= 3_000 else 1):
            few = train.take(some(train, n, seed=config.seed + seed))
            made = fit(few, replace(config, seed=config.seed + seed))
            judged = judge(made, test_items, config.threads)
            found.append(mcc(judged.truth, judged.predicted, len(test_items.classes)))
        rows.append({
            "items": n, "mcc": float(np.median(found)), "low": min(found), "high": max(found),
        })  # fmt: skip
    return rows


def some(items: Labelled, n: int, *, seed: int) -> Counts:
    """Return n items drawn at random, at least four of each class, int64[n]."""
    random = np.random.default_rng(seed)
    order = random.permutation(len(items))
    first = [order[items.labels[order] == k][:4] for k in range(len(items.classes))]
    certain = np.concatenate(first)
    rest = order[~np.isin(order, certain)]
    return np.sort(np.concatenate([certain, rest[: max(0, n - len(certain))]]))
