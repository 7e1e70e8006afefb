"""Inner loops over records: find a word, sum weights of windows, count by frame.

Each works on the records `first` to `last` of flat base codes, uint8[L] and int64[R + 1], so that
threads can share a file; a base code that is not below `letters` ends a run.
"""

import numba

from bioskipgram.numerics.arrays import BaseCodes, Counts, Offsets, Tokens


@numba.njit(cache=True, nogil=True)
def _goes_on(codes: BaseCodes, start: int, end: int, query: BaseCodes, done: int) -> bool:
    """Return whether the query is at `start` before `end`, given that its first letters are."""
    if start + len(query) > end:
        return False
    j = done
    while j < len(query) and codes[start + j] == query[j]:
        j += 1
    return j == len(query)


@numba.njit(cache=True, nogil=True)
def _number(word: BaseCodes, bits: int) -> int:
    """Return the bases as one number; -1 for none."""
    number = 0
    for base in word:
        number = (number << bits) | int(base)
    return number if len(word) else -1


@numba.njit(cache=True, nogil=True)
def find(
    codes: BaseCodes,
    offsets: Offsets,
    first: int,
    last: int,
    query: BaseCodes,
    other: BaseCodes,
    letters: int,
    records: Tokens,
    positions: Counts,
    minus: BaseCodes,
    totals: Counts,
) -> tuple[int, int]:
    """Find a query and its reverse complement `other`, uint8[m]; an empty `other` = one strand.

    Fills `records`, `positions` and `minus`, adds to `totals`, int64[2, 3] (strand, frame), and
    returns how many were written and how many records have one.
    """
    bits = 2 if letters <= 4 else 5
    word = min(len(query), 60 // bits)  # compared at once, as one number
    mask = (1 << (bits * word)) - 1
    plus_code, minus_code = _number(query[:word], bits), _number(other[:word], bits)
    written, having = 0, 0
    for record in range(first, last):
        begin, end = offsets[record], offsets[record + 1]
        code, run, here = 0, 0, 0
        for i in range(begin, end):
            symbol = codes[i]
            if symbol >= letters:
                run = 0
                continue
            code = ((code << bits) | int(symbol)) & mask
            run += 1
            if run < word or (code != plus_code and code != minus_code):
                continue
            start = i - word + 1
            if code == plus_code and _goes_on(codes, start, end, query, word):
                strand = 0
            elif code == minus_code and _goes_on(codes, start, end, other, word):
                strand = 1
            else:
                continue
            totals[strand, (start - begin) % 3] += 1
            here += 1
            if written < len(records):
                records[written], positions[written] = record, start - begin
                minus[written] = strand
                written += 1
        having += here > 0
    return written, having


@numba.njit(cache=True, nogil=True)
def weigh(
    codes: BaseCodes,
    offsets: Offsets,
    first: int,
    last: int,
    letters: int,
    k: int,
    stride: int,
    frame: int,
    weights: BaseCodes,
    sums: Counts,
    windows: Counts,
) -> None:
    """Write the sum of the weights and the number of windows of each record, int64[R].

    `weights` is uint8[letters^k] by k-mer code.
    """
    top = letters**k
    for record in range(first, last):
        begin = offsets[record]
        code, run, total, seen = 0, 0, 0, 0
        wait = k - 1 + frame  # bases until a window ends
        for i in range(begin, offsets[record + 1]):
            due = wait == 0
            wait = stride - 1 if due else wait - 1
            symbol = int(codes[i])
            if symbol >= letters:
                run, code = 0, 0
                continue
            code = code * letters + symbol
            if run >= k:
                code -= top * int(codes[i - k])
            run += 1
            if due and run >= k:
                total += weights[code]
                seen += 1
        sums[record], windows[record] = total, seen


@numba.njit(cache=True, nogil=True)
def count_frames(
    codes: BaseCodes, offsets: Offsets, first: int, last: int, letters: int, k: int, counts: Counts
) -> None:
    """Add every window to `counts`, uint32[letters^k, 3], by k-mer code and position modulo 3."""
    top = letters**k
    for record in range(first, last):
        begin = offsets[record]
        code, run = 0, 0
        frame = (4 - k % 3) % 3  # of the window that ends at the first base, if there were one
        for i in range(begin, offsets[record + 1]):
            symbol = int(codes[i])
            if symbol >= letters:
                run, code = 0, 0
            else:
                code = code * letters + symbol
                if run >= k:
                    code -= top * int(codes[i - k])
                run += 1
                if run >= k:
                    counts[code, frame] += 1
            frame = frame + 1 if frame < 2 else 0
