"""What a variant does to the k-mers: against mutating the text and summing all pairs anew."""

from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bioskipgram.config import TrainConfig
from bioskipgram.counting.pairs import count
from bioskipgram.errors import QueryError
from bioskipgram.kmers.tokenizer import KmerTokenizer
from bioskipgram.kmers.vocabulary import Vocabulary
from bioskipgram.model.embedding import KmerEmbedding, ModelInfo
from bioskipgram.sequences.alphabet import ALPHABETS, DNA
from bioskipgram.sequences.fasta import read
from bioskipgram.variants.score import Scorer
from bioskipgram.variants.variant import Variant

CONFIGS: list[dict[str, Any]] = [
    {"k": 3, "window": 3},
    {"k": 2, "window": 4, "contexts": "apart"},
    {"k": 3, "window": 2, "contexts": "frame"},
    {"k": 3, "stride": 3, "window": 2},
    {"k": 3, "stride": 2, "frame": 1, "window": 3},
    {"k": 4, "stride": 3, "frame": 2, "window": 2, "contexts": "apart"},
    {"k": 3, "canonical": True, "window": 3},
]
RARE = {"k": 3, "window": 3, "dim": 5}


@cache
def model(number: int, *, rare: bool = False) -> KmerEmbedding:
    """Random vectors; `rare`: every fifth k-mer is left out of the vocabulary."""
    config = TrainConfig(**({"dim": 5} | (RARE if rare else CONFIGS[number])))
    kmers = config.tokenizer.all_codes()
    if rare:
        kmers = kmers[kmers % 5 != 2]
    words = Vocabulary(config.tokenizer, kmers, np.ones(len(kmers), np.int64))
    random = np.random.default_rng(number)
    center, context = random.standard_normal((2, len(kmers), 5)).astype(np.float32)
    info = ModelInfo(
        config=config, trainer="exact", source="", sha256="", records=1, bases=9, loss=1.5,
        optimum=None, zero_loss=None, losses=(), steps_done=1, seconds=0.1, created="", version="",
    )  # fmt: skip
    return KmerEmbedding(words, center, context, info)


def cut(embedding: KmerEmbedding, text: str) -> list[int]:
    """Tokens of a text, -1 = a k-mer not in the vocabulary, -2 = one with an unknown base."""
    tokenizer = embedding.vocabulary.tokenizer
    tokens = []
    for start in range(tokenizer.frame, len(text) - tokenizer.k + 1, tokenizer.stride):
        word = text[start : start + tokenizer.k]
        try:
            tokens.append(embedding.vocabulary.token(word))
        except QueryError:
            tokens.append(-2 if "N" in word else -1)
    return tokens


def total(embedding: KmerEmbedding, text: str) -> float:
    """The sum over all ordered pairs, one by one."""
    tokens, config = cut(embedding, text), embedding.info.config
    added = 0.0
    for a, first in enumerate(tokens):
        for b, second in enumerate(tokens):
            between = tokens[min(a, b) : max(a, b) + 1]
            if abs(a - b) in config.distances and min(first, second) >= 0 and -2 not in between:
                nearer = config.distances.index(abs(a - b))
                x = float(embedding.center[first] @ embedding.context[second])
                added += x * (config.window - nearer) / config.window
    return added


def shift(first: np.ndarray[Any, Any], second: np.ndarray[Any, Any]) -> float:
    if not len(first) or not len(second):
        return np.nan
    a, b = first.mean(axis=0), second.mean(axis=0)
    return float(1 - a @ b / np.linalg.norm(a) / np.linalg.norm(b))


def expected(embedding: KmerEmbedding, text: str, one: Variant) -> list[float]:
    """Mutate the string, cut everything again, sum everything again (a substitution)."""
    mutated = text[: one.position] + one.alt + text[one.stop :]
    before, after = cut(embedding, text), cut(embedding, mutated)
    tokenizer = embedding.vocabulary.tokenizer
    starts = range(tokenizer.frame, len(text), tokenizer.stride)
    covers = [
        i for i, start in zip(range(len(before)), starts, strict=False)
        if start <= one.position < start + tokenizer.k
    ]  # fmt: skip
    unit = embedding.unit.astype(np.float64)
    old, new = ([t[i] for i in covers if t[i] >= 0] for t in (before, after))
    if not old or not new:
        return [np.nan] * 3
    whole = [unit[[t for t in tokens if t >= 0]] for tokens in (before, after)]
    score = total(embedding, mutated) - total(embedding, text)
    return [score, shift(unit[old], unit[new]), shift(*whole)]


@st.composite
def substitution(draw: st.DrawFn) -> tuple[str, Variant]:
    text = draw(st.text("ACGTN", min_size=1, max_size=25))
    known = [i for i, base in enumerate(text) if base != "N"]
    if not known:
        return "ACGTACGT", Variant(0, 2, "G", "T")
    position = draw(st.sampled_from(known))
    alt = draw(st.sampled_from([base for base in "ACGT" if base != text[position]]))
    return text, Variant(0, position, text[position], alt)


def close(found: Any, wanted: Any) -> None:
    np.testing.assert_allclose(found, wanted, rtol=2e-4, atol=2e-5)


@pytest.mark.parametrize("number", range(len(CONFIGS) + 1))
@settings(max_examples=25, deadline=None)
@given(case=substitution())
def test_a_substitution_does_what_mutating_the_text_does(
    number: int, case: tuple[str, Variant]
) -> None:
    text, one = case
    embedding = model(number % len(CONFIGS), rare=number == len(CONFIGS))
    scorer = Scorer(embedding)
    record = scorer.text(DNA.encode(text))
    wanted = expected(embedding, text, one)
    close(scorer.change(record, one).values, wanted)
    positions, alts = np.array([one.position]), DNA.encode(one.alt)
    close(scorer.substitutions(record, positions, alts, threads=1)[:, 0], wanted)


