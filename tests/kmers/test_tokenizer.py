"""k-mers as numbers, against plain text: every code, both strands, every setting's limits."""

from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bioskipgram.counting.pairs import len_codes
from bioskipgram.errors import ConfigError, QueryError
from bioskipgram.kmers.composition import gc_content
from bioskipgram.kmers.genetic_code import translate
from bioskipgram.kmers.tokenizer import KmerTokenizer, bases_of, reverse_complement
from bioskipgram.sequences.alphabet import DNA, PROTEIN, RNA

relaxed = settings(deadline=None, max_examples=25)
every_k = pytest.mark.parametrize("k", range(1, 13))
# Runs of known bases with an N between them; empty runs put several N in a row.
records = st.lists(st.text("ACGT", max_size=30), max_size=4).map("N".join)
AMINO_ACIDS = "KNKNTTTTRSRSIIMIQHQHPPPPRRRRLLLLEDEDAAAAGGGGVVVV*Y*YSSSS*CWCLFLF"
"""The standard genetic code for AAA, AAC, AAG, AAT, ACA … TTT."""


def code_of(kmer: str) -> int:
    """The k-mer as a number in base 4, -1 if a letter is not a base."""
    total = 0
    for letter in kmer:
        if letter not in "ACGT":
            return -1
        total = 4 * total + "ACGT".index(letter)
    return total


def other_strand(kmer: str) -> str:
    return "".join("TGCAN"["ACGTN".index(letter)] for letter in reversed(kmer))


def all_kmers(k: int) -> list[str]:
    return ["".join(letters) for letters in product("ACGT", repeat=k)]


# Cutting records -----------------------------------------------------------------------------


@every_k
@relaxed
@given(text=records, data=st.data())
def test_codes_are_those_of_the_windows_cut_out_as_text(
    k: int, text: str, data: st.DataObject
) -> None:
    stride = data.draw(st.integers(1, k), "stride")
    frame = data.draw(st.integers(0, stride - 1), "frame")
    canonical = data.draw(st.booleans(), "canonical")

    expected = []
    for start in range(frame, len(text) - k + 1, stride):
        kmer = text[start : start + k]
        both = [code_of(kmer), code_of(other_strand(kmer))]
        expected.append(min(both) if canonical else both[0])

    codes = KmerTokenizer(k, stride, frame, canonical).codes(DNA.encode(text))
    assert codes.dtype == np.int64
    assert codes.tolist() == expected


def test_a_record_shorter_than_k_has_no_window() -> None:
    assert KmerTokenizer(4).codes(DNA.encode("ACG")).tolist() == []
    assert KmerTokenizer(4).codes(DNA.encode("")).tolist() == []
    assert KmerTokenizer(3, stride=3, frame=2).codes(DNA.encode("ACGT")).tolist() == []
    assert len(KmerTokenizer(3, stride=3, frame=2).codes(DNA.encode("ACGTA"))) == 1


def test_codons_are_read_in_frame() -> None:
    codons = KmerTokenizer(3, stride=3, frame=1)
    codes = codons.codes(DNA.encode("CATGGCNTAATT"))
    assert codons.decode(codes) == ["ATG", "", "TAA"]


# Numbers and letters -------------------------------------------------------------------------


@every_k
@relaxed
@given(data=st.data())
def test_a_kmer_comes_back_from_its_code(k: int, data: st.DataObject) -> None:
    kmer = data.draw(st.text("ACGT", min_size=k, max_size=k))
    tokenizer = KmerTokenizer(k)
    code = tokenizer.encode(kmer)
    assert code == code_of(kmer)
    assert tokenizer.encode(kmer.lower()) == code
    assert tokenizer.decode(np.array([code, -1])) == [kmer, ""]


@pytest.mark.parametrize("k", [1, 2, 3, 5])
def test_numeric_order_is_alphabetical_order(k: int) -> None:
    tokenizer = KmerTokenizer(k)
    assert tokenizer.size == 4**k
    assert tokenizer.decode(tokenizer.all_codes()) == sorted(all_kmers(k))


def test_no_codes_decode_to_no_text() -> None:
    assert KmerTokenizer(3).decode(np.zeros(0, np.int64)) == []


def test_bases_of_a_code_are_its_letters() -> None:
    assert bases_of(np.array([code_of("ACGT"), code_of("TTTA")]), 4).tolist() == [
        [0, 1, 2, 3],
        [3, 3, 3, 0],
    ]


@pytest.mark.parametrize("k", [1, 4, 5])
def test_gc_content_is_the_share_of_g_and_c(k: int) -> None:
    expected = [(kmer.count("G") + kmer.count("C")) / k for kmer in all_kmers(k)]
    np.testing.assert_allclose(gc_content(np.arange(4**k), KmerTokenizer(k)), expected, rtol=1e-6)


