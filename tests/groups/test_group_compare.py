"""Selections as sets: strand symmetry against enumeration, comparison against set and loops."""

from itertools import combinations
from typing import Any

import numpy as np
import pytest

from bioskipgram.config import TrainConfig
from bioskipgram.errors import QueryError
from bioskipgram.groups.compare import compare, mean_cosine, strand_symmetry
from bioskipgram.groups.enrichment import enriched_words
from bioskipgram.groups.properties import PROPERTIES
from bioskipgram.kmers.vocabulary import Vocabulary
from bioskipgram.model.embedding import KmerEmbedding, ModelInfo
from bioskipgram.sequences.alphabet import PROTEIN


def made(codes: Any = None, **settings: Any) -> KmerEmbedding:
    """Random vectors for some or all k-mers."""
    config = TrainConfig(dim=5, **settings)
    codes = config.tokenizer.all_codes() if codes is None else np.array(codes)
    vectors = np.random.default_rng(4).normal(size=(len(codes), 5)).astype(np.float32)
    info = ModelInfo(
        config=config, trainer="exact", source="x", sha256="", records=1, bases=1, loss=1.0,
        optimum=None, zero_loss=None, losses=(), steps_done=1, seconds=1.0, created="", version="",
    )  # fmt: skip
    counts = np.ones(len(codes), np.int64)
    return KmerEmbedding(Vocabulary(config.tokenizer, codes, counts), vectors, vectors, info)


def tokens(*values: int) -> Any:
    return np.array(values, np.int32)


def twin_of(text: str) -> str:
    return text[::-1].translate(str.maketrans("ACGT", "TGCA"))


# Strand symmetry -------------------------------------------------------------------------------


def test_strand_symmetry_counts_twins_and_leaves_palindromes_apart() -> None:
    model = made(k=2)
    texts = model.vocabulary.texts
    chosen = [texts.index(t) for t in ("AA", "TT", "CA", "AT", "GC")]
    found = strand_symmetry(model, tokens(*chosen))
    assert (found.size, found.closed, found.palindromes) == (3, 2, 2)
    assert found.share == pytest.approx(2 / 3)


@pytest.mark.parametrize("n", [1, 2, 3, 5, 9, 12])
def test_expected_and_p_are_those_of_all_selections(n: int) -> None:
    """k = 2 has 12 k-mers that are no palindromes: go through all draws of n."""
    model = made(k=2)
    texts = model.vocabulary.texts
    own = [t for t in texts if t != twin_of(t)]
    draws = [set(draw) for draw in combinations(own, n)]
    closed = np.array([sum(twin_of(t) in draw for t in draw) for draw in draws])
    for wanted in sorted(set(closed.tolist())):
        draw = draws[int(np.argmax(closed == wanted))]
        found = strand_symmetry(model, tokens(*(texts.index(t) for t in draw)))
        assert found.closed == wanted
        assert found.expected == pytest.approx(closed.mean())
        assert found.p == pytest.approx((closed >= wanted).mean())
        assert found.expected_share == pytest.approx(closed.mean() / n)


def test_a_twin_the_model_does_not_know_is_no_twin() -> None:
    whole = made(k=2)
    kept = [whole.vocabulary.token(t) for t in ("AA", "AC", "CA", "TG", "TT")]
    model = made(codes=sorted(kept), k=2)
    found = strand_symmetry(model, np.arange(5, dtype=np.int32))
    assert (found.size, found.closed, found.p) == (4, 4, 1.0)
    assert found.expected == pytest.approx(4)


def test_large_selections_are_no_trouble() -> None:
    model = made(k=7)
    rng = np.random.default_rng(1)
    chosen = rng.choice(len(model), 5000, replace=False).astype(np.int32)
    random = strand_symmetry(model, chosen)
    assert 0.001 < random.p <= 1
    assert random.share == pytest.approx(random.expected_share, abs=0.03)
    closed = strand_symmetry(model, np.union1d(chosen, model.twins[chosen]).astype(np.int32))
    assert closed.share == 1
    assert closed.p < 1e-300
    empty = strand_symmetry(model, tokens())
    assert (empty.size, empty.share, empty.expected_share, empty.p) == (0, 0, 0, 1)


@pytest.mark.parametrize(
    ("settings", "match"),
    [({"k": 3, "canonical": True}, "a canonical k-mer is both strands at once"),
     ({"k": 2, "alphabet": PROTEIN.name}, "protein has no other strand")],
)  # fmt: skip
def test_strand_symmetry_needs_another_strand(settings: dict[str, Any], match: str) -> None:
    with pytest.raises(QueryError, match=match):
        strand_symmetry(made(**settings), tokens(0))


# Two selections ------------------------------------------------------------------------------


def test_two_selections_are_compared_as_sets_and_as_directions() -> None:
    model = made(k=3)
    a, b = tokens(*range(30)), tokens(*range(20, 50))
    properties = {"GC content": PROPERTIES["GC content"](model)}
    found = compare(model, a, b, properties)
    assert found.both.tolist() == list(range(20, 30))
    assert found.only_a.tolist() == list(range(20))
    assert found.only_b.tolist() == list(range(30, 50))
    assert found.jaccard == pytest.approx(10 / 50)
    unit = model.unit.astype(float)
    middle = [unit[part].mean(axis=0) for part in (a, b)]
    cosine = middle[0] @ middle[1] / np.linalg.norm(middle[0]) / np.linalg.norm(middle[1])
    assert found.centroid_cosine == pytest.approx(cosine, abs=1e-5)
    pairs = [unit[i] @ unit[j] for i, j in combinations(range(30), 2)]
    assert found.within_a == pytest.approx(np.mean(pairs), abs=1e-5)
    pairs = [unit[i] @ unit[j] for i in range(20) for j in range(30, 50)]
    assert found.between == pytest.approx(np.mean(pairs), abs=1e-5)
    assert found.enriched_words is not None
    assert found.features is not None
    apart = enriched_words(model.vocabulary, found.only_a, against=found.only_b)
    assert found.enriched_words.words == apart.words
    assert found.features.names == ("GC content",)
    gc = properties["GC content"].values
    assert found.features.inside[0] == pytest.approx(gc[:20].mean())
    assert found.features.outside[0] == pytest.approx(gc[30:50].mean())


def test_a_selection_inside_another_has_nothing_of_its_own() -> None:
    found = compare(made(k=2), tokens(1), tokens(0, 1, 2))
    assert found.enriched_words is None
    assert found.features is None
    assert np.isnan(found.between)
    assert np.isnan(found.within_a)
    assert found.jaccard == pytest.approx(1 / 3)


def test_two_selections_are_needed() -> None:
    with pytest.raises(QueryError, match="one has no k-mer"):
        compare(made(k=2), tokens(1), tokens())
    with pytest.raises(QueryError, match="token 99 is not one"):
        compare(made(k=2), tokens(1), tokens(99))


def test_zero_vectors_have_no_cosine_of_their_own() -> None:
    rows = np.array([[1, 0], [0, 1], [0, 0]], np.float32)
    assert mean_cosine(rows) == 0
    assert mean_cosine(rows[[0, 0]]) == 1
