"""Motifs that tell two sets of sequences apart."""

import re
from itertools import islice

import numpy as np
import pytest

from bioskipgram.errors import QueryError
from bioskipgram.motifs import discriminative
from bioskipgram.motifs.discovery import compare
from bioskipgram.motifs.discriminative import discover
from bioskipgram.motifs.discriminative_kernel import best_windows, mask, records_with
from bioskipgram.motifs.library import entry
from bioskipgram.numerics.arrays import read_only
from bioskipgram.sequences.alphabet import DNA
from bioskipgram.sequences.sequences import Sequences
from bioskipgram.sequences.shuffle import shuffle

LENGTH = 60


def random_set(records: int, seed: int, length: int = LENGTH) -> Sequences:
    codes = np.random.default_rng(seed).integers(0, 4, records * length).astype(np.uint8)
    names = tuple(map(str, range(records)))
    offsets = np.arange(0, records * length + 1, length, dtype=np.int64)
    return Sequences(names, names, codes, offsets, DNA)


def planted(sequences: Sequences, shares: np.ndarray, every: int) -> Sequences:
    """Return the sequences with a site in each `every`-th, strands in turn."""
    random, codes = np.random.default_rng(8), sequences.codes.copy()
    for turn, record in enumerate(range(0, len(sequences), every)):
        site = np.array([random.choice(4, p=row) for row in shares], np.uint8)
        start = int(sequences.offsets[record]) + int(random.integers(LENGTH - len(site)))
        codes[start : start + len(site)] = site if turn % 2 else 3 - site[::-1]
    return Sequences(sequences.names, sequences.names, codes, sequences.offsets, DNA)


def test_planted_motifs_are_found_one_after_the_other() -> None:
    creb, ctcf = (entry(name).motif for name in ("MA0018.5", "MA0139.2"))
    assert creb is not None
    assert ctcf is not None
    first = planted(planted(random_set(400, 1), creb.shares(), 3), ctcf.shares(), 4)
    found = list(discover(first, random_set(400, 2), motifs=2))
    significant = [one for one in found if one.significant]
    assert len(significant) == 2
    for motif in (creb, ctcf):
        assert min(compare(one.motif, [motif, creb, ctcf]).p[0] for one in significant) < 0.01
    for one in significant:
        assert one.p < 1e-3
        assert one.sites > 3 * one.others
        assert one.held_sites <= one.held_size == 80


def test_sets_alike_have_no_significant_motif_more_often_than_chance() -> None:
    p = []
    for seed in range(12):
        first = random_set(60, seed, 40)
        found = discover(first, shuffle(first, seed=seed + 50), seed=seed)
        p += [one.p for one in islice(found, 1)]
    assert np.mean(np.array(p) <= 0.05) <= 0.25


def test_longer_sequences_alone_are_no_motif() -> None:
    found = list(discover(random_set(200, 3, 60), random_set(200, 4, 30)))
    assert not any(one.significant for one in found)


def test_records_with_a_word_are_counted_once_on_either_strand() -> None:
    sequences = random_set(30, 5, 20)
    codes = sequences.codes.copy()
    codes[::17] = 4
    found = records_with(read_only(codes), sequences.offsets, 3, 0)
    texts = [DNA.decode(codes[20 * i : 20 * i + 20]) for i in range(30)]
    both = [text + "N" + DNA.decode(DNA.reverse_complement(DNA.encode(text))) for text in texts]
    for code in range(64):
        word = "".join("ACGT"[code >> 2 * i & 3] for i in (2, 1, 0))
        assert found[code] == sum(word in text for text in both)


def test_the_best_window_of_a_record_and_its_erasure() -> None:
    sequences = random_set(3, 6, 30)
    scores = np.full((5, 5), -1, np.float32)
    scores[np.arange(5), [2, 0, 3, 0, 1]] = 1  # GATAC
    scores[:, 4] = 0
    codes = sequences.codes.copy()
    codes[7:12] = [2, 0, 3, 0, 1]
    codes[40:45] = [2, 3, 0, 3, 1]  # GTATC, its reverse complement
    best, places = np.empty(3, np.float32), np.empty(3, np.int64)
    turned = discriminative._turned(scores)
    best_windows(read_only(codes), sequences.offsets, scores, turned, 0, 0, 3, best, places)
    assert best[:2].tolist() == [5, 5]
    assert places[:2].tolist() == [2 * 7, 2 * 40 + 1]
    assert mask(codes, sequences.offsets, scores, turned, 5.0)[:2].tolist() == [1, 1]
    assert (codes[7:12] == 4).all()
    assert (codes[40:45] == 4).all()
    assert (codes[12:40] < 4).all()


def test_too_few_sequences_are_refused() -> None:
    with pytest.raises(QueryError, match=r"5 sequences in a set: motifs are told apart .* in 20"):
        next(discover(random_set(5, 1), random_set(30, 2)))


def test_records_with_a_gapped_word_are_counted_on_either_strand() -> None:
    sequences = random_set(40, 9, 20)
    found = records_with(sequences.codes, sequences.offsets, 4, 3)
    texts = [DNA.decode(sequences.codes[20 * i : 20 * i + 20]) for i in range(40)]
    both = [text + "N" + DNA.decode(DNA.reverse_complement(DNA.encode(text))) for text in texts]
    for code in range(256):
        word = "".join("ACGT"[code >> 2 * i & 3] for i in (3, 2, 1, 0))
        pattern = re.compile(f"{word[:2]}[ACGT]{{3}}{word[2:]}")
        assert found[code] == sum(pattern.search(text) is not None for text in both)
