"""Motifs that more sequences of one set have than of another, after STREME.

The steps are those of Bailey 2021 (10.1093/bioinformatics/btab203): words that are in more
sequences of the first set by Fisher's exact test (the binomial test where the sets differ in
length) are seeds; a seed becomes a matrix, which is refined by the best site of each sequence at
the threshold with the lowest p; its sites are erased, and the next motif is sought. The p-value of
a motif is that of sequences held out from all of this. Differences: seeds are words of 5 to 8
bases, also with one mismatch or a gap, counted in tables and not in a suffix tree; one fifth of the
sequences is held out, one tenth in STREME.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from bioskipgram.errors import QueryError
from bioskipgram.numerics.arrays import Counts, Doubles, Floats
from bioskipgram.numerics.statistics import fisher
from bioskipgram.numerics.threads import in_parts
from bioskipgram.sequences.sequences import Sequences
from bioskipgram.sequences.shuffle import shuffle

from .matrix import Motif
from .seeds import FLANK, Growing, seeds, unlike

HELD_OUT = 0.2
SIGNIFICANT = 0.05
PATIENCE = 3
"""Motifs in a row that are not significant on held-out sequences, after which the search ends."""
MIN_RECORDS = 20
_REFINED = 10
"""Seeds that are refined, none of them like another."""
_RARE = 400.0
"""Bases of the second set that have one site at the most: a vaguer matrix fits anything."""
_ROUNDS = 12
_ALIKE = 0.01
"""The largest relative difference of the mean lengths of two sets that are tested by Fisher."""
_FEW = 20_000
"""Bases up to which one thread looks for sites: starting others takes longer."""


@dataclass(frozen=True, eq=False)
class Discovered:
    """A motif that tells two sets of sequences apart."""

    motif: Motif  # counts of the sites
    threshold: float  # bits, of a site
    sites: int  # sequences of the first set with a site
    size: int
    others: int  # the same of the second set
    other_size: int
    p: float  # of the held-out sequences
    held_sites: int  # held-out sequences of the first set with a site
    held_size: int
    held_others: int
    held_other_size: int
    p_training: float  # of the sequences it was found in; far too low, as it is the best of many

    @property
    def significant(self) -> bool:
        """Whether the held-out sequences confirm it."""
        return self.p <= SIGNIFICANT


def discover(
    first: Sequences,
    second: Sequences | None = None,
    *,
    motifs: int = 5,
    seed: int = 1,
) -> Iterator[Discovered]:
    """Yield motifs that more sequences of `first` have than of `second`, on either strand.

    Without a second set, it is the first with its letters shuffled, dinucleotides kept. The search
    ends after `motifs` significant motifs, or `PATIENCE` in a row that are not; these are yielded
    too. Sequences of protein, or fewer than `MIN_RECORDS` in a set, raise a QueryError.
    """
    second = shuffle(first, seed=seed) if second is None else second
    for each in (first, second):
        if not each.alphabet.complement:
            raise QueryError("motifs are of nucleotides: these sequences are protein")
        if len(each) < MIN_RECORDS:
            raise QueryError(
                f"{len(each)} sequences in a set: motifs are told apart from chance in "
                f"{MIN_RECORDS} or more"
            )
    search = _Search.of(first, second, seed)
    found = missed = 0
    while found < motifs and missed < PATIENCE:
        one = search.next()
        if one is None:
            return
        found, missed = (found + 1, 0) if one.significant else (found, missed + 1)
        yield one


@dataclass
class _Part:
    """Sequences of one set, whose found sites are erased."""

    sequences: Sequences

    @classmethod
    def of(cls, sequences: Sequences, rows: Counts) -> "_Part":
        lengths = np.diff(sequences.offsets)[rows]
        pieces = [sequences[int(row)] for row in rows]
        return cls(
            Sequences(
                tuple(sequences.names[row] for row in rows), ("",) * len(rows),
                np.concatenate(pieces), np.concatenate([[0], np.cumsum(lengths)]),
                sequences.alphabet,
            )
        )  # fmt: skip

    def __len__(self) -> int:
        return len(self.sequences)

    def best(self, scores: Floats, margin: int) -> tuple[Floats, Counts]:
        """Return each record's best score, and 2 * its position + strand."""
        from .discriminative_kernel import best_windows

        best, places = np.empty(len(self), np.float32), np.empty(len(self), np.int64)
        codes, offsets, turned = self.sequences.codes, self.sequences.offsets, _turned(scores)

        def work(start: int, stop: int) -> None:
            best_windows(codes, offsets, scores, turned, margin, start, stop, best, places)

        in_parts(work, len(self), threads=1 if len(codes) < _FEW else 0)
        return best, places

    def erase(self, scores: Floats, threshold: float) -> None:
        """Make the bases of every site unknown."""
        from .discriminative_kernel import mask

        codes = self.sequences.codes.copy()
        mask(codes, self.sequences.offsets, scores, _turned(scores), threshold)
        self.sequences = replace(self.sequences, codes=codes)


def _turned(scores: Floats) -> Floats:
    """Return the scores of the reverse complement; the fifth column stays."""
    return np.ascontiguousarray(np.concatenate([scores[::-1, 3::-1], scores[::-1, 4:]], axis=1))


