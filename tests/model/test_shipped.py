"""Models by name: those that ship, those of the user's folder, those the dashboard was given."""

import os
from pathlib import Path

import pytest

from bioskipgram.errors import ConfigError
from bioskipgram.model import checkpoint, shipped


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of the user's own models, empty."""
    monkeypatch.setenv("BIOSKIPGRAM_MODELS", str(tmp_path))
    return tmp_path


def test_the_frame_aware_6_mers_come_first() -> None:
    assert next(iter(shipped.models())) == "human-cds-k6"


def test_a_name_finds_a_model_wherever_one_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir("/")
    assert len(checkpoint.load("human-cds-codon")) == 64


def test_a_models_own_copy_replaces_the_shipped_one(own: Path) -> None:
    mine = own / "human-cds-k6.safetensors"
    assert shipped.model_path("human-cds-k6") != mine
    mine.touch()
    assert shipped.model_path("human-cds-k6") == mine
    assert next(iter(shipped.models())) == "human-cds-k6"


def test_what_the_dashboard_was_given_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(
        shipped.OPENED, os.pathsep.join(["/a/one.safetensors", "/b/two.safetensors"])
    )
    assert list(shipped.models())[:3] == ["one", "two", "human-cds-k6"]


@pytest.mark.parametrize("text", ["a/human-cds-k6", "human-cds-k6.safetensors", "x.bin"])
def test_a_path_stays_a_path(text: str) -> None:
    assert shipped.model_path(text) == Path(text)


def test_a_file_without_a_suffix_is_no_name(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(own)
    Path("human-cds-k6").touch()
    assert shipped.model_path("human-cds-k6") == Path("human-cds-k6")


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(ConfigError, match=r"^mouse: neither a file nor .*human-cds-k6.*download-"):
        shipped.model_path("mouse")


def test_the_own_folder_follows_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BIOSKIPGRAM_MODELS", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", "/data")
    assert shipped.own_folder() == Path("/data/bioskipgram/models")
    monkeypatch.delenv("XDG_DATA_HOME")
    monkeypatch.setenv("HOME", "/home/ada")
    assert shipped.own_folder() == Path("/home/ada/.local/share/bioskipgram/models")
