"""What a model knows beyond spelling: its nearest neighbours that are not spelt alike.

Two k-mers are **spelt alike** if one is the other shifted by up to half its length, or if they
differ in at most a third of their letters. Overlap makes most neighbours so; the others share
contexts.
"""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from bioskipgram.errors import ConfigError, QueryError
from bioskipgram.kmers.tokenizer import KmerTokenizer
from bioskipgram.kmers.vocabulary import Vocabulary
from bioskipgram.numerics.arrays import Doubles, Flags, KmerCodes, Tokens
from bioskipgram.numerics.nearest import best
from bioskipgram.sequences.sequences import Sequences

from .embedding import KmerEmbedding

NEIGHBORS = 10
_BLOCK = 512


def spelt_alike(
    tokenizer: KmerTokenizer, first: KmerCodes, second: KmerCodes, *, both_strands: bool = False
) -> Flags:
    """Return which pairs of k-mers of one length are spelt alike, bool[first, second].

    With `both_strands`, being spelt like the reverse complement counts too.

    Examples
    --------
    >>> cut = KmerTokenizer(6)
    >>> codes = np.array([cut.encode(kmer) for kmer in ("ACGTTA", "GTTACC", "ACGTGC", "TCATGC")])
    >>> spelt_alike(cut, codes[:1], codes).tolist()
    [[True, True, True, False]]
    """
    if tokenizer.k_min:
        raise ConfigError("k-min: k-mers of one length are compared; give a model without k-min")
    k, letters = tokenizer.k, len(tokenizer.alphabet.letters)
    if both_strands:
        other = tokenizer.reverse_complements(first)
        return spelt_alike(tokenizer, first, second) | spelt_alike(tokenizer, other, second)
    one, two = tokenizer.bases(first), tokenizer.bases(second)
    differing = np.zeros((len(first), len(second)), np.uint8)
    for position in range(k):
        differing += one[:, None, position] != two[None, :, position]
    alike: Flags = differing <= k // 3
    for d in range(1, k // 2 + 1):
        tail, shift = letters ** (k - d), letters**d
        alike |= (first % tail)[:, None] == (second // shift)[None, :]
        alike |= (first // shift)[:, None] == (second % tail)[None, :]
    return alike


def unspelt_neighbors(
    embedding: KmerEmbedding,
    tokens: Tokens | None = None,
    *,
    n: int = NEIGHBORS,
    both_strands: bool = False,
    alike: Flags | None = None,
) -> Tokens:
    """Return the nearest k-mers that are not spelt alike, best first, int32[Q, n].

    `tokens` None = of all k-mers; `alike`, bool[Q, V], is `spelt_alike` where it is known already.
    A QueryError if some k-mer is spelt like all others.
    """
    tokens = np.arange(len(embedding), dtype=np.int32) if tokens is None else tokens
    found, most = [], n
    blocks = _blocks(embedding.vocabulary, tokens, both_strands=both_strands, alike=alike)
    for rows, out in blocks:
        most = min(most, int((~out).sum(axis=1).min()))
        if not most:
            raise QueryError("some k-mer is spelt like all others; a longer k is needed")
        scores = embedding.unit[rows] @ embedding.unit.T
        scores[out] = -np.inf
        found.append(best(scores, most))
    return np.concatenate([part[:, :most] for part in found])


def _blocks(
    vocabulary: Vocabulary, tokens: Tokens, *, both_strands: bool, alike: Flags | None = None
) -> Iterator[tuple[Tokens, Flags]]:
    """Yield some tokens at a time, and which k-mers are spelt like each, bool[block, V]."""
    kmers = vocabulary.kmers
    for start in range(0, len(tokens), _BLOCK):
        rows = tokens[start : start + _BLOCK]
        if alike is not None:
            yield rows, alike[start : start + _BLOCK]
            continue
        yield rows, spelt_alike(vocabulary.tokenizer, kmers[rows], kmers, both_strands=both_strands)


def agreement(values: Doubles, neighbors: Tokens) -> float:
    """Return Pearson's r of a property (float64[V], NaN = left out) and its neighbours' mean."""
    known = ~np.isnan(values)
    seen = known[neighbors]
    around = np.where(seen, values[neighbors], 0).sum(axis=1) / np.maximum(seen.sum(axis=1), 1)
    both = known & seen.any(axis=1)
    own, around = values[both], around[both]
    if len(own) < 2 or not (np.ptp(own) and np.ptp(around)):
        return float("nan")
    return float(np.corrcoef(own, around)[0, 1])


def shared_groups(members: Flags, tokens: Tokens, neighbors: Tokens) -> float:
    """Return the share of neighbours with a group (`members`, bool[V, groups]) in common."""
    own = members[tokens]
    grouped = own.any(axis=1)
    shared = (own[grouped, None] & members[neighbors[grouped]]).any(axis=2)
    return float(shared.mean())


def shared_groups_by_chance(
    members: Flags, vocabulary: Vocabulary, *, both_strands: bool = False
) -> float:
    """Return `shared_groups` of neighbours drawn evenly among those not spelt alike."""
    tokens = np.flatnonzero(members.any(axis=1)).astype(np.int32)
    sizes, shares = members.astype(np.float32), []
    for rows, alike in _blocks(vocabulary, tokens, both_strands=both_strands):
        shared = sizes[rows] @ sizes.T > 0
        shares.append((shared & ~alike).sum(axis=1) / (~alike).sum(axis=1))
    return float(np.concatenate(shares).mean())


def frame_shares(sequences: Sequences, vocabulary: Vocabulary, *, frame: int = 0) -> Doubles:
    """Return the share of each k-mer's occurrences that begin in a reading frame, float64[V].

    Records begin with a codon, and every base counts as a start; a k-mer that does not occur has
    the share of all others together.
    """
    cut, V = replace(vocabulary.tokenizer, stride=1, frame=0), len(vocabulary)
    whole, inside = np.zeros(V, np.int64), np.zeros(V, np.int64)
    for counts, first, step in ((whole, 0, 1), (inside, frame, 3)):
        parts = [cut.codes(sequences[record])[first::step] for record in range(len(sequences))]
        codes = np.concatenate(parts or [np.zeros(0, np.int64)])
        tokens = vocabulary.tokens(codes[codes >= 0])
        counts += np.bincount(tokens[tokens >= 0], minlength=V)
    mean = inside.sum() / max(1, whole.sum())
    return np.where(whole > 0, inside / np.maximum(whole, 1), mean)
