"""Layouts: PCA by another hand, the same seed the same map, and an honest trustworthiness."""

import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import openTSNE
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.manifold import trustworthiness as sklearn_trustworthiness

from bioskipgram.config import ClusterConfig, ProjectionConfig, TrainConfig
from bioskipgram.errors import CheckpointError, ConfigError
from bioskipgram.kmers.vocabulary import Vocabulary
from bioskipgram.model.embedding import KmerEmbedding, ModelInfo
from bioskipgram.projection import methods, projection, trustworthiness
from bioskipgram.projection.methods import objective
from bioskipgram.projection.projection import Projection

PCA = ProjectionConfig(method="pca")


def made_up(vectors: NDArray[np.float32], *, k: int = 4) -> KmerEmbedding:
    """An embedding with these vectors, of the first k-mers there are."""
    V, dim = vectors.shape
    config = TrainConfig(k=k, dim=dim)
    info = ModelInfo(
        config=config, trainer="exact", source="", sha256="", records=1, bases=9, loss=1.5,
        optimum=None, zero_loss=None, losses=(), steps_done=1, seconds=0.1, created="", version="",
    )  # fmt: skip
    words = Vocabulary(config.tokenizer, np.arange(V), np.ones(V, np.int64))
    return KmerEmbedding(words, vectors, vectors, info)


def noise(*shape: int, seed: int = 0) -> NDArray[np.float32]:
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


@pytest.fixture(scope="module")
def grouped() -> KmerEmbedding:
    """A hundred k-mers in four well separated groups of 25, in ten dimensions."""
    return made_up(np.repeat(5 * noise(4, 10, seed=1), 25, axis=0) + 0.3 * noise(100, 10))


GROUPS = np.repeat(np.arange(4), 25)


def groups_kept(points: NDArray[np.float32]) -> float:
    """The share of points whose nearest other point on the map is of their own group."""
    distances = ((points[:, None] - points) ** 2).sum(axis=-1)
    np.fill_diagonal(distances, np.inf)
    return float((GROUPS[distances.argmin(axis=1)] == GROUPS).mean())


# Layouts -------------------------------------------------------------------------------------


@pytest.mark.parametrize("dimensions", [2, 3])
def test_pca_is_the_singular_value_decomposition(dimensions: int) -> None:
    model = made_up(noise(50, 6) * np.array([5, 4, 3, 2, 1, 1], np.float32))
    points = projection.project(model, replace(PCA, dimensions=dimensions)).points
    centred = model.unit - model.unit.mean(axis=0)
    left, scale, _ = np.linalg.svd(centred.astype(np.float64), full_matrices=False)
    expected = (left * scale)[:, :dimensions]
    signs = np.sign((expected * points).sum(axis=0))
    np.testing.assert_allclose(points, expected * signs, atol=1e-5)


def test_pca_of_fewer_dimensions_than_the_map_fills_up_with_zeros() -> None:
    points = projection.project(made_up(noise(9, 1)), replace(PCA, dimensions=3)).points
    assert points.shape == (9, 3)
    assert not points[:, 1:].any()
    assert points[:, 0].std() > 0.5


@pytest.mark.parametrize("dimensions", [2, 3])
def test_tsne_gives_the_same_map_for_the_same_seed_and_keeps_groups(
    grouped: KmerEmbedding, dimensions: int
) -> None:
    config = ProjectionConfig(method="tsne", dimensions=dimensions, perplexity=10.0)
    one, two = (projection.project(grouped, config) for _ in range(2))
    assert one.points.tobytes() == two.points.tobytes()
    assert one.points.shape == (100, dimensions)
    assert one.trustworthiness == two.trustworthiness > 0.9
    assert groups_kept(one.points) == 1


@pytest.mark.parametrize("V", [40, 64, 100])
def test_tsne_does_not_blow_small_vocabularies_up(V: int) -> None:
    """In space it should keep as many neighbours as on a plane, or nearly so."""
    model = made_up(noise(V, 4) @ noise(4, 16, seed=1))
    flat, space = (
        projection.project(model, ProjectionConfig(dimensions=dimensions)).trustworthiness
        for dimensions in (2, 3)
    )
    assert space > 0.85
    assert space > flat - 0.1


