"""Logos: letters by position, slid only where that gains, heights corrected for few k-mers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray

from bioskipgram.groups import logos
from bioskipgram.kmers.patterns import match_starts
from bioskipgram.kmers.tokenizer import KmerTokenizer
from bioskipgram.kmers.vocabulary import Vocabulary
from bioskipgram.sequences.alphabet import PROTEIN, RNA


def codes(*texts: str) -> NDArray[np.int64]:
    tokenizer = KmerTokenizer(len(texts[0]))
    return np.array([tokenizer.encode(text) for text in texts])


def aligned(*texts: str) -> NDArray[np.int64]:
    """Base counts after sliding the k-mers to fit the first."""
    kmers = codes(*texts)
    return logos.aligned_counts(kmers, int(kmers[0]), KmerTokenizer(len(texts[0])))


def test_one_kmer_is_its_own_logo() -> None:
    counts = aligned("ACGT")
    assert counts.tolist() == np.eye(4, dtype=int).tolist()
    assert logos.consensus(counts) == "ACGT"


def test_shifted_copies_of_a_motif_are_put_back_together() -> None:
    motif = "GGACGTCA"
    windows = [motif[i : i + 6] for i in (1, 0, 2)]  # the middle one is the reference
    counts = aligned(*windows)
    assert counts.shape == (8, 4)
    assert counts.sum(axis=1).tolist() == [1, 2, 3, 3, 3, 3, 2, 1]
    assert ["ACGT"[i] for i in counts.argmax(axis=1)] == list(motif)
    assert (counts > 0).sum() == 8  # every column has one letter only
    assert logos.consensus(counts) == "GACGTC"  # the ends are too thin to count


@given(st.text("ACGT", min_size=12, max_size=12), st.integers(0, 6))
def test_every_kmer_keeps_its_letters_in_order(text: str, reference: int) -> None:
    windows = [text[i : i + 6] for i in range(7)]
    kmers = codes(*windows)
    counts = logos.aligned_counts(kmers, int(kmers[reference]), KmerTokenizer(6))
    assert counts.sum() == 7 * 6
    assert 6 <= len(counts) <= 6 + 2 * 3
    totals = [sum(window.count(base) for window in windows) for base in "ACGT"]
    assert counts.sum(axis=0).tolist() == totals


def slide_by_hand(kmer: str, reference: str) -> int:
    """How far right the k-mer goes: most matches less mismatches, then the shortest way."""
    k = len(kmer)

    def score(slide: int) -> int:
        pairs = [(kmer[i], reference[i + slide]) for i in range(k) if 0 <= i + slide < k]
        return sum(1 if a == b else -1 for a, b in pairs)

    return min(range(-(k // 2), k // 2 + 1), key=lambda slide: (-score(slide), abs(slide)))


@given(st.lists(st.text("AC", min_size=5, max_size=5), min_size=1, max_size=6))
def test_kmers_slide_as_by_hand(texts: list[str]) -> None:
    slides = [slide_by_hand(text, texts[0]) for text in texts]
    # Where two ways are equally good and equally long, the code may take either.
    expected = np.zeros((5 + max(slides) - min(slides), 4), int)
    for text, slide in zip(texts, slides, strict=True):
        for i, base in enumerate(text):
            expected[slide - min(slides) + i, "ACGT".index(base)] += 1
    assert aligned(*texts).tolist() == expected.tolist()


def test_logo_heights_follow_the_formula() -> None:
    counts = np.array([[8, 0, 0, 0], [4, 4, 0, 0], [2, 2, 2, 2], [4, 2, 1, 1], [2, 0, 0, 0]])
    heights = logos.logo(counts, corrected=False)
    entropy = -(0.5 * np.log2(0.5) + 0.25 * np.log2(0.25) + 2 * 0.125 * np.log2(0.125))
    expected = [
        [2, 0, 0, 0],
        [0.5, 0.5, 0, 0],
        [0, 0, 0, 0],
        [(2 - entropy) * share for share in (0.5, 0.25, 0.125, 0.125)],
        [2 * 2 / 8, 0, 0, 0],  # only two of eight k-mers reach this far
    ]
    np.testing.assert_allclose(heights, expected, atol=1e-12)


def test_heights_are_corrected_for_few_sequences() -> None:
    counts = np.array([[8, 0, 0, 0], [2, 2, 2, 2], [3, 2, 2, 1]])
    lost = 3 / (2 * np.log(2) * 8)  # Schneider et al. 1986
    assert logos.logo(counts).sum(axis=1) == pytest.approx([2 - lost, 0, 0])
    assert logos.logo(counts * 1000)[0].sum() == pytest.approx(2, abs=1e-3)
    assert logos.logo(counts[:, [0, 1, 2]] * 0 + [[1, 0, 0]] * 3).shape == (3, 3)


@given(arrays.arrays(np.int64, (5, 4), elements=st.integers(0, 1000)))
def test_no_column_of_a_logo_is_higher_than_two_bits(counts: NDArray[np.int64]) -> None:
    heights = logos.logo(counts)
    assert np.isfinite(heights).all()
    assert (heights >= -1e-12).all()
    assert (heights.sum(axis=1) <= 2 + 1e-9).all()


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ([[4, 0, 0, 0], [0, 2, 2, 0], [0, 0, 0, 4]], "ACT"),  # half is enough
        ([[4, 0, 0, 0], [1, 1, 1, 1], [0, 0, 0, 4]], "AnT"),
        ([[1, 1, 1, 1], [0, 4, 0, 0], [1, 1, 1, 1]], "C"),  # ends are trimmed
        ([[1, 0, 0, 0], [0, 4, 0, 0], [0, 0, 2, 0]], "CG"),  # a quarter deep is too thin
        ([[1, 1, 1, 1]], ""),
    ],
)
def test_consensus(counts: list[list[int]], expected: str) -> None:
    assert logos.consensus(np.array(counts)) == expected


# Slid or not ---------------------------------------------------------------------------------


def laid(texts: list[str]) -> logos.LetterCounts:
    kmers = codes(*texts)
    return logos.letter_counts(kmers, int(kmers[0]), KmerTokenizer(len(texts[0])))


def random_texts(n: int, k: int, seed: int = 0) -> list[str]:
    letters = np.random.default_rng(seed).choice(list("ACGT"), (n, k))
    return ["".join(row) for row in letters]


@pytest.mark.parametrize("seed", range(5))
def test_kmers_without_a_common_motif_are_not_slid(seed: int) -> None:
    found = laid(random_texts(60, 6, seed))
    assert "not slid" in found.how
    assert found.counts.sum(axis=1).tolist() == [60] * 6


@pytest.mark.parametrize("seed", range(5))
def test_what_is_the_same_at_one_position_is_not_slid(seed: int) -> None:
    """The medoid TTGATT would pull its motif out of k-mers that share only their ends."""
    found = laid(["TTGATT", *(f"T{text}T" for text in random_texts(120, 4, seed))])
    assert "not slid" in found.how
    assert logos.consensus(found.counts) == "TnnnnT"


@pytest.mark.parametrize("seed", range(5))
def test_a_shifted_motif_is_slid_together(seed: int) -> None:
    random = np.random.default_rng(seed)
    words = ["".join(random.choice(list("ACGT"), 12)) for _ in range(60)]
    starts = [2, *random.integers(0, 5, 59)]
    texts = [(word[:4] + "TGACTC" + word[4:])[start : start + 8]
             for word, start in zip(words, starts, strict=True)]  # fmt: skip
    found = laid(texts)
    assert found.how.startswith("slid to fit")
    assert "TGACTC" in logos.consensus(found.counts)


def test_a_search_is_laid_over_each_other_where_it_matches() -> None:
    vocabulary = Vocabulary.from_counts(KmerTokenizer(6), np.ones(4**6, np.int64))
    starts = match_starts(vocabulary, "ATG")
    kmers = vocabulary.kmers[starts >= 0]
    found = logos.match_counts(kmers, starts[starts >= 0], vocabulary.tokenizer)
    assert logos.consensus(found.counts) == "ATG"
    heights = logos.logo(found.counts).sum(axis=1)
    assert heights[3:6] == pytest.approx([2] * 3, abs=0.02)
    assert heights[[*range(3), *range(6, 9)]].max() < 0.05


def test_protein_is_aligned_and_named_by_its_residues() -> None:
    tokenizer = KmerTokenizer(3, alphabet=PROTEIN)
    kmers = np.array([tokenizer.encode(text) for text in ("KRG", "KRG", "KRP", "WKR")])
    counts = logos.aligned_counts(kmers, int(kmers[0]), tokenizer)
    assert counts.shape == (4, 20)
    assert logos.consensus(counts, PROTEIN) == "KRG"
    shown = logos.logo(np.eye(20, dtype=np.int64)[:1] * 7, corrected=False)
    assert shown.max() == pytest.approx(np.log2(20))


def test_rna_is_named_with_u() -> None:
    assert logos.consensus(np.array([[0, 0, 0, 5], [1, 1, 1, 1], [5, 0, 0, 0]]), RNA) == "UnA"


def test_words_of_several_lengths_are_laid_over_each_other() -> None:
    tokenizer = KmerTokenizer(5, k_min=2)
    placed = {"CATG": 1, "CAT": 1, "ATG": 2, "ACATG": 0, "TG": 3}
    kmers = np.array([tokenizer.encode(text) for text in placed])
    expected = np.zeros((5, 4), np.int64)
    for text, start in placed.items():
        for position, letter in enumerate(text, start):
            expected[position, "ACGT".index(letter)] += 1
    counts = logos.aligned_counts(kmers, int(kmers[0]), tokenizer)
    assert counts.tolist() == expected.tolist()
    assert logos.consensus(counts) == "CATG"


def test_a_word_is_not_slid_beyond_half_of_the_shorter() -> None:
    tokenizer = KmerTokenizer(6, k_min=2)
    kmers = np.array([tokenizer.encode(text) for text in ("AC", "GGGGCC")])
    # Slid 3 to the left or right, GGGGCC would miss AC, which costs nothing; 1 to the left fits.
    counts = logos.aligned_counts(kmers, int(kmers[0]), tokenizer)
    assert counts.sum(axis=1).max() == 2
