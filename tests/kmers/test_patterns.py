"""Patterns against k-mers, checked by writing every ambiguity code out."""

import re
import time
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bioskipgram.errors import BioSkipGramError, QueryError
from bioskipgram.kmers.patterns import matching, regex_of, spans
from bioskipgram.kmers.tokenizer import KmerTokenizer
from bioskipgram.kmers.vocabulary import Vocabulary
from bioskipgram.sequences.alphabet import PROTEIN, RNA

IUPAC = {
    "A": "A", "C": "C", "G": "G", "T": "T", "U": "T", "R": "AG", "Y": "CT", "S": "CG", "W": "AT",
    "K": "GT", "M": "AC", "B": "CGT", "D": "AGT", "H": "ACT", "V": "ACG", "N": "ACGT", "X": "ACGT",
}  # fmt: skip
FOURS = Vocabulary.from_counts(KmerTokenizer(4), np.ones(256, np.int64))


def hits(pattern: str, vocabulary: Vocabulary = FOURS) -> list[str]:
    found = matching(vocabulary, pattern)
    assert found.dtype == np.bool_
    return [text for text, hit in zip(vocabulary.texts, found, strict=True) if hit]


@given(st.text("".join(IUPAC), min_size=1, max_size=4))
def test_a_pattern_matches_what_it_can_be_written_out_to(pattern: str) -> None:
    written_out = {"".join(letters) for letters in product(*(IUPAC[code] for code in pattern))}
    expected = [kmer for kmer in FOURS.texts if any(word in kmer for word in written_out)]
    assert hits(pattern) == expected
    assert hits(pattern.lower()) == expected


@pytest.mark.parametrize(
    ("pattern", "count"),
    [
        ("ACGT", 1),
        ("ACG", 8),
        ("NNNN", 256),
        ("N", 256),
        ("TATA", 1),
        ("A", 256 - 81),
        ("RYRY", 16),
    ],
)
def test_how_many_four_mers_match(pattern: str, count: int) -> None:
    assert len(hits(pattern)) == count


@pytest.mark.parametrize("pattern", [" a c\tg ", "AcG", "acg\n"])
def test_case_and_blanks_do_not_matter(pattern: str) -> None:
    assert hits(pattern) == hits("ACG")


def test_u_and_t_are_one_letter_for_dna_and_rna() -> None:
    rna = Vocabulary.from_counts(KmerTokenizer(3, alphabet=RNA), np.ones(64, np.int64))
    assert hits("UAR", rna) == hits("TAR", rna) == ["UAA", "UAG"]
    assert hits("UARN") == hits("TARN")
    assert len(hits("U", rna)) == 64 - 27


def test_protein_is_matched_letter_by_letter_and_x_is_any() -> None:
    pairs = Vocabulary.from_counts(KmerTokenizer(2, alphabet=PROTEIN), np.ones(400, np.int64))
    assert hits("NR", pairs) == ["NR"]
    assert hits("gx", pairs) == [f"G{letter}" for letter in PROTEIN.letters]
    assert len(hits("W", pairs)) == 39
    with pytest.raises(QueryError, match="'B' is no IUPAC amino acid code; use ACDEFGHIKLMNPQRSTV"):
        matching(pairs, "BA")


def test_only_kmers_of_the_vocabulary_are_found() -> None:
    few = Vocabulary(KmerTokenizer(4), np.array([0, 27, 255]), np.ones(3, np.int64))
    assert hits("CG", few) == ["ACGT"]
    assert hits("GG", few) == []


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("", "'': 'nothing' is no IUPAC nucleotide code; use ABCD"),
        ("  ", "'nothing' is no IUPAC"),
        ("ACE", "'ACE': 'E' is no IUPAC"),
        ("A-C", "'-' is no IUPAC"),
        ("A.C", "'.' is no IUPAC"),
        ("A[C", r"'\[' is no IUPAC"),
        ("(A)", r"'\(' is no IUPAC"),
        ("Ä", "'Ä' is no IUPAC"),
        ("ACGTA", "'ACGTA' has 5 letters, but this model's k-mers have 4"),
        ("N" * 9, "has 9 letters"),
    ],
)
def test_what_is_no_pattern_is_refused(pattern: str, message: str) -> None:
    with pytest.raises(QueryError, match=message) as caught:
        matching(FOURS, pattern)
    assert isinstance(caught.value, BioSkipGramError)
    assert isinstance(caught.value, LookupError)


# Regular expressions -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "pattern", ["^T(AA|AG|GA)", "A..A", "(AC)+$", "[^T]{4}", "a[cg]t|GGGG", "^$"]
)
def test_a_regular_expression_finds_what_pythons_own_finds(pattern: str) -> None:
    expected = [kmer for kmer in FOURS.texts if re.search(pattern, kmer, re.IGNORECASE)]
    assert hits(f"/{pattern}/") == expected
    assert hits(f"  /{pattern}/ ") == expected


