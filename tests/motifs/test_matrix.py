"""Log-odds and their distribution against Bio.motifs and against writing every word out."""

from itertools import product

import numpy as np
import pytest
from Bio import motifs as bio
from hypothesis import given, settings
from hypothesis import strategies as st

from bioskipgram.errors import ConfigError, QueryError
from bioskipgram.kmers.tokenizer import KmerTokenizer
from bioskipgram.kmers.vocabulary import Vocabulary
from bioskipgram.motifs.log_odds import UNIT, LogOdds, as_shares, best_score, score_kmers
from bioskipgram.motifs.matrix import Motif, background_of
from bioskipgram.sequences.alphabet import DNA, PROTEIN

SIXES = Vocabulary.from_counts(KmerTokenizer(6), np.ones(4**6, np.int64))
BACKGROUND = background_of([0.3, 0.2, 0.15, 0.35])


def random_motif(length: int, seed: int) -> Motif:
    random = np.random.default_rng(seed)
    return Motif(f"random {seed}", random.integers(0, 30, (length, 4)) + np.eye(4)[0])


def bio_motif(motif: Motif) -> bio.Motif:
    counts = dict(zip("ACGT", motif.weights.T.tolist(), strict=True))
    return bio.Motif(alphabet="ACGT", counts=counts)


def bio_log_odds(motif: Motif, background: np.ndarray, pseudocount: float):
    shares = dict(zip("ACGT", background.tolist(), strict=True))
    pseudo = {letter: pseudocount * share for letter, share in shares.items()}
    return bio_motif(motif).counts.normalize(pseudo).log_odds(shares)


@pytest.mark.parametrize("seed", range(4))
def test_log_odds_are_those_of_bio_motifs(seed: int) -> None:
    motif = random_motif(5 + 3 * seed, seed)
    ours = LogOdds.of(motif, background=BACKGROUND, pseudocount=2.0)
    theirs = bio_log_odds(motif, BACKGROUND, 2.0)
    expected = np.array([theirs[letter] for letter in "ACGT"]).T
    assert np.abs(ours.scores * UNIT - expected).max() <= UNIT / 2 + 1e-12
    assert ours.highest * UNIT == pytest.approx(theirs.max, abs=len(motif) * UNIT)
    assert ours.lowest * UNIT == pytest.approx(theirs.min, abs=len(motif) * UNIT)


def every_word(log_odds: LogOdds) -> tuple[np.ndarray, np.ndarray]:
    """Score and probability of each of the 4^length words."""
    words = np.array(list(product(range(4), repeat=len(log_odds))))
    scores = log_odds.scores[np.arange(len(log_odds)), words].sum(axis=1)
    return scores, log_odds.background[words].prod(axis=1)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("length", [1, 4, 7])
