"""Hits along sequences: where Bio.motifs finds them, with its scores; how many chance gives."""

import re
from itertools import product

import numpy as np
import pytest
from Bio.Seq import Seq

from bioskipgram.config import ScanConfig
from bioskipgram.errors import ConfigError, QueryError
from bioskipgram.motifs import scan as hits_module
from bioskipgram.motifs.files import read_motifs
from bioskipgram.motifs.library import jaspar
from bioskipgram.motifs.log_odds import UNIT, LogOdds
from bioskipgram.motifs.matrix import Motif
from bioskipgram.motifs.scan import Hits, Scanner
from bioskipgram.numerics import threads
from bioskipgram.sequences.alphabet import DNA, PROTEIN
from bioskipgram.sequences.fasta import read
from bioskipgram.sequences.sequences import Sequences
from tests.motifs.test_matrix import bio_log_odds, random_motif


def random_text(length: int, seed: int = 1, letters: str = "ACGT") -> str:
    return "".join(np.random.default_rng(seed).choice(list(letters), length))


def found(hits: Hits) -> set[tuple[int, int, int]]:
    columns = (hits.records.tolist(), hits.starts.tolist(), hits.strands.tolist())
    return set(zip(*columns, strict=True))


@pytest.mark.parametrize("length", [1, 5, 6, 7, 12, 19, 33])
def test_hits_are_where_bio_motifs_finds_them_with_its_scores(sequences, length: int) -> None:
    motif, texts = random_motif(length, length), [random_text(3000, length), random_text(700, 8)]
    scanner = Scanner(sequences(*texts), ScanConfig(by="relative", relative=0.7))
    log_odds = scanner.log_odds(motif)
    hits = scanner.scan(motif)
    pssm = bio_log_odds(motif, scanner.background, 1.0)
    border, slack = scanner.threshold(log_odds) * UNIT, length * UNIT
    for record, text in enumerate(texts):
        theirs = {}
        for position, score in pssm.search(Seq(text), threshold=border - slack, both=True):
            place = position if position >= 0 else position + len(text)
            theirs[record, int(place), 1 if position >= 0 else -1] = float(score)
        ours = {
            key: score
            for key, score in zip(
                zip(hits.records, hits.starts, hits.strands, strict=True), hits.scores, strict=True
            )
            if key[0] == record
        }
        assert len(ours) > 1
        sure = {key for key, score in theirs.items() if score >= border + slack}
        assert sure <= set(ours) <= set(theirs)
        for key, score in ours.items():
            assert score == pytest.approx(theirs[key], abs=slack)


def test_scores_agree_with_calculate_at_every_position(sequences) -> None:
    motif, text = random_motif(9, 5), random_text(400, 3)
    scanner = Scanner(sequences(text), ScanConfig(by="relative", relative=0.0, strands="+"))
    hits = scanner.scan(motif)
    expected = bio_log_odds(motif, scanner.background, 1.0).calculate(Seq(text))
    assert hits.starts.tolist() == list(range(392))
    assert hits.scores == pytest.approx(np.array(expected), abs=9 * UNIT)


def test_no_window_spans_an_unknown_base_or_two_records(sequences) -> None:
    texts = ["ACGTNACG", "T", "", "ACGTACG"]
    hits = Scanner(sequences(*texts)).scan(Motif.of_pattern("x", "ACGT"))
    assert found(hits) == {(0, 0, 1), (3, 0, 1)}
    assert hits.windows == 1 + 4


@pytest.mark.parametrize("pattern", ["GAATTC", "CANNTG", "TATAWAW", "N", "ATG", "RYN"])
def test_patterns_are_found_as_regular_expressions_find_them(sequences, pattern: str) -> None:
    text = random_text(5000, 4)
    hits = Scanner(sequences(text)).scan(Motif.of_pattern("x", pattern))
    codes = {"R": "[AG]", "Y": "[CT]", "W": "[AT]", "N": "."}
    expression = "".join(codes.get(letter, letter) for letter in pattern)
    turned = DNA.decode(DNA.reverse_complement(DNA.encode(text)))
    plus = {(0, m.start(), 1) for m in re.finditer(f"(?={expression})", text)}
    width = len(pattern)
    minus = {
        (0, len(text) - m.start() - width, -1)
        for m in re.finditer(f"(?={expression}.{{0}})", turned)
        if m.start() + width <= len(text)
    }
    palindrome = LogOdds.of(Motif.of_pattern("x", pattern)).is_palindrome
    assert found(hits) == (plus if palindrome else plus | minus)
    assert palindrome == ({start for _, start, _ in plus} == {start for _, start, _ in minus})


