"""Base codes -> sparse counts of patterns: the inner loops of the features and of scoring.

A letter takes 2 bits (protein: 5). Pattern p looks at some letters of a window of `span[p]`; its
word is put together by `parts[p]` shifts and masks, and the column of a word is
``columns[first[p] + word]``. Positions count where `stride[p]` is not 0: then every window has
columns of its own, `stride[p]` further for every base. A window with an unknown letter has no word.
"""

import numba
import numpy as np

from bioskipgram.numerics.arrays import BaseCodes, Counts, Doubles, Flags, Floats, Offsets, Tokens

_LAST = 2**31 - 1
"""The highest count of a tally."""


@numba.njit(cache=True, nogil=True)
def _pack(
    codes: BaseCodes, bits: int, letters: int, most: int,
    forward: Counts, backward: Counts, known: Counts,
) -> None:  # fmt: skip
    """Pack the `most` letters from each base on, and those of the other strand that end there.

    `known` = how many letters from there on are known.
    """
    high, mask = bits * (most - 1), (np.int64(1) << (bits * most)) - 1
    ahead, behind, run = np.int64(0), np.int64(0), np.int64(0)
    for i in range(len(codes) - 1, -1, -1):
        code = np.int64(codes[i])
        if code >= letters:
            code, run = np.int64(0), np.int64(-1)
        ahead = (code << high) | (ahead >> bits)
        behind = (letters - 1 - code) | ((behind << bits) & mask)
        run += 1
        forward[i], backward[i], known[i] = ahead, behind, run


@numba.njit(cache=True, nogil=True)
def _put(
    packed: Counts, unused: int, shifts: Counts, masks: Counts, parts: int, windows: int,
    words: Counts,
) -> None:  # fmt: skip
    """Put together the word of each window; one part at a time, so that loops are vectorised."""
    for j in range(parts):
        shift, mask = unused + shifts[j], masks[j]
        if j == 0:
            for i in range(windows):
                words[i] = (packed[i] >> shift) & mask
        else:
            for i in range(windows):
                words[i] |= (packed[i] >> shift) & mask


@numba.njit(cache=True, nogil=True)
def _words(
    forward: Counts, backward: Counts, known: Counts, length: int, unused: int, span: int,
    shifts: Counts, masks: Counts, parts: int, merged: bool,  # noqa: FBT001
    words: Counts, other: Counts,
) -> int:  # fmt: skip
    """Put the word of each window into `words`, -1 = none; return how many windows there are.

    `merged` = of a word and its reverse complement the smaller; `other` is room for those.
    """
    windows = max(length - span + 1, 0)
    _put(forward, unused, shifts, masks, parts, windows, words)
    if merged:
        _put(backward, 0, shifts, masks, parts, windows, other)
        for i in range(windows):
            words[i] = min(words[i], other[i])
    for i in range(windows):
        words[i] = words[i] if known[i] >= span else -1
    return windows


@numba.njit(cache=True, nogil=True)
def _tally(
    words: Counts, windows: int, columns: Tokens, first: int, stride: int,
    tally: Tokens, found: Tokens,
) -> int:  # fmt: skip
    """Count words by column in `tally`; `found` gets the columns; return how many there are."""
    made = 0
    for i in range(windows):
        if words[i] < 0:
            continue
        column = columns[first + words[i]] + i * stride
        if tally[column] == 0:
            found[made] = column
            made += 1
        tally[column] += 1
    return made


@numba.njit(cache=True, nogil=True)
def _longest(starts: Offsets, stops: Offsets) -> int:
    longest = 0
    for r in range(len(starts)):
        longest = max(longest, stops[r] - starts[r])
    return longest + 1


@numba.njit(cache=True, nogil=True)
def _three(room: int) -> tuple[Counts, Counts, Counts]:
    return np.empty(room, np.int64), np.empty(room, np.int64), np.empty(room, np.int64)


@numba.njit(cache=True, nogil=True)
def _widest(first: Counts, stride: Counts, end: int) -> int:
    """Return the most words of a pattern whose positions do not count."""
    widest = 1
    for p in range(len(first)):
        stop = first[p + 1] if p + 1 < len(first) else end
        if not stride[p]:
            widest = max(widest, stop - first[p])
    return widest


@numba.njit(cache=True, nogil=True)
def features(
    codes: BaseCodes, offsets: Offsets, bits: int, letters: int, most: int,
    span: Counts, shifts: Counts, masks: Counts, parts: Counts, merged: Flags,
    columns: Tokens, first: Counts, stride: Counts,
    size: int, indices: Tokens, data: Floats,
) -> Offsets:  # fmt: skip
    """Fill indices and data of a CSR matrix: square roots of counts, L2 norm 1 a pattern.

    `size` = columns, `most` = letters that are packed together. Returns where each row starts,
    int64[R + 1].
    """
    R, P = len(offsets) - 1, len(span)
    indptr, room = np.zeros(R + 1, np.int64), _longest(offsets[:-1], offsets[1:])
    forward, backward, known = _three(room)
    words, tally = np.empty(room, np.int64), np.zeros(size, np.int32)
    made = 0
    for r in range(R):
        record = codes[offsets[r] : offsets[r + 1]]
        _pack(record, bits, letters, most, forward, backward, known)
        for p in range(P):
            windows = _words(
                forward, backward, known, len(record), bits * (most - span[p]), span[p],
                shifts[p], masks[p], parts[p], False, words, words,  # noqa: FBT003 - numba knows no keywords
            )  # fmt: skip
            begin = made
            made += _tally(words, windows, columns, first[p], stride[p], tally, indices[begin:])
            total = 0
            for j in range(begin, made):
                total += tally[indices[j]]
            for j in range(begin, made):
                data[j] = np.sqrt(np.float32(tally[indices[j]]) / np.float32(total))
                tally[indices[j]] = 0
        indptr[r + 1] = made
    return indptr


