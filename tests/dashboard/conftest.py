"""What every test of a page needs: folders of its own for runs and for what is kept."""

import shutil
from pathlib import Path

import pytest

from dashboard.motifs import cache as motifs
from dashboard.motifs import in_sequences
from dashboard.shared import cache
from dashboard.train import cache as train
from tests.dashboard import pages

TEXT = "ACGTTGCATTAGCATCGATTACGCATGCTTAGGCATCGGATTACAGTGGCCATTGACCATG"


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep runs and findings in folders of the test's own; return the folder above them.

    Nothing is cleared from the caches: their keys hold the path of each file, so models in such a
    folder are new ones, and those that ship are read once for all tests.
    """
    monkeypatch.setattr(cache, "RUNS", tmp_path / "runs")
    # An estimate is measured by a process, for seconds.
    monkeypatch.setattr(train, "estimate", lambda *_: {"in all": "7.4 s", "peak memory": "0.5 GB",
                                                       "available": "8 GB"})  # fmt: skip
    # One block of shuffles on the Motifs page; a thousand take four seconds.
    monkeypatch.setattr(in_sequences, "SHUFFLES", motifs.BLOCK)
    monkeypatch.setenv("BIOSKIPGRAM_SESSIONS", str(tmp_path / "sessions"))
    return tmp_path


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of small models: two seeds, words of several lengths, codons, protein, RNA."""
    folder = tmp_path_factory.mktemp("models")
    for seed in (1, 2):
        pages.save_trained(folder / f"seed{seed}.safetensors", TEXT, k=2, seed=seed)
    pages.save_trained(folder / "mixed.safetensors", TEXT, k=4, k_min=2, epochs=1)
    pages.save_trained(folder / "codons.safetensors", TEXT, k=3, stride=3)
    pages.save_trained(folder / "protein.safetensors", "MKVLAAGIVGLLLAQWERTYHPSDF", k=2,
                 alphabet="protein")  # fmt: skip
    pages.save_trained(folder / "rna.safetensors", TEXT.replace("T", "U"), k=2, alphabet="RNA")
    shutil.copy(folder / "seed1.safetensors", folder / "copy.safetensors")
    return folder


@pytest.fixture
def models(trained: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The page knows the small models only."""
    monkeypatch.setattr(cache, "MODELS", trained)
    return trained
