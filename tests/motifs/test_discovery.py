"""A group's matrix, and the likeness of motifs, checked column by column."""

import numpy as np
import pytest
from scipy import stats

import bioskipgram as bsg
from bioskipgram.errors import ConfigError, QueryError
from bioskipgram.motifs.discovery import MEASURES, compare, motif_of
from bioskipgram.motifs.library import jaspar
from bioskipgram.motifs.matrix import Motif
from tests.motifs.test_matrix import random_motif


@pytest.fixture(scope="module")
def embedding():
    text = "".join(np.random.default_rng(1).choice(list("ACGT"), 3000))
    training = bsg.Training(
        bsg.read(f">a\n{text}\n".encode()), bsg.TrainConfig(k=4, dim=8, steps=2)
    )
    for _ in training:
        pass
    return training.embedding()


def test_the_matrix_of_a_group_is_that_of_its_logo(embedding) -> None:
    words = ["ACGT", "AACG", "CGTT", "ACGA"]
    tokens = np.array([embedding.vocabulary.token(word) for word in words], np.int32)
    motif = motif_of(embedding, tokens, name="x")
    assert motif.weights.tolist() == [[3, 1, 0, 0], [1, 2, 1, 0], [0, 1, 2, 1], [1, 0, 1, 2]]
    assert motif.about == "4 k-mers, by position, not slid"
    with pytest.raises(QueryError, match="1 k-mers; a matrix needs at least 2"):
        motif_of(embedding, tokens[:1], name="x")


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize("seed", [1, 2])
def test_a_motif_is_most_like_itself_shifted_or_turned(measure: str, seed: int) -> None:
    known = jaspar()
    target = int(np.random.default_rng(seed).integers(len(known)))
    wide = known[target]
    piece = Motif("piece", wide.weights[1:].copy())
    for query, strand in ((piece, 1), (piece.reverse_complement, -1)):
        found = compare(query, known, measure=measure)
        rank = found.targets.tolist().index(target)
        assert found.scores[rank] == pytest.approx(1 if measure == "pearson" else 2, abs=0.02)
        assert found.q[rank] < 0.05
        assert found.overlaps[rank] == len(piece)
        if not np.allclose(wide.weights, wide.weights[::-1, ::-1], rtol=0.3):
            assert found.strands[rank] == strand


@pytest.mark.parametrize("measure", MEASURES)
def test_scores_are_those_of_the_columns(measure: str) -> None:
    query, targets = random_motif(6, 1), [random_motif(length, length) for length in (4, 6, 9)]
    found = compare(query, targets, measure=measure)
    for i, target in enumerate(found.targets):
        other = targets[target]
        other = other if found.strands[i] > 0 else other.reverse_complement
        offset = int(found.offsets[i])
        over = [(j, j + offset) for j in range(6) if 0 <= j + offset < len(other)]
        assert len(over) == found.overlaps[i] >= 4
        mine, theirs = query.shares(), other.shares()
        each = [
            stats.pearsonr(mine[a], theirs[b]).statistic
            if measure == "pearson"
            else 2 - ((mine[a] - theirs[b]) ** 2).sum()
            for a, b in over
        ]
        assert found.scores[i] == pytest.approx(np.mean(each), abs=0.02)


def test_shuffled_motifs_are_like_nothing_more_often_than_p_says() -> None:
    random, known = np.random.default_rng(5), jaspar()[:300]
    columns = np.concatenate([motif.weights for motif in known])
    p = [
        compare(Motif("r", columns[random.integers(0, len(columns), 9)]), known).p for _ in range(6)
    ]
    values = np.concatenate(p)
    assert (values < 0.1).mean() == pytest.approx(0.1, abs=0.05)
    assert (values < 0.01).mean() < 0.03
    assert values.min() > 0


def test_an_unknown_measure_is_refused() -> None:
    with pytest.raises(ConfigError, match="measure: 'kl' is not one of pearson, sandelin"):
        compare(random_motif(5, 1), [random_motif(5, 2)], measure="kl")
