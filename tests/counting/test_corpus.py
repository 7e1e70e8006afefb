"""Sequences as sentences of tokens: where sentences end, what an unknown k-mer leaves behind."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bioskipgram.counting.corpus import Corpus
from bioskipgram.errors import ConfigError
from bioskipgram.kmers.tokenizer import KmerTokenizer
from bioskipgram.kmers.vocabulary import Vocabulary
from bioskipgram.sequences.alphabet import PROTEIN
from bioskipgram.sequences.fasta import read
from tests.conftest import MakeSequences

records = st.lists(st.text("ACGT", max_size=20), max_size=4).map("N".join)


def sentences(corpus: Corpus) -> list[list[int]]:
    edges = corpus.offsets.tolist()
    return [corpus.tokens[start:stop].tolist() for start, stop in pairwise(edges)]


@settings(deadline=None, max_examples=80)
@given(st.lists(records, max_size=4), st.integers(1, 4), st.integers(1, 3), st.data())
def test_sentences_are_those_of_plain_text(
    sequences: MakeSequences, texts: list[str], k: int, min_count: int, data: st.DataObject
) -> None:
    stride = data.draw(st.integers(1, k), "stride")
    frame = data.draw(st.integers(0, stride - 1), "frame")
    tokenizer = KmerTokenizer(k, stride, frame)
    repeated = sequences("ACGT" * 9, *texts)  # never an empty vocabulary
    vocabulary = Vocabulary.from_sequences(repeated, tokenizer, min_count=min_count)

    expected: list[list[int]] = []
    for text in texts:
        sentence: list[int] = []
        for start in range(frame, len(text) - k + 1, stride):
            kmer = text[start : start + k]
            if "N" in kmer:
                expected.append(sentence)
                sentence = []
            else:
                known = kmer in vocabulary.texts
                sentence.append(vocabulary.texts.index(kmer) if known else -1)
        expected.append(sentence)
    expected = [sentence for sentence in expected if sentence]

    corpus = Corpus.from_sequences(sequences(*texts), vocabulary)
    assert sentences(corpus) == expected
    assert len(corpus) == len(expected)
    assert corpus.tokens.dtype == np.int32
    assert corpus.offsets[-1] == len(corpus.tokens)


def test_a_sentence_ends_at_every_n_and_at_a_records_end(sequences: MakeSequences) -> None:
    texts = sequences("ACGNNACG", "AC", "", "A", "CG")
    vocabulary = Vocabulary.from_sequences(texts, KmerTokenizer(2))
    assert vocabulary.texts == ["AC", "CG"]
    corpus = Corpus.from_sequences(texts, vocabulary)
    assert sentences(corpus) == [[0, 1], [0, 1], [0], [1]]


@settings(deadline=None, max_examples=60)
@given(st.lists(records, max_size=4), st.integers(1, 3), st.integers(0, 2))
def test_words_of_several_lengths_start_at_every_base_of_a_sentence(
    sequences: MakeSequences, texts: list[str], k_min: int, more: int
) -> None:
    k = k_min + more
    made = sequences(*texts, "ACGTACGT")
    vocabulary = Vocabulary.from_sequences(made, KmerTokenizer(k, k_min=k_min))
    corpus = Corpus.from_sequences(made, vocabulary, rng=np.random.default_rng(3))
    assert (corpus.tokens >= 0).all()
    found = [[vocabulary.texts[token] for token in words] for words in sentences(corpus)]
    # A run shorter than k holds no word, though a shorter one would fit.
    runs = [run for text in [*texts, "ACGTACGT"] for run in text.split("N") if len(run) >= k]
    assert [len(words) for words in found] == [len(run) - k + 1 for run in runs]
    for words, run in zip(found, runs, strict=True):
        assert all(run.startswith(word, i) for i, word in enumerate(words))
        assert all(k_min <= len(word) <= k for word in words)


def test_another_generator_draws_other_words_and_none_always_the_same(
    sequences: MakeSequences,
) -> None:
    made = sequences("ACGTTGCATTAGGCAT" * 5)
    vocabulary = Vocabulary.from_sequences(made, KmerTokenizer(4, k_min=2))
    drawn = [
        Corpus.from_sequences(made, vocabulary, rng=rng).tokens.tolist()
        for rng in (None, None, np.random.default_rng(1), np.random.default_rng(2))
    ]
    assert drawn[0] == drawn[1]
    assert drawn[1] != drawn[2] != drawn[3]


@pytest.mark.parametrize("tokenizer", [KmerTokenizer(2), KmerTokenizer(3, 3, 1)], ids=str)
def test_both_strands_add_the_reverse_complement_of_every_record(
    sequences: MakeSequences, tokenizer: KmerTokenizer
) -> None:
    texts = ["ACCGTNTTG", "", "GGA", "CATTACA"]
    other = [t[::-1].translate(str.maketrans("ACGT", "TGCA")) for t in reversed(texts)]
    made, written_out = sequences(*texts), sequences(*texts, *other)
    vocabulary = Vocabulary.from_sequences(made, tokenizer, both_strands=True)
    expected = Vocabulary.from_sequences(written_out, tokenizer)
    assert vocabulary.texts == expected.texts
    assert vocabulary.counts.tolist() == expected.counts.tolist()
    found = Corpus.from_sequences(made, vocabulary, both_strands=True)
    assert sentences(found) == sentences(Corpus.from_sequences(written_out, vocabulary))
    both = made.both_strands()
    assert [both.text(i) for i in range(8)] == texts + other
    assert both.names[4:] == tuple(f"record {i} (other strand)" for i in (4, 3, 2, 1))


def test_protein_has_no_other_strand_to_add() -> None:
    made = read(b">p\nMKVLAW\n", alphabet=PROTEIN)
    vocabulary = Vocabulary.from_sequences(made, KmerTokenizer(2, alphabet=PROTEIN))
    with pytest.raises(ConfigError, match="protein has no other strand"):
        Corpus.from_sequences(made, vocabulary, both_strands=True)


def test_a_rare_kmer_keeps_its_place(sequences: MakeSequences) -> None:
    texts = sequences("AAAACAAA")
    vocabulary = Vocabulary.from_sequences(texts, KmerTokenizer(2), min_count=2)
    assert vocabulary.texts == ["AA"]
    assert sentences(Corpus.from_sequences(texts, vocabulary)) == [[0, 0, 0, -1, -1, 0, 0]]


def test_no_record_long_enough_gives_no_sentence(sequences: MakeSequences) -> None:
    vocabulary = Vocabulary.from_sequences(sequences("ACG"), KmerTokenizer(3))
    corpus = Corpus.from_sequences(sequences("AC", "", "NNNN"), vocabulary)
    assert len(corpus) == 0
    assert corpus.tokens.tolist() == []


@pytest.mark.parametrize(
    ("tokens", "offsets", "message"),
    [
        (np.zeros(2, np.int64), np.array([0, 2]), "^tokens: expected int32"),
        (np.zeros(2, np.int32), np.array([0, 2], np.int32), "^offsets: expected int64"),
    ],
)
def test_arrays_of_another_type_are_refused(
    sequences: MakeSequences, tokens: np.ndarray, offsets: np.ndarray, message: str
) -> None:
    vocabulary = Vocabulary.from_sequences(sequences("ACG"), KmerTokenizer(3))
    with pytest.raises(ValueError, match=message):
        Corpus(vocabulary, tokens, offsets)
