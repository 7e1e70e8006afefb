"""Clusters: planted groups are found, and a group of k-mers gets the name and logo it deserves."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from bioskipgram.config import ClusterConfig, ProjectionConfig, TrainConfig
from bioskipgram.errors import CheckpointError, ConfigError
from bioskipgram.groups import clusters
from bioskipgram.groups.clusters import NOISE, Clusters
from bioskipgram.groups.leiden import communities
from bioskipgram.groups.names import describe
from bioskipgram.kmers.vocabulary import Vocabulary
from bioskipgram.model.embedding import KmerEmbedding, ModelInfo
from bioskipgram.projection import projection

SIZES = [30, 50, 20]


def made_up(vectors: NDArray[np.float32], *, k: int = 4, first: int = 0) -> KmerEmbedding:
    """An embedding with these vectors, of consecutive k-mers from `first` on."""
    V, dim = vectors.shape
    config = TrainConfig(k=k, dim=dim)
    info = ModelInfo(
        config=config, trainer="exact", source="", sha256="", records=1, bases=9, loss=1.5,
        optimum=None, zero_loss=None, losses=(), steps_done=1, seconds=0.1, created="", version="",
    )  # fmt: skip
    words = Vocabulary(config.tokenizer, np.arange(first, first + V), np.ones(V, np.int64))
    return KmerEmbedding(words, vectors, vectors, info)


def noise(*shape: int, seed: int = 0) -> NDArray[np.float32]:
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


@pytest.fixture(scope="module")
def planted() -> KmerEmbedding:
    """30, 50 and 20 k-mers around the first three axes of eight, in a random order."""
    groups = np.random.default_rng(3).permutation(np.repeat([0, 1, 2], SIZES))
    return made_up(np.eye(8, dtype=np.float32)[groups] + 0.05 * noise(100, 8))


def planted_groups(planted: KmerEmbedding) -> NDArray[np.int64]:
    return planted.center[:, :3].argmax(axis=1)


# Finding -------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["kmeans", "hdbscan", "leiden"])
def test_planted_groups_are_found_largest_first(planted: KmerEmbedding, method: str) -> None:
    found = clusters.find(planted, ClusterConfig(method=method, clusters=3))
    by_size = np.array([1, 0, 2])  # the group of 30 is cluster 1, of 50 cluster 0, of 20 cluster 2
    expected = by_size[planted_groups(planted)]
    inside = found.labels != NOISE
    assert inside.mean() > 0.95
    assert (found.labels == expected)[inside].all()
    assert len(found) == 3
    assert found.labels.dtype == np.int32


def test_kmeans_leaves_nothing_out(planted: KmerEmbedding) -> None:
    found = clusters.find(planted, ClusterConfig(clusters=7))
    sizes = [len(found.members(cluster)) for cluster in range(len(found))]
    assert sum(sizes) == 100
    assert len(sizes) == 7
    assert all(larger >= smaller for larger, smaller in pairwise(sizes))


def test_hdbscan_calls_what_is_far_from_every_group_noise(planted: KmerEmbedding) -> None:
    center = planted.center.copy()
    stray = [4, 40, 77]
    center[stray] = -np.eye(8, dtype=np.float32)[[4, 5, 6]]
    found = clusters.find(replace(planted, center=center), ClusterConfig(method="hdbscan"))
    assert found.labels[stray].tolist() == [NOISE] * 3
    assert len(found) == 3
    assert not set(stray) & set(np.concatenate([found.members(c) for c in range(3)]).tolist())


def test_hdbscan_of_nothing_but_noise_has_no_clusters() -> None:
    found = clusters.find(made_up(noise(40, 20)), ClusterConfig(method="hdbscan"))
    assert set(found.labels.tolist()) == {NOISE}
    assert len(found) == 0
    assert describe(made_up(noise(40, 20)).vocabulary, found) == ()
    assert clusters.label_points(noise(40, 2), found).shape == (0, 2)


def test_the_same_seed_gives_the_same_clusters(planted: KmerEmbedding) -> None:
    config = ClusterConfig(clusters=9)
    one, two = (clusters.find(planted, config).labels for _ in range(2))
    assert one.tolist() == two.tolist()
    assert clusters.find(planted, replace(config, seed=8)).labels.tolist() != one.tolist()


def test_lengths_of_vectors_do_not_matter(planted: KmerEmbedding) -> None:
    scale = np.random.default_rng(1).uniform(0.1, 10, (100, 1)).astype(np.float32)
    config = ClusterConfig(clusters=3)
    scaled = clusters.find(replace(planted, center=planted.center * scale), config)
    assert scaled.labels.tolist() == clusters.find(planted, config).labels.tolist()


@pytest.mark.parametrize("V", [2, 3])
def test_more_clusters_than_kmers_are_refused(V: int) -> None:
    with pytest.raises(ConfigError, match=f"clusters: 3 of {V} k-mers; give fewer"):
        clusters.find(made_up(noise(V, 3)), ClusterConfig(clusters=3))
    assert len(clusters.find(made_up(noise(4, 3)), ClusterConfig(clusters=3))) == 3


@pytest.mark.parametrize("V", [2, 3, 9])
def test_hdbscan_takes_fewer_kmers_than_its_smallest_cluster(V: int) -> None:
    found = clusters.find(made_up(noise(V, 3)), ClusterConfig(method="hdbscan"))
    assert len(found.labels) == V


def test_labels_are_read_only_whole_numbers() -> None:
    with pytest.raises(ValueError, match="labels: expected int32"):
        Clusters(ClusterConfig(), np.zeros(3))
    with pytest.raises(ValueError, match="read-only"):
        Clusters(ClusterConfig(), np.zeros(3, np.int32)).labels[0] = 1


def test_members_are_tokens_in_order() -> None:
    found = Clusters(ClusterConfig(), np.array([1, 0, NOISE, 1, 0, 1], np.int32))
    assert len(found) == 2
    assert [found.members(c).tolist() for c in (0, 1, 2)] == [[1, 4], [0, 3, 5], []]
    assert found.members(0).dtype == np.int32


# The k-mer in the middle ---------------------------------------------------------------------


@given(st.integers(1, 20), st.integers(0, 100))
def test_the_medoid_is_the_member_nearest_to_the_mean(size: int, seed: int) -> None:
    model = made_up(noise(40, 4, seed=seed))
    tokens = np.random.default_rng(seed).permutation(40)[:size].astype(np.int32)
    mean = sum(model.unit[token].astype(float) for token in tokens)
    cosines = {int(token): float(model.unit[token] @ mean) for token in tokens}
    assert cosines[clusters.medoid(model, tokens)] == pytest.approx(max(cosines.values()))


# Labels --------------------------------------------------------------------------------------


def test_a_clusters_label_stands_on_a_member_near_its_middle() -> None:
    points = noise(60, 2)
    labels = np.arange(60, dtype=np.int32) % 3
    places = clusters.label_points(points, Clusters(ClusterConfig(), labels))
    assert places.shape == (3, 2)
    for cluster, place in enumerate(places):
        own = points[labels == cluster]
        distances = np.linalg.norm(own - np.median(own, axis=0), axis=1)
        assert place.tolist() == own[distances.argmin()].tolist()


def test_labels_have_a_place_in_space_too() -> None:
    found = Clusters(ClusterConfig(), np.zeros(5, np.int32))
    place = clusters.label_points(noise(5, 3), found)
    assert place.tolist()[0] in noise(5, 3).tolist()


# There and back ------------------------------------------------------------------------------


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    config = ClusterConfig(method="hdbscan", min_cluster_size=2)
    labels = np.array([1, 0, NOISE, 0], np.int32)
    path = tmp_path / "x.layouts" / "hdbscan.safetensors"
    clusters.save(Clusters(config, labels), path)
    return path


def test_clusters_that_were_saved_are_loaded(kept: Path) -> None:
    loaded = clusters.load(kept)
    assert loaded.config == ClusterConfig(method="hdbscan", min_cluster_size=2)
    assert loaded.labels.tolist() == [1, 0, NOISE, 0]


def test_missing_cut_and_foreign_files_are_refused(kept: Path) -> None:
    whole = kept.read_bytes()
    for length in range(0, len(whole), 9):
        kept.write_bytes(whole[:length])
        with pytest.raises(CheckpointError, match=r"hdbscan\.safetensors: damaged"):
            clusters.load(kept)
    projection.save(
        projection.Projection(ProjectionConfig(), np.zeros((4, 2), np.float32), 1.0), kept
    )
    with pytest.raises(CheckpointError, match=r"no clusters .*'clusters'.*; delete it to make it"):
        clusters.load(kept)
    kept.unlink()
    with pytest.raises(CheckpointError, match="no such model file"):
        clusters.load(kept)


@pytest.mark.parametrize(
    ("labels", "what"),
    [
        ([0, 0, 1, 1, 3, 3, 3, -1], "3 clusters, which are not numbered 0 to 3"),
        ([0, 2**31 - 1, 0, 0, 0, 0, 0, 0], "not numbered"),
        ([-2, -2, 0, 0, 0, 0, 0, 0], "not numbered"),
        ([0, 1, 2, 3, 4, 5, 6, 7], "8 clusters"),
        ([0, 0, 0, 0, 0, 0, 0], "labels of 7 k-mers where there are 8"),
        ([], "of 0 k-mers"),
    ],
)
def test_labels_that_no_clustering_gives_are_refused(
    tmp_path: Path, labels: list[int], what: str
) -> None:
    path = tmp_path / "hdbscan.safetensors"
    config = ClusterConfig(method="hdbscan", min_cluster_size=2)
    clusters.save(Clusters(config, np.array([0, 0, 1, 1, -1, 2, 2, 2], np.int32)), path)
    assert len(clusters.load(path, size=8)) == 3
    clusters.save(Clusters(config, np.array(labels, np.int32)), path)
    with pytest.raises(CheckpointError, match=f"no clusters .*{what}.* delete it to make it again"):
        clusters.load(path, size=8)


def test_one_kmer_has_no_clusters() -> None:
    with pytest.raises(ConfigError, match="clusters need at least two"):
        clusters.find(made_up(np.ones((1, 3), np.float32)), ClusterConfig(method="hdbscan"))


def test_leiden_finds_planted_groups_and_more_at_a_higher_resolution() -> None:
    generator = np.random.default_rng(0)
    centres, group = generator.normal(size=(5, 12)), np.repeat(np.arange(5), 40)
    vectors = centres[group] + 0.2 * generator.normal(size=(200, 12))
    unit = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    found = communities(unit, resolution=1.0, seed=1)
    pairs = {(int(a), int(b)) for a, b in zip(group, found, strict=True)}
    assert len(pairs) == len(set(found.tolist())) == 5
    assert len(set(communities(unit, resolution=5.0, seed=1).tolist())) > 5
    assert (communities(unit, resolution=1.0, seed=1) == found).all()
