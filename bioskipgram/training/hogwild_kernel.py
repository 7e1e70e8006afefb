"""The inner loops of the sampled trainer on processors (numba): draw, then learn from a centre.

All products of a centre are computed, then all its gradients. Rates are Adagrad's (Duchi et al.
2011) with one sum of squares a row, over four times faster than one an element at the same loss
(benchmarks/RESULTS.md).
"""

from typing import NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

from bioskipgram.config import TrainConfig
from bioskipgram.kmers.vocabulary import Vocabulary
from bioskipgram.numerics.arrays import Counts, Doubles, Floats, Offsets, Tokens

LANES = 16
"""float32 numbers in the widest register: rows are padded to whole registers, with zeros."""
SHARED_DRAWS = 4
"""Draws for a centre, in multiples of the negatives, where its contexts share them."""
Bits = NDArray[np.uint32]


class Text(NamedTuple):
    """A corpus, and the tokens that subsampling keeps."""

    tokens: Tokens
    offsets: Offsets
    keep: Bits
    """uint32[V], 2^32 times the chance that a token is kept; empty = all are."""


class Draws(NamedTuple):
    """What is drawn for a centre: contexts at `distances` (int64[W]), and negatives.

    `threshold` and `other` are the noise distribution as `alias` makes it. `shared` False:
    word2vec's shrinking window, and negatives for every pair. True: all distances, weighted by the
    chance that the shrinking window reaches them, and ``SHARED_DRAWS * negatives`` draws for all of
    them, weighted to the same sum.
    """

    distances: Counts
    threshold: Bits
    other: Tokens
    negatives: int
    shared: bool

    @classmethod
    def of(cls, vocabulary: Vocabulary, config: TrainConfig) -> "Draws":
        """Return the draws from a vocabulary by `config`."""
        chance, other = alias(vocabulary.noise(config.noise_power))
        distances = np.array(config.distances, np.int64)
        return cls(distances, as_bits(chance), other, config.negatives, config.shared_negatives)


class Tables(NamedTuple):
    """The tables, float32[V, P], rows padded with zeros, and Adagrad's sums, float32[V]."""

    center: Floats
    context: Floats
    center_squares: Floats
    context_squares: Floats


@numba.njit(cache=True)
def alias(noise: Doubles) -> tuple[Doubles, Tokens]:
    """Return Walker's alias table of a distribution (1977, doi:10.1145/355744.355749).

    To draw: take one of the V columns, then keep it with its chance, float64[V], else take its
    other, int32[V]. Made in one pass (Vose 1991, doi:10.1109/32.92917).
    """
    V = len(noise)
    chance, other = noise * V, np.arange(V).astype(np.int32)
    low, high = np.flatnonzero(chance < 1), np.flatnonzero(chance >= 1)
    small, large, lows, highs = np.empty(V, np.int64), np.empty(V, np.int64), len(low), len(high)
    small[:lows], large[:highs] = low, high
    while lows and highs:
        lows -= 1
        column, giver = small[lows], large[highs - 1]
        other[column] = giver
        chance[giver] -= 1 - chance[column]
        if chance[giver] < 1:
            highs -= 1
            small[lows] = giver
            lows += 1
    # What rounding leaves over has chance 1.
    for i in range(lows):
        chance[small[i]] = 1
    for i in range(highs):
        chance[large[i]] = 1
    return chance, other


def as_bits(chance: Doubles) -> Bits:
    """Return 2^32 times each chance, at most 2^32 - 1."""
    return np.minimum(chance * 2.0**32, 2.0**32 - 1).astype(np.uint32)


@numba.njit(cache=True)
def has_pair(tokens: Tokens, offsets: Offsets, distances: Counts) -> bool:
    """Return whether any two known tokens of a sentence are at one of the distances."""
    for sentence in range(len(offsets) - 1):
        for i in range(offsets[sentence], offsets[sentence + 1]):
            for distance in distances:
                j = i + distance
                if j < offsets[sentence + 1] and tokens[i] >= 0 and tokens[j] >= 0:
                    return True
    return False


@numba.njit(nogil=True, inline="always")
def _mixed(z: np.uint64) -> np.uint64:
    """Return splitmix64's output for a state (Steele et al. 2014, doi:10.1145/2660193.2660195)."""
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


