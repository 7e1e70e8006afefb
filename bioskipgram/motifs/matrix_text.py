"""Matrices -> text: MEME's and JASPAR's formats."""

import re
from collections.abc import Iterable

import numpy as np

from bioskipgram.errors import QueryError
from bioskipgram.numerics.arrays import Counts, Doubles
from bioskipgram.sequences.alphabet import DNA, Alphabet


def meme_text(matrices: Iterable[tuple[str, Doubles | Counts]], *, alphabet: Alphabet = DNA) -> str:
    """Return matrices in MEME's minimal motif format, version 4.

    See https://meme-suite.org/meme/doc/meme-format.html. Blanks in names become underscores; the
    counts are [length, A]. A matrix without columns or counts raises a QueryError.

    Examples
    --------
    >>> print(meme_text([("AM", np.array([[8, 0, 0, 0], [4, 4, 0, 0]]))]).split("E= 0")[1])
    <BLANKLINE>
    1.000000 0.000000 0.000000 0.000000
    0.500000 0.500000 0.000000 0.000000
    <BLANKLINE>
    """
    letters = alphabet.letters
    background = " ".join(f"{letter} {1 / len(letters):.5g}" for letter in letters)
    lines = ["MEME version 4", "", f"ALPHABET= {letters}", ""]
    lines += ["strands: + -", ""] if alphabet.complement else []
    lines += ["Background letter frequencies", background, ""]
    for name, counts in matrices:
        _check(counts)
        totals = counts.sum(axis=1, keepdims=True)
        shape = f"alength= {len(letters)} w= {len(counts)} nsites= {max(1, round(totals.max()))}"
        rows = (" ".join(f"{share:.6f}" for share in row) for row in counts / totals)
        lines += [f"MOTIF {_word(name)}", f"letter-probability matrix: {shape} E= 0", *rows, ""]
    return "\n".join(lines)


def filled_up(counts: Counts) -> Doubles:
    """Return counts with the same sum in every row, float64[length, A].

    What is missing where few k-mers reach is shared equally among all letters.
    """
    _check(counts)
    totals = counts.sum(axis=1, keepdims=True)
    filled: Doubles = counts + (totals.max() - totals) / counts.shape[1]
    return filled


def jaspar_matrix(counts: Counts, *, name: str = "selection", alphabet: Alphabet = DNA) -> str:
    """Return int64[length, 4] counts in JASPAR's format, a row for each base.

    No column, no count, or letters that are not bases raise a QueryError.
    """
    _check(counts)
    if not alphabet.complement:
        raise QueryError(
            f"JASPAR matrices are of bases, not of {alphabet.name}; take MEME's format"
        )
    width = len(str(counts.max()))
    rows = [
        f"{letter} [ {' '.join(f'{count:{width}}' for count in column)} ]\n"
        for letter, column in zip("ACGT", counts.T.tolist(), strict=True)
    ]
    return f">{_word(name)} {_word(name)}\n{''.join(rows)}"


def _word(name: str) -> str:
    return re.sub(r"\s+", "_", name.strip()) or "selection"


def _check(counts: Doubles | Counts) -> None:
    if not np.any(counts):
        raise QueryError("a matrix of no k-mers cannot be written; select some")
