"""Neighbours that are not spelt alike, and what they share: against loops over the letters."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bioskipgram.config import TrainConfig
from bioskipgram.errors import ConfigError, QueryError
from bioskipgram.kmers.tokenizer import KmerTokenizer
from bioskipgram.kmers.vocabulary import Vocabulary
from bioskipgram.model.unspelt import (
    agreement,
    frame_shares,
    shared_groups,
    shared_groups_by_chance,
    spelt_alike,
    unspelt_neighbors,
)
from bioskipgram.sequences.alphabet import PROTEIN
from tests.conftest import MakeSequences
from tests.model.test_quality import all_kmers, made, random_vectors


def alike(one: str, other: str) -> bool:
    """The definition, by hand."""
    k = len(one)
    shifted = any(one[d:] == other[: k - d] or other[d:] == one[: k - d]
                  for d in range(1, k // 2 + 1))  # fmt: skip
    return shifted or sum(a != b for a, b in zip(one, other, strict=True)) <= k // 3


def twin(kmer: str) -> str:
    return kmer[::-1].translate(str.maketrans("ACGT", "TGCA"))


def every(k: int) -> Vocabulary:
    return Vocabulary(KmerTokenizer(k), np.arange(4**k), np.ones(4**k, np.int64))


@pytest.mark.parametrize("both_strands", [False, True])
@pytest.mark.parametrize("k", [1, 2, 3, 4, 5, 6, 7, 8])
@settings(deadline=None, max_examples=30)
@given(data=st.data())
def test_alike_is_what_the_letters_say(k: int, both_strands: bool, data: st.DataObject) -> None:
    cut = KmerTokenizer(k)
    # Few letters make many pairs alike.
    texts = data.draw(st.lists(st.text("ACG", min_size=k, max_size=k), min_size=1, max_size=6))
    texts += [text[1:] + "T" for text in texts] + [twin(text) for text in texts]
    codes = np.array([cut.encode(text) for text in texts])
    expected = [[alike(a, b) or (both_strands and alike(twin(a), b)) for b in texts] for a in texts]
    assert spelt_alike(cut, codes, codes, both_strands=both_strands).tolist() == expected


def test_proteins_are_compared_as_well() -> None:
    cut = KmerTokenizer(4, alphabet=PROTEIN)
    codes = np.array([cut.encode(text) for text in ("MKVL", "MKVW", "VLAA", "MAAL")])
    assert spelt_alike(cut, codes[:1], codes).tolist() == [[True, True, True, False]]


def test_words_of_several_lengths_are_refused() -> None:
    cut = KmerTokenizer(3, k_min=1)
    with pytest.raises(ConfigError, match=r"^k-min: k-mers of one length are compared"):
        spelt_alike(cut, cut.all_codes(), cut.all_codes())


@pytest.mark.parametrize("both_strands", [False, True])
def test_neighbors_are_the_nearest_of_those_not_alike(both_strands: bool) -> None:
    kmers = all_kmers(4)
    model = made(kmers, random_vectors(256, 5))
    found = unspelt_neighbors(model, n=7, both_strands=both_strands)
    cosines = model.unit @ model.unit.T
    for token, row in enumerate(found.tolist()):
        free = [
            other
            for other, kmer in enumerate(kmers)
            if not alike(kmers[token], kmer)
            and not (both_strands and alike(twin(kmers[token]), kmer))
        ]
        assert row == sorted(free, key=lambda other: -cosines[token, other])[:7]
    some = np.array([200, 3], np.int32)
    assert (unspelt_neighbors(model, some, n=7, both_strands=both_strands) == found[some]).all()
    codes = model.vocabulary.kmers
    known = spelt_alike(model.vocabulary.tokenizer, codes, codes, both_strands=both_strands)
    assert (unspelt_neighbors(model, n=7, alike=known) == found).all()


def test_fewer_neighbors_where_a_kmer_has_fewer() -> None:
    model = made(["AAAA", "AAAC", "CCGG", "TTTT"], random_vectors(4, 3))
    assert unspelt_neighbors(model).shape == (4, 2)
    with pytest.raises(QueryError, match=r"^some k-mer is spelt like all others"):
        unspelt_neighbors(made(["AAAA", "AAAC"], random_vectors(2, 3)))


def test_agreement_by_hand() -> None:
    neighbors = np.array([[1, 2], [0, 2], [3, 0], [2, 2]], np.int32)
    values = np.array([1.0, 2.0, 4.0, 8.0])
    around = [3.0, 2.5, 4.5, 4.0]
    assert agreement(values, neighbors) == pytest.approx(np.corrcoef(values, around)[0, 1])
    values[0] = np.nan  # left out, as a k-mer and as a neighbour
    expected = np.corrcoef([2.0, 4.0, 8.0], [4.0, 8.0, 4.0])[0, 1]
    assert agreement(values, neighbors) == pytest.approx(expected)
    assert np.isnan(agreement(np.ones(4), neighbors))


def test_groups_in_common() -> None:
    members = np.array([[1, 0], [1, 1], [0, 1], [0, 0]], np.bool_)
    tokens = np.arange(4, dtype=np.int32)
    neighbors = np.array([[1, 2], [0, 2], [0, 3], [0, 1]], np.int32)
    assert shared_groups(members, tokens, neighbors) == (1 + 2 + 0) / 6  # the last has no group


@pytest.mark.parametrize("both_strands", [False, True])
def test_groups_by_chance_are_those_of_many_draws(both_strands: bool) -> None:
    vocabulary = every(4)
    members = np.random.default_rng(1).random((256, 9)) < 0.1
    cut, codes = vocabulary.tokenizer, vocabulary.kmers
    free = ~spelt_alike(cut, codes, codes, both_strands=both_strands)
    tokens = np.flatnonzero(members.any(axis=1)).astype(np.int32)
    shares = [
        shared_groups(members, np.array([token], np.int32), np.flatnonzero(free[token])[None])
        for token in tokens
    ]
    chance = shared_groups_by_chance(members, vocabulary, both_strands=both_strands)
    assert chance == pytest.approx(np.mean(shares), abs=1e-6)


@settings(deadline=None, max_examples=40)
@given(
    texts=st.lists(st.text("ACGTN", max_size=30), min_size=1, max_size=4),
    frame=st.integers(0, 2),
    stride=st.integers(1, 2),
)
def test_frame_shares_are_counted_start_by_start(
    sequences: MakeSequences, texts: list[str], frame: int, stride: int
) -> None:
    cut = TrainConfig(k=2, stride=stride).tokenizer
    vocabulary = Vocabulary(cut, np.arange(1, 16), np.ones(15, np.int64))
    seen, inside = np.zeros(15), np.zeros(15)
    for text in texts:
        for start in range(len(text) - 1):
            kmer = text[start : start + 2]
            if "N" not in kmer and kmer != "AA":
                seen[cut.encode(kmer) - 1] += 1
                inside[cut.encode(kmer) - 1] += start % 3 == frame
    mean = inside.sum() / max(1, seen.sum())
    expected = [i / s if s else mean for i, s in zip(inside, seen, strict=True)]
    assert frame_shares(sequences(*texts), vocabulary, frame=frame).tolist() == expected