def test_tsne_minds_its_settings(grouped: KmerEmbedding) -> None:
    narrow, wide = (
        projection.project(grouped, ProjectionConfig(perplexity=perplexity)).points
        for perplexity in (5.0, 30.0)
    )
    assert not np.allclose(narrow, wide)


def test_umap_gives_the_same_map_for_the_same_seed_and_keeps_groups(
    grouped: KmerEmbedding,
) -> None:
    """In space; numba compiles umap-learn for some twenty seconds first."""
    config = ProjectionConfig(method="umap", dimensions=3, n_neighbors=10)
    one, two = (projection.project(grouped, config) for _ in range(2))
    assert one.points.tobytes() == two.points.tobytes()
    assert one.points.shape == (100, 3)
    assert one.trustworthiness > 0.9
    assert groups_kept(one.points) == 1
    flat = projection.project(grouped, replace(config, dimensions=2, min_dist=0.9)).points
    assert flat.shape == (100, 2)
    assert groups_kept(flat) > 0.95


@pytest.mark.parametrize("method", ["pca", "tsne"])
def test_points_are_centred_float32_and_read_only(grouped: KmerEmbedding, method: str) -> None:
    points = projection.project(grouped, ProjectionConfig(method=method)).points
    assert points.dtype == np.float32
    np.testing.assert_allclose(points.mean(axis=0), 0, atol=1e-4)
    with pytest.raises(ValueError, match="read-only"):
        points[0] = 0


def test_what_is_laid_out_are_the_compared_vectors(grouped: KmerEmbedding) -> None:
    """Lengths do not count, removed components do not show."""
    longer = replace(grouped, center=grouped.center * np.arange(1, 101, dtype=np.float32)[:, None])
    same = projection.project(longer, PCA).points
    np.testing.assert_allclose(same, projection.project(grouped, PCA).points, atol=1e-5)
    less = projection.project(grouped.removing(1), PCA).points
    assert not np.allclose(np.abs(less), np.abs(same), atol=0.1)


@pytest.mark.parametrize("V", [1, 4])
@pytest.mark.parametrize("method", ["pca", "tsne", "umap"])
def test_fewer_than_five_kmers_are_no_map(V: int, method: str) -> None:
    with pytest.raises(ConfigError, match=f"a map needs at least 5 points; there are {V}"):
        projection.project(made_up(noise(V, 3)), ProjectionConfig(method=method))


@pytest.mark.parametrize("method", ["pca", "tsne", "umap"])
@pytest.mark.parametrize("dimensions", [2, 3])
@pytest.mark.parametrize("vectors", ["noise", "equal", "zero"])
def test_few_kmers_are_a_map_or_one_sentence(method: str, dimensions: int, vectors: str) -> None:
    """Of fewer dimensions than the map, too; libraries divide by the range of each axis."""
    config = ProjectionConfig(method=method, dimensions=dimensions)
    for V in range(1, 21) if vectors == "noise" else (1, 5, 6, 20):
        some = noise(V, (1, 2, 5)[V % 3])
        made = {"noise": some, "equal": np.ones_like(some), "zero": np.zeros_like(some)}
        model = made_up(made[vectors])
        if V < 5:
            with pytest.raises(ConfigError, match="a map needs at least 5 points"):
                projection.project(model, config)
            continue
        found = projection.project(model, config)
        assert found.points.shape == (V, dimensions)
        assert np.isfinite(found.points).all()
        assert 0 <= found.trustworthiness <= 1


@pytest.mark.parametrize("method", ["tsne", "umap"])
def test_vectors_of_two_dimensions_use_all_of_a_map_in_space(method: str) -> None:
    config = ProjectionConfig(method=method, dimensions=3)
    spread = projection.project(made_up(noise(15, 2)), config).points.std(axis=0)
    assert spread.min() > 0.05 * spread.max()


# Many k-mers ---------------------------------------------------------------------------------


