"""The effect of a variant on the k-mers around it, by a model.

::

    record ─ Scorer.text ─> Text (its k-mers) ─┬─ Scorer.substitutions ─> values of many at once
                                               └─ Scorer.change ─> Change: k-mers and values of one

The score is the change in expected log-odds: the sum of x = u·v, the log-odds that a pair of
k-mers is a true (centre, context) pair and not noise, over all pairs within the model's window
and distances, weighted as by word2vec's shrinking window, with the variant minus without. Below 0,
the new k-mers occur less often in these contexts.
"""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from bioskipgram.errors import QueryError
from bioskipgram.kmers.tokenizer import reverse_complement
from bioskipgram.model.embedding import KmerEmbedding
from bioskipgram.numerics.arrays import (
    BaseCodes,
    Counts,
    Doubles,
    Floats,
    KmerCodes,
    Tokens,
    check_fields,
)

from .variant import Variant

MEASURES = ("log_odds", "window_shift", "gene_shift")
"""Change in expected log-odds, nats; 1 - cosine of the mean vectors of the changed k-mers before
and after; 1 - cosine of the mean vector of all k-mers of the record."""


@dataclass(frozen=True)
class Text:
    """A record as k-mers."""

    bases: BaseCodes  # uint8[L]
    codes: KmerCodes  # int64[T] k-mer codes of the forward strand
    tokens: Tokens  # int32[T], -1 = none
    runs: Counts  # int64[T], numbers of runs of known bases
    pooled: Doubles  # float64[D], sum of the unit vectors of the known k-mers

    def __post_init__(self) -> None:
        T = len(self.codes)
        check_fields(self, codes=(np.int64, T), tokens=(np.int32, T), runs=(np.int64, T))
        check_fields(self, bases=(np.uint8, None), pooled=(np.float64, None))

    @cached_property
    def windows(self) -> int:
        """The number of known k-mers."""
        return int((self.tokens >= 0).sum())

    def comparable(self, values: Floats) -> Floats:
        """Return values independent of the record's length: `gene_shift` times windows squared."""
        scale = np.array([1, 1, float(self.windows) ** 2], np.float32)
        free: Floats = values * scale[:, None]
        return free


@dataclass(frozen=True)
class Change:
    """The k-mers a variant changes.

    Of a codon that is deleted whole the second value is NaN: no window is left to compare.
    """

    window: int  # the first of them among the record's windows, from 0
    old: Tokens  # int32[before], -1 = not in the vocabulary
    new: Tokens  # int32[after]
    values: Floats  # float32[3] of `MEASURES`; NaN where no k-mer before, or after, is known


