"""Exact pair weights, against adding up every pair of every record one by one."""

from collections import Counter
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from bioskipgram.config import TrainConfig
from bioskipgram.counting import counts as raw_counts
from bioskipgram.counting.pairs import PairCounts, count, fits
from bioskipgram.errors import ConfigError, TrainingError
from bioskipgram.kmers.tokenizer import KmerTokenizer
from bioskipgram.sequences import fasta, shipped
from tests.conftest import MakeSequences

# Short runs and long ones, an N or several between them; sometimes nothing at all.
run = st.one_of(st.text("ACGT", max_size=6), st.text("ACGT", min_size=14, max_size=30))
corpora = st.lists(st.lists(run, max_size=3).map("N".join), min_size=1, max_size=3)


def word(text: str, start: int, config: TrainConfig) -> str:
    """The k-mer at `start`; the smaller of both strands where they are merged."""
    kmer = text[start : start + config.k]
    other = kmer[::-1].translate(str.maketrans("ACGT", "TGCA"))
    return min(kmer, other) if config.canonical else kmer


def steps_away(config: TrainConfig) -> list[int]:
    """Bases to each context, nearest first: the scheme's definition, tried base by base."""
    found = [
        bases
        for bases in range(config.stride, 400, config.stride)
        if (bases >= config.k or config.contexts in ("all", "frame"))
        and (bases % 3 == 0 or config.contexts in ("all", "non-overlapping"))
    ]
    return found[: config.window]


def added_up(
    texts: list[str], config: TrainConfig
) -> tuple[list[str], list[int], NDArray[np.float64]]:
    """The vocabulary, its counts, and float64[V, V], by two loops over all windows."""
    seen: Counter[str] = Counter()
    pairs: Counter[tuple[str, str]] = Counter()
    away = steps_away(config)
    if config.both_strands:
        texts = texts + [text[::-1].translate(str.maketrans("ACGT", "TGCA")) for text in texts]
    for text in texts:
        starts = range(config.frame, len(text) - config.k + 1, config.stride)
        for here in starts:
            if "N" in text[here : here + config.k]:
                continue
            seen[word(text, here, config)] += 1
            for there in starts:
                stretch = text[min(here, there) : max(here, there) + config.k]
                if abs(here - there) in away and "N" not in stretch:
                    weight = (config.window - away.index(abs(here - there))) / config.window
                    pairs[word(text, here, config), word(text, there, config)] += weight
    words = sorted(kmer for kmer in seen if seen[kmer] >= config.min_count)
    total = sum(seen[kmer] for kmer in words)
    keep = dict.fromkeys(words, 1.0)
    if config.subsample:
        for kmer in words:
            ratio = config.subsample * total / seen[kmer]
            keep[kmer] = min(1.0, ratio**0.5 + ratio)
    table = [[pairs[a, b] * keep[a] * keep[b] for b in words] for a in words]
    return words, [seen[kmer] for kmer in words], np.array(table)


def whole(pairs: PairCounts) -> NDArray[np.float32]:
    """The table with a row and a column for every k-mer there is."""
    V = pairs.vocabulary.tokenizer.size
    table = np.zeros((V, V), np.float32)
    table[np.ix_(pairs.vocabulary.kmers, pairs.vocabulary.kmers)] = pairs.counts
    return table


def random_text(length: int, seed: int, letters: str = "ACGT") -> str:
    return "".join(np.random.default_rng(seed).choice(list(letters), length))


# The oracle ----------------------------------------------------------------------------------


@patch.object(raw_counts, "MAX_WORD", 9)  # 13-mers are 512 MB of counters for each example
@pytest.mark.parametrize("window", range(1, 8))
@pytest.mark.parametrize("k", range(1, 5))
@settings(deadline=None, max_examples=50)
@given(texts=corpora, data=st.data())
def test_counts_are_those_of_adding_up_every_pair(
    sequences: MakeSequences, k: int, window: int, texts: list[str], data: st.DataObject
) -> None:
    stride = data.draw(st.integers(1, k), "stride")
    schemes = ["all", "non-overlapping"] + ["frame", "frame-apart"] * (stride in (1, 3))
    config = TrainConfig(
        k=k,
        contexts=data.draw(st.sampled_from(schemes), "contexts"),
        both_strands=data.draw(st.booleans(), "both_strands"),
        window=window,
        stride=stride,
        frame=data.draw(st.integers(0, stride - 1), "frame"),
        canonical=data.draw(st.booleans(), "canonical"),
        min_count=data.draw(st.sampled_from([1, 1, 2, 3]), "min_count"),
        subsample=data.draw(st.sampled_from([0.0, 0.001, 0.03, 0.2, 1.0]), "subsample"),
    )
    words, counts, table = added_up(texts, config)
    if not words:
        with pytest.raises(TrainingError, match=f"no {k}-mer occurs {config.min_count} times"):
            count(sequences(*texts), config)
        return
    pairs = count(sequences(*texts), config)
    assert pairs.vocabulary.texts == words
    assert pairs.vocabulary.counts.tolist() == counts
    # The table is float32: a handful of roundings of 6e-8 each.
    np.testing.assert_allclose(pairs.counts, table, rtol=2e-6, atol=1e-7)
    assert pairs.total == pytest.approx(table.sum(), rel=1e-6)
    assert pairs.window == window


