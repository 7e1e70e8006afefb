"""The shape of an embedding against independent computations by Biopython, scipy and sklearn."""

from dataclasses import replace

import numpy as np
import pytest
from Bio.Align import PairwiseAligner
from scipy.stats import skew, spearmanr
from sklearn.decomposition import PCA
from sklearn.neighbors import NearestNeighbors

from bioskipgram.config import TrainConfig
from bioskipgram.kmers.tokenizer import KmerTokenizer
from bioskipgram.kmers.vocabulary import Vocabulary
from bioskipgram.model import geometry
from bioskipgram.model.embedding import KmerEmbedding
from tests.model.test_quality import all_kmers, made, random_vectors

K = 4
KMERS = all_kmers(K)
EMBEDDING = made(KMERS, random_vectors(len(KMERS), 5))


def test_alignment_scores_are_those_of_globalxx() -> None:
    random = np.random.default_rng(3)
    one, two = random.integers(0, 4, (2, 200, 8))
    aligner = PairwiseAligner(mode="global", match_score=1, mismatch_score=0, gap_score=0)
    texts = [["".join("ACGT"[base] for base in row) for row in rows] for rows in (one, two)]
    expected = [aligner.score(a, b) for a, b in zip(*texts, strict=True)]
    assert geometry.alignment_scores(one, two).tolist() == expected


def test_hubness_is_the_skewness_of_occurrences_among_ten_nearest() -> None:
    found = NearestNeighbors(n_neighbors=11, metric="cosine").fit(EMBEDDING.unit)
    lists = found.kneighbors(EMBEDDING.unit, return_distance=False)[:, 1:]
    expected = skew(np.bincount(lists.ravel(), minlength=len(EMBEDDING)))
    assert geometry.hubness(EMBEDDING) == pytest.approx(expected, abs=1e-9)


def test_gc_along_the_first_component_is_that_of_sklearn() -> None:
    gc = np.array([kmer.count("G") + kmer.count("C") for kmer in KMERS])
    vectors = random_vectors(len(KMERS), 5)
    vectors[:, 0] += 3 * (gc - gc.mean())
    embedding = made(KMERS, vectors)
    first = PCA(1).fit_transform(embedding.unit)[:, 0]
    expected = np.corrcoef(first, gc)[0, 1] ** 2
    assert expected > 0.3
    assert geometry.gc_of_first_component(embedding) == pytest.approx(expected, abs=1e-4)


def test_vectors_of_spelling_correlate_with_alignment_and_random_ones_do_not() -> None:
    letters = np.eye(4)[[["ACGT".index(base) for base in kmer] for kmer in KMERS]]
    spelt = made(KMERS, letters.sum(axis=1))
    assert (geometry.spelling(spelt) or 0) > 0.7
    assert abs(geometry.spelling(EMBEDDING) or 1) < 0.1


def test_pairs_are_neither_equal_nor_shifted_by_one() -> None:
    one, two, scores = geometry._pairs(EMBEDDING, np.random.default_rng(1))
    texts = EMBEDDING.vocabulary.texts
    for a, b in zip(one.tolist(), two.tolist(), strict=True):
        assert a != b
        assert texts[a][1:] != texts[b][:-1]
        assert texts[a][:-1] != texts[b][1:]
    assert set(scores.tolist()) == {0, 1, 2, 3}


def test_of_words_of_several_lengths_the_longest_are_paired() -> None:
    tokenizer = KmerTokenizer(4, k_min=3)
    vocabulary = Vocabulary(tokenizer, tokenizer.all_codes(), np.zeros(320, np.int64))
    config = TrainConfig(k=4, k_min=3, dim=5)
    center = np.concatenate([np.zeros((64, 5), np.float32), EMBEDDING.center])
    info = replace(EMBEDDING.info, config=config)
    mixed = KmerEmbedding(vocabulary, center, np.zeros_like(center), info)
    for (a, b), (one, two) in zip(
        zip(*geometry._pairs(mixed, np.random.default_rng(1))[:2], strict=True),
        zip(*geometry._pairs(EMBEDDING, np.random.default_rng(1))[:2], strict=True), strict=True,
    ):  # fmt: skip
        assert (a - 64, b - 64) == (one, two)
    assert geometry.spelling(mixed) == pytest.approx(geometry.spelling(EMBEDDING))


def test_the_length_of_a_vector_is_ranked_with_its_count() -> None:
    counts = EMBEDDING.vocabulary.counts
    assert geometry.measures(EMBEDDING)[geometry.COUNT] is None  # all counts are equal
    assert geometry.measures(EMBEDDING)[geometry.RARE] == float((counts < 10).mean())


def test_spearman_is_that_of_scipy() -> None:
    from bioskipgram.numerics.statistics import spearman

    one, two = np.random.default_rng(1).random((2, 30))
    assert spearman(one, two) == pytest.approx(spearmanr(one, two).statistic)
    assert spearman(one, np.ones(30)) is None
