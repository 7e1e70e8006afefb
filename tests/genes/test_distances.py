"""Alignment-free distances against the arithmetic of sets and dictionaries."""

from collections import Counter
from math import log, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bioskipgram.genes import counts, distances
from bioskipgram.genes.words import DNA_WORDS, PROTEIN_WORDS, Words, WordSets, words
from bioskipgram.kmers.genetic_code import translate
from bioskipgram.kmers.tokenizer import KmerTokenizer
from bioskipgram.kmers.vocabulary import Vocabulary
from bioskipgram.sequences.alphabet import DNA, PROTEIN
from bioskipgram.sequences.fasta import read
from tests.conftest import MakeSequences

K = 2
TEXTS = st.lists(st.text("ACGTN", max_size=15), min_size=1, max_size=4)


def counted(texts: list[str], sequences: MakeSequences) -> counts.Csr:
    tokenizer = KmerTokenizer(K)
    vocabulary = Vocabulary(tokenizer, tokenizer.all_codes(), np.ones(4**K, np.int64))
    return counts.counts(vocabulary, sequences(*texts)).matrix


def pieces(text: str, k: int = K) -> Counter[str]:
    found = (text[i : i + k] for i in range(len(text) - k + 1))
    return Counter(word for word in found if "N" not in word)


def turned(text: str) -> str:
    return DNA.decode(DNA.reverse_complement(DNA.encode(text)))


def mash_of(one: set[str], two: set[str], k: int) -> float:
    union = len(one | two)
    index = len(one & two) / union if union else 0
    return min(-log(2 * index / (1 + index)) / k, 1) if index else 1


@given(first=TEXTS, second=TEXTS)
@settings(max_examples=60, deadline=None)
def test_against_sets_and_dictionaries(
    first: list[str], second: list[str], sequences: MakeSequences
) -> None:
    a, b = counted(first, sequences), counted(second, sequences)
    one_sets, two_sets = WordSets.of_counts(a, K), WordSets.of_counts(b, K)
    jaccard, mash = distances.jaccard(one_sets, two_sets), distances.mash(one_sets, two_sets)
    cosine = distances.kmer_cosine(a, b)
    assert jaccard.shape == mash.shape == cosine.shape == (len(first), len(second))
    for i, one in enumerate(map(pieces, first)):
        for j, two in enumerate(map(pieces, second)):
            shared, union = len(set(one) & set(two)), len(set(one) | set(two))
            assert jaccard[i, j] == pytest.approx(shared / union if union else 0)
            assert mash[i, j] == pytest.approx(mash_of(set(one), set(two), K), abs=1e-12)
            product = sum(one[word] * two[word] for word in one)
            norm = sqrt(sum(n * n for n in one.values()) * sum(n * n for n in two.values()))
            assert cosine[i, j] == pytest.approx(product / norm if norm else 0)


def random_text(length: int, seed: int) -> str:
    return "".join(np.random.default_rng(seed).choice(list("ACGT"), length))


def changed(text: str, rate: float, seed: int) -> str:
    random = np.random.default_rng(seed)
    letters = [random.choice([c for c in "ACGT" if c != x]) if random.random() < rate else x
               for x in text]  # fmt: skip
    return "".join(letters)


def test_mash_is_of_canonical_11_mers_whatever_the_records(sequences: MakeSequences) -> None:
    texts = [random_text(300, 1), changed(random_text(300, 1), 0.05, 2) + "N" * 20, "ACGT", "",
             random_text(300, 1)[:150] + "N" + turned(random_text(300, 1)[150:])]  # fmt: skip
    found = words(sequences(*texts)).dna
    assert found is not None
    assert found.k == 11
    sets = [{min(word, turned(word)) for word in pieces(text, 11)} for text in texts]
    assert found.sizes.tolist() == [len(one) for one in sets]
    expected = [[mash_of(one, two, 11) for two in sets] for one in sets]
    assert distances.mash(found, words(sequences(*texts)).dna) == pytest.approx(np.array(expected))


def test_mash_estimates_substitutions(sequences: MakeSequences) -> None:
    """Ondov et al. 2016: the distance is about the share of substituted bases."""
    text = random_text(20_000, 2)
    found = words(sequences(text, changed(text, 0.05, 3))).dna
    assert distances.mash(found, found)[0, 1] == pytest.approx(0.05, abs=0.01)
    for size in (500, 2000):
        assert distances.mash(found.sketch(size), found)[0, 1] == pytest.approx(0.05, abs=0.012)


GLOBIN = "ATGGTGCACCTGACTCCTGAGGAGAAGTCTGCCGTTACTGCCCTGTGGGGCAAGGTGAACTAA" * 3


def test_a_record_its_reverse_complement_and_its_copy_are_at_no_distance(
    sequences: MakeSequences,
) -> None:
    found = words(sequences(GLOBIN, turned(GLOBIN), GLOBIN))
    apart = distances.mash(found.dna, found.dna)
    assert apart.tolist() == np.zeros((3, 3)).tolist()
    assert not np.signbit(apart).any()
    sketch = found.dna.sketch(10)
    assert distances.mash(sketch, found.dna).tolist() == np.zeros((3, 3)).tolist()
    paired = distances.paired_by_words(found, found[[1, 2, 0]], 3)[0]
    assert paired.tolist() == [0, 0, 0]
    assert not np.signbit(paired).any()


