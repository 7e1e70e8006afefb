"""What a score must beat: rules without k-mers, simpler classifiers, and shuffled labels."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np

from bioskipgram.jobs.progress import OnProgress, no_progress
from bioskipgram.numerics.arrays import Doubles, Tokens
from bioskipgram.sequences.sequences import Sequences

from .blocks import Block
from .classifier import decided
from .fit import choose_strands, fit
from .labelled import Labelled
from .leaks import gc_shares
from .scores import Scores, scores
from .settings import ClassifyConfig

SHUFFLES = 5
SHUFFLED_ITEMS = 5_000
"""The most items that are fitted with shuffled labels."""
POOLED_ITEMS = 10_000
"""The most items whose mean vectors are fitted."""
_QUANTILES = 20


class Baseline(NamedTuple):
    """A rule or a simpler classifier on the same items."""

    name: str
    about: str
    mcc: float
    auroc: float | None
    macro_f1: float
    low: float  # the lowest and the highest MCC, where there are several
    high: float


def baselines(
    train: Labelled,
    test: Labelled,
    config: ClassifyConfig,
    *,
    model: Path | None = None,
    shuffles: int = SHUFFLES,
    tell: OnProgress = no_progress,
) -> list[Baseline]:
    """Return the baselines of a test set, learnt from a training set of the same classes.

    Parameters
    ----------
    model
        A file of k-mer vectors whose means are classified, too.
    shuffles
        How many times the labels are shuffled; 0 leaves that out.
    """
    gc = "GC" if train.sequences.alphabet.complement else "charge"
    k, counts = 3 if config.alphabet == "protein" else 6, list[Doubles]()
    steps: list[tuple[str, str, Callable[[], Scores]]] = [
        ("majority", "always the commonest class", lambda: _majority(train, test)),
        ("length", "length alone", lambda: _rule(_lengths, train, test)),
        (gc, "the share of G and C alone" if gc == "GC" else "the share of charged residues alone",
         lambda: _rule(gc_shares, train, test)),
        (f"{k}-mers", f"square roots of {k}-mer counts, a logistic regression",
         lambda: _words(train, test, config, k, counts)),
    ]  # fmt: skip
    if model is not None:
        vectors, name = list[Doubles](), f"the mean of the vectors of {model.stem}"
        steps += [
            ("mean vector", f"{name}, a logistic regression",
             lambda: pooled(train, test, model, vectors)),
            (f"{k}-mers + vector", "the sum of the two logistic regressions",
             lambda: _summed(test, counts[0], vectors[0])),
        ]  # fmt: skip
    found = []
    for i, (name, about, make) in enumerate(steps):
        tell(f"baseline: {name}", i / (len(steps) + shuffles))
        made = make()
        found.append(Baseline(name, about, made.mcc, made.auroc, made.macro_f1, made.mcc, made.mcc))
    if shuffles:
        found.append(_shuffled(train, test, config, shuffles, tell))
    return found


def _majority(train: Labelled, test: Labelled) -> Scores:
    shares = np.bincount(train.labels, minlength=len(train.classes)) / len(train)
    chances = np.tile(shares, (len(test), 1))
    return scores(test.classes, test.labels, chances, _argmax(chances))


def _argmax(chances: Doubles) -> Tokens:
    said: Tokens = chances.argmax(axis=1).astype(np.int32)
    return said


def _lengths(sequences: Sequences) -> Doubles:
    return sequences.lengths.astype(np.float64)


def _rule(value: Callable[[Sequences], Doubles], train: Labelled, test: Labelled) -> Scores:
    """Return the scores of the commonest class among items whose value is in the same interval."""
    own, K = value(train.sequences), len(train.classes)
    cuts = np.unique(np.quantile(own, np.linspace(0, 1, _QUANTILES + 1)[1:-1]))
    bins = np.searchsorted(cuts, own, side="right")
    table = np.zeros((len(cuts) + 1, K))
    np.add.at(table, (bins, train.labels), 1.0)
    table += np.bincount(train.labels, minlength=K) / len(train)
    table /= table.sum(axis=1, keepdims=True)
    chances = table[np.searchsorted(cuts, value(test.sequences), side="right")]
    return scores(test.classes, test.labels, chances, _argmax(chances))


def _words(
    train: Labelled, test: Labelled, config: ClassifyConfig, k: int, kept: list[Doubles]
) -> Scores:
    """Return the scores of k-mers alone; `kept` gets the probabilities."""
    merged = choose_strands(train, config)
    block = Block(("kmers",), config.alphabet, merged, longest=k, shortest=k)
    made = fit(train, config, blocks=[block])
    kept.append(made.probabilities(test.sequences, config.threads))
    return scores(test.classes, test.labels, kept[0], decided(kept[0], made.threshold))


def pooled(train: Labelled, test: Labelled, model: Path, kept: list[Doubles]) -> Scores:
    """Return the scores of a logistic regression on the mean vectors of the items' k-mers.

    The strength of its penalty is chosen by cross-validation on the training set, of which at most
    `POOLED_ITEMS` are used; `kept` gets the probabilities.
    """
    from sklearn.linear_model import LogisticRegressionCV
    from sklearn.model_selection import StratifiedKFold

    random = np.random.default_rng(1)
    train = train.take(np.sort(random.permutation(len(train))[:POOLED_ITEMS]))
    own, other = (mean_vectors(items.sequences, model) for items in (train, test))
    mean, spread = own.mean(axis=0), own.std(axis=0) + 1e-9
    folds = StratifiedKFold(3, shuffle=True, random_state=1)
    made = LogisticRegressionCV(
        Cs=(0.01, 0.1, 1.0, 10.0), cv=folds, scoring="neg_log_loss", tol=1e-5, max_iter=500,
        l1_ratios=(0,), use_legacy_attributes=False,
    ).fit((own - mean) / spread, train.labels)  # fmt: skip
    kept.append(np.zeros((len(test), len(test.classes))))
    kept[0][:, made.classes_] = made.predict_proba((other - mean) / spread)
    return scores(test.classes, test.labels, kept[0], _argmax(kept[0]))


def _summed(test: Labelled, first: Doubles, second: Doubles) -> Scores:
    """Return the scores of the sum of two classifiers' log probabilities."""
    from scipy.special import softmax

    chances = softmax(np.log(np.clip(first, 1e-12, 1)) + np.log(np.clip(second, 1e-12, 1)), axis=1)
    return scores(test.classes, test.labels, chances, _argmax(chances))


