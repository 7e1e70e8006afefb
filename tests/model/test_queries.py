"""What a text stands for, and what is refused."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bioskipgram.errors import QueryError
from bioskipgram.model.queries import Query, analogy_example, ask, ask_all, examples
from tests.model.test_embedding import made_up


def spelt(model: Any, query: Query) -> list[str]:
    return [model.vocabulary.texts[token] for token in query.tokens]


@pytest.mark.parametrize(
    ("text", "kind", "expected", "unknown"),
    [
        ("acg", "k-mer", ["ACG"], 0),
        ("ACU", "k-mer", ["ACT"], 0),
        (" A\nCG ", "k-mer", ["ACG"], 0),
        ("ACGTA", "sequence", ["ACG", "CGT", "GTA"], 0),
        ("ACGNACGA", "sequence", ["ACG", "ACG", "CGA"], 3),
        ("TAR", "pattern", ["TAA", "TAG"], 0),
        ("GG", "pattern", sorted({f"GG{x}" for x in "ACGT"} | {f"{x}GG" for x in "ACGT"}), 0),
        ("NNT", "pattern", [a + b + "T" for a in "ACGT" for b in "ACGT"], 0),
    ],
)
def test_a_text_is_a_kmer_a_sequence_or_a_pattern(
    text: str, kind: str, expected: list[str], unknown: int
) -> None:
    model = made_up()
    query = ask(model, text)
    assert (query.kind, spelt(model, query), query.unknown) == (kind, expected, unknown)
    assert query.tokens.dtype == np.int32
    assert (query.token is not None) == (kind == "k-mer")


def test_words_of_several_lengths_are_kmers_and_shorter_ones_patterns() -> None:
    model = made_up(4, k_min=2)
    assert [ask(model, text).kind for text in ("AC", "ACG", "ACGT", "ACGTA", "A")] == [
        "k-mer", "k-mer", "k-mer", "sequence", "pattern",
    ]  # fmt: skip


def test_a_canonical_kmer_is_named_as_the_model_spells_it() -> None:
    assert ask(made_up(canonical=True), "GTT").text == "AAC"


def test_windows_that_the_model_does_not_know_are_counted() -> None:
    query = ask(made_up(3, "ACG", "CGT"), "ACGTTT")
    assert (len(query.tokens), query.unknown) == (2, 2)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "'nothing' is no IUPAC"),
        ("A!", "'!' is no IUPAC nucleotide code"),
        ("GTA", "'GTA': this model knows no 3-mer of it"),
        ("TTA", "this model knows no 3-mer of it"),
        ("TTN", "TTN: no 3-mer of this model matches it"),
        ("NNNNNNN", "this model knows no 3-mer of it"),
    ],
)
def test_what_stands_for_nothing_is_refused(text: str, message: str) -> None:
    with pytest.raises(QueryError, match=message):
        ask(made_up(3, "ACG", "CGT"), text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ACG, cgt\nTAR;;\n ,", ["ACG", "CGT", "TAR"]),
        (">one\nACGT\nAC\n>two, too\nTTT\n", ["ACGTAC", "TTT"]),
        ("", []),
    ],
)
def test_several_queries_are_told_apart(text: str, expected: list[str]) -> None:
    assert [query.text for query in ask_all(made_up(), text)] == expected


def test_too_many_queries_are_refused() -> None:
    assert len(ask_all(made_up(), ",".join(["ACG"] * 24))) == 24
    with pytest.raises(QueryError, match="25 queries; give up to 24 at a time"):
        ask_all(made_up(), ",".join(["ACG"] * 25))


@settings(deadline=None)
@given(st.text("ACGT", min_size=3, max_size=60))
def test_the_direction_of_a_query_is_the_vector_of_its_text(text: str) -> None:
    model = made_up()
    query = ask(model, text)
    np.testing.assert_allclose(model.direction(query.tokens), model.vector(text), atol=1e-6)
    assert len(query.label) <= 20


@pytest.mark.parametrize(
    "settings", [{"k": 6}, {"k": 3, "stride": 3}, {"k": 3, "k_min": 1}, {"k": 1},
                 {"k": 3, "alphabet": "protein"}, {"k": 4, "alphabet": "RNA"}],
)  # fmt: skip
def test_every_example_is_answered(settings: dict[str, Any]) -> None:
    model = made_up(**settings)
    found = examples(model)
    assert 1 < len(found) <= 5
    assert len({text for text, _ in found}) == len(found)
    for text, _ in found:
        assert len(ask(model, text).tokens)
    assert model.vocabulary.token(found[0][0]) == len(model) - 1  # made up in order of count


def test_of_one_kmer_there_is_one_example() -> None:
    assert [text for text, _ in examples(made_up(3, "CCG"))] == ["CCG"]


@pytest.mark.parametrize("k", [2, 3, 6])
def test_the_example_of_arithmetic_changes_the_same_letter_twice(k: int) -> None:
    model = made_up(k)
    found = analogy_example(model)
    assert found is not None
    plus, minus, expected = found
    changed, other = plus.split(", ")
    assert len({minus, changed, other, expected}) == 4
    differing = [[p for p in range(k) if one[p] != two[p]]
                 for one, two in ((minus, changed), (other, expected))]  # fmt: skip
    assert differing[0] == differing[1] == [k // 2]
    assert changed[k // 2] == expected[k // 2]


def test_a_model_of_single_letters_has_no_example_of_arithmetic() -> None:
    assert analogy_example(made_up(1)) is None
