"""What is kept beside a model: where, and made once."""

from pathlib import Path

import pytest

from bioskipgram.model import beside

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("place", [beside.genes, beside.sequences, beside.quality])
@pytest.mark.parametrize("model", ["a/b.v2.safetensors", "a/b.v2"])
def test_files_stand_beside_their_model(place: object, model: str) -> None:
    assert callable(place)
    found = place(model)
    assert found.parent == Path("a")
    assert found.name.startswith(f"b.v2.{place.__name__}.")
    assert place(Path(model)) == found


def test_what_was_made_of_other_facts_has_another_place() -> None:
    first = beside.remade("a/b.v2.safetensors", "pca-2d", ["digest", {"seed": 1}])
    assert first.parent == Path("a/b.v2.layouts")
    assert first.name.startswith("pca-2d-")
    assert first == beside.remade("a/b.v2.safetensors", "pca-2d", '["digest", {"seed": 1}]')
    assert first != beside.remade("a/b.v2.safetensors", "pca-2d", ["digest", {"seed": 2}])


def test_what_stands_beside_a_model_is_no_model(tmp_path: Path) -> None:
    names = ["b", "a", "a.genes", "a.sequences", "a.state"]
    for name in names:
        (tmp_path / f"{name}.safetensors").touch()
    beside.quality(tmp_path / "a").touch()
    assert [path.stem for path in beside.models_in(tmp_path)] == ["a", "b"]
    assert beside.models_in(tmp_path / "none") == []


def test_what_is_missing_is_made_once(tmp_path: Path) -> None:
    made: list[str] = []

    def make() -> str:
        made.append("made")
        return "text"

    def save(text: str, path: Path) -> None:
        path.write_text(text)

    for _ in range(2):
        assert beside.kept(tmp_path / "x", Path.read_text, make, save) == "text"
    assert made == ["made"]