def test_a_stop_in_frame_is_not_one_out_of_frame() -> None:
    sixes = Vocabulary.from_counts(KmerTokenizer(6), np.ones(4**6, np.int64))
    found = hits("/^(...)*?(TAA|TAG|TGA)/", sixes)
    stops = {"TAA", "TAG", "TGA"}
    assert found == [text for text in sixes.texts if stops & {text[:3], text[3:]}]


def test_substitutions_can_be_allowed() -> None:
    near = [
        kmer for kmer in FOURS.texts if sum(a != b for a, b in zip(kmer, "ACGT", strict=True)) < 2
    ]
    assert hits("/^(?:ACGT){s<=1}$/") == near


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("//", "0 characters between the slashes; a regular expression has 1 to 200"),
        ("/" + "A" * 201 + "/", "201 characters between the slashes"),
        ("/(A/", r"'/\(A/' is no regular expression: missing \)"),
        ("/[A/", "is no regular expression: unterminated character set at position 2"),
        ("/A\\/", "is no regular expression: bad escape"),
        ("/A(?R)?/", "may not call itself"),
        ("/(A)(?1)/", "may not call itself"),
        ("/(?P<x>A)(?&x)/", "may not call itself"),
    ],
)
def test_what_is_no_regular_expression_is_refused(pattern: str, message: str) -> None:
    with pytest.raises(QueryError, match=message):
        matching(FOURS, pattern)


def test_an_expression_that_would_take_for_ever_over_kmers_is_stopped() -> None:
    long = Vocabulary(KmerTokenizer(12), np.arange(5000), np.ones(5000, np.int64))
    start = time.monotonic()
    with pytest.raises(QueryError, match=r"takes too long: it was stopped; give one that can fail"):
        matching(long, "/((((A*)*)*)*)*G[^ACGT]/", seconds=0.2)
    assert time.monotonic() - start < 3


def test_spans_overlap_and_are_where_a_lookahead_finds_them() -> None:
    text = "ATATATACGCGCGATATT" * 5
    expected = [(m.start(1), m.end(1)) for m in re.finditer("(?=(ATA|CGCG))", text)]
    assert list(spans(regex_of("/ATA|CGCG/"), text)) == expected


@pytest.mark.parametrize("pattern", ["/((A|C|G|T)(A|C|G|T)*)+[^ACGT]/", "/.*/"])
def test_an_expression_that_would_take_for_ever_over_a_sequence_is_stopped(pattern: str) -> None:
    text = "".join(np.random.default_rng(1).choice(list("ACGT"), 200_000))
    start = time.monotonic()
    with pytest.raises(QueryError, match="takes too long"):
        list(spans(regex_of(pattern), text, 0.2))
    assert time.monotonic() - start < 3


# The `]` is what makes a set one character; an escaped bracket and a comment are taken for groups.
HUGE = [
    "(?:(?:A{1000}){1000}){9}", "A{10000000}", "(?:A{0,1000}){1000}", "A{99999999999999999999}",
    "(?:(?:(?:A{20}){20}){20}){20}", "(A|C{300}){300}", "(?:A {1000}) {1000}", "A{,4000000000}",
    "(?x)(?:A{900} )#A\n{900}", "(?:A{500}){500}", "(?=A{9000}){9000}", "(?:[(]A{500}){500}",
    "(?:A{3,}){100000,}", "(?:" * 20 + "A" + "){4}" * 20, "A{50000}", "\\x41{300}{300}",
]  # fmt: skip


@pytest.mark.parametrize("inner", HUGE, ids=range(len(HUGE)))
def test_counted_repeats_beyond_all_kmers_are_refused_before_they_are_compiled(
    inner: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import regex

    def compiled(*_: object) -> None:
        raise AssertionError("this must not be compiled")

    monkeypatch.setattr(regex, "compile", compiled)
    start = time.monotonic()
    with pytest.raises(QueryError, match=r"its counted repeats make it about [\d,]+ characters"):
        matching(FOURS, f"/{inner}/")
    assert time.monotonic() - start < 1


@pytest.mark.parametrize(
    "inner",
    ["(?:CAG){20,200}", "G{3,}N{1,7}G{3,}N{1,7}G{3,}N{1,7}G{3,}", "(?:A{30}){30}", "A{,12}",
     "(?:ACGT){s<=1}", "(?:A{6}){e<=1}", "[ACGT]{12}", "(?:[AT]{3}[CG]{3}){40}", "A{}"],
)  # fmt: skip
def test_counted_repeats_that_sequences_can_hold_are_taken(inner: str) -> None:
    assert regex_of(f"/{inner}/") is not None


def test_an_expression_that_regex_has_no_memory_for_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import regex

    def compiled(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(regex, "compile", compiled)
    with pytest.raises(QueryError, match="is no regular expression"):
        regex_of("/A/")
