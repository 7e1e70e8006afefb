"""Many substitutions of a record at once: the inner loop (numba)."""

from typing import NamedTuple

import numba
import numpy as np

from bioskipgram.numerics.arrays import BaseCodes, Counts, Doubles, Floats, KmerCodes, Tokens


class Record(NamedTuple):
    """A record as k-mers: the fields of `score.Text`."""

    bases: BaseCodes
    codes: KmerCodes
    tokens: Tokens
    runs: Counts
    pooled: Doubles


class Model(NamedTuple):
    """A model laid out for scoring."""

    token_of: Tokens  # int32[4^k], -1 = not in the vocabulary
    center: Floats  # float32[V, D]
    context: Floats  # float32[V, D]
    unit: Floats  # float32[V, D]
    distances: Counts  # int64[W] windows between centre and context
    weights: Doubles  # float64[W], share of such pairs
    k: int
    stride: int
    frame: int


# Sums may be reordered, which allows SIMD; NaN stays NaN.
_QUICK = {"reassoc", "contract", "nsz"}


@numba.njit(cache=True, nogil=True, fastmath=_QUICK)
def _dot(center: Floats, i: int, context: Floats, j: int) -> np.float32:
    total = np.float32(0)
    for d in range(center.shape[1]):
        total += center[i, d] * context[j, d]
    return total


@numba.njit(cache=True, nogil=True)
def _distance(first: Doubles, second: Doubles) -> float:
    """Return 1 - cosine of two vectors, exact for nearly equal ones; NaN for a zero one."""
    a, b = 0.0, 0.0
    for d in range(len(first)):
        a += first[d] * first[d]
        b += second[d] * second[d]
    if a == 0.0 or b == 0.0:
        return np.nan
    a, b, apart = np.sqrt(a), np.sqrt(b), 0.0
    for d in range(len(first)):
        apart += (first[d] / a - second[d] / b) ** 2
    return apart / 2.0


@numba.njit(cache=True, nogil=True)
def _read_new(
    record: Record, model: Model, position: int, alt: int, first: int, last: int, fresh: Tokens
) -> None:
    """Write the tokens of windows `first` to `last` with `alt` at `position`."""
    change = np.int64(alt) - np.int64(record.bases[position])
    for t in range(first, last + 1):
        fresh[t - first] = -1
        if record.codes[t] >= 0:
            place = model.k - 1 - (position - model.frame - t * model.stride)
            fresh[t - first] = model.token_of[record.codes[t] + (change << (2 * place))]


@numba.njit(cache=True, nogil=True)
def _sum_units(unit: Floats, tokens: Tokens, out: Doubles) -> int:
    """Write the sum of the unit vectors of known tokens; return how many there are."""
    out[:], known = 0.0, 0
    for token in tokens:
        if token >= 0:
            known += 1
            for d in range(unit.shape[1]):
                out[d] += unit[token, d]
    return known


@numba.njit(cache=True, nogil=True)
def _pairs(model: Model, here: int, there: int, ways: int) -> np.float32:
    """Return the log-odds of two windows as centre and context, one way or both (`ways` = 2)."""
    if here < 0 or there < 0:
        return np.float32(0)
    total = _dot(model.center, here, model.context, there)
    if ways == 2:
        total += _dot(model.center, there, model.context, here)
    return total


@numba.njit(cache=True, nogil=True)
def _log_odds(record: Record, model: Model, first: int, last: int, fresh: Tokens) -> float:
    """Return the change in log-odds over all pairs with a window from `first` to `last`."""
    tokens, runs, total = record.tokens, record.runs, 0.0
    for a in range(first, last + 1):
        for i in range(len(model.distances)):
            for side in (-1, 1):
                b = a + side * model.distances[i]
                if b < 0 or b >= len(tokens) or runs[a] != runs[b]:
                    continue
                inside = first <= b <= last
                other = fresh[b - first] if inside else tokens[b]
                ways = 1 if inside else 2  # both of two changed windows are met as centre
                pair = _pairs(model, fresh[a - first], other, ways)
                pair -= _pairs(model, tokens[a], tokens[b], ways)
                total += model.weights[i] * pair
    return total


@numba.njit(cache=True, nogil=True)
def score(
    record: Record,
    model: Model,
    positions: Counts,
    alts: BaseCodes,
    out: Floats,
    start: int,
    stop: int,
) -> None:
    """Write the effects of substitutions `start` to `stop` into columns of `out`, float32[3, n].

    They are the change in log-odds, shift of the windows and shift of the pooled vector; NaN where
    no known k-mer covers the position before, or none after.
    """
    D, k, stride, frame = model.unit.shape[1], model.k, model.stride, model.frame
    old, new, moved = np.empty(D), np.empty(D), np.empty(D)
    buffer = np.empty(k, np.int32)
    for n in range(start, stop):
        p = positions[n]
        first = max(0, -((frame + k - 1 - p) // stride))
        last = min(len(record.tokens) - 1, (p - frame) // stride)
        fresh = buffer[: max(0, last - first + 1)]
        _read_new(record, model, p, alts[n], first, last, fresh)
        before = _sum_units(model.unit, record.tokens[first : last + 1], old)
        after = _sum_units(model.unit, fresh, new)
        if before == 0 or after == 0:
            out[:, n] = np.nan
            continue
        for d in range(D):
            moved[d] = record.pooled[d] + (new[d] - old[d])
        out[0, n] = _log_odds(record, model, first, last, fresh)
        out[1, n] = _distance(old, new)
        out[2, n] = _distance(record.pooled, moved)
