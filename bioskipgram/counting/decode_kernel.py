"""Text -> base codes -> windows: the inner loops of reading for counting.

Decoded bases are base codes, and `START` where a record begins; a code that is no letter of the
alphabet ends a run of known bases.
"""

import numba
import numpy as np

from bioskipgram.numerics.arrays import BaseCodes, Counts
from bioskipgram.sequences.alphabet import Alphabet
from bioskipgram.sequences.reading import FEWEST, NUCLEOTIDES, WHITESPACE

START = 255
"""Marks the start of a record, before its first base."""
_LINE, _BLANK, _RARE, _FOREIGN = 254, 253, 252, 255
_NEVER = -1
EMPTY, PROTEIN = 1, 2


def decoding_table(alphabet: Alphabet) -> BaseCodes:
    """Return byte -> base code or what else a byte of text is, uint8[256], for `decode`."""
    table = np.frombuffer(alphabet.table, np.uint8).copy()
    rare = table == alphabet.unknown
    rare[list(NUCLEOTIDES)] = False
    table[rare] = _RARE
    table[list(WHITESPACE)] = _BLANK
    table[list(b"\n\r")] = _LINE
    return table


@numba.njit(cache=True, nogil=True)
def decode(
    text: BaseCodes, kind: int, table: BaseCodes, unknown: int, out: BaseCodes, stop: int
) -> tuple[int, int, int, int, int, int, int, int]:
    """Write the base codes of FASTA text (uint8[bytes]) to `out` from position `stop` on.

    `kind` is where the text starts: 0 = a new line, 1 = a header or comment, 2 = a line of
    sequence. Returned are the end of the codes in `out`; records that start; the position of the
    first foreign byte, where decoding stopped, or -1; the `faults` of the records that start and
    end here; bases and rare codes before the first record that starts here; bases and rare codes of
    the last one.
    """
    i, n, records = 0, len(text), 0
    begun, rare, before, rare_before, found = stop, 0, 0, 0, 0
    while i < n:
        if kind == 0:
            kind = 2
            if text[i] == ord(">"):
                if records:
                    found |= faults(stop - begun, rare)
                else:
                    before, rare_before = stop - begun, rare
                out[stop] = START
                stop, records, kind = stop + 1, records + 1, 1
                begun, rare = stop, 0
            elif text[i] == ord(";"):
                kind = 1
        if kind == 1:
            while i < n and table[text[i]] != _LINE:
                i += 1
            i, kind = i + 1, 0
            continue
        code = table[text[i]]
        while code <= unknown:
            out[stop] = code
            stop, i = stop + 1, i + 1
            if i == n:
                break
            code = table[text[i]]
        if i == n:
            break
        if code == _RARE:
            out[stop] = unknown
            stop, rare = stop + 1, rare + 1
        elif code == _FOREIGN:
            return stop, records, i, found, before, rare_before, stop - begun, rare
        elif code == _LINE:
            kind = 0
        i += 1
    return stop, records, _NEVER, found, before, rare_before, stop - begun, rare


@numba.njit(cache=True, nogil=True)
def faults(bases: int, rare: int) -> int:
    """Return `EMPTY` of a record without bases, `PROTEIN` of one with too many rare codes, or 0."""
    if bases == 0:
        return EMPTY
    return PROTEIN if bases >= FEWEST and 2 * rare > bases else 0


@numba.njit(cache=True, nogil=True)
def window_codes(
    bases: BaseCodes,
    phase: int,
    letters: int,
    k: int,
    stride: int,
    frame: int,
    ranks: Counts,
    codes: Counts,
    runs: Counts,
) -> None:
    """Write the code of the window that ends at each position, and the run length up to there.

    `phase` is the number of earlier bases of the record modulo `stride`; `ranks`, int64[letters^k],
    maps codes to what is counted (empty = the code). `runs` is 0 where no window ends.
    """
    code, run, position, top = 0, 0, phase, letters**k
    due = (frame + k) % stride
    for i in range(len(bases)):
        base, runs[i], codes[i] = bases[i], 0, 0
        if base == START:
            run, position, code = 0, 0, 0
            continue
        position = position + 1 if position + 1 < stride else 0
        if base >= letters:
            run, code = 0, 0
            continue
        code = code * letters + base
        if run >= k:
            code -= top * np.int64(bases[i - k])
        run += 1
        if run >= k and position == due:
            runs[i] = run
            codes[i] = ranks[code] if len(ranks) else code