def test_interpolated_tsne_gives_the_same_map_for_any_threads_and_keeps_groups(
    grouped: KmerEmbedding, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A fifth of the iterations, which take five seconds.
    fewer = {"early_exaggeration_iter": 50, "n_iter": 100}
    whole = openTSNE.TSNE
    monkeypatch.setattr(openTSNE, "TSNE", lambda *args, **given: whole(*args, **{**given, **fewer}))
    monkeypatch.setattr(methods, "SMALL", 99)
    config = ProjectionConfig(perplexity=10.0)
    assert methods.algorithm(config, 100) == "fast-tsne"
    one, two = (projection.project(grouped, config, threads=threads) for threads in (1, 2))
    np.testing.assert_array_equal(one.points, two.points)
    assert one.trustworthiness > 0.9
    assert groups_kept(one.points) == 1


def test_a_sample_holds_one_of_each_stretch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(projection, "WHOLE", 100)
    monkeypatch.setattr(projection, "SAMPLE", 40)
    config = ProjectionConfig(method="umap")
    assert projection.sampled_tokens(100, config).tolist() == list(range(100))
    chosen = projection.sampled_tokens(400, config)
    assert (chosen // 10).tolist() == list(range(40))
    assert len(set((chosen % 10).tolist())) > 3
    assert projection.sampled_tokens(400, config).tolist() == chosen.tolist()
    other = projection.sampled_tokens(400, replace(config, seed=2))
    assert other.tolist() != chosen.tolist()
    assert projection.sampled_tokens(400, PCA).tolist() == list(range(400))


def test_what_was_not_sampled_is_placed_among_its_own(
    grouped: KmerEmbedding, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(projection, "WHOLE", 99)
    monkeypatch.setattr(projection, "SAMPLE", 50)
    told: list[str] = []
    config = ProjectionConfig(perplexity=8.0)
    found = projection.project(grouped, config, progress=lambda stage, _: told.append(stage))
    assert found.laid_out == 50
    assert found.points.shape == (100, 2)
    assert groups_kept(found.points) == 1
    assert found.trustworthiness > 0.9
    assert [stage for stage, next_one in pairwise([*told, ""]) if stage != next_one] == [
        "laying out", "looking for neighbours", "judging",
    ]  # fmt: skip


def test_a_placed_point_is_the_weighted_mean_of_its_nearest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(projection, "PLACING_NEIGHBORS", 2)
    angles = np.array([0.0, 0.4, 1.5, 0.1])  # the last is a quarter of the way to the second
    vectors = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    points = np.array([[0, 0], [1, 2], [50, 50]], np.float32)
    placed = projection.transform(vectors, np.arange(3, dtype=np.int32), points)
    np.testing.assert_array_equal(placed[:3], points)
    near, far = (2 * np.sin(d / 2) for d in (0.1, 0.3))
    weights = np.exp([-1, -((far / near) ** 2)])
    np.testing.assert_allclose(placed[3], points[1] * weights[1] / weights.sum(), rtol=1e-2)


@pytest.mark.parametrize(
    ("method", "dimensions", "V", "expected"),
    [
        ("pca", 2, 10**6, "pca"),
        ("tsne", 2, 16_384, "tsne"),
        ("tsne", 2, 16_385, "fast-tsne"),
        ("tsne", 3, 65_536, "tsne"),
        ("umap", 2, 100, "umap-2"),
    ],
)
def test_the_algorithm_goes_by_method_and_size(
    method: str, dimensions: int, V: int, expected: str
) -> None:
    config = ProjectionConfig(method=method, dimensions=dimensions)
    assert methods.algorithm(config, V) == expected


def test_another_algorithm_has_another_place(
    grouped: KmerEmbedding, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = projection.cache_path(MODEL, grouped, ProjectionConfig())
    monkeypatch.setattr(methods, "SMALL", 99)
    assert projection.cache_path(MODEL, grouped, ProjectionConfig()) != before


# Trustworthiness -----------------------------------------------------------------------------


@settings(max_examples=25)
@given(st.integers(5, 80), st.integers(0, 1000), st.sampled_from([2, 3]))
def test_trustworthiness_is_scikit_learns(V: int, seed: int, dimensions: int) -> None:
    vectors, points = noise(V, 5, seed=seed), noise(V, dimensions, seed=seed + 1)
    points += vectors[:, :dimensions]
    K = min(trustworthiness.NEIGHBORS, (V - 1) // 2)
    expected = sklearn_trustworthiness(vectors, points, n_neighbors=K)
    # Distances that are nearly equal may change places, which moves it by a rank or two.
    assert trustworthiness.trustworthiness(vectors, points) == pytest.approx(expected, abs=5e-5)


def test_trustworthiness_of_a_sample_is_near_that_of_all(monkeypatch: pytest.MonkeyPatch) -> None:
    vectors = noise(600, 5)
    points = vectors[:, :2] + 0.5 * noise(600, 2, seed=1)
    whole = trustworthiness.trustworthiness(vectors, points)
    monkeypatch.setattr(trustworthiness, "SAMPLE", 200)
    sampled = [trustworthiness.trustworthiness(vectors, points, seed=seed) for seed in (1, 2)]
    assert sampled[0] != sampled[1]
    np.testing.assert_allclose(sampled, whole, atol=0.02)
    assert trustworthiness.trustworthiness(vectors, points, seed=1) == sampled[0]


def test_trustworthiness_is_poor_for_random_points_and_good_for_a_true_map() -> None:
    flat = noise(300, 2) @ noise(2, 20, seed=1)  # two-dimensional data in twenty dimensions
    random = trustworthiness.trustworthiness(flat, noise(300, 2, seed=2))
    assert random == pytest.approx(0.5, abs=0.05)
    centred = flat - flat.mean(axis=0)
    left, scale, _ = np.linalg.svd(centred, full_matrices=False)
    assert trustworthiness.trustworthiness(flat, (left * scale)[:, :2]) == pytest.approx(
        1, abs=1e-3
    )
    assert trustworthiness.trustworthiness(flat, (left * scale)[:, :1]) < 0.98


def test_points_upon_each_other_are_trusted_as_scikit_learn_trusts_them() -> None:
    """All of a group in one place: a neighbour there may be any of them, the point itself not."""
    vectors = np.repeat(noise(6, 5), 30, axis=0) + 0.01 * noise(180, 5, seed=1)
    points = np.repeat(noise(6, 2, seed=2), 30, axis=0)
    expected = sklearn_trustworthiness(vectors, points, n_neighbors=15)
    assert trustworthiness.trustworthiness(vectors, points) == pytest.approx(expected, abs=0.02)


# Where a layout is kept ----------------------------------------------------------------------

MODEL = Path("models/cds.v2.safetensors")


def test_a_layouts_place_says_what_it_is(grouped: KmerEmbedding) -> None:
    path = projection.cache_path(MODEL, grouped, ProjectionConfig(dimensions=3))
    assert path.parent == Path("models/cds.v2.layouts")
    assert path.name.startswith("tsne-3d-")
    assert path.suffix == ".safetensors"
    clusters = projection.cache_path(MODEL, grouped, ClusterConfig(method="hdbscan"))
    assert clusters.parent == path.parent
    assert clusters.name.startswith("hdbscan-")


def test_a_layouts_place_changes_with_all_that_changes_the_layout(grouped: KmerEmbedding) -> None:
    center = grouped.center.copy()
    center[7, 7] += 1
    models = [grouped, grouped.removing(1), grouped.removing(2), replace(grouped, center=center)]
    layouts = [
        {}, {"method": "pca"}, {"method": "umap"}, {"dimensions": 3}, {"perplexity": 31.0},
        {"n_neighbors": 16}, {"min_dist": 0.2}, {"seed": 2},
    ]  # fmt: skip
    groups = [
        {}, {"method": "hdbscan"}, {"clusters": 25}, {"min_cluster_size": 11}, {"seed": 2},
        {"method": "leiden"}, {"method": "leiden", "resolution": 2.5},
    ]  # fmt: skip
    assert set().union(*layouts) == set(asdict(ProjectionConfig()))
    assert set().union(*groups) == set(asdict(ClusterConfig()))
    configs = [ProjectionConfig(**values) for values in layouts]
    configs += [ClusterConfig(**values) for values in groups]
    places = {projection.cache_path(MODEL, m, config) for m in models for config in configs}
    assert len(places) == len(models) * len(configs)


def test_a_layouts_place_changes_with_nothing_else(grouped: KmerEmbedding) -> None:
    twin = replace(grouped.removing(1).removing(0), info=replace(grouped.info, source="other"))
    places = {projection.cache_path(MODEL, m, ProjectionConfig()) for m in (grouped, twin)}
    assert len(places) == 1


def test_a_layouts_place_is_pinned() -> None:
    """Another one, and every layout kept by an earlier version is made anew."""
    model = made_up(np.arange(10, dtype=np.float32).reshape(5, 2))
    assert (
        projection.cache_path(MODEL, model, ProjectionConfig()).name
        == "tsne-2d-f5e04f2c991e.safetensors"
    )


# There and back ------------------------------------------------------------------------------


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    config = ProjectionConfig(method="umap", dimensions=3, min_dist=0.25)
    path = tmp_path / "x.layouts" / "umap.safetensors"
    projection.save(Projection(config, noise(7, 3), 0.75, 5), path)
    return path


def test_a_layout_that_was_saved_is_loaded(kept: Path) -> None:
    loaded = projection.load(kept)
    assert loaded.config == ProjectionConfig(method="umap", dimensions=3, min_dist=0.25)
    assert loaded.points.tobytes() == noise(7, 3).tobytes()
    assert loaded.trustworthiness == 0.75
    assert loaded.laid_out == 5
    assert Projection(PCA, noise(7, 2), 0.75).laid_out == 7


def test_a_missing_layout_is_named(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="no such model file"):
        projection.load(tmp_path / "x.safetensors")


def test_a_cut_layout_is_refused(kept: Path) -> None:
    whole = kept.read_bytes()
    for length in range(0, len(whole), 9):
        kept.write_bytes(whole[:length])
        with pytest.raises(CheckpointError, match=r"umap\.safetensors: damaged"):
            projection.load(kept)


@pytest.mark.parametrize(
    ("value", "laid_out", "trust", "size"),
    [
        (np.nan, 7, 0.5, 7), (np.inf, 7, 0.5, 7), (1e38, 7, 0.5, 7), (0.0, 8, 0.5, 7),
        (0.0, -1, 0.5, 7), (0.0, 7, math.nan, 7), (0.0, 7, 1e300, 7), (0.0, 7, "good", 7),
        (0.0, True, 0.5, 7), (0.0, 7, 0.5, 8),
    ],
)  # fmt: skip
def test_points_that_no_algorithm_gives_are_refused(
    tmp_path: Path, value: float, laid_out: int, trust: float, size: int
) -> None:
    points = noise(7, 2)
    projection.save(Projection(PCA, points, 0.5, 7), tmp_path / "x")
    assert len(projection.load(tmp_path / "x", size=7).points) == 7
    points[3, 1] = value
    projection.save(Projection(PCA, points, trust, laid_out), tmp_path / "x")
    with pytest.raises(CheckpointError, match=r"x: no layout \(.*\); delete it to make it again"):
        projection.load(tmp_path / "x", size=size)


def test_what_is_no_layout_is_refused(kept: Path) -> None:
    from bioskipgram.groups import clusters

    labels = np.zeros(7, np.int32)
    clusters.save(clusters.Clusters(ClusterConfig(), labels), kept)
    with pytest.raises(CheckpointError, match=r"no layout .*'projection'.*; delete it to make it"):
        projection.load(kept)


@pytest.mark.parametrize(
    ("points", "message"),
    [
        (noise(7, 2), r"expected float32 with shape \('any', 3\)"),
        (noise(7, 3).astype(np.float64), "found float64"),
    ],
)
def test_points_of_another_shape_or_type_are_refused(
    points: NDArray[np.float32], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        Projection(replace(PCA, dimensions=3), points, 1.0)


def test_the_gradient_of_tsne_is_opentsnes() -> None:
    from openTSNE.tsne import kl_divergence_fft
    from scipy.sparse import random as random_matrix

    points = 20 * np.random.default_rng(0).normal(size=(500, 2))
    near = random_matrix(500, 500, 0.05, format="csr", random_state=1)
    near = (near + near.T) / (2 * near.sum())
    grid = {"n_interpolation_points": 3, "min_num_intervals": 50, "ints_in_interval": 1}
    settings = {"dof": 1, "fft_params": grid, "n_jobs": 1, "bh_params": {}}
    _, expected = kl_divergence_fft(points, near, **settings)
    with ThreadPoolExecutor(1) as pool:
        _, found = objective(500, pool)(points, near, should_eval_error=True, **settings)
    assert np.abs(expected).max() > 1e-5
    assert found == pytest.approx(expected, rel=1e-9, abs=1e-15)
