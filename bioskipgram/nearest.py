"""Unit vectors and the n highest of many scores."""

import numpy as np

from .arrays import Floats, Tokens


def normalized(vectors: Floats) -> Floats:
    """Return rows at length 1; rows of zeros stay zero."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    result: Floats = (vectors / np.where(lengths > 0, lengths, 1)).astype(np.float32)
    return result


def best(scores: Floats, n: int) -> Tokens:
    """Return the columns of the `n` highest scores of each row, best first, int32[R, n].

    Ties keep the columns' order: a score and its column together are one number, and no two
    numbers are the same, so that only the n highest need to be sorted.
    """
    columns = scores.shape[1]
    bits = (scores + np.float32(0)).view(np.int32)  # -0 is 0
    ascending = np.where(bits < 0, bits ^ np.int32(0x7FFFFFFF), bits).astype(np.int64)
    numbers = (ascending << 32) | np.arange(columns - 1, -1, -1)
    if n < columns:
        numbers = np.partition(numbers, columns - n, axis=1)[:, columns - n :]
    highest = np.sort(numbers, axis=1)[:, ::-1]
    found: Tokens = (columns - 1 - (highest & 0xFFFFFFFF)).astype(np.int32)
    return found
