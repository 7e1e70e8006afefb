"""Features of a selection of k-mers beside the rest: composition, residues, any property.

A selection is its tokens, int32[n], compared with the rest of the vocabulary or with another.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from bioskipgram.kmers import codons, composition
from bioskipgram.kmers.composition import gc_content
from bioskipgram.kmers.genetic_code import AMINO_ACIDS, STOP
from bioskipgram.kmers.tokenizer import KmerTokenizer
from bioskipgram.kmers.vocabulary import Vocabulary
from bioskipgram.numerics.arrays import Counts, Doubles, Flags, Floats, KmerCodes, Tokens
from bioskipgram.numerics.statistics import cliffs_delta, false_discoveries, fisher, odds_ratio

from .enrichment import first_places, sides
from .properties import PROPERTIES, Property

DELTA, LOG_ODDS = "delta", "log2 odds"


@dataclass(frozen=True)
class Features:
    """F features of k-mers, inside a selection and outside it, float64[F].

    `inside` and `outside` are means or shares; `effects` Cliff's delta of a number or log2 odds
    ratio of a share, as `measures` tells (`DELTA`, `LOG_ODDS`); `p` Mann & Whitney's or Fisher's
    exact test, `q` after Benjamini-Hochberg.
    """

    names: tuple[str, ...]
    groups: tuple[str, ...]
    inside: Doubles
    outside: Doubles
    effects: Doubles
    measures: tuple[str, ...]
    p: Doubles
    q: Doubles

    def __len__(self) -> int:
        return len(self.names)

    @property
    def differences(self) -> Doubles:
        """Inside less outside, float64[F]."""
        return self.inside - self.outside


class _Feature(NamedTuple):
    name: str
    group: str
    inside: float
    outside: float
    effect: float
    measure: str
    p: float


def features(vocabulary: Vocabulary, chosen: Tokens, *, against: Tokens | None = None) -> Features:
    """Return the composition and coding features of selected k-mers, beside the rest.

    Sorted by q, then by the size of the effect; skews, residues, dipeptides and stop codons only
    for k-mers read on one strand. Parameters and errors as for `enrichment.enriched_words`.
    """
    inside, outside = sides(vocabulary, chosen, against)
    found = [
        _number(name, group, values, inside, outside)
        for name, group, values in _numbers(vocabulary)
    ]
    tokenizer, kept = vocabulary.tokenizer, inside | outside
    if tokenizer.alphabet.complement and not tokenizer.canonical and tokenizer.k >= 3:
        kmers, ours = vocabulary.kmers[kept], inside[kept]
        frames = range(min(3, tokenizer.k - 2))
        having = [each for frame in frames for each in _read(kmers, tokenizer, frame, ours)]
        found += _shares(having, int(inside.sum()), int(outside.sum()))
    return _table(sorted(found, key=lambda feature: -abs(feature.effect)), by_q=True)


def differing(
    properties: Mapping[str, Property], inside: Flags, outside: Flags | None = None
) -> Features:
    """Return the numeric properties that differ most, sorted by the size of Cliff's delta."""
    outside = ~inside if outside is None else outside
    found = [
        _number(name, _group(name), each.values, inside, outside)
        for name, each in properties.items()
        if not each.categories
    ]
    return _table(sorted(found, key=lambda feature: -abs(feature.effect)))


def _group(name: str) -> str:
    return PROPERTIES[name].group if name in PROPERTIES else ""


def _numbers(vocabulary: Vocabulary) -> Iterator[tuple[str, str, Floats]]:
    """Yield the name, the group and the values of each numeric feature."""
    kmers, tokenizer = vocabulary.kmers, vocabulary.tokenizer
    A, C, G, T = range(4)
    if tokenizer.alphabet.complement:
        yield "GC content", "composition", gc_content(kmers, tokenizer)
        yield "CpG observed/expected", "composition", composition.cpg_ratio(kmers, tokenizer)
        if not tokenizer.canonical:
            yield "GC skew", "composition", composition.skew(kmers, tokenizer, G, C)
            yield "AT skew", "composition", composition.skew(kmers, tokenizer, A, T)
            yield "purines", "composition", composition.share(kmers, tokenizer, (A, G))
    yield "letter entropy", "composition", composition.entropy(kmers, tokenizer)
    counts = np.log10(np.maximum(vocabulary.counts, 1)).astype(np.float32)
    yield "log count", "training", counts


