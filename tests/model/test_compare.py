"""Two queries and two models side by side, against slow and obvious answers and their nulls."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.spatial.distance import squareform
from scipy.stats import ortho_group

from bioskipgram.errors import QueryError
from bioskipgram.model.compare import (
    align,
    common,
    cosines,
    differences,
    expected_jaccard,
    jaccard,
    laid_over,
    neighbor_lists,
    tree,
    two_lists,
)
from bioskipgram.model.embedding import KmerEmbedding
from bioskipgram.model.queries import ask
from tests.model.test_embedding import cosine, made_up


def rotated(model: KmerEmbedding, *, seed: int = 3) -> KmerEmbedding:
    turn = ortho_group.rvs(model.center.shape[1], random_state=seed).astype(np.float32)
    return replace(model, center=np.ascontiguousarray(model.center @ turn))


# Queries -------------------------------------------------------------------------------------


def test_the_matrix_holds_the_cosine_of_every_two_queries() -> None:
    model = made_up()
    queries = [ask(model, text) for text in ("ACG", "TTTACG", "TAR", "GGG")]
    found = cosines(model, queries)
    vectors = [np.mean(model.unit[q.tokens].astype(float), axis=0) for q in queries]
    for row, one in enumerate(vectors):
        for column, other in enumerate(vectors):
            assert found[row, column] == pytest.approx(cosine(one, other), abs=1e-5)


def test_the_tree_joins_what_is_alike_first() -> None:
    matrix = np.array([[1, 0.1, 0.9], [0.1, 1, 0.2], [0.9, 0.2, 1]], np.float32)
    found = tree(matrix)
    assert sorted(found[0, :2].tolist()) == [0, 2]
    np.testing.assert_allclose(found[:, 2], [0.1, np.mean([0.9, 0.8])], atol=1e-6)


def test_two_lists_hold_the_ranks_of_a_full_sort() -> None:
    model = made_up()
    one, two = ask(model, "ACG"), ask(model, "CGTTA")
    found = two_lists(model, one, two, 7)
    unit, everything = model.unit.astype(float), set()
    for row, query in enumerate((one, two)):
        direction = unit[query.tokens].mean(axis=0)
        rest = [t for t in range(64) if t not in query.tokens]
        ranked = sorted(rest, key=lambda t: -cosine(direction, unit[t]))
        everything |= set(ranked[:7])
        for place, token in enumerate(found.tokens):
            rank = ranked.index(token) + 1 if token in ranked else 0
            assert found.ranks[row, place] == rank
            assert found.cosines[row, place] == pytest.approx(
                cosine(direction, unit[token]), abs=1e-5
            )
    assert set(found.tokens.tolist()) == everything
    assert found.shared == 14 - len(everything)
    assert found.expected == 49 / 64


def test_a_query_beside_itself_shares_everything() -> None:
    model = made_up()
    found = two_lists(model, ask(model, "ACG"), ask(model, "ACG"), 9)
    assert found.shared == len(found.tokens) == 9
    assert found.ranks[0].tolist() == found.ranks[1].tolist() == list(range(1, 10))


# Models --------------------------------------------------------------------------------------


def test_a_rotated_copy_has_no_residual_and_an_unrelated_one_that_of_its_null() -> None:
    model = made_up(4)
    copy = align(model, rotated(model))
    assert copy.residual == pytest.approx(0, abs=1e-5)
    np.testing.assert_allclose(copy.cosines, 1, atol=1e-5)
    assert copy.null_residual > 0.3
    random = np.random.default_rng(9).normal(size=model.center.shape).astype(np.float32)
    other = align(model, replace(model, center=random))
    assert other.residual == pytest.approx(other.null_residual, abs=0.03)
    assert (other.null > 0).all()


def test_the_residual_is_that_of_scipy() -> None:
    one, two = made_up(4), made_up(4, seed=5)
    from scipy.linalg import orthogonal_procrustes

    A, B = one.unit.astype(float), two.unit.astype(float)
    R, total = orthogonal_procrustes(A, B)
    found = align(one, two)
    np.testing.assert_allclose(found.rotation, R, atol=1e-5)
    squares = np.linalg.norm(A @ R - B) ** 2 / (np.linalg.norm(A) ** 2 + np.linalg.norm(B) ** 2)
    assert found.residual == pytest.approx(squares, abs=1e-5)
    assert found.residual == pytest.approx(1 - total / len(A), abs=1e-5)
    np.testing.assert_allclose(found.rotation @ found.rotation.T, np.eye(8), atol=1e-5)


def test_fewer_dimensions_are_filled_up() -> None:
    wide = made_up(4, dim=8)
    narrow = replace(made_up(4, dim=12), center=np.pad(rotated(wide).center, ((0, 0), (0, 4))))
    for one, two in ((wide, narrow), (narrow, wide)):
        found = align(one, two)
        assert found.residual == pytest.approx(0, abs=1e-5)
        assert found.rotation.shape == (12, 12)


def test_only_common_kmers_count() -> None:
    one, two = made_up(3, "AAA", "ACG", "CGT", "TTT"), made_up(3, "ACG", "CCC", "CGT", "TTT")
    first, second = common(one, two)
    assert [one.vocabulary.texts[t] for t in first] == ["ACG", "CGT", "TTT"]
    assert [two.vocabulary.texts[t] for t in second] == ["ACG", "CGT", "TTT"]
    assert len(align(one, two).cosines) == 3


def test_words_of_several_lengths_meet_those_of_one_length() -> None:
    mixed, plain = made_up(4, k_min=2), made_up(3)
    first, second = common(mixed, plain)
    assert [mixed.vocabulary.texts[t] for t in first] == plain.vocabulary.texts
    assert second.tolist() == list(range(64))
    back, forth = common(plain, mixed)
    assert (back.tolist(), forth.tolist()) == (second.tolist(), first.tolist())


def test_models_without_common_words_are_refused() -> None:
    with pytest.raises(QueryError, match="one model has 3-mers, the other 4-mers, and 0 words in"):
        align(made_up(3), made_up(4))
    with pytest.raises(QueryError, match="one model is of DNA, the other of protein"):
        align(made_up(3), made_up(2, alphabet="protein"))
    with pytest.raises(QueryError, match="2 words in common"):
        align(made_up(3, "AAA", "CCC", "GGG"), made_up(3, "AAA", "CCC", "TTT"))


def test_neighbour_lists_are_those_of_a_full_sort() -> None:
    model = made_up(4)
    tokens = np.array([3, 5, 7, 11, 200, 130, 42], np.int32)
    found = neighbor_lists(model, tokens, np.array([0, 4, 6]), n=4)
    unit = model.unit.astype(float)
    for row, own in zip(found, (0, 4, 6), strict=True):
        others = [place for place in range(7) if place != own]
        ranked = sorted(others, key=lambda p: -cosine(unit[tokens[own]], unit[tokens[p]]))
        assert row.tolist() == ranked[:4]
    assert neighbor_lists(model, tokens, np.array([0]), n=100).shape == (1, 6)


@pytest.mark.parametrize("n", [1, 3, 10])
def test_the_jaccard_index_is_that_of_sets(n: int) -> None:
    random = np.random.default_rng(1)
    one, two = (np.stack([random.permutation(30)[:12] for _ in range(20)]) for _ in range(2))
    found = jaccard(one.astype(np.int32), two.astype(np.int32), n)
    for row, value in enumerate(found):
        a, b = set(one[row, :n].tolist()), set(two[row, :n].tolist())
        assert value == pytest.approx(len(a & b) / len(a | b))


def test_random_lists_share_what_is_expected_of_them() -> None:
    random = np.random.default_rng(1)
    one, two = (np.stack([random.permutation(50)[:10] for _ in range(4000)]) for _ in range(2))
    found = jaccard(one.astype(np.int32), two.astype(np.int32), 10)
    assert found.mean() == pytest.approx(expected_jaccard(50, 10), abs=0.005)
    assert expected_jaccard(10, 10) == pytest.approx(1)


def test_a_map_is_laid_over_another_without_changing_its_proportions() -> None:
    model = made_up(3)
    target = np.random.default_rng(2).normal(size=(64, 2)).astype(np.float32)
    mirror = np.array([[0, -3], [-3, 0]], np.float32)
    moved = target @ mirror + np.float32(7)
    found = laid_over(moved, target, align(model, model))
    np.testing.assert_allclose(found, target, atol=1e-4)
    other = np.random.default_rng(3).normal(size=(64, 2)).astype(np.float32)
    placed = laid_over(other, target, align(model, model))
    ratio = np.linalg.norm(placed[0] - placed[1]) / np.linalg.norm(other[0] - other[1])
    again = np.linalg.norm(placed[5] - placed[9]) / np.linalg.norm(other[5] - other[9])
    assert ratio == pytest.approx(again, rel=1e-3)
    assert placed.std() == pytest.approx(target.std(), rel=0.1)


def test_what_differs_is_named() -> None:
    one = made_up(3).info
    assert differences(one, one) == {}
    seed = replace(one, config=replace(one.config, seed=7))
    assert differences(one, seed) == {"seed": (one.config.seed, 7)}
    other = replace(one, source="b.fa", sha256="x")
    assert differences(one, other) == {"source": ("cds.fa", "b.fa")}


def test_the_tree_is_the_average_linkage_of_one_less_cosine() -> None:
    from scipy.cluster.hierarchy import cophenet, linkage

    model = made_up()
    matrix = cosines(model, [ask(model, t) for t in ("ACG", "CGT", "TTT", "GAT", "CCC")])
    distance = 1 - matrix
    np.fill_diagonal(distance, 0)
    plain = linkage(squareform(np.maximum(distance, 0), checks=False).astype(float), "average")
    np.testing.assert_allclose(cophenet(tree(matrix)), cophenet(plain), atol=1e-6)


def test_the_null_is_the_cosine_that_a_rotation_reaches_with_kmers_dealt_out() -> None:
    from scipy.linalg import orthogonal_procrustes

    one, two = made_up(4), made_up(4, seed=5)
    A, B, random = one.unit.astype(float), two.unit.astype(float), np.random.default_rng(77)
    reached = []
    for _ in range(40):
        dealt = B[random.permutation(len(B))]
        R, _ = orthogonal_procrustes(A, dealt)
        reached.append((A @ R * dealt).sum(axis=1).mean())
    found = align(one, two)
    assert found.null.mean() == pytest.approx(np.mean(reached), rel=0.03)
    assert np.std(reached) < 0.02
