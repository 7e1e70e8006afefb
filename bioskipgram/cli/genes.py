"""The commands about genes as vectors: embed, compare, reference."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bioskipgram.config import PoolConfig
from bioskipgram.errors import QueryError
from bioskipgram.model import beside

from .console import SafeStderr, log
from .output import print_table, print_values
from .parser import add_config, add_model, add_strict, command, config_of
from .records import read_blocks, read_records

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bioskipgram.arrays import Doubles, Flags, Offsets
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
        blocks = _blocks(embedding, options)
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
        log(f"interrupted: {options.out} holds the first {len(made):,} records")
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
    import numpy as np

    from bioskipgram.genes import embed as embed_module
    from bioskipgram.model import checkpoint

    embedding = checkpoint.load(options.model)
    config = config_of(options, PoolConfig)
    sequences = _read(embedding, options.sequences, strict=options.strict)
    _check_size(len(sequences), options)
    reference = _reference(embedding, options)
    background = reference.background(embedding, config) if reference else None
    made = embed_module.embed(embedding, sequences, config, background=background)
    if missing := int((~made.known).sum()):
        log(
            f"{missing:,} of {len(made):,} records have no vector (no k-mer that this model "
            "knows, or too short for this pooling): left out"
        )
    if reference:
        vectors = reference.genes(embedding, config)
        _print_nearest(sequences, made, reference, vectors, options)
    elif len(made) <= LARGEST and not options.json:
        _print_matrix(made, np.flatnonzero(made.known))
    _write_comparison(embedding, sequences, made, options)


def _check_size(records: int, options: argparse.Namespace) -> None:
    if records > LARGEST_FILE and (options.matrix or options.newick):
        raise QueryError(
            f"{options.sequences}: {records:,} records, and {LARGEST_FILE:,} at most are compared "
            "each with each; take a part of them, or leave --matrix and --newick out"
        )


def _print_nearest(
    sequences: "Sequences",
    made: "GeneEmbedding",
    reference: "Reference",
    vectors: "GeneEmbedding",
    options: argparse.Namespace,
) -> None:
    """Print the nearest reference genes by cosine, beside the distances that need no model."""
    import numpy as np

    from bioskipgram.genes.distances import paired_by_words
    from bioskipgram.genes.reference import nearest
    from bioskipgram.genes.similarity import percentiles, random_cosines
    from bioskipgram.genes.words import words
    from bioskipgram.tables import harmless

    found = nearest(made, vectors, options.n)
    n = found.indices.shape[1]
    among = percentiles(found.scores, random_cosines(vectors)).ravel()
    others = reference.words and reference.words[found.indices.ravel()]
    own = words(sequences)[np.repeat(np.arange(len(made)), n)] if others else None
    mash, protein = paired_by_words(own, others, found.indices.size)
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
    import numpy as np

    return None if np.isnan(value) else round(float(value), digits)


def _print_matrix(made: "GeneEmbedding", known: "Offsets") -> None:
    import numpy as np

    from bioskipgram.tables import harmless

    names = [harmless(made.names[i]) for i in known.tolist()]
    rows = [
        {"": name} | {f"{i} {other}": round(float(value), 3)
        for i, (other, value) in enumerate(zip(names, row, strict=True), 1)}
        for name, row in zip(names, made.cosine()[np.ix_(known, known)], strict=True)
    ]  # fmt: skip
    if rows:
        print_table(rows, as_json=False)


def _write_comparison(
    embedding: "KmerEmbedding",
    sequences: "Sequences",
    made: "GeneEmbedding",
    options: argparse.Namespace,
) -> None:
    """Write the distances of the records that have a vector and words, and their tree."""
    import numpy as np

    if not (options.matrix or options.newick):
        return
    from bioskipgram import tables
    from bioskipgram.files import write_whole
    from bioskipgram.genes import trees

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
        write_whole(options.newick, (trees.newick(tree) + "\n").encode())
        log(f"{options.newick}: their tree, by {options.tree}")


def _distances(
    embedding: "KmerEmbedding", sequences: "Sequences", made: "GeneEmbedding", name: str
) -> "tuple[Doubles, Flags]":
    """Return distances, float64[R, R], and which records have what they are made of, bool[R]."""
    from bioskipgram.genes import counts as counts_module
    from bioskipgram.genes import distances
    from bioskipgram.genes.words import WordSets, words

    if name == "cosine":
        return distances.from_cosines(made.cosine()), made.known
    if name in ("mash", "protein"):
        own = words(sequences)
        sets = own.protein if name == "protein" else own.dna
        if sets is None:
            raise QueryError("mash: of nucleotides only; choose --distance protein")
        return distances.mash(sets, sets), sets.sizes > 0
    counts, k = counts_module.counts(embedding.vocabulary, sequences), embedding.info.config.k
    if name == "kmers":
        similar = distances.kmer_cosine(counts.matrix, counts.matrix)
    else:
        sets = WordSets.of_counts(counts.matrix, k)
        similar = distances.jaccard(sets, sets)
    return distances.from_cosines(similar), counts.used > 0


def reference(options: argparse.Namespace) -> None:
    """Count the k-mers of named genes and keep them beside the model."""
    from bioskipgram.genes import reference as references
    from bioskipgram.genes import reference_file
    from bioskipgram.model import checkpoint

    embedding = checkpoint.load(options.model)
    made = references.from_blocks(embedding, _blocks(embedding, options))
    path = reference_file.save(made, options.out or beside.genes(options.model))
    values = {"reference": str(path), "genes": len(made), "bases": int(made.lengths.sum())}
    print_values(values, as_json=options.json)


def _read(embedding: "KmerEmbedding", path: str, *, strict: bool) -> "Sequences":
    return read_records(path, embedding.vocabulary.tokenizer.alphabet, strict=strict)


def _blocks(
    embedding: "KmerEmbedding", options: argparse.Namespace, *, told: bool = False
) -> "Iterator[Sequences]":
    """Yield the records of a file in blocks, with a bar on standard error if it takes long.

    `told`: what is left out is told by another pass over the file.
    """
    from tqdm import tqdm

    alphabet = embedding.vocabulary.tokenizer.alphabet
    settings = {"unit": alphabet.unit, "unit_scale": True, "delay": 1, "file": SafeStderr()}
    with tqdm(dynamic_ncols=True, **settings) as drawn:
        for block in read_blocks(
            options.sequences, alphabet, block_bases=1 << 21, strict=options.strict, told=told
        ):
            yield block
            drawn.update(len(block.codes))


def _reference(embedding: "KmerEmbedding", options: argparse.Namespace) -> "Reference | None":
    """Return the genes asked for, else those beside the model, else none."""
    from bioskipgram.genes import reference as references
    from bioskipgram.genes import reference_file

    if options.reference is None:
        own = beside.genes(options.model)
        return reference_file.load(own, embedding) if own.exists() else None
    path = Path(options.reference)
    if path.name.endswith(beside.GENES):
        return reference_file.load(path, embedding)
    return references.from_sequences(embedding, _read(embedding, str(path), strict=options.strict))


def _background(
    embedding: "KmerEmbedding", options: argparse.Namespace, config: PoolConfig
) -> "Background | None":
    """Return what the pooling is fitted on; the file itself where there are no reference genes."""
    from bioskipgram.genes import reference as references

    found = _reference(embedding, options)
    if found is None and config.fitted:
        log(f"{config.pooling}: no reference genes beside the model, fitted on the file itself")
        found = references.from_blocks(
            embedding, _blocks(embedding, options, told=True), with_words=False
        )
    return found.background(embedding, config) if found else None


def add_embed(subparsers: Any) -> None:
    """Add the command `embed`."""
    text = (
        "One vector for each record of a file, as TSV, npz or h5ad. The reference genes beside "
        "the model say what all genes share; Ctrl-C keeps the records done so far."
    )
    parser = command(subparsers, "embed", embed, text)
    _add_genes(parser)
    parser.add_argument(
        "--out", type=Path, required=True, help="where to: a name in .tsv, .npz or .h5ad"
    )


def add_compare(subparsers: Any) -> None:
    """Add the command `compare`."""
    text = "The reference genes nearest to each record, and the records' distances and tree."
    parser = command(subparsers, "compare", compare, text)
    _add_genes(parser)
    parser.add_argument("-n", type=int, default=10, help="how many reference genes a record")
    parser.add_argument("--matrix", type=Path, help="write the records' distances as TSV")
    parser.add_argument("--newick", type=Path, help="write the records' tree as Newick")
    parser.add_argument(
        "--distance", default="cosine", choices=("cosine", "mash", "protein", "jaccard", "kmers"),
        help="cosine = 1 - cosine of the vectors; the others need no vectors: mash = Mash "
        "distance of canonical 11-mers, protein = the same of the proteins' 3-letter words, "
        "jaccard = of the sets of the model's k-mers, kmers = 1 - cosine of their counts",
    )  # fmt: skip
    parser.add_argument(
        "--tree", default="nj", choices=("nj", "upgma"), help="neighbour joining or UPGMA"
    )


def add_reference(subparsers: Any) -> None:
    """Add the command `reference`."""
    text = "Count the k-mers of named genes: those that a model names as nearest."
    parser = command(subparsers, "reference", reference, text)
    add_model(parser)
    parser.add_argument("sequences", help="the file of named genes")
    add_strict(parser)
    parser.add_argument("--out", type=Path, help="where to; by default beside the model")


def _add_genes(parser: argparse.ArgumentParser) -> None:
    """Give the parser what `embed` and `compare` share."""
    add_model(parser)
    parser.add_argument("sequences", help="the file of records")
    add_strict(parser)
    parser.add_argument(
        "--reference", type=Path,
        help="reference genes: a .genes.safetensors file or sequences; by default those beside "
        "the model",
    )  # fmt: skip
    add_config(parser, PoolConfig, "pooling")