def test_many_blocks_and_many_hits_give_what_one_gives(sequences, monkeypatch) -> None:
    text = random_text(50_000, 6)
    motif, config = random_motif(8, 2), ScanConfig(p=0.2)
    whole = Scanner(sequences(text), config).scan(motif)
    monkeypatch.setattr(hits_module, "_BLOCK", 777)
    monkeypatch.setattr(threads, "cores", lambda: 3)
    parts = Scanner(sequences(text), config).scan(motif)
    assert len(whole) > 10_000
    for name in ("starts", "strands", "scores", "p_values"):
        assert (getattr(whole, name) == getattr(parts, name)).all()


def test_chance_gives_as_many_hits_as_expected(sequences) -> None:
    text = random_text(400_000, 7)
    for p in (1e-2, 1e-3):
        hits = Scanner(sequences(text), ScanConfig(p=p)).scan(random_motif(10, 3))
        assert hits.expected <= p * hits.windows * (1 + 1e-9)
        assert abs(len(hits) - hits.expected) < 5 * np.sqrt(hits.expected)
    pattern = Scanner(sequences(text)).scan(Motif.of_pattern("x", "ACCWG"))
    assert pattern.expected == pytest.approx(2 * 399_996 * 2 / 4**5, rel=0.02)
    assert abs(len(pattern) - pattern.expected) < 5 * np.sqrt(pattern.expected)


def test_the_background_follows_the_data_both_strands_pooled(sequences) -> None:
    text = "A" * 70 + "C" * 30
    both = Scanner(sequences(text)).background
    assert both == pytest.approx([0.35, 0.15, 0.15, 0.35], abs=0.01)
    plus = Scanner(sequences(text), ScanConfig(strands="+")).background
    assert plus == pytest.approx([0.68, 0.3, 0.01, 0.01], abs=0.01)
    given = Scanner(sequences(text), ScanConfig(background="1,1,1,2")).background
    assert given == pytest.approx([0.2, 0.2, 0.2, 0.4])
    assert (Scanner(sequences(text), ScanConfig(background="uniform")).background == 0.25).all()


def test_q_values_are_benjamini_and_hochbergs_over_all_windows(sequences) -> None:
    from scipy.stats import false_discovery_control

    scanner = Scanner(sequences(random_text(500, 2)), ScanConfig(by="relative", relative=0.0))
    hits = scanner.scan(random_motif(6, 8))
    assert len(hits) == hits.windows
    assert hits.q_values == pytest.approx(false_discovery_control(hits.p_values))


def test_a_motif_too_vague_for_its_p_says_so(sequences) -> None:
    hits = Scanner(sequences("ACGT" * 50)).scan(random_motif(2, 1))
    assert len(hits) == 0
    assert "too short or too vague for p ≤ 0.0001: even its best word has p = " in hits.note


def test_regular_expressions_on_both_strands(sequences) -> None:
    scanner = Scanner(sequences("AATGCCCAT", "CCATTT"))
    hits = scanner.search("/ATG+/")
    assert found(hits) == {(0, 1, 1), (0, 4, -1), (1, 0, -1)}
    assert [hits.text(i) for i in range(3)] == ["ATG", "ATGGG", "ATGG"]
    assert np.isnan(hits.expected)
    with pytest.raises(QueryError, match="takes too long"):
        Scanner(sequences(random_text(50_000))).search("/((A|C|G|T)+)+[^ACGT]/", 0.2)
    with pytest.raises(QueryError, match="stands between slashes"):
        scanner.search("ATG")


def test_the_letters_of_a_hit_are_read_on_its_own_strand(sequences) -> None:
    hits = Scanner(sequences("TTATGACATT")).scan(Motif.of_pattern("x", "ATG"))
    assert [hits.text(i) for i in range(len(hits))] == ["ATG", "ATG"]
    assert hits.strands.tolist() == [1, -1]
    assert hits.per_record.tolist() == [2]


def test_what_cannot_be_scanned_is_refused(sequences, monkeypatch) -> None:
    with pytest.raises(QueryError, match="these sequences are protein"):
        Scanner(read(b">p\nMKLV\n", alphabet=PROTEIN))
    monkeypatch.setattr(hits_module, "MAX_HITS", 50)
    with pytest.raises(QueryError, match=r"hits, of which 50 can be shown; give a lower p-value"):
        Scanner(sequences("ACGT" * 100)).scan(Motif.of_pattern("x", "ACGT"))


