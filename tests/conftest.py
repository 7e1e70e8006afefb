"""What many tests need: sequences made from text, and a corpus that has something to learn."""

import os
from collections.abc import Callable, Iterator
from itertools import accumulate

import numpy as np
import pytest
from hypothesis import settings

from bioskipgram.sequences.alphabet import DNA
from bioskipgram.sequences.sequences import Sequences

MakeSequences = Callable[..., Sequences]


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


@pytest.fixture(scope="module")
def one_thread() -> Iterator[None]:
    """Small tables: waiting for a second core that is busy costs more than it gives."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
