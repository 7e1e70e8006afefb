"""Counts of patterns against a slow second implementation, and their scores and shares."""

from collections import Counter

import numpy as np
import pytest

from bioskipgram.classify.blocks import Block
from bioskipgram.errors import ConfigError, QueryError
from bioskipgram.sequences.alphabet import ALPHABETS
from bioskipgram.sequences.sequences import Sequences
from bioskipgram.sequences.upload import read_all

TEXTS = ("ACGTTGCAACGTNACGGTTAC", "TTTTTTTTTTTTTTTTTTTTT", "ACGATCGTAGCTAGCTNGATC")


def records(texts: tuple[str, ...], alphabet: str = "DNA") -> Sequences:
    data = "".join(f">{i}\n{text}\n" for i, text in enumerate(texts)).encode()
    return read_all([("x.fa", data)], alphabet=ALPHABETS[alphabet]).sequences


def slowly(block: Block, text: str) -> Counter[tuple[str, int]]:
    """The features by name: square roots of counts, each pattern's of length 1."""
    features: Counter[tuple[str, int]] = Counter()
    letters = block.letters.letters
    turn = str.maketrans(letters, block.letters.complement or letters)
    for kind, pattern in block.patterns:
        counts: Counter[tuple[str, int]] = Counter()
        for i in range(len(text) - len(pattern) + 1):
            window = text[i : i + len(pattern)]
            if not set(window) <= set(letters):
                continue
            word = "".join(
                c if p == "1" else block.letters.any for c, p in zip(window, pattern, strict=True)
            )
            if block.merged and kind != "aligned" and pattern == pattern[::-1]:
                word = min(word, word[::-1].translate(turn))
            counts[word, i if kind == "aligned" else -1] += 1
        total = sum(counts.values())
        for name, count in counts.items():
            features[name] += (count / total) ** 0.5
    return features


@pytest.mark.parametrize(
    "block",
    [
        Block(("kmers",)),
        Block(("kmers",), merged=True, longest=4, shortest=3),
        Block(("pairs3", "pairs4"), merged=True),
        Block(("kmers", "gapped"), longest=3),
        Block(("kmers", "aligned"), merged=True, length=21, longest=2),
        Block(("aligned",), length=21),
    ],
    ids=str,
)
def test_features_are_those_of_a_slow_count(block: Block) -> None:
    table = block.features(records(TEXTS))
    for row, text in enumerate(TEXTS):
        found = Counter[tuple[str, int]]()
        start, stop = table.indptr[row : row + 2]
        for column, value in zip(table.indices[start:stop], table.data[start:stop], strict=True):
            found[tuple(block.feature(int(column)))] += value
        expected = slowly(block, text)
        assert found.keys() == expected.keys()
        assert found == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("kinds", [("kmers",), ("pairs3",), ("kmers", "pairs4", "aligned")])
@pytest.mark.parametrize("merged", [True, False])
def test_scores_and_shares_are_products_of_the_features(
    kinds: tuple[str, ...], merged: bool
) -> None:
    block = Block(kinds, merged=merged, length=21 if "aligned" in kinds else 0)
    weights = np.random.default_rng(1).normal(size=(block.size, 2)).astype(np.float32)
    sequences = records(TEXTS)
    expected = block.features(sequences) @ weights
    assert block.scores(sequences, weights) == pytest.approx(expected, abs=1e-4)
    for row in range(len(TEXTS)):
        shares = block.contributions(sequences, row, np.ascontiguousarray(weights[:, 1]))
        assert len(shares) == 21
        assert shares.sum() == pytest.approx(expected[row, 1], abs=1e-4)


def test_merged_strands_do_not_tell_a_record_from_its_reverse_complement() -> None:
    block = Block(("kmers", "pairs3", "pairs4", "gapped"), merged=True)
    own = records(("ACGTTGCAACGTTTACGGTTACCA",))
    other = records(("TGGTAACCGTAAACGTTGCAACGT",))
    assert abs(block.features(own) - block.features(other)).max() < 1e-6
    weights = np.random.default_rng(1).normal(size=(block.size, 1)).astype(np.float32)
    assert block.scores(own, weights) == pytest.approx(block.scores(other, weights), abs=1e-5)


def test_protein_has_blocks_too() -> None:
    sequences = records(("MKVLAAGWYTREDMKVLAAG", "MWWWWXKKKKLLLLMMMMAA"), "protein")
    for kinds in (("kmers",), ("pairs3", "pairs4"), ("gapped",), ("aligned",)):
        block = Block(kinds, "protein", length=20 if kinds == ("aligned",) else 0)
        table = block.features(sequences)
        names = {tuple(block.feature(int(column))) for column in table[0].indices}
        assert names == slowly(block, "MKVLAAGWYTREDMKVLAAG").keys()
        weights = np.random.default_rng(1).normal(size=(block.size, 1)).astype(np.float32)
        assert block.scores(sequences, weights) == pytest.approx(table @ weights, abs=1e-4)


def test_many_occurrences_of_a_word_are_counted() -> None:
    block = Block(("kmers",), longest=1)
    sequences = records(("A" * 1000 + "C" * 50,))
    weights = np.array([[1.0], [2.0], [0.0], [0.0]], np.float32)
    expected = (1000 / 1050) ** 0.5 + 2 * (50 / 1050) ** 0.5
    assert block.scores(sequences, weights)[0, 0] == pytest.approx(expected, rel=2e-3)


def test_threads_do_not_change_the_table() -> None:
    block, many = Block(("kmers", "pairs4")), records(TEXTS * 40)
    one, two = block.features(many, 1), block.features(many, 2)
    assert (one.indptr == two.indptr).all()
    assert (one.indices == two.indices).all()
    assert (one.data == two.data).all()


def test_records_too_short_for_a_word_have_no_features() -> None:
    block = Block(("kmers",), longest=4, shortest=4)
    assert block.features(records(("ACG", "ACGT"))).getnnz(axis=1).tolist() == [0, 1]
    assert block.scores(records(("ACG",)), np.ones((block.size, 1), np.float32)).tolist() == [[0]]


def test_positions_need_one_length() -> None:
    block = Block(("aligned",), length=21)
    with pytest.raises(QueryError, match="aligned sequences of 21 bases, found one of 4"):
        block.features(records(("ACGT",)))
    with pytest.raises(ConfigError, match="aligned: found a length of 0"):
        Block(("aligned",))


def test_protein_has_no_other_strand() -> None:
    with pytest.raises(ConfigError, match="strands: protein has no other strand"):
        Block(("kmers",), "protein", merged=True)
