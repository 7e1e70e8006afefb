"""Vectors -> points on a plane or in space: PCA, t-SNE, UMAP, with their trustworthiness."""

import contextlib
import hashlib
import io
import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import safetensors.numpy

from .arrays import Floats, Tokens, checked
from .checkpoint import read_tensors, write_whole
from .config import ClusterConfig, ProjectionConfig
from .embedding import KmerEmbedding
from .errors import CheckpointError, ConfigError
from .progress import Tell, nobody

TRUST_NEIGHBORS = 15
TRUST_SAMPLE = 4096
"""How many points trustworthiness looks at; all others still count as possible neighbours."""
SMALL = 16_384
"""Up to here scikit-learn's t-SNE is quicker than openTSNE's; see `benchmarks/layouts.py`."""
WHOLE = 262_144
SAMPLE = 65_536
"""Beyond `WHOLE` k-mers, t-SNE and UMAP lay out so many and place the others by them."""
PLACING_NEIGHBORS = 10


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
    laid_out
        How many k-mers were laid out themselves; all others stand at the mean of their nearest
        of those. By default all.
    """

    config: ProjectionConfig
    points: Floats
    trustworthiness: float
    laid_out: int = 0

    def __post_init__(self) -> None:
        shape = (None, self.config.dimensions)
        object.__setattr__(self, "points", checked(self.points, "points", np.float32, shape))
        object.__setattr__(self, "laid_out", self.laid_out or len(self.points))


def project(
    embedding: KmerEmbedding, config: ProjectionConfig, *, threads: int = 1, tell: Tell = nobody
) -> Projection:
    """Return the layout of an embedding's unit vectors.

    Beyond `WHOLE` k-mers a sample is laid out, and every other k-mer stands at the mean of its
    nearest sampled ones; see `sampled_tokens` and `place`.

    Parameters
    ----------
    embedding
        Whose vectors.
    config
        How to lay them out.
    threads
        Processor threads; the points do not depend on them.
    tell
        Is told what is being done and which share of that is.

    Raises
    ------
    ConfigError
        If there are fewer than five k-mers.

    Notes
    -----
    The same embedding, settings and library versions give the same points.
    """
    vectors = embedding.unit
    if len(vectors) < 5:
        raise ConfigError(f"a map needs at least 5 k-mers; this model has {len(vectors)}")
    chosen = sampled_tokens(len(vectors), config)
    points = _laid_out(vectors[chosen], config, threads, tell)
    if len(chosen) < len(vectors):
        points = place(vectors, chosen, points, threads=threads, tell=tell)
    points = np.ascontiguousarray(points - points.mean(axis=0), np.float32)
    tell("judging", 0.0)
    trust = trustworthiness(vectors, points, seed=config.seed)
    return Projection(config, points, trust, len(chosen))


def sampled_tokens(V: int, config: ProjectionConfig) -> Tokens:
    """Return the tokens that are laid out themselves, int32[n], in order: all, or a sample.

    t-SNE and UMAP of more than 262,144 k-mers lay 65,536 out: one drawn at random from each of
    as many equal stretches of the vocabulary. It is in alphabetical order, so the first bases
    are represented evenly.
    """
    if config.method == "pca" or V <= WHOLE:
        return np.arange(V, dtype=np.int32)
    edges = np.linspace(0, V, SAMPLE + 1).astype(np.int64)
    drawn = np.random.default_rng(config.seed).integers(edges[:-1], edges[1:])
    return drawn.astype(np.int32)


def place(
    vectors: Floats, chosen: Tokens, points: Floats, *, threads: int = 1, tell: Tell = nobody
) -> Floats:
    """Return where all vectors belong on a map of some of them.

    Each stands at the mean of its nearest chosen ones, weighted by exp(-d^2 / s^2) with s the
    distance of the nearest: one that all but coincides with a chosen one is drawn beside it.

    Parameters
    ----------
    vectors
        float32[V, D] of length 1.
    chosen
        int32[n] tokens that have a place.
    points
        float32[n, 2 or 3]: their places.
    """
    from .graph import neighbor_graph

    graph = neighbor_graph(
        vectors, min(PLACING_NEIGHBORS, len(chosen)), among=vectors[chosen],
        threads=threads, tell=tell,
    )  # fmt: skip
    scale = np.maximum(graph.distances[:, :1], 1e-6)
    weights = np.exp(-((graph.distances / scale) ** 2))  # [V, n]
    weights /= weights.sum(axis=1, keepdims=True)
    placed: Floats = np.einsum("vn,vnd->vd", weights, points[graph.tokens]).astype(np.float32)
    placed[chosen] = points
    return placed


def _laid_out(vectors: Floats, config: ProjectionConfig, threads: int, tell: Tell) -> Floats:
    method = algorithm(config, len(vectors))
    if method == "pca":
        tell("laying out", 0.0)
        return _pca(vectors, config)
    if method == "tsne":
        return _tsne(vectors, config, tell)
    if method == "fast-tsne":
        return _fast_tsne(vectors, config, threads, tell)
    return _umap(vectors, config, threads, tell)


def algorithm(config: ProjectionConfig, V: int) -> str:
    """Return what lays out `V` k-mers: "pca", "tsne", "fast-tsne" or "umap-2".

    A layout made by another algorithm is kept in another place (`cache_path`); "umap-2" is UMAP
    of the exact neighbour graph, "umap" was that of umap-learn's own approximate one.
    """
    if config.method == "tsne":
        return "tsne" if V <= SMALL or config.dimensions == 3 else "fast-tsne"
    return "umap-2" if config.method == "umap" else "pca"


def _pca(vectors: Floats, config: ProjectionConfig) -> Floats:
    from sklearn.decomposition import PCA

    # The exact solver takes seconds where the covariance's eigenvectors are as good.
    solver = "full" if len(vectors) <= SMALL else "covariance_eigh"
    points = PCA(min(config.dimensions, vectors.shape[1]), svd_solver=solver).fit_transform(vectors)
    missing = config.dimensions - points.shape[1]
    padded: Floats = np.pad(points, ((0, 0), (0, missing))).astype(np.float32)
    return padded


def _tsne(vectors: Floats, config: ProjectionConfig, tell: Tell) -> Floats:
    """Return scikit-learn's Barnes-Hut t-SNE (van der Maaten 2014): quicker for few points."""
    from sklearn.manifold import TSNE

    V, iterations = len(vectors), 1000
    model = TSNE(
        config.dimensions,
        perplexity=min(config.perplexity, (V - 1) / 3),
        # "auto" but for its floor of 50, which blows small vocabularies up: in space 64 codons had
        # a trustworthiness of .60 with it and have .86 with V / 5.
        learning_rate=max(V / 48, min(50, V / 5)),
        init=_start(vectors, config),
        random_state=config.seed,
        max_iter=iterations,
        verbose=2,
    )
    heard = _Heard(r"Iteration (\d+)", iterations, tell)
    with contextlib.redirect_stdout(heard):
        points: Floats = model.fit_transform(vectors)
    return points


