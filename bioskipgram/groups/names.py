"""Names of clusters: a pattern that most members match, else a property they have, else "mixed"."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import numpy as np

from bioskipgram.kmers import codons
from bioskipgram.kmers.composition import A, G, gc_content, share
from bioskipgram.kmers.patterns import matching
from bioskipgram.kmers.vocabulary import Vocabulary
from bioskipgram.numerics.arrays import Counts, Doubles, Flags, Floats
from bioskipgram.numerics.statistics import (
    false_discoveries,
    fisher,
    mutual_information,
    odds_ratio,
)

from .clusters import Clusters
from .position_pattern import PositionPattern, best_pattern

MIXED = "mixed"
SURE = 0.05
"""The highest q of a name."""


@dataclass(frozen=True, kw_only=True)
class ClusterName:
    """The name of a cluster, and how well it fits.

    `name` is an IUPAC `pattern` with dots, a `feature` ("GC-rich") or "mixed"; `share` the part of
    the members it fits, 0 to 1; `odds` the odds ratio against all other k-mers; `q` Fisher's exact
    p, one-sided, after Benjamini & Hochberg 1995 over all that was tried, and Bonferroni over
    patterns as simple. None for a mixed cluster. `also` is a significant property of at least half
    of the members that tells the cluster from others of the same name.
    """

    number: int
    members: int
    name: str = MIXED
    pattern: str | None = None
    feature: str | None = None
    share: float = 0.0
    odds: float | None = None
    q: float | None = None
    also: str | None = None

    @property
    def title(self) -> str:
        """The name, and what tells the cluster from others of that name: "AT-rich, frame 1"."""
        return f"{self.name}, {self.also}" if self.also else self.name

    @property
    def label(self) -> str:
        """The name and the share of the members it fits: "T....T (99 %)"."""
        return self.name if self.name == MIXED else f"{self.name} ({100 * self.share:.0f} %)"


@dataclass(frozen=True)
class _Fit:
    """A candidate name: the share it fits, its significance and its information."""

    name: str
    share: float
    odds: float
    q: float
    information: float


def describe(
    vocabulary: Vocabulary, clusters: Clusters, *, frames: Floats | None = None
) -> tuple[ClusterName, ...]:
    """Return the name of each cluster.

    Its best pattern, unless a property of at least half of the members is more informative; without
    either, a property of fewer members. Each only if it is significantly more frequent among the
    members. `frames` is `codons.frame_preference`, float32[V].
    """
    inside = [clusters.labels == cluster for cluster in range(len(clusters))]
    sizes = np.array([int(flags.sum()) for flags in inside], np.int64)
    patterns = _patterns(vocabulary, inside, sizes)
    properties = _properties(vocabulary, inside, sizes, frames)
    found = [
        _named(number, int(size), pattern, fits)
        for number, (size, pattern, fits) in enumerate(
            zip(sizes, patterns, properties, strict=True)
        )
    ]
    return tuple(_apart(found, properties))


def _apart(found: list[ClusterName], properties: list[list[_Fit]]) -> Iterator[ClusterName]:
    """Yield the names; those that several clusters have with a further property of each."""
    names, taken = Counter(one.name for one in found), set[tuple[str, str | None]]()
    for one, fits in zip(found, properties, strict=True):
        others = [fit.name for fit in fits if fit.share >= 0.5 and fit.name != one.name]
        free = [name for name in others if (one.name, name) not in taken]
        also = next(iter(free or others), None) if names[one.name] > 1 else None
        taken.add((one.name, also))
        yield replace(one, also=also)


def _named(number: int, size: int, pattern: _Fit | None, properties: list[_Fit]) -> ClusterName:
    strong = [fit for fit in properties if fit.share >= 0.5]
    best = next(iter(strong or properties), None)
    if pattern and not (strong and strong[0].information > pattern.information):
        dots = "".join("." if letter in "NX" else letter for letter in pattern.name)
        return _fitting(number, size, pattern, name=dots, pattern=pattern.name)
    if best:
        return _fitting(number, size, best, name=best.name, feature=best.name)
    return ClusterName(number=number, members=size)


def _fitting(number: int, size: int, fit: _Fit, **names: str) -> ClusterName:
    shared: dict[str, Any] = {"share": fit.share, "odds": fit.odds, "q": fit.q, **names}
    return ClusterName(number=number, members=size, **shared)


def _patterns(vocabulary: Vocabulary, inside: list[Flags], sizes: Counts) -> list[_Fit | None]:
    """Return the pattern of each cluster, None where it has no significant one."""
    found = [best_pattern(vocabulary, flags) for flags in inside]
    rows = [each or PositionPattern("", 0, 0, 0) for each in found]
    hits = np.array([row.inside for row in rows], np.int64)
    matched = np.array([row.matching for row in rows], np.int64)
    tries = np.exp([row.alternatives for row in rows])
    fits = _fits([row.text for row in rows], hits, matched, sizes, len(vocabulary), tries)
    return [fit if fit.name and fit.q < SURE else None for fit in fits]


def _properties(
    vocabulary: Vocabulary, inside: list[Flags], sizes: Counts, frames: Floats | None
) -> list[list[_Fit]]:
    """Return the significant properties of each cluster, the most informative first."""
    C, V, features = len(inside), len(vocabulary), dict(_features(vocabulary, frames))
    flags = np.array(list(features.values())).reshape(-1, V).astype(np.float32)
    members = np.array(inside).reshape(C, V).astype(np.float32)
    hits = np.rint(members @ flags.T).astype(np.int64)  # [clusters, features]
    totals = np.tile(flags.sum(axis=1).astype(np.int64), C)
    all_sizes = np.repeat(sizes, len(features))
    fits = _fits([*features] * C, hits.ravel(), totals, all_sizes, V, np.ones(len(totals)))
    return [
        sorted(
            (fit for fit in fits[start : start + len(features)] if fit.q < SURE and fit.odds > 1),
            key=lambda fit: -fit.information,
        )
        for start in range(0, len(fits), len(features))
    ]


def _fits(
    names: list[str], hits: Counts, totals: Counts, sizes: Counts, V: int, tries: Doubles
) -> list[_Fit]:
    """Return the tests of what fits `hits` of `sizes` members and `totals` of all k-mers."""
    others = totals - hits
    p = fisher(hits, others, sizes, V - sizes, alternative="greater")
    columns = (
        hits / sizes,
        odds_ratio(hits, others, sizes, V - sizes)[0],
        false_discoveries(np.minimum(p * tries, 1)),
        mutual_information(hits, totals, sizes, V),
    )
    rows = zip(*(column.tolist() for column in columns), strict=True)
    return [_Fit(name, *row) for name, row in zip(names, rows, strict=True)]


def _features(vocabulary: Vocabulary, frames: Floats | None) -> Iterator[tuple[str, Flags]]:
    """Yield a feature of k-mers in words, and which k-mers have it."""
    tokenizer, kmers = vocabulary.tokenizer, vocabulary.kmers
    alphabet = tokenizer.alphabet
    if frames is not None:
        for frame in range(3):
            yield codons.PREFERENCES[frame], frames == frame
    median = np.median(vocabulary.counts)
    if alphabet.complement:
        gc = gc_content(kmers, tokenizer)
        yield "GC-rich", gc > 0.5
        yield "AT-rich", gc < 0.5
        if not tokenizer.canonical:
            purines = share(kmers, tokenizer, (A, G))
            yield "purine-rich", purines > 0.5
            yield "pyrimidine-rich", purines < 0.5
    size = min(2 if alphabet.complement else 1, tokenizer.shortest)
    for word in map("".join, product(alphabet.letters, repeat=size)):
        yield f"contains {word}", matching(vocabulary, word)
    if alphabet.complement and not tokenizer.canonical and tokenizer.k >= 3:
        classes, where = codons.first_class(kmers, tokenizer, 0), " first" * (tokenizer.k > 3)
        for number, name in enumerate(codons.CLASSES):
            yield f"{name} {'codon' if name == 'stop' else 'residue'}{where}", classes == number
    yield "frequent", vocabulary.counts > median
    yield "rare", vocabulary.counts < median
