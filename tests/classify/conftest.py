"""Made-up classes: a motif planted in random sequences, on either strand."""

import numpy as np
import pytest

from bioskipgram.classify.labelled import Labelled, labelled
from bioskipgram.sequences.upload import read_all

MOTIF = "TGACTCAGC"


def planted(n: int, *, length: int = 60, seed: int = 1, at: int = -1) -> Labelled:
    """n random sequences, every second of the class "bound" with the motif; `at` -1 = anywhere."""
    random = np.random.default_rng(seed)
    turn = str.maketrans("ACGT", "TGCA")
    texts = []
    for i in range(n):
        text = "".join(random.choice(list("ACGT"), length))
        if i % 2:
            place = at if at >= 0 else int(random.integers(0, length - len(MOTIF)))
            word = MOTIF if at >= 0 or random.random() < 0.5 else MOTIF[::-1].translate(turn)
            text = text[:place] + word + text[place + len(MOTIF) :]
        texts.append(f">{i}\n{text}\n")
    records = read_all([("x.fa", "".join(texts).encode())]).sequences
    return labelled(records, ["free", "bound"] * (n // 2))


@pytest.fixture(scope="session")
def bound() -> Labelled:
    return planted(600)


@pytest.fixture(scope="session")
def others() -> Labelled:
    return planted(300, seed=2)