def _fast_tsne(vectors: Floats, config: ProjectionConfig, threads: int, tell: Tell) -> Floats:
    """Return openTSNE's interpolated t-SNE (FIt-SNE, Linderman et al. 2019, doi:10.1038/
    s41592-018-0308-4) of the exact neighbour graph: its time grows with V, not V log V.
    """  # noqa: D205
    import openTSNE
    from openTSNE.affinity import PerplexityBasedNN
    from openTSNE.nearest_neighbors import PrecomputedNeighbors

    from .graph import neighbor_graph

    graph = neighbor_graph(vectors, int(3 * config.perplexity), threads=threads, tell=tell)
    known = PrecomputedNeighbors(graph.tokens.astype(np.int64), graph.distances.astype(float))
    attention = PerplexityBasedNN(
        perplexity=config.perplexity, knn_index=known, n_jobs=threads, random_state=config.seed
    )
    done = 0

    def step(_iteration: int, _error: float, _points: object) -> None:
        nonlocal done
        done += 10
        tell("laying out", done / 750)

    model = openTSNE.TSNE(
        config.dimensions,
        negative_gradient_method="fft",
        early_exaggeration_iter=250,
        n_iter=500,
        callbacks=step,
        callbacks_every_iters=10,
        n_jobs=threads,
        random_state=config.seed,
    )
    start = _start(vectors, config).astype(float)
    points: Floats = np.asarray(model.fit(affinities=attention, initialization=start), np.float32)
    return points


