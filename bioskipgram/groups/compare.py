"""Selections of k-mers (tokens, int32[n]): strand symmetry, and one compared with another."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from bioskipgram.errors import QueryError
from bioskipgram.model.embedding import KmerEmbedding
from bioskipgram.numerics.arrays import Flags, Floats, Tokens
from bioskipgram.numerics.statistics import log_choose

from .enrichment import WordEnrichment, enriched_words, flags
from .features import Features, differing
from .properties import Property


@dataclass(frozen=True)
class StrandSymmetry:
    """How many k-mers of a selection have their reverse complement in it, too.

    `size` are those whose reverse complement is another k-mer of the model, `closed` those of them
    that have it in the selection, `expected` its mean for a random selection and `p` the exact
    chance of as many or more; `palindromes` are not counted.
    """

    size: int
    closed: int
    palindromes: int
    expected: float
    p: float

    @property
    def share(self) -> float:
        """Closed / size, 0 to 1; 0 if the selection is empty."""
        return self.closed / max(1, self.size)

    @property
    def expected_share(self) -> float:
        """Expected / size, 0 to 1."""
        return self.expected / max(1, self.size)


def strand_symmetry(embedding: KmerEmbedding, chosen: Tokens) -> StrandSymmetry:
    """Return how far a selection is closed under reverse complement, beside chance.

    A QueryError for protein and canonical k-mers, which have no other strand.
    """
    tokenizer = embedding.vocabulary.tokenizer
    if tokenizer.canonical or not tokenizer.alphabet.complement:
        what = "a canonical k-mer is" if tokenizer.canonical else "protein has no"
        raise QueryError(
            f"strand symmetry: {what} "
            f"{'both strands at once' if tokenizer.canonical else 'other strand'}; "
            "ask it of a model that reads DNA or RNA on one strand"
        )
    inside = flags(embedding.vocabulary, chosen)
    own = np.arange(len(embedding))
    paired = (embedding.twins >= 0) & (embedding.twins != own)
    closed = inside & paired & inside[embedding.twins]
    n, pairs = int((inside & paired).sum()), int(paired.sum()) // 2
    expected = n * (n - 1) / max(1, 2 * pairs - 1)
    palindromes = int((inside & (embedding.twins == own)).sum())
    both = int(closed.sum())
    return StrandSymmetry(n, both, palindromes, expected, _pairs_tail(both // 2, n, pairs))


def _pairs_tail(complete: int, n: int, pairs: int) -> float:
    """Return the chance of so many complete pairs or more among n drawn from 2 · pairs.

    C(pairs, j) C(pairs - j, n - 2j) 2^(n - 2j) of the C(2 pairs, n) draws complete j pairs.
    """
    from scipy.special import logsumexp

    j = np.arange(max(0, n - pairs), n // 2 + 1)
    chances = (
        log_choose(pairs, j)
        + log_choose(pairs - j, n - 2 * j)
        + (n - 2 * j) * np.log(2)
        - log_choose(2 * pairs, n)
    )
    if complete <= j[0]:
        return 1.0
    return float(min(1.0, np.exp(logsumexp(chances[j >= complete]))))


@dataclass(frozen=True)
class Comparison:
    """Two selections, A and B, compared.

    `jaccard` is shared over all (Jaccard 1912), `centroid_cosine` that of the mean unit vectors;
    `within_a`, `within_b` and `between` are mean cosines of different k-mers, NaN where there is no
    pair. Words and features compare A alone ("inside") with B alone ("outside"); None where either
    is empty.
    """

    both: Tokens
    only_a: Tokens
    only_b: Tokens
    jaccard: float
    centroid_cosine: float
    within_a: float
    within_b: float
    between: float
    enriched_words: WordEnrichment | None
    features: Features | None


def compare(
    embedding: KmerEmbedding, a: Tokens, b: Tokens, properties: Mapping[str, Property] | None = None
) -> Comparison:
    """Return how two selections overlap and differ; `properties` by name, values of every k-mer."""
    in_a, in_b = flags(embedding.vocabulary, a), flags(embedding.vocabulary, b)
    if not in_a.any() or not in_b.any():
        raise QueryError("two selections are compared, but one has no k-mer; select some for each")
    only_a, only_b = in_a & ~in_b, in_b & ~in_a
    apart = bool(only_a.any() and only_b.any())
    unit = embedding.unit
    return Comparison(
        _tokens(in_a & in_b), _tokens(only_a), _tokens(only_b),
        float((in_a & in_b).sum() / (in_a | in_b).sum()),
        _cosine(unit[in_a].mean(axis=0), unit[in_b].mean(axis=0)),
        mean_cosine(unit[in_a]), mean_cosine(unit[in_b]),
        float(unit[only_a].mean(axis=0) @ unit[only_b].mean(axis=0)) if apart else float("nan"),
        enriched_words(embedding.vocabulary, _tokens(only_a), against=_tokens(only_b))
        if apart else None,
        differing(properties or {}, only_a, only_b) if apart else None,
    )  # fmt: skip


def mean_cosine(unit: Floats) -> float:
    """Return the mean cosine of two different unit vectors (rows); NaN of fewer than two."""
    n = len(unit)
    if n < 2:
        return float("nan")
    total = unit.sum(axis=0, dtype=np.float64)
    own = float(np.einsum("nd,nd->", unit, unit, dtype=np.float64))
    return float((total @ total - own) / (n * (n - 1)))


def _cosine(first: Floats, second: Floats) -> float:
    lengths = float(np.linalg.norm(first) * np.linalg.norm(second))
    return float(first @ second) / lengths if lengths > 0 else float("nan")


def _tokens(inside: Flags) -> Tokens:
    return np.flatnonzero(inside).astype(np.int32)
