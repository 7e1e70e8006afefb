"""A model's quality as data: there and back, and refused where it is not such a report."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bioskipgram.errors import CheckpointError
from bioskipgram.model import quality_file
from bioskipgram.model.quality import Judged
from bioskipgram.model.quality_file import QualityReport

numbers = st.floats(-10, 10)
judged = st.builds(
    Judged,
    numbers,
    st.lists(numbers, max_size=3).map(tuple),
    st.dictionaries(st.text(max_size=5), st.lists(numbers, max_size=3).map(tuple), max_size=2),
    st.dictionaries(st.text(max_size=5), numbers, max_size=2),
)
reports = st.builds(
    QualityReport, st.text(), st.text(), st.text(), st.text(),
    st.dictionaries(st.text(max_size=8), judged, max_size=3),
)  # fmt: skip


@given(reports)
def test_a_report_comes_back_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, report: QualityReport
) -> None:
    path = tmp_path_factory.mktemp("report") / "x.quality.json"
    quality_file.save(report, path)
    assert quality_file.load(path) == report


GOOD = {
    "format": "bioskipgram-quality/1", "digest": "d", "source": "s", "sha256": "h", "version": "v",
    "measures": {"gap": {"value": 0.5, "seeds": [], "nulls": {}, "baselines": {}}},
}  # fmt: skip


@pytest.mark.parametrize(
    "change",
    [
        {"format": "other"},
        {"digest": 3},
        {"measures": []},
        {"measures": {"gap": {"value": None, "seeds": [], "nulls": {}, "baselines": {}}}},
        {"measures": {"gap": {"value": 1e999, "seeds": [], "nulls": {}, "baselines": {}}}},
        {"measures": {"gap": {"value": True, "seeds": [], "nulls": {}, "baselines": {}}}},
        {"measures": {"gap": {"value": 1, "seeds": 3, "nulls": {}, "baselines": {}}}},
        {"measures": {"gap": {"value": 1, "seeds": [], "nulls": {"a": "b"}, "baselines": {}}}},
    ],
)
def test_what_is_no_report_is_one_sentence(tmp_path: Path, change: dict[str, object]) -> None:
    path = tmp_path / "x.quality.json"
    path.write_text(json.dumps(GOOD))
    assert quality_file.load(path).measures["gap"].value == 0.5
    path.write_text(json.dumps(GOOD | change))
    with pytest.raises(CheckpointError, match=r"^x\.quality\.json: no report of a model's quality"):
        quality_file.load(path)


def test_a_report_that_is_missing_or_no_text(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="cannot be read"):
        quality_file.load(tmp_path / "x.quality.json")
    (tmp_path / "x.quality.json").write_bytes(b"\xff\x00")
    with pytest.raises(CheckpointError, match="no report of a model's quality"):
        quality_file.load(tmp_path / "x.quality.json")
