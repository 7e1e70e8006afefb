"""The nearest k-mers of a query, each with its relation to the query."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bioskipgram.errors import QueryError
from bioskipgram.kmers.relations import KINDS, kinds, relations
from bioskipgram.numerics.arrays import Floats, Tokens, checked
from bioskipgram.numerics.nearest import normalized

if TYPE_CHECKING:
    from .embedding import KmerEmbedding
    from .queries import Query

CANCELLED = 1e-5
"""The length of a sum of unit vectors below which nothing is left of it."""


@dataclass(frozen=True)
class Neighborhood:
    """The nearest k-mers of a query, best first: `tokens` int32[n], `cosines` float32[n].

    `relations` tell how each is spelt relative to its k-mer in `origins`, the query's own nearest
    one.
    """

    tokens: Tokens
    cosines: Floats
    relations: tuple[str, ...]
    origins: Tokens

    def __post_init__(self) -> None:
        for name, dtype in (("tokens", np.int32), ("cosines", np.float32), ("origins", np.int32)):
            array = checked(getattr(self, name), name, dtype, (len(self.relations),))
            object.__setattr__(self, name, array)

    @property
    def shares(self) -> dict[str, float]:
        """The share of each kind of relation, by name; they add up to 1."""
        counts = Counter(map(kind_of, self.relations))
        return {kind: count / len(self.relations) for kind, count in counts.items()}


def kind_of(relation: str) -> str:
    """Return a relation without its distance: "shift" for "shift +2"."""
    return relation.split(" ")[0] if relation.startswith("shift") else relation


def neighborhood(
    embedding: "KmerEmbedding", query: "Query", n: int, *, hide: Collection[str] = ()
) -> Neighborhood:
    """Return the `n` nearest k-mers of a query by cosine, the query's own left out.

    `hide` holds kinds of relation to leave out, of `relations.KINDS`; the next nearest take their
    places. A QueryError if nothing is left.
    """
    return around(embedding, embedding.direction(query.tokens), query.tokens, n, hide=hide)


def around(
    embedding: "KmerEmbedding",
    direction: Floats,
    own: Tokens,
    n: int,
    *,
    hide: Collection[str] = (),
) -> Neighborhood:
    """Return the `n` k-mers nearest to a direction, float32[D], without its `own` k-mers."""
    own, asked = np.unique(own), n
    while True:  # relations only of the k-mers examined
        found, scores = embedding.nearest(direction[None], asked, without=[own])
        tokens, cosines = found[0], scores[0]
        origins, words = nearest_own(embedding, own, tokens)
        rows = np.flatnonzero([kind_of(word) not in hide for word in words])[:n]
        if len(rows) >= n or len(tokens) < asked or asked >= len(embedding):
            break
        asked *= 4
    if not len(rows):
        raise QueryError(
            f"all of the {len(tokens):,} other k-mers are {' or '.join(sorted(hide))}: "
            "hide fewer relations"
        )
    named = tuple(words[row] for row in rows)
    return Neighborhood(tokens[rows], cosines[rows], named, origins[rows])


def arithmetic(
    embedding: "KmerEmbedding",
    plus: "Sequence[Query]",
    minus: "Sequence[Query]",
    n: int,
    *,
    hide: Collection[str] = (),
) -> Neighborhood:
    """Return the k-mers nearest to the sum of some queries less that of others."""
    if not plus and not minus:
        raise QueryError("give at least one k-mer to add or to take away")
    total = np.zeros(embedding.center.shape[1], np.float32)
    for sign, queries in ((1, plus), (-1, minus)):
        for query in queries:
            total += sign * embedding.direction(query.tokens)
    if np.linalg.norm(total) < CANCELLED:
        raise QueryError("the terms cancel each other out: nothing is left to look for")
    own = np.concatenate([query.tokens for query in (*plus, *minus)])
    return around(embedding, normalized(total[None])[0], own, n, hide=hide)


def nearest_own(
    embedding: "KmerEmbedding", own: Tokens, others: Tokens
) -> tuple[Tokens, tuple[str, ...]]:
    """Return the query's own k-mer nearest to each of `others`, int32[n], and its relation."""
    if len(own) == 1:
        return np.repeat(own, len(others)), relations(embedding.vocabulary, int(own[0]), others)
    nearest = own[(embedding.unit[others] @ embedding.unit[own].T).argmax(axis=1)]
    words = np.empty(len(others), object)
    for token in np.unique(nearest).tolist():
        rows = np.flatnonzero(nearest == token)
        words[rows] = relations(embedding.vocabulary, token, others[rows])
    return nearest, tuple(words)


def expected_shares(embedding: "KmerEmbedding", token: int) -> dict[str, float]:
    """Return the share of each kind of relation to a k-mer among all other k-mers."""
    counts = np.bincount(kinds(embedding.vocabulary, token), minlength=len(KINDS))[1:]
    total = max(1, int(counts.sum()))
    return {
        kind: int(count) / total for kind, count in zip(KINDS[1:], counts, strict=True) if count
    }
