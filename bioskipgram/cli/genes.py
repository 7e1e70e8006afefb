"""The commands `embed` and `reference`: gene vectors, and the reference genes of a model."""

import argparse
from collections.abc import Callable, Iterator
from pathlib import Path

from bioskipgram.config import PoolConfig
from bioskipgram.genes import embed as embed_module
from bioskipgram.genes import formats, reference_file
from bioskipgram.genes import reference as references
from bioskipgram.genes.pooling import FittedPooling
from bioskipgram.genes.reference import Reference
from bioskipgram.model import beside, checkpoint
from bioskipgram.model.embedding import KmerEmbedding
from bioskipgram.sequences.sequences import Sequences

from .console import bar, log
from .output import print_values
from .parser import Parser, add_config, add_run, add_sequences, config_of
from .records import read_blocks, read_records


def embed(options: argparse.Namespace) -> None:
    """Write one vector for each record of a file."""
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
    values = {
        "vectors": str(options.out),
        "records": len(made),
        "dimensions": made.vectors.shape[1],
        "pooling": made.config.pooling,
        "kmers_used": int(made.kmers_used.sum()),
        "kmers_unknown": int(made.kmers_unknown.sum()),
        "without_vector": int((made.kmers_used == 0).sum()),
    }
    print_values(values, as_json=options.json)
    if stopped:
        log(f"interrupted: {options.out} holds the first {len(made):,} records")
        raise KeyboardInterrupt


def reference(options: argparse.Namespace) -> None:
    """Count the k-mers of named genes and keep them beside the model."""
    embedding = checkpoint.load(options.model)
    made = references.from_blocks(embedding, _blocks(embedding, options))
    path = reference_file.save(made, options.out or beside.genes(options.model))
    values = {"reference": str(path), "genes": len(made), "bases": int(made.lengths.sum())}
    print_values(values, as_json=options.json)


def read_genes(embedding: KmerEmbedding, path: str, *, strict: bool) -> Sequences:
    """Return a file's records in the alphabet of a model."""
    return read_records(path, embedding.vocabulary.tokenizer.alphabet, strict=strict)


def _blocks(
    embedding: KmerEmbedding, options: argparse.Namespace, *, told: bool = False
) -> Iterator[Sequences]:
    """Yield the records of a file in blocks, with a bar on standard error if it takes long.

    `told`: omitted records are reported by another pass over the file.
    """
    alphabet = embedding.vocabulary.tokenizer.alphabet
    with bar(unit=alphabet.unit, unit_scale=True, delay=1) as drawn:
        for block in read_blocks(options, alphabet, block_bases=1 << 21, told=told):
            yield block
            drawn.update(len(block.codes))


def reference_of(embedding: KmerEmbedding, options: argparse.Namespace) -> Reference | None:
    """Return the reference genes of the options, else those beside the model, else None."""
    if options.reference is None:
        own = beside.genes(options.model)
        return reference_file.load(own, embedding) if own.exists() else None
    path = Path(options.reference)
    if path.name.endswith(beside.GENES):
        return reference_file.load(path, embedding)
    return references.from_sequences(
        embedding, read_genes(embedding, str(path), strict=options.strict)
    )


def _background(
    embedding: KmerEmbedding, options: argparse.Namespace, config: PoolConfig
) -> FittedPooling | None:
    """Return the background of the pooling; without reference genes, fitted on the file."""
    found = reference_of(embedding, options)
    if found is None and config.fitted:
        log(f"{config.pooling}: no reference genes beside the model, fitted on the file itself")
        found = references.from_blocks(
            embedding, _blocks(embedding, options, told=True), with_words=False
        )
    return found.background(embedding, config) if found else None


def add_embed(parser: Parser) -> None:
    """Add the options of `embed`."""
    add_gene_options(parser, embed)
    text = "where to: a name in .tsv, .npz or .h5ad"
    parser.add_argument("--out", type=Path, required=True, help=text)


def add_reference(parser: Parser) -> None:
    """Add the options of `reference`."""
    add_run(parser, reference)
    add_sequences(parser, "the file of named genes")
    parser.add_argument("--out", type=Path, help="where to; by default beside the model")


def add_gene_options(parser: Parser, run: Callable[[argparse.Namespace], None]) -> None:
    """Add the options that `embed` and `compare` share."""
    add_run(parser, run)
    add_sequences(parser, "the file of records")
    parser.add_argument(
        "--reference", type=Path,
        help="reference genes: a .genes.safetensors file or sequences; by default those beside "
        "the model",
    )  # fmt: skip
    add_config(parser, PoolConfig, "pooling")
