"""Count matrices of aligned k-mers as the text that motif programs read: MEME and JASPAR."""

import re

import numpy as np

from bioskipgram.alphabet import DNA, Alphabet
from bioskipgram.arrays import Counts
from bioskipgram.errors import QueryError


def meme_matrix(counts: Counts, *, name: str = "selection", alphabet: Alphabet = DNA) -> str:
    """Return a matrix of frequencies in MEME's minimal motif format, version 4.

    Columns that few of the k-mers reach are filled up with equal shares of all letters, so that
    an edge does not look surer than it is. https://meme-suite.org/meme/doc/meme-format.html

    Parameters
    ----------
    counts
        int64[length, A], as `clusters.aligned_counts` gives them.
    name
        Of the motif; blanks become underscores.
    alphabet
        The letters.

    Raises
    ------
    QueryError
        If there is no column or nothing was counted.

    Examples
    --------
    >>> print(meme_matrix(np.array([[8, 0, 0, 0], [2, 2, 0, 0]]), name="AM").split("E= 0")[1])
    <BLANKLINE>
    1.000000 0.000000 0.000000 0.000000
    0.375000 0.375000 0.125000 0.125000
    <BLANKLINE>
    """
    _check(counts)
    sites, letters = int(counts.sum(axis=1).max()), counts.shape[1]
    missing = sites - counts.sum(axis=1, keepdims=True)
    shares = (counts + missing / letters) / sites
    background = " ".join(f"{letter} {1 / letters:.5f}" for letter in alphabet.letters)
    strands = "strands: + -\n\n" if alphabet.complement else ""
    rows = "\n".join(" ".join(f"{share:.6f}" for share in row) for row in shares)
    return (
        f"MEME version 4\n\nALPHABET= {alphabet.letters}\n\n{strands}"
        f"Background letter frequencies\n{background}\n\nMOTIF {_word(name)}\n\n"
        f"letter-probability matrix: alength= {letters} w= {len(counts)} nsites= {sites} E= 0\n"
        f"{rows}\n"
    )


def jaspar_matrix(counts: Counts, *, name: str = "selection", alphabet: Alphabet = DNA) -> str:
    """Return the counts in JASPAR's format, a row for each base.

    Parameters
    ----------
    counts, name, alphabet
        As for `meme_matrix`.

    Raises
    ------
    QueryError
        If there is no column, nothing was counted or the letters are not bases.
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


def _check(counts: Counts) -> None:
    if not np.any(counts):
        raise QueryError("a matrix of no k-mers cannot be written; select some")