def mean_vectors(sequences: Sequences, model: Path) -> Doubles:
    """Return the mean vector of each record's k-mers, of both strands, float64[R, D]."""
    from bioskipgram.config import PoolConfig
    from bioskipgram.genes.embed import embed
    from bioskipgram.model import checkpoint

    embedding = checkpoint.load(model)
    return embed(embedding, sequences, PoolConfig(pooling="mean")).vectors.astype(np.float64)


def _shuffled(
    train: Labelled, test: Labelled, config: ClassifyConfig, shuffles: int, tell: OnProgress
) -> Baseline:
    """Return the scores with the training labels in random order, median and range."""
    random, made = np.random.default_rng(config.seed), []
    rows = np.sort(random.permutation(len(train))[:SHUFFLED_ITEMS])
    few = train.take(rows)
    block = Block(("kmers",), config.alphabet)
    for i in range(shuffles):
        tell(f"shuffled labels, {i + 1} of {shuffles}", 0.5 + 0.5 * i / shuffles)
        mixed = replace(few, labels=random.permutation(few.labels))
        one = fit(mixed, replace(config, seed=config.seed + i), blocks=[block])
        chances = one.probabilities(test.sequences, config.threads)
        made.append(scores(test.classes, test.labels, chances, decided(chances, one.threshold)))
    values = sorted(each.mcc for each in made)
    middle = sorted(made, key=lambda each: each.mcc)[len(made) // 2]
    about = f"the same k-mers, labels of up to {SHUFFLED_ITEMS:,} items shuffled {shuffles} times"
    return Baseline(
        "shuffled labels", about, float(np.median(values)), middle.auroc, middle.macro_f1,
        values[0], values[-1],
    )  # fmt: skip
