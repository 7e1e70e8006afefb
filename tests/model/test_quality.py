"""Measures and their nulls: on vectors made by hand, and on codons with something to learn."""

from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import ArrayLike
from sklearn.metrics import roc_auc_score

from bioskipgram.config import TrainConfig
from bioskipgram.kmers.genetic_code import translate
from bioskipgram.kmers.relations import relations
from bioskipgram.kmers.tokenizer import KmerTokenizer
from bioskipgram.kmers.vocabulary import Vocabulary
from bioskipgram.model import geometry
from bioskipgram.model.codon_quality import AUC, synonym_auc
from bioskipgram.model.embedding import KmerEmbedding, ModelInfo
from bioskipgram.model.quality import (
    FRAME,
    GAP,
    STRANDS,
    baselines,
    meaning,
    measures,
    neighbor_relations,
    random_like,
    spread,
    twin_cosine,
)
from bioskipgram.sequences.fasta import read
from bioskipgram.sequences.sequences import Sequences
from bioskipgram.sequences.shuffle import shuffled
from bioskipgram.training.trainer import Training
from tests.conftest import MakeSequences

pytestmark = pytest.mark.usefixtures("one_thread")
relaxed = settings(deadline=None, max_examples=60)


def made(kmers: list[str], vectors: ArrayLike, **settings: int) -> KmerEmbedding:
    """An embedding by hand; `kmers` in alphabetical order, a row of `vectors` each."""
    center = np.array(vectors, np.float32)
    config = TrainConfig(k=len(kmers[0]), dim=center.shape[1], **settings)
    codes = np.array([config.tokenizer.encode(kmer) for kmer in kmers])
    info = ModelInfo(
        config=config, trainer="exact", source="", sha256="", records=1, bases=1, loss=2.0,
        optimum=1.0, zero_loss=3.0, losses=(), steps_done=1, seconds=0.0, created="", version="",
    )  # fmt: skip
    vocabulary = Vocabulary(config.tokenizer, codes, np.ones(len(codes), np.int64))
    return KmerEmbedding(vocabulary, center, np.zeros_like(center), info)


def all_kmers(k: int) -> list[str]:
    return KmerTokenizer(k).decode(np.arange(4**k))


