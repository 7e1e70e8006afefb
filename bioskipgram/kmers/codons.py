"""What k-mers code for: residues, their classes, stops, codon usage and reading frames.

A frame is a number of bases skipped at the start of a k-mer, 0 to 2. The standard genetic code
(NCBI table 1), as Biopython has it.
"""

from functools import cache

import numpy as np

from bioskipgram.numerics.arrays import Counts, Doubles, Floats, KmerCodes, Tokens
from bioskipgram.numerics.statistics import false_discoveries

from .genetic_code import AMINO_ACIDS, STOP, amino_acid_of_codon
from .tokenizer import KmerTokenizer

CLASSES = ("aliphatic", "aromatic", "polar", "basic", "acidic", "stop")
"""By the side chains at pH 7 (Nelson & Cox, Lehninger Principles of Biochemistry, ch. 3)."""
_MEMBERS = ("AGILMPV", "FWY", "CNQST", "HKR", "DE", "*")
KINDS = ("hydrophobic", "polar", "charged")
"""Three kinds of residue for pairs; the first two of `CLASSES` are hydrophobic."""
PAIRS = (*(f"{first} - {second}" for first in KINDS for second in KINDS), "stop")
PREFERENCES = ("frame 0", "frame 1", "frame 2", "no preference")
_KIND_OF_CLASS = np.array([0, 0, 1, 2, 2, 3])
_FALSE_DISCOVERIES = 0.05


@cache
def class_of_amino_acid() -> Tokens:
    """Return the place in `CLASSES` of each of `AMINO_ACIDS`, int32[21]."""
    found = [next(i for i, own in enumerate(_MEMBERS) if letter in own) for letter in AMINO_ACIDS]
    return np.array(found, np.int32)


def codons(kmers: KmerCodes, tokenizer: KmerTokenizer, frame: int) -> Tokens:
    """Return the whole codons of k-mers as 3-mer codes, int32[n, codons]; -1 = no more."""
    bases = tokenizer.bases(kmers)[:, frame:]
    whole = bases.shape[1] // 3 * 3
    first, second, third = (bases[:, i:whole:3].astype(np.int32) for i in range(3))
    # Words are filled up at their end, so the third base is known only if all are.
    return np.where(third < 4, 16 * first + 4 * second + third, np.int32(-1))


def residues(kmers: KmerCodes, tokenizer: KmerTokenizer, frame: int) -> Tokens:
    """Return the residues of k-mers, positions in `AMINO_ACIDS`, int32[n, codons]; -1 = no more."""
    found = codons(kmers, tokenizer, frame)
    return np.where(found >= 0, amino_acid_of_codon()[found], np.int32(-1))


def first_residue(kmers: KmerCodes, tokenizer: KmerTokenizer, frame: int) -> Floats:
    """Return the first residue of each k-mer in a frame, float32[n]; NaN = too short."""
    return _known(residues(kmers, tokenizer, frame)[:, 0])


def first_class(kmers: KmerCodes, tokenizer: KmerTokenizer, frame: int) -> Floats:
    """Return the class of that residue, places in `CLASSES`, float32[n]; NaN = too short."""
    found = residues(kmers, tokenizer, frame)[:, 0]
    return _known(np.where(found >= 0, class_of_amino_acid()[found], -1))


def first_pair(kmers: KmerCodes, tokenizer: KmerTokenizer) -> Floats:
    """Return the classes of the first two residues, places in `PAIRS`, float32[n]; NaN = none."""
    found = residues(kmers, tokenizer, 0)[:, :2]
    kinds = _KIND_OF_CLASS[class_of_amino_acid()[found]]
    pairs = np.where((kinds < 3).all(axis=1), 3 * kinds[:, 0] + kinds[:, 1], len(PAIRS) - 1)
    return _known(np.where((found >= 0).all(axis=1), pairs, -1))


def stops(kmers: KmerCodes, tokenizer: KmerTokenizer) -> Floats:
    """Return where each k-mer has a stop codon, float32[n].

    0 = nowhere, 1 to 3 = in frame 0 to 2 only, 4 = in several frames.
    """
    frames = range(min(3, tokenizer.k - 2))
    has = np.stack([(residues(kmers, tokenizer, f) == STOP).any(axis=1) for f in frames])
    return np.where(has.sum(axis=0) > 1, 4, has.argmax(axis=0) + has.any(axis=0)).astype(np.float32)


def rscu(codon_counts: Counts) -> Doubles:
    """Return the relative synonymous codon usage of each codon, float64[64], of int64[64] counts.

    A codon's count over the mean count of its residue's codons (Sharp & Li 1987,
    10.1093/nar/15.3.1281); NaN for stop codons and residues that do not occur.
    """
    amino = amino_acid_of_codon()
    sums = np.bincount(amino, codon_counts, len(AMINO_ACIDS))
    means = (sums / np.bincount(amino, minlength=len(AMINO_ACIDS)))[amino]
    known = (means > 0) & (amino != STOP)
    return np.where(known, codon_counts / np.where(known, means, 1), np.nan)


def codon_usage(kmers: KmerCodes, tokenizer: KmerTokenizer, codon_counts: Counts) -> Floats:
    """Return the mean `rscu` of each k-mer's codons in frame 0, float32[n]; NaN without it."""
    found = codons(kmers, tokenizer, 0)
    usage = np.where(found >= 0, rscu(codon_counts)[found], 0.0)
    number = (found >= 0).sum(axis=1)
    mean = usage.sum(axis=1) / np.maximum(number, 1)
    return np.where(number > 0, mean, np.nan).astype(np.float32)


def frame_preference(counts: Counts) -> Floats:
    """Return the frame in which each k-mer starts most often, places in `PREFERENCES`, float32[V].

    "no preference" where the counts, int64[V, 3], do not differ significantly (chi-square, q at
    most 0.05, Benjamini & Hochberg 1995); NaN where a k-mer does not occur.
    """
    from scipy.stats import chisquare

    seen = counts.sum(axis=1) > 0
    result = np.full(len(counts), np.nan, np.float32)
    if seen.any():
        p = chisquare(counts[seen], axis=1).pvalue
        sure = false_discoveries(p) < _FALSE_DISCOVERIES
        result[seen] = np.where(sure, counts[seen].argmax(axis=1), 3)
    return result


def frame_strength(counts: Counts) -> Floats:
    """Return how strong the frame preference is, float32[V]: 0 = none, 2/3 = always one frame.

    Its share of the occurrences less 1/3, with one pseudocount per frame (Laplace's rule of
    succession); NaN where a k-mer does not occur.
    """
    total = counts.sum(axis=1)
    strength = (counts.max(axis=1) + 1) / (total + 3) - 1 / 3
    return np.where(total > 0, strength, np.nan).astype(np.float32)


def _known(places: Tokens) -> Floats:
    """Return places as float32, NaN for -1."""
    return np.where(places >= 0, places, np.nan).astype(np.float32)
