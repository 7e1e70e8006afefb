"""The projection algorithms: PCA, t-SNE and UMAP."""

import contextlib
import io
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from bioskipgram.config import SMALL, ProjectionConfig
from bioskipgram.jobs.progress import OnProgress
from bioskipgram.numerics.arrays import Doubles, Floats


def lay_out(
    vectors: Floats, config: ProjectionConfig, threads: int, progress: OnProgress
) -> Floats:
    """Return the projection of vectors, float32[V, 2 or 3], by their `algorithm`."""
    method = algorithm(config, len(vectors))
    if method == "pca":
        progress("laying out", 0.0)
        return _pca(vectors, config)
    if method == "tsne":
        return _tsne(vectors, config, progress)
    if method == "fast-tsne":
        return _fast_tsne(vectors, config, threads, progress)
    return _umap(vectors, config, threads, progress)


def algorithm(config: ProjectionConfig, V: int) -> str:
    """Return what projects `V` k-mers: "pca", "tsne", "fast-tsne" or "umap-2".

    It is part of `cache_path`: "umap-2" is UMAP of the exact neighbour graph, "umap" was that of
    umap-learn's approximate one.
    """
    if config.method == "tsne":  # of few points scikit-learn's is quicker than openTSNE's
        return "tsne" if V <= SMALL or config.dimensions == 3 else "fast-tsne"
    return "umap-2" if config.method == "umap" else "pca"


def _pca(vectors: Floats, config: ProjectionConfig) -> Floats:
    from sklearn.decomposition import PCA

    # The exact solver takes seconds where the covariance's eigenvectors are as good.
    solver = "full" if len(vectors) <= SMALL else "covariance_eigh"
    with np.errstate(invalid="ignore"):  # variance ratios of a variance of 0, unused
        model = PCA(min(config.dimensions, vectors.shape[1]), svd_solver=solver)
        points = model.fit_transform(vectors)
    missing = config.dimensions - points.shape[1]
    padded: Floats = np.pad(points, ((0, 0), (0, missing))).astype(np.float32)
    return padded


def _tsne(vectors: Floats, config: ProjectionConfig, progress: OnProgress) -> Floats:
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
    heard = _Heard(r"Iteration (\d+)", iterations, progress)
    with contextlib.redirect_stdout(heard):
        points: Floats = model.fit_transform(vectors)
    return points


def _fast_tsne(
    vectors: Floats, config: ProjectionConfig, threads: int, progress: OnProgress
) -> Floats:
    """Return openTSNE's interpolated t-SNE of the exact neighbour graph, linear in V.

    FIt-SNE, Linderman et al. 2019, doi:10.1038/s41592-018-0308-4.
    """
    import openTSNE
    from openTSNE.affinity import PerplexityBasedNN
    from openTSNE.nearest_neighbors import PrecomputedNeighbors

    from .methods import objective
    from .neighbor_graph import neighbor_graph

    graph = neighbor_graph(vectors, int(3 * config.perplexity), threads=threads, progress=progress)
    known = PrecomputedNeighbors(graph.tokens.astype(np.int64), graph.distances.astype(float))
    attention = PerplexityBasedNN(
        perplexity=config.perplexity, knn_index=known, n_jobs=threads, random_state=config.seed
    )
    done = 0

    def step(_iteration: int, _error: float, _points: object) -> None:
        nonlocal done
        done += 10
        progress("laying out", done / 750)

    with ThreadPoolExecutor(1) as pool:
        model = openTSNE.TSNE(
            config.dimensions,
            negative_gradient_method=objective(len(vectors), pool),
            early_exaggeration_iter=250,
            n_iter=500,
            callbacks=step,
            callbacks_every_iters=10,
            n_jobs=threads,
            random_state=config.seed,
        )
        start = _start(vectors, config).astype(float)
        found = model.fit(affinities=attention, initialization=start)
    points: Floats = np.asarray(found, np.float32)
    return points