def random_vectors(V: int, dim: int, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((V, dim))


# Shuffling -----------------------------------------------------------------------------------


@relaxed
@given(
    texts=st.lists(st.text("ACGTN", max_size=30), min_size=1, max_size=4),
    unit=st.integers(1, 4),
    seed=st.integers(0, 100),
)
def test_shuffling_keeps_composition_and_the_place_of_unknown_bases(
    sequences: MakeSequences, texts: list[str], unit: int, seed: int
) -> None:
    before = sequences(*texts)
    after = shuffled(before, unit=unit, seed=seed)
    assert (after.names, after.offsets.tolist()) == (before.names, before.offsets.tolist())
    for record, text in enumerate(texts):
        whole = len(text) // unit * unit
        mixed = after.text(record)
        old = [text[i : i + unit] for i in range(0, whole, unit)]
        new = [mixed[i : i + unit] for i in range(0, whole, unit)]
        assert Counter(new) == Counter(old)
        assert mixed[whole:] == text[whole:]
        for was, now in zip(old, new, strict=True):
            if "N" in was:
                assert now == was
    assert [before.text(record) for record in range(len(texts))] == texts


@pytest.mark.parametrize("unit", [1, 3])
def test_shuffling_destroys_the_order(sequences: MakeSequences, unit: int) -> None:
    blocks = ["A" * unit, "C" * unit]
    text = "".join(blocks * 500)  # the one block always follows the other
    mixed = shuffled(sequences(text), unit=unit).text(0)
    found = [mixed[i : i + unit] for i in range(0, len(mixed), unit)]
    same = sum(a == b for a, b in pairwise(found))
    assert same == pytest.approx(500, abs=80)  # half of 999, five standard deviations


def test_the_seed_decides_the_order(sequences: MakeSequences) -> None:
    text = sequences("ACGT" * 50)
    assert shuffled(text, seed=3).text(0) == shuffled(text, seed=3).text(0)
    assert shuffled(text, seed=3).text(0) != shuffled(text, seed=4).text(0)


def test_bases_stay_in_their_record(sequences: MakeSequences) -> None:
    mixed = shuffled(sequences("A" * 50, "C" * 50))
    assert [mixed.text(record) for record in range(2)] == ["A" * 50, "C" * 50]


# Random vectors ------------------------------------------------------------------------------


def test_random_vectors_share_the_vocabulary_and_nothing_else() -> None:
    embedding = made(all_kmers(3), random_vectors(64, 30, seed=9))
    chance = random_like(embedding)
    assert chance.vocabulary is embedding.vocabulary
    assert chance.center.shape == embedding.center.shape
    cosines = (chance.unit * embedding.unit).sum(axis=1)
    assert abs(cosines.mean()) < 4 / np.sqrt(64 * 30)  # four standard errors
    assert (random_like(embedding).center == chance.center).all()
    assert (random_like(embedding, seed=2).center != chance.center).any()


# How neighbours are spelt --------------------------------------------------------------------


def test_relations_by_hand() -> None:
    # All are neighbours of all. ACGG-ACTG differ in a base, ACGG-CGGA are shifts of each other,
    # ACGG-CCGT are reverse complements; the three other pairs have nothing in common.
    embedding = made(["ACGG", "ACTG", "CCGT", "CGGA"], random_vectors(4, 3))
    assert neighbor_relations(embedding) == pytest.approx(
        {"other": 6 / 12, "reverse complement": 2 / 12, "shift": 2 / 12, "substitution": 2 / 12}
    )


def test_only_the_ten_nearest_count() -> None:
    # Two groups of eleven, opposite each other: the ten nearest are those of one's own group.
    kmers = all_kmers(3)[:22]
    embedding = made(kmers, [[1, 0] if row % 2 else [-1, 0] for row in range(22)])
    groups = np.arange(0, 22, 2), np.arange(1, 22, 2)
    expected = Counter(
        relation.split(" ")[0] if "shift" in relation else relation
        for group in groups
        for token in group
        for relation in relations(embedding.vocabulary, token, group[group != token])
    )
    assert expected.total() == 220
    assert neighbor_relations(embedding) == pytest.approx(
        {relation: count / 220 for relation, count in expected.items()}
    )


def test_overlapping_kmers_have_shifts_for_neighbours_and_random_vectors_do_not(
    sequences: MakeSequences,
) -> None:
    text = "".join(np.random.default_rng(1).choice(list("ACGT"), 4000))
    training = Training(sequences(text), TrainConfig(k=4, dim=30, window=2, steps=60))
    for _ in training:
        pass
    embedding = training.embedding()
    learnt, chance = neighbor_relations(embedding), neighbor_relations(random_like(embedding))
    assert sum(learnt.values()) == pytest.approx(1)
    assert sum(chance.values()) == pytest.approx(1)
    assert learnt["shift"] > 1.5 * chance["shift"]


# Reverse complements -------------------------------------------------------------------------


def pairs_apart(sign: float) -> KmerEmbedding:
    """Each 2-mer and its reverse complement on an axis of their own; palindromes all on one."""
    kmers = all_kmers(2)
    other = [kmer[::-1].translate(str.maketrans("ACGT", "TGCA")) for kmer in kmers]
    axes = sorted({min(pair) for pair in zip(kmers, other, strict=True) if len({*pair}) == 2})
    vectors = np.zeros((16, 7))
    for row, pair in enumerate(zip(kmers, other, strict=True)):
        axis = axes.index(min(pair)) if min(pair) in axes else 6
        vectors[row, axis] = 5.0 if pair[0] <= pair[1] else 5.0 * sign
    return made(kmers, vectors)


def test_equal_vectors_on_both_strands_are_far_above_random_pairs() -> None:
    # The cosine is 1; a random one of the 12 is on the same axis for 1 in 6.
    values = [twin_cosine(pairs_apart(1.0), seed=seed) for seed in range(200)]
    assert np.mean(values) == pytest.approx(5 / 6, abs=0.03)


def test_opposite_vectors_are_far_below_random_pairs() -> None:
    # The cosine is -1; half of the random ones on the same axis are the k-mer itself.
    values = [twin_cosine(pairs_apart(-1.0), seed=seed) for seed in range(200)]
    assert np.mean(values) == pytest.approx(-1, abs=0.03)


def test_random_vectors_know_nothing_of_the_other_strand() -> None:
    # 240 k-mers in 1000 dimensions: a mean of cosines is off by about 0.002.
    assert abs(twin_cosine(made(all_kmers(4), random_vectors(256, 1000)))) < 0.02


def test_without_reverse_complements_there_is_no_excess() -> None:
    assert twin_cosine(made(["AA", "AC", "AT"], random_vectors(3, 2))) == 0


# Synonymous codons ---------------------------------------------------------------------------


@pytest.mark.parametrize("dim", [2, 10])
@pytest.mark.parametrize("seed", [1, 2])
def test_the_auc_is_scikit_learns(dim: int, seed: int) -> None:
    codons = all_kmers(3)[seed:50]
    embedding = made(codons, random_vectors(len(codons), dim, seed), stride=3)
    synonymous, cosines = [], []
    for i, first in enumerate(codons):
        for j, second in enumerate(codons[:i]):
            if "*" not in translate(first) + translate(second):
                synonymous.append(translate(first) == translate(second))
                u, v = embedding.center[i].astype(float), embedding.center[j].astype(float)
                cosines.append(u @ v / np.linalg.norm(u) / np.linalg.norm(v))
    expected = roc_auc_score(synonymous, cosines)
    assert abs(expected - 0.5) > 0.001
    assert synonym_auc(embedding) == pytest.approx(expected, abs=1e-5)


def test_vectors_by_amino_acid_have_an_auc_of_one() -> None:
    codons = all_kmers(3)
    acids = sorted({translate(codon) for codon in codons})
    vectors = np.eye(len(acids))[[acids.index(translate(codon)) for codon in codons]]
    assert synonym_auc(made(codons, vectors, stride=3)) == 1
    # Stop codons have no say: they may look like anything.
    vectors[[translate(codon) == "*" for codon in codons]] = vectors[0]
    assert synonym_auc(made(codons, vectors, stride=3)) == 1


@pytest.mark.parametrize("codons", [["AAA", "ACC"], ["AAA", "AAG"], ["AAA"], ["TAA", "TAG"]])
def test_without_both_kinds_of_pairs_there_is_no_auc(codons: list[str]) -> None:
    embedding = made(codons, random_vectors(len(codons), 2), stride=3)
    assert synonym_auc(embedding) is None


def genes_with_synonyms(sequences: MakeSequences) -> Sequences:
    """Genes whose amino acids follow each other by rule, each in any of its codons."""
    random = np.random.default_rng(2)
    codons: dict[str, list[str]] = {}
    for codon in all_kmers(3):
        codons.setdefault(translate(codon), []).append(codon)
    acids = sorted(set(codons) - {"*"})
    followers = {acid: random.choice(acids, 3, replace=False) for acid in acids}
    genes = []
    for _ in range(20):
        gene, acid = "", "M"
        for _ in range(400):
            gene += random.choice(codons[acid])
            acid = random.choice(followers[acid] if random.random() < 0.8 else acids)
        genes.append(gene)
    return sequences(*genes)


CODONS = TrainConfig(k=3, stride=3, window=2, dim=12, steps=60)


@pytest.fixture(scope="module")
def learnt_and_null(
    sequences: MakeSequences, one_thread: None
) -> tuple[KmerEmbedding, KmerEmbedding]:
    """Trained on genes with synonyms, and on the same with their codons shuffled."""
    genes = genes_with_synonyms(sequences)
    found = []
    for texts in (genes, shuffled(genes, unit=3)):
        training = Training(texts, CODONS)
        for _ in training:
            pass
        found.append(training.embedding())
    return found[0], found[1]


def test_learnt_codons_know_their_synonyms_and_shuffled_ones_do_not(
    learnt_and_null: tuple[KmerEmbedding, KmerEmbedding],
) -> None:
    learnt, null = learnt_and_null
    assert null.vocabulary.counts.tolist() == learnt.vocabulary.counts.tolist()
    found, chance, guessed = (synonym_auc(e) for e in (learnt, null, random_like(learnt)))
    assert found is not None
    assert chance is not None
    assert guessed is not None
    assert found > 0.9
    assert abs(chance - 0.5) < 0.15
    assert abs(guessed - 0.5) < 0.15


# All measures together -----------------------------------------------------------------------


def test_every_measure_that_applies_is_there(
    learnt_and_null: tuple[KmerEmbedding, KmerEmbedding],
) -> None:
    learnt, _ = learnt_and_null
    found = measures(learnt)
    assert found[GAP] == learnt.info.gap
    assert found[STRANDS] == twin_cosine(learnt)
    assert found[AUC] == synonym_auc(learnt)
    assert all(meaning(name) for name in found)
    assert {"neighbours: synonymous", "neighbours: other"} <= found.keys()
    shares = [share for name, share in found.items() if name.startswith("neighbours: ")]
    assert sum(shares) == pytest.approx(1)
    assert GAP not in measures(random_like(learnt), learnt=False)


def test_measures_that_do_not_apply_are_left_out() -> None:
    merged = made(["AA", "AC", "AG"], random_vectors(3, 2), canonical=True)
    assert STRANDS not in measures(merged)
    assert STRANDS in measures(made(["AA", "AC"], np.eye(2)))
    overlapping = made(all_kmers(3), random_vectors(64, 4))
    assert AUC not in measures(overlapping)
    assert not baselines(overlapping)


def test_the_frame_is_judged_by_the_real_shares() -> None:
    kmers = all_kmers(4)
    shares = np.random.default_rng(3).random(256)
    angles = shares * np.pi / 2
    knows = made(kmers, np.stack([np.cos(angles), np.sin(angles)], axis=1))
    assert measures(knows, shares)[FRAME] > 0.95
    assert abs(measures(random_like(knows), shares, learnt=False)[FRAME]) < 0.3
    assert FRAME not in measures(knows)


def test_a_single_kmer_has_no_neighbours_to_measure() -> None:
    alone = made(["AA"], [[1, 0]])
    assert neighbor_relations(alone) == {}
    assert not [name for name in measures(alone) if name.startswith("neighbours")]


def test_rules_without_learning_know_much_of_the_genetic_code() -> None:
    rules = baselines(made(all_kmers(3), random_vectors(64, 4), stride=3))[AUC]
    hamming, two, second = rules.values()
    assert hamming == pytest.approx(0.849, abs=0.001)
    assert two == pytest.approx(0.894, abs=0.001)
    assert second == pytest.approx(0.912, abs=0.001)


def test_codons_without_synonyms_have_no_auc() -> None:
    few = made(["AAA", "ACC", "CGT"], random_vectors(3, 2), stride=3)
    assert AUC not in measures(few)
    assert AUC not in baselines(few)


def test_a_spread_is_median_and_range() -> None:
    assert spread([0.3, 0.1, 0.25]) == "0.250 (0.100 to 0.300)"
    assert spread([0.5]) == "0.500"


def test_shuffled_codons_of_another_frame_are_that_frames() -> None:
    sequences = read(b">a\nGATGAAACCCTTTGGGAAA\n")
    text = shuffled(sequences, unit=3, frame=1).text(0)
    assert text[0] == "G"
    codons = ["ATG", "AAA", "CCC", "TTT", "GGG", "AAA"]
    found = [text[i : i + 3] for i in range(1, 19, 3)]
    assert sorted(found) == sorted(codons)
    assert found != codons


def test_protein_is_measured_by_what_it_has() -> None:
    random = np.random.default_rng(0)
    text = "".join(random.choice(list("ACDEFGHIKLMNPQRSTVWY"), 300))
    config = TrainConfig(k=2, dim=4, steps=2, alphabet="protein")
    sequences = read(f">a\n{text}X{text}\n".encode(), alphabet=config.tokenizer.alphabet)
    mixed = shuffled(sequences)
    assert mixed.codes[300] == 20
    assert sorted(mixed.codes) == sorted(sequences.codes)
    assert ((mixed.codes > 3) != (sequences.codes > 3)).any()  # all residues move, not four
    training = Training(sequences, config)
    for _ in training:
        pass
    gap, *others = measures(training.embedding())
    assert gap == GAP
    assert others
    assert all(name.startswith("neighbours: ") or name in geometry.MEANINGS for name in others)
