"""Letter counts by position of a set of k-mers, their logo and consensus."""

from dataclasses import dataclass

import numpy as np

from bioskipgram.kmers.tokenizer import KmerTokenizer
from bioskipgram.numerics.arrays import BaseCodes, Counts, Doubles, KmerCodes, Tokens
from bioskipgram.sequences.alphabet import DNA, Alphabet

PERMUTATIONS = 39
"""A gain above all permutations has p = 1/40."""
_GAIN = 1.0
"""The least gain in bits: of many k-mers, invisible gains are significant."""
_TESTED = 500
"""The most members in the test; a random sample of more."""


@dataclass(frozen=True)
class LetterCounts:
    """Letter counts by position, int64[length, A], and in words how the k-mers were aligned."""

    counts: Counts
    how: str


def letter_counts(kmers: KmerCodes, center: int, tokenizer: KmerTokenizer) -> LetterCounts:
    """Return the letters of k-mers by position, aligned only where that gains information.

    k-mers of one length are slid to fit `center`, the medoid, only if the logo gains at least one
    bit more by that than in each of 39 permutations of the letters of every position among the
    k-mers: those keep the logo, but leave no motif to align. Words of several lengths are always
    slid.
    """
    if tokenizer.shortest < tokenizer.k:
        return LetterCounts(aligned_counts(kmers, center, tokenizer), "slid to fit the medoid")
    if _gains(kmers, center, tokenizer):
        return LetterCounts(
            aligned_counts(kmers, center, tokenizer),
            "slid to fit the medoid, which gains a bit more than by chance",
        )
    counts = _counted(tokenizer.bases(kmers), tokenizer.alphabet.unknown)
    return LetterCounts(counts, "by position, not slid")


def match_counts(kmers: KmerCodes, starts: Tokens, tokenizer: KmerTokenizer) -> LetterCounts:
    """Return the letters of k-mers aligned where the first match of a pattern starts (int32[n])."""
    counts = _placed(tokenizer.bases(kmers), int(starts.max(initial=0)) - starts, tokenizer)
    return LetterCounts(counts, "aligned where they match")


def aligned_counts(kmers: KmerCodes, reference: int, tokenizer: KmerTokenizer) -> Counts:
    """Return letter counts after sliding each k-mer to fit the reference best, int64[length, A].

    Slides of up to k // 2 letters that overlap at least half of the shorter word are tried; the one
    with the most matches less mismatches wins, the shortest among equals. The length is that of the
    longest word plus the slides used.
    """
    bases, anchor = tokenizer.bases(kmers), tokenizer.bases(np.array([reference]))[0]
    return _placed(bases, _slides(bases, anchor, tokenizer.alphabet.unknown), tokenizer)


def _gains(kmers: KmerCodes, center: int, tokenizer: KmerTokenizer, *, seed: int = 1) -> bool:
    """Return whether sliding gains `_GAIN` more information than in every permutation."""
    random = np.random.default_rng(seed)
    bases, unknown = tokenizer.bases(kmers), tokenizer.alphabet.unknown
    anchor = tokenizer.bases(np.array([center]))[0]
    if len(bases) > _TESTED:
        bases = bases[random.permutation(len(bases))[:_TESTED]]
    still = information(_counted(bases, unknown))

    def gain(rows: BaseCodes) -> float:
        slid = _placed(rows, _slides(rows, anchor, unknown), tokenizer)
        return information(slid) - still

    wanted = gain(bases) - _GAIN
    return wanted > 0 and all(
        gain(random.permuted(bases, axis=0)) < wanted for _ in range(PERMUTATIONS)
    )


def _slides(bases: BaseCodes, anchor: BaseCodes, unknown: int) -> Counts:
    """Return how far each k-mer is slid right to fit the anchor best, int64[n]."""
    k = bases.shape[1]
    slides = sorted(range(-(k // 2), k // 2 + 1), key=abs)
    scores = np.stack([_matches(bases, anchor, slide, unknown) for slide in slides])  # [slides, n]
    best: Counts = np.array(slides)[scores.argmax(axis=0)]
    return best


def _placed(bases: BaseCodes, starts: Counts | Tokens, tokenizer: KmerTokenizer) -> Counts:
    """Return letter counts of k-mers that start at these columns; columns without any left out."""
    k, unknown = tokenizer.k, tokenizer.alphabet.unknown
    starts = starts - starts.min(initial=0)
    counts = np.zeros((k + int(starts.max(initial=0)), unknown + 1), np.int64)
    np.add.at(counts, (starts[:, None] + np.arange(k), bases), 1)
    return counts[counts[:, :unknown].any(axis=1), :unknown]


def _counted(bases: BaseCodes, unknown: int) -> Counts:
    """Return letter counts by position, int64[k, A]."""
    return np.stack([np.bincount(column, minlength=unknown)[:unknown] for column in bases.T])


def _matches(bases: BaseCodes, anchor: BaseCodes, slide: int, unknown: int) -> Counts:
    """Return matches less mismatches of k-mers slid right by `slide`; very few without overlap."""
    k = bases.shape[1]
    inside, over = bases[:, max(0, -slide) : k - max(0, slide)], anchor[max(0, slide) :]
    over = over[: inside.shape[1]]
    both = (inside != unknown) & (over != unknown)
    shorter = np.minimum((bases != unknown).sum(axis=1), (anchor != unknown).sum())
    result = 2 * (both & (inside == over)).sum(axis=1) - both.sum(axis=1)
    found: Counts = np.where(2 * both.sum(axis=1) >= shorter, result, -k - 1)
    return found


def logo(counts: Counts | Doubles, *, corrected: bool = True) -> Doubles:
    """Return letter heights in bits, float64[length, A] (Schneider & Stephens 1990).

    Corrected, for counts, by the small-sample term (A - 1) / (2 ln 2 n) (Schneider et al. 1986,
    doi:10.1016/0022-2836(86)90165-8); a column is scaled by the share of the sequences that reach
    it.
    """
    depth, A = counts.sum(axis=1, keepdims=True), counts.shape[1]
    share = counts / np.maximum(depth, 1)
    entropy = -(share * np.log2(np.where(share > 0, share, 1))).sum(axis=1, keepdims=True)
    bits = np.log2(A) - entropy
    if corrected:
        bits = np.maximum(bits - (A - 1) / (2 * np.log(2) * np.maximum(depth, 1)), 0)
    heights: Doubles = share * bits * depth / max(1, depth.max(initial=0))
    return heights


def information(counts: Counts) -> float:
    """Return the bits of a whole logo."""
    return float(logo(counts).sum())


def consensus(counts: Counts, alphabet: Alphabet = DNA) -> str:
    """Return the letters that hold at least half of their column, else ``n`` (protein: ``x``).

    Examples
    --------
    >>> consensus(np.array([[1, 1, 1, 1], [9, 0, 0, 1], [0, 0, 9, 1]]))
    'AG'
    """
    depth, unclear = counts.sum(axis=1), alphabet.any.lower()
    clear = (2 * counts.max(axis=1) >= depth) & (2 * depth >= depth.max())
    letters = [
        alphabet.letters[i] if ok else unclear
        for i, ok in zip(counts.argmax(axis=1), clear, strict=True)
    ]
    return "".join(letters).strip(unclear)
