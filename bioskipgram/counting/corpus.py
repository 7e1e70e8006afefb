"""Sequences -> tokens in sentences, for the sampled trainer and for plain counting."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from bioskipgram.kmers.tokenizer import KmerTokenizer
from bioskipgram.kmers.vocabulary import Vocabulary
from bioskipgram.numerics.arrays import KmerCodes, Offsets, Tokens, checked
from bioskipgram.sequences.sequences import Sequences


@dataclass(frozen=True)
class Corpus:
    """The sequences as sentences of tokens, int32[T], with offsets int64[S + 1].

    A sentence ends at a record's end and at every unknown base. A k-mer outside the vocabulary is
    kept as -1, so that distances along the sequence stay true (word2vec closes the gap instead).
    """

    vocabulary: Vocabulary
    tokens: Tokens
    offsets: Offsets

    def __post_init__(self) -> None:
        object.__setattr__(self, "tokens", checked(self.tokens, "tokens", np.int32, (None,)))
        object.__setattr__(self, "offsets", checked(self.offsets, "offsets", np.int64, (None,)))

    @classmethod
    def from_sequences(
        cls,
        sequences: Sequences,
        vocabulary: Vocabulary,
        *,
        both_strands: bool = False,
        rng: np.random.Generator | None = None,
    ) -> "Corpus":
        """Return the sentences of `sequences`, with `both_strands` of the reverse complements too.

        Words of several lengths are drawn from `rng`; None = the same ones every time.
        """
        sequences = sequences.both_strands() if both_strands else sequences
        pieces, lengths = [np.zeros(0, np.int32)], [np.zeros(0, np.int64)]
        for codes in _windows(sequences, vocabulary.tokenizer, rng or np.random.default_rng(0)):
            known = codes >= 0
            pieces.append(vocabulary.tokens(codes[known]))
            # A run of known windows is a sentence: its edges are where `known` changes.
            edges = np.flatnonzero(np.diff(known, prepend=False, append=False))
            lengths.append(edges[1::2] - edges[::2])
        ends = np.cumsum(np.concatenate(lengths), dtype=np.int64)
        return cls(vocabulary, np.concatenate(pieces), np.concatenate([[0], ends]))

    def __len__(self) -> int:
        return len(self.offsets) - 1


def _windows(
    sequences: Sequences, tokenizer: KmerTokenizer, rng: np.random.Generator
) -> Iterator[KmerCodes]:
    """Yield the k-mer codes of each record, at random where words have several lengths."""
    for record in range(len(sequences)):
        bases = sequences[record]
        yield tokenizer.drawn(bases, rng) if tokenizer.k_min else tokenizer.codes(bases)
