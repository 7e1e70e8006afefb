"""The shape of an embedding: hubs, what its first component and its norms follow, spelling."""

import numpy as np

from bioskipgram.kmers.composition import gc_content
from bioskipgram.numerics.arrays import BaseCodes, Counts, Tokens
from bioskipgram.numerics.statistics import spearman

from .embedding import KmerEmbedding

HUBS = "hubness, skewness"
GC = "first component explained by GC, R²"
COUNT = "vector length with log count, Spearman"
RARE = "k-mers seen fewer than 10 times, share"
SPELLING = "cosine with alignment score, Spearman"
MEANINGS = {
    HUBS: "skewness of how often a k-mer is among the ten nearest of others; 0 = no hubs "
    "(Radovanović et al. 2010)",
    GC: "share of the variance along the first principal component that GC content explains",
    COUNT: "rank correlation of the length of a vector with the k-mer's log count",
    RARE: "share of the vocabulary whose vectors rest on fewer than ten occurrences",
    SPELLING: "rank correlation of cosine with the letters two k-mers share in order (dna2vec's "
    "measure); equal k-mers and shifts by one base left out",
}
NEIGHBORS = 10
MOST = 16_384
"""K-mers beyond which hubs and components would take minutes for each null."""
PAIRS = 500
"""Pairs of k-mers of each alignment score."""


def measures(embedding: KmerEmbedding) -> dict[str, float | None]:
    """Return the measures that apply to a model, by name."""
    tokenizer, counts = embedding.vocabulary.tokenizer, embedding.vocabulary.counts
    found: dict[str, float | None] = {}
    if embedding.vocabulary.counted:
        found[RARE] = float((counts < 10).mean())
    if 50 < len(embedding) <= MOST:
        found[HUBS] = hubness(embedding)
        found[COUNT] = spearman(np.linalg.norm(embedding.center, axis=1), np.log(counts + 1.0))
        if tokenizer.alphabet.complement:
            found[GC] = gc_of_first_component(embedding)
    longest = embedding.vocabulary.kmers >= tokenizer.starts[-2]
    if tokenizer.k >= 4 and longest.sum() > 50:
        found[SPELLING] = spelling(embedding)
    return found


def hubness(embedding: KmerEmbedding) -> float:
    """Return the skewness of the counts of k-mers in the lists of ten nearest."""
    from scipy.stats import skew

    every = np.arange(len(embedding), dtype=np.int32)
    counts = np.zeros(len(embedding), np.int64)
    for block in np.array_split(every, max(1, len(every) // 512)):
        own = [np.array([token], np.int32) for token in block]
        found, _ = embedding.nearest(embedding.unit[block], NEIGHBORS, without=own)
        counts += np.bincount(np.concatenate(list(found)), minlength=len(counts))
    return float(skew(counts)) if counts.std() else 0.0


def gc_of_first_component(embedding: KmerEmbedding) -> float:
    """Return R² of the first principal component of the unit vectors on GC content."""
    centered = embedding.unit - embedding.unit.mean(axis=0)
    component = centered @ np.linalg.eigh(centered.T @ centered)[1][:, -1]
    gc = gc_content(embedding.vocabulary.kmers, embedding.vocabulary.tokenizer)
    if not (component.std() and gc.std()):
        return 0.0
    return float(np.corrcoef(component, gc)[0, 1] ** 2)


def spelling(embedding: KmerEmbedding, *, seed: int = 1) -> float | None:
    """Return the rank correlation of cosine with alignment score over pairs of all scores."""
    first, second, scores = _pairs(embedding, np.random.default_rng(seed))
    cosines = (embedding.unit[first] * embedding.unit[second]).sum(axis=1)
    return spearman(cosines, scores.astype(np.float64))


def _pairs(embedding: KmerEmbedding, random: np.random.Generator) -> tuple[Tokens, Tokens, Counts]:
    """Return up to `PAIRS` pairs of the longest words of each alignment score, and the scores.

    Random pairs seldom share many letters: as many pairs are a k-mer and itself with some bases
    replaced.
    """
    vocabulary, tokenizer = embedding.vocabulary, embedding.vocabulary.tokenizer
    start = int(tokenizer.starts[-2])  # the code of the first of the longest words
    shorter = int(vocabulary.kmers.searchsorted(start))
    bases = tokenizer.bases(vocabulary.kmers[shorter:])
    n, k, letters = 40 * PAIRS, bases.shape[1], len(tokenizer.alphabet.letters)
    one, two = random.integers(0, len(bases), (2, n))
    changed = bases[one[: n // 2]].copy()
    rates = random.random((len(changed), 1)) * 0.6
    replaced = random.random(changed.shape) < rates
    changed[replaced] = random.integers(0, letters, int(replaced.sum()))
    codes = changed.astype(np.int64) @ (letters ** np.arange(k - 1, -1, -1))
    two[: n // 2] = vocabulary.tokens(start + codes) - shorter
    shifted = (bases[one][:, 1:] == bases[two][:, :-1]).all(axis=1)
    shifted |= (bases[one][:, :-1] == bases[two][:, 1:]).all(axis=1)
    kept = (two >= 0) & (one != two) & ~shifted
    one, two = one[kept], two[kept]
    scores = alignment_scores(bases[one], bases[two])
    chosen = np.concatenate([np.flatnonzero(scores == score)[:PAIRS] for score in range(k + 1)])
    one, two = (shorter + each[chosen].astype(np.int32) for each in (one, two))
    return one, two, scores[chosen]


def alignment_scores(one: BaseCodes, two: BaseCodes) -> Counts:
    """Return the letters that two sequences share in order, int64[R], of codes [R, k].

    The score of a global alignment with 1 for a match, 0 for mismatches and gaps, as dna2vec
    computes it with Biopython's `globalxx`.

    Examples
    --------
    >>> alignment_scores(np.array([[2, 0, 2]]), np.array([[1, 2, 0]])).tolist()
    [2]
    """
    above = np.zeros((one.shape[1] + 1, len(one)), np.int64)
    for column in range(two.shape[1]):
        row = np.zeros_like(above)
        for place in range(one.shape[1]):
            joined = above[place] + (one[:, place] == two[:, column])
            row[place + 1] = np.maximum(joined, np.maximum(above[place + 1], row[place]))
        above = row
    found: Counts = above[-1]
    return found
