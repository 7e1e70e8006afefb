"""Alignment-free distances against the arithmetic of sets and dictionaries."""

from collections import Counter
from math import log, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bioskipgram.genes import counts, distances
from bioskipgram.kmers.tokenizer import KmerTokenizer
from bioskipgram.kmers.vocabulary import Vocabulary
from tests.conftest import MakeSequences

K = 2
TEXTS = st.lists(st.text("ACGTN", max_size=15), min_size=1, max_size=4)


def counted(texts: list[str], sequences: MakeSequences) -> counts.Csr:
    tokenizer = KmerTokenizer(K)
    vocabulary = Vocabulary(tokenizer, tokenizer.all_codes(), np.ones(4**K, np.int64))
    return counts.counts(vocabulary, sequences(*texts)).matrix


def words(text: str) -> Counter[str]:
    found = (text[i : i + K] for i in range(len(text) - K + 1))
    return Counter(word for word in found if "N" not in word)


@given(first=TEXTS, second=TEXTS)
@settings(max_examples=60, deadline=None)
def test_against_sets_and_dictionaries(
    first: list[str], second: list[str], sequences: MakeSequences
) -> None:
    a, b = counted(first, sequences), counted(second, sequences)
    jaccard, mash = distances.jaccard(a, b), distances.mash(a, b, K)
    d2, cosine = distances.d2(a, b), distances.kmer_cosine(a, b)
    assert jaccard.shape == mash.shape == d2.shape == cosine.shape == (len(first), len(second))
    for i, one in enumerate(map(words, first)):
        for j, two in enumerate(map(words, second)):
            shared, union = len(set(one) & set(two)), len(set(one) | set(two))
            index = shared / union if union else 0
            assert jaccard[i, j] == pytest.approx(index)
            wanted = -log(2 * index / (1 + index)) / K if index else 1
            assert mash[i, j] == pytest.approx(min(wanted, 1), abs=1e-12)
            product = sum(one[word] * two[word] for word in one)
            assert d2[i, j] == product
            norm = sqrt(sum(n * n for n in one.values()) * sum(n * n for n in two.values()))
            assert cosine[i, j] == pytest.approx(product / norm if norm else 0)


def test_mash_estimates_substitutions(sequences: MakeSequences) -> None:
    """Ondov et al. 2016: the distance is about the share of substituted bases."""
    random = np.random.default_rng(2)
    bases = random.integers(0, 4, 20_000)
    changed = np.where(
        random.random(20_000) < 0.05, (bases + random.integers(1, 4, 20_000)) % 4, bases
    )
    texts = ["".join("ACGT"[b] for b in both) for both in (bases, changed)]
    tokenizer = KmerTokenizer(11)
    both = sequences(*texts)
    matrix = counts.counts(Vocabulary.from_sequences(both, tokenizer), both).matrix
    found = distances.mash(matrix, matrix, 11)
    assert found[0, 1] == pytest.approx(0.05, abs=0.01)
    assert found[0, 0] == 0


def test_a_record_is_no_way_from_itself(sequences: MakeSequences) -> None:
    matrix = counted(["ACGT", "", "N"], sequences)
    assert np.diag(distances.mash(matrix, matrix, K)).tolist() == [0, 0, 0]
    assert distances.mash(matrix, matrix, K)[1, 2] == 1


def test_cosines_become_distances() -> None:
    cosines = np.array([[1.0000001, 0.5, -1], [0.5, 0, 0], [-1, 0, 0.99]], np.float32)
    found = distances.from_cosines(cosines)
    np.testing.assert_allclose(found, [[0, 0.5, 2], [0.5, 0, 1], [2, 1, 0]])
