"""A map that is not there is offered with its time; one in the making is shown, whoever asked."""

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

import bioskipgram as bsg
from bioskipgram.config import ProjectionConfig
from bioskipgram.groups import clusters
from bioskipgram.jobs.locks import hold, turns
from bioskipgram.jobs.process import THREADS
from bioskipgram.jobs.status import Status
from bioskipgram.model import checkpoint
from bioskipgram.numerics.threads import cores
from bioskipgram.projection import projection
from dashboard.shared import cache, model_map
from tests.dashboard import pages

ROOT = Path(__file__).resolve().parents[2]
OFFER = "This model has no 2-D t-SNE map yet. For 15 k-mers it takes about"


@pytest.fixture(autouse=True)
def small_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One small model with no map, a queue of its own."""
    sequences = bsg.read(
        b">a\nACGTTGCATTAGCATCGATTACGCATGCAACCGGTTAGAC\n>b\nTTAGGCATCGGATTACAGTCCC\n"
    )
    training = bsg.Training(sequences, bsg.TrainConfig(k=2, dim=4, steps=3))
    for _ in training:
        pass
    checkpoint.save(training.embedding(), tmp_path / "small.safetensors")
    monkeypatch.setattr(cache, "MODELS", tmp_path)
    (tmp_path / "queue").mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "queue"))


@pytest.fixture
def turn() -> Iterator[Callable[[], None]]:
    """Hold the queue, so that a layout only waits; call it to let go."""
    held = [hold([turn]) for turn in turns("projections", max(1, cores() // THREADS))]
    yield lambda: [os.close(held.pop()) for _ in held[:]]
    for handle in held:
        os.close(handle)


def open_app() -> AppTest:
    return pages.open_page()


def keys(app: AppTest) -> list[str]:
    return [button.key for button in app.button if button.key]


def said(app: AppTest) -> str:
    return "\n".join(str(part.value) for part in [*app.info, *app.error, *app.caption])


def test_a_map_is_offered_made_seen_by_others_and_shown(turn: Callable[[], None]) -> None:
    app = open_app()
    assert OFFER in said(app)
    app.button(key="start_tsne").click().run()
    assert "stop_tsne" in keys(app)
    assert "start_tsne" not in keys(app)
    other = open_app()
    assert "stop_tsne" in keys(other)
    turn()
    model = cache.models()["small"]
    give_up = time.monotonic() + 200
    while not cache.is_made(model, ProjectionConfig()):
        assert time.monotonic() < give_up
        time.sleep(0.1)
    app.run()
    assert not app.exception
    assert "t-SNE of 15 k-mers, all shown · trustworthiness" in said(app)


def test_a_map_in_the_making_can_be_stopped(turn: Callable[[], None]) -> None:
    app = open_app()
    app.button(key="start_tsne").click().run()
    app.button(key="stop_tsne").click().run()
    assert OFFER in said(app)
    assert not app.error


def test_what_went_wrong_is_said_and_the_map_offered_again(tmp_path: Path) -> None:
    model = cache.models()["small"]
    job = cache.layout_job(model, ProjectionConfig())
    Status(state="failed", error="No, because.", process=1).write(job.file)
    app = open_app()
    assert pages.shown(app.error[0]) == "No, because."
    assert "start_tsne" in keys(app)


def test_clusters_of_many_kmers_are_offered_not_found_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(cache, "SMALL", 10)
    monkeypatch.setattr(clusters, "find", lambda *_: pytest.fail("found while the page is drawn"))
    model = cache.models()["small"]
    config = ProjectionConfig()
    made = projection.Projection(config, np.zeros((15, 2), np.float32), 0.5, 12)
    projection.save(made, cache.layout_job(model, config).place)
    app = open_app()
    assert not app.exception
    assert "This model has no k-means clusters yet. For 15 k-mers it takes about" in said(app)
    assert "start_kmeans" in keys(app)
    assert "projected from 12 of them" in said(app)
    assert cache.property_of(model, "cluster").categories == ("not found yet",)
    monkeypatch.undo()


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.2, "1 s"), (42.3, "42 s"), (100, "2 min"), (3000, "50 min"), (7200, "2 h")],
)
def test_a_time_is_told_as_people_tell_it(seconds: float, text: str) -> None:
    assert model_map._duration(seconds) == text
