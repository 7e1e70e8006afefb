"""Everything about a labelled set, as one JSON value."""

from pathlib import Path
from typing import Any

import numpy as np

from bioskipgram.jobs.progress import OnProgress, no_progress

from . import drivers, evaluate, leaks
from .baselines import baselines
from .classifier import Classifier
from .fit import fit
from .labelled import Labelled
from .settings import ClassifyConfig

FOLDED = 6_000
"""The most items that are scored in folds, drawn at random."""
CURVE = 10_000
"""The most training items of the learning curve."""


def made(
    train: Labelled,
    test: Labelled | None,
    config: ClassifyConfig,
    *,
    model: Path | None = None,
    folds: int = 5,
    tell: OnProgress = no_progress,
) -> tuple[dict[str, Any], Classifier]:
    """Return leaks, scores, baselines, learning curve and drivers, and the classifier.

    Without a test set items are scored in grouped folds, beside the same in random folds; baselines
    and learning curve are then those of one grouped fold, and the classifier is of all items.
    """
    found: dict[str, Any] = {}
    seen = leaks.look(train, test)
    found["leaks"] = {**vars(seen), "verdict": seen.verdict, "sentences": seen.sentences()}
    own, other = train, test
    if other is None:
        few = train.take(evaluate.some(train, min(len(train), FOLDED), seed=config.seed))
        for name, grouped in (("grouped_folds", True), ("random_folds", False)):
            one = evaluate.cross_validate(few, config, folds=folds, grouped=grouped, tell=tell)
            found[name] = one.to_dict()
        fold = evaluate.fold_numbers(few, folds, grouped=True, seed=config.seed)
        first = evaluate.usable(few, fold)[0]
        own, other = (
            few.take(np.flatnonzero(fold != first)),
            few.take(np.flatnonzero(fold == first)),
        )
    tested = evaluate.evaluated(own, other, config, tell)
    found["test" if test is not None else "first_fold"] = tested.to_dict()
    rules = baselines(own, other, config, model=model, tell=tell)
    found["baselines"] = [one._asdict() for one in rules]
    some = own.take(evaluate.some(own, min(len(own), CURVE), seed=config.seed))
    found["learning_curve"] = evaluate.learning_curve(some, other, config, tell=tell)
    found["calibration"] = tested.scores.calibration()
    classifier = tested.classifier if test is not None else None
    classifier = classifier or fit(train, config, tell)
    found["words"] = drivers.words(classifier, train)
    found["motifs"] = [one.to_dict() for one in drivers.motifs(classifier, train)]
    return found, classifier
