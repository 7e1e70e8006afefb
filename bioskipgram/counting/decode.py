"""Text -> symbols -> windows: the inner loops of reading for counting.

A **symbol** is a base code, or `START` where a record begins; a base code that is no letter
of the alphabet ends a run.
"""

import numba
import numpy as np

from bioskipgram.arrays import BaseCodes, Counts

START = 255
"""The symbol before a record's first base."""
_LINE, _BLANK, _FOREIGN = 254, 253, 255


def symbol_table(table: bytes) -> BaseCodes:
    """Return byte -> symbol, uint8[256], with line ends and blanks apart, for `decode`."""
    symbols = np.frombuffer(table, np.uint8).copy()
    symbols[list(b" \t\v\f")] = _BLANK
    symbols[list(b"\n\r")] = _LINE
    return symbols


@numba.njit(cache=True, nogil=True)
def decode(
    text: BaseCodes, kind: int, table: BaseCodes, unknown: int, out: BaseCodes, stop: int
) -> tuple[int, int, int]:
    """Write the symbols of FASTA text to `out` from position `stop` on.

    Parameters
    ----------
    text
        uint8[bytes].
    kind
        What it starts in: 0 = a new line, 1 = a header or comment, 2 = a line of sequence.
    table, unknown
        From `symbol_table`, and the base code of what is no letter.
    out
        uint8, at least `stop` + bytes long.

    Returns
    -------
    tuple
        Where the symbols end in `out`, how many records start, and the position of the first
        foreign byte, where decoding stopped; -1 if there is none.
    """
    i, n, records = 0, len(text), 0
    while i < n:
        if kind == 0:
            kind = 2
            if text[i] == ord(">"):
                out[stop] = START
                stop, records, kind = stop + 1, records + 1, 1
            elif text[i] == ord(";"):
                kind = 1
        if kind == 1:
            while i < n and table[text[i]] != _LINE:
                i += 1
            i, kind = i + 1, 0
            continue
        symbol = table[text[i]]
        while symbol <= unknown:
            out[stop] = symbol
            stop, i = stop + 1, i + 1
            if i == n:
                return stop, records, -1
            symbol = table[text[i]]
        if symbol == _FOREIGN:
            return stop, records, i
        if symbol == _LINE:
            kind = 0
        i += 1
    return stop, records, -1


@numba.njit(cache=True, nogil=True)
def window_codes(
    symbols: BaseCodes,
    phase: int,
    letters: int,
    k: int,
    stride: int,
    frame: int,
    ranks: Counts,
    codes: Counts,
    runs: Counts,
) -> None:
    """Write, for every position, the window that ends there and the known bases behind it.

    Parameters
    ----------
    symbols, phase
        uint8[n], and how many bases of the record come before the first of them, modulo
        `stride`.
    letters, k, stride, frame
        As in the tokenizer; `letters` is the size of the alphabet.
    ranks
        int64[letters^k]: what a k-mer code is counted as; empty = the code.
    codes, runs
        int64[n], written: the rank, and the length of the run up to here; a length of 0
        where no window of the record ends.
    """
    code, run, position, top = 0, 0, phase, letters**k
    due = (frame + k) % stride
    for i in range(len(symbols)):
        symbol, runs[i], codes[i] = symbols[i], 0, 0
        if symbol == START:
            run, position, code = 0, 0, 0
            continue
        position = position + 1 if position + 1 < stride else 0
        if symbol >= letters:
            run, code = 0, 0
            continue
        code = code * letters + symbol
        if run >= k:
            code -= top * np.int64(symbols[i - k])
        run += 1
        if run >= k and position == due:
            runs[i] = run
            codes[i] = ranks[code] if len(ranks) else code
