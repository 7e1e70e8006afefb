"""Is the sum of two k-mers' vectors near the k-mer that joins them? dna2vec's question.

Ng 2017 (arXiv:1701.06279) found that vec(a) + vec(b) is near vec(ab) in a space of words of several
lengths. Where all words have one length, the word in the middle of the joined string is expected
instead. Two nulls: a partner from another pair, and the vectors permuted among the words.
"""

from dataclasses import dataclass

import numpy as np

from bioskipgram.errors import QueryError
from bioskipgram.kmers.tokenizer import KmerTokenizer
from bioskipgram.kmers.vocabulary import Vocabulary
from bioskipgram.numerics.arrays import BaseCodes, Counts, Floats, Tokens, checked
from bioskipgram.numerics.nearest import normalized

from .embedding import KmerEmbedding

SAMPLE = 500
_BLOCK = 128


@dataclass(frozen=True)
class Joins:
    """Pairs of words, and the word expected of their sum, int32[N] each.

    `swapped` is the word that joins b and a in this order, -1 where it is not asked; `length` the
    letters of the joined string.
    """

    first: Tokens
    second: Tokens
    expected: Tokens
    swapped: Tokens
    length: Counts

    def __post_init__(self) -> None:
        for name in ("first", "second", "expected", "swapped"):
            array = checked(getattr(self, name), name, np.int32, (len(self.first),))
            object.__setattr__(self, name, array)

    def __len__(self) -> int:
        return len(self.first)

    @classmethod
    def drawn(cls, vocabulary: Vocabulary, *, sample: int = SAMPLE, seed: int = 1) -> "Joins":
        """Return pairs from random strings, `sample` of each length where so many are known.

        Words of several lengths: a string of 2 * shortest to k letters, itself the expected word,
        is cut in two. Of one length k: the first and the last word of a string of k + stride * 2 to
        2k letters are added, the word in its middle is expected.
        """
        tokenizer, random = vocabulary.tokenizer, np.random.default_rng(seed)
        draw = _concatenated if tokenizer.shortest < tokenizer.k else _overlapping
        found = [draw(vocabulary, length, sample, random) for length in lengths(tokenizer)]
        found = [part for part in found if len(part)]
        if not found:
            raise QueryError(
                f"this model's words are {tokenizer.word}s in steps of {tokenizer.stride}: no two "
                "join around a third; ask a model with stride 1, or with words of several lengths"
            )
        names = ("first", "second", "expected", "swapped", "length")
        return cls(*(np.concatenate([getattr(part, name) for part in found]) for name in names))


def lengths(tokenizer: KmerTokenizer) -> range:
    """Return the lengths of the strings that pairs are drawn from."""
    k, step = tokenizer.k, tokenizer.stride
    if tokenizer.shortest < k:
        return range(2 * tokenizer.shortest, k + 1)
    return range(k + 2 * step, 2 * k + 1, step)


def _concatenated(
    vocabulary: Vocabulary, length: int, sample: int, random: np.random.Generator
) -> Joins:
    """Return pairs of words of a model of several lengths that make up a longer one."""
    shortest = vocabulary.tokenizer.shortest
    strings = _strings(vocabulary, length, sample, random)
    cuts = random.integers(shortest, length - shortest + 1, len(strings))
    parts = []
    for cut in np.unique(cuts).tolist():
        rows = strings[cuts == cut]
        turned = np.concatenate([rows[:, cut:], rows[:, :cut]], axis=1)
        parts.append(
            [_words(vocabulary, text) for text in (rows[:, :cut], rows[:, cut:], rows, turned)]
        )
    first, second, whole, swapped = map(np.concatenate, zip(*parts, strict=True))
    return _known(first, second, whole, swapped, length, sample)


def _overlapping(
    vocabulary: Vocabulary, length: int, sample: int, random: np.random.Generator
) -> Joins:
    """Return pairs of words of a model of one length, with the one between them."""
    tokenizer = vocabulary.tokenizer
    k, gap = tokenizer.k, length - tokenizer.k
    middle = gap // (2 * tokenizer.stride) * tokenizer.stride
    strings = _strings(vocabulary, length, sample, random)
    first, second, expected = (
        _words(vocabulary, strings[:, start : start + k]) for start in (0, gap, middle)
    )
    swapped = np.full(len(strings), -1, np.int32)
    if gap == k:  # only then do b and a make a string in the other order, too
        turned = np.concatenate([strings[:, k:], strings[:, :k]], axis=1)
        swapped = _words(vocabulary, turned[:, middle : middle + k])
    return _known(first, second, expected, swapped, length, sample)


