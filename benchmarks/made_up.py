"""A model of any size with made-up vectors and layout, to see what a page can carry."""

from pathlib import Path

import numpy as np

from bioskipgram.config import ProjectionConfig, TrainConfig, default_clusters
from bioskipgram.groups import clusters
from bioskipgram.groups.clusters import Clusters
from bioskipgram.kmers.vocabulary import Vocabulary
from bioskipgram.model import checkpoint
from bioskipgram.model.embedding import KmerEmbedding, ModelInfo
from bioskipgram.projection import projection
from bioskipgram.projection.projection import Projection

DIM = 16


def write_model(runs: Path, points: int) -> str:
    """Write a model of `points` k-mers as a run, laid out; return its name in the dashboard."""
    from bioskipgram.training.recorder import Recorder
    from bioskipgram.training.runs import Run

    k = int(np.ceil(np.log(points) / np.log(4) - 1e-9))
    config = TrainConfig(k=k, dim=DIM)
    random = np.random.default_rng(1)
    groups = random.integers(0, 40, points)
    center = _blobs(random, groups, DIM, 1.0)
    vocabulary = Vocabulary(config.tokenizer, np.arange(points), random.integers(1, 999, points))
    info = ModelInfo(
        config=config, trainer="exact", source="made up", sha256="", records=1, bases=points,
        loss=1.0, optimum=0.5, zero_loss=2.0, losses=(), steps_done=1, seconds=0.0,
        created="2026-01-01T00:00:00+00:00", version="0",
    )  # fmt: skip
    run = Run(runs / f"made-up-{points}")
    with Recorder(run.folder, source="made up", config=config, path="made up") as recorder:
        embedding = KmerEmbedding(vocabulary, center, center, info)
        checkpoint.save(embedding, run.model)
        _keep_maps(embedding, run.model, _blobs(random, groups, 2, 25.0), groups)
        recorder.write(state="finished")
    return f"run: {run.name}"


def _blobs(random: np.random.Generator, groups: np.ndarray, width: int, apart: float) -> np.ndarray:
    """Return float32[n, width]: a normal blob for each group."""
    middles = random.standard_normal((groups.max() + 1, width)) * apart
    return (middles[groups] + random.standard_normal((len(groups), width))).astype(np.float32)


def _keep_maps(
    embedding: KmerEmbedding, model: Path, points: np.ndarray, groups: np.ndarray
) -> None:
    for method in ("tsne", "pca"):
        config = ProjectionConfig(method=method)
        made = Projection(config, points, 1.0)
        projection.save(made, projection.cache_path(model, embedding, config))
    clustering = default_clusters(len(embedding))
    rank = np.argsort(np.argsort(-np.bincount(groups, minlength=40)))
    found = Clusters(clustering, rank[groups].astype(np.int32))
    clusters.save(found, projection.cache_path(model, embedding, clustering))
