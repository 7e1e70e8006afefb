"""The vocabulary: what it counts, its distributions, its tokens, what it refuses."""

from collections import Counter
from math import sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bioskipgram.errors import QueryError, TrainingError
from bioskipgram.kmers.tokenizer import KmerTokenizer
from bioskipgram.kmers.vocabulary import Vocabulary
from tests.conftest import MakeSequences

relaxed = settings(deadline=None, max_examples=60)
records = st.lists(st.text("ACGT", max_size=20), max_size=4).map("N".join)
corpora = st.lists(records, max_size=4)
THREE = KmerTokenizer(3)


def made(*counts: int) -> Vocabulary:
    """A vocabulary of the first 3-mers, seen so often."""
    return Vocabulary(THREE, np.arange(len(counts)), np.array(counts, np.int64))


# Counting ------------------------------------------------------------------------------------


@relaxed
@given(corpora, st.integers(1, 5), st.integers(1, 3), st.booleans(), st.data())
def test_counts_are_those_of_a_plain_counter(
    sequences: MakeSequences,
    texts: list[str],
    k: int,
    min_count: int,
    canonical: bool,
    data: st.DataObject,
) -> None:
    stride = data.draw(st.integers(1, k), "stride")
    frame = data.draw(st.integers(0, stride - 1), "frame")
    counter: Counter[str] = Counter()
    for text in texts:
        for start in range(frame, len(text) - k + 1, stride):
            kmer = text[start : start + k]
            other = kmer[::-1].translate(str.maketrans("ACGT", "TGCA"))
            if "N" not in kmer:
                counter[min(kmer, other) if canonical else kmer] += 1
    expected = {kmer: seen for kmer, seen in counter.items() if seen >= min_count}

    tokenizer = KmerTokenizer(k, stride, frame, canonical)
    if not expected:
        with pytest.raises(TrainingError, match=f"no {k}-mer occurs {min_count} times or more"):
            Vocabulary.from_sequences(sequences(*texts), tokenizer, min_count=min_count)
        return
    vocabulary = Vocabulary.from_sequences(sequences(*texts), tokenizer, min_count=min_count)
    assert vocabulary.texts == sorted(expected)
    assert dict(zip(vocabulary.texts, vocabulary.counts.tolist(), strict=True)) == expected
    assert len(vocabulary) == len(expected)


def test_words_of_several_lengths_are_all_counted_where_the_longest_fits(
    sequences: MakeSequences,
) -> None:
    vocabulary = Vocabulary.from_sequences(sequences("ACACN", "CA"), KmerTokenizer(3, k_min=1))
    assert dict(zip(vocabulary.texts, vocabulary.counts.tolist(), strict=True)) == {
        "A": 1, "C": 1, "AC": 1, "CA": 1, "ACA": 1, "CAC": 1,
    }  # fmt: skip
    assert vocabulary.texts == ["A", "C", "AC", "CA", "ACA", "CAC"]
    with pytest.raises(
        TrainingError, match=r"no 2- to 3-mer occurs 1 times .* shorter than 3 bases"
    ):
        Vocabulary.from_sequences(sequences("AA"), KmerTokenizer(3, k_min=2))


def test_counts_of_several_lengths_are_those_expected_of_drawing(sequences: MakeSequences) -> None:
    texts = sequences("ACCGTATTGNACGATNACG", "GATTACA")
    tokenizer = KmerTokenizer(4, k_min=2)
    vocabulary = Vocabulary.from_sequences(texts, tokenizer, both_strands=True)

    class Always:
        def __init__(self, length: int) -> None:
            self.length = length

        def integers(self, *_: int, dtype: type) -> np.ndarray:
            return np.full(_[2], self.length, dtype)

    both, expected = texts.both_strands(), np.zeros(tokenizer.size, np.int64)
    for length in (2, 3, 4):  # each as likely as the others
        for record in range(len(both)):
            codes = tokenizer.drawn(both[record], Always(length))  # type: ignore[arg-type]
            expected += np.bincount(codes[codes >= 0], minlength=tokenizer.size)
    assert vocabulary.counts.tolist() == expected[vocabulary.kmers].tolist()
    assert vocabulary.counts.sum() == expected.sum()


# Tokens --------------------------------------------------------------------------------------


def test_a_token_is_a_position_and_minus_one_means_none(sequences: MakeSequences) -> None:
    vocabulary = Vocabulary.from_sequences(sequences("ACGTT"), KmerTokenizer(2))
    assert vocabulary.texts == ["AC", "CG", "GT", "TT"]
    codes = vocabulary.tokenizer.codes(vocabulary.tokenizer.alphabet.encode("AACGTTTNAT"))
    tokens = vocabulary.tokens(codes)
    assert tokens.dtype == np.int32
    assert tokens.tolist() == [-1, 0, 1, 2, 3, 3, -1, -1, -1]
    assert vocabulary.token("gt") == 2


