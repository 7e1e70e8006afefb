"""The commands about nearest neighbours: neighbors, compare-models, concatenation."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bioskipgram.errors import ConfigError

from .output import print_table
from .parser import add_model, command, count

if TYPE_CHECKING:
    from bioskipgram.model.compare import Alignment
    from bioskipgram.model.embedding import KmerEmbedding
    from bioskipgram.model.neighbors import Neighborhood
    from bioskipgram.numerics.arrays import Floats


BLOCK = 256
NULLS = {"other_partner": "b of another pair", "shuffled": "shuffled", "swapped": "b before a"}


def neighbors(options: argparse.Namespace) -> None:
    """Print the k-mers nearest to each query, or to the sum of all minus others."""
    from bioskipgram.kmers.relations import KINDS
    from bioskipgram.model import checkpoint
    from bioskipgram.model.neighbors import arithmetic
    from bioskipgram.model.queries import ask

    _check(options.n)
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


def _rows(embedding: "KmerEmbedding", title: str, found: "Neighborhood") -> list[dict[str, Any]]:
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
    from bioskipgram.model import checkpoint
    from bioskipgram.model.compare import align, expected_jaccard

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

    from bioskipgram.model.compare import jaccard, neighbor_lists

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
    """Print how often the sum of two words is near their concatenation, with the nulls."""
    import numpy as np

    from bioskipgram.model import checkpoint
    from bioskipgram.model.concatenation import measure

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


def add_neighbors(subparsers: Any) -> None:
    """Add the command `neighbors`, and its other name `similar` that adds its queries up."""
    text = (
        "The k-mers nearest to a k-mer, a pattern (IUPAC, or a /regex/: the mean of all that "
        "match), a sequence, or a sum of several; each with its relation to the nearest term."
    )
    for name, total in (("neighbors", False), ("similar", True)):
        more = " The same as neighbors --sum." if total else ""
        parser = command(subparsers, name, neighbors, text + more)
        add_model(parser)
        parser.add_argument("query", nargs="+", help="k-mers, sequences or patterns")
        parser.add_argument(
            "--sum", action="store_true", default=total, help="add the queries up to one"
        )
        parser.add_argument("--minus", nargs="+", default=[], help="what to take away")
        parser.add_argument("-n", type=int, default=10, help="how many")
        parser.add_argument(
            "--hide", nargs="+", default=[], metavar="RELATION",
            help="relations to leave out: shift, substitution, extension, synonymous, other",
        )  # fmt: skip


def add_compare_models(subparsers: Any) -> None:
    """Add the command `compare-models`."""
    text = (
        "How far two models agree on the k-mers both know: the residual of the best rotation and "
        "the neighbours they share, beside what chance gives."
    )
    parser = command(subparsers, "compare-models", compare_models, text)
    add_model(parser)
    parser.add_argument("other", type=Path, help="another model file")
    parser.add_argument("-n", type=int, default=10, help="how many neighbours to compare")
    parser.add_argument(
        "--sample", type=count, default=4096, help="how many k-mers, drawn at random, to compare"
    )


def add_concatenation(subparsers: Any) -> None:
    """Add the command `concatenation`."""
    text = (
        "How often the sum of two words' vectors is near the word that joins them (Ng 2017), "
        "beside a partner from another pair and shuffled vectors."
    )
    parser = command(subparsers, "concatenation", concatenation, text)
    add_model(parser)
    parser.add_argument("-n", type=int, default=10, help="the last rank that counts as near")
    parser.add_argument("--sample", type=count, default=500, help="pairs of each length")