@numba.njit(nogil=True, inline="always")
def _next(state: np.uint64) -> np.uint64:
    return state + np.uint64(0x9E3779B97F4A7C15)


@numba.njit(nogil=True, inline="always")
def _below(z: np.uint64, n: int) -> np.int64:
    """Return a whole number below `n` from the upper half of a draw."""
    return np.int64(((z >> np.uint64(32)) * np.uint64(n)) >> np.uint64(32))


@numba.njit(nogil=True, inline="always")
def _token(text: Text, place: int, key: np.uint64) -> np.int32:
    """Return the token at a place, -1 if there is none or subsampling drops it in this epoch."""
    token: np.int32 = text.tokens[place]
    if token >= 0 and len(text.keep):
        z = _mixed(key ^ _mixed(np.uint64(place)))
        if (z >> np.uint64(32)) >= np.uint64(text.keep[token]):
            return np.int32(-1)
    return token


@numba.njit(nogil=True, cache=True)
def draw(
    text: Text, draws: Draws, place: int, start: int, stop: int, key: np.uint64, state: np.uint64,
    targets: Tokens, weights: Floats,
) -> tuple[int, int, np.uint64]:  # fmt: skip
    """Write what the centre at `place` learns from: the contexts first, then the negatives.

    `start` and `stop` are its sentence, `key` the epoch's, `state` that of the random numbers;
    `targets` and `weights` are `room` long. Returns how many contexts there are, how many targets
    in all, and the new state.
    """
    window = len(draws.distances)
    state = _next(state)
    reach = window if draws.shared else 1 + _below(_mixed(state), window)
    m, total = 0, np.float32(0)
    for i in range(reach):
        weight = np.float32(window - i) / np.float32(window) if draws.shared else np.float32(1)
        for j in (place - draws.distances[i], place + draws.distances[i]):
            if start <= j < stop:
                token = _token(text, j, key)
                if token >= 0:
                    targets[m], weights[m] = token, weight
                    m += 1
                    total += weight
    if m == 0:
        return 0, 0, state
    drawn = draws.negatives * (SHARED_DRAWS if draws.shared else m)
    weight = total * np.float32(draws.negatives) / np.float32(drawn)
    for e in range(m, m + drawn):
        state = _next(state)
        z = _mixed(state)
        column = _below(z, len(draws.threshold))
        same = (z & np.uint64(0xFFFFFFFF)) < np.uint64(draws.threshold[column])
        targets[e] = column if same else draws.other[column]
        weights[e] = weight
    return m, m + drawn, state


def room(draws: Draws) -> int:
    """Return how many targets a centre can have."""
    contexts = 2 * len(draws.distances)
    return contexts + draws.negatives * (SHARED_DRAWS if draws.shared else contexts)


_room = numba.njit(cache=True, nogil=True)(room)


@numba.njit(nogil=True, fastmath=True, inline="always")
def _power_of_two(y: np.float32) -> np.float32:
    """Return 2^y for -126 < y < 126: a polynomial between whole numbers, relative error 2e-7."""
    whole = np.floor(y)
    r = y - whole
    p = np.float32(0.00189511) * r + np.float32(0.00894621)
    p = p * r + np.float32(0.05586328)
    p = p * r + np.float32(0.24014077)
    p = p * r + np.float32(0.69315462)
    p = p * r + np.float32(0.9999999)
    # A float's exponent field is its whole power of two.
    scale = np.int32((np.int32(whole) + np.int32(127)) << np.int32(23)).view(np.float32)
    return np.float32(p * scale)


@numba.njit(nogil=True, fastmath=True, inline="always")
def _log(x: np.float32) -> np.float32:
    """Return log x for normal x: a polynomial on the mantissa, absolute error 2e-6."""
    bits = np.float32(x).view(np.int32)
    exponent = np.float32((bits >> np.int32(23)) - np.int32(127))
    m = np.int32((bits & np.int32(0x7FFFFF)) | np.int32(0x3F800000)).view(np.float32)
    p = np.float32(-0.01741408) * m + np.float32(0.1871757)
    p = p * m + np.float32(-0.86502169)
    p = p * m + np.float32(2.25235859)
    p = p * m + np.float32(-3.67486472)
    p = p * m + np.float32(4.22119408)
    p = p * m + np.float32(-2.10342641)
    return p + exponent * np.float32(0.69314718)


