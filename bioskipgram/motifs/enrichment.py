"""Whether a motif is more frequent in a cluster, or in some sequences, than by chance."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bioskipgram.kmers.tokenizer import KmerTokenizer
from bioskipgram.kmers.vocabulary import Vocabulary
from bioskipgram.numerics.arrays import Counts, Doubles, Flags, KmerCodes, Tokens
from bioskipgram.numerics.statistics import false_discoveries, fisher, odds_ratio
from bioskipgram.sequences.sequences import Sequences
from bioskipgram.sequences.shuffle import shuffle

from .matrix import Motif
from .scan import Hits, Scanner

_FEW = 4**9
_MAX_SHUFFLED = 10_000_000
SHUFFLES = 1_000
"""Shuffles of sequences: 1,000 of 100,000 bases take about a second on two cores."""
FEWEST = 100
MAX_BASES = 150_000_000
"""The most bases that are shuffled for one p-value, where that allows for `FEWEST` shuffles."""
COUNTED = 10
"""Fewest shuffles as extreme from which a p-value is counted, and not modelled."""
Matcher = Callable[[Vocabulary], Flags]
"""Returns which k-mers of a vocabulary have a motif, bool[V]."""


@dataclass(frozen=True, eq=False)
class ClusterEnrichment:
    """A motif's k-mers in each of C clusters, compared with two kinds of chance.

    Permutations exchange the labels (Westfall & Young 1993); shuffles exchange the letters of every
    k-mer, which keeps the cluster's base composition.
    """

    sizes: Counts  # int64[C] k-mers of each cluster
    hits: Counts  # int64[C] k-mers with the motif
    odds: Doubles  # float64[C], 0.5 added to each of the four counts (Haldane 1956)
    p: Doubles  # float64[C], one-sided Fisher exact test
    q: Doubles  # float64[C], of Benjamini & Hochberg (1995) over the clusters
    permuted: Doubles  # float64[C], share of permutations where any cluster has a p as low
    shuffled: Doubles  # float64[C], mean hits of the shuffles
    shuffled_p: Doubles  # float64[C], share of shuffles with at least as many hits
    shuffles: int
    permutations: int


def in_clusters(
    matcher: Matcher,
    vocabulary: Vocabulary,
    labels: Tokens,
    *,
    shuffles: int = 100,
    permutations: int = 1000,
    seed: int = 1,
) -> ClusterEnrichment:
    """Return how a motif's k-mers are distributed over clusters.

    Parameters
    ----------
    matcher
        Which k-mers have the motif, for any vocabulary: ``lambda v: matching(v, "CG")``.
    vocabulary, labels
        The k-mers, and int32[V] clusters, -1 = none; 0 and 1 test a selection.
    shuffles, permutations, seed
        Of the letters of each k-mer, and of the labels. Fewer shuffles, at least 5, where there
        are so many k-mers that it would take minutes.
    """
    flags, random = matcher(vocabulary), np.random.default_rng(seed)
    shuffles = max(5, min(shuffles, _MAX_SHUFFLED // max(1, len(flags))))
    C = int(labels.max(initial=-1)) + 1
    inside = labels >= 0
    sizes = np.bincount(labels[inside], minlength=C).astype(np.int64)
    hits = np.bincount(labels[inside & flags], minlength=C).astype(np.int64)
    V, n = len(flags), int(flags.sum())
    p = fisher(hits, n - hits, sizes, V - sizes, alternative="greater")
    kinds = [*sizes.tolist(), V - int(sizes.sum())]
    drawn = random.multivariate_hypergeometric(kinds, n, size=permutations)[:, :C]
    as_drawn = fisher(drawn, n - drawn, sizes, V - sizes, alternative="greater")
    lowest = np.sort(as_drawn.min(axis=1, initial=1.0))
    as_low = np.searchsorted(lowest, p * (1 + 1e-9), side="right")
    control = _shuffled_hits(matcher, vocabulary, labels, C, shuffles, random)  # [shuffles, C]
    return ClusterEnrichment(
        sizes, hits, odds_ratio(hits, n - hits, sizes, V - sizes)[0], p, false_discoveries(p),
        (1 + as_low) / (1 + permutations), control.mean(axis=0),
        (1 + (control >= hits).sum(axis=0)) / (1 + shuffles), shuffles, permutations,
    )  # fmt: skip


def _shuffled_hits(
    matcher: Matcher,
    vocabulary: Vocabulary,
    labels: Tokens,
    C: int,
    shuffles: int,
    random: np.random.Generator,
) -> Counts:
    """Return hits in each cluster for k-mers with shuffled letters, int64[shuffles, C]."""
    tokenizer, kmers = vocabulary.tokenizer, vocabulary.kmers
    lengths, bases = tokenizer.lengths(kmers), tokenizer.bases(kmers)
    result = np.zeros((shuffles, C), np.int64)
    for length in np.unique(lengths).tolist():
        rows = np.flatnonzero((lengths == length) & (labels >= 0))
        places = tokenizer.alphabet.unknown ** np.arange(length - 1, -1, -1)
        start = int(tokenizer.starts[length - tokenizer.shortest])
        words, own, groups = _Words(matcher, tokenizer, length), bases[rows, :length], labels[rows]
        for shuffle_ in range(shuffles):
            flags = words.match(random.permuted(own, axis=1) @ places + start)
            result[shuffle_] += np.bincount(groups[flags], minlength=C)
    return result


class _Words:
    """Whether words of one length match; where they are few, all are tested once."""

    def __init__(self, matcher: Matcher, tokenizer: KmerTokenizer, length: int) -> None:
        self.matcher, self.tokenizer = matcher, tokenizer
        self.start = int(tokenizer.starts[length - tokenizer.shortest])
        size, self.table = tokenizer.alphabet.unknown**length, np.zeros(0, np.bool_)
        if size <= _FEW:
            self.table = self._ask(self.start + np.arange(size))

    def _ask(self, codes: KmerCodes) -> Flags:
        return self.matcher(Vocabulary(self.tokenizer, codes, np.ones(len(codes), np.int64)))

    def match(self, codes: KmerCodes) -> Flags:
        if len(self.table):
            flags: Flags = self.table[codes - self.start]
            return flags
        known, back = np.unique(codes, return_inverse=True)
        found: Flags = self._ask(known)[back]
        return found


@dataclass(frozen=True)
class SetEnrichment:
    """One motif in one set of sequences compared with a background set.

    Odds and p are as in `ClusterEnrichment`.
    """

    motif: str
    with_hit: int  # records with at least one hit
    records: int
    background_with_hit: int
    background_records: int
    per_kb: float  # hits per 1,000 positions of either strand
    background_per_kb: float
    odds: float
    p: float
    q: float  # over the motifs


def between(pairs: Sequence[tuple[Hits, Hits]]) -> list[SetEnrichment]:
    """Return, for each motif, its hits in a set against those in its background.

    A record counts once, however many hits it has; longer records hit more often, so compare
    sets of similar lengths, or use `shuffle` of the set itself.
    """
    rows = [[*_with_hit(own), *_with_hit(other)] for own, other in pairs]
    hits, sizes, others, other_sizes = np.array(rows, np.int64).reshape(-1, 4).T
    p = fisher(hits, others, sizes, other_sizes, alternative="greater")
    odds = odds_ratio(hits, others, sizes, other_sizes)[0]
    q = false_discoveries(p)
    return [
        SetEnrichment(
            own.motif, *_with_hit(own), *_with_hit(other), per_kb=_per_kb(own),
            background_per_kb=_per_kb(other), odds=float(odds[i]), p=float(p[i]), q=float(q[i]),
        )
        for i, (own, other) in enumerate(pairs)
    ]  # fmt: skip


def _with_hit(hits: Hits) -> tuple[int, int]:
    return len(np.unique(hits.records)), len(hits.sequences)


def _per_kb(hits: Hits) -> float:
    return 1000 * len(hits) / max(1, hits.windows)


def null_of(sequences: Sequences) -> str:
    """Return the shuffle to compare with: of codons for coding sequences, else of dinucleotides."""
    from bioskipgram.sequences.orfs import check

    return "codon" if len(sequences) and check(sequences).complete.all() else "dinucleotide"


def hits_in_shuffles(
    scanner: Scanner,
    motif: Motif,
    *,
    shuffles: int = SHUFFLES,
    kind: str = "dinucleotide",
    seed: int = 1,
) -> NDArray[np.int64]:
    """Return how many hits a motif has in shuffled sequences, int64[shuffles].

    The background and thus the threshold stay those of the true sequences. Of long sequences there
    are fewer shuffles, at least `FEWEST`, so that at most `MAX_BASES` are shuffled.
    """
    from bioskipgram.numerics.threads import in_parts

    bases = max(1, len(scanner.sequences.codes))
    shuffles = min(shuffles, max(FEWEST, MAX_BASES // bases))
    log_odds, found = scanner.log_odds(motif), np.zeros(shuffles, np.int64)

    def work(start: int, stop: int) -> None:
        for number in range(start, stop):
            mixed = shuffle(scanner.sequences, kind, seed=seed + number)
            found[number] = Scanner(mixed, scanner.config).count(log_odds)

    in_parts(work, shuffles)
    return found


def shuffle_p(observed: int, shuffled: Counts, *, alternative: str = "two-sided") -> float:
    """Return the p-value of a number of hits among those in shuffles, at most 1.

    It is counted where `COUNTED` shuffles or more are as extreme, or there are fewer than twice as
    many in all: (1 + these) / (1 + shuffles). Else it is the tail of a negative binomial
    distribution with the mean and the variance of the shuffles (of a Poisson distribution where the
    variance is no larger than the mean), so that it can be lower than one in the number of
    shuffles. "greater" is one-sided.
    """
    more = _tail(int((shuffled >= observed).sum()), observed, shuffled, upper=True)
    if alternative == "greater":
        return more
    fewer = _tail(int((shuffled <= observed).sum()), observed, shuffled, upper=False)
    return min(1.0, 2 * min(more, fewer))


def _tail(reached: int, observed: int, shuffled: Counts, *, upper: bool) -> float:
    counted = (1 + reached) / (1 + len(shuffled))
    if reached >= COUNTED or len(shuffled) < 2 * COUNTED:
        return counted
    from scipy.stats import nbinom, poisson

    mean, variance = max(float(shuffled.mean()), 1 / len(shuffled)), float(shuffled.var(ddof=1))
    if variance > mean:
        spread = mean**2 / (variance - mean)
        drawn = nbinom(spread, spread / (spread + mean))
    else:
        drawn = poisson(mean)
    modelled = float(drawn.sf(observed - 1) if upper else drawn.cdf(observed))
    return min(counted, modelled)


@dataclass(frozen=True)
class Survey:
    """One motif's hits in some sequences and in one shuffle of them."""

    motif: str
    consensus: str
    hits: int
    shuffled: int  # hits in one shuffle, see `null_of`
    expected: float  # hits of independent bases; see `Hits.expected`
    records: int  # sequences with at least one hit


def survey(scanner: Scanner, motifs: Sequence[Motif]) -> Iterator[Survey]:
    """Yield each motif's hits in the scanner's sequences and in a shuffle of them."""
    mixed = Scanner(shuffle(scanner.sequences, null_of(scanner.sequences)), scanner.config)
    for motif in motifs:
        log_odds = scanner.log_odds(motif)
        own, other = scanner.scan(log_odds), mixed.scan(log_odds)
        yield Survey(
            own.motif, motif.consensus, len(own), len(other), own.expected, _with_hit(own)[0]
        )