@pytest.mark.parametrize("kmer", ["", "AC", "ACGT", "ACN", "A-C", "AÉC", "A C"])
def test_a_query_that_is_no_kmer_is_refused(kmer: str) -> None:
    with pytest.raises(QueryError, match=r"is not a 3-mer: give 3 letters of ACGT"):
        KmerTokenizer(3).encode(kmer)


def test_rna_has_the_same_codes_and_is_written_with_u() -> None:
    rna = KmerTokenizer(3, alphabet=RNA)
    assert rna.encode("AUG") == rna.encode("atg") == KmerTokenizer(3).encode("ATG")
    assert rna.decode(rna.codes(RNA.encode("AUGUN"))) == ["AUG", "UGU", ""]
    with pytest.raises(QueryError, match="give 3 letters of ACGU"):
        rna.encode("AUN")


@relaxed
@given(text=st.text("ACDEFGHIKLMNPQRSTVWYX", max_size=30), k=st.integers(1, 6))
def test_kmers_of_protein_are_numbers_in_base_20(text: str, k: int) -> None:
    tokenizer = KmerTokenizer(k, alphabet=PROTEIN)
    windows = [text[i : i + k] for i in range(len(text) - k + 1)]
    codes = tokenizer.codes(PROTEIN.encode(text))
    places = [20**i for i in reversed(range(k))]
    assert codes.tolist() == [
        -1 if "X" in window else
        sum(PROTEIN.letters.index(a) * b for a, b in zip(window, places, strict=True))
        for window in windows
    ]  # fmt: skip
    assert tokenizer.decode(codes) == ["" if "X" in window else window for window in windows]
    assert [tokenizer.encode(w) for w in windows if "X" not in w] == codes[codes >= 0].tolist()
    assert tokenizer.size == 20**k


# Words of several lengths ---------------------------------------------------------------------


def words_of(k_min: int, k: int) -> list[str]:
    return [word for length in range(k_min, k + 1) for word in all_kmers(length)]


@pytest.mark.parametrize(("k_min", "k"), [(1, 1), (1, 3), (2, 3), (3, 3), (2, 5)])
def test_shorter_words_come_first_then_the_alphabet(k_min: int, k: int) -> None:
    tokenizer, words = KmerTokenizer(k, k_min=k_min), words_of(k_min, k)
    codes = tokenizer.all_codes()
    assert tokenizer.size == len(words) == len(codes)
    assert tokenizer.decode(codes) == words
    assert [tokenizer.encode(word) for word in words] == codes.tolist()
    assert tokenizer.lengths(codes).tolist() == [len(word) for word in words]
    assert tokenizer.decode(np.array([-1, 0])) == ["", words[0]]
    twins = tokenizer.reverse_complements(codes)
    assert tokenizer.decode(twins) == [other_strand(word) for word in words]
    expected = [(word.count("G") + word.count("C")) / len(word) for word in words]
    np.testing.assert_allclose(gc_content(codes, tokenizer), expected, rtol=1e-6)
    for row, word in zip(tokenizer.bases(codes), words, strict=True):
        assert row.tolist() == [*DNA.encode(word), *[4] * (k - len(word))]


def test_protein_has_words_of_several_lengths_too() -> None:
    tokenizer = KmerTokenizer(2, alphabet=PROTEIN, k_min=1)
    words = [*PROTEIN.letters, *("".join(pair) for pair in product(PROTEIN.letters, repeat=2))]
    assert tokenizer.decode(tokenizer.all_codes()) == words
    assert [tokenizer.encode(word) for word in words] == list(range(420))


@relaxed
@given(text=records)
def test_windows_of_every_length_have_the_codes_of_their_words(text: str) -> None:
    tokenizer = KmerTokenizer(4, k_min=2)
    for length in (2, 3, 4):
        windows = [text[i : i + length] for i in range(len(text) - length + 1)]
        expected = [-1 if "N" in window else tokenizer.encode(window) for window in windows]
        assert tokenizer.codes(DNA.encode(text), length).tolist() == expected


@pytest.mark.parametrize("kmer", ["A", "ACGTA", "ACN", ""])
def test_a_word_of_another_length_is_refused(kmer: str) -> None:
    with pytest.raises(QueryError, match="is not a 2- to 4-mer: give 2 to 4 letters of ACGT"):
        KmerTokenizer(4, k_min=2).encode(kmer)


@relaxed
@given(text=records, k_min=st.integers(1, 4), more=st.integers(0, 4), seed=st.integers(0, 99))
def test_at_every_base_with_k_known_ones_ahead_a_word_of_drawn_length(
    text: str, k_min: int, more: int, seed: int
) -> None:
    k = k_min + more
    tokenizer = KmerTokenizer(k, k_min=k_min)
    codes = tokenizer.drawn(DNA.encode(text), np.random.default_rng(seed))
    found = tokenizer.decode(codes)

    starts = range(len(text) - k + 1)
    lengths = np.random.default_rng(seed).integers(k_min, k + 1, len(starts), dtype=np.uint8)
    assert found == [
        "" if "N" in text[i : i + k] else text[i : i + length]
        for i, length in zip(starts, lengths.tolist(), strict=True)
    ]
    assert codes.min(initial=0) >= -1


