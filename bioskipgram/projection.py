"""Vectors -> points on a plane or in space: PCA, t-SNE, UMAP, with their trustworthiness."""

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import safetensors.numpy

from .arrays import Floats, checked
from .checkpoint import read_tensors, write_whole
from .config import ClusterConfig, ProjectionConfig
from .embedding import KmerEmbedding
from .errors import CheckpointError, ConfigError

TRUST_NEIGHBORS = 15
TRUST_SAMPLE = 4096
"""How many points trustworthiness looks at; all others still count as possible neighbours."""


@dataclass(frozen=True)
class Projection:
    """Every k-mer as a point.

    Attributes
    ----------
    config
        How it was made.
    points
        float32[V, 2 or 3], centred.
    trustworthiness
        0.5 = as good as random, 1 = every point's 15 neighbours on the map are near it in the
        full space too (Venna & Kaski 2001).
    """

    config: ProjectionConfig
    points: Floats
    trustworthiness: float

    def __post_init__(self) -> None:
        shape = (None, self.config.dimensions)
        object.__setattr__(self, "points", checked(self.points, "points", np.float32, shape))


def project(embedding: KmerEmbedding, config: ProjectionConfig) -> Projection:
    """Return the layout of an embedding's unit vectors.

    The same embedding, settings and library versions give the same points.

    Raises
    ------
    ConfigError
        If there are fewer than five k-mers.
    """
    vectors = embedding.unit
    if len(vectors) < 5:
        raise ConfigError(f"a map needs at least 5 k-mers; this model has {len(vectors)}")
    layout = {"pca": _pca, "tsne": _tsne, "umap": _umap}[config.method]
    points = layout(vectors, config)
    points = np.ascontiguousarray(points - points.mean(axis=0), np.float32)
    return Projection(config, points, trustworthiness(vectors, points, seed=config.seed))


def _pca(vectors: Floats, config: ProjectionConfig) -> Floats:
    from sklearn.decomposition import PCA

    points = PCA(min(config.dimensions, vectors.shape[1]), svd_solver="full").fit_transform(vectors)
    missing = config.dimensions - points.shape[1]
    padded: Floats = np.pad(points, ((0, 0), (0, missing))).astype(np.float32)
    return padded


def _tsne(vectors: Floats, config: ProjectionConfig) -> Floats:
    from sklearn.manifold import TSNE

    V = len(vectors)
    model = TSNE(
        config.dimensions,
        perplexity=min(config.perplexity, (V - 1) / 3),
        # "auto" but for its floor of 50, which blows small vocabularies up: in space 64 codons had
        # a trustworthiness of .60 with it and have .86 with V / 5.
        learning_rate=max(V / 48, min(50, V / 5)),
        init=_start(vectors, config),
        random_state=config.seed,
    )
    points: Floats = model.fit_transform(vectors)
    return points


def _umap(vectors: Floats, config: ProjectionConfig) -> Floats:
    import warnings

    with warnings.catch_warnings():
        # What umap-learn 0.5.12 warns of when it is imported or seeded concerns its authors.
        warnings.simplefilter("ignore")
        import umap

        model = umap.UMAP(
            n_components=config.dimensions,
            n_neighbors=min(config.n_neighbors, len(vectors) - 1),
            min_dist=config.min_dist,
            init=_start(vectors, config) * 1e4,
            random_state=config.seed,
            n_jobs=1,
        )
        points: Floats = model.fit_transform(vectors)
    return points


def _start(vectors: Floats, config: ProjectionConfig) -> Floats:
    """Return PCA's layout, small: a start that keeps large distances meaningful."""
    points = _pca(vectors, config)
    scaled: Floats = points / max(float(points[:, 0].std()), 1e-12) * np.float32(1e-4)
    return scaled


def trustworthiness(vectors: Floats, points: Floats, *, seed: int = 1) -> float:
    """Return how far neighbours on the map are neighbours in the full space, about .5 to 1.

    Venna & Kaski 2001 (doi:10.1007/3-540-44668-0_68) with up to 15 neighbours, over at most
    4,096 points drawn at random.

    Parameters
    ----------
    vectors, points
        float32[V, D] and float32[V, 2 or 3], rows alike.
    """
    V = len(vectors)
    K = min(TRUST_NEIGHBORS, (V - 1) // 2)
    rows = np.random.default_rng(seed).permutation(V)[:TRUST_SAMPLE]
    penalty = 0
    for block in np.array_split(rows, max(1, len(rows) * V // 2**23)):
        near = _distances(points, block).argpartition(K, axis=1)[:, : K + 1]
        true = _distances(vectors, block).argsort(axis=1, kind="stable")
        ranks = np.empty_like(true)
        np.put_along_axis(ranks, true, np.arange(V)[None], axis=1)
        excess = np.take_along_axis(ranks, near, axis=1) - K
        penalty += int(excess[excess > 0].sum())
    return 1.0 - 2.0 * penalty / (len(rows) * K * (2 * V - 3 * K - 1))


def _distances(points: Floats, rows: np.ndarray[tuple[int], np.dtype[np.int64]]) -> Floats:
    """Return squared distances from some rows to all, the row itself first (minus infinity)."""
    squares = (points**2).sum(axis=1)
    result: Floats = squares - 2 * points[rows] @ points.T
    result[np.arange(len(rows)), rows] = -np.inf
    return result


def cache_path(
    model: Path, embedding: KmerEmbedding, config: ProjectionConfig | ClusterConfig
) -> Path:
    """Return where a layout or a clustering of this model is kept.

    Beside the model, in ``<model>.layouts/``; the name ends in a digest of the vectors and the
    settings, so that a retrained model never shows its predecessor's map.
    """
    facts = [embedding.digest, embedding.remove_components, asdict(config)]
    key = hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:12]
    dimensions = f"-{config.dimensions}d" if isinstance(config, ProjectionConfig) else ""
    name = f"{config.method}{dimensions}-{key}.safetensors"
    return model.with_suffix(".layouts") / name


def save(projection: Projection, path: Path) -> None:
    """Write a layout.

    Raises
    ------
    CheckpointError
        If it cannot be written.
    """
    facts = {"config": asdict(projection.config), "trustworthiness": projection.trustworthiness}
    tensors = {"points": np.asarray(projection.points)}
    write_whole(path, safetensors.numpy.save(tensors, {"projection": json.dumps(facts)}))


def load(path: Path) -> Projection:
    """Return a layout that `save` wrote.

    Raises
    ------
    CheckpointError
        If it is missing or damaged.
    """
    tensors, metadata = read_tensors(path)
    try:
        facts = json.loads(metadata["projection"])
        config = ProjectionConfig.from_dict(facts["config"])
        return Projection(config, tensors["points"], float(facts["trustworthiness"]))
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise CheckpointError(
            f"{path.name}: no layout ({error}); delete it to make it anew"
        ) from error
