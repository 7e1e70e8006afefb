"""Files with absurd contents under a true seal, and broken ones: read, or one sentence.

``FUZZ=100000 python -m pytest tests/fuzz/test_model_files.py`` tries so many of each kind.
"""

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bioskipgram.config import ClusterConfig, ProjectionConfig
from bioskipgram.errors import CheckpointError
from bioskipgram.files import FileKind
from bioskipgram.groups import clusters
from bioskipgram.groups.clusters import Clusters
from bioskipgram.model import checkpoint
from bioskipgram.model.embedding import KmerEmbedding
from bioskipgram.projection import projection
from bioskipgram.projection.projection import Projection
from tests.model.test_checkpoint import tiny

EXAMPLES = int(os.environ.get("FUZZ", "150"))
SETTINGS = settings(
    max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), database=None
)


@dataclass(frozen=True)
class Target:
    """A kind of file: how it is written well, how it is read, and what is done with it then."""

    kind: FileKind
    save: Callable[[Path], Any]
    load: Callable[[Path], Any]
    use: Callable[[Any], Any]


def use_model(model: KmerEmbedding) -> None:
    assert np.isfinite(model.unit).all()
    assert (model.vocabulary.counts >= 0).all()
    json.dumps(model.info.to_dict(), allow_nan=False)
    f"{model.info.loss:.4f} {model.info.seconds:.1f} {model.info.source[:9]} {model.digest}"


def use_clusters(found: Clusters) -> None:
    assert len(found) <= len(found.labels)
    [found.members(cluster) for cluster in range(len(found))]


def use_projection(found: Projection) -> None:
    assert np.isfinite(found.points).all()
    assert found.points.shape[1] == found.config.dimensions
    f"{found.trustworthiness:.2f}"


TARGETS = {
    "model": Target(
        checkpoint.MODEL, lambda path: checkpoint.save(tiny(), path), checkpoint.load, use_model
    ),
    "clusters": Target(
        clusters.CLUSTERS,
        lambda path: clusters.save(
            Clusters(ClusterConfig(), np.array([0, 1, -1, 0], np.int32)), path
        ),
        clusters.load,
        use_clusters,
    ),
    "layout": Target(
        projection.LAYOUT,
        lambda path: projection.save(
            Projection(ProjectionConfig(), np.zeros((4, 2), np.float32), 0.9), path
        ),
        projection.load,
        use_projection,
    ),
}

DTYPES = ("<f2", "<f4", "<f8", "<i4", "<i8", "|u1", "|b1", "<i2")
NUMBERS = st.one_of(
    st.sampled_from([0, -1, 1e38, -1e38, 2**31 - 1, -(2**31), 2**62, 2**63 - 1, 1e-40]),
    st.floats(), st.integers(-5, 70),
)  # fmt: skip


@st.composite
def tensor(draw: st.DrawFn) -> np.ndarray[Any, Any]:
    """Any small array, odd shapes and values among them."""
    shape = draw(st.lists(st.integers(0, 4), max_size=3))
    values = draw(st.lists(NUMBERS, min_size=1, max_size=4))
    with np.errstate(all="ignore"):
        filled = np.resize(np.array(values, np.float64), shape)
        return filled.astype(draw(st.sampled_from(DTYPES)))


JSON = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.floats(), st.text(max_size=5),
        st.integers(), st.sampled_from([10**12, 2**63, -1, 10**400, "nan", "RNA", 1e999]),
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)  # fmt: skip


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a JSON value, the whole first."""
    inner = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    return [path, *(place for key, each in inner for place in places(each, (*path, key)))]


def put(value: Any, place: tuple[Any, ...], new: Any) -> Any:
    if not place:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[place[0]] = put(copy[place[0]], place[1:], new)
    return copy


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("fuzz")


def tried(target: Target, path: Path) -> None:
    """Read a file and use what it holds; only CheckpointError may say that it cannot be."""
    try:
        found = target.load(path)
    except CheckpointError:
        return
    target.use(found)


@pytest.mark.parametrize("name", TARGETS)
@SETTINGS
@given(data=st.data())
def test_absurd_contents_under_a_true_seal(name: str, folder: Path, data: st.DataObject) -> None:
    target, path = TARGETS[name], folder / f"{name}.safetensors"
    target.save(path)
    tensors, metadata = FileKind(what="").read(path, lambda tensors, facts: (tensors, facts))
    for _ in range(data.draw(st.integers(1, 3))):
        if data.draw(st.booleans()):
            tensors[data.draw(st.sampled_from(sorted(tensors)))] = data.draw(tensor())
        else:
            fact = data.draw(st.sampled_from(sorted({*metadata} - {"format", "sha256"})))
            text = metadata[fact]
            try:
                value = json.loads(text)
            except ValueError:
                value = None
            place = data.draw(st.sampled_from(places(value)))
            metadata[fact] = json.dumps(put(value, place, data.draw(JSON)))
    facts = {key: text for key, text in metadata.items() if key not in ("format", "sha256")}
    target.kind.write(path, tensors, **facts)
    tried(target, path)


@pytest.mark.parametrize("name", TARGETS)
@SETTINGS
@given(data=st.data())
def test_broken_bytes(name: str, folder: Path, data: st.DataObject) -> None:
    target, path = TARGETS[name], folder / f"{name}-bytes.safetensors"
    target.save(path)
    raw = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 8))):
        start = data.draw(st.integers(0, len(raw)))
        stop = min(len(raw), start + data.draw(st.integers(0, 8)))
        raw[start:stop] = data.draw(st.binary(max_size=8))
    path.write_bytes(raw)
    tried(target, path)