@numba.njit(cache=True, nogil=True)
def _add(
    words: Counts, windows: int, weights: Floats, steps: Floats, tally: Tokens, base: int,
    sums: Doubles,
) -> int:  # fmt: skip
    """Add square roots of counts times weights to `sums`; return how many words there are.

    A word that came n times has ``tally[word] = base + n``; what is not above `base` is of earlier
    records, so nothing has to be cleared.
    """
    K, made, first = weights.shape[1], 0, 0.0
    for i in range(windows):
        word = words[i]
        if word < 0:
            continue
        made += 1
        n = max(tally[word] - base, 0)
        tally[word] = base + n + 1
        # What one more occurrence adds to the square root of the count.
        step = steps[n] if n < len(steps) else np.float32(0.5) / np.sqrt(np.float32(n) + 0.5)
        first += step * weights[word, 0]
        for c in range(1, K):
            sums[c] += step * weights[word, c]
    sums[0] += first
    return made


@numba.njit(cache=True, nogil=True)
def _add_placed(words: Counts, windows: int, weights: Floats, stride: int, sums: Doubles) -> int:
    """Add the weights of words at their position to `sums`; return how many words there are."""
    K, made = weights.shape[1], 0
    for i in range(windows):
        if words[i] >= 0:
            made += 1
            for c in range(K):
                sums[c] += weights[words[i] + i * stride, c]
    return made


@numba.njit(cache=True, nogil=True)
def scores(
    codes: BaseCodes, starts: Offsets, stops: Offsets, bits: int, letters: int, most: int,
    span: Counts, shifts: Counts, masks: Counts, parts: Counts, merged: Flags,
    first: Counts, stride: Counts, weights: Floats,
) -> Doubles:  # fmt: skip
    """Return the products of feature rows with weights, float64[R, K], without making the rows.

    Row r is ``codes[starts[r]:stops[r]]``. `weights`, float32[words, K], are of every word of every
    pattern, `first` where those of a pattern begin, and `stride` words further for every base;
    `merged` = words are looked up by the smaller of the two strands.
    """
    R, P, K = len(starts), len(span), weights.shape[1]
    result, steps, room = np.zeros((R, K)), np.zeros(256, np.float32), _longest(starts, stops)
    for n in range(256):
        steps[n] = np.sqrt(np.float32(n + 1)) - np.sqrt(np.float32(n))
    forward, backward, known = _three(room)
    words, other = np.empty(room, np.int64), np.empty(room, np.int64)
    tally = np.zeros(_widest(first, stride, len(weights)), np.int32)
    sums, base = np.zeros(K), 0
    for r in range(R):
        record = codes[starts[r] : stops[r]]
        _pack(record, bits, letters, most, forward, backward, known)
        for p in range(P):
            windows = _words(
                forward, backward, known, len(record), bits * (most - span[p]), span[p],
                shifts[p], masks[p], parts[p], merged[p], words, other,
            )  # fmt: skip
            sums[:] = 0
            if stride[p]:
                total = _add_placed(words, windows, weights[first[p] :], stride[p], sums)
            else:
                if base > _LAST - room:
                    tally[:] = 0
                    base = 0
                total = _add(words, windows, weights[first[p] :], steps, tally, base, sums)
                base += total
            for c in range(K):
                if total:
                    result[r, c] += sums[c] / np.sqrt(np.float64(total))
    return result


@numba.njit(cache=True, nogil=True)
def contributions(
    codes: BaseCodes, bits: int, letters: int, most: int,
    span: Counts, shifts: Counts, masks: Counts, parts: Counts, merged: Flags,
    columns: Tokens, first: Counts, stride: Counts, taps: Flags, weights: Floats,
) -> Doubles:  # fmt: skip
    """Return each base's share of one record's product with `weights`, float32[columns].

    float64[L]; they sum to the product. A feature's part is divided equally among the occurrences
    of its word, and each occurrence's among the letters that the pattern looks at, `taps`.
    """
    L, P = len(codes), len(span)
    forward, backward, known = _three(L + 1)
    shares, words, found = np.zeros(L), np.empty(L + 1, np.int64), np.empty(L + 1, np.int32)
    tally = np.zeros(len(weights), np.int32)
    _pack(codes, bits, letters, most, forward, backward, known)
    for p in range(P):
        windows = _words(
            forward, backward, known, L, bits * (most - span[p]), span[p],
            shifts[p], masks[p], parts[p], False, words, words,  # noqa: FBT003 - numba knows no keywords
        )  # fmt: skip
        made = _tally(words, windows, columns, first[p], stride[p], tally, found)
        total = 0
        for j in range(made):
            total += tally[found[j]]
        for i in range(windows):
            if words[i] < 0:
                continue
            column = columns[first[p] + words[i]] + i * stride[p]
            # sqrt(count / total) of the feature, a count-th of it to each occurrence
            part = weights[column] / np.sqrt(np.float64(tally[column]) * total) / taps[p].sum()
            for j in range(span[p]):
                if taps[p, j]:
                    shares[i + j] += part
        for j in range(made):
            tally[found[j]] = 0
    return shares
