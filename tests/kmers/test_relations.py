"""Of every pair exactly one relation holds; counted over whole vocabularies."""

import numpy as np
import pytest
from Bio.Seq import Seq
from hypothesis import given, settings
from hypothesis import strategies as st

from bioskipgram.config import TrainConfig
from bioskipgram.kmers.relations import KINDS, kinds, possible, relations
from bioskipgram.kmers.vocabulary import Vocabulary


def whole(k: int, **settings: object) -> Vocabulary:
    tokenizer = TrainConfig(k=k, **settings).tokenizer  # type: ignore[arg-type]
    kmers = tokenizer.all_codes()
    return Vocabulary(tokenizer, kmers, np.ones(len(kmers), np.int64))


def holds(first: str, second: str, *, codons: bool) -> dict[str, bool]:
    """Each relation by its own definition, made exclusive by naming what comes before it."""
    k, m = len(first), len(second)
    short = min(k, m)
    twin = second == str(Seq(first).reverse_complement())
    synonym = codons and Seq(first).translate() == Seq(second).translate()
    inside = k != m and (first in second or second in first)
    overlaps = any(
        all(a == b for a, b in zip(x[d:], y, strict=False))
        for d in range(1, short // 2 + 1) for x, y in ((first, second), (second, first))
    )  # fmt: skip
    one_off = k == m and sum(a != b for a, b in zip(first, second, strict=True)) == 1
    same = first == second
    return {
        "same": same,
        "reverse complement": not same and twin,
        "synonymous": not same and not twin and synonym,
        "extension": not twin and not synonym and inside,
        "shift": not (same or twin or synonym or inside) and overlaps,
        "substitution": not (same or twin or synonym or overlaps) and one_off,
        "other": not (same or twin or synonym or inside or overlaps or one_off),
    }


VOCABULARIES = [
    (whole(4), False), (whole(3, stride=3), True), (whole(5), False),
    (whole(4, k_min=2), False), (whole(6, stride=3), True),
]  # fmt: skip


@settings(deadline=None)
@given(st.integers(0, len(VOCABULARIES) - 1), st.data())
def test_exactly_one_relation_holds_and_it_is_the_one_named(
    which: int, data: st.DataObject
) -> None:
    words, codons = VOCABULARIES[which]
    first, second = (data.draw(st.integers(0, len(words) - 1)) for _ in range(2))
    texts = words.spell(np.array([first, second], np.int32))
    true = [name for name, yes in holds(*texts, codons=codons).items() if yes]
    found = KINDS[kinds(words, first, np.array([second], np.int32))[0]]
    assert true == [found]


@pytest.mark.parametrize(("words", "codons"), VOCABULARIES[:4])
def test_kinds_of_a_whole_vocabulary_are_the_names_without_distances(
    words: Vocabulary, codons: bool
) -> None:
    for token in (0, 7, len(words) // 2, len(words) - 1):
        named = relations(words, token, np.arange(len(words), dtype=np.int32))
        assert [KINDS[kind] for kind in kinds(words, token)] == [
            "shift" if name.startswith("shift") else name for name in named
        ]
        assert named.count("same") == 1


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"k": 4}, {"shift", "substitution", "reverse complement", "other"}),
        ({"k": 3, "stride": 3},
         {"shift", "substitution", "reverse complement", "synonymous", "other"}),
        ({"k": 4, "k_min": 2},
         {"shift", "substitution", "reverse complement", "extension", "other"}),
        ({"k": 3, "canonical": True}, {"shift", "substitution", "other"}),
        ({"k": 2, "alphabet": "protein"}, {"shift", "substitution", "other"}),
        ({"k": 1}, {"substitution", "reverse complement"}),
    ],
)  # fmt: skip
def test_the_possible_kinds_are_those_that_occur(
    settings: dict[str, int], expected: set[str]
) -> None:
    words = whole(**settings)  # type: ignore[arg-type]
    occurring = {KINDS[kind] for token in range(len(words)) for kind in kinds(words, token)}
    assert occurring - {"same"} == expected
    assert expected <= set(possible(words.tokenizer)) <= expected | {"other"}
