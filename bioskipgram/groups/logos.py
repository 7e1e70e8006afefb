"""Aligned counts of a set of k-mers, their logo and consensus."""

import numpy as np

from bioskipgram.arrays import BaseCodes, Counts, Doubles, KmerCodes
from bioskipgram.kmers.tokenizer import KmerTokenizer
from bioskipgram.sequences.alphabet import DNA, Alphabet


def aligned_counts(kmers: KmerCodes, reference: int, tokenizer: KmerTokenizer) -> Counts:
    """Return letter counts by position after sliding each k-mer to fit the reference best.

    Parameters
    ----------
    kmers
        int64[n] k-mer codes.
    reference
        The code of the k-mer that stays in place, for example the medoid.
    tokenizer
        What the codes mean. Slides of up to k // 2 letters are tried, as long as at least half
        of the shorter word lies over the other; the one with the most matching letters less
        mismatches wins, the shortest among equals.

    Returns
    -------
    int64[length, A]
        One column per letter, A C G T for DNA. The length is that of the longest word plus the
        slides used.
    """
    k, unknown = tokenizer.k, tokenizer.alphabet.unknown
    bases, anchor = tokenizer.bases(kmers), tokenizer.bases(np.array([reference]))[0]
    slides = sorted(range(-(k // 2), k // 2 + 1), key=abs)
    scores = np.stack([_matches(bases, anchor, slide, unknown) for slide in slides])  # [slides, n]
    best = np.array(slides)[scores.argmax(axis=0)]  # [n]
    start = best - best.min()
    counts = np.zeros((k + int(start.max()), unknown + 1), np.int64)
    columns = start[:, None] + np.arange(k)  # [n, k]
    np.add.at(counts, (columns, bases), 1)
    used = counts[:, :unknown].any(axis=1)
    return counts[used, :unknown]


def _matches(bases: BaseCodes, anchor: BaseCodes, slide: int, unknown: int) -> Counts:
    """Return matches less mismatches where k-mers slid right by `slide` lie over the anchor.

    Very few where less than half of the shorter word does.
    """
    k = bases.shape[1]
    inside, over = bases[:, max(0, -slide) : k - max(0, slide)], anchor[max(0, slide) :]
    over = over[: inside.shape[1]]
    both = (inside != unknown) & (over != unknown)
    shorter = np.minimum((bases != unknown).sum(axis=1), (anchor != unknown).sum())
    result = 2 * (both & (inside == over)).sum(axis=1) - both.sum(axis=1)
    found: Counts = np.where(2 * both.sum(axis=1) >= shorter, result, -k - 1)
    return found


def logo(counts: Counts) -> Doubles:
    """Return letter heights in bits, float64[length, A] (Schneider & Stephens 1990).

    A column that few of the sequences reach is scaled down by the share that does.
    """
    depth = counts.sum(axis=1, keepdims=True)
    share = counts / np.maximum(depth, 1)
    entropy = -(share * np.log2(np.where(share > 0, share, 1))).sum(axis=1, keepdims=True)
    heights: Doubles = share * (np.log2(counts.shape[1]) - entropy) * depth / max(1, depth.max())
    return heights


def consensus(counts: Counts, alphabet: Alphabet = DNA) -> str:
    """Return the letters that hold at least half of their column, ends trimmed.

    Elsewhere ``n`` (protein: ``x``).

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
