"""The command clusters: what the clusters of a model are called."""

import argparse
from typing import TYPE_CHECKING, Any

from .keep import own_clusters
from .output import print_table
from .parser import add_model, add_strict, command
from .train import read_sequences

if TYPE_CHECKING:
    from bioskipgram.model.embedding import KmerEmbedding
    from bioskipgram.numerics.arrays import Floats


def list_clusters(options: argparse.Namespace) -> None:
    """Print the name of each cluster, the members it fits, and its q-value."""
    from bioskipgram.groups.names import describe
    from bioskipgram.model import checkpoint

    embedding = checkpoint.load(options.model)
    found = own_clusters(embedding, options.model, must_save=False)
    frames = _frames(embedding, options) if options.sequences else None
    rows = [
        {
            "number": each.number, "name": each.name, "pattern": each.pattern,
            "property": each.feature, "members": each.members, "share": each.share,
            "odds": each.odds, "q": each.q,
        }
        for each in describe(embedding.vocabulary, found, frames=frames)
    ]  # fmt: skip
    if not options.json:
        for row in rows:
            row["q"] = None if row["q"] is None else f"{row['q']:.1e}"
    print_table(rows, as_json=options.json)


def _frames(embedding: "KmerEmbedding", options: argparse.Namespace) -> "Floats":
    from bioskipgram.kmers.codons import frame_preference
    from bioskipgram.kmers.record_counts import frame_counts

    sequences = read_sequences(options.sequences, embedding.info.config, strict=options.strict)
    return frame_preference(frame_counts(sequences, embedding.vocabulary).counts)


def add_clusters(subparsers: Any) -> None:
    """Add the command `clusters`."""
    text = (
        "The clusters of a model: each named by the pattern that tells its members best from "
        "others, or else by a property, beside the share of the members that the name fits."
    )
    parser = command(subparsers, "clusters", list_clusters, text)
    add_model(parser)
    parser.add_argument(
        "sequences", nargs="?", help="coding sequences, to name clusters by reading frame, too"
    )
    add_strict(parser)
