"""A projection of a model: computed, checked, saved and loaded."""

import json
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Protocol

import numpy as np

from bioskipgram.config import ClusterConfig, ProjectionConfig
from bioskipgram.errors import ConfigError
from bioskipgram.files import FileKind
from bioskipgram.jobs.progress import OnProgress, no_progress
from bioskipgram.model import beside
from bioskipgram.model.embedding import KmerEmbedding
from bioskipgram.numerics.arrays import Floats, State, Tokens, checked

from .methods import algorithm, lay_out
from .trustworthiness import trustworthiness

WHOLE = 262_144
SAMPLE = 65_536
"""Beyond `WHOLE` k-mers, t-SNE and UMAP project so many; the others are placed by them."""
PLACING_NEIGHBORS = 10
_FARTHEST = 1e9
"""No algorithm here puts a point farther from the centre."""
LAYOUT = FileKind(what="layout")


@dataclass(frozen=True)
class Projection:
    """Every k-mer as a point, float32[V, 2 or 3], centred.

    `trustworthiness` of 15 neighbours (Venna & Kaski 2001): 0.5 = random, 1 = all neighbours on the
    map are near in the full space. `laid_out` k-mers were projected themselves, the others placed
    at the mean of their nearest.
    """

    config: ProjectionConfig
    points: Floats
    trustworthiness: float
    laid_out: int = 0

    def __post_init__(self) -> None:
        shape = (None, self.config.dimensions)
        object.__setattr__(self, "points", checked(self.points, "points", np.float32, shape))
        object.__setattr__(self, "laid_out", self.laid_out or len(self.points))


class HasUnitVectors(Protocol):
    """What can be projected: a `KmerEmbedding`, a `GeneEmbedding`."""

    @property
    def unit(self) -> Floats:
        """float32[V, D] vectors of length 1 (or 0)."""


def project(
    embedding: HasUnitVectors,
    config: ProjectionConfig,
    *,
    threads: int = 1,
    progress: OnProgress = no_progress,
) -> Projection:
    """Return the projection of unit vectors, of k-mers or of genes; of at least five.

    Beyond `WHOLE` k-mers a sample is projected, and every other k-mer is placed at the mean of its
    nearest sampled ones; see `sampled_tokens` and `transform`. The same embedding, settings and
    library versions give the same points, whatever `threads`.
    """
    vectors = embedding.unit
    if len(vectors) < 5:
        raise ConfigError(f"a map needs at least 5 points; there are {len(vectors)}")
    chosen = sampled_tokens(len(vectors), config)
    points = lay_out(vectors[chosen], config, threads, progress)
    if len(chosen) < len(vectors):
        points = transform(vectors, chosen, points, threads=threads, progress=progress)
    points = np.ascontiguousarray(points - points.mean(axis=0), np.float32)
    progress("judging", 0.0)
    trust = trustworthiness(vectors, points, seed=config.seed)
    return Projection(config, points, trust, len(chosen))


def sampled_tokens(V: int, config: ProjectionConfig) -> Tokens:
    """Return the tokens that are projected themselves, int32[n], in order: all, or a sample.

    t-SNE and UMAP of more than 262,144 k-mers project 65,536: a random one from each of as many
    equal stretches of the vocabulary, so that the first bases are represented evenly.
    """
    if config.method == "pca" or V <= WHOLE:
        return np.arange(V, dtype=np.int32)
    edges = np.linspace(0, V, SAMPLE + 1).astype(np.int64)
    drawn = np.random.default_rng(config.seed).integers(edges[:-1], edges[1:])
    return drawn.astype(np.int32)


def transform(
    vectors: Floats,
    chosen: Tokens,
    points: Floats,
    *,
    threads: int = 1,
    progress: OnProgress = no_progress,
) -> Floats:
    """Return the place of all vectors on a map (float32[n, 2 or 3]) of the `chosen` ones.

    Each is the mean of its nearest chosen ones, weighted by exp(-d^2 / s^2) with s the distance of
    the nearest.
    """
    from .neighbor_graph import neighbor_graph

    graph = neighbor_graph(
        vectors, min(PLACING_NEIGHBORS, len(chosen)), among=vectors[chosen],
        threads=threads, progress=progress,
    )  # fmt: skip
    scale = np.maximum(graph.distances[:, :1], 1e-6)
    weights = np.exp(-((graph.distances / scale) ** 2))  # [V, n]
    weights /= weights.sum(axis=1, keepdims=True)
    placed: Floats = np.einsum("vn,vnd->vd", weights, points[graph.tokens]).astype(np.float32)
    placed[chosen] = points
    return placed


def cache_path(
    model: Path, embedding: KmerEmbedding, config: ProjectionConfig | ClusterConfig
) -> Path:
    """Return where a projection or a clustering of this model is kept, in ``<model>.layouts/``.

    The name ends in a digest of vectors, settings and `algorithm`, so that neither a retrained
    model nor another version shows an outdated map.
    """
    settings = asdict(config)
    if settings["method"] in ("kmeans", "hdbscan"):
        del settings["resolution"]  # theirs have been found under names without it
    facts = [embedding.digest, embedding.remove_components, settings]
    if isinstance(config, ProjectionConfig):
        made_by = algorithm(config, len(embedding))
        # The first algorithm of each method keeps its old paths.
        facts += [made_by] if made_by not in ("pca", "tsne") else []
    dimensions = f"-{config.dimensions}d" if isinstance(config, ProjectionConfig) else ""
    return beside.remade(model, f"{config.method}{dimensions}", facts)


def save(projection: Projection, path: Path) -> None:
    """Write a projection; a CheckpointError if it cannot be written."""
    facts = {
        "config": asdict(projection.config),
        "trustworthiness": projection.trustworthiness,
        "laid_out": projection.laid_out,
    }
    LAYOUT.write(path, {"points": projection.points}, projection=json.dumps(facts))


def load(path: Path, *, size: int | None = None) -> Projection:
    """Return a projection that `save` wrote, of `size` points unless None.

    A CheckpointError if it is missing, damaged or of another size.
    """
    return LAYOUT.read(path, partial(_assembled, size))


def _assembled(size: int | None, tensors: State, metadata: dict[str, str]) -> Projection:
    facts, V = json.loads(metadata["projection"]), len(tensors["points"])
    config, trust = ProjectionConfig.from_dict(facts["config"]), facts["trustworthiness"]
    laid_out = facts.get("laid_out", 0)
    if (size or V) != V:
        raise ValueError(f"{V} points where there are {size}")
    if type(laid_out) is not int or not 0 <= laid_out <= V or not -1 <= trust <= 1:
        raise ValueError(f"{laid_out!r:.40} of {V} points projected, trustworthiness {trust!r:.40}")
    found = Projection(config, tensors["points"], float(trust), laid_out)
    if not (np.abs(found.points) <= _FARTHEST).all():  # NaN is not
        raise ValueError("a point is out of bounds")
    return found
