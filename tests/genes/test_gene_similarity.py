"""Grouped similarities are means over pairs; paired baselines are the matrices' diagonals."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_matrix

from bioskipgram.config import PoolConfig
from bioskipgram.errors import QueryError
from bioskipgram.genes import counts as counts_module
from bioskipgram.genes import distances, embed, reference
from bioskipgram.genes import similarity as gene_comparison
from bioskipgram.genes.distances import Paired
from bioskipgram.genes.embed import GeneEmbedding
from bioskipgram.genes.similarity import Relatives, Similarity, similarity
from bioskipgram.genes.words import words
from bioskipgram.model import checkpoint
from bioskipgram.model.embedding import KmerEmbedding
from bioskipgram.sequences import fasta
from bioskipgram.sequences.shipped import GENES
from tests.conftest import MakeSequences

GLOBINS = ("HBB", "HBD", "HBE1", "HBG1", "HBG2")


def made(vectors: np.ndarray) -> GeneEmbedding:
    R = len(vectors)
    ones = np.ones(R, np.int64)
    return GeneEmbedding(
        tuple(map(str, range(R))), vectors.astype(np.float32), ones, ones - 1, PoolConfig()
    )


@pytest.fixture(scope="module")
def model() -> KmerEmbedding:
    return checkpoint.load("models/human-cds-k6-word2vec.safetensors")


def test_few_records_are_rows_of_their_own_in_the_dendrograms_order(model: KmerEmbedding) -> None:
    found = similarity(vectors := embed.embed(model, fasta.read(GENES)))
    assert [group.tolist() for group in found.groups] == [[i] for i in range(86)]
    assert np.allclose(found.cosines, vectors.cosine(), atol=1e-5)
    assert sorted(found.order.tolist()) == list(range(86))
    places = [found.order.tolist().index(vectors.names.index(name)) for name in GLOBINS]
    assert max(places) - min(places) == 4  # the globins stand side by side


def test_many_records_become_groups_whose_cells_are_means() -> None:
    rng = np.random.default_rng(3)
    centres = np.eye(4, 12)
    vectors = made(np.repeat(centres, 10, axis=0) + rng.normal(0, 0.02, (40, 12)))
    found = similarity(vectors, max_rows=4)
    assert sorted(sorted(group.tolist()) for group in found.groups) == [
        list(range(start, start + 10)) for start in (0, 10, 20, 30)
    ]
    cosines = vectors.cosine()
    for a, rows in enumerate(found.groups):
        for b, columns in enumerate(found.groups):
            block = cosines[np.ix_(rows, columns)]
            mean = block.mean() if a != b else (block.sum() - 10) / 90
            assert found.cosines[a, b] == pytest.approx(mean, abs=1e-5)
        central = rows[np.argmax(cosines[np.ix_(rows, rows)].sum(axis=1))]
        assert rows[0] == central


def test_records_beyond_the_most_are_left_out_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gene_comparison, "MAX_RECORDS", 6)
    found = similarity(made(np.random.default_rng(0).normal(size=(9, 4))), max_rows=3)
    assert found.left_out == 3
    assert sum(map(len, found.groups)) == 6


def test_one_record_is_a_matrix_of_one() -> None:
    found = similarity(made(np.ones((1, 3))))
    assert (found.cosines.tolist(), found.order.tolist(), found.linkage.shape) == (
        [[1.0]], [0], (0, 4)
    )  # fmt: skip


def test_no_record_is_one_sentence() -> None:
    with pytest.raises(QueryError, match="there are no records"):
        similarity(made(np.ones((0, 3))))


@settings(max_examples=40, deadline=None)
@given(R=st.integers(1, 5), V=st.integers(1, 8), seed=st.integers(0, 1000), size=st.integers(3, 90))
def test_paired_is_the_diagonal_of_the_whole_matrices(
    R: int, V: int, seed: int, size: int, sequences: MakeSequences
) -> None:
    rng = np.random.default_rng(seed)
    a, b = (csr_matrix(rng.poisson(0.7, (R, V)).astype(np.int32)) for _ in range(2))
    texts = ["".join(rng.choice(list("ACGT"), 60)) for _ in range(R)]
    one, two = words(sequences(*texts)), words(sequences(*(t[:40] for t in texts))).sketch(size)
    found = distances.paired(a, b, one, two)
    assert np.allclose(found.mash, np.diag(distances.mash(one.dna, two.dna)))
    assert np.allclose(found.protein, np.diag(distances.mash(one.protein, two.protein)))
    assert np.allclose(found.kmer_cosine, np.diag(distances.kmer_cosine(a, b)))
    first = distances.one_with_all(a[[0]], b, one[[0]], two)
    assert np.allclose(first.mash, distances.mash(one.dna, two.dna)[0])
    assert np.allclose(first.kmer_cosine, distances.kmer_cosine(a, b)[0])
    assert np.isnan(distances.paired(a, b, one, None).mash).all()


def test_a_record_of_the_reference_is_told_from_its_nearest_other(model: KmerEmbedding) -> None:
    known = fasta.read(GENES)
    other = fasta.read(
        b">mine\n" + known.text(known.names.index("HBB"))[:-30].encode() + b"ACGTT" * 6
    )
    found = reference.from_sequences(model, known)
    mean = PoolConfig(pooling="mean")
    for sequences, itself in ((known, np.arange(86)), (other, [-1])):
        own = embed.embed(model, sequences, mean)
        near = reference.nearest(own, found.genes(model, mean), 3)
        counts = counts_module.counts(model.vocabulary, sequences).matrix
        lengths = sequences.lengths
        relatives = gene_comparison.relatives(counts, lengths, words(sequences), found, near)
        assert relatives.itself.tolist() == list(itself)
    assert found.names[relatives.indices[0]] == "HBB"
    own = embed.embed(model, known, mean)
    near = reference.nearest(own, found.genes(model, mean), 3)
    counts = counts_module.counts(model.vocabulary, known).matrix
    relatives = gene_comparison.relatives(counts, known.lengths, words(known), found, near)
    for name in GLOBINS:
        nearest = found.names[relatives.indices[known.names.index(name)]]
        assert nearest in GLOBINS
        assert nearest != name


def test_nearest_others_are_never_the_record_itself() -> None:
    vectors = made(np.array([[1, 0], [1, 0.1], [0, 1], [0, 0]]))
    found = gene_comparison.nearest_others(vectors)
    assert found.indices[:3, 0].tolist() == [1, 0, 1]
    assert found.scores[3, 0] == 0
    alone = gene_comparison.nearest_others(made(np.ones((1, 2))))
    assert (alone.indices.tolist(), alone.scores.tolist()) == ([[0]], [[0.0]])


def test_a_percentile_says_how_many_random_pairs_are_less_alike() -> None:
    vectors = made(np.random.default_rng(1).normal(size=(60, 5)))
    random = gene_comparison.random_cosines(vectors)
    assert (np.diff(random) >= 0).all()
    assert gene_comparison.random_cosines(vectors).tolist() == random.tolist()
    every = np.sort(vectors.cosine()[~np.eye(60, dtype=bool)])
    middle, high = every[len(every) // 2], every[int(0.99 * len(every))]
    found = gene_comparison.percentiles(np.array([middle, high, 1, -1], np.float32), random)
    assert found == pytest.approx([50, 99, 100, 0], abs=2)


def test_records_without_a_vector_are_in_no_random_pair() -> None:
    alone = made(np.array([[1, 0], [0, 0], [0, 0]]))
    assert len(gene_comparison.random_cosines(alone)) == 0
    assert np.isnan(
        gene_comparison.percentiles(np.ones(2, np.float32), np.zeros(0, np.float32))
    ).all()
    two = made(np.array([[1, 0], [0, 0], [0, 1]]))
    assert set(gene_comparison.random_cosines(two).tolist()) == {0.0}


def test_shapes_are_checked() -> None:
    with pytest.raises(ValueError, match="linkage: expected float64"):
        Similarity(
            (np.arange(1), np.arange(1)), np.ones((2, 2), np.float32), np.zeros((2, 4)),
            np.arange(2), 0,
        )  # fmt: skip
    with pytest.raises(ValueError, match="kmer_cosine: expected float64"):
        Paired(np.zeros(2), np.zeros(2), np.zeros(3))
    with pytest.raises(ValueError, match="cosines: expected float32"):
        Relatives(
            np.zeros(1, np.int32),
            np.zeros(1, np.int32),
            np.zeros(1),
            Paired(np.ones(1), np.ones(1), np.ones(1)),
        )


def test_vectors_and_words_agree_or_not() -> None:
    among = np.array([99.9, 99.9, 50.0, 50.0, 99.9, np.nan, 99.9])
    mash = np.array([0.1, 0.6, 0.1, 0.6, 1.0, 0.1, np.nan])
    protein = np.array([0.1, 0.9, 0.9, 0.9, 0.2, 0.1, np.nan])
    assert gene_comparison.related_by(among, mash, protein) == [
        "both", "vectors only", "words only", "neither", "both", "", "",
    ]  # fmt: skip
