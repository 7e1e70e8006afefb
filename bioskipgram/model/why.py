"""Why two k-mers are alike: their cosine, split into the contexts whose co-occurrence makes it.

A model file holds the two tables, u of centres and v of contexts, and no counts. The tables hold
the co-occurrences as the model learnt them: exp(u_a . v_j) times the number of negatives is how
often context j is near a, relative to chance (the fitted form of N_aj / (N_a q_j)). With C = sum_j
v_j v_j^T, the numbers z_aj = u_a C^(-1/2) v_j are a's profile over the contexts, and

    sum_j z_aj z_bj = u_a C^(-1/2) C C^(-1/2) u_b = u_a . u_b

holds exactly. So with unit vectors the cosine is the sum of one part a context: positive where both
profiles deviate in the same direction. Counts of a corpus only stand beside the parts: they differ
from the fitted ones where the dimensions do not suffice.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bioskipgram.errors import QueryError
from bioskipgram.numerics.arrays import Doubles, Tokens, checked

from .embedding import KmerEmbedding
from .neighbors import CANCELLED
from .queries import Query


@dataclass(frozen=True)
class Why:
    """The cosine of two queries, and its parts.

    Attributes
    ----------
    score
        The cosine of the two queries, as `KmerEmbedding.similarity` has it.
    parts
        float64[V], what each context adds; with `rest` they sum to `score` within 1e-5.
    rest
        What lies outside the contexts' directions: 0 for a trained model but for rounding.
    first, second
        float64[V], how often each context is near a query's k-mers (geometric mean) relative to
        chance, as the model learnt it; 1 = as often as by chance.
    """

    score: float
    parts: Doubles
    rest: float
    first: Doubles
    second: Doubles

    def __post_init__(self) -> None:
        for name in ("parts", "first", "second"):
            array = checked(getattr(self, name), name, np.float64, (len(self.parts),))
            object.__setattr__(self, name, array)

    def leading(self, n: int) -> Tokens:
        """Return the contexts with the `n` greatest parts by size, greatest first, int32[n]."""
        found: Tokens = np.argsort(-np.abs(self.parts), kind="stable")[:n].astype(np.int32)
        return found

    @property
    def for_and_against(self) -> tuple[float, float]:
        """The sums of the positive and of the negative parts."""
        return float(self.parts.clip(0).sum()), float(self.parts.clip(max=0).sum())


@dataclass(frozen=True)
class WhySum(Why):
    """The cosine of a sum of T queries with another one, split into terms and contexts.

    Attributes
    ----------
    terms
        float64[T], what each term adds; they sum to `score` within 1e-5.
    by_term
        float64[T, V], what each adds through each context; summed over the terms they are `parts`.
    """

    terms: Doubles
    by_term: Doubles

    def __post_init__(self) -> None:
        super().__post_init__()
        T, V = len(self.terms), len(self.parts)
        for name, shape in (("terms", (T,)), ("by_term", (T, V))):
            object.__setattr__(self, name, checked(getattr(self, name), name, np.float64, shape))


def why(embedding: KmerEmbedding, first: Query, second: Query) -> Why:
    """Return the cosine of two queries, split into contexts; see the module for what is exact."""
    found = _split(embedding, [first], np.ones(1), second)
    return Why(found.score, found.parts, found.rest, found.first, found.second)


def why_sum(
    embedding: KmerEmbedding, plus: Sequence[Query], minus: Sequence[Query], other: Query
) -> WhySum:
    """Return the cosine of a sum of queries less that of others (`neighbors.arithmetic`) with one.

    `first` is the product of the added terms' lifts over that of the others'. A QueryError if the
    terms cancel each other out.
    """
    signs = np.array([1.0] * len(plus) + [-1.0] * len(minus))
    return _split(embedding, [*plus, *minus], signs, other, unit=True)


def _split(
    embedding: KmerEmbedding, queries: list[Query], signs: Doubles, other: Query, *,
    unit: bool = False,
) -> WhySum:  # fmt: skip
    """Split the product of a sum of directions, at length 1 if `unit`, with another one."""
    directions = np.array([embedding.direction(query.tokens) for query in queries], np.float64)
    total = float(np.linalg.norm(signs @ directions)) if unit else 1.0
    if total < CANCELLED:
        raise QueryError("the terms cancel each other out: nothing is left to split")
    weights, near = signs / total, embedding.direction(other.tokens).astype(np.float64)
    profiles = _profiles(embedding)
    by_term = weights[:, None] * (directions @ profiles.T) * (profiles @ near)  # [T, V]
    terms, parts = weights * (directions @ near), by_term.sum(axis=0)  # [T], [V]
    score = float(terms.sum())
    logs = np.log([lift(embedding, query.tokens) for query in queries])  # [T, V]
    lifts = np.exp(np.clip(signs @ logs, -300, 300)), lift(embedding, other.tokens)
    return WhySum(score, parts, score - float(parts.sum()), *lifts, terms, by_term)


def _profiles(embedding: KmerEmbedding) -> Doubles:
    """Return v_j C^(-1/2) of each context, float64[V, D]."""
    contexts = embedding.context.astype(np.float64)
    scale, axes = np.linalg.eigh(contexts.T @ contexts)
    used = scale > scale.max(initial=0) * 1e-12
    found: Doubles = contexts @ ((axes[:, used] / np.sqrt(scale[used])) @ axes[:, used].T)
    return found


def lift(embedding: KmerEmbedding, tokens: Tokens) -> Doubles:
    """Return how often each context is near some k-mers relative to chance, float64[V], as fitted.

    The geometric mean over the k-mers.
    """
    center = embedding.center[tokens].astype(np.float64).mean(axis=0)
    exponents = np.clip(embedding.context.astype(np.float64) @ center, -300, 300)
    found: Doubles = embedding.info.config.negatives * np.exp(exponents)
    return found


def counted_lift(embedding: KmerEmbedding, weights: Doubles) -> Doubles:
    """Return the same as counted: `weights`, float64[V], are the pairs of the k-mers in a corpus.

    They are rows of `PairCounts.counts`, added up. All 1 where there is no pair.
    """
    config = embedding.info.config
    total = weights.sum()
    if not total:
        return np.ones(len(weights))
    found: Doubles = weights / total / embedding.vocabulary.noise(config.noise_power)
    return found
