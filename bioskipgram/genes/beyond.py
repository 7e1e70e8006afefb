"""Pairs of genes that vectors and protein words find alike although Mash does not."""

import math
from dataclasses import dataclass

import numpy as np

from bioskipgram.numerics.arrays import Counts, Doubles, Flags, Floats, check_fields

from .distances import paired_by_words
from .embed import GeneEmbedding
from .similarity import ALIKE, RELATED, random_pairs
from .words import Words

MOST = 50_000
"""Pairs whose words are compared, those with the highest cosines."""
_BLOCK = 512
_AT_ONCE = 2048
_SEEDS = range(1, 6)


@dataclass(frozen=True, eq=False)
class Beyond:
    """Pairs of records that are alike by vectors and protein words, the nearest proteins first."""

    first: Counts  # int64[n], rows of records
    second: Counts  # int64[n], each above the first
    cosines: Floats  # float32[n], at percentile `ALIKE` of random pairs or above
    mash: Doubles  # float64[n], above `RELATED`
    protein: Doubles  # float64[n], at most `RELATED`
    compared: int  # pairs of records with vectors
    left_out: int  # pairs of like vectors whose words were not compared; see `MOST`

    def __post_init__(self) -> None:
        n = len(self.first)
        check_fields(self, first=(np.int64, n), second=(np.int64, n), cosines=(np.float32, n))
        check_fields(self, mash=(np.float64, n), protein=(np.float64, n))

    def __len__(self) -> int:
        return len(self.first)


def beyond_mash(genes: GeneEmbedding, words: Words, random: Floats) -> Beyond:
    """Return the pairs of records that are alike by vectors and by protein words, not by Mash.

    `random` holds the cosines of random pairs, ascending, as of `random_cosines`.
    """
    first, second, cosines = _like_vectors(genes, _least(random))
    best = np.argsort(-cosines, kind="stable")[:MOST]
    left_out = len(cosines) - len(best)
    first, second, cosines = first[best], second[best], cosines[best]
    mash, protein = _words_of(words, first, words, second)
    found = np.flatnonzero(_alike(mash, protein))
    found = found[np.argsort(protein[found], kind="stable")]
    known = int(genes.known.sum())
    return Beyond(
        first[found], second[found], cosines[found], mash[found], protein[found],
        known * (known - 1) // 2, left_out,
    )  # fmt: skip


def chance(genes: GeneEmbedding, words: Words) -> tuple[int, int]:
    """Return how many of how many random pairs of genes would be found by `beyond_mash`.

    Relatives are among random pairs, too, so that this is rather too high for a null.
    """
    found = total = 0
    for seed in _SEEDS:
        first, second, cosines = random_pairs(genes, seed=seed)
        total += len(cosines)
        like = np.flatnonzero(cosines > _least(np.sort(cosines)))
        found += int(_alike(*_words_of(words, first[like], words, second[like])).sum())
    return found, total


def _least(random: Floats) -> float:
    """Return the cosine above which a pair is at least at percentile `ALIKE`; inf without any."""
    return float(random[math.ceil(len(random) * ALIKE / 100) - 1]) if len(random) else np.inf


def _alike(mash: Doubles, protein: Doubles) -> Flags:
    found: Flags = (mash > RELATED) & (protein <= RELATED)
    return found


def _like_vectors(genes: GeneEmbedding, least: float) -> tuple[Counts, Counts, Floats]:
    """Return the pairs of different records whose cosine is above a limit, and their cosines."""
    parts = []
    for start in range(0, len(genes), _BLOCK):
        block = genes.cosine(records=slice(start, start + _BLOCK))
        rows, columns = np.nonzero(block > least)
        upper = columns > rows + start
        rows, columns = rows[upper], columns[upper]
        parts.append((rows + start, columns, block[rows, columns]))
    first, second, cosines = (np.concatenate(each) for each in zip(*parts, strict=True))
    return first, second, cosines.astype(np.float32)


def _words_of(own: Words, rows: Counts, others: Words, columns: Counts) -> tuple[Doubles, Doubles]:
    """Return the Mash distances and those of protein words of pairs of records."""
    parts = [
        paired_by_words(own[rows[at]], others[columns[at]], len(rows[at]))
        for at in (slice(i, i + _AT_ONCE) for i in range(0, len(rows), _AT_ONCE))
    ]
    if not parts:
        return np.zeros(0), np.zeros(0)
    mash, protein = (np.concatenate(each) for each in zip(*parts, strict=True))
    return mash, protein
