"""Many substitutions of a record at once: the inner loop (numba)."""

import numba
import numpy as np

from bioskipgram.arrays import BaseCodes, Counts, Doubles, Floats, KmerCodes, Tokens

# Sums may be taken in any order, so that they use the processor's wide registers; NaN stays NaN.
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
def score(
    bases: BaseCodes,
    codes: KmerCodes,
    tokens: Tokens,
    runs: Counts,
    token_of: Tokens,
    center: Floats,
    context: Floats,
    unit: Floats,
    pooled: Doubles,
    distances: Counts,
    weights: Doubles,
    cut: tuple[int, int, int],
    positions: Counts,
    alts: BaseCodes,
    out: Floats,
    start: int,
    stop: int,
) -> None:
    """Write what substitutions `start` to `stop` do: columns of `out`.

    Parameters
    ----------
    bases
        uint8[L] of one record.
    codes, tokens, runs
        [T] of its windows: the k-mer as it stands, its token, its run of known bases.
    token_of
        int32[4^k]: k-mer code -> token, -1 = not in the vocabulary.
    center, context, unit
        float32[V, D].
    pooled
        float64[D], the sum of the unit vectors of all known k-mers of the record.
    distances, weights
        int64[W] windows between centre and context, and float64[W] the share of such pairs.
    cut
        k, stride and frame.
    positions, alts
        int64[n] and uint8[n]: where, and which base comes.
    out
        float32[3, n]: change in log-odds, shift of the windows, shift of the pooled vector; NaN
        where no known k-mer covers the position before, or none after.
    """
    k, stride, frame = cut
    D, T = unit.shape[1], len(tokens)
    old, new, moved = np.empty(D), np.empty(D), np.empty(D)
    fresh = np.empty(k, np.int32)
    for n in range(start, stop):
        p = positions[n]
        first = max(0, -((frame + k - 1 - p) // stride))
        last = min(T - 1, (p - frame) // stride)
        old[:], new[:] = 0.0, 0.0
        before, after = 0, 0
        for t in range(first, last + 1):
            fresh[t - first] = -1
            if codes[t] >= 0:
                place = k - 1 - (p - frame - t * stride)
                change = np.int64(alts[n]) - np.int64(bases[p])
                fresh[t - first] = token_of[codes[t] + (change << (2 * place))]
            if tokens[t] >= 0:
                before += 1
                for d in range(D):
                    old[d] += unit[tokens[t], d]
            if fresh[t - first] >= 0:
                after += 1
                for d in range(D):
                    new[d] += unit[fresh[t - first], d]
        if before == 0 or after == 0:
            out[:, n] = np.nan
            continue
        for d in range(D):
            moved[d] = pooled[d] + (new[d] - old[d])
        total = 0.0
        for a in range(first, last + 1):
            for i in range(len(distances)):
                for side in (-1, 1):
                    b = a + side * distances[i]
                    if b < 0 or b >= T or runs[a] != runs[b]:
                        continue
                    inside = first <= b <= last
                    other = fresh[b - first] if inside else tokens[b]
                    pair = np.float32(0)
                    if fresh[a - first] >= 0 and other >= 0:
                        pair += _dot(center, fresh[a - first], context, other)
                        if not inside:  # else it is met again with b as the centre
                            pair += _dot(center, other, context, fresh[a - first])
                    if tokens[a] >= 0 and tokens[b] >= 0:
                        pair -= _dot(center, tokens[a], context, tokens[b])
                        if not inside:
                            pair -= _dot(center, tokens[b], context, tokens[a])
                    total += weights[i] * pair
        out[0, n] = total
        out[1, n] = _distance(old, new)
        out[2, n] = _distance(pooled, moved)
