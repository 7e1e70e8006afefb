"""The commands that ask for what is near what: similar, compare-models, concatenation."""

import argparse
from typing import TYPE_CHECKING, Any

from bioskipgram.errors import ConfigError

from .output import print_table

if TYPE_CHECKING:
    from bioskipgram.arrays import Floats
    from bioskipgram.comparison import Alignment
    from bioskipgram.embedding import KmerEmbedding

BLOCK = 256
NULLS = {"other_partner": "b of another pair", "shuffled": "shuffled", "swapped": "b before a"}


def similar(options: argparse.Namespace) -> None:
    """Print the k-mers nearest to a query, or to a sum of queries less others."""
    from bioskipgram import checkpoint
    from bioskipgram.neighborhood import arithmetic
    from bioskipgram.queries import ask
    from bioskipgram.relations import KINDS

    _check(options.n)
    if unknown := set(options.hide) - set(KINDS):
        raise ConfigError(f"hide: {min(unknown)!r} is no relation; use {', '.join(KINDS[1:])}")
    embedding = checkpoint.load(options.model)
    plus, minus = ([ask(embedding, text) for text in given] for given in (
        options.query, options.minus
    ))  # fmt: skip
    found = arithmetic(embedding, plus, minus, options.n, hide=options.hide)
    vocabulary = embedding.vocabulary
    columns = zip(
        vocabulary.spell(found.tokens), found.cosines.tolist(), found.relations,
        vocabulary.spell(found.origins), vocabulary.counts[found.tokens].tolist(), strict=True,
    )  # fmt: skip
    names = ("kmer", "cosine", "relation", "to", "count")
    rows = [dict(zip(names, row, strict=True)) for row in columns]
    print_table(rows, as_json=options.json)


def compare_models(options: argparse.Namespace) -> None:
    """Print how far two models agree on the k-mers that both know, beside the nulls."""
    from bioskipgram import checkpoint
    from bioskipgram.comparison import align, expected_jaccard

    _check(options.n)
    first, second = checkpoint.load(options.model), checkpoint.load(options.other)
    found = align(first, second)
    overlap = _overlap(first, second, found, options)
    rows: list[dict[str, Any]] = [
        {"measure": "common k-mers", "value": len(found.first), "null": None},
        {"measure": "Procrustes residual", "value": found.residual, "null": found.null_residual},
        {"measure": f"Jaccard of the first {options.n}", "value": float(overlap.mean()),
         "null": expected_jaccard(len(found.first) - 1, options.n)},
    ]  # fmt: skip
    print_table(rows, as_json=options.json)


def _overlap(
    first: "KmerEmbedding",
    second: "KmerEmbedding",
    found: "Alignment",
    options: argparse.Namespace,
) -> "Floats":
    """Return the Jaccard index of a sample of the common k-mers, block by block."""
    import numpy as np
    from tqdm import tqdm

    from bioskipgram.comparison import jaccard, neighbor_lists

    size = len(found.first)
    rows = np.random.default_rng(1).permutation(size)[: options.sample]
    parts = []
    for start in tqdm(range(0, len(rows), BLOCK), unit="block", disable=None, leave=False):
        block = rows[start : start + BLOCK]
        one = neighbor_lists(first, found.first, block, n=options.n)
        two = neighbor_lists(second, found.second, block, n=options.n)
        parts.append(jaccard(one, two, options.n))
    return np.concatenate(parts)


def concatenation(options: argparse.Namespace) -> None:
    """Print how often a sum of two words is near the word that joins them, beside the nulls."""
    import numpy as np

    from bioskipgram import checkpoint
    from bioskipgram.concatenation import measure

    _check(options.n)
    found = measure(checkpoint.load(options.model), sample=options.sample)
    rows = []
    for length in np.unique(found.joins.length).tolist():
        pairs = int((found.joins.length == length).sum())
        row: dict[str, Any] = {"letters": length, "pairs": pairs}
        row["a + b"] = found.within(options.n, length=length)
        row |= {title: found.within(options.n, name, length) for name, title in NULLS.items()}
        rows.append(row)
    print_table(rows, as_json=options.json)


def _check(n: int) -> None:
    if n < 1:
        raise ConfigError(f"n: {n} is below 1")
