"""Unit vectors and the n highest of many scores."""

import numpy as np

from .arrays import Floats, Tokens

_LAYERS = 64


def normalized(vectors: Floats) -> Floats:
    """Return rows at length 1; rows of zeros stay zero."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    result: Floats = (vectors / np.where(lengths > 0, lengths, 1)).astype(np.float32)
    return result


def best(scores: Floats, n: int) -> Tokens:
    """Return the columns of the `n` highest scores of each row, best first, int32[R, n].

    Ties keep the columns' order. No score may be NaN; `n` is at most the number of columns.

    Examples
    --------
    >>> best(np.array([[0, 2, 1, 2]], np.float32), 3).tolist()
    [[1, 3, 2]]
    """
    R, C = scores.shape
    layers = max(1, min(_LAYERS, C // (4 * n)))
    G = C // layers
    # The columns are divided into G groups: the n-th highest of the groups' maxima is a lower bound
    # of the n-th highest score, and few scores are above it.
    maxima = scores[:, :G].copy()
    for layer in range(1, layers):
        np.maximum(maxima, scores[:, layer * G : (layer + 1) * G], out=maxima)
    bounds = np.partition(maxima, G - n, axis=1)[:, G - n]
    places = np.flatnonzero(scores >= bounds[:, None])
    rows, columns = np.divmod(places, C)
    order = np.lexsort((-scores.ravel()[places], rows))  # stable
    starts = np.searchsorted(rows, np.arange(R))
    found: Tokens = columns[order[starts[:, None] + np.arange(n)]].astype(np.int32)
    return found
