"""Enrichment against scipy, against what was put there, and where there is nothing."""

import numpy as np
import pytest
from scipy import stats

from bioskipgram.config import ScanConfig
from bioskipgram.kmers.patterns import matching
from bioskipgram.kmers.tokenizer import KmerTokenizer
from bioskipgram.kmers.vocabulary import Vocabulary
from bioskipgram.motifs.enrichment import (
    between,
    hits_in_shuffles,
    in_clusters,
    null_of,
    shuffle_p,
    survey,
)
from bioskipgram.motifs.matrix import Motif
from bioskipgram.motifs.scan import Scanner
from bioskipgram.sequences.alphabet import DNA
from bioskipgram.sequences.shuffle import shuffle

FIVES = Vocabulary.from_counts(KmerTokenizer(5), np.ones(4**5, np.int64))


def contains(pattern: str):
    return lambda vocabulary: matching(vocabulary, pattern)


def test_a_cluster_made_of_matches_is_found_and_its_order_matters() -> None:
    labels = np.random.default_rng(1).integers(0, 6, len(FIVES)).astype(np.int32)
    labels[matching(FIVES, "ACG")] = 3
    found = in_clusters(contains("ACG"), FIVES, labels, shuffles=50)
    assert found.p.argmin() == 3
    assert found.hits[3] == found.hits.sum() == matching(FIVES, "ACG").sum()
    assert found.q[3] < 1e-9
    assert found.permuted[3] == pytest.approx(1 / 1001)
    assert found.shuffled_p[3] == pytest.approx(1 / 51)
    assert found.shuffled[3] < found.hits[3]
    assert (found.p[[0, 1, 2, 4, 5]] == 1).all()


def test_a_cluster_chosen_by_composition_is_explained_by_shuffled_letters() -> None:
    gc = FIVES.tokenizer.bases(FIVES.kmers)
    labels = (((gc == 1) | (gc == 2)).sum(axis=1) >= 4).astype(np.int32)
    found = in_clusters(contains("CG"), FIVES, labels)
    assert found.q[1] < 1e-6  # richer than the rest, for its many C and G
    assert found.shuffled_p[1] > 0.05  # but no richer than its letters make it
    assert found.shuffled[1] == pytest.approx(found.hits[1], rel=0.1)


def test_random_labels_are_not_significant_more_often_than_they_should() -> None:
    random = np.random.default_rng(3)
    permuted = [
        in_clusters(
            contains("CG"), FIVES, random.integers(0, 8, len(FIVES)).astype(np.int32),
            shuffles=5, permutations=200,
        ).permuted.min()
        for _ in range(40)
    ]  # fmt: skip
    assert sum(value < 0.05 for value in permuted) <= 7
    assert 0.25 < np.mean(permuted) < 0.75


def test_noise_belongs_to_no_cluster_and_counts_as_the_rest() -> None:
    labels = np.full(len(FIVES), -1, np.int32)
    labels[:100] = 0
    found = in_clusters(contains("AAA"), FIVES, labels, shuffles=5)
    hits = matching(FIVES, "AAA")
    table = [[hits[:100].sum(), (~hits[:100]).sum()], [hits[100:].sum(), (~hits[100:]).sum()]]
    expected = stats.fisher_exact(table, alternative="greater").pvalue
    assert found.p[0] == pytest.approx(expected)
    assert found.sizes.tolist() == [100]


def test_words_asked_one_by_one_give_what_a_table_gives(monkeypatch) -> None:
    labels = np.random.default_rng(2).integers(0, 3, len(FIVES)).astype(np.int32)
    table = in_clusters(contains("CG"), FIVES, labels, shuffles=10)
    monkeypatch.setattr("bioskipgram.motifs.enrichment._FEW", 0)
    one_by_one = in_clusters(contains("CG"), FIVES, labels, shuffles=10)
    assert (table.shuffled == one_by_one.shuffled).all()
    monkeypatch.setattr("bioskipgram.motifs.enrichment._MAX_SHUFFLED", 7 * len(FIVES))
    assert in_clusters(contains("CG"), FIVES, labels).shuffles == 7