@pytest.mark.parametrize("background", ["gc", "1,2", "1,2,3,x", "0,1,1,1", ""])
def test_a_background_that_is_none_is_refused(background: str) -> None:
    with pytest.raises(ConfigError, match="background"):
        ScanConfig(background=background)


def test_empty_sequences_have_no_hits(sequences) -> None:
    empty = Sequences(("a",), ("a",), np.zeros(0, np.uint8), np.array([0, 0]))
    assert len(Scanner(empty).scan(random_motif(5, 1))) == 0


SKEWED = (0.4, 0.1, 0.2, 0.3)
CASE = """>M x
A [ 70 900 900 4 13 900 ]
C [ 24 4 0 1 122 13 ]
G [ 3 22 5 0 12 6 ]
T [ 900 29 5 900 900 12 ]
"""


def skewed_text(length: int, seed: int = 11) -> str:
    return "".join(np.random.default_rng(seed).choice(list("ACGT"), length, p=SKEWED))


@pytest.mark.parametrize("name", ["CREB3L4", "SOX10"])
def test_each_strand_has_as_many_hits_as_an_asymmetric_background_gives(sequences, name) -> None:
    text, shares = skewed_text(400_000), ",".join(map(str, SKEWED))
    config = ScanConfig(p=5e-4, background=shares)
    one_strand = ScanConfig(p=5e-4, background=shares, strands="+")
    motif = next(one for one in jaspar() if one.name.split()[0] == name)
    hits = Scanner(sequences(text), config).scan(motif)
    plus = Scanner(sequences(text), one_strand).scan(motif).expected
    assert 150 < hits.expected <= 400
    for strand, expected in ((1, plus), (-1, hits.expected - plus)):
        found = int((hits.strands == strand).sum())
        assert abs(found - expected) <= 5 * np.sqrt(expected)


def test_p_values_of_either_strand_are_those_of_all_words(sequences) -> None:
    """A window of the minus strand is as likely as its letters on the plus strand."""
    background, motif = np.array(SKEWED), random_motif(5, 3)
    config = ScanConfig(by="relative", relative=0.0, background=",".join(map(str, SKEWED)))
    hits = Scanner(sequences(random_text(300, 1)), config).scan(motif)
    words = np.array(list(product(range(4), repeat=5)))
    chances = background[words].prod(axis=1)
    for strand, one in ((1, motif), (-1, motif.reverse_complement)):
        scores = LogOdds.of(one, background=background).scores[np.arange(5), words].sum(axis=1)
        for i in np.flatnonzero(hits.strands == strand)[:40]:
            tail = chances[scores * UNIT >= hits.scores[i] - 1e-9].sum()
            assert hits.p_values[i] == pytest.approx(tail)


@pytest.mark.parametrize("by", ["p-value", "relative"])
def test_the_reverse_complement_and_a_mirrored_background_give_mirrored_hits(sequences, by) -> None:
    text = "TAATTACGTATAATTAGCATAATTAGGCCTTAATTACGG" + skewed_text(2000)
    turned = DNA.decode(DNA.reverse_complement(DNA.encode(text)))
    (motif,) = read_motifs(CASE)
    there, back = (
        Scanner(
            sequences(one), ScanConfig(by=by, p=2e-3, background=",".join(map(str, shares)))
        ).scan(motif)
        for one, shares in ((text, SKEWED), (turned, SKEWED[::-1]))
    )
    assert len(there) > 3
    assert {(len(text) - stop, -strand, round(score, 9), round(p, 12)) for stop, strand, score, p in
            zip(there.stops, there.strands, there.scores, there.p_values, strict=True)} == {
        (start, strand, round(score, 9), round(p, 12)) for start, strand, score, p in
        zip(back.starts, back.strands, back.scores, back.p_values, strict=True)
    }  # fmt: skip
    assert there.expected == pytest.approx(back.expected)


@pytest.mark.parametrize("background", ["1e400,1,1,1", "1e308,1e308,1e308,1e308", "1,1,1,1e-9"])
def test_a_background_out_of_all_proportion_is_refused(background: str) -> None:
    with pytest.raises(ConfigError, match="background"):
        ScanConfig(background=background)


def test_a_look_ahead_alone_is_told_to_be_no_hit(sequences) -> None:
    scanner = Scanner(sequences("CCGATACC"))
    with pytest.raises(QueryError, match=r"/\(\?=GATA\)/ matches 1 places, but no letters"):
        scanner.search("/(?=GATA)/")
    assert len(scanner.search("/(?=G)GATA/")) == 1
