"""How good predictions are: MCC and others, for each class, with intervals and calibration."""

from dataclasses import dataclass

import numpy as np

from bioskipgram.numerics.arrays import Counts, Doubles, Tokens
from bioskipgram.numerics.statistics import auc

RESAMPLES = 1000
BINS = 10


@dataclass(frozen=True, eq=False)
class Scores:
    """The scores of predictions, and what they are computed from.

    Attributes
    ----------
    mcc, accuracy, macro_f1
        Matthews' correlation coefficient (of several classes: Gorodkin 2004), the share that is
        right, and the mean over classes of F1.
    auroc, auprc
        Areas under the ROC and the precision-recall curve of the second class; of more than two,
        the mean of each against the rest. None without both.
    log_loss, brier, calibration_error
        Nats; mean squared error of the probabilities; mean difference of probability and share
        over ten bins.
    confusion
        int64[classes, classes], rows the true class.
    """

    classes: tuple[str, ...]
    truth: Tokens
    chances: Doubles
    predicted: Tokens
    mcc: float
    accuracy: float
    macro_f1: float
    auroc: float | None
    auprc: float | None
    log_loss: float
    brier: float
    calibration_error: float
    confusion: Counts

    def intervals(self, *, seed: int = 1, share: float = 0.95) -> dict[str, tuple[float, float]]:
        """Return percentile intervals of MCC, macro F1 and AUROC over resampled items."""
        random, n, K = np.random.default_rng(seed), len(self.truth), len(self.classes)
        tables = random.multinomial(n, self.confusion.ravel() / n, RESAMPLES).reshape(-1, K, K)
        found = {"mcc": [_mcc(t) for t in tables], "macro_f1": [_macro_f1(t) for t in tables]}
        if self.auroc is not None:
            rows = random.integers(0, n, (RESAMPLES // 5, n))
            areas = [_area(self.chances[row], self.truth[row]) for row in rows]
            found["auroc"] = [area for area in areas if area is not None]
        ends = (50 * (1 - share), 50 * (1 + share))
        return {name: tuple(np.percentile(values, ends).tolist()) for name, values in found.items()}

    def per_class(self) -> list[dict[str, object]]:
        """Return a row for each class: its items, precision, recall, F1 and AUROC."""
        rows = []
        for k, name in enumerate(self.classes):
            right = int(self.confusion[k, k])
            truth, said = int(self.confusion[k].sum()), int(self.confusion[:, k].sum())
            rows.append({
                "class": name, "items": truth, "predicted": said,
                "precision": right / said if said else None,
                "recall": right / truth if truth else None,
                "f1": 2 * right / (truth + said) if truth + said else None,
                "auroc": auc(self.chances[:, k], self.truth == k),
            })  # fmt: skip
        return rows

    def calibration(self) -> list[tuple[float, float, int]]:
        """Return for each bin mean probability, share of the second class, and items.

        With more than two classes: of the predicted class, and how often it is right.
        """
        if len(self.classes) == 2:
            return _bins(self.chances[:, 1], self.truth == 1)
        return _bins(self.chances.max(axis=1), self.truth == self.predicted)

    def values(self) -> dict[str, float | None]:
        """Return the scores by name."""
        names = ("mcc", "auroc", "auprc", "macro_f1", "accuracy", "log_loss", "brier")
        return {name: getattr(self, name) for name in (*names, "calibration_error")}


def scores(classes: tuple[str, ...], truth: Tokens, chances: Doubles, predicted: Tokens) -> Scores:
    """Return the scores of R items.

    Parameters
    ----------
    truth, predicted
        int32[R], positions in `classes`.
    chances
        float64[R, classes], probabilities.
    """
    K, n = len(classes), len(truth)
    table = confusion(truth, predicted, K)
    own = np.clip(chances[np.arange(n), truth], 1e-15, 1)
    bins = _bins(chances[:, 1], truth == 1) if K == 2 else _bins(chances.max(1), truth == predicted)
    return Scores(
        classes, truth, chances, predicted, _mcc(table), float((truth == predicted).mean()),
        _macro_f1(table), _area(chances, truth), _precision(chances, truth),
        float(-np.log(own).mean()),
        float(((chances - np.eye(K)[truth]) ** 2).sum(axis=1).mean() / (2 if K == 2 else 1)),
        sum(abs(p - share) * count for p, share, count in bins) / n, table,
    )  # fmt: skip


def confusion(truth: Tokens, predicted: Tokens, classes: int) -> Counts:
    """Return how many items of each true class (rows) are said to be of each, int64[K, K]."""
    return np.bincount(
        truth.astype(np.int64) * classes + predicted, minlength=classes * classes
    ).reshape(classes, classes)


def mcc(truth: Tokens, predicted: Tokens, classes: int = 2) -> float:
    """Return Matthews' correlation coefficient, -1 to 1; 0 if one class only is predicted.

    Gorodkin 2004, 10.1016/j.compbiolchem.2004.09.006 for more than two classes.

    Examples
    --------
    >>> truth, predicted = np.array([0, 0, 1, 1]), np.array([0, 1, 1, 1])
    >>> round(mcc(truth, predicted), 3)
    0.577
    """
    return _mcc(confusion(truth, predicted, classes))


def _mcc(table: Counts) -> float:
    n, right = float(table.sum()), float(np.trace(table))
    true, said = table.sum(axis=1).astype(np.float64), table.sum(axis=0).astype(np.float64)
    spread = (n * n - (true**2).sum()) * (n * n - (said**2).sum())
    return float((right * n - (true * said).sum()) / np.sqrt(spread)) if spread > 0 else 0.0


def _macro_f1(table: Counts) -> float:
    sums = table.sum(axis=0) + table.sum(axis=1)
    return float(np.mean(2 * np.diag(table) / np.maximum(sums, 1)))


def _area(chances: Doubles, truth: Tokens) -> float | None:
    columns = [1] if chances.shape[1] == 2 else range(chances.shape[1])
    found = [auc(chances[:, k], truth == k) for k in columns]
    known = [area for area in found if area is not None]
    return float(np.mean(known)) if known else None


def _precision(chances: Doubles, truth: Tokens) -> float | None:
    from sklearn.metrics import average_precision_score

    columns = [1] if chances.shape[1] == 2 else range(chances.shape[1])
    known = [k for k in columns if (truth == k).any()]
    if not known:
        return None
    return float(np.mean([average_precision_score(truth == k, chances[:, k]) for k in known]))


def _bins(chances: Doubles, right: np.ndarray) -> list[tuple[float, float, int]]:
    places = np.minimum((chances * BINS).astype(np.int64), BINS - 1)
    return [
        (float(chances[places == b].mean()), float(right[places == b].mean()), int(count))
        for b, count in enumerate(np.bincount(places, minlength=BINS))
        if count
    ]