def test_the_distribution_is_that_of_all_words(seed: int, length: int) -> None:
    log_odds = LogOdds.of(random_motif(length, seed), background=BACKGROUND)
    scores, chances = every_word(log_odds)
    asked = np.unique(scores)[:: max(1, len(scores) // 50)]
    expected = [chances[scores >= score].sum() for score in asked]
    assert log_odds.p_values(asked) == pytest.approx(expected, rel=1e-9)
    assert log_odds.p_values(np.array([log_odds.lowest]))[0] == pytest.approx(1)


@pytest.mark.parametrize("p", [0.3, 0.01, 1e-3])
def test_the_threshold_is_the_lowest_score_as_rare_as_asked(p: float) -> None:
    log_odds = LogOdds.of(random_motif(6, 9), background=BACKGROUND)
    scores, chances = every_word(log_odds)
    threshold = log_odds.threshold_at(p)
    assert chances[scores >= threshold].sum() <= p < chances[scores >= threshold - 1].sum()


def test_thresholds_agree_with_bios_within_its_grid() -> None:
    """Bio's adds up until the rate is *passed*, on a coarse grid: so it lies a little lower."""
    motif = random_motif(8, 4)
    ours = LogOdds.of(motif, pseudocount=1.0)
    theirs = bio_log_odds(motif, np.full(4, 0.25), 1.0).distribution(
        background=dict.fromkeys("ACGT", 0.25), precision=10**3
    )
    for rate in (0.01, 0.001):
        assert ours.threshold_at(rate) * UNIT == pytest.approx(
            theirs.threshold_fpr(rate), abs=len(motif) * theirs.step + 0.05
        )


def test_no_threshold_is_rare_enough_for_a_vague_motif() -> None:
    log_odds = LogOdds.of(random_motif(2, 1))
    assert log_odds.threshold_at(1e-6) == log_odds.highest + 1


def test_a_pattern_scores_nothing_where_it_fits() -> None:
    log_odds = LogOdds.of(Motif.of_pattern("x", "TAR"), background=BACKGROUND)
    scores, chances = every_word(log_odds)
    assert (scores == 0).sum() == 2
    assert log_odds.p_values(np.array([0]))[0] == pytest.approx(chances[scores == 0].sum())
    assert log_odds.threshold_at(1e-9) == log_odds.threshold_of(0.2) == 0


@pytest.mark.parametrize("pattern", ["GAATTC", "CANNTG", "RY", "ACGT"])
def test_palindromes_are_known(pattern: str) -> None:
    assert LogOdds.of(Motif.of_pattern("x", pattern)).is_palindrome
    assert not LogOdds.of(Motif.of_pattern("x", pattern + "A")).is_palindrome


@given(st.text("ACGTRYSWKMBDHVN", min_size=1, max_size=12))
@settings(deadline=None)
def test_a_pattern_is_its_own_consensus_and_turns_back(pattern: str) -> None:
    motif = Motif.of_pattern("x", pattern)
    there = motif.reverse_complement
    assert motif.consensus == pattern
    assert there.reverse_complement.pattern == pattern
    assert (Motif.of_pattern("y", there.pattern).weights == there.weights).all()


def test_the_consensus_of_a_matrix_is_bios() -> None:
    for seed in range(10):
        motif = random_motif(12, seed)
        assert motif.consensus == str(bio_motif(motif).degenerate_consensus)


def slow_score(motif: LogOdds, word: str) -> float:
    """Best over offsets and strands, letter by letter."""
    k, length, best = len(word), len(motif), -np.inf
    turned = DNA.decode(DNA.reverse_complement(DNA.encode(word)))
    for text in (word, turned):
        for offset in range(-length, k):
            over = [(i - offset, i) for i in range(k) if 0 <= i - offset < length]
            if len(over) >= min(k, length, 4):
                total = sum(int(motif.scores[c, "ACGT".index(text[i])]) for c, i in over)
                best = max(best, total)
    return float(best) * motif.unit


@pytest.mark.parametrize("length", [2, 6, 9, 15])
def test_kmers_score_by_their_best_overlap(length: int) -> None:
    log_odds = LogOdds.of(random_motif(length, length))
    scores = score_kmers(log_odds, SIXES)
    some = np.random.default_rng(1).integers(0, 4**6, 100)
    expected = [slow_score(log_odds, SIXES.texts[token]) for token in some]
    assert scores[some] == pytest.approx(expected)
    assert scores.max() == pytest.approx(best_score(log_odds, 6))


def test_kmers_of_a_pattern_score_letters_that_agree() -> None:
    log_odds = LogOdds.of(Motif.of_pattern("poly(A)", "AATAAA"))
    shares = as_shares(score_kmers(log_odds, SIXES, both=False), np.array(best_score(log_odds, 6)))
    by_text = dict(zip(SIXES.texts, shares.tolist(), strict=True))
    assert by_text["AATAAA"] == 1
    assert by_text["AATACA"] == by_text["ATAAAC"] == by_text["CAATAA"] == pytest.approx(5 / 6)
    assert by_text["TTTATT"] < 0.7


def test_words_of_several_lengths_are_scored_too() -> None:
    tokenizer = KmerTokenizer(5, k_min=3)
    words = Vocabulary.from_counts(tokenizer, np.ones(tokenizer.size, np.int64))
    log_odds = LogOdds.of(random_motif(7, 3))
    scores = score_kmers(log_odds, words)
    for token in range(0, len(words), 97):
        assert scores[token] == pytest.approx(slow_score(log_odds, words.texts[token]))


def test_protein_is_refused() -> None:
    pairs = Vocabulary.from_counts(KmerTokenizer(2, alphabet=PROTEIN), np.ones(400, np.int64))
    with pytest.raises(QueryError, match="cannot score k-mers of protein"):
        score_kmers(LogOdds.of(random_motif(4, 1)), pairs)


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        (np.zeros((0, 4)), "0 columns; a motif has 1 to 100"),
        (np.ones((101, 4)), "101 columns"),
        (np.array([[1.0, 1, 1, 1], [0, 0, 0, 0]]), "column 2: counts are 0 or more and not all 0"),
        (np.array([[1.0, -1, 1, 1]]), "column 1"),
        (np.array([[1.0, np.nan, 1, 1]]), "column 1"),
    ],
)
def test_what_is_no_matrix_is_refused(weights: np.ndarray, message: str) -> None:
    with pytest.raises(QueryError, match=message):
        Motif("x", weights)


def test_zeros_need_a_pseudocount_and_a_background_has_four_numbers() -> None:
    with pytest.raises(ConfigError, match=r"pseudocount: 0\.0 leaves zeros in x"):
        LogOdds.of(Motif("x", np.eye(4)), pseudocount=0.0)
    for bad in ([1, 2, 3], [1, 1, 1, 0], [1, 1, 1, np.inf], []):
        with pytest.raises(ConfigError, match="four numbers above 0"):
            background_of(bad)
