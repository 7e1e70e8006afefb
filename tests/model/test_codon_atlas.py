"""Codons of several species: Mantel tests against scipy, alignment of rotated models."""

import numpy as np
import pytest
from scipy.stats import ortho_group, spearmanr

from bioskipgram.kmers.genetic_code import translate
from bioskipgram.model import codon_atlas
from bioskipgram.model.embedding import KmerEmbedding
from tests.model.test_quality import all_kmers, made, random_vectors

CODONS = all_kmers(3)


def codons(vectors: np.ndarray) -> KmerEmbedding:
    return made(CODONS, vectors, stride=3)


def test_the_correlation_is_that_of_scipy_over_all_pairs() -> None:
    embedding = codons(random_vectors(64, 6))
    values = codon_atlas.properties(embedding)["hydropathy of the amino acid"]
    tokens, texts = codon_atlas.sense(embedding)
    assert len(texts) == len(values) == 61
    unit = embedding.unit[tokens]
    upper = np.triu_indices(61, 1)
    apart = np.abs(values[:, None] - values[None])[upper]
    expected = spearmanr((1 - unit @ unit.T)[upper], apart).statistic
    found = codon_atlas.mantel(embedding, values)
    assert found.r == pytest.approx(expected, abs=1e-6)
    spelt = [
        sum(a != b for a, b in zip(texts[i], texts[j], strict=True)) for i, j in np.transpose(upper)
    ]
    assert found.by_spelling == pytest.approx(spearmanr(spelt, apart).statistic)


def test_vectors_by_hydropathy_are_found_and_random_ones_are_not() -> None:
    letters = [translate(codon) for codon in CODONS]
    known = [codon_atlas.HYDROPATHY.get(letter, 0.0) for letter in letters]
    angle = np.array(known) / 9
    ordered = codons(np.stack([np.cos(angle), np.sin(angle)], axis=1))
    values = codon_atlas.properties(ordered)["hydropathy of the amino acid"]
    assert codon_atlas.mantel(ordered, values).p == 1 / 1000
    chances = [
        codon_atlas.mantel(codons(random_vectors(64, 6, seed)), values).p for seed in range(1, 9)
    ]
    assert min(chances) > 0.005
    assert max(chances) > 0.3


def test_a_turned_model_lies_over_the_first() -> None:
    vectors = random_vectors(64, 5)
    turned = vectors @ ortho_group.rvs(5, random_state=1).astype(np.float32)
    maps = codon_atlas.aligned({"one": codons(vectors), "two": codons(turned)})
    assert maps["one"][0] == maps["two"][0]
    np.testing.assert_allclose(maps["one"][1], maps["two"][1], atol=1e-4)


def test_the_stability_of_every_sense_codon_ships() -> None:
    found = codon_atlas.stability()
    assert set(found) == {codon for codon in CODONS if translate(codon) != "*"}
    assert found["ATC"] > 0.15
    assert found["AGT"] < -0.15
