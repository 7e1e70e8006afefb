"""Windows against windows: as a slow count has it, both strands, no diagonal missed."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bioskipgram.config import MAX_DOT_WINDOWS, DotConfig
from bioskipgram.errors import ConfigError, QueryError
from bioskipgram.genes.dotplot import LONGEST, DotPlot, dot_plot, signed
from bioskipgram.genes.dotplot_kernel import most_matches
from bioskipgram.model import checkpoint
from bioskipgram.model.embedding import KmerEmbedding
from bioskipgram.numerics.arrays import read_only
from bioskipgram.sequences import fasta
from bioskipgram.sequences.alphabet import DNA
from bioskipgram.sequences.shipped import GENES


@pytest.fixture(scope="module")
def model() -> KmerEmbedding:
    return checkpoint.load("models/human-cds-k6-word2vec.safetensors")


@pytest.fixture(scope="module")
def pair() -> tuple[np.ndarray, np.ndarray]:
    """Two random sequences: 300 bases in common, and 200 on opposite strands."""
    rng = np.random.default_rng(7)
    first, second = (rng.integers(0, 4, 2000).astype(np.uint8) for _ in range(2))
    second[1003:1303] = first[200:500]
    second[101:301] = DNA.reverse_complement(first[1500:1700])
    return first, second


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_most_matches_is_what_comparing_every_pair_gives(data: st.DataObject) -> None:
    w, step = data.draw(st.integers(1, 9)), data.draw(st.integers(1, 5))
    codes = st.lists(st.integers(0, 4), min_size=w, max_size=25)
    first, second = (np.array(data.draw(codes), np.uint8) for _ in range(2))
    every = np.array(
        [[((first[i : i + w] == second[j : j + w]) & (first[i : i + w] < 4)).sum()
          for j in range(len(second) - w + 1)] for i in range(len(first) - w + 1)]
    )  # fmt: skip
    cells = [
        [every[i : i + step, j : j + step].max() for j in range(0, every.shape[1], step)]
        for i in range(0, every.shape[0], step)
    ]
    assert most_matches(read_only(first), read_only(second), 4, w, step).tolist() == cells


@pytest.mark.parametrize("step", [1, 7])
def test_what_two_sequences_share_is_seen_on_both_strands_at_any_step(
    step: int, model: KmerEmbedding, pair: tuple[np.ndarray, np.ndarray]
) -> None:
    if step == 1:
        pair = pair[0][:1400], pair[1][:1400]
    found = dot_plot(model, *pair, DotConfig(window=60, step=step))
    i, j = np.unravel_index(found.identity.argmax(), found.identity.shape)
    assert found.identity[i, j] == 1
    assert abs((found.starts_second[j] - found.starts_first[i]) - 803) < step
    assert found.cosine[i, j] > 0.9
    if step == 7:
        i, j = np.unravel_index(found.identity_reverse.argmax(), found.identity.shape)
        assert found.identity_reverse[i, j] == 1
        # A window at p lies opposite one that begins at 1500 + 301 - 60 - p and the other way.
        assert abs(found.starts_first[i] + found.starts_second[j] + 60 - 1801) <= 2 * step
        assert found.cosine_reverse[i, j] > 0.8  # the windows may be up to 6 bases apart


def test_identities_of_the_other_strand_lie_in_the_cells_of_this_one(model: KmerEmbedding) -> None:
    rng = np.random.default_rng(3)
    first, second = (rng.integers(0, 4, size).astype(np.uint8) for size in (60, 75))
    found = dot_plot(model, first, second, DotConfig(window=20, step=7))
    every = np.array(
        [[(first[i : i + 20] == DNA.reverse_complement(second[j : j + 20])).mean()
          for j in range(56)] for i in range(41)]
    )  # fmt: skip
    cells = [[every[i : i + 7, j : j + 7].max() for j in range(0, 56, 7)] for i in range(0, 41, 7)]
    assert np.allclose(found.identity_reverse, cells)
    found = dot_plot(model, first, second[:-3], DotConfig(window=20, step=7))
    cells = [
        [every[i : i + 7, j : min(j + 7, 53)].max() for j in range(0, 53, 7)]
        for i in range(0, 41, 7)
    ]
    assert np.allclose(found.identity_reverse, cells)


def test_cosines_are_those_of_summed_vectors(
    model: KmerEmbedding, pair: tuple[np.ndarray, np.ndarray]
) -> None:
    found = dot_plot(model, *pair, DotConfig(window=50, step=10))
    counts = model.vocabulary.counts
    table = model.unit - counts @ model.unit / counts.sum()

    def window(bases: np.ndarray, start: int) -> np.ndarray:
        codes = model.vocabulary.tokenizer.codes(bases[start : start + 50])
        total = table[model.vocabulary.tokens(codes)].sum(axis=0)
        return total / np.linalg.norm(total)

    for i, j in ((0, 0), (3, 17), (40, 99)):
        a, b = window(pair[0], 10 * i), window(pair[1], 10 * j)
        assert found.cosine[i, j] == pytest.approx(a @ b, abs=1e-5)
        other = window(DNA.reverse_complement(pair[1][10 * j : 10 * j + 50]), 0)
        assert found.cosine_reverse[i, j] == pytest.approx(a @ other, abs=1e-5)


def test_chance_is_what_shuffled_bases_reach(model: KmerEmbedding) -> None:
    genes = fasta.read(GENES)
    hbb, hbg1, fos = (genes[genes.names.index(n)] for n in ("HBB", "HBG1", "FOS"))
    related, unrelated = dot_plot(model, hbb, hbg1), dot_plot(model, hbb, fos)
    assert (related.cosine > related.chance_cosine).mean() > 0.01
    assert (unrelated.cosine > unrelated.chance_cosine).mean() < 0.01
    assert related.identity.max() > related.chance_identity + 0.3


def test_unknown_bases_are_like_nothing(model: KmerEmbedding) -> None:
    unknown = np.full(100, 4, np.uint8)
    found = dot_plot(model, unknown, unknown)
    assert found.identity.max() == found.cosine.max() == found.cosine.min() == 0


def test_step_0_keeps_a_side_within_its_most_windows(
    model: KmerEmbedding, pair: tuple[np.ndarray, np.ndarray]
) -> None:
    long = np.tile(pair[0], 2)
    found = dot_plot(model, long, pair[1])
    assert found.step == 3
    assert found.cosine.shape == (1314, 647)
    assert max(found.cosine.shape) <= MAX_DOT_WINDOWS


def test_signed_shows_the_likelier_strand() -> None:
    forward = np.array([[0.9, 0.2, -0.5]], np.float32)
    reverse = np.array([[0.1, 0.6, -0.7]], np.float32)
    assert signed(forward, reverse).tolist() == [[90, -60, 0]]


@pytest.mark.parametrize(
    ("first", "config", "said"),
    [
        (np.zeros(50, np.uint8), DotConfig(), "window: 60 is longer than the shorter"),
        (np.zeros(LONGEST + 1, np.uint8), DotConfig(), "30,001 letters, of which 30,000"),
        (np.zeros(9000, np.uint8), DotConfig(step=2), "give at least 6, or 0"),
    ],
)
def test_what_does_not_fit_is_one_sentence(
    first: np.ndarray, config: DotConfig, said: str, model: KmerEmbedding
) -> None:
    with pytest.raises(QueryError, match=said):
        dot_plot(model, first, np.zeros(100, np.uint8), config)


def test_a_window_has_limits() -> None:
    with pytest.raises(ConfigError, match="window: 7 is outside 8 to 1000"):
        DotConfig(window=7)


def test_shapes_are_checked() -> None:
    cells = [np.zeros((2, 3), np.float32)] * 3
    with pytest.raises(ValueError, match="identity_reverse: expected float32"):
        DotPlot(
            DotConfig(), 1, np.arange(2), np.arange(3), *cells, np.zeros((3, 2), np.float32), 0, 0
        )