@dataclass
class _Search:
    """The parts of both sets, for the search and held out."""

    own: _Part
    other: _Part
    held: _Part
    held_other: _Part
    background: Doubles  # float64[4], of the second set, both strands
    share: float  # of the first set among all windows
    by_length: bool  # whether the sets differ in length: the binomial test
    rare: float  # share of the second set that may have a site

    @classmethod
    def of(cls, first: Sequences, second: Sequences, seed: int) -> "_Search":
        parts, random = list[_Part](), np.random.default_rng(seed)
        for each in (first, second):
            order = random.permutation(len(each))
            held = max(4, round(HELD_OUT * len(each)))
            parts += [_Part.of(each, np.sort(rows)) for rows in (order[held:], order[:held])]
        counts = np.bincount(second.codes, minlength=5)[:4] + 1.0
        background = (counts + counts[::-1]) / (2 * counts.sum())
        lengths = [float(np.diff(each.offsets).mean()) for each in (first, second)]
        differ = abs(lengths[0] - lengths[1]) > _ALIKE * max(lengths)
        bases = [len(part.sequences.codes) for part in (parts[0], parts[2])]
        share = bases[0] / max(1, sum(bases))
        rare = 1 - np.exp(-lengths[1] / _RARE)
        return cls(parts[0], parts[2], parts[1], parts[3], background, share, differ, rare)

    def p_values(self, hits: Counts, others: Counts, size: int, other_size: int) -> Doubles:
        """Return the one-sided p of sequences with a site in the first set and in the second."""
        if not self.by_length:
            return fisher(hits, others, size, other_size, alternative="greater")
        from scipy.stats import binom

        p: Doubles = binom.sf(hits - 1, hits + others, self.share)
        return p

    def next(self) -> Discovered | None:
        """Return the next motif and erase its sites; None where there is nothing left."""
        made = sorted(map(self._tried, self._seeds()), key=lambda one: one.log_p)
        refined = [self._refined(one) for one in unlike(made)[:_REFINED]]
        refined = [one for one in refined if len(one.counts)]
        if not refined:
            return None
        best = min(refined, key=lambda one: one.log_p)
        scores = best.scores(self.background)
        numbers = [
            int((part.best(scores, 0)[0] >= best.threshold).sum())
            for part in (self.own, self.other, self.held, self.held_other)
        ]
        sizes = [len(part) for part in (self.own, self.other, self.held, self.held_other)]
        hits, others = (np.array([number], np.int64) for number in numbers[2:])
        p = float(self.p_values(hits, others, sizes[2], sizes[3])[0])
        for part in (self.own, self.other, self.held, self.held_other):
            part.erase(scores, best.threshold)
        motif = Motif("", np.where(best.counts.any(axis=1, keepdims=True), best.counts, 0.25))
        return Discovered(
            replace(motif, name=motif.consensus, about="discovered"), best.threshold,
            numbers[0] + numbers[2], sizes[0] + sizes[2], numbers[1] + numbers[3],
            sizes[1] + sizes[3], p, numbers[2], sizes[2], numbers[3], sizes[3],
            float(np.exp(best.log_p)),
        )  # fmt: skip

    def _seeds(self) -> Iterator[Growing]:
        """Yield matrices of the words that tell the sets apart best."""
        own, other = self.own.sequences, self.other.sequences
        ratio = self.share / (1 - self.share) if self.by_length else len(self.own) / len(self.other)
        return seeds(own, other, ratio, self.background)

    def _tried(self, one: Growing) -> Growing:
        """Return a matrix with the threshold of the lowest p."""
        return self._measured(one)[0]

    def _measured(self, one: Growing, margin: int = FLANK) -> tuple[Growing, Floats, Counts]:
        """Return a matrix with its best threshold, and the best sites of the first set."""
        scores = one.scores(self.background)
        own, places = self.own.best(scores, margin)
        other, _ = self.other.best(scores, margin)
        steps = np.unique(own[own > 0])
        if not len(steps):
            return replace(one, threshold=np.inf, log_p=0.0), own, places
        steps = steps[:: max(1, len(steps) // 200)]
        hits = len(own) - np.sort(own).searchsorted(steps)
        others = len(other) - np.sort(other).searchsorted(steps)
        rare = others <= len(other) * self.rare
        p = np.where(rare, self.p_values(hits, others, len(own), len(other)), 1.0)
        best = int(p.argmin())
        made = replace(one, threshold=float(steps[best]), log_p=float(np.log(max(p[best], 1e-300))))
        return made, own, places

    def _refined(self, one: Growing) -> Growing:
        """Return a matrix remade of its own sites until p falls no more, its flat ends cut off."""
        wide = self._improved(one, FLANK)
        narrow = Growing(wide.counts[wide.informative()])
        return self._improved(narrow, 0) if len(narrow.counts) > 2 else replace(narrow, log_p=0.0)

    def _improved(self, one: Growing, margin: int) -> Growing:
        from .discriminative_kernel import count_letters

        best, own, places = self._measured(one, margin)
        for number in range(_ROUNDS):
            rows = np.flatnonzero(own >= best.threshold)
            sequences = self.own.sequences
            counts = count_letters(
                sequences.codes, sequences.offsets, len(one.counts), rows, places
            )
            if not len(rows):
                break
            made, own, places = self._measured(Growing(counts.astype(np.float64)), margin)
            if number and made.log_p >= best.log_p:  # the first round replaces the mere seed
                break
            best = made
        return best
