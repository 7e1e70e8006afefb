"""The commands about genes as vectors: embed, compare, reference."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bioskipgram.config import PoolConfig
from bioskipgram.errors import QueryError
from bioskipgram.session import say

from .output import config_of, print_table, print_values

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bioskipgram.embedding import KmerEmbedding
    from bioskipgram.fasta import Sequences
    from bioskipgram.genes import Background, GeneEmbedding
    from bioskipgram.genes.reference import Reference

LARGEST = 20
"""The most records whose matrix is printed; of more, only a file can be had."""
LARGEST_FILE = 10_000
"""The most records whose matrix or tree is made: 0.8 GB in memory."""


def embed(options: argparse.Namespace) -> None:
    """Write one vector for each record of a file."""
    from bioskipgram import checkpoint, genes
    from bioskipgram.genes import formats

    formats.check_suffix(options.out)
    embedding = checkpoint.load(options.model)
    config = config_of(options, PoolConfig)
    background = _background(embedding, options, config)
    parts, stopped = [], False
    try:
        blocks = _blocks(embedding, options.sequences)
        for part in genes.embed_blocks(embedding, blocks, config, background=background):
            parts.append(part)
    except KeyboardInterrupt:
        stopped = bool(parts)
        if not stopped:
            raise
    made = genes.joined(parts)
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
    from bioskipgram import checkpoint, genes

    embedding = checkpoint.load(options.model)
    config = config_of(options, PoolConfig)
    sequences = _read(embedding, options.sequences)
    _check_size(len(sequences), options)
    reference = _reference(embedding, options)
    background = reference.background(embedding, config) if reference else None
    made = genes.embed(embedding, sequences, config, background=background)
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
    from bioskipgram.genes.formats import neutral
    from bioskipgram.genes.reference import nearest

    found = nearest(made, vectors, options.n)
    rows = [
        {
            "record": neutral(name),
            "rank": rank,
            "gene": neutral(reference.names[index]),
            "id": neutral(reference.ids[index]),
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
    from bioskipgram.genes.formats import neutral

    names = [neutral(name) for name in made.names]
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
    from bioskipgram.checkpoint import write_whole
    from bioskipgram.genes import formats, trees

    distances = _distances(embedding, sequences, made, options.distance)
    if options.matrix:
        write_whole(options.matrix, formats.matrix_bytes(distances, made.names))
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

    from bioskipgram import genes
    from bioskipgram.genes import distances

    if name == "cosine":
        return distances.from_cosines(made.cosine())
    counts = genes.counts(embedding.vocabulary, sequences).matrix
    if name == "mash":
        return distances.mash(counts, counts, embedding.vocabulary.tokenizer.k)
    similar = (distances.jaccard if name == "jaccard" else distances.kmer_cosine)(counts, counts)
    return distances.from_cosines(np.asarray(similar))


def reference(options: argparse.Namespace) -> None:
    """Count the k-mers of named genes and keep them beside the model."""
    from bioskipgram import checkpoint
    from bioskipgram.genes import reference as references

    embedding = checkpoint.load(options.model)
    made = references.from_blocks(embedding, _blocks(embedding, options.sequences))
    path = references.save(made, options.out or references.path_of(options.model))
    values = {"reference": str(path), "genes": len(made), "bases": int(made.lengths.sum())}
    print_values(values, as_json=options.json)


def _read(embedding: "KmerEmbedding", path: str) -> "Sequences":
    from bioskipgram.fasta import read

    return read(path, alphabet=embedding.vocabulary.tokenizer.alphabet)


def _blocks(embedding: "KmerEmbedding", path: str) -> "Iterator[Sequences]":
    """Yield the records of a file in blocks, with a bar on standard error if it takes long."""
    from tqdm import tqdm

    from bioskipgram.fasta import stream
    from bioskipgram.session import Steady

    alphabet = embedding.vocabulary.tokenizer.alphabet
    settings = {"unit": alphabet.unit, "unit_scale": True, "delay": 1, "file": Steady()}
    with tqdm(dynamic_ncols=True, **settings) as drawn:
        for block in stream(path, alphabet=alphabet, block_bases=1 << 21):
            yield block
            drawn.update(len(block.codes))


def _reference(embedding: "KmerEmbedding", options: argparse.Namespace) -> "Reference | None":
    """Return the genes asked for, else those beside the model, else none."""
    from bioskipgram.genes import reference as references

    beside = references.path_of(options.model)
    if options.reference is None:
        return references.load(beside, embedding) if beside.exists() else None
    path = Path(options.reference)
    if path.name.endswith(references.SUFFIX):
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