def _number(name: str, group: str, values: Floats, inside: Flags, outside: Flags) -> _Feature:
    ours, theirs = values[inside], values[outside]
    delta, p = cliffs_delta(ours, theirs)
    return _Feature(name, group, _mean(ours), _mean(theirs), delta, DELTA, p)


def _mean(values: Floats) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean(dtype=np.float64)) if len(known) else float("nan")


class _Having(NamedTuple):
    """How many k-mers inside and outside have each of some words, int64[2, words]."""

    group: str
    names: list[str]
    counts: Counts


def _read(
    kmers: KmerCodes, tokenizer: KmerTokenizer, frame: int, inside: Flags
) -> Iterator[_Having]:
    """Yield how many k-mers have each residue, a stop codon and each dipeptide of a frame."""
    residues = np.ascontiguousarray(codons.residues(kmers, tokenizer, frame).T)  # [codons, n]
    stop, letters = residues == STOP, AMINO_ACIDS[:STOP]
    amino = _having(residues, (residues >= 0) & ~stop, inside, STOP)
    yield _Having(f"amino acid, frame {frame}", list(letters), amino)
    stops = _having(residues - STOP, stop, inside, 1)
    yield _Having("stop codon", [f"stop in frame {frame}"], stops)
    if len(residues) > 1:
        pairs = residues[:-1] * STOP + residues[1:]
        readable = (residues[1:] >= 0) & ~stop[:-1] & ~stop[1:]
        names = [first + second for first in letters for second in letters]
        dipeptides = _having(pairs, readable, inside, STOP**2)
        yield _Having(f"dipeptide, frame {frame}", names, dipeptides)


def _having(words: Tokens, known: Flags, inside: Flags, size: int) -> Counts:
    """Return how many k-mers inside and outside have each word at least once, int64[2, size]."""
    # What does not count becomes a word of its own.
    own = np.where(known, words, np.int32(size))
    sides, counts = (size + 1) * ~inside, np.zeros(2 * (size + 1), np.int64)
    for new, word in first_places(own, known):
        counts += np.bincount((word + sides)[new], minlength=len(counts))
    return counts.reshape(2, -1)[:, :size]


def _shares(having: list[_Having], inside_size: int, outside_size: int) -> list[_Feature]:
    """Return the shares of k-mers with each feature that occurs, and their tests."""
    names = [(each.group, name) for each in having for name in each.names]
    counts = np.concatenate([each.counts for each in having], axis=1)
    seen = np.flatnonzero(counts.any(axis=0))
    ours, theirs = counts[:, seen]
    p = fisher(ours, theirs, inside_size, outside_size)
    odds = odds_ratio(ours, theirs, inside_size, outside_size)[0]
    columns = (ours / inside_size, theirs / outside_size, np.log2(odds), p)
    return [
        _Feature(names[i][1], names[i][0], a, b, effect, LOG_ODDS, chance)
        for i, a, b, effect, chance in zip(
            seen.tolist(), *(column.tolist() for column in columns), strict=True
        )
    ]


def _table(found: list[_Feature], *, by_q: bool = False) -> Features:
    q = false_discoveries(np.array([feature.p for feature in found]))
    order = np.argsort(q, kind="stable") if by_q else np.arange(len(found))
    columns = zip(*(found[i] for i in order), strict=True) if found else [()] * 7
    names, groups, inside, outside, effects, measures, p = map(tuple, columns)
    return Features(
        names, groups, np.array(inside), np.array(outside), np.array(effects), measures,
        np.array(p), q[order],
    )  # fmt: skip
