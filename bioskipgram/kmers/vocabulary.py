"""k-mer code <-> token, with counts and the distributions SGNS draws from."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from bioskipgram.errors import QueryError, TrainingError
from bioskipgram.numerics.arrays import Counts, Doubles, KmerCodes, Tokens, checked
from bioskipgram.sequences.sequences import Sequences

from .tokenizer import KmerTokenizer

_MAX_COUNT = 2.0**53
"""Of all k-mers together: sums stay exact, and below the largest int64."""


@dataclass(frozen=True)
class Vocabulary:
    """The k-mers a model knows, in the order of their codes; a token is a position in it.

    Attributes
    ----------
    tokenizer
        How sequences are cut.
    kmers
        int64[V] k-mer codes, ascending.
    counts
        int64[V] occurrences in the training sequences.
    """

    tokenizer: KmerTokenizer
    kmers: KmerCodes
    counts: Counts

    def __post_init__(self) -> None:
        object.__setattr__(self, "kmers", checked(self.kmers, "kmers", np.int64, (None,)))
        counts = checked(self.counts, "counts", np.int64, (len(self.kmers),))
        object.__setattr__(self, "counts", counts)
        if (np.diff(self.kmers) <= 0).any() or (
            len(self.kmers) and not 0 <= self.kmers[0] <= self.kmers[-1] < self.tokenizer.size
        ):
            raise ValueError("kmers: not ascending k-mer codes")
        if (counts < 0).any() or counts.sum(dtype=np.float64) > _MAX_COUNT:
            raise ValueError("counts: negative, or more in all than can be")

    @classmethod
    def from_counts(
        cls, tokenizer: KmerTokenizer, counts: Counts, *, min_count: int = 1
    ) -> "Vocabulary":
        """Return the k-mers with at least `min_count` of the int64[tokenizer.size] counts."""
        kmers, alphabet = np.flatnonzero(counts >= min_count), tokenizer.alphabet
        if not len(kmers):
            raise TrainingError(
                f"no {tokenizer.word} occurs {min_count} times or more: the sequences are shorter "
                f"than {tokenizer.k} {alphabet.unit}s, all {alphabet.any}, or too few; give "
                "longer sequences, a smaller k or a smaller min-count"
            )
        return cls(tokenizer, kmers, counts[kmers])

    @classmethod
    def from_sequences(
        cls,
        sequences: Sequences,
        tokenizer: KmerTokenizer,
        *,
        min_count: int = 1,
        both_strands: bool = False,
    ) -> "Vocabulary":
        """Return the vocabulary of `sequences`, or of both their strands; see `from_counts`.

        Words of several lengths are counted at every base that can start one, so the counts do not
        depend on what `KmerTokenizer.drawn` draws.
        """
        sequences = sequences.both_strands() if both_strands else sequences
        letters, first = len(tokenizer.alphabet.letters), tokenizer.starts[-2]
        longest = np.zeros(letters**tokenizer.k, np.int64)
        for record in range(len(sequences)):
            codes = tokenizer.codes(sequences[record])
            np.add.at(longest, codes[codes >= 0] - first, 1)
        counts = [
            longest.reshape(letters**length, -1).sum(axis=1)  # by how the longest words begin
            for length in range(tokenizer.shortest, tokenizer.k + 1)
        ]
        return cls.from_counts(tokenizer, np.concatenate(counts), min_count=min_count)

    def __len__(self) -> int:
        return len(self.kmers)

    @property
    def counted(self) -> bool:
        """Whether the counts are known; of a model that another program made they are all 0."""
        return bool(self.counts.any())

    def share(self, tokens: Tokens | Counts) -> float | None:
        """Return the share of all occurrences that some k-mers have; None = not `counted`."""
        return float(self.counts[tokens].sum() / self.counts.sum()) if self.counted else None

    @cached_property
    def texts(self) -> list[str]:
        """The k-mers as text, in token order."""
        return self.tokenizer.decode(self.kmers)

    def spell(self, tokens: Tokens) -> list[str]:
        """Return some k-mers as text, without making all `texts`."""
        return self.tokenizer.decode(self.kmers[tokens])

    def tokens(self, codes: KmerCodes) -> Tokens:
        """Return the tokens of k-mer codes, int32 like `codes`; -1 where there is none."""
        if not len(self.kmers):
            return np.full(len(codes), -1, np.int32)
        found = np.searchsorted(self.kmers, codes)
        found = np.minimum(found, len(self.kmers) - 1)
        return np.where(self.kmers[found] == codes, found, -1).astype(np.int32)

    def token(self, kmer: str) -> int:
        """Return the token of one k-mer; a QueryError if it is not in this vocabulary."""
        token = int(self.tokens(np.array([self.tokenizer.encode(kmer)]))[0])
        if token < 0:
            raise QueryError(f"{kmer} is not in this model: it was seen too rarely in training")
        return token

    def noise(self, power: float) -> Doubles:
        """Return the noise distribution counts^power / sum, float64[V] (Mikolov et al. 2013)."""
        weights: Doubles = self.counts.astype(np.float64) ** power
        weights /= weights.sum()
        return weights

    def keep_probability(self, subsample: float) -> Doubles:
        """Return the chance that subsampling keeps an occurrence, float64[V]; all ones for t = 0.

        word2vec's rule: sqrt(t/f) + t/f, at most 1, for a k-mer with share f of all occurrences.
        """
        if subsample == 0:
            return np.ones(len(self))
        ratio = subsample * self.counts.sum() / np.maximum(self.counts, 1)
        keep: Doubles = np.minimum(1.0, np.sqrt(ratio) + ratio)
        return keep