def test_a_vocabulary_without_kmers_knows_no_token() -> None:
    assert made().tokens(np.array([0, 5, -1])).tolist() == [-1, -1, -1]


def test_a_kmer_that_was_never_seen_is_named(sequences: MakeSequences) -> None:
    vocabulary = Vocabulary.from_sequences(sequences("ACGTT"), KmerTokenizer(2))
    with pytest.raises(QueryError, match="AA is not in this model"):
        vocabulary.token("AA")
    with pytest.raises(QueryError, match="'ACG' is not a 2-mer"):
        vocabulary.token("ACG")


def test_canonical_vocabularies_know_a_kmer_by_either_strand(sequences: MakeSequences) -> None:
    vocabulary = Vocabulary.from_sequences(sequences("TTG"), KmerTokenizer(3, canonical=True))
    assert vocabulary.texts == ["CAA"]
    assert vocabulary.token("TTG") == vocabulary.token("CAA") == 0


# Distributions -------------------------------------------------------------------------------


@relaxed
@given(st.lists(st.integers(1, 10**9), min_size=1, max_size=20), st.floats(0, 1))
def test_noise_is_counts_to_a_power_made_to_sum_to_one(counts: list[int], power: float) -> None:
    weights = [count**power for count in counts]
    expected = [weight / sum(weights) for weight in weights]
    np.testing.assert_allclose(made(*counts).noise(power), expected, rtol=1e-12)


def test_noise_by_hand() -> None:
    np.testing.assert_allclose(made(1, 16).noise(0.75), [1 / 9, 8 / 9])
    np.testing.assert_allclose(made(1, 16).noise(0), [1 / 2, 1 / 2])
    np.testing.assert_allclose(made(1, 16).noise(1), [1 / 17, 16 / 17])


@relaxed
@given(st.lists(st.integers(1, 10**6), min_size=1, max_size=20), st.floats(1e-6, 1))
def test_kept_share_is_word2vecs(counts: list[int], sample: float) -> None:
    # word2vec.c: ran = (sqrt(cn / (sample * train_words)) + 1) * (sample * train_words) / cn
    words = sample * sum(counts)
    expected = [min(1.0, (sqrt(count / words) + 1) * words / count) for count in counts]
    np.testing.assert_allclose(made(*counts).keep_probability(sample), expected, rtol=1e-12)


def test_frequent_kmers_are_thinned_most_and_zero_keeps_all() -> None:
    vocabulary = made(1, 100, 10_000)
    kept = vocabulary.keep_probability(1e-3)
    assert kept[0] == 1
    assert 1 > kept[1] > kept[2] > 0
    assert vocabulary.keep_probability(0.0).tolist() == [1, 1, 1]


# What is refused -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kmers", "counts", "message"),
    [
        (np.array([0, 1], np.int32), np.array([1, 1]), r"^kmers: expected int64 .* found int32"),
        (np.array([[0]]), np.array([1]), r"^kmers: expected int64 with shape \('any',\)"),
        (np.array([0, 1]), np.array([1]), r"^counts: expected int64 with shape \(2,\), found .*1"),
        (np.array([0]), np.array([1.0]), r"^counts: expected int64 .* found float64"),
        (np.array([1, 1]), np.array([1, 1]), "kmers: not ascending k-mer codes"),
        (np.array([2, 1]), np.array([1, 1]), "kmers: not ascending k-mer codes"),
        (np.array([-1]), np.array([1]), "kmers: not ascending k-mer codes"),
        (np.array([64]), np.array([1]), "kmers: not ascending k-mer codes"),
    ],
)
def test_arrays_that_are_no_vocabulary_are_refused(
    kmers: np.ndarray, counts: np.ndarray, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        Vocabulary(THREE, kmers, counts)


def test_the_last_code_is_accepted_and_arrays_are_read_only() -> None:
    vocabulary = Vocabulary(THREE, np.array([0, 63]), np.array([1, 2]))
    assert vocabulary.texts == ["AAA", "TTT"]
    with pytest.raises(ValueError, match="read-only"):
        vocabulary.counts[0] = 5


def test_some_words_are_spelt_as_among_all() -> None:
    words = Vocabulary.from_counts(KmerTokenizer(3, k_min=2), np.ones(80, np.int64))
    tokens = np.array([79, 0, 16, 16], np.int32)
    assert words.spell(tokens) == [words.texts[token] for token in tokens] == [
        "TTT", "AA", "AAA", "AAA",
    ]  # fmt: skip