def test_sketches_are_right_on_average(sequences: MakeSequences) -> None:
    """The index of the words up to the lower limit, by sets; the mean over pairs has no bias."""
    text = random_text(900, 4)
    texts = [changed(text, 0.03, seed)[: 900 - 20 * seed] for seed in range(12)]
    whole = words(sequences(*texts)).dna
    sketch = whole.sketch(150)
    rows = [set(row.indices.tolist()) for row in sketch.matrix]
    found = distances.jaccard(sketch, sketch)
    for i, one in enumerate(rows):
        for j, two in enumerate(rows):
            limit = min(max(one), max(two))
            a, b = ({word for word in row if word <= limit} for row in (one, two))
            assert found[i, j] == pytest.approx(len(a & b) / len(a | b))
    exact = distances.jaccard(whole, whole)
    apart = ~np.eye(12, dtype=bool)
    assert abs(found[apart].mean() - exact[apart].mean()) < 0.03
    assert np.corrcoef(found[apart], exact[apart])[0, 1] > 0.3


def test_short_records_are_sketched_whole(sequences: MakeSequences) -> None:
    whole = words(sequences(random_text(60, 1), random_text(900, 1), "", "ACG")).dna
    sketch = whole.sketch(100)
    assert sketch.sizes.tolist() == [50, 100, 0, 0]
    assert (sketch.limits == whole.limits).tolist() == [True, False, True, True]
    assert sketch.sketch(100).limits.tolist() == sketch.limits.tolist()


@given(texts=st.lists(st.text("ACGTN", max_size=40), max_size=4))
@settings(max_examples=40, deadline=None)
def test_protein_words_are_those_of_the_translation(
    texts: list[str], sequences: MakeSequences
) -> None:
    found = words(sequences(*texts)).protein
    for text, row in zip(texts, found.matrix, strict=True):
        codons = [text[i : i + 3] for i in range(0, len(text) - 2, 3)]
        protein = "".join("X" if "N" in codon else translate(codon) for codon in codons)
        wanted = {protein[i : i + 3] for i in range(len(protein) - 2)}
        got = PROTEIN_WORDS.decode(row.indices.astype(np.int64)) if row.nnz else []
        assert set(got) == {word for word in wanted if not set(word) & set("*X")}


def test_protein_words_of_untranslated_ends_and_of_proteins(sequences: MakeSequences) -> None:
    frame = "ATG" + "GCTGAAAAACGT" * 10 + "TAA"
    found = words(sequences(frame, "TAACC" + frame + "GGGTA"))
    assert distances.mash(found.protein, found.protein[[0]]).tolist() == [[0], [0]]
    text = f">a\n{translate(frame)[:-1]}\n>b\nMKV\n".encode()
    protein = words(read(text, alphabet=PROTEIN))
    assert protein.dna is None
    assert distances.mash(protein.protein, found.protein)[:, 0].tolist() == [0, 1]
    assert np.isnan(distances.paired_by_words(protein, found, 2)[0]).all()


def test_words_are_the_same_however_many_are_cut_at_once(
    sequences: MakeSequences, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = ["", "ACG", random_text(40, 1), "", random_text(70, 2), "N" * 30, random_text(11, 3)]
    whole = words(sequences(*texts))
    monkeypatch.setattr("bioskipgram.genes.words._AT_ONCE", 20)
    parts = words(sequences(*texts))
    assert whole.dna.keys.tolist() == parts.dna.keys.tolist()
    assert whole.protein.keys.tolist() == parts.protein.keys.tolist()
    assert len(words(sequences())) == 0


def test_the_order_of_words_is_a_permutation() -> None:
    from bioskipgram.genes.words import _hashed

    mixed = _hashed(np.arange(DNA_WORDS.size))
    assert mixed.min() == 0
    assert (np.bincount(mixed, minlength=DNA_WORDS.size) == 1).all()


def test_joined_words_are_those_of_all(sequences: MakeSequences) -> None:
    texts = [random_text(60, seed) for seed in range(4)]
    whole = words(sequences(*texts)).sketch(20)
    parts = Words.joined([words(sequences(*texts[i : i + 2])).sketch(20) for i in (0, 2)])
    assert whole.dna.keys.tolist() == parts.dna.keys.tolist()
    assert whole.dna.limits.tolist() == parts.dna.limits.tolist()


def test_a_record_is_no_way_from_itself(sequences: MakeSequences) -> None:
    sets = WordSets.of_counts(counted(["ACGT", "", "N"], sequences), K)
    assert np.diag(distances.mash(sets, sets)).tolist() == [0, 0, 0]
    assert distances.mash(sets, sets)[1, 2] == 1


def test_cosines_become_distances() -> None:
    cosines = np.array([[1.0000001, 0.5, -1], [0.5, 0, 0], [-1, 0, 0.99]], np.float32)
    found = distances.from_cosines(cosines)
    np.testing.assert_allclose(found, [[0, 0.5, 2], [0.5, 0, 1], [2, 1, 0]])


def test_equal_vectors_are_at_no_distance() -> None:
    almost = np.float32(1 - 6e-8)
    found = distances.from_cosines(np.array([[1, almost], [almost, 1]], np.float32))
    assert found.tolist() == [[0, 0], [0, 0]]
