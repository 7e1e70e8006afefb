"""Support values of a tree of records: a bootstrap over the k-mers of the vocabulary.

Felsenstein 1985 (doi:10.1111/j.1558-5646.1985.tb00420.x) draws the columns of an alignment with
replacement; here the k-mers are drawn, and each counts as often as it was drawn.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from bioskipgram.config import PoolConfig
from bioskipgram.model.embedding import KmerEmbedding
from bioskipgram.numerics.arrays import Doubles, checked
from bioskipgram.sequences.sequences import Sequences

from .counts import KmerCounter
from .distances import from_cosines
from .embed import embed_counts
from .pooling import FittedPooling, fit_background
from .trees import Tree, tree

SAMPLES = 100


def bootstrap(
    embedding: KmerEmbedding,
    sequences: Sequences,
    config: PoolConfig,
    *,
    background: FittedPooling | None = None,
    rows: NDArray[np.int64] | None = None,
    method: str = "nj",
    samples: int = SAMPLES,
    seed: int = 1,
) -> Iterator[Tree]:
    """Yield trees of records (`rows` of them) by their vectors, of drawn k-mers each.

    Weights and common directions stay those of all k-mers. A pair of k-mers, of second-order
    pooling, counts as often as both were drawn together.
    """
    counter, random = KmerCounter.of(embedding, config), np.random.default_rng(seed)
    counted = counter.count(sequences)
    if background is None:
        background = fit_background(embedding, counted, config)
    kept = np.arange(len(sequences)) if rows is None else rows
    names = tuple(sequences.names[row] for row in kept)
    V = len(embedding)
    for _ in range(samples):
        drawn = random.multinomial(V, np.full(V, 1 / V))
        if counter.directions is not None:
            table = (counter.directions * drawn[:, None]).astype(np.float32)
            table = checked(table, "directions", np.float32, table.shape)
            counted = replace(counter, directions=table).count(sequences)
        fitted = replace(background, weights=background.weights * drawn)
        made = embed_counts(embedding, sequences.names, counted, config, background=fitted)
        yield tree(from_cosines(made.cosine()[np.ix_(kept, kept)]), names, method)


def support(made: Tree, others: Iterable[Tree]) -> Doubles:
    """Return in which share of other trees each node's group of leaves is, float64[nodes].

    NaN of leaves, of the root, and of groups that every tree has. A tree by neighbour joining has
    no root, so that a group and the rest are the same.
    """
    own, found, number = _groups(made), np.zeros(len(made.parents)), 0
    for other in others:
        theirs = set(_groups(other))
        found += [group in theirs for group in own]
        number += 1
    shares: Doubles = found / max(number, 1)
    shares[[group == 0 for group in own]] = np.nan
    return shares


def _groups(made: Tree) -> list[int]:
    """Return the leaves below each node as bits, 0 where every tree has the group."""
    R = len(made.names)
    below = [1 << node if node < R else 0 for node in range(len(made.parents))]
    for node, parent in enumerate(made.parents[:-1].tolist()):  # children precede parents
        below[parent] |= below[node]
    whole = (1 << R) - 1
    for node, group in enumerate(below):
        size = group.bit_count()
        if made.method == "nj":
            size = min(size, R - size)
            group = whole ^ group if group & 1 else group
        below[node] = group if 1 < size < R else 0
    return below
