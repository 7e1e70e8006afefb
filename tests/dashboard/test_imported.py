"""A model of another program's vectors: every page opens, and says what is missing."""

from pathlib import Path

import pytest

from bioskipgram.model import checkpoint, exchange, word_vectors
from dashboard import state
from dashboard.shared import cache, top_bar
from tests.dashboard.pages import open_page, words


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with nothing but codons that came as word2vec text."""
    folder = tmp_path_factory.mktemp("imported")
    text = folder / "codons.txt"
    exchange.write(word_vectors.of_model(checkpoint.load("human-cds-codon")), text, "word2vec")
    model, _ = exchange.read(text, stride=3)
    checkpoint.save(model, folder / "theirs.safetensors")
    text.unlink()
    return folder


@pytest.mark.parametrize("page", ["", "similarity", "genes", "motifs", "variants", "quality"])
def test_every_page_opens_on_it(folder: Path, monkeypatch: pytest.MonkeyPatch, page: str) -> None:
    monkeypatch.setattr(cache, "MODELS", folder)
    app = open_page(page, **{state.MODEL: "theirs"})
    assert not app.exception
    said = words(app)
    told = top_bar.describe(cache.models()["theirs"])
    assert "which does not hold: counts, contexts, loss" in told
    if page == "variants":
        assert "came without context vectors" in said