def test_drawn_lengths_are_even_and_every_generator_draws_others() -> None:
    tokenizer = KmerTokenizer(8, k_min=3)
    bases = np.random.default_rng(0).integers(0, 4, 60_000).astype(np.uint8)
    one, other = (tokenizer.drawn(bases, np.random.default_rng(seed)) for seed in (1, 2))
    assert len(one) == 60_000 - 7
    share = np.bincount(tokenizer.lengths(one), minlength=9)[3:] / len(one)
    np.testing.assert_allclose(share, 1 / 6, atol=0.007)  # four deviations
    assert one[:20].tolist() != other[:20].tolist()


# The other strand ----------------------------------------------------------------------------


@every_k
@relaxed
@given(data=st.data())
def test_reverse_complement_of_codes_is_that_of_the_text(k: int, data: st.DataObject) -> None:
    kmers = data.draw(st.lists(st.text("ACGT", min_size=k, max_size=k), max_size=5))
    codes = np.array([code_of(kmer) for kmer in kmers], np.int64)
    other = reverse_complement(codes, k)
    assert other.tolist() == [code_of(other_strand(kmer)) for kmer in kmers]
    assert reverse_complement(other, k).tolist() == codes.tolist()


@pytest.mark.parametrize("k", range(1, 7))
def test_canonical_codes_merge_both_strands_and_keep_palindromes(k: int) -> None:
    tokenizer = KmerTokenizer(k, canonical=True)
    merged = sorted({min(kmer, other_strand(kmer)) for kmer in all_kmers(k)})
    assert tokenizer.decode(tokenizer.all_codes()) == merged
    assert len_codes(tokenizer) == len(merged)
    assert len_codes(KmerTokenizer(k)) == 4**k
    for kmer in all_kmers(k):
        assert tokenizer.encode(kmer) == tokenizer.encode(other_strand(kmer))
        assert tokenizer.encode(kmer) == code_of(min(kmer, other_strand(kmer)))


# Limits --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"k": 0}, r"^k: 0 is outside 1 to 12"),
        ({"k": 13}, r"^k: 13 is outside 1 to 12"),
        ({"k": 7, "alphabet": PROTEIN}, r"^k: 7 is too long for protein: 20\^7 .* k up to 6"),
        ({"k": 2, "canonical": True, "alphabet": PROTEIN}, "^canonical: protein has no other str"),
        ({"k": 3, "k_min": -1}, "^k-min: -1 is outside 0 to k = 3"),
        ({"k": 3, "k_min": 4}, "^k-min: 4 is outside 0 to k = 3"),
        ({"k": 3, "k_min": 2, "stride": 2}, "^k-min: .* stride 2 contradicts"),
        ({"k": 3, "k_min": 2, "canonical": True}, "^k-min: .* canonical contradicts"),
        ({"k": 3, "stride": 0}, r"^stride: 0 is outside 1 to k = 3"),
        ({"k": 3, "stride": 4}, r"^stride: 4 is outside 1 to k = 3; .* skip bases"),
        ({"k": 3, "frame": -1}, r"^frame: -1 is outside 0 to stride - 1 = 0"),
        ({"k": 3, "frame": 1}, r"^frame: 1 is outside 0 to stride - 1 = 0"),
        ({"k": 3, "stride": 3, "frame": 3}, r"^frame: 3 is outside 0 to stride - 1 = 2"),
    ],
)
def test_the_first_value_past_a_limit_is_refused(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        KmerTokenizer(**settings)


@pytest.mark.parametrize("limits", [(1, 1, 0), (12, 1, 0), (12, 12, 11)])
def test_the_last_value_within_a_limit_is_accepted(limits: tuple[int, int, int]) -> None:
    tokenizer = KmerTokenizer(*limits)
    assert (tokenizer.k, tokenizer.stride, tokenizer.frame) == limits


# Translation ---------------------------------------------------------------------------------


def test_every_codon_translates_by_the_standard_genetic_code() -> None:
    assert "".join(translate(codon) for codon in all_kmers(3)) == AMINO_ACIDS


@pytest.mark.parametrize(
    ("kmer", "frame", "protein"),
    [
        ("ATGTAA", 0, "M*"),
        ("ATGTA", 0, "M"),
        ("CATGTA", 1, "M"),
        ("CCATGTAA", 2, "M*"),
        ("AUGUAA", 0, "M*"),
        ("AT", 0, ""),
        ("ATG", 1, ""),
        ("", 0, ""),
    ],
)
def test_only_whole_codons_from_the_frame_on_are_translated(
    kmer: str, frame: int, protein: str
) -> None:
    assert translate(kmer, frame) == protein
