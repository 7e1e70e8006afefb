"""The commands about genes as vectors: embed, compare, reference."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bioskipgram.config import PoolConfig
from bioskipgram.errors import QueryError
from bioskipgram.model import beside

from . import genes
from .console import say
from .output import add_config, add_model, command, config_of, print_table, print_values

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bioskipgram.genes.embed import GeneEmbedding
    from bioskipgram.genes.pooling import Background
    from bioskipgram.genes.reference import Reference
    from bioskipgram.model.embedding import KmerEmbedding
    from bioskipgram.sequences.sequences import Sequences


LARGEST = 20
"""The most records whose matrix is printed; of more, only a file can be had."""
LARGEST_FILE = 10_000
"""The most records whose matrix or tree is made: 0.8 GB in memory."""


def embed(options: argparse.Namespace) -> None:
    """Write one vector for each record of a file."""
    from bioskipgram.genes import embed as embed_module
    from bioskipgram.genes import formats
    from bioskipgram.model import checkpoint

    formats.check_suffix(options.out)
    embedding = checkpoint.load(options.model)
    config = config_of(options, PoolConfig)
    background = _background(embedding, options, config)
    parts, stopped = [], False
    try:
        blocks = _blocks(embedding, options.sequences)
        for part in embed_module.embed_blocks(embedding, blocks, config, background=background):
            parts.append(part)
    except KeyboardInterrupt:
        stopped = bool(parts)
        if not stopped:
            raise
    made = embed_module.joined(parts)
    formats.save_genes(made, options.out)
    _tell(made, options)
    if stopped:
        say(f"interrupted: {options.out} holds the first {len(made):,} records")
        raise KeyboardInterrupt


def _tell(made: "GeneEmbedding", options: argparse.Namespace) -> None:
    """Print what was written, and how many records have no vector."""
    empty = int((made.kmers_used == 0).sum())
    values: dict[str, Any] = {
        "vectors": str(options.out),
        "records": len(made),
        "dimensions": made.vectors.shape[1],
        "pooling": made.config.pooling,
        "kmers_used": int(made.kmers_used.sum()),
        "kmers_unknown": int(made.kmers_unknown.sum()),
        "without_vector": empty,
    }
    print_values(values, as_json=options.json)


def compare(options: argparse.Namespace) -> None:
    """Print the nearest reference genes of each record; write the matrix and the tree."""
    from bioskipgram.genes import embed as embed_module
    from bioskipgram.model import checkpoint

    embedding = checkpoint.load(options.model)
    config = config_of(options, PoolConfig)
    sequences = _read(embedding, options.sequences)
    _check_size(len(sequences), options)
    reference = _reference(embedding, options)
    background = reference.background(embedding, config) if reference else None
    made = embed_module.embed(embedding, sequences, config, background=background)
    if reference:
        _print_nearest(made, reference, reference.genes(embedding, config), options)
    elif len(made) <= LARGEST and not options.json:
        _print_matrix(made)
    _write_comparison(embedding, sequences, made, options)


def _check_size(records: int, options: argparse.Namespace) -> None:
    if records > LARGEST_FILE and (options.matrix or options.newick):
        raise QueryError(
            f"{options.sequences}: {records:,} records, and {LARGEST_FILE:,} at most are compared "
            "each with each; take a part of them, or leave --matrix and --newick out"
        )


def _print_nearest(
    made: "GeneEmbedding",
    reference: "Reference",
    vectors: "GeneEmbedding",
    options: argparse.Namespace,
) -> None:
    from bioskipgram.genes.reference import nearest
    from bioskipgram.tables import harmless

    found = nearest(made, vectors, options.n)
    rows = [
        {
            "record": harmless(name),
            "rank": rank,
            "gene": harmless(reference.names[index]),
            "id": harmless(reference.ids[index]),
            "cosine": round(float(score), 4),
        }
        for name, indices, scores, used in zip(
            made.names, found.indices, found.scores, made.kmers_used, strict=True
        )
        if used
        for rank, (index, score) in enumerate(zip(indices, scores, strict=True), 1)
    ]
    if rows:
        print_table(rows, as_json=options.json)
    if missing := int((made.kmers_used == 0).sum()):
        say(f"{missing:,} of {len(made):,} records hold no k-mer this model knows: left out")


def _print_matrix(made: "GeneEmbedding") -> None:
    from bioskipgram.tables import harmless

    names = [harmless(name) for name in made.names]
    rows = [
        {"": name} | {f"{i} {other}": round(float(value), 3)
        for i, (other, value) in enumerate(zip(names, row, strict=True), 1)}
        for name, row in zip(names, made.cosine(), strict=True)
    ]  # fmt: skip
    print_table(rows, as_json=False)


def _write_comparison(
    embedding: "KmerEmbedding",
    sequences: "Sequences",
    made: "GeneEmbedding",
    options: argparse.Namespace,
) -> None:
    if not (options.matrix or options.newick):
        return
    from bioskipgram import tables
    from bioskipgram.files import write_whole
    from bioskipgram.genes import trees

    distances = _distances(embedding, sequences, made, options.distance)
    if options.matrix:
        write_whole(options.matrix, tables.matrix_bytes(distances, made.names))
        say(f"{options.matrix}: the {options.distance} distances")
    if options.newick:
        tree = trees.tree(distances, made.names, options.tree)
        write_whole(options.newick, (trees.newick(tree) + "\n").encode())
        say(f"{options.newick}: their tree, by {options.tree}")


def _distances(
    embedding: "KmerEmbedding", sequences: "Sequences", made: "GeneEmbedding", name: str
) -> Any:
    """Return float64[R, R]: 1 - cosine of the vectors, or what the k-mers alone say."""
    import numpy as np

    from bioskipgram.genes import counts as counts_module
    from bioskipgram.genes import distances

    if name == "cosine":
        return distances.from_cosines(made.cosine())
    counts = counts_module.counts(embedding.vocabulary, sequences).matrix
    if name == "mash":
        return distances.mash(counts, counts, embedding.vocabulary.tokenizer.k)
    similar = (distances.jaccard if name == "jaccard" else distances.kmer_cosine)(counts, counts)
    return distances.from_cosines(np.asarray(similar))


def reference(options: argparse.Namespace) -> None:
    """Count the k-mers of named genes and keep them beside the model."""
    from bioskipgram.genes import reference as references
    from bioskipgram.model import checkpoint

    embedding = checkpoint.load(options.model)
    made = references.from_blocks(embedding, _blocks(embedding, options.sequences))
    path = references.save(made, options.out or beside.genes(options.model))
    values = {"reference": str(path), "genes": len(made), "bases": int(made.lengths.sum())}
    print_values(values, as_json=options.json)


def _read(embedding: "KmerEmbedding", path: str) -> "Sequences":
    from bioskipgram.sequences.fasta import read

    return read(path, alphabet=embedding.vocabulary.tokenizer.alphabet)


def _blocks(embedding: "KmerEmbedding", path: str) -> "Iterator[Sequences]":
    """Yield the records of a file in blocks, with a bar on standard error if it takes long."""
    from tqdm import tqdm

    from bioskipgram.sequences.fasta import stream

    from .console import Steady

    alphabet = embedding.vocabulary.tokenizer.alphabet
    settings = {"unit": alphabet.unit, "unit_scale": True, "delay": 1, "file": Steady()}
    with tqdm(dynamic_ncols=True, **settings) as drawn:
        for block in stream(path, alphabet=alphabet, block_bases=1 << 21):
            yield block
            drawn.update(len(block.codes))


def _reference(embedding: "KmerEmbedding", options: argparse.Namespace) -> "Reference | None":
    """Return the genes asked for, else those beside the model, else none."""
    from bioskipgram.genes import reference as references

    if options.reference is None:
        own = beside.genes(options.model)
        return references.load(own, embedding) if own.exists() else None
    path = Path(options.reference)
    if path.name.endswith(beside.GENES):
        return references.load(path, embedding)
    return references.from_sequences(embedding, _read(embedding, str(path)))


def _background(
    embedding: "KmerEmbedding", options: argparse.Namespace, config: PoolConfig
) -> "Background | None":
    """Return what the pooling is fitted on; the file itself where there are no reference genes."""
    from bioskipgram.genes import reference as references

    found = _reference(embedding, options)
    if found is None and config.fitted:
        say(f"{config.pooling}: no reference genes beside the model, fitted on the file itself")
        found = references.from_blocks(embedding, _blocks(embedding, options.sequences))
    return found.background(embedding, config) if found else None


def add_embed(subparsers: Any) -> None:
    """Add the command `embed`."""
    text = (
        "One vector for each record of a file, as TSV, npz or h5ad. The reference genes beside "
        "the model say what all genes share; Ctrl-C keeps the records done so far."
    )
    parser = command(subparsers, "embed", genes.embed, text)
    _add_genes(parser)
    parser.add_argument(
        "--out", type=Path, required=True, help="where to: a name in .tsv, .npz or .h5ad"
    )


def add_compare(subparsers: Any) -> None:
    """Add the command `compare`."""
    text = "The reference genes nearest to each record, and the records' distances and tree."
    parser = command(subparsers, "compare", genes.compare, text)
    _add_genes(parser)
    parser.add_argument("-n", type=int, default=10, help="how many reference genes a record")
    parser.add_argument("--matrix", type=Path, help="write the records' distances as TSV")
    parser.add_argument("--newick", type=Path, help="write the records' tree as Newick")
    parser.add_argument(
        "--distance", default="cosine", choices=("cosine", "mash", "jaccard", "kmers"),
        help="cosine = 1 - cosine of the vectors; the others need no vectors: mash = Mash "
        "distance, jaccard = of the sets of k-mers, kmers = 1 - cosine of their counts",
    )  # fmt: skip
    parser.add_argument(
        "--tree", default="nj", choices=("nj", "upgma"), help="neighbour joining or UPGMA"
    )


def add_reference(subparsers: Any) -> None:
    """Add the command `reference`."""
    text = "Count the k-mers of named genes: those that a model names as nearest."
    parser = command(subparsers, "reference", genes.reference, text)
    add_model(parser)
    parser.add_argument("sequences", help="the file of named genes")
    parser.add_argument("--out", type=Path, help="where to; by default beside the model")
    parser.add_argument("--json", action="store_true", help="print JSON")


def _add_genes(parser: argparse.ArgumentParser) -> None:
    """Give the parser what `embed` and `compare` share."""
    add_model(parser)
    parser.add_argument("sequences", help="the file of records")
    parser.add_argument(
        "--reference", type=Path,
        help="reference genes: a .genes.safetensors file or sequences; by default those beside "
        "the model",
    )  # fmt: skip
    parser.add_argument("--json", action="store_true", help="print JSON")
    add_config(parser, PoolConfig, "pooling")
