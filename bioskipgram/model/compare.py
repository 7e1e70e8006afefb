"""Comparison of two queries of one model, and of two models; each number beside its null."""

from dataclasses import dataclass

import numpy as np

from bioskipgram.errors import QueryError
from bioskipgram.numerics.arrays import Counts, Doubles, Floats, Offsets, Tokens, checked
from bioskipgram.numerics.nearest import best

from .embedding import KmerEmbedding, ModelInfo
from .queries import Query

PERMUTATIONS = 5
LONGEST_LIST = 100
"""The most neighbours of a k-mer by which two models are compared."""


# Several queries -----------------------------------------------------------------------------


def cosines(embedding: KmerEmbedding, queries: list[Query]) -> Floats:
    """Return the cosine of every two queries, float32[Q, Q]."""
    vectors = np.stack([embedding.direction(query.tokens) for query in queries])
    found: Floats = np.clip(vectors @ vectors.T, -1, 1)
    return found


def tree(matrix: Floats) -> Doubles:
    """Return the average-linkage tree of a matrix of cosines, scipy's float64[Q - 1, 4].

    Distance 1 - cosine, optimal leaf order (Bar-Joseph et al. 2001,
    10.1093/bioinformatics/17.suppl_1.s22).
    """
    from scipy.cluster.hierarchy import linkage

    upper = np.triu_indices(len(matrix), 1)
    distances = np.maximum(1 - matrix[upper].astype(np.float64), 0)
    found: Doubles = linkage(distances, "average", optimal_ordering=True)
    return found


@dataclass(frozen=True)
class TwoLists:
    """The union of the neighbours of two queries: `tokens` int32[U], `cosines` float32[2, U].

    `ranks`, int64[2, U], are among all k-mers, 1 = nearest, 0 = part of the query; `n` is the
    length of each list, `size` is V.
    """

    tokens: Tokens
    ranks: Counts
    cosines: Floats
    n: int
    size: int

    @property
    def shared(self) -> int:
        """The number of k-mers in both lists."""
        return int(((self.ranks > 0) & (self.ranks <= self.n)).all(axis=0).sum())

    @property
    def expected(self) -> float:
        """The number that two random lists would share."""
        return self.n**2 / self.size


def two_lists(embedding: KmerEmbedding, first: Query, second: Query, n: int) -> TwoLists:
    """Return the `n` nearest k-mers of two queries side by side, the nearest to either first."""
    ranks, scores = [], []
    for query in (first, second):
        cosine = embedding.unit @ embedding.direction(query.tokens)
        own = np.unique(query.tokens)
        ranked = cosine.copy()
        ranked[own] = np.inf
        order = np.argsort(-ranked, kind="stable")
        rank = np.empty(len(order), np.int64)
        rank[order] = np.arange(1, len(order) + 1) - len(own)
        rank[own] = 0
        ranks.append(rank)
        scores.append(cosine)
    places = np.stack(ranks)
    listed = np.flatnonzero(((places > 0) & (places <= n)).any(axis=0))
    rank = np.where(places[:, listed] > 0, places[:, listed], np.iinfo(np.int64).max).min(axis=0)
    tokens = listed[np.argsort(rank, kind="stable")].astype(np.int32)
    return TwoLists(tokens, places[:, tokens], np.stack(scores)[:, tokens], n, len(embedding))


# Two models ----------------------------------------------------------------------------------


def common(first: KmerEmbedding, second: KmerEmbedding) -> tuple[Tokens, Tokens]:
    """Return the tokens in each model of the k-mers that both know, int32[C] twice."""
    one, two = (model.vocabulary.tokenizer for model in (first, second))
    if one.alphabet != two.alphabet:
        raise QueryError(
            f"one model is of {one.alphabet.name}, the other of {two.alphabet.name}: they have no "
            "words in common; choose two of one alphabet"
        )
    kmers = first.vocabulary.kmers
    codes = np.full(len(kmers), -1, np.int64)
    lengths = one.lengths(kmers)
    for length in range(max(one.shortest, two.shortest), min(one.k, two.k) + 1):
        rows = lengths == length
        start = two.starts[length - two.shortest] - one.starts[length - one.shortest]
        codes[rows] = kmers[rows] + start
    tokens = second.vocabulary.tokens(codes)
    if (tokens >= 0).sum() < 3:
        raise QueryError(
            f"one model has {one.word}s, the other {two.word}s, and {(tokens >= 0).sum()} words in "
            "common; two models are compared by what both know: choose one with words as long"
        )
    return np.flatnonzero(tokens >= 0).astype(np.int32), tokens[tokens >= 0]


