"""The commands about nearest neighbours: neighbors, compare-models, concatenation."""

import argparse
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from bioskipgram.errors import ConfigError
from bioskipgram.kmers.relations import KINDS
from bioskipgram.model import checkpoint
from bioskipgram.model.compare import Alignment, align, expected_jaccard, jaccard, neighbor_lists
from bioskipgram.model.concatenation import measure
from bioskipgram.model.embedding import KmerEmbedding
from bioskipgram.model.neighbors import Neighborhood, arithmetic
from bioskipgram.model.queries import ask
from bioskipgram.numerics.arrays import Floats

from .console import bar
from .output import print_table
from .parser import Parser, add_number, add_run

BLOCK = 256
NULLS = {"other_partner": "b of another pair", "shuffled": "shuffled", "swapped": "b before a"}


def neighbors(options: argparse.Namespace) -> None:
    """Print the k-mers nearest to each query, or to the sum of all minus others."""
    if unknown := set(options.hide) - set(KINDS):
        raise ConfigError(f"hide: {min(unknown)!r} is no relation; use {', '.join(KINDS[1:])}")
    embedding = checkpoint.load(options.model)
    minus = [ask(embedding, text) for text in options.minus]
    plus = [ask(embedding, text) for text in options.query]
    sums = [plus] if options.sum else [[query] for query in plus]
    titles = [" + ".join(options.query)] if options.sum else options.query
    for title, terms in zip(titles, sums, strict=True):
        found = arithmetic(embedding, terms, minus, options.n, hide=options.hide)
        print_table(_rows(embedding, title, found), as_json=options.json)


def _rows(embedding: KmerEmbedding, title: str, found: Neighborhood) -> list[dict[str, Any]]:
    vocabulary = embedding.vocabulary
    columns = zip(
        vocabulary.spell(found.tokens), found.cosines.tolist(), found.relations,
        vocabulary.spell(found.origins), vocabulary.counts[found.tokens].tolist(), strict=True,
    )  # fmt: skip
    return [
        {"query": title, "kmer": kmer, "cosine": round(cosine, 4), "relation": relation,
         "to": origin, "count": count}
        for kmer, cosine, relation, origin, count in columns
    ]  # fmt: skip


def compare_models(options: argparse.Namespace) -> None:
    """Print how well two models agree on their common k-mers, with the nulls."""
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
    first: KmerEmbedding, second: KmerEmbedding, found: Alignment, options: argparse.Namespace
) -> Floats:
    """Return the Jaccard index of a sample of the common k-mers, block by block."""
    rows = np.random.default_rng(1).permutation(len(found.first))[: options.sample]
    blocks = [rows[start : start + BLOCK] for start in range(0, len(rows), BLOCK)]
    lists = partial(neighbor_lists, n=options.n)
    return np.concatenate([
        jaccard(lists(first, found.first, block), lists(second, found.second, block), options.n)
        for block in bar(blocks, unit="block", disable=None, leave=False)
    ])  # fmt: skip


def concatenation(options: argparse.Namespace) -> None:
    """Print how often the sum of two words is near their concatenation, with the nulls."""
    found = measure(checkpoint.load(options.model), sample=options.sample)
    rows = []
    for length in np.unique(found.joins.length).tolist():
        pairs = int((found.joins.length == length).sum())
        row: dict[str, Any] = {"letters": length, "pairs": pairs}
        row["a + b"] = found.within(options.n, length=length)
        row |= {title: found.within(options.n, name, length) for name, title in NULLS.items()}
        rows.append(row)
    print_table(rows, as_json=options.json)


def add_neighbors(parser: Parser, *, total: bool = False) -> None:
    """Add the options of `neighbors`; `total`: its queries are added up unless told otherwise."""
    add_run(parser, neighbors)
    parser.add_argument("query", nargs="+", help="k-mers, sequences or patterns")
    text = "add the queries up to one"
    parser.add_argument("--sum", action="store_true", default=total, help=text)
    parser.add_argument("--minus", nargs="+", default=[], help="what to take away")
    add_number(parser, "-n", 10, "how many")
    parser.add_argument(
        "--hide", nargs="+", default=[], metavar="RELATION",
        help="relations to leave out: shift, substitution, extension, synonymous, other",
    )  # fmt: skip


def add_similar(parser: Parser) -> None:
    """Add the options of `similar`, which is `neighbors --sum`."""
    add_neighbors(parser, total=True)


def add_compare_models(parser: Parser) -> None:
    """Add the options of `compare-models`."""
    add_run(parser, compare_models)
    parser.add_argument("other", type=Path, help="another model file")
    add_number(parser, "-n", 10, "how many neighbours to compare")
    add_number(parser, "--sample", 4096, "how many k-mers, drawn at random, to compare")


def add_concatenation(parser: Parser) -> None:
    """Add the options of `concatenation`."""
    add_run(parser, concatenation)
    add_number(parser, "-n", 10, "the last rank that counts as near")
    add_number(parser, "--sample", 500, "pairs of each length")
