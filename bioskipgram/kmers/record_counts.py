"""How often k-mers occur in each record, and in each reading frame of the records."""

from dataclasses import dataclass

import numpy as np

from bioskipgram.errors import ConfigError
from bioskipgram.numerics.arrays import (
    BaseCodes,
    Counts,
    Doubles,
    Flags,
    KmerCodes,
    Tokens,
    checked,
)
from bioskipgram.numerics.statistics import false_discoveries
from bioskipgram.numerics.threads import by_records
from bioskipgram.sequences.sequences import Sequences

from .occurrences import check_alphabets
from .tokenizer import KmerTokenizer, reverse_complement
from .vocabulary import Vocabulary


@dataclass(frozen=True)
class FrameCounts:
    """Counts of each k-mer by the frame it starts in, int64[V, 3], and of codons, int64[64]."""

    counts: Counts
    codons: Counts

    def __post_init__(self) -> None:
        object.__setattr__(self, "counts", checked(self.counts, "counts", np.int64, (None, 3)))
        object.__setattr__(self, "codons", checked(self.codons, "codons", np.int64, (64,)))


@dataclass(frozen=True)
class RecordShares:
    """How much of each record consists of selected k-mers, observed and expected windows by record.

    `p` is binomial, `q` after Benjamini & Hochberg 1995 (10.1111/j.2517-6161.1995.tb02031.x);
    neighbouring windows are not independent, so p is too small: a ranking, not a proof. `order`,
    int32[R], has the richest record first.
    """

    observed: Counts
    windows: Counts
    expected: Doubles
    p: Doubles
    q: Doubles
    order: Tokens

    @property
    def ratio(self) -> Doubles:
        """Observed over expected, float64[R]; 1 where nothing is expected."""
        expected = np.where(self.expected > 0, self.expected, 1.0)
        return np.where(self.expected > 0, self.observed / expected, 1.0)


def record_counts(sequences: Sequences, vocabulary: Vocabulary, chosen: Flags) -> Counts:
    """Return how many windows of each record are one of the chosen k-mers (bool[V]), int64[R].

    Windows are cut as in training, so the sum over the records is the sum of the chosen k-mers'
    counts if the model was trained on these records.
    """
    return _weighed(sequences, vocabulary, chosen)[0]


def richest(sequences: Sequences, vocabulary: Vocabulary, chosen: Flags) -> RecordShares:
    """Return each record's share of the chosen k-mers (bool[V]), beside chance."""
    return shares_of(*_weighed(sequences, vocabulary, chosen))


def shares_of(observed: Counts, windows: Counts) -> RecordShares:
    """Return the share of windows, int64[R], that were observed, int64[R], beside chance."""
    from scipy.stats import binom

    share = observed.sum() / max(1, windows.sum())
    p = np.asarray(binom.sf(observed - 1, windows, share), np.float64)
    p = np.where(windows > 0, p, 1.0)
    q = false_discoveries(p)
    expected = windows * share
    ratio = observed / np.where(expected > 0, expected, 1.0)
    order = np.lexsort((-ratio, p)).astype(np.int32)
    return RecordShares(observed, windows, expected, p, q, order)


def frame_counts(sequences: Sequences, vocabulary: Vocabulary) -> FrameCounts:
    """Return how often each k-mer starts in frame 0, 1 and 2 of its record.

    Every base is a possible start, whatever the stride; a canonical k-mer is counted with its
    reverse complement. A ConfigError if the alphabets differ or have no reading frames.
    """
    tokenizer = vocabulary.tokenizer
    check_alphabets(sequences, tokenizer)
    if not tokenizer.alphabet.complement:
        raise ConfigError(
            "frame counts: protein is not read in frames; give nucleotides and the alphabet "
            "DNA or RNA"
        )
    longest, codons = _by_frame(sequences, tokenizer.k), _by_frame(sequences, 3)[:, 0]
    return FrameCounts(_of_vocabulary(vocabulary, longest), codons.astype(np.int64))


def _by_frame(sequences: Sequences, k: int) -> Counts:
    """Return counts of every window by code and frame, uint32[4^k, 3]."""
    from . import scan_kernel

    counts = np.zeros((4**k, 3), np.uint32)

    def count(first: int, last: int) -> Counts:
        own = counts if first == 0 else np.zeros_like(counts)
        scan_kernel.count_frames(sequences.codes, sequences.offsets, first, last, 4, k, own)
        return own

    # A second table of 4^10 and more costs more than a second thread saves.
    for own in by_records(count, sequences.offsets, 1 if k > 9 else 0):
        if own is not counts:
            counts += own
    return counts


def _of_vocabulary(vocabulary: Vocabulary, longest: Counts) -> Counts:
    """Return the rows of a table by the longest words' codes for each token, int64[V, 3]."""
    tokenizer, kmers = vocabulary.tokenizer, vocabulary.kmers
    if tokenizer.canonical:
        others = reverse_complement(kmers, tokenizer.k)
        other = np.where((others != kmers)[:, None], longest[others], 0)
        return longest[kmers].astype(np.int64) + other
    by_length = [
        longest.reshape(4**length, -1, 3).sum(axis=1, dtype=np.int64)  # by how they begin
        for length in range(tokenizer.shortest, tokenizer.k + 1)
    ]
    return np.concatenate(by_length)[kmers]


def _weighed(sequences: Sequences, vocabulary: Vocabulary, chosen: Flags) -> tuple[Counts, Counts]:
    """Return each record's windows that are chosen, and all its windows, int64[R] both."""
    from . import scan_kernel

    tokenizer = vocabulary.tokenizer
    check_alphabets(sequences, tokenizer)
    chosen = checked(chosen, "chosen", np.bool_, (len(vocabulary),))
    weights = _weights(tokenizer, vocabulary.kmers[chosen])
    R = len(sequences)
    sums, windows = np.zeros(R, np.int64), np.zeros(R, np.int64)

    def weigh(first: int, last: int) -> None:
        scan_kernel.weigh(
            sequences.codes, sequences.offsets, first, last, tokenizer.alphabet.unknown,
            tokenizer.k, tokenizer.stride, tokenizer.frame, weights, sums, windows,
        )  # fmt: skip

    by_records(weigh, sequences.offsets)
    return sums, windows * (tokenizer.k - tokenizer.shortest + 1)


def _weights(tokenizer: KmerTokenizer, kmers: KmerCodes) -> BaseCodes:
    """Return how many of these k-mers begin where each longest word does, uint8[A^k]."""
    letters = tokenizer.alphabet.unknown
    chosen = np.zeros(tokenizer.size, np.uint8)
    chosen[kmers] = 1
    if tokenizer.canonical:
        chosen[reverse_complement(kmers, tokenizer.k)] = 1
    weights = np.zeros(letters**tokenizer.k, np.uint8)
    for length, start in enumerate(tokenizer.starts[:-1], tokenizer.shortest):
        part = chosen[start : start + letters**length]
        weights.reshape(len(part), -1)[:] += part[:, None]
    return weights
