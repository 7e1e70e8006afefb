"""Cutting runs of known bases at random into words of several lengths (numba)."""

import numba
import numpy as np

from .arrays import BaseCodes, KmerCodes


@numba.njit(cache=True, nogil=True)
def cut(
    bases: BaseCodes, drawn: BaseCodes, letters: int, starts: KmerCodes, shortest: int
) -> KmerCodes:
    """Return the k-mer codes of the words that every run is cut into, one after another.

    Parameters
    ----------
    bases
        uint8[L] base codes, `letters` or more where they are unknown.
    drawn
        uint8[L // shortest] lengths of the words. At a run's end the last word is shorter, or
        left out if less than `shortest` remains.
    letters
        How many letters the alphabet has.
    starts
        int64[lengths + 1] first code of each length.
    shortest
        The first of those lengths.

    Returns
    -------
    int64[words and ends of runs]
        -1 between the words of two runs.
    """
    runs = 1
    for i in range(1, len(bases)):
        runs += bases[i] >= letters and bases[i - 1] < letters
    codes = np.empty(len(drawn) + runs, np.int64)
    n, words, i = 0, 0, 0
    while i < len(bases):
        if bases[i] >= letters:
            if n and codes[n - 1] >= 0:
                codes[n] = -1
                n += 1
            i += 1
            continue
        # Where too little is left for another word, no length is used up.
        most = drawn[words] if words < len(drawn) else shortest
        number, length = 0, 0
        while length < most and i < len(bases) and bases[i] < letters:
            number = number * letters + bases[i]
            length += 1
            i += 1
        if length >= shortest:
            codes[n] = starts[length - shortest] + number
            n += 1
            words += 1
    return codes[:n]
