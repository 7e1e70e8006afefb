"""The message to the browser can be read back; what comes from it is not trusted."""

import json

import numpy as np
import pytest

from bioskipgram.config import DotConfig
from bioskipgram.genes.dotplot import DotPlot
from dashboard.genes.dot_map import dot_map


@pytest.fixture
def plot() -> DotPlot:
    rng = np.random.default_rng(0)
    cells = [rng.uniform(0, 1, (3, 4)).astype(np.float32) for _ in range(4)]
    return DotPlot(DotConfig(), 2, np.arange(3) * 2, np.arange(4) * 2, *cells, 0.5, 0.25)


def test_the_message_holds_both_matrices(plot: DotPlot) -> None:
    message = dot_map.encode(plot, names=("a", "b"), unit="base", strands=True)
    size = int.from_bytes(message[:4], "little")
    header = json.loads(message[4 : 4 + size])
    assert (header["rows"], header["columns"], header["step"]) == (3, 4, 2)
    assert header["chance"] == [50, 25]
    for name, wanted in (("cosine", plot.signed_cosine), ("identity", plot.signed_identity)):
        start, length, _ = header["arrays"][name]
        part = message[4 + size + start : 4 + size + start + length]
        assert np.frombuffer(part, np.int8).reshape(3, 4).tolist() == wanted.tolist()


@pytest.mark.parametrize(
    ("sent", "found"),
    [
        ([2, 3], (2, 3)),
        ([3, 0], None),
        ([0, 4], None),
        ([-1, 0], None),
        ([0.0, 1.0], None),
        ([True, 1], None),
        ([1], None),
        ("11", None),
        ({"0": 1}, None),
        (None, None),
    ],
)
def test_a_cell_that_is_none_is_ignored(sent: object, found: object) -> None:
    assert dot_map.decode_cell({"cell": sent}, (3, 4)) == found


def test_nothing_sent_is_no_cell() -> None:
    assert dot_map.decode_cell({}, (3, 4)) is None
