"""Words enriched or depleted in a selection of k-mers.

A selection is its tokens, int32[n]; it is compared with the rest of the vocabulary, or with another
selection. k-mers are counted, each once, unless a name says "corpus".
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bioskipgram.errors import QueryError
from bioskipgram.kmers import composition
from bioskipgram.kmers.tokenizer import KmerTokenizer, bases_of, reverse_complement
from bioskipgram.kmers.vocabulary import Vocabulary
from bioskipgram.numerics.arrays import BaseCodes, Counts, Doubles, Flags, Tokens
from bioskipgram.numerics.statistics import false_discoveries, fisher, odds_ratio

LONGEST = 4
"""Letters of the longest words."""
ANYWHERE = -1
"""The position of a word that may be anywhere in the k-mer."""
_MOST_WORDS = 400
"""The most words of one length: of protein, pairs."""


@dataclass(frozen=True)
class WordEnrichment:
    """F words within k-mers, the most significantly enriched or depleted first.

    `positions`, int32[F], count from 0, `ANYWHERE` = at least once; `inside` and `outside`,
    int64[F], are k-mers that have it, of `inside_size` and `outside_size`; `odds`, `low`, `high`
    the odds ratio and its 95 % interval; `p` Fisher's exact test, two-sided; `q` after
    Benjamini-Hochberg. `corpus_inside` and `corpus_outside` are shares of the occurrences in the
    training sequences, which overlap, so there is no p for them.
    """

    words: tuple[str, ...]
    positions: Tokens
    inside: Counts
    outside: Counts
    inside_size: int
    outside_size: int
    odds: Doubles
    low: Doubles
    high: Doubles
    p: Doubles
    q: Doubles
    corpus_inside: Doubles
    corpus_outside: Doubles

    def __len__(self) -> int:
        return len(self.words)


def enriched_words(
    vocabulary: Vocabulary, chosen: Tokens, *, against: Tokens | None = None, longest: int = LONGEST
) -> WordEnrichment:
    """Return the words of 1 to `longest` letters, in the selection and outside it.

    Each at each position and anywhere; canonical k-mers: together with their reverse complements,
    anywhere; protein: up to two residues. `against` are tokens to compare with, without those
    chosen; None = the rest.
    """
    inside, outside = sides(vocabulary, chosen, against)
    kept = inside | outside
    rows = _Rows(
        vocabulary.tokenizer,
        vocabulary.tokenizer.bases(vocabulary.kmers[kept]),
        vocabulary.counts[kept].astype(np.float64),
        outside[kept].astype(np.int32),
    )
    tallies = list(_tallies(rows, longest))
    return _table(tallies, inside, outside, vocabulary)


@dataclass(frozen=True)
class _Rows:
    """The k-mers that are compared: bases uint8[n, k], counts float64[n], outside int32[n]."""

    tokenizer: KmerTokenizer
    bases: BaseCodes
    counts: Doubles
    outside: Tokens

    def tally(self, words: Tokens, size: int, rows: Flags) -> Doubles:
        """Return k-mers and occurrences with each word, inside and outside, float64[4, size]."""
        which = (words + size * self.outside)[rows]
        kmers = np.bincount(which, minlength=2 * size)
        corpus = np.bincount(which, self.counts[rows], 2 * size)
        return np.concatenate([kmers, corpus]).reshape(4, size)


class _Tally(NamedTuple):
    """What was counted of the words of one length at one position: float64[4, A^length]."""

    length: int
    position: int
    counted: Doubles


def _tallies(rows: _Rows, longest: int) -> Iterator[_Tally]:
    tokenizer = rows.tokenizer
    letters = tokenizer.alphabet.unknown
    for length in range(1, min(longest, tokenizer.k) + 1):
        if (size := letters**length) > _MOST_WORDS:
            return
        words, known = composition.subwords(rows.bases, length, letters)
        if tokenizer.canonical:
            own = np.arange(size)
            words = np.minimum(own, reverse_complement(own, length)).astype(np.int32)[words]
        anywhere = np.zeros((4, size))
        for new, word in first_places(words, known):
            anywhere += rows.tally(word, size, new)
        yield _Tally(length, ANYWHERE, anywhere)
        if not tokenizer.canonical:
            for position, (word, there) in enumerate(zip(words, known, strict=True)):
                yield _Tally(length, position, rows.tally(word, size, there))


def first_places(
    words: NDArray[np.int32], known: Flags
) -> Iterator[tuple[Flags, NDArray[np.int32]]]:
    """Yield, of int32 and bool[places, n], which rows have a word for the first time at a place."""
    for place in range(len(words)):
        new = known[place].copy()
        for before in range(place):
            new &= words[before] != words[place]
        yield new, words[place]


def _table(
    tallies: list[_Tally], inside: Flags, outside: Flags, vocabulary: Vocabulary
) -> WordEnrichment:
    columns = np.concatenate([tally.counted for tally in tallies], axis=1)
    found = np.flatnonzero(columns[:2].any(axis=0))
    have, lack = (columns[row, found].astype(np.int64) for row in (0, 1))
    n, m = int(inside.sum()), int(outside.sum())
    p = fisher(have, lack, n, m)
    q, (odds, low, high) = false_discoveries(p), odds_ratio(have, lack, n, m)
    order = np.lexsort((-odds, q))
    corpus = [max(1, int(vocabulary.counts[side].sum())) for side in (inside, outside)]
    words, positions = _named(tallies, vocabulary.tokenizer)
    rows = found[order]
    return WordEnrichment(
        tuple(words[row] for row in rows), positions[rows], have[order], lack[order], n, m,
        odds[order], low[order], high[order], p[order], q[order],
        columns[2, rows] / corpus[0], columns[3, rows] / corpus[1],
    )  # fmt: skip


def _named(tallies: list[_Tally], tokenizer: KmerTokenizer) -> tuple[list[str], Tokens]:
    """Return the text and the position of every word that was counted."""
    words: list[str] = []
    for tally in tallies:
        size = tally.counted.shape[1]
        rows = bases_of(np.arange(size), tally.length, tokenizer.alphabet.unknown)
        text = tokenizer.alphabet.decode(rows.ravel())
        words += [text[i : i + tally.length] for i in range(0, len(text), tally.length)]
    sizes = [tally.counted.shape[1] for tally in tallies]
    positions = np.repeat([tally.position for tally in tallies], sizes)
    return words, positions.astype(np.int32)


def sides(vocabulary: Vocabulary, chosen: Tokens, against: Tokens | None) -> tuple[Flags, Flags]:
    """Return which k-mers are chosen, and which they are compared with, bool[V] both."""
    inside = flags(vocabulary, chosen)
    outside = ~inside if against is None else flags(vocabulary, against) & ~inside
    if not inside.any():
        raise QueryError("no k-mer is selected; select some to see what they have in common")
    if not outside.any():
        raise QueryError(
            "no k-mer is left to compare the selection with; select fewer than all k-mers"
        )
    return inside, outside


def flags(vocabulary: Vocabulary, tokens: Tokens) -> Flags:
    """Return which k-mers are among the tokens, bool[V]; a QueryError for a token out of range."""
    tokens = np.asarray(tokens)
    foreign = tokens[(tokens < 0) | (tokens >= len(vocabulary))]
    if len(foreign):
        raise QueryError(
            f"token {foreign[0]} is not one of this model's {len(vocabulary)} k-mers; "
            "select k-mers of this model"
        )
    result = np.zeros(len(vocabulary), np.bool_)
    result[tokens.astype(np.int64)] = True
    return result
