"""Many records compared: a matrix that fits a screen, and k-mer baselines for pairs."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bioskipgram.errors import QueryError
from bioskipgram.numerics.arrays import Counts, Doubles, Floats, Tokens, check_fields

from .counts import Csr
from .distances import Paired, paired
from .embed import GeneEmbedding
from .reference import NearestGenes, Reference
from .trees import leaves_of, linkage_of
from .words import Words

MAX_ROWS = 200
"""The most rows that can be distinguished on a screen."""
_MAX_LOOKED_AT = 5
"""Nearest genes that may be the record itself, because vectors are rounded."""
MAX_RECORDS = 5000
"""The most records that are grouped: 12.5 million pairs, 100 MB and about a second."""


@dataclass(frozen=True)
class Similarity:
    """Mean cosines of n groups of records, of one record each where there are few."""

    groups: tuple[NDArray[np.int64], ...]  # n of int64, the most central record first
    cosines: Floats  # float32[n, n], -1 to 1; diagonal: of different records, 1 if there is one
    linkage: Doubles  # float64[n - 1, 4], average linkage of 1 - cosine as in scipy
    order: NDArray[np.int64]  # int64[n], groups along the dendrogram
    left_out: int  # records beyond the first `MAX_RECORDS`

    def __post_init__(self) -> None:
        n = len(self.groups)
        check_fields(self, cosines=(np.float32, n, n), order=(np.int64, n))
        check_fields(self, linkage=(np.float64, max(n - 1, 0), 4))

    def __len__(self) -> int:
        return len(self.groups)


def similarity(genes: GeneEmbedding, *, max_rows: int = MAX_ROWS) -> Similarity:
    """Return the cosines of records, in at most `max_rows` rows; no record raises a QueryError.

    More records are put into `max_rows` groups by average linkage of 1 - cosine.
    """
    from scipy.cluster.hierarchy import fcluster

    if not len(genes):
        raise QueryError("similarity: there are no records; give at least one")
    unit = genes.unit[:MAX_RECORDS]
    if len(unit) <= max_rows:
        groups = tuple(np.array([i], np.int64) for i in range(len(unit)))
    else:
        labels = fcluster(linkage_of(1 - unit @ unit.T), max_rows, "maxclust")
        groups = tuple(_central_first(unit, np.flatnonzero(labels == g)) for g in np.unique(labels))
    cosines = _mean_cosines(unit, groups)
    linkage = linkage_of(1 - cosines, ordered=True)
    return Similarity(groups, cosines, linkage, leaves_of(linkage), len(genes) - len(unit))


def _central_first(unit: Floats, members: NDArray[np.int64]) -> NDArray[np.int64]:
    closeness = unit[members] @ unit[members].mean(axis=0)
    return members[np.argsort(-closeness, kind="stable")]


def _mean_cosines(unit: Floats, groups: tuple[NDArray[np.int64], ...]) -> Floats:
    """Return the mean cosine of different records of two groups, float32[n, n]."""
    sums = np.stack([unit[members].sum(axis=0, dtype=np.float64) for members in groups])
    sizes = np.array([len(members) for members in groups])
    means = sums @ sums.T / np.outer(sizes, sizes)
    own = np.array([np.square(unit[members], dtype=np.float64).sum() for members in groups])
    pairs = sizes * (sizes - 1)
    within = (np.diag(means) * sizes**2 - own) / np.maximum(pairs, 1)
    np.fill_diagonal(means, np.where(pairs > 0, within, 1))
    result: Floats = np.clip(means, -1, 1).astype(np.float32)
    return result


@dataclass(frozen=True)
class Relatives:
    """The reference gene that each of R records is, or is nearest to."""

    itself: Tokens  # int32[R], row of the reference with the same k-mers and length; -1 = none
    indices: Tokens  # int32[R], row of the nearest other reference gene
    cosines: Floats  # float32[R], with that gene
    baselines: Paired  # of the same pairs, by k-mers alone

    def __post_init__(self) -> None:
        R = len(self.itself)
        check_fields(self, itself=(np.int32, R), indices=(np.int32, R), cosines=(np.float32, R))


def relatives(
    counts: Csr, lengths: Counts, words: Words, reference: Reference, nearest: NearestGenes
) -> Relatives:
    """Return each record's nearest reference gene, and whether it is in the reference itself.

    Takes csr[R, V] k-mers, int64[R] bases and words of the records, and at least their nearest two
    reference genes, unless there is but one.
    """
    itself = _itself(counts, lengths, reference, nearest)
    rows, column = np.arange(len(itself)), np.zeros(len(itself), np.int64)
    if nearest.indices.shape[1] > 1:
        column[nearest.indices[:, 0] == itself] = 1
    else:
        itself[:] = -1
    other = nearest.indices[rows, column]
    theirs = None if reference.words is None else reference.words[other]
    baselines = paired(counts, reference.counts[other], words, theirs)
    return Relatives(itself, other, nearest.scores[rows, column], baselines)


def _itself(counts: Csr, lengths: Counts, reference: Reference, nearest: NearestGenes) -> Tokens:
    """Return the row of the reference that each record is, among its nearest few; -1 = none."""
    used = np.asarray(counts.sum(axis=1)).reshape(-1) > 0
    found = np.full(len(lengths), -1, np.int32)
    for column in nearest.indices[:, :_MAX_LOOKED_AT].T:
        rows = np.flatnonzero(used & (found < 0) & (reference.lengths[column] == lengths))
        differing = abs(counts[rows] - reference.counts[column[rows]]).sum(axis=1)
        same = rows[np.asarray(differing).reshape(-1) == 0]
        found[same] = column[same]
    return found


RANDOM_PAIRS = 20_000


def random_pairs(genes: GeneEmbedding, *, seed: int = 1) -> tuple[Counts, Counts, Floats]:
    """Return random pairs of different records, int64[n], and their cosines, float32[n].

    Records without a vector are left out; n is 0 where fewer than two have one.
    """
    known = np.flatnonzero(genes.known)
    R = len(known)
    if R < 2:
        return np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.float32)
    random = np.random.default_rng(seed)
    first = random.integers(0, R, RANDOM_PAIRS)
    second = known[(first + random.integers(1, R, RANDOM_PAIRS)) % R]
    first = known[first]
    return first, second, np.einsum("nd,nd->n", genes.unit[first], genes.unit[second])


def random_cosines(genes: GeneEmbedding, *, seed: int = 1) -> Floats:
    """Return the cosines of `random_pairs`, ascending, float32[n]."""
    cosines: Floats = np.sort(random_pairs(genes, seed=seed)[2])
    return cosines


def percentiles(cosines: Floats, random: Floats) -> Doubles:
    """Return the share of random pairs with a lower cosine, 0 to 100; NaN without any.

    Examples
    --------
    >>> percentiles(np.float32([0.5, 0.1]), np.float32([0.1, 0.2, 0.3, 0.9])).tolist()
    [75.0, 0.0]
    """
    if not len(random):
        return np.full(np.shape(cosines), np.nan)
    below: Doubles = 100 * np.searchsorted(random, cosines) / len(random)
    return below


ALIKE = 99.0
"""Lowest percentile of a cosine among random pairs at which vectors count as similar."""
RELATED = 0.35
"""Largest Mash distance that counts as related, by 11-mers or protein words: fewer than 1 in 1,000
pairs of the 726 human coding sequences of the package are so near."""
VERDICTS = ("neither", "vectors only", "words only", "both")


def related_by(percentiles: Doubles, mash: Doubles, protein: Doubles) -> list[str]:
    """Return which of the `VERDICTS` calls each of n pairs related; "" where one is not known.

    Vectors do from percentile `ALIKE` on; 11-mers or protein words at a distance up to `RELATED`.
    """
    distance = np.fmin(mash, protein)
    known = ~(np.isnan(percentiles) | np.isnan(distance))
    which = (percentiles >= ALIKE) + 2 * (distance <= RELATED)
    return [VERDICTS[i] if there else "" for i, there in zip(which, known, strict=True)]


def nearest_others(genes: GeneEmbedding) -> NearestGenes:
    """Return every record's nearest other record; that of a single one is itself, cosine 0."""
    R = len(genes)
    best, scores = np.arange(R, dtype=np.int32), np.zeros(R, np.float32)
    for start in range(0, R if R > 1 else 0, 1024):
        cosines = genes.cosine(records=slice(start, start + 1024))
        rows = np.arange(start, start + len(cosines))
        cosines[rows - start, rows] = -2
        best[rows], scores[rows] = cosines.argmax(axis=1), cosines.max(axis=1)
    return NearestGenes(best[:, None], scores[:, None])
