"""The sum of two words against the word that joins them, in worlds made so that it is known."""

from dataclasses import replace

import numpy as np
import pytest

from bioskipgram.errors import QueryError
from bioskipgram.model.concatenation import Joins, lengths, measure
from bioskipgram.model.embedding import KmerEmbedding
from tests.model.test_embedding import cosine, made_up, vocabulary


def composed(k: int, **settings: int) -> KmerEmbedding:
    """A world where a word's vector is the sum of its letters': composition and nothing else."""
    words = vocabulary(k, **settings)
    counts = np.array([[text.count(letter) for letter in "ACGT"] for text in words.texts])
    return replace(made_up(k, dim=4, **settings), center=counts.astype(np.float32))


def test_joins_of_one_length_overlap_or_meet_in_the_word_between() -> None:
    words = vocabulary(4)
    joins = Joins.drawn(words, sample=30)
    assert sorted(set(joins.length.tolist())) == [6, 7, 8]
    texts = words.texts
    for a, b, m, s, length in zip(
        joins.first, joins.second, joins.expected, joins.swapped, joins.length, strict=True
    ):
        overlap = 8 - length
        assert overlap == 0 or texts[a].endswith(texts[b][:overlap])
        joined = texts[a] + texts[b][overlap:]
        assert texts[m] == joined[(length - 4) // 2 :][:4]
        assert s < 0 or texts[s] == (texts[b] + texts[a])[2:6]
    assert (joins.swapped[joins.length < 8] < 0).all()


def test_joins_of_several_lengths_are_concatenations() -> None:
    words = vocabulary(5, k_min=2)
    joins = Joins.drawn(words, sample=40)
    assert set(joins.length.tolist()) == {4, 5}
    texts = words.texts
    for a, b, ab, ba in zip(joins.first, joins.second, joins.expected, joins.swapped, strict=True):
        assert texts[ab] == texts[a] + texts[b]
        assert ba < 0 or texts[ba] == texts[b] + texts[a]


def test_joins_in_frame_stay_in_frame() -> None:
    words = vocabulary(6, stride=3)
    joins = Joins.drawn(words, sample=20)
    assert set(joins.length.tolist()) == {12}
    texts = words.texts
    for a, b, m in zip(joins.first, joins.second, joins.expected, strict=True):
        assert texts[m] == texts[a][3:] + texts[b][:3]


def test_unknown_words_are_no_pairs() -> None:
    words = vocabulary(3, "AAC", "ACG", "CGT", "GGA")
    joins = Joins.drawn(words, sample=2000)
    assert len(joins)
    assert {words.texts[t] for t in joins.expected} == {"ACG"}
    assert (joins.swapped == -1).all()


def test_ranks_are_those_of_a_full_sort() -> None:
    model = made_up(3, dim=8)
    found = measure(model, sample=20)
    joins, unit = found.joins, model.unit.astype(float)
    for row in range(len(joins)):
        a, b, m = joins.first[row], joins.second[row], joins.expected[row]
        others = [t for t in range(64) if t not in (a, b)]
        ranked = sorted(others, key=lambda t: -cosine(unit[a] + unit[b], unit[t]))
        assert ranked.index(m) + 1 == found.ranks[row]
    assert found.words == 62


def test_where_vectors_are_composition_the_sum_finds_the_concatenation_and_knows_no_order() -> None:
    found = measure(composed(6, k_min=2), sample=60)
    whole = found.within(1)
    assert whole is not None
    assert whole > 0.7  # not all: a sum of directions is not the direction of a sum
    asked = found.swapped > 0
    np.testing.assert_array_equal(found.swapped[asked], found.ranks[asked])
    shuffled = found.within(1, "shuffled")
    assert shuffled is not None
    assert shuffled < 0.1
    assert len(found.joins) == 60 * 3


def test_random_vectors_are_at_their_null() -> None:
    found = measure(made_up(4, dim=32), sample=300)
    for name in ("ranks", "other_partner", "shuffled"):
        median = found.median(name)
        assert median is not None
        assert 0.4 < median / found.words < 0.6


def test_shares_and_medians_are_of_the_lengths_asked() -> None:
    found = measure(made_up(4), sample=30)
    ranks = found.ranks[found.joins.length == 7]
    assert found.within(50, length=7) == pytest.approx((ranks <= 50).mean())
    assert found.median(length=7) == np.median(ranks)
    assert found.within(10, "swapped", length=7) is None


def test_a_codon_model_has_no_word_between_two() -> None:
    model = made_up(3, stride=3)
    assert list(lengths(model.vocabulary.tokenizer)) == []
    with pytest.raises(QueryError, match="3-mers in steps of 3: no two join around a third"):
        measure(model)


def test_the_same_seed_draws_the_same_pairs() -> None:
    words = vocabulary(4)
    one, two, other = (Joins.drawn(words, sample=9, seed=seed) for seed in (1, 1, 2))
    assert one.first.tolist() == two.first.tolist() != other.first.tolist()
