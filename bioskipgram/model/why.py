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

from dataclasses import dataclass

import numpy as np

from bioskipgram.numerics.arrays import Doubles, Tokens, checked

from .embedding import KmerEmbedding
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


def why(embedding: KmerEmbedding, first: Query, second: Query) -> Why:
    """Return the cosine of two queries, split into contexts; see the module for what is exact."""
    contexts = embedding.context.astype(np.float64)
    directions = [embedding.direction(query.tokens).astype(np.float64) for query in (first, second)]
    scale, axes = np.linalg.eigh(contexts.T @ contexts)
    used = scale > scale.max(initial=0) * 1e-12
    inverse_root = (axes[:, used] / np.sqrt(scale[used])) @ axes[:, used].T  # [D, D]
    one, two = (contexts @ (inverse_root @ direction) for direction in directions)  # [V] each
    parts, score = one * two, float(directions[0] @ directions[1])
    lifts = [lift(embedding, query.tokens) for query in (first, second)]
    return Why(score, parts, score - float(parts.sum()), *lifts)


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