def _strings(
    vocabulary: Vocabulary, length: int, sample: int, random: np.random.Generator
) -> BaseCodes:
    """Return random strings, more than needed: some have words that the model does not know."""
    letters = len(vocabulary.tokenizer.alphabet.letters)
    return random.integers(0, letters, (8 * sample, length), dtype=np.uint8)


def _words(vocabulary: Vocabulary, strings: BaseCodes) -> Tokens:
    """Return the token of each string, int32[n]; -1 where it is not known."""
    tokenizer = vocabulary.tokenizer
    n, length = strings.shape
    flat = KmerTokenizer(
        length, stride=length, canonical=tokenizer.canonical, alphabet=tokenizer.alphabet
    )
    codes = flat.codes(strings.ravel()) + tokenizer.starts[length - tokenizer.shortest]
    return vocabulary.tokens(codes[:n])


def _known(
    first: Tokens, second: Tokens, expected: Tokens, swapped: Tokens, length: int, sample: int
) -> Joins:
    """Return the first pairs, up to `sample`, whose three words are known and differ."""
    good = (first >= 0) & (second >= 0) & (expected >= 0)
    good &= (first != second) & (expected != first) & (expected != second)
    swapped = np.where((swapped == first) | (swapped == second), -1, swapped).astype(np.int32)
    rows = np.flatnonzero(good)[:sample]
    return Joins(
        first[rows], second[rows], expected[rows], swapped[rows], np.full(len(rows), length)
    )


@dataclass(frozen=True)
class Concatenation:
    """The rank of the word expected of a sum among all `words`, 1 = nearest, int64[N].

    `other_partner` (b from another pair) and `shuffled` (vectors permuted) are nulls; `swapped` is
    the rank of the word that joins b and a, 0 where it is not asked: the sum itself has no order.
    """

    joins: Joins
    ranks: Counts
    other_partner: Counts
    shuffled: Counts
    swapped: Counts
    words: int

    def within(self, n: int, name: str = "ranks", length: int = 0) -> float | None:
        """Return the share of pairs whose word has rank `n` or better; None if there are none.

        `name` is one of the ranks' names, `length` that of the joined strings, 0 = all.
        """
        ranks = self._of(name, length)
        return float((ranks <= n).mean()) if len(ranks) else None

    def median(self, name: str = "ranks", length: int = 0) -> float | None:
        """Return the median rank; see `within`."""
        ranks = self._of(name, length)
        return float(np.median(ranks)) if len(ranks) else None

    def _of(self, name: str, length: int) -> Counts:
        ranks: Counts = getattr(self, name)
        asked = ranks > 0
        return ranks[asked & (self.joins.length == length)] if length else ranks[asked]


def measure(embedding: KmerEmbedding, *, sample: int = SAMPLE, seed: int = 1) -> Concatenation:
    """Return the ranks of joining words for a random sample of pairs, beside their nulls."""
    joins = Joins.drawn(embedding.vocabulary, sample=sample, seed=seed)
    random, unit = np.random.default_rng(seed), embedding.unit
    other = np.roll(joins.second, 1)
    dealt = random.permutation(unit)
    return Concatenation(
        joins,
        _ranks(unit, joins.first, joins.second, joins.expected),
        _ranks(unit, joins.first, other, joins.expected),
        _ranks(dealt, joins.first, joins.second, joins.expected),
        _ranks(unit, joins.first, joins.second, joins.swapped),
        len(embedding) - 2,
    )


def _ranks(unit: Floats, first: Tokens, second: Tokens, expected: Tokens) -> Counts:
    """Return the rank of each expected word under the sum, int64[N]; 0 where it cannot be asked."""
    asked = (expected >= 0) & (expected != first) & (expected != second)
    result = np.zeros(len(first), np.int64)
    rows = np.flatnonzero(asked)
    for start in range(0, len(rows), _BLOCK):
        block = rows[start : start + _BLOCK]
        a, b, place = first[block], second[block], np.arange(len(block))
        scores = normalized(unit[a] + unit[b]) @ unit.T  # [N, V]
        wanted = scores[place, expected[block]]
        scores[place, a] = scores[place, b] = -np.inf
        result[block] = 1 + (scores > wanted[:, None]).sum(axis=1)
    return result