def differences(first: ModelInfo, second: ModelInfo) -> dict[str, tuple[object, object]]:
    """Return the settings and sources in which two models differ, each with both values."""
    one, two = (vars(info.config) | {"source": info.source} for info in (first, second))
    found = {name: (one[name], two[name]) for name in one if one[name] != two.get(name)}
    if "source" in found and first.sha256 == second.sha256:
        del found["source"]
    return found


@dataclass(frozen=True)
class Alignment:
    """Two models aligned by the best rotation, float32[D, D] with D the larger dimension.

    `first` and `second` are int32[C] tokens of the common k-mers; `cosines`, float32[C], those of
    each k-mer's two vectors after rotation; `null`, float64[permutations], their mean after
    permuting the k-mers.
    """

    first: Tokens
    second: Tokens
    rotation: Floats
    cosines: Floats
    null: Doubles

    def __post_init__(self) -> None:
        size = len(self.first)
        object.__setattr__(self, "cosines", checked(self.cosines, "cosines", np.float32, (size,)))

    @property
    def residual(self) -> float:
        """Share of the squared length that no rotation explains: 0 = the same up to rotation."""
        return 1 - float(self.cosines.mean(dtype=np.float64))

    @property
    def null_residual(self) -> float:
        """The residual after permuting the k-mers."""
        return 1 - float(self.null.mean())


def align(first: KmerEmbedding, second: KmerEmbedding, *, seed: int = 1) -> Alignment:
    """Return the rotation that aligns the first model with the second, beside its null.

    Orthogonal Procrustes (Schönemann 1966, 10.1007/BF02289451) on the unit vectors of the common
    k-mers, the smaller dimension filled up with zeros. The residual ||AR - B||^2 / (||A||^2 +
    ||B||^2) is 1 less the mean cosine.
    """
    from scipy.linalg import orthogonal_procrustes

    one, two = common(first, second)
    D = max(first.center.shape[1], second.center.shape[1])
    A, B = _padded(first.unit[one], D), _padded(second.unit[two], D)
    rotation = orthogonal_procrustes(A, B)[0].astype(np.float32)
    random = np.random.default_rng(seed)
    # The second value is the sum of the cosines after the rotation.
    null = [orthogonal_procrustes(A, random.permutation(B))[1] for _ in range(PERMUTATIONS)]
    cosines = (A.astype(np.float32) @ rotation * B).sum(axis=1).astype(np.float32)
    return Alignment(one, two, rotation, cosines, np.array(null) / len(A))


def _padded(vectors: Floats, D: int) -> Doubles:
    return np.pad(vectors, ((0, 0), (0, D - vectors.shape[1]))).astype(np.float64)


def neighbor_lists(
    embedding: KmerEmbedding, tokens: Tokens, rows: Offsets, *, n: int = LONGEST_LIST
) -> Tokens:
    """Return the `n` nearest of `tokens` to those at `rows` by cosine, positions, int32[B, n]."""
    whole = len(tokens) == len(embedding)
    unit = embedding.unit if whole else embedding.unit[tokens]
    scores = unit[rows] @ unit.T  # [B, C]
    scores[np.arange(len(rows)), rows] = -np.inf
    return best(scores, min(n, len(tokens) - 1))


def jaccard(first: Tokens, second: Tokens, n: int) -> Floats:
    """Return the Jaccard index of the first `n` of two lists of neighbours, float32[B]."""
    both = np.sort(np.concatenate([first[:, :n], second[:, :n]], axis=1), axis=1)
    shared = (np.diff(both, axis=1) == 0).sum(axis=1)
    found: Floats = (shared / (both.shape[1] - shared)).astype(np.float32)
    return found


def expected_jaccard(size: int, n: int) -> float:
    """Return the mean Jaccard index of two random lists of `n` of `size` (hypergeometric)."""
    from scipy.stats import hypergeom

    n = min(n, size)
    shared = np.arange(n + 1)
    return float((hypergeom.pmf(shared, size, n, n) * shared / (2 * n - shared)).sum())


def laid_over(points: Floats, target: Floats, alignment: Alignment) -> Floats:
    """Return a second map, rotated, mirrored, scaled and moved onto the first, like `points`."""
    from scipy.linalg import orthogonal_procrustes

    own = points[alignment.second].astype(np.float64)
    goal = target[alignment.first].astype(np.float64)
    middle, there = own.mean(axis=0), goal.mean(axis=0)
    rotation, _ = orthogonal_procrustes(own - middle, goal - there)
    # The size of the target's cloud, not the least-squares factor: that shrinks what fits badly.
    size = np.sqrt(((goal - there) ** 2).sum() / max(((own - middle) ** 2).sum(), 1e-12))
    placed = (points - middle) @ rotation * size + there
    return np.ascontiguousarray(placed, np.float32)
