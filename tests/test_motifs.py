"""Patterns against k-mers, checked by writing every ambiguity code out."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bioskipgram.alphabet import PROTEIN, RNA
from bioskipgram.errors import BioSkipGramError, QueryError
from bioskipgram.kmers import KmerTokenizer
from bioskipgram.motifs import matching
from bioskipgram.vocabulary import Vocabulary

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