def test_a_planted_motif_is_commoner_than_in_the_background(sequences) -> None:
    random = np.random.default_rng(4)

    def text(planted: bool) -> str:
        plain = "".join(random.choice(list("ACGT"), 300))
        return plain[:100] + "TGACTCATGC" + plain[110:] if planted else plain

    own = Scanner(sequences(*(text(i < 30) for i in range(40))))
    other = Scanner(sequences(*(text(False) for _ in range(40))))
    rows = between(
        [
            (own.scan(Motif.of_pattern(name, name)), other.scan(Motif.of_pattern(name, name)))
            for name in ("TGACTCATGC", "CCGGAATT")
        ]
    )
    assert rows[0].with_hit == 30
    assert rows[0].background_with_hit == 0
    assert rows[0].q < 1e-8
    assert rows[1].q > 0.05
    expected = stats.fisher_exact([[30, 10], [0, 40]], alternative="greater").pvalue
    assert rows[0].p == pytest.approx(expected)


def test_hits_in_shuffles_are_as_many_as_expected_in_random_sequences(sequences) -> None:
    text = "".join(np.random.default_rng(6).choice(list("ACGT"), 100_000))
    scanner = Scanner(sequences(text), ScanConfig(p=1e-3))
    motif = Motif("m", np.random.default_rng(1).integers(1, 20, (8, 4)).astype(float))
    mixed = hits_in_shuffles(scanner, motif, shuffles=8)
    expected = scanner.scan(motif).expected
    assert abs(mixed.mean() - expected) < 5 * np.sqrt(expected / 8)
    pair = Motif.of_pattern("CG", "CG")
    assert (hits_in_shuffles(scanner, pair, shuffles=3) == len(scanner.scan(pair))).all()


def test_a_number_of_hits_is_placed_among_those_in_shuffles() -> None:
    shuffled = np.array([3, 5, 5, 8])
    assert shuffle_p(9, shuffled) == pytest.approx(2 * 1 / 5)  # none as many
    assert shuffle_p(2, shuffled) == pytest.approx(2 * 1 / 5)  # none as few
    assert shuffle_p(8, shuffled) == pytest.approx(2 * 2 / 5)
    assert shuffle_p(5, shuffled) == 1.0


def test_a_survey_finds_the_planted_motif_beside_its_shuffle(sequences) -> None:
    planted = sequences(*["ACGTTGCA" + "GAATTC" * 20] * 3, "CCCCCCCC" * 20)
    scanner = Scanner(planted, ScanConfig(p=1e-3))
    motifs = [Motif.of_pattern("EcoRI", "GAATTC"), Motif.of_pattern("BamHI", "GGATCC")]
    found, absent = survey(scanner, motifs)
    assert (found.motif, found.hits, found.records) == ("EcoRI", 60, 3)
    assert found.shuffled < 60
    assert (absent.hits, absent.records) == (0, 0)


def test_a_p_value_of_shuffles_can_be_lower_than_one_in_their_number() -> None:
    drawn = np.random.default_rng(4).poisson(20, 100)
    assert shuffle_p(64, drawn) < 1e-6
    assert shuffle_p(64, drawn, alternative="greater") < shuffle_p(40, drawn, alternative="greater")
    near = int(np.sort(drawn)[80])
    reached = int((drawn >= near).sum())
    assert shuffle_p(near, drawn, alternative="greater") == (1 + reached) / 101


def test_p_values_of_shuffles_are_honest() -> None:
    drawn = np.random.default_rng(5).negative_binomial(10, 0.3, (2_000, 101))
    p = np.array([shuffle_p(int(row[0]), row[1:], alternative="greater") for row in drawn])
    for level in (0.05, 0.01, 0.002):
        assert (p <= level).mean() == pytest.approx(level, abs=4 * (level / 2_000) ** 0.5)


def test_coding_sequences_are_compared_with_shuffled_codons(sequences) -> None:
    coding = sequences("ATGGCCAAATAA", "ATGTTTTAG")
    assert null_of(coding) == "codon"
    assert null_of(sequences("ATGGCCAAATAA", "CCTTA")) == "dinucleotide"
    mixed = shuffle(sequences("ATGGCCAAACCCTAA"), "codon", seed=3)
    text = DNA.decode(mixed.codes)
    assert sorted(text[i : i + 3] for i in range(0, 15, 3)) == ["AAA", "ATG", "CCC", "GCC", "TAA"]


def test_hits_are_only_counted_as_scan_finds_them(sequences) -> None:
    random = np.random.default_rng(7)
    scanner = Scanner(sequences("".join(random.choice(list("ACGTN"), 3_000))))
    for text in ("GATAA", "TGACGTCA"):
        motif = Motif.of_pattern(text, text)
        assert scanner.count(scanner.log_odds(motif)) == len(scanner.scan(motif))