def _umap(vectors: Floats, config: ProjectionConfig, threads: int, tell: Tell) -> Floats:
    """Return UMAP (McInnes et al. 2018, arXiv:1802.03426) of the exact neighbour graph.

    Through umap-learn's functions rather than its class, which would look for neighbours itself
    and compile that first.
    """
    from .graph import neighbor_graph

    tell("starting UMAP", 0.0)
    umap = umap_learn()
    n = min(config.n_neighbors, len(vectors) - 1)
    graph = neighbor_graph(vectors, n - 1, threads=threads, tell=tell)
    random = umap.check_random_state(config.seed)
    # To umap-learn a point is the first of its own n neighbours.
    own = np.arange(len(vectors), dtype=np.int32)[:, None]
    fuzzy, _, _ = umap.fuzzy_simplicial_set(
        vectors, n, random, "euclidean",
        knn_indices=np.hstack([own, graph.tokens]),
        knn_dists=np.pad(graph.distances, ((0, 0), (1, 0))),
    )  # fmt: skip
    a, b = umap.find_ab_params(1.0, config.min_dist)
    heard = _Heard(r"(\d+)%", 100, tell)
    points: Floats
    points, _ = umap.simplicial_set_embedding(
        vectors, fuzzy, config.dimensions, initial_alpha=1.0, a=a, b=b, gamma=1.0,
        negative_sample_rate=5, n_epochs=None, init=_start(vectors, config) * 1e4,
        random_state=random, metric="euclidean", metric_kwds={}, densmap=False, densmap_kwds={},
        output_dens=False, tqdm_kwds={"disable": False, "file": heard, "mininterval": 0.2},
    )  # fmt: skip
    return points


def umap_learn() -> Any:
    """Return umap-learn's functions, those that are compiled kept compiled on disk.

    It compiles them anew in every process: 20 s of a warm UMAP's 25.
    """
    import warnings

    with warnings.catch_warnings():
        # What umap-learn 0.5.12 warns of when it is imported concerns its authors.
        warnings.simplefilter("ignore")
        from umap import layouts, umap_
    compiled = (
        umap_.smooth_knn_dist,
        umap_.compute_membership_strengths,
        layouts._nb_optimize_layout_euclidean_single_epoch,
    )
    for function in compiled:
        function.enable_caching()
    return umap_


class _Heard(io.StringIO):
    """A stream that tells how far a library is by what it prints.

    Parameters
    ----------
    pattern
        A regular expression whose group is the number printed.
    whole
        The number at the end.
    """

    def __init__(self, pattern: str, whole: int, tell: Tell) -> None:
        super().__init__()
        self._pattern, self._whole, self._tell = pattern, whole, tell

    def write(self, text: str) -> int:
        """Take the last number in `text`."""
        found = re.findall(self._pattern, text)
        if found:
            self._tell("laying out", min(1.0, int(found[-1]) / self._whole))
        return len(text)


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
    from scipy.spatial import KDTree

    V = len(vectors)
    K = min(TRUST_NEIGHBORS, (V - 1) // 2)
    rows = np.random.default_rng(seed).permutation(V)[:TRUST_SAMPLE]
    near = KDTree(points).query(points[rows], K + 1)[1]  # [rows, K + 1]
    own = near == rows[:, None]
    near[~own.any(axis=1), K] = rows[~own.any(axis=1)]  # others lie upon it: it counts as found
    squares = (vectors**2).sum(axis=1)
    penalty = 0
    for block in np.array_split(np.arange(len(rows)), max(1, len(rows) * V // 2**24)):
        found, which = near[block], rows[block]
        distances = squares - 2 * vectors[which] @ vectors.T  # [block, V], less a constant
        distances[np.arange(len(which)), which] = -np.inf
        limits = np.take_along_axis(distances, found, axis=1)
        for row, edges in zip(distances, limits, strict=True):
            # The rank of a neighbour: how many are nearer, the point itself among them.
            ranks = np.array([np.count_nonzero(row < edge) for edge in edges])
            penalty += int(np.maximum(ranks - K, 0).sum())
    return 1.0 - 2.0 * penalty / (len(rows) * K * (2 * V - 3 * K - 1))


def cache_path(
    model: Path, embedding: KmerEmbedding, config: ProjectionConfig | ClusterConfig
) -> Path:
    """Return where a layout or a clustering of this model is kept.

    Beside the model, in ``<model>.layouts/``; the name ends in a digest of the vectors and the
    settings, so that a retrained model never shows its predecessor's map, and of the algorithm
    (`algorithm`), so that the map of an earlier version is not taken for this one's.
    """
    facts = [embedding.digest, embedding.remove_components, asdict(config)]
    if isinstance(config, ProjectionConfig):
        made_by = algorithm(config, len(embedding))
        # The first algorithm of each method has its old places.
        facts += [made_by] if made_by not in ("pca", "tsne") else []
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
    facts = {
        "config": asdict(projection.config),
        "trustworthiness": projection.trustworthiness,
        "laid_out": projection.laid_out,
    }
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
        laid_out = int(facts.get("laid_out", 0))
        return Projection(config, tensors["points"], float(facts["trustworthiness"]), laid_out)
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise CheckpointError(
            f"{path.name}: no layout ({error}); delete it to make it anew"
        ) from error
