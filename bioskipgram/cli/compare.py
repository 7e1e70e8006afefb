"""The command `compare`: the nearest reference genes of records, their distances and tree."""

import argparse
from pathlib import Path

import numpy as np

from bioskipgram import tables
from bioskipgram.config import PoolConfig
from bioskipgram.errors import QueryError
from bioskipgram.files import write_whole
from bioskipgram.genes import bootstrap, trees
from bioskipgram.genes import counts as counts_module
from bioskipgram.genes import distances as measures
from bioskipgram.genes import embed as embed_module
from bioskipgram.genes.embed import GeneEmbedding
from bioskipgram.genes.pooling import FittedPooling
from bioskipgram.genes.reference import Reference, nearest
from bioskipgram.genes.similarity import percentiles, random_cosines
from bioskipgram.genes.words import WordSets, words
from bioskipgram.model import checkpoint
from bioskipgram.model.embedding import KmerEmbedding
from bioskipgram.numerics.arrays import Doubles, Flags, Offsets
from bioskipgram.sequences.sequences import Sequences
from bioskipgram.tables import harmless

from .console import bar, log
from .genes import add_gene_options, read_genes, reference_of
from .output import print_table, write_text
from .parser import Parser, config_of

MAX_PRINTED = 20
"""The most records whose matrix is printed; that of more is only written to a file."""
MAX_WRITTEN = 10_000
"""The most records of a matrix or tree: 0.8 GB in memory."""


def compare(options: argparse.Namespace) -> None:
    """Print the nearest reference genes of each record; write the matrix and the tree."""
    embedding = checkpoint.load(options.model)
    config = config_of(options, PoolConfig)
    sequences = read_genes(embedding, options.sequences, strict=options.strict)
    _check_size(len(sequences), options)
    reference = reference_of(embedding, options)
    background = reference.background(embedding, config) if reference else None
    made = embed_module.embed(embedding, sequences, config, background=background)
    if missing := int((~made.known).sum()):
        log(
            f"{missing:,} of {len(made):,} records have no vector (no k-mer that this model "
            "knows, or too short for this pooling): left out"
        )
    if reference:
        vectors = reference.genes(embedding, config, background=background)
        _print_nearest(sequences, made, reference, vectors, options)
    elif len(made) <= MAX_PRINTED and not options.json:
        _print_matrix(made, np.flatnonzero(made.known))
    _write_comparison(embedding, sequences, made, background, options)


def _check_size(records: int, options: argparse.Namespace) -> None:
    if records > MAX_WRITTEN and (options.matrix or options.newick):
        raise QueryError(
            f"{options.sequences}: {records:,} records, and {MAX_WRITTEN:,} at most are compared "
            "each with each; take a part of them, or leave --matrix and --newick out"
        )


def _print_nearest(
    sequences: Sequences,
    made: GeneEmbedding,
    reference: Reference,
    vectors: GeneEmbedding,
    options: argparse.Namespace,
) -> None:
    """Print the nearest reference genes by cosine, with the distances that need no model."""
    found = nearest(made, vectors, options.n)
    n = found.indices.shape[1]
    among = percentiles(found.scores, random_cosines(vectors)).ravel()
    others = reference.words and reference.words[found.indices.ravel()]
    own = words(sequences)[np.repeat(np.arange(len(made)), n)] if others else None
    mash, protein = measures.paired_by_words(own, others, found.indices.size)
    rows = [
        {
            "record": harmless(made.names[record]),
            "rank": rank + 1,
            "gene": harmless(reference.names[index]),
            "id": harmless(reference.ids[index]),
            "cosine": round(float(found.scores[record, rank]), 4),
            "percentile": _rounded(among[record * n + rank], 2),
            "mash": _rounded(mash[record * n + rank], 4),
            "protein": _rounded(protein[record * n + rank], 4),
        }
        for record in np.flatnonzero(made.known).tolist()
        for rank, index in enumerate(found.indices[record].tolist())
    ]
    if rows:
        print_table(rows, as_json=options.json)


def _rounded(value: float, digits: int) -> float | None:
    return None if np.isnan(value) else round(float(value), digits)


