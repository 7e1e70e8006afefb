"""Margins -> probabilities, and the probability from which to say yes."""

import numpy as np

from bioskipgram.numerics.arrays import Doubles, Tokens


def calibrate(margins: Doubles, labels: Tokens) -> tuple[float, Doubles, float]:
    """Return the slope and the biases that make probabilities of margins, and their log loss.

    Platt 1999 for one margin; for more, one slope (a temperature) and a bias for each.

    Parameters
    ----------
    margins
        float64[R, margins], one for two classes.
    labels
        int32[R].
    """
    from scipy.optimize import minimize
    from scipy.special import log_softmax

    K, n = margins.shape[1], len(labels)

    def loss(values: Doubles) -> float:
        logits = values[0] * margins + values[1:]
        if K == 1:
            signs = np.where(labels == 1, -1, 1)
            return float(np.logaddexp(0, signs * logits[:, 0]).mean())
        return float(-log_softmax(logits, axis=1)[np.arange(n), labels].mean())

    start = np.zeros(K + 1)
    start[0] = 1.0
    # A slope above 3 and a bias above 5 are what a handful of items would make of themselves.
    bounds = [(0.05, 3.0), *[(-5.0, 5.0)] * K]
    found = minimize(loss, start, method="L-BFGS-B", bounds=bounds)
    return float(found.x[0]), found.x[1:].astype(np.float64), float(found.fun)


def best_threshold(found: Doubles) -> float:
    """Return the probability of the second class from which to choose it; float64[R, 2].

    The one with the highest MCC if each item is of the second class with its probability. That
    uses all items, whatever their labels, and so varies less than the best on the labels.
    """
    p = np.sort(found[:, 1])[::-1]
    n, total = len(p), p.sum()
    true, chosen = p.cumsum(), np.arange(1, n + 1)
    spread = np.sqrt(np.maximum(chosen * (n - chosen) * total * (n - total), 1e-300))
    expected = (true * n - chosen * total) / spread
    expected[-1] = -1
    place = int(expected.argmax())
    return float(np.clip((p[place] + p[min(place + 1, n - 1)]) / 2, 0.02, 0.98))
