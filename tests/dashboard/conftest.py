"""What every test of a page needs: a folder of its own for runs."""

from pathlib import Path

import pytest

from dashboard.shared import cache


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep runs in a folder of the test's own, and return it.

    Nothing is cleared from the caches: their keys hold the path of each file, so models in such a
    folder are new ones, and those that ship are read once for all tests.
    """
    monkeypatch.setattr(cache, "RUNS", tmp_path / "runs")
    return tmp_path