def _print_matrix(made: GeneEmbedding, known: Offsets) -> None:
    names = [harmless(made.names[i]) for i in known.tolist()]
    rows = [
        {"": name} | {f"{i} {other}": round(float(value), 3)
        for i, (other, value) in enumerate(zip(names, row, strict=True), 1)}
        for name, row in zip(names, made.cosine()[np.ix_(known, known)], strict=True)
    ]  # fmt: skip
    if rows:
        print_table(rows, as_json=False)


def _write_comparison(
    embedding: KmerEmbedding,
    sequences: Sequences,
    made: GeneEmbedding,
    background: FittedPooling | None,
    options: argparse.Namespace,
) -> None:
    """Write the distances of the records that have a vector and words, and their tree."""
    if not (options.matrix or options.newick):
        return
    distances, there = _distances(embedding, sequences, made, options.distance)
    kept = np.flatnonzero(made.known & there)
    if fewer := int(made.known.sum()) - len(kept):
        log(f"{fewer:,} more records have no word of the {options.distance} distance: left out")
    distances, names = distances[np.ix_(kept, kept)], tuple(made.names[i] for i in kept)
    if options.matrix:
        write_whole(options.matrix, tables.matrix_bytes(distances, names))
        log(f"{options.matrix}: the {options.distance} distances")
    if options.newick:
        tree = trees.tree(distances, names, options.tree)
        shares = _support(embedding, sequences, tree, kept, background, options)
        write_text(options.newick, trees.newick(tree, shares) + "\n")
        log(f"{options.newick}: their tree, by {options.tree}")


def _support(
    embedding: KmerEmbedding,
    sequences: Sequences,
    tree: trees.Tree,
    kept: Offsets,
    background: FittedPooling | None,
    options: argparse.Namespace,
) -> Doubles | None:
    """Return the support of the tree's groups, None if it is not asked for."""
    if not options.support:
        return None
    if options.distance != "cosine":
        raise QueryError("support: k-mers are drawn for the vectors; leave --distance out")
    drawn = bootstrap.bootstrap(
        embedding, sequences, config_of(options, PoolConfig), background=background, rows=kept,
        method=options.tree, samples=options.support,
    )  # fmt: skip
    shown = bar(drawn, options.support, unit="tree", leave=False, disable=None, delay=1)
    return bootstrap.support(tree, shown)


def _distances(
    embedding: KmerEmbedding, sequences: Sequences, made: GeneEmbedding, name: str
) -> tuple[Doubles, Flags]:
    """Return distances, float64[R, R], and which records have one, bool[R]."""
    if name == "cosine":
        return measures.from_cosines(made.cosine()), made.known
    if name in ("mash", "protein"):
        own = words(sequences)
        sets = own.protein if name == "protein" else own.dna
        if sets is None:
            raise QueryError("mash: of nucleotides only; choose --distance protein")
        return measures.mash(sets, sets), sets.sizes > 0
    counts, k = counts_module.counts(embedding.vocabulary, sequences), embedding.info.config.k
    if name == "kmers":
        similar = measures.kmer_cosine(counts.matrix, counts.matrix)
    else:
        sets = WordSets.of_counts(counts.matrix, k)
        similar = measures.jaccard(sets, sets)
    return measures.from_cosines(similar), counts.used > 0


def add_compare(parser: Parser) -> None:
    """Add the options of `compare`."""
    add_gene_options(parser, compare)
    parser.add_argument("-n", type=int, default=10, help="how many reference genes a record")
    parser.add_argument("--matrix", type=Path, help="write the records' distances as TSV")
    parser.add_argument("--newick", type=Path, help="write the records' tree as Newick")
    parser.add_argument(
        "--support", type=int, default=0, nargs="?", const=bootstrap.SAMPLES, metavar="N",
        help=f"support of the tree's groups by N trees of drawn k-mers, {bootstrap.SAMPLES} "
        "without a number",
    )  # fmt: skip
    parser.add_argument(
        "--distance", default="cosine", choices=("cosine", "mash", "protein", "jaccard", "kmers"),
        help="cosine = 1 - cosine of the vectors; the others need no vectors: mash = Mash "
        "distance of canonical 11-mers, protein = the same of the proteins' 3-letter words, "
        "jaccard = of the sets of the model's k-mers, kmers = 1 - cosine of their counts",
    )  # fmt: skip
    parser.add_argument(
        "--tree", default="nj", choices=("nj", "upgma"), help="neighbour joining or UPGMA"
    )