@pytest.mark.parametrize("window", [1, 3, 5])
def test_real_genes_are_counted_right(sequences: MakeSequences, window: int) -> None:
    genes = fasta.read(shipped.GENES)
    config = TrainConfig(k=3, window=window, stride=3)
    texts = [genes.text(record) for record in range(3)]
    words, counts, table = added_up(texts, config)
    pairs = count(sequences(*texts), config)
    assert pairs.vocabulary.texts == words
    assert pairs.vocabulary.counts.tolist() == counts
    np.testing.assert_allclose(pairs.counts, table, rtol=1e-6)


def test_weights_by_hand(sequences: MakeSequences) -> None:
    pairs = count(sequences("ACG", "AC"), TrainConfig(k=1, window=2))
    # A-C stand side by side twice, C-G once; A-G are two apart: half a pair.
    assert pairs.vocabulary.texts == ["A", "C", "G"]
    assert pairs.counts.tolist() == [[0, 2, 0.5], [2, 0, 1], [0.5, 1, 0]]
    assert pairs.total == 7


# Two ways, one answer ------------------------------------------------------------------------


@pytest.mark.parametrize("window", range(1, 8))
@pytest.mark.parametrize("k", [1, 2, 3, 4, 5])
def test_the_histogram_and_the_pairs_one_by_one_agree(
    sequences: MakeSequences, k: int, window: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = [random_text(3000, seed, "ACGTACGTACGTN") for seed in range(3)]
    texts += [random_text(length, length) for length in range(k + window + 2)]
    config = TrainConfig(k=k, window=window, min_count=2)
    fast = count(sequences(*texts), config)
    monkeypatch.setattr(raw_counts, "MAX_WORD", 0)
    slow = count(sequences(*texts), config)
    assert not raw_counts.Layout.of(config).words
    assert fast.vocabulary.texts == slow.vocabulary.texts
    assert fast.vocabulary.counts.tolist() == slow.vocabulary.counts.tolist()
    assert (fast.counts == slow.counts).all()


def test_a_window_too_long_for_the_histogram_is_counted_all_the_same(
    sequences: MakeSequences,
) -> None:
    texts = [random_text(200, 1), random_text(9, 2)]
    config = TrainConfig(k=2, window=30)
    assert config.k + config.window > raw_counts.MAX_WORD
    words, _, table = added_up(texts, config)
    pairs = count(sequences(*texts), config)
    assert pairs.vocabulary.texts == words
    np.testing.assert_allclose(pairs.counts, table, rtol=2e-6)


# What must hold ------------------------------------------------------------------------------


@pytest.mark.parametrize(("stride", "canonical"), [(1, False), (2, False), (1, True)])
def test_a_pair_counts_the_same_seen_from_either_end(
    sequences: MakeSequences, stride: int, canonical: bool
) -> None:
    config = TrainConfig(k=3, window=4, stride=stride, canonical=canonical, subsample=0.01)
    pairs = count(sequences(random_text(2000, 7)), config)
    assert (pairs.counts == pairs.counts.T).all()
    assert (pairs.counts != np.diag(np.diag(pairs.counts))).any()


def test_thinning_multiplies_by_what_is_kept_of_both(sequences: MakeSequences) -> None:
    text = "A" * 300 + random_text(300, 3)
    full = count(sequences(text), TrainConfig(k=2, window=3))
    thin = count(sequences(text), TrainConfig(k=2, window=3, subsample=0.02))
    keep = full.vocabulary.keep_probability(0.02)
    assert keep.min() < 0.5
    np.testing.assert_allclose(thin.counts, full.counts * np.outer(keep, keep), rtol=1e-5)
    assert thin.vocabulary.counts.tolist() == full.vocabulary.counts.tolist()


@pytest.mark.parametrize(("k", "stride", "window"), [(2, 1, 3), (3, 1, 5), (3, 3, 4), (4, 2, 2)])
def test_counts_of_parts_add_up_to_those_of_the_whole(
    sequences: MakeSequences, k: int, stride: int, window: int
) -> None:
    config = TrainConfig(k=k, stride=stride, window=window)
    first, second = [random_text(500, 1), "ACG"], [random_text(800, 2, "ACGTN"), ""]
    parts = count(sequences(*first), config), count(sequences(*second), config)
    together = count(sequences(*first, *second), config)
    np.testing.assert_allclose(whole(parts[0]) + whole(parts[1]), whole(together), rtol=2e-6)


# Limits --------------------------------------------------------------------------------------


def test_only_tables_of_two_gigabytes_or_less_are_made() -> None:
    assert fits(KmerTokenizer(7))
    assert fits(KmerTokenizer(7, canonical=True))
    assert not fits(KmerTokenizer(8))
    assert not fits(KmerTokenizer(8, canonical=True))


@pytest.mark.parametrize(("canonical", "size"), [(False, 17), (True, 4)])
def test_a_table_too_large_is_refused_with_its_size(
    sequences: MakeSequences, canonical: bool, size: int
) -> None:
    config = TrainConfig(k=8, canonical=canonical)
    with pytest.raises(ConfigError, match=rf"^k: .* table of 8-mers .* {size} GB; .*k up to 7"):
        count(sequences("ACGTACGTACGT"), config)


def test_a_table_of_another_shape_or_type_is_refused(sequences: MakeSequences) -> None:
    vocabulary = count(sequences("ACGT"), TrainConfig(k=1)).vocabulary
    with pytest.raises(ValueError, match=r"^counts: expected float32 with shape \(4, 4\)"):
        PairCounts(vocabulary, np.zeros((4, 3), np.float32), 5)
    with pytest.raises(ValueError, match=r"^counts: expected float32 .* found float64"):
        PairCounts(vocabulary, np.zeros((4, 4)), 5)
