"""How often each k-mer meets each other one: exact SGNS pair weights in one pass.

At stride 1 the pair at distance d is a function of the (k+d)-mer at that position, so one
histogram of (k+window)-mers, with one more count per distance at each end of a run, holds
every distance; summing out letters recovers them. Other settings are counted pair by pair.
"""

from dataclasses import dataclass, replace

import numba
import numpy as np

from .alphabet import UNKNOWN
from .arrays import BaseCodes, Counts, Doubles, Floats, Offsets, Tokens, checked
from .config import TrainConfig
from .corpus import Corpus
from .errors import ConfigError
from .fasta import Sequences
from .kmers import KmerTokenizer
from .vocabulary import Vocabulary

MAX_TABLE = 2**31
"""Bytes of the largest co-occurrence table the exact trainer takes: k up to 7."""
MAX_HISTOGRAM_K = 13
"""The longest (k+window)-mers counted in one histogram: 4^13 counters of 8 bytes, 0.5 GB."""


@dataclass(frozen=True)
class PairCounts:
    """Expected weight of every (centre, context) pair of one pass over the corpus.

    Attributes
    ----------
    vocabulary
        What rows and columns stand for.
    counts
        float32[V, V]. A pair at distance d counts (window - d + 1) / window: the chance that
        word2vec's shrinking window reaches that far. Symmetric. Subsampling enters as
        expected thinning.
    window
        The largest distance, in windows.
    """

    vocabulary: Vocabulary
    counts: Floats
    window: int

    def __post_init__(self) -> None:
        V = len(self.vocabulary)
        object.__setattr__(self, "counts", checked(self.counts, "counts", np.float32, (V, V)))

    @property
    def total(self) -> float:
        """The weight of all pairs."""
        return float(self.counts.sum(dtype=np.float64))


@dataclass(frozen=True)
class SparseCounts:
    """The same by rows, without the cells that are zero."""

    vocabulary: Vocabulary
    indptr: Offsets
    indices: Tokens
    weights: Floats
    window: int

    @property
    def total(self) -> float:
        """The weight of all pairs."""
        return float(self.weights.sum(dtype=np.float64))


def fits(tokenizer: KmerTokenizer) -> bool:
    """Return whether the full co-occurrence table of this tokenizer is at most `MAX_TABLE`."""
    return not tokenizer.k_min and 4 * len_codes(tokenizer) ** 2 <= MAX_TABLE


def len_codes(tokenizer: KmerTokenizer) -> int:
    """Return how many different codes a tokenizer gives, palindromes counted once."""
    palindromes = 2**tokenizer.k if tokenizer.k % 2 == 0 else 0
    return (tokenizer.size + palindromes) // 2 if tokenizer.canonical else tokenizer.size


def count(sequences: Sequences, config: TrainConfig) -> PairCounts:
    """Return the exact pair weights of `sequences`.

    Parameters
    ----------
    sequences
        The training sequences.
    config
        Its k, stride, frame, canonical, window, min_count and subsample are used.

    Raises
    ------
    ConfigError
        If the table would be too large.
    TrainingError
        If no k-mer is frequent enough.
    """
    tokenizer = config.tokenizer
    if tokenizer.k_min:
        raise ConfigError(
            "k-min: words of several lengths are cut at random, which the exact trainer does not "
            "count; choose the sampled trainer, or k-min 0"
        )
    if not fits(tokenizer):
        size = 4 * len_codes(tokenizer) ** 2 / 1e9
        raise ConfigError(
            f"k: the exact trainer would need a table of {size:.0f} GB for {tokenizer.k}-mers; "
            "choose k up to 7, or the sampled trainer"
        )
    plain = tokenizer.stride == 1 and not tokenizer.canonical and tokenizer.alphabet.complement
    if plain and tokenizer.k + config.window <= MAX_HISTOGRAM_K:
        pairs = _count_by_histogram(sequences, tokenizer, config)
    else:
        pairs = _count_by_distance(sequences, tokenizer, config)
    return _thinned(pairs, pairs.vocabulary.keep_probability(config.subsample))


def _thinned(pairs: PairCounts, keep: Doubles) -> PairCounts:
    if (keep == 1).all():
        return pairs
    thin = keep.astype(np.float32)
    counts = np.outer(thin, thin)
    counts *= pairs.counts  # in this order the table stays exactly symmetric
    return replace(pairs, counts=counts)