def _umap(vectors: Floats, config: ProjectionConfig, threads: int, progress: OnProgress) -> Floats:
    """Return UMAP (McInnes et al. 2018, arXiv:1802.03426) of the exact neighbour graph.

    Through umap-learn's functions rather than its class, which would search neighbours itself.
    """
    from .neighbor_graph import neighbor_graph

    progress("starting UMAP", 0.0)
    umap = umap_learn()
    n = min(config.n_neighbors, len(vectors) - 1)
    graph = neighbor_graph(vectors, n - 1, threads=threads, progress=progress)
    random = umap.check_random_state(config.seed)
    # To umap-learn a point is the first of its own n neighbours.
    own = np.arange(len(vectors), dtype=np.int32)[:, None]
    fuzzy, _, _ = umap.fuzzy_simplicial_set(
        vectors, n, random, "euclidean",
        knn_indices=np.hstack([own, graph.tokens]),
        knn_dists=np.pad(graph.distances, ((0, 0), (1, 0))),
    )  # fmt: skip
    a, b = umap.find_ab_params(1.0, config.min_dist)
    heard = _Heard(r"(\d+)%", 100, progress)
    points: Floats
    points, _ = umap.simplicial_set_embedding(
        vectors, fuzzy, config.dimensions, initial_alpha=1.0, a=a, b=b, gamma=1.0,
        negative_sample_rate=5, n_epochs=None, init=_start(vectors, config) * 1e4,
        random_state=random, metric="euclidean", metric_kwds={}, densmap=False, densmap_kwds={},
        output_dens=False, tqdm_kwds={"disable": False, "file": heard, "mininterval": 0.2},
    )  # fmt: skip
    return points


def umap_learn() -> Any:
    """Return umap-learn's functions, with compilation cached on disk: it takes 20 s per process."""
    import warnings

    with warnings.catch_warnings():
        # umap-learn 0.5.12 warns of its own internals when it is imported.
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
    """A stream that reports a library's progress: `pattern` matches the number, up to `whole`."""

    def __init__(self, pattern: str, whole: int, progress: OnProgress) -> None:
        super().__init__()
        self._pattern, self._whole, self._progress = pattern, whole, progress

    def write(self, text: str) -> int:
        """Take the last number in `text`."""
        found = re.findall(self._pattern, text)
        if found:
            self._progress("laying out", min(1.0, int(found[-1]) / self._whole))
        return len(text)


def _start(vectors: Floats, config: ProjectionConfig) -> Floats:
    """Return PCA's projection, small: a start that keeps large distances meaningful.

    Missing dimensions are filled with noise: UMAP divides by the range of each axis, and t-SNE
    never leaves an axis on which all points start at 0.
    """
    points = _pca(vectors, config)
    scaled: Floats = points / max(float(points[:, 0].std()), 1e-12) * np.float32(1e-4)
    flat = np.ptp(scaled, axis=0) < 1e-9
    noise = np.random.default_rng(config.seed).normal(scale=1e-4, size=scaled.shape)
    scaled[:, flat] = noise[:, flat]
    return scaled


def objective(size: int, pool: ThreadPoolExecutor) -> Callable[..., tuple[float, Doubles]]:
    """Return a faster gradient for openTSNE, in place of its ``kl_divergence_fft``.

    Attraction is computed by a kernel on one thread of `pool` while openTSNE interpolates the
    repulsion; the returned error is 0, which nothing uses.
    """
    from openTSNE.tsne import kl_divergence_fft
    from scipy.sparse import csr_matrix

    from .attraction_kernel import attraction

    no_pairs = csr_matrix((size, size))

    def gradient(points: Any, affinities: Any, **settings: Any) -> tuple[float, Doubles]:
        attracted = pool.submit(
            attraction, affinities.indptr, affinities.indices, affinities.data, np.asarray(points)
        )
        settings["should_eval_error"] = False
        _, total = kl_divergence_fft(points, no_pairs, **settings)
        total += attracted.result()
        return 0.0, total

    return gradient
