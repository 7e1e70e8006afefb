"""The command `why`: a similarity split into the co-occurrences, or the k-mers, behind it."""

import argparse
from typing import Any

import numpy as np

from bioskipgram.config import PoolConfig
from bioskipgram.errors import QueryError
from bioskipgram.genes import why as gene_why
from bioskipgram.genes.embed import embed
from bioskipgram.genes.pooling import fit_background
from bioskipgram.model import checkpoint
from bioskipgram.model import why as kmer_why
from bioskipgram.model.embedding import KmerEmbedding
from bioskipgram.model.queries import Query, ask
from bioskipgram.numerics.arrays import Doubles
from bioskipgram.sequences.sequences import Sequences

from .genes import read_genes, reference_of
from .output import print_table, print_values
from .parser import Parser, add_config, add_number, add_run, add_strict, config_of


def why(options: argparse.Namespace) -> None:
    """Print a cosine of two k-mers or genes, and its greatest parts."""
    embedding = checkpoint.load(options.model)
    values, rows = (_genes if options.genes else _kmers)(embedding, options)
    if options.json:
        print_values({**values, "parts": rows}, as_json=True)
        return
    print_values(values, as_json=False)
    print_table(rows, as_json=False)


def _kmers(
    embedding: KmerEmbedding, options: argparse.Namespace
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    queries = [ask(embedding, text) for text in (options.first, options.second)]
    found = kmer_why.why(embedding, *queries)
    tokens = found.leading(options.n)
    columns: dict[str, Any] = {
        "part": found.parts, f"{options.first}, fitted": found.first,
        f"{options.second}, fitted": found.second,
    }  # fmt: skip
    if options.corpus:
        for text, weights in zip(
            (options.first, options.second), _counted(embedding, queries, options), strict=True
        ):
            columns[f"{text}, counted"] = kmer_why.counted_lift(embedding, weights)
    names = embedding.vocabulary.spell(tokens)
    rows = [
        {"context": name, **{column: float(each[token]) for column, each in columns.items()}}
        for name, token in zip(names, tokens, strict=True)
    ]
    plus, minus = found.for_and_against
    shown = float(found.parts[tokens].sum())
    values = {"cosine": found.score, "for": plus, "against": minus, "rest": found.rest}
    return {**values, "shown": shown, "unit": "times chance"}, rows


def _counted(
    embedding: KmerEmbedding, queries: list[Query], options: argparse.Namespace
) -> list[Doubles]:
    """Return the pairs of each query's k-mers in the corpus, float64[V] each."""
    from bioskipgram.counting.pairs import PairCounts, counted
    from bioskipgram.counting.stream import count_file

    config = embedding.info.config
    pairs = counted(count_file(options.corpus, config), config)
    if not np.array_equal(pairs.vocabulary.kmers, embedding.vocabulary.kmers):
        raise QueryError(
            f"{options.corpus}: its k-mers are not those of the model; give what it was trained on"
        )
    found = []
    for query in queries:
        total = np.zeros(len(embedding))
        for token in query.tokens:
            if isinstance(pairs, PairCounts):
                total += pairs.counts[token]
            else:
                here = slice(pairs.indptr[token], pairs.indptr[token + 1])
                total[pairs.indices[here]] += pairs.weights[here]
        found.append(total)
    return found


def _genes(
    embedding: KmerEmbedding, options: argparse.Namespace
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    config = config_of(options, PoolConfig)
    sequences = read_genes(embedding, options.genes, strict=options.strict)
    one, two = (_record(sequences, name) for name in (options.first, options.second))
    reference = reference_of(embedding, options)
    background = (
        reference.background(embedding, config)
        if reference
        else fit_background(embedding, sequences, config)
    )
    vectors = embed(embedding, sequences, config, background=background).vectors
    found = gene_why.why(
        embedding, sequences, one, vectors[two], config=config, background=background
    )
    sums, numbers = found.by_kmer(len(embedding))
    tokens = np.argsort(-np.abs(sums), kind="stable")[: options.n].astype(np.int32)
    rows = [
        {"kmer": name, "part": float(sums[token]), "times": int(numbers[token]),
         "positions": " ".join(map(str, found.starts[found.tokens == token][:10] + 1))}
        for name, token in zip(embedding.vocabulary.spell(tokens), tokens, strict=True)
    ]  # fmt: skip
    shown = float(sums[tokens].sum())
    return {"cosine": found.score, "rest": found.rest, "shown": shown}, rows


def _record(sequences: Sequences, name: str) -> int:
    for names in (sequences.names, sequences.symbols):
        if name in names:
            return names.index(name)
    raise QueryError(f"{name}: no record has such a name; give one of the file's names")


def add_why(parser: Parser) -> None:
    """Add the options of `why`."""
    add_run(parser, why)
    parser.add_argument("first", help="a k-mer, sequence or pattern; a gene's name with --genes")
    parser.add_argument("second", help="what to compare it with")
    add_number(parser, "-n", 20, "how many parts, the greatest first")
    parser.add_argument(
        "--corpus", help="the sequences the model was trained on: counts stand beside the parts"
    )
    parser.add_argument("--genes", metavar="FILE", help="the file of the two genes")
    parser.add_argument("--reference", help="reference genes; by default those beside the model")
    add_strict(parser)
    add_config(parser, PoolConfig, "pooling of genes")
