"""Where k-mers come from: every answer found a second time with str and loops."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom

from bioskipgram.errors import ConfigError, QueryError
from bioskipgram.kmers.occurrences import Occurrences, hits, occurrences
from bioskipgram.kmers.record_counts import frame_counts, record_counts, richest
from bioskipgram.kmers.tokenizer import KmerTokenizer
from bioskipgram.kmers.vocabulary import Vocabulary
from bioskipgram.numerics import threads
from bioskipgram.sequences.alphabet import DNA, PROTEIN, RNA, Alphabet
from bioskipgram.sequences.fasta import read
from bioskipgram.sequences.sequences import Sequences

Records = list[str]


def made(texts: Records, alphabet: Alphabet = DNA) -> Sequences:
    names = tuple(f"r{number}" for number in range(len(texts)))
    offsets = np.cumsum([0, *map(len, texts)])
    return Sequences(names, names, alphabet.encode("".join(texts)), offsets, alphabet)


def twin_of(text: str) -> str:
    return text[::-1].translate(str.maketrans("ACGT", "TGCA"))


def all_places(texts: Records, word: str) -> list[tuple[int, int]]:
    found = []
    for record, text in enumerate(texts):
        position = text.find(word)
        while position >= 0:
            found.append((record, position))
            position = text.find(word, position + 1)
    return found


def listed(found: Occurrences) -> set[tuple[int, int, bool]]:
    columns = (found.records.tolist(), found.positions.tolist(), found.minus.tolist())
    return set(zip(*columns, strict=True))


def everything(tokenizer: KmerTokenizer) -> Vocabulary:
    codes = tokenizer.all_codes()
    return Vocabulary(tokenizer, codes, np.ones(len(codes), np.int64))


dna = st.lists(st.text("ACGTN", max_size=40), min_size=1, max_size=5)
TOKENIZERS = [
    KmerTokenizer(1), KmerTokenizer(3), KmerTokenizer(4, stride=3, frame=1),
    KmerTokenizer(3, canonical=True), KmerTokenizer(2, canonical=True),
    KmerTokenizer(4, k_min=2),
]  # fmt: skip


# Occurrences ---------------------------------------------------------------------------------


@settings(max_examples=150, deadline=None)
@given(dna, st.text("ACGT", min_size=1, max_size=5), st.booleans())
def test_occurrences_are_those_that_str_finds(texts: Records, word: str, both: bool) -> None:
    found = occurrences(made(texts), KmerTokenizer(3), word, both_strands=both)
    expected = {(record, position, False) for record, position in all_places(texts, word)}
    if both and twin_of(word) != word:
        expected |= {(r, p, True) for r, p in all_places(texts, twin_of(word))}
    assert listed(found) == expected
    assert len(found.records) == found.total == len(expected)
    totals = Counter((int(minus), position % 3) for _, position, minus in expected)
    assert found.totals.tolist() == [[totals[s, f] for f in range(3)] for s in range(2)]
    assert found.record_total == len({record for record, _, _ in expected})
    assert found.frames.tolist() == [p % 3 for p in found.positions]


@pytest.mark.parametrize("length", [20, 29, 30, 31, 45, 90])
def test_long_words_are_found_on_both_strands_but_not_across_records(length: int) -> None:
    rng = np.random.default_rng(length)
    text = "".join(rng.choice(list("ACGT"), 400))
    word = text[100 : 100 + length]
    changed = word[:-1] + ("A" if word[-1] != "A" else "C")  # differs behind what fits a number
    texts = [text, changed, twin_of(text), word[:-1], word[-1:]]
    found = occurrences(made(texts), KmerTokenizer(6), word)
    assert listed(found) == {(0, 100, False), (2, 300 - length, True)}
    assert found.total == 2


def test_the_first_are_listed_and_all_are_counted() -> None:
    found = occurrences(made(["AAAAAA", "CAAC"]), KmerTokenizer(2), "aa", most=3)
    assert listed(found) == {(0, 0, False), (0, 1, False), (0, 2, False)}
    assert (found.total, found.record_total) == (6, 2)


def test_a_code_is_the_word_it_stands_for() -> None:
    tokenizer = KmerTokenizer(4, k_min=2)
    sequences = made(["ACGTTACG"])
    for word in ("AC", "ACG", "ACGT"):
        by_code = occurrences(sequences, tokenizer, tokenizer.encode(word))
        assert listed(by_code) == listed(occurrences(sequences, tokenizer, word))
        assert tokenizer.alphabet.decode(by_code.query) == word


def test_threads_find_what_one_finds(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(3)
    sequences = made(["".join(rng.choice(list("ACGT"), n)) for n in (500, 0, 700, 90, 900)])
    vocabulary = everything(KmerTokenizer(3))
    chosen = np.arange(64) % 3 == 0
    one = occurrences(sequences, vocabulary.tokenizer, "ACG", most=20)
    counts, frames = (
        record_counts(sequences, vocabulary, chosen),
        frame_counts(sequences, vocabulary),
    )
    monkeypatch.setattr(threads, "_BASES", 300)
    monkeypatch.setattr("bioskipgram.numerics.threads.cores", lambda: 4)
    two = occurrences(sequences, vocabulary.tokenizer, "ACG", most=20)
    assert one.records.tolist() == two.records.tolist()
    assert one.positions.tolist() == two.positions.tolist()
    assert one.totals.tolist() == two.totals.tolist()
    assert record_counts(sequences, vocabulary, chosen).tolist() == counts.tolist()
    again = frame_counts(sequences, vocabulary)
    assert again.counts.tolist() == frames.counts.tolist()
    assert again.codons.tolist() == frames.codons.tolist()


def test_places_read_on_the_strand_they_are_on() -> None:
    text = "TTTTTGGGGGAAACGCCCCCTTTTTNAAACG"
    fasta = f">HBB|icodon|ENSG00000244734\n{text}\n>other\n{twin_of('CCAAACG')}\n".encode()
    sequences = read(fasta)
    found = hits(sequences, occurrences(sequences, KmerTokenizer(5), "AAACG"))
    first, second, third = found
    assert (first.record, first.symbol) == ("HBB|icodon|ENSG00000244734", "HBB")
    assert (first.position, first.strand, first.frame) == (10, "+", 1)
    assert (first.before, first.match, first.after) == ("TTTTTGGGGG", "AAACG", "CCCCCTTTTT")
    assert (second.position, second.before, second.after) == (26, "CCCCTTTTTN", "")
    assert (third.record, third.symbol, third.position, third.strand) == ("other", "", 0, "-")
    assert (third.before, third.match, third.after) == ("CC", "AAACG", "")
    assert hits(sequences, occurrences(sequences, KmerTokenizer(5), "AAACG"), most=1) == [first]


def test_rna_and_protein_are_found_too() -> None:
    rna = occurrences(made(["AUGGCAU"], RNA), KmerTokenizer(3, alphabet=RNA), "atg")
    assert listed(rna) == {(0, 0, False), (0, 4, True)}
    tokenizer = KmerTokenizer(2, alphabet=PROTEIN)
    protein = occurrences(made(["MKWMKWXMKW" * 3], PROTEIN), tokenizer, "KWMKWXM"[:5])
    assert listed(protein) == {(0, 1, False), (0, 8, False), (0, 11, False),
                               (0, 18, False), (0, 21, False)}  # fmt: skip


@pytest.mark.parametrize("query", ["", "  ", "ACNT", "AC-"])
def test_what_is_no_word_is_refused(query: str) -> None:
    with pytest.raises(QueryError, match=r"cannot be looked for: give one or more letters of ACGT"):
        occurrences(made(["ACGT"]), KmerTokenizer(2), query)


def test_sequences_of_another_alphabet_are_refused() -> None:
    sequences, vocabulary = made(["MKV"], PROTEIN), everything(KmerTokenizer(2))
    chosen = np.ones(16, np.bool_)
    for ask in (
        lambda: occurrences(sequences, vocabulary.tokenizer, "AC"),
        lambda: record_counts(sequences, vocabulary, chosen),
        lambda: frame_counts(sequences, vocabulary),
    ):
        with pytest.raises(ConfigError, match="the sequences are protein, but this model's 2-mers"):
            ask()


# Records -------------------------------------------------------------------------------------


@pytest.mark.parametrize("tokenizer", TOKENIZERS, ids=str)
@settings(max_examples=25, deadline=None)
@given(dna, st.integers(0, 2**32 - 1))
def test_record_counts_are_those_of_training(
    tokenizer: KmerTokenizer, texts: Records, seed: int
) -> None:
    sequences, vocabulary = made(texts), everything(tokenizer)
    chosen = np.random.default_rng(seed).random(len(vocabulary)) < 0.4
    words = {text for text, on in zip(vocabulary.texts, chosen, strict=True) if on}
    found = record_counts(sequences, vocabulary, chosen)
    assert found.tolist() == [sum(w in words for w in windows(t, tokenizer)) for t in texts]


def windows(text: str, tokenizer: KmerTokenizer) -> list[str]:
    """The words of one record as training cuts them."""
    k, found = tokenizer.k, []
    for i in range(tokenizer.frame, len(text) - k + 1, tokenizer.stride):
        window = text[i : i + k]
        if "N" not in window:
            window = min(window, twin_of(window)) if tokenizer.canonical else window
            found += [window[:n] for n in range(tokenizer.shortest, k + 1)]
    return found


def test_a_vocabulary_with_gaps_has_its_own_tokens() -> None:
    sequences = made(["ACGTACGA", "GGGG"])
    vocabulary = Vocabulary.from_sequences(sequences, KmerTokenizer(3))
    for token, text in enumerate(vocabulary.texts):
        chosen = np.arange(len(vocabulary)) == token
        expected = [len(all_places([sequences.text(r)], text)) for r in range(2)]
        assert record_counts(sequences, vocabulary, chosen).tolist() == expected
        assert sum(expected) == vocabulary.counts[token]


def test_richest_records_stand_first_beside_what_chance_gives() -> None:
    texts = ["ACGACGACGACG", "TTTTTTTTTTTTTTTTTTACG", "", "ACGTTTTTTTTTTTT"]
    vocabulary = everything(KmerTokenizer(3))
    chosen = np.array([text == "ACG" for text in vocabulary.texts])
    found = richest(made(texts), vocabulary, chosen)
    assert found.observed.tolist() == [4, 1, 0, 1]
    assert found.windows.tolist() == [10, 19, 0, 13]
    share = 6 / 42
    np.testing.assert_allclose(found.expected, [10 * share, 19 * share, 0, 13 * share])
    np.testing.assert_allclose(found.ratio, [2.8, 7 / 19, 1, 7 / 13])
    more = [
        sum(binom.pmf(range(o, n + 1), n, share)) for o, n in ((4, 10), (1, 19), (0, 0), (1, 13))
    ]
    np.testing.assert_allclose(found.p, more)
    assert (found.q >= found.p).all()
    assert found.order.tolist()[0] == 0
    assert found.order.tolist()[-1] == 2


def test_flags_of_another_length_are_refused() -> None:
    with pytest.raises(ValueError, match=r"chosen: expected bool with shape \(16,\)"):
        record_counts(made(["ACGT"]), everything(KmerTokenizer(2)), np.ones(4, np.bool_))


# Frames --------------------------------------------------------------------------------------


@pytest.mark.parametrize("tokenizer", TOKENIZERS, ids=str)
@settings(max_examples=25, deadline=None)
@given(dna)
def test_frames_are_positions_modulo_three(tokenizer: KmerTokenizer, texts: Records) -> None:
    vocabulary = everything(tokenizer)
    found = frame_counts(made(texts), vocabulary)
    expected: Counter[tuple[str, int]] = Counter()
    every_base = replace(tokenizer, stride=1, frame=0)
    for text in texts:
        for i in range(len(text)):
            for word in windows(text[i : i + tokenizer.k], every_base):
                expected[word, i % 3] += 1
    assert found.counts.tolist() == [[expected[w, f] for f in range(3)] for w in vocabulary.texts]
    codons = Counter(text[i : i + 3] for text in texts for i in range(0, len(text) - 2, 3))
    assert found.codons.tolist() == [codons[w] for w in everything(KmerTokenizer(3)).texts]


def test_protein_has_no_frames() -> None:
    vocabulary = everything(KmerTokenizer(1, alphabet=PROTEIN))
    with pytest.raises(ConfigError, match="protein is not read in frames"):
        frame_counts(made(["MKV"], PROTEIN), vocabulary)
