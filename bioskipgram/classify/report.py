"""Everything about a labelled set, as one JSON value."""

from pathlib import Path
from typing import Any

import numpy as np

from bioskipgram.jobs.progress import OnProgress, no_progress

from . import drivers, evaluate, leaks
from .baselines import baselines
from .labelled import Labelled
from .settings import ClassifyConfig


def made(
    train: Labelled,
    test: Labelled | None,
    config: ClassifyConfig,
    *,
    model: Path | None = None,
    folds: int = 5,
    tell: OnProgress = no_progress,
) -> dict[str, Any]:
    """Return leaks, scores, baselines, learning curve and drivers, in this order.

    Without a test set items are scored in grouped folds, beside the same in random folds; baselines
    and learning curve are then those of one grouped fold.
    """
    found: dict[str, Any] = {}
    seen = leaks.look(train, test)
    found["leaks"] = {**vars(seen), "verdict": seen.verdict, "sentences": seen.sentences()}
    if test is None:
        for name, grouped in (("grouped_folds", True), ("random_folds", False)):
            one = evaluate.cross_validate(train, config, folds=folds, grouped=grouped, tell=tell)
            found[name] = one.to_dict()
        fold = evaluate.fold_numbers(train, folds, grouped=True, seed=config.seed)
        own, other = train.take(np.flatnonzero(fold != 0)), train.take(np.flatnonzero(fold == 0))
    else:
        own, other = train, test
    tested = evaluate.evaluated(own, other, config, tell)
    found["test" if test is not None else "first_fold"] = tested.to_dict()
    rules = baselines(own, other, config, model=model, tell=tell)
    found["baselines"] = [one._asdict() for one in rules]
    found["learning_curve"] = evaluate.learning_curve(own, other, config, tell=tell)
    found["calibration"] = tested.scores.calibration()
    if tested.classifier is not None:
        found["words"] = drivers.words(tested.classifier, own)
        found["motifs"] = [one.to_dict() for one in drivers.motifs(tested.classifier, own)]
    return found
