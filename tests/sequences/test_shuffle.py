"""Shuffles keep what they promise, and every order they allow is as likely."""

from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bioskipgram.errors import ConfigError
from bioskipgram.sequences.alphabet import DNA
from bioskipgram.sequences.shuffle import shuffle


def pairs(text: str) -> Counter[str]:
    return Counter(a + b for a, b in pairwise(text) if "N" not in a + b)


@given(st.lists(st.text("ACGTN", max_size=40), min_size=1, max_size=4), st.integers(0, 99))
@settings(deadline=None, max_examples=40)
def test_pairs_and_unknown_bases_are_kept(sequences, texts: list[str], seed: int) -> None:
    mixed = shuffle(sequences(*texts), seed=seed)
    for record, text in enumerate(texts):
        new = mixed.text(record)
        assert pairs(new) == pairs(text)
        assert [i for i, c in enumerate(new) if c == "N"] == [
            i for i, c in enumerate(text) if c == "N"
        ]


def test_every_order_with_the_same_pairs_is_as_likely(sequences) -> None:
    text = "ACAGATACCA"
    many = sequences(*[text] * 6000)
    everything = set(map(shuffle(many, seed=4).text, range(6000)))
    drawn = Counter(map(shuffle(many, seed=5).text, range(6000)))
    assert set(drawn) == everything
    expected = 6000 / len(everything)
    # Orders that the letters cannot tell apart are drawn alike: all strings are as likely.
    chi = sum((n - expected) ** 2 / expected for n in drawn.values())
    assert chi < len(everything) + 5 * np.sqrt(2 * len(everything))


def test_a_shuffle_changes_the_order_and_is_repeatable(sequences) -> None:
    text = DNA.decode(np.random.default_rng(1).integers(0, 4, 2000).astype(np.uint8))
    one = shuffle(sequences(text), seed=1)
    assert (one.codes == shuffle(sequences(text), seed=1).codes).all()
    for other in (shuffle(sequences(text), seed=2), sequences(text)):
        assert 0.6 < (one.codes != other.codes).mean() < 0.9
    single = shuffle(sequences(text), "composition").text(0)
    assert Counter(single) == Counter(text)
    assert pairs(single) != pairs(text)


def test_a_run_that_can_hardly_change_ends(sequences) -> None:
    text = "A" * 50_000 + "T"
    assert shuffle(sequences(text)).text(0) == text


def test_an_unknown_kind_is_refused(sequences) -> None:
    with pytest.raises(ConfigError, match="shuffle: 'gene' is not one of dinucleotide, compos"):
        shuffle(sequences("ACGT"), "gene")


def test_shuffled_codons_keep_every_codon_and_its_frame(sequences) -> None:
    text = "ATGGCTGAACGTCTGTTTTAA"
    mixed = shuffle(sequences(text), "codon", seed=3).text(0)
    codons = [text[i : i + 3] for i in range(0, len(text), 3)]
    assert sorted(mixed[i : i + 3] for i in range(0, len(mixed), 3)) == sorted(codons)
    assert mixed != text