@numba.njit(nogil=True, fastmath=True, cache=True)
def _slopes(x: Floats, weights: Floats, m: int, n: int) -> float:
    """Turn products into gradients, the first `m` those of contexts; return the loss."""
    for e in range(m):
        x[e] = -x[e]
    loss = np.float32(0)
    for e in range(n):
        # 28.85 = 20 / log 2: a product beyond 20 is as good as 20.
        y = min(max(x[e] * np.float32(1.44269504), np.float32(-28.85)), np.float32(28.85))
        power = _power_of_two(y)
        loss += weights[e] * _log(np.float32(1) + power)
        x[e] = weights[e] * power / (np.float32(1) + power)
    for e in range(m):
        x[e] = -x[e]
    return np.float64(loss)


@numba.njit(nogil=True, fastmath=True, inline="always")
def _dot(a: Floats, b: Floats) -> np.float32:
    total: np.float32 = np.float32(0)
    for d in range(len(a)):
        total += np.float32(a[d] * b[d])
    return total


@numba.njit(nogil=True, fastmath=True, cache=True)
def learn(
    tables: Tables, center: np.int32, targets: Tokens, weights: Floats, m: int, n: int,
    rate: np.float32, l2: np.float32, x: Floats, slope: Floats,
) -> float:  # fmt: skip
    """Take one step from a centre and its targets, as `draw` wrote them; return the loss before.

    `m` are contexts, `n` all targets; `x` and `slope` are memory to work in, as long as `targets`
    and as a row of the tables.
    """
    u = tables.center[center]
    D = np.float32(len(u))
    for e in range(n):
        x[e] = _dot(u, tables.context[targets[e]])
    loss = _slopes(x, weights, m, n)
    square = _dot(u, u)
    pull = np.float32(0)
    for e in range(m):
        pull += weights[e]
    for d in range(len(u)):
        slope[d] = l2 * pull * u[d]
    for e in range(n):
        v = tables.context[targets[e]]
        g, shrink = x[e], l2 * weights[e] if e < m else np.float32(0)
        squares = g * g * square
        if shrink > 0:
            squares += shrink * (np.float32(2) * g * _dot(u, v) + shrink * _dot(v, v))
        total = tables.context_squares[targets[e]] + squares / D
        tables.context_squares[targets[e]] = total
        along, shrink = -rate * g / np.sqrt(total), rate * shrink / np.sqrt(total)
        for d in range(len(u)):
            slope[d] += g * v[d]
            v[d] += along * u[d] - shrink * v[d]
    total = tables.center_squares[center] + _dot(slope, slope) / D
    tables.center_squares[center] = total
    along = rate / np.sqrt(total)
    for d in range(len(u)):
        u[d] -= along * slope[d]
    return loss


@numba.njit(nogil=True, cache=True)
def walk(
    text: Text, draws: Draws, tables: Tables, blocks: Counts, size: int,
    rate: np.float32, l2: np.float32, key: np.uint64,
) -> tuple[float, float]:  # fmt: skip
    """Learn from every place of some blocks; return the loss and the pairs, see `Hogwild.step`."""
    targets, weights = np.empty(_room(draws), np.int32), np.empty(_room(draws), np.float32)
    x, slope = np.empty_like(weights), np.empty(tables.center.shape[1], np.float32)
    loss, pairs = 0.0, 0.0
    for block in blocks:
        state = _mixed(key + np.uint64(block))
        sentence = np.searchsorted(text.offsets, block, side="right") - 1
        for place in range(block, min(block + size, len(text.tokens))):
            while text.offsets[sentence + 1] <= place:
                sentence += 1
            center = _token(text, place, key)
            if center < 0:
                continue
            start, stop = text.offsets[sentence], text.offsets[sentence + 1]
            m, n, state = draw(text, draws, place, start, stop, key, state, targets, weights)
            if m:
                loss += learn(tables, center, targets, weights, m, n, rate, l2, x, slope)
                for e in range(m):
                    pairs += weights[e]
    return loss, pairs
