"""What many tests need: sequences made from text, and a corpus that has something to learn."""

import os
import shutil
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from itertools import accumulate
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings

from bioskipgram.model import notebook
from bioskipgram.sequences.alphabet import DNA
from bioskipgram.sequences.sequences import Sequences

MakeSequences = Callable[..., Sequences]
ROOT = Path(__file__).parents[1]


# A time limit for each example fails where numba compiles or another program has the cores.
# CI tries the same examples each time; other runs try new ones.
settings.register_profile("unhurried", deadline=None, derandomize="CI" in os.environ)


settings.load_profile("unhurried")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Spread the files in Chromium, which wait most of their time, among the first of the others.

    Several processes take files in this order, and each file goes to one of them whole.
    """
    files = dict.fromkeys(item.path for item in items)
    waiting = [file for file in files if file.parent.name == "browser"]
    others = [file for file in files if file.parent.name != "browser"]
    place = {file: 0.7 * at / len(waiting) for at, file in enumerate(waiting)}
    place |= {file: at / len(others) for at, file in enumerate(others)}
    items.sort(key=lambda item: place[item.path])


@pytest.fixture(scope="session")
def sequences() -> MakeSequences:
    """Return ``sequences(*texts)``: one record for each text, which may be empty or hold N."""

    def make(*texts: str) -> Sequences:
        names = tuple(f"record {number}" for number in range(1, len(texts) + 1))
        offsets = np.array([0, *accumulate(map(len, texts))], np.int64)
        return Sequences(names, names, DNA.encode("".join(texts)), offsets)

    return make


@pytest.fixture(scope="session")
def motif_text() -> Callable[..., str]:
    """Return ``motif_text(words)``: random DNA strewn with motifs, so that some k-mers attract."""

    def make(words: int = 400, seed: int = 5) -> str:
        random = np.random.default_rng(seed)
        motifs = ["ACGACG", "TTGGTT", "CAT", "GGA", "A", "C", "G", "T"]
        return "".join(random.choice(motifs, words))

    return make


@pytest.fixture
def as_documented(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A working folder with links to the shipped models and data; training's signals undone.

    What the dashboard draws for a command is drawn in this process: another would import for
    seconds.
    """

    def draw(module: str, model: Path, out: Path, words: Sequence[str]) -> None:
        monkeypatch.setattr(sys, "argv", [module, str(model), f"--out={out}", *words])
        assert import_module(f"dashboard.shared.{module}").main() == 0

    for folder in ("models", "bioskipgram/data"):
        # Links to files in folders of our own: what a command writes beside them stays here.
        shutil.copytree(ROOT / folder, tmp_path / folder, copy_function=os.symlink)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(notebook, "draw", draw)
    kept = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield tmp_path
    for number, handler in kept.items():
        signal.signal(number, handler)


@pytest.fixture(scope="module")
def one_thread() -> Iterator[None]:
    """Small tables: waiting for a second core that is busy costs more than it gives."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
