"""A sparse dictionary finds the atoms that vectors were made of."""

import numpy as np
import pytest

from bioskipgram.errors import ConfigError
from bioskipgram.training.dictionary import dictionary
from tests.model.test_quality import all_kmers, made, random_vectors


def test_planted_atoms_are_found() -> None:
    random = np.random.default_rng(1)
    atoms = np.linalg.qr(random.standard_normal((12, 12)))[0].astype(np.float32)
    codes = np.zeros((256, 12), np.float32)
    for row in codes:
        row[random.choice(12, 2, replace=False)] = random.uniform(0.5, 1, 2)
    model = made(all_kmers(4), codes @ atoms)
    found = dictionary(model, atoms=24, active=3, steps=400)
    assert ((found.codes > 0).sum(axis=1) <= 3).all()
    assert (found.codes >= 0).all()
    np.testing.assert_allclose(np.linalg.norm(found.atoms, axis=1), 1, atol=1e-4)
    rebuilt = found.codes @ found.atoms + found.mean
    left = np.square(rebuilt - model.unit).sum() / np.square(model.unit - found.mean).sum()
    assert found.explained == pytest.approx(1 - left, abs=1e-4)
    assert found.explained > 0.8
    used = found.codes.sum(axis=0)
    assert (np.diff(used) <= 1e-4).all()
    members = found.members(0, 5)
    assert (np.diff(found.codes[members, 0]) <= 0).all()
    again = dictionary(model, atoms=24, active=3, steps=20)
    assert again.explained < found.explained


def test_more_atoms_than_kmers_are_refused() -> None:
    model = made(all_kmers(2), random_vectors(16, 4))
    with pytest.raises(ConfigError, match="atoms: 20 is not above active = 4 and up to 16"):
        dictionary(model, atoms=20)