@dataclass(frozen=True)
class Scorer:
    """A model of DNA or RNA with words of one length, prepared for scoring; else a QueryError."""

    embedding: KmerEmbedding

    def __post_init__(self) -> None:
        tokenizer = self.embedding.vocabulary.tokenizer
        if not self.embedding.has_context:
            raise QueryError(
                "this model came without context vectors, from which the score of a variant is "
                "computed; choose a model that was trained here"
            )
        if not tokenizer.alphabet.complement:
            raise QueryError(
                f"this is a model of {tokenizer.alphabet.name}, and variants here are changes of "
                "bases; choose a model of DNA or RNA"
            )
        if tokenizer.k_min:
            raise QueryError(
                f"this model's words have {tokenizer.k_min} to {tokenizer.k} bases and are cut at "
                "random, so that a sequence has no one text of them to compare; choose a model "
                "with words of one length"
            )

    @cached_property
    def token_of(self) -> Tokens:
        """k-mer code of the forward strand -> token, int32[4^k], -1 = none."""
        vocabulary, tokenizer = self.embedding.vocabulary, self.embedding.vocabulary.tokenizer
        codes = np.arange(tokenizer.size)
        if tokenizer.canonical:
            codes = np.minimum(codes, reverse_complement(codes, tokenizer.k))
        return vocabulary.tokens(codes)

    @cached_property
    def distances(self) -> Counts:
        """Distances of the contexts from their centre in windows, int64[W]."""
        return np.array(self.embedding.info.config.distances, np.int64)

    @cached_property
    def weights(self) -> Doubles:
        """The chance that the shrinking window reaches each distance, float64[W]."""
        window = self.embedding.info.config.window
        return (window - np.arange(window)) / window

    def text(self, bases: BaseCodes) -> Text:
        """Return a record's k-mers; `bases` as uint8[L]."""
        codes, tokens = self._cut(bases, self.embedding.vocabulary.tokenizer.frame)
        pooled = self.embedding.unit[tokens[tokens >= 0]].sum(axis=0, dtype=np.float64)
        return Text(bases, codes, tokens, _runs(codes), pooled)

    def substitutions(
        self, text: Text, positions: Counts, alts: BaseCodes, *, threads: int = 0
    ) -> Floats:
        """Return the effect of each substitution, float32[3, n], a row for each of `MEASURES`.

        Positions are int64[n], 0-based, of known bases; new bases uint8[n]; NaN as in `Change`. 0
        threads = all cores.
        """
        from bioskipgram.numerics.threads import in_parts

        from .score_kernel import Model, Record, score

        embedding, out = self.embedding, np.empty((3, len(positions)), np.float32)
        tokenizer = embedding.vocabulary.tokenizer
        model = Model(
            self.token_of, embedding.center, embedding.context, embedding.unit,
            self.distances, self.weights, tokenizer.k, tokenizer.stride, tokenizer.frame,
        )  # fmt: skip
        record = Record(text.bases, text.codes, text.tokens, text.runs, text.pooled)
        # Copies, so that the loop is not compiled again for read-only arrays.
        places, bases = np.array(positions, np.int64), np.array(alts, np.uint8)

        def work(start: int, stop: int) -> None:
            score(record, model, places, bases, out, start, stop)

        in_parts(work, len(positions), threads)
        return out

    def covering(self, text: Text, positions: Counts) -> Counts:
        """Return how many windows cover each position of a record, int64[n]."""
        tokenizer = self.embedding.vocabulary.tokenizer
        k, stride, frame = tokenizer.k, tokenizer.stride, tokenizer.frame
        first = np.maximum(0, -((frame + k - 1 - positions) // stride))
        last = np.minimum(len(text.codes) - 1, (positions - frame) // stride)
        count: Counts = np.maximum(0, last - first + 1)
        return count

    def change(self, text: Text, variant: Variant) -> Change:
        """Return the k-mers that a variant of any kind changes, and its effect.

        A change of length also changes the number of pairs: do not compare its log-odds with those
        of substitutions.
        """
        low, high = self._around(len(text.bases), variant)
        alt = self.embedding.vocabulary.tokenizer.alphabet.encode(variant.alt)
        pieces = text.bases[low : variant.position], alt, text.bases[variant.stop : high]
        frame = 0 if low else self.embedding.vocabulary.tokenizer.frame
        codes, tokens = self._cut(text.bases[low:high], frame)
        new_codes, new_tokens = self._cut(np.concatenate(pieces), frame)
        first, tail = _shared(codes, new_codes)
        old, new = (words[first : len(words) - tail] for words in (tokens, new_tokens))
        values = np.full(3, np.nan, np.float32)
        if len(old) + len(new) and all((side >= 0).any() or not len(side) for side in (old, new)):
            values[0] = self.log_odds(new_tokens, new_codes) - self.log_odds(tokens, codes)
            values[1:] = self._shifts(text, old, new)
        tokenizer = self.embedding.vocabulary.tokenizer
        before = (low - tokenizer.frame) // tokenizer.stride if low else 0
        return Change(before + first, old, new, values)

    def log_odds(self, tokens: Tokens, codes: KmerCodes) -> float:
        """Return the weighted sum of x = u·v over all (centre, context) pairs of a text, nats.

        No pair crosses a code of -1.
        """
        center, context = self.embedding.center, self.embedding.context
        runs, total = _runs(codes), 0.0
        for away, weight in zip(self.distances.tolist(), self.weights, strict=True):
            first, second = tokens[:-away], tokens[away:]
            whole = (first >= 0) & (second >= 0) & (runs[:-away] == runs[away:])
            a, b = first[whole], second[whole]
            pairs = np.einsum("nd,nd->n", center[a], context[b])
            pairs += np.einsum("nd,nd->n", center[b], context[a])
            total += float(weight * pairs.sum(dtype=np.float64))
        return total

    def _cut(self, bases: BaseCodes, frame: int) -> tuple[KmerCodes, Tokens]:
        """Return k-mer codes of the forward strand, and their tokens, [T] each."""
        tokenizer = self.embedding.vocabulary.tokenizer
        codes = replace(tokenizer, canonical=False, frame=frame).codes(bases)
        return codes, np.where(codes >= 0, self.token_of[codes], -1).astype(np.int32)

    def _around(self, length: int, variant: Variant) -> tuple[int, int]:
        """Return a stretch with every pair a variant touches, starting at a window."""
        tokenizer = self.embedding.vocabulary.tokenizer
        stride, frame = tokenizer.stride, tokenizer.frame
        reach = tokenizer.k + stride * (1 + int(self.distances[-1]))
        low = frame + (variant.position - reach - frame) // stride * stride
        if (len(variant.alt) - len(variant.ref)) % stride:
            return max(0, low), length  # every window from here on changes
        return max(0, low), min(length, variant.stop + reach)

    def _shifts(self, text: Text, old: Tokens, new: Tokens) -> tuple[float, float]:
        unit = self.embedding.unit
        gone, come = (unit[t[t >= 0]].sum(axis=0, dtype=np.float64) for t in (old, new))
        return _distance(gone, come), _distance(text.pooled, text.pooled + (come - gone))


def _distance(first: Doubles, second: Doubles) -> float:
    """Return 1 - cosine, exact for nearly equal vectors; NaN for a zero one."""
    a, b = np.linalg.norm(first), np.linalg.norm(second)
    if not a or not b:
        return float("nan")
    return float(((first / a - second / b) ** 2).sum() / 2)


def _runs(codes: KmerCodes) -> Counts:
    """Return which run of known bases each window is in, int64[T]."""
    return np.cumsum(codes < 0)


def _shared(before: KmerCodes, after: KmerCodes) -> tuple[int, int]:
    """Return how many windows at the start and then at the end are the same."""
    both = min(len(before), len(after))
    same = before[:both] == after[:both]
    first = both if same.all() else int(np.argmin(same))
    rest = both - first
    same = before[len(before) - rest :][::-1] == after[len(after) - rest :][::-1]
    return first, rest if same.all() else int(np.argmin(same))