@st.composite
def resizing(draw: st.DrawFn) -> tuple[str, Variant]:
    text = draw(st.text("ACGTN", min_size=12, max_size=40))
    start = draw(st.integers(0, len(text)))
    stop = draw(st.integers(start, min(len(text), start + 7)))
    alt = draw(st.text("ACGT", min_size=0, max_size=7))
    return text, Variant(0, start, text[start:stop], alt)


@pytest.mark.parametrize("number", range(len(CONFIGS)))
@settings(max_examples=25, deadline=None)
@given(case=resizing())
def test_any_change_of_length_changes_the_sum_over_all_pairs(
    number: int, case: tuple[str, Variant]
) -> None:
    text, one = case
    embedding = model(number)
    scorer = Scorer(embedding)
    change = scorer.change(scorer.text(DNA.encode(text)), one)
    mutated = text[: one.position] + one.alt + text[one.stop :]
    before, after = cut(embedding, text), cut(embedding, mutated)
    first, tail = change.window, len(before) - change.window - len(change.old)
    assert tail >= 0
    named = [[max(token, -1) for token in tokens] for tokens in (before, after)]
    assert named[0][first : first + len(change.old)] == change.old.tolist()
    assert named[1][first : first + len(change.new)] == change.new.tolist()
    assert named[0][:first] == named[1][:first]
    assert named[0][len(before) - tail :] == named[1][len(after) - tail :]
    if not np.isnan(change.values[0]):
        close(change.values[0], total(embedding, mutated) - total(embedding, text))


@pytest.mark.parametrize("settings_", CONFIGS[:5], ids=str)
def test_the_pairs_are_those_the_exact_trainer_counts(settings_: dict[str, Any]) -> None:
    """Sum of (counts after - counts before) times x, from an independent count of pairs."""
    config = TrainConfig(dim=5, **settings_)
    text, one = "ATGGTGCATCTGACTCCTGAGGAGAAGTCTGCC", Variant(0, 19, "A", "T")
    embedding = model(CONFIGS.index(settings_))
    x = embedding.center.astype(float) @ embedding.context.T.astype(float)
    sums = []
    for letters in (text, text[:19] + "T" + text[20:]):
        pairs = count(read(f">a\n{letters}\n".encode()), config)
        rows = embedding.vocabulary.tokens(pairs.vocabulary.kmers)
        sums.append(float((pairs.counts * x[np.ix_(rows, rows)]).sum()))
    scorer = Scorer(embedding)
    change = scorer.change(scorer.text(DNA.encode(text)), one)
    close(change.values[0], sums[1] - sums[0])


def test_the_windows_are_those_over_the_place() -> None:
    scorer = Scorer(model(0))
    text = scorer.text(DNA.encode("ATGGTGCAT"))
    change = scorer.change(text, Variant(0, 4, "T", "A"))
    texts = scorer.embedding.vocabulary.texts
    assert change.window == 2
    assert [texts[t] for t in change.old] == ["GGT", "GTG", "TGC"]
    assert [texts[t] for t in change.new] == ["GGA", "GAG", "AGC"]
    assert scorer.covering(text, np.arange(9)).tolist() == [1, 2, 3, 3, 3, 3, 3, 2, 1]


def test_the_codon_model_sees_one_codon_and_a_frameshift_all_that_follow() -> None:
    scorer = Scorer(model(3))
    text = scorer.text(DNA.encode("ATGGTGCATCTGACTCCTGAG"))
    assert len(scorer.change(text, Variant(0, 4, "T", "A")).old) == 1
    assert scorer.covering(text, np.arange(5)).tolist() == [1] * 5
    moved = scorer.change(text, Variant(0, 4, "T", ""))
    assert (moved.window, len(moved.old), len(moved.new)) == (1, 6, 5)
    gone = scorer.change(text, Variant(0, 3, "GTG", ""))
    assert (len(gone.old), len(gone.new)) == (1, 0)
    assert np.isnan(gone.values).tolist() == [False, True, False]


def test_rna_is_scored_as_its_dna() -> None:
    from dataclasses import replace

    dna = model(0)
    alphabet = ALPHABETS["RNA"]
    words = replace(dna.vocabulary, tokenizer=KmerTokenizer(3, alphabet=alphabet))
    info = replace(dna.info, config=replace(dna.info.config, alphabet="RNA"))
    rna = replace(dna, vocabulary=words, info=info)
    one = Variant(0, 4, "T", "A")
    found = [
        Scorer(e).change(Scorer(e).text(letters.encode("ATGGTGCAT")), one).values
        for e, letters in ((dna, DNA), (rna, alphabet))
    ]
    np.testing.assert_array_equal(*found)


@pytest.mark.parametrize(
    ("settings_", "message"),
    [
        ({"k": 1, "alphabet": "protein"}, "variants here are changes of bases; choose a model of"),
        ({"k": 2, "k_min": 1}, "1 to 2 bases and are cut at random"),
    ],
)
def test_models_that_cannot_be_asked_say_so(settings_: dict[str, Any], message: str) -> None:
    config = TrainConfig(dim=5, **settings_)
    kmers = config.tokenizer.all_codes()
    words = Vocabulary(config.tokenizer, kmers, np.ones(len(kmers), np.int64))
    from dataclasses import replace

    vectors = np.ones((len(kmers), 5), np.float32)
    info = replace(model(0).info, config=config)
    with pytest.raises(QueryError, match=message):
        Scorer(KmerEmbedding(words, vectors, vectors, info))
