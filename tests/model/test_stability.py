"""Neighbours with error bars: how often they come back, and whether that can be relied on."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bioskipgram.errors import CheckpointError, QueryError
from bioskipgram.model.embedding import KmerEmbedding
from bioskipgram.model.stability import Stability, bootstrap, calibration, load, save, stability
from tests.conftest import MakeSequences
from tests.model.test_quality import all_kmers, made, random_vectors


def model(noise: float, seed: int, kmers: list[str] | None = None) -> KmerEmbedding:
    """Vectors that are the same for all seeds but for noise."""
    kmers = all_kmers(4) if kmers is None else kmers
    rows = [all_kmers(4).index(kmer) for kmer in kmers]
    vectors = random_vectors(256, 6) + noise * random_vectors(256, 6, seed)
    return made(kmers, vectors[rows])


def near(embedding: KmerEmbedding, n: int) -> list[set[str]]:
    cosines = embedding.unit @ embedding.unit.T
    np.fill_diagonal(cosines, -9)
    texts = embedding.vocabulary.texts
    return [{texts[i] for i in row} for row in np.argsort(-cosines, axis=1)[:, :n]]


def test_counts_are_those_of_looking_each_neighbor_up() -> None:
    embedding = model(0.0, 1)
    few = [kmer for kmer in all_kmers(4) if not kmer.startswith("CA")]
    others = [model(0.3, 2), model(0.5, 3, few), model(0.2, 4)]
    found = stability(embedding, others, n=5)
    sets = [dict(zip(o.vocabulary.texts, near(o, 5), strict=True)) for o in others]
    texts = embedding.vocabulary.texts
    for text, tokens, counts in zip(texts, found.tokens, found.counts, strict=True):
        assert {texts[token] for token in tokens} == near(embedding, 5)[texts.index(text)]
        expected = [sum(texts[t] in s.get(text, set()) for s in sets) for t in tokens]
        assert counts.tolist() == expected
    assert found.models == 3
    assert 0.05 < found.counts.mean() / 3 < 0.95


def test_a_model_comes_back_in_itself() -> None:
    embedding = model(0.0, 1)
    assert (stability(embedding, [embedding, embedding]).shares == 1).all()


@pytest.mark.parametrize("models", [3, 5, 40])
def test_shares_of_some_models_foretell_one_more(models: int) -> None:
    embedding, more = model(0.3, 1), [model(0.3, seed) for seed in range(90, 95)]
    found = stability(embedding, [model(0.3, seed) for seed in range(2, 2 + models)])
    assert np.mean([calibration(found, embedding, one) for one in more]) < 0.05
    assert 0.1 < found.shares.min() < 0.5 < 0.7 < found.shares.max() < 1
    # What was said of other neighbours foretells nothing.
    wrong = Stability(found.tokens, models - found.counts, models)
    assert np.mean([calibration(wrong, embedding, one) for one in more]) > 0.1


def test_shares_keep_the_counts_order_and_their_mean() -> None:
    found = stability(model(0.0, 1), [model(0.4, seed) for seed in (2, 3, 4, 5)])
    assert found.shares.mean() == pytest.approx(found.counts.mean() / 4, abs=1e-4)
    order = np.argsort(found.counts, axis=None)
    assert (np.diff(found.shares.ravel()[order]) >= 0).all()
    once = stability(model(0.0, 1), [model(0.4, 2)])
    assert set(np.unique(once.shares)) == {0, 1}  # one model says nothing of the spread


def test_calibration_by_hand() -> None:
    embedding = made(["A", "C", "G", "T"], [[1, 0], [1, 0.1], [0, 1], [0.1, 1]])
    other = made(["A", "C", "G", "T"], [[1, 0], [0, 1], [1, 0.1], [0.1, 1]])
    told = stability(embedding, [embedding], n=1)
    assert told.tokens[:, 0].tolist() == [1, 0, 3, 2]
    assert calibration(told, embedding, embedding) == 0
    assert calibration(told, embedding, other) == 1


def test_nothing_to_compare_with_is_refused() -> None:
    with pytest.raises(QueryError, match=r"^stability needs two k-mers and another model"):
        stability(model(0.0, 1), [])


@settings(deadline=None, max_examples=30)
@given(
    texts=st.lists(st.text("ACGTN", max_size=9), min_size=1, max_size=6), seed=st.integers(0, 99)
)
def test_a_bootstrap_draws_whole_records(
    sequences: MakeSequences, texts: list[str], seed: int
) -> None:
    original = sequences(*texts)
    drawn = bootstrap(original, seed=seed)
    assert len(drawn) == len(texts)
    for record, name in enumerate(drawn.names):
        assert drawn.text(record) == original.text(original.names.index(name))


def test_a_bootstrap_draws_some_records_twice(sequences: MakeSequences) -> None:
    drawn = [bootstrap(sequences(*["ACGT"] * 50), seed=seed).names for seed in range(3)]
    assert all(20 < len(set(names)) < 45 for names in drawn)
    assert drawn[0] != drawn[1]


def test_there_and_back(tmp_path: Path) -> None:
    embedding, path = model(0.0, 1), tmp_path / "x.stability.safetensors"
    found = stability(embedding, [model(0.5, seed) for seed in (2, 3, 4)])
    save(found, embedding.digest, path)
    again, digest = load(path)
    assert digest == embedding.digest
    assert (again.tokens == found.tokens).all()
    assert (again.counts == found.counts).all()
    assert again.models == 3
    path.write_bytes(path.read_bytes()[:-1] + bytes([path.read_bytes()[-1] ^ 1]))
    with pytest.raises(CheckpointError):
        load(path)
