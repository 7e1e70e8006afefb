"""Why two genes are alike: their cosine, split into the k-mers and positions of one of them.

A gene's vector is T (p - m), where p is the mean of one feature a word (its weighted unit vector;
for second-order pooling, the product of the vectors of two words some codons apart), m what all
genes share and T a matrix. So its cosine with any vector g is a mean over its words of
T^T g . (feature - m) / (|vector| |g|): what each word adds, relative to the average gene. That is
exact; the parts sum to the cosine within 1e-5.
"""

from dataclasses import dataclass

import numpy as np

from bioskipgram.config import PoolConfig
from bioskipgram.errors import QueryError
from bioskipgram.model.embedding import KmerEmbedding
from bioskipgram.numerics.arrays import Counts, Doubles, Floats, Tokens, checked
from bioskipgram.sequences.sequences import Sequences

from .counts import PAIR_LAGS, KmerCounter, windows_apart
from .pooling import FittedPooling


@dataclass(frozen=True)
class GeneWhy:
    """A gene's cosine with another vector, and what each of its words adds.

    Attributes
    ----------
    score
        The cosine.
    starts
        int64[N], 0-based positions where the words start (on the strand that was given), in order;
        words of the other strand follow where both are pooled.
    tokens
        int32[N], the word at each.
    parts
        float64[N], what each adds. Of a second-order pair each word has half.
    rest
        What no word adds: 0, but for records too short for every distance of a pair.
    """

    score: float
    starts: Counts
    tokens: Tokens
    parts: Doubles
    rest: float

    def __post_init__(self) -> None:
        N = len(self.parts)
        for name, kind in (("starts", np.int64), ("tokens", np.int32), ("parts", np.float64)):
            object.__setattr__(self, name, checked(getattr(self, name), name, kind, (N,)))

    def by_kmer(self, V: int) -> tuple[Doubles, Counts]:
        """Return what each k-mer of the vocabulary adds, and how often it occurs: [V] each."""
        sums = np.bincount(self.tokens, self.parts, minlength=V).astype(np.float64)
        return sums, np.bincount(self.tokens, minlength=V).astype(np.int64)

    def by_base(self, length: int, k: int) -> Doubles:
        """Return what each base adds, float64[length]: a word's part is spread over its letters."""
        ends = np.zeros(length + k + 1)
        np.add.at(ends, self.starts, self.parts / k)
        np.subtract.at(ends, self.starts + k, self.parts / k)
        found: Doubles = np.cumsum(ends)[:length]
        return found


def why(
    embedding: KmerEmbedding,
    sequences: Sequences,
    record: int,
    other: Floats,
    *,
    config: PoolConfig,
    background: FittedPooling,
) -> GeneWhy:
    """Return a record's cosine with another gene's vector, split over the record's words.

    Parameters
    ----------
    embedding, sequences, record
        The model, the records, and which of them is split.
    other
        float32[D'], a row of `GeneEmbedding.vectors`, pooled alike.
    config, background
        The pooling, and what it was fitted on; the same as for `other`.

    Raises
    ------
    QueryError
        If the record has no vector, or the other is all zeros.
    """
    both = _strands(sequences, record, config)
    counter = KmerCounter.of(embedding, config)
    mean, transform = (each.astype(np.float64) for each in (background.mean, background.transform))
    slope = transform @ other.astype(np.float64)  # [D'], of the features
    split = _pairs if config.pooling == "second-order" else _words
    starts, tokens, parts, plain = split(embedding, counter, both, slope, mean, background)
    length = np.linalg.norm(transform.T @ (plain - mean)) * np.linalg.norm(other)
    if not len(tokens) or not length:
        raise QueryError(f"{sequences.names[record]}: it has no vector to compare")
    score = float(slope @ (plain - mean) / length)
    parts = parts / length
    return GeneWhy(score, starts, tokens, parts, score - float(parts.sum()))


def _strands(sequences: Sequences, record: int, config: PoolConfig) -> Sequences:
    """Return the record alone, with its other strand where both are pooled."""
    codes = sequences[record]
    alone = Sequences(
        (sequences.names[record],), (sequences.descriptions[record],), codes,
        np.array([0, len(codes)], np.int64), sequences.alphabet,
    )  # fmt: skip
    return alone.both_strands() if config.both_strands else alone


Split = tuple[Counts, Tokens, Doubles, Doubles]
"""Starts, tokens and parts of the words, and the pooled vector."""


def _words(
    embedding: KmerEmbedding, counter: KmerCounter, strands: Sequences, slope: Doubles,
    mean: Doubles, background: FittedPooling,
) -> Split:  # fmt: skip
    """Split a mean of weighted vectors."""
    tokenizer, L = embedding.vocabulary.tokenizer, len(strands[0])
    found = [counter.tokens(strands, length) for length in _lengths(embedding)]
    places = [np.flatnonzero(tokens >= 0) for tokens in found]
    tokens = np.concatenate([each[place] for each, place in zip(found, places, strict=True)])
    starts = np.concatenate(places).astype(np.int64)
    # A word of the other strand is told by where it starts on the given one.
    starts = np.where(starts < L, starts, 2 * L - tokenizer.k - starts)
    vectors = background.weights[:, None] * embedding.unit.astype(np.float64)  # [V, D]
    parts = (vectors @ slope)[tokens] - mean @ slope
    n = max(1, len(tokens))
    plain = np.bincount(tokens, minlength=len(vectors)) @ vectors / n
    return starts, tokens.astype(np.int32), parts / n, plain


def _lengths(embedding: KmerEmbedding) -> range:
    tokenizer = embedding.vocabulary.tokenizer
    return range(tokenizer.shortest, tokenizer.k + 1)


def _pairs(
    embedding: KmerEmbedding, counter: KmerCounter, strands: Sequences, slope: Doubles,
    mean: Doubles, background: FittedPooling,
) -> Split:  # fmt: skip
    """Split mean products of two words' vectors, half to each word."""
    tokenizer = embedding.vocabulary.tokenizer
    table = np.asarray(counter.directions, np.float64)  # [V, P]
    P, apart = table.shape[1], windows_apart(tokenizer)
    tokens = counter.tokens(strands, tokenizer.k)
    starts = np.arange(int(np.argmax(tokens > -2)), len(tokens), tokenizer.stride)
    words = tokens[starts]
    known, parts = words >= 0, np.zeros(len(words))
    vectors = np.where(known[:, None], table[words], 0)  # [N, P]
    plain = np.zeros((PAIR_LAGS, P, P))
    slopes, means = (each.reshape(PAIR_LAGS, P, P) for each in (slope, mean))
    for lag in range(PAIR_LAGS):
        step = apart * (lag + 1)
        pair = known[:-step] & known[step:]
        number = int(pair.sum())
        if not number:
            continue
        one, two = vectors[:-step][pair], vectors[step:][pair]
        plain[lag] = one.T @ two / number
        each = ((one @ slopes[lag]) * two).sum(axis=1) - (means[lag] * slopes[lag]).sum()
        half = np.zeros(len(pair))
        half[pair] = each / number / 2
        parts[:-step] += half
        parts[step:] += half
    used = np.flatnonzero(known)
    return starts[used].astype(np.int64), words[used], parts[used], plain.ravel()