def _count_by_histogram(
    sequences: Sequences, tokenizer: KmerTokenizer, config: TrainConfig
) -> PairCounts:
    k, window = tokenizer.k, config.window
    histogram, ends = _word_histogram(sequences.codes, sequences.offsets, k, window)
    table = np.zeros((4**k, 4**k), np.float32)
    for distance in range(window, 0, -1):
        _add_pairs(table, histogram, k, distance, (window - distance + 1) / window)
        # One letter shorter: the last letter summed out, and the words that only a run's end has.
        start, stop = (4 ** (k + d) // 3 - 4**k // 3 for d in (distance - 1, distance))
        histogram = histogram.reshape(-1, 4).sum(axis=1) + ends[start:stop]
    vocabulary = Vocabulary.from_counts(tokenizer, histogram, min_count=config.min_count)
    table += table.T.copy()
    if len(vocabulary) < len(table):
        table = table[np.ix_(vocabulary.kmers, vocabulary.kmers)]
    return PairCounts(vocabulary, table, window)


def _add_pairs(table: Floats, histogram: Counts, k: int, distance: int, weight: float) -> None:
    """Add `weight` times the pairs that the (k+distance)-mers of `histogram` contain."""
    if distance >= k:  # the two k-mers do not overlap: sum out the letters between
        between = histogram.reshape(4**k, 4 ** (distance - k), 4**k).sum(axis=1)
        table += np.float32(weight) * between
        return
    # The last k - distance letters of the first are the first of the second: a diagonal.
    outer, shared = 4**distance, 4 ** (k - distance)
    view = np.einsum("abbc->abc", table.reshape(outer, shared, shared, outer))
    view += np.float32(weight) * histogram.reshape(outer, shared, outer)


@numba.njit(cache=True, nogil=True)
def _word_histogram(
    codes: BaseCodes, offsets: Offsets, k: int, window: int
) -> tuple[Counts, Counts]:
    """Count the (k+window)-mers, and the shorter words that end each run of known bases.

    Returns int64[4^(k+window)], and for d = 0 … window - 1, one after the other, int64[4^(k+d)]
    counts of the last k + d letters of every run that has as many.
    """
    histogram = np.zeros(4 ** (k + window), np.int64)
    ends = np.zeros(4 ** (k + window) // 3 - 4**k // 3, np.int64)
    mask = len(histogram) - 1
    for record in range(len(offsets) - 1):
        word, run = 0, 0
        for i in range(offsets[record], offsets[record + 1] + 1):
            if i < offsets[record + 1] and codes[i] < UNKNOWN:
                word = ((word << 2) | codes[i]) & mask
                run += 1
                if run >= k + window:
                    histogram[word] += 1
                continue
            for d in range(min(window, run - k + 1)):
                ends[4 ** (k + d) // 3 - 4**k // 3 + (word & (4 ** (k + d) - 1))] += 1
            word, run = 0, 0
    return histogram, ends


def _count_by_distance(
    sequences: Sequences, tokenizer: KmerTokenizer, config: TrainConfig
) -> PairCounts:
    vocabulary = Vocabulary.from_sequences(sequences, tokenizer, min_count=config.min_count)
    corpus = Corpus.from_sequences(sequences, vocabulary)
    V = len(vocabulary)
    weights = _pair_weights(corpus.tokens, corpus.offsets, V, config.window)
    table = ((weights + weights.T) / config.window).astype(np.float32)
    return PairCounts(vocabulary, table, config.window)


@numba.njit(cache=True, nogil=True)
def _pair_weights(tokens: Tokens, offsets: Offsets, V: int, window: int) -> Counts:
    """Return int64[V, V]: window times the weight of each (earlier, later) pair."""
    table = np.zeros((V, V), np.int64)
    for sentence in range(len(offsets) - 1):
        for i in range(offsets[sentence], offsets[sentence + 1]):
            if tokens[i] < 0:
                continue
            for j in range(i + 1, min(i + window + 1, offsets[sentence + 1])):
                if tokens[j] >= 0:
                    table[tokens[i], tokens[j]] += window - (j - i) + 1
    return table
