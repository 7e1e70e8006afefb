"""What a picture of a model shows, without Streamlit: projection, clusters, colours, labels."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from bioskipgram.config import ProjectionConfig, default_clusters
from bioskipgram.groups import clusters as clustering
from bioskipgram.groups import names
from bioskipgram.groups.clusters import Clusters
from bioskipgram.groups.names import ClusterName
from bioskipgram.groups.properties import PROPERTIES, offered
from bioskipgram.kmers import record_counts
from bioskipgram.model import beside
from bioskipgram.model.embedding import KmerEmbedding
from bioskipgram.numerics.arrays import Floats
from bioskipgram.projection import projection
from bioskipgram.projection.projection import Projection
from bioskipgram.sequences import fasta, shipped
from dashboard.kmer_map import palette
from dashboard.kmer_map.content import Colouring, MapLabel
from dashboard.kmer_map.labels import labels_of
from dashboard.shared import letters

METHODS = {"tsne": "t-SNE", "umap": "UMAP", "pca": "PCA"}
COLOURS = ("amino acid", "frame preference", "GC content", "CpG", "log count", "stop codon")
"""Colours of the map besides the clusters, where the k-mers have them."""
_FRAME = "frame preference"


class Drawn(NamedTuple):
    """What a picture of a model shows: projection, clusters and their names, colours, labels."""

    shown: Projection
    clusters: Clusters
    named: tuple[ClusterName, ...]
    colours: list[Colouring]
    labels: list[MapLabel]


def drawn(embedding: KmerEmbedding, path: Path, method: str) -> Drawn:
    """Return what a picture of a model shows; what is not kept beside the model is made now."""
    shown, found, frames = (
        _layout(embedding, path, method), _clusters(embedding, path), _frames(embedding)
    )  # fmt: skip
    named = names.describe(embedding.vocabulary, found, frames=frames)
    texts = [one.title for one in named]
    labels = labels_of(embedding.vocabulary, shown.points, found, texts)
    return Drawn(shown, found, named, _colourings(embedding, shown, found, named, frames), labels)


def _layout(embedding: KmerEmbedding, path: Path, method: str) -> Projection:
    config = ProjectionConfig(method=method)
    place = projection.cache_path(path, embedding, config)
    return beside.kept(
        place, lambda file: projection.load(file, size=len(embedding)),
        lambda: projection.project(embedding, config), projection.save, must_save=False,
    )  # fmt: skip


def _clusters(embedding: KmerEmbedding, path: Path) -> Clusters:
    config = default_clusters(len(embedding))
    place = projection.cache_path(path, embedding, config)
    return beside.kept(
        place, lambda file: clustering.load(file, size=len(embedding)),
        lambda: clustering.find(embedding, config), clustering.save, must_save=False,
    )  # fmt: skip


def _frames(embedding: KmerEmbedding) -> Floats | None:
    """Return the frame preference of each k-mer in the sequences that ship; None if it has none."""
    tokenizer = embedding.vocabulary.tokenizer
    if not tokenizer.alphabet.complement or _FRAME not in offered(tokenizer, frame_counts=True):
        return None
    sequences = fasta.read(shipped.SAMPLE, alphabet=tokenizer.alphabet)
    counted = record_counts.frame_counts(sequences, embedding.vocabulary)
    return PROPERTIES[_FRAME](embedding, counted).values


def _colourings(
    embedding: KmerEmbedding,
    shown: Projection,
    found: Clusters,
    named: Sequence[ClusterName],
    frames: Floats | None,
) -> list[Colouring]:
    """Return the colours of the map, first the one that shows most."""
    middles = [np.median(shown.points[found.members(c)], axis=0) for c in range(len(found))]
    beside_colours = palette.beside(np.array(middles, np.float32).reshape(len(found), -1))
    labels = tuple(f"{one.title} ({one.number + 1})" for one in named)
    colours = [Colouring("Cluster", found.labels.astype(np.float32), labels, beside_colours)]
    known = offered(embedding.vocabulary.tokenizer)
    for name in COLOURS:
        if name in known:
            one = PROPERTIES[name](embedding)
            found_palette = letters.palette(one.categories)
            colours.append(Colouring(one.title, one.values, one.categories, found_palette))
    if frames is not None:
        kind = PROPERTIES[_FRAME]
        colours.insert(1, Colouring(kind.title, frames, kind.categories))
    aware = embedding.info.config.contexts in ("frame", "frame-apart")
    wanted = PROPERTIES[_FRAME].title if aware else "Cluster"
    if embedding.vocabulary.tokenizer.k == 3:
        wanted = "Amino acid"
    return sorted(colours, key=lambda one: not one.title.startswith(wanted))
