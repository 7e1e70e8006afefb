"""Is an embedding any good? What is measured, and the rules that need no learning.

`Judged` holds a measure beside those of retrained seeds, of nulls (the same training on shuffled
sequences, random vectors) and of rules without learning.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from statistics import median

import numpy as np

from bioskipgram.kmers.genetic_code import translate
from bioskipgram.kmers.relations import KINDS, kinds
from bioskipgram.kmers.tokenizer import KmerTokenizer
from bioskipgram.numerics.arrays import Doubles, Flags, Offsets
from bioskipgram.numerics.statistics import auc

from .embedding import KmerEmbedding
from .unspelt import agreement, unspelt_neighbors

QUERIES = 500
"""The number of random k-mers whose neighbours are examined."""
NEIGHBORS = 10
SHORTEST_UNSPELT = 4
"""Shorter k-mers are nearly all spelt alike."""
MAX_UNSPELT = 16_384
"""Vocabularies beyond this would take minutes to compare pair by pair."""
RANDOM = "random vectors"
GAP = "gap to the optimum"
AUC = "synonymous codons, AUC"
FRAME = "reading frame of unspelt neighbours, r"
STRANDS = "reverse-complement cosine, excess"
MEANINGS = {
    GAP: "share of the learnable loss that was not learnt: 0 = perfect, 1 = nothing learnt",
    FRAME: "correlation of a k-mer's share in reading frame 0 with that of its ten nearest "
    "neighbours that are not spelt alike",
    AUC: "chance that a synonymous pair of codons is closer than another pair; 0.5 = no knowledge",
    STRANDS: "mean cosine of a k-mer and its reverse complement, less that of random pairs",
}


@dataclass(frozen=True)
class Judged:
    """One measure of a model, beside other seeds, nulls by kind and rules without learning."""

    value: float
    seeds: tuple[float, ...] = ()
    nulls: dict[str, tuple[float, ...]] = field(default_factory=dict)
    baselines: dict[str, float] = field(default_factory=dict)


def spread(values: Iterable[float]) -> str:
    """Return the median and the range of some values as text."""
    found = sorted(values)
    if len(found) == 1:
        return f"{found[0]:.3f}"
    return f"{median(found):.3f} ({found[0]:.3f} to {found[-1]:.3f})"


def meaning(name: str) -> str:
    """Return one sentence on the meaning of a measure."""
    kind = name.removeprefix("neighbours: ")
    return MEANINGS.get(name) or f"share of the {NEIGHBORS} nearest neighbours related so: {kind}"


def random_like(embedding: KmerEmbedding, *, seed: int = 1) -> KmerEmbedding:
    """Return the same vocabulary with random vectors: a null."""
    random = np.random.default_rng(seed)
    center = random.standard_normal(embedding.center.shape).astype(np.float32)
    return replace(embedding, center=center, remove_components=0)


def measures(
    embedding: KmerEmbedding, frames: Doubles | None = None, *, learnt: bool = True
) -> dict[str, float]:
    """Return every measure that applies to a model, by name.

    `frames`, float64[4^k], is the share of each k-mer's occurrences in frame 0 of the real
    sequences; `learnt` tells whether the vectors are those that `embedding.info` describes.
    """
    tokenizer = embedding.vocabulary.tokenizer
    found: dict[str, float | None] = {GAP: embedding.info.gap if learnt else None}
    if frames is not None and _has_unspelt(embedding):
        own = frames[embedding.vocabulary.kmers]
        found[FRAME] = agreement(own, unspelt_neighbors(embedding))
    if is_codons(tokenizer):
        found[AUC] = synonym_auc(embedding)
    shares = neighbor_relations(embedding)
    found |= {f"neighbours: {kind}": share for kind, share in shares.items()}
    if tokenizer.alphabet.complement and not tokenizer.canonical:
        found[STRANDS] = twin_cosine(embedding)
    return {name: float(value) for name, value in found.items() if value is not None}


def baselines(embedding: KmerEmbedding) -> dict[str, dict[str, float]]:
    """Return the values of rules without learning, by measure and rule."""
    if not is_codons(embedding.vocabulary.tokenizer):
        return {}
    pairs, synonymous = _codon_pairs(embedding)
    bases = embedding.vocabulary.tokenizer.bases(embedding.vocabulary.kmers)
    one, two = bases[pairs[0]], bases[pairs[1]]
    differ = (one != two).astype(float)  # [pairs, 3]
    # A and G are codes 0 and 2, C and T are 1 and 3. A transition counts more than an equal base:
    # two different codons that agree in bases 1 and 2 differ in base 3.
    third = ((one[:, 2] ^ two[:, 2]) == 2) + 0.5 * (differ[:, 2] == 0)
    scores = {
        "fewest differing bases": -differ.sum(axis=1),
        "fewest differing bases 1 and 2, then a transition at base 3": (
            -10 * differ[:, :2].sum(axis=1) + third
        ),
        "base 2 equal, then base 1, then a transition at base 3": (
            -100 * differ[:, 1] - 10 * differ[:, 0] + third
        ),
    }
    found = {name: auc(score, synonymous) for name, score in scores.items()}
    return {AUC: {name: score for name, score in found.items() if score is not None}}


def is_codons(tokenizer: KmerTokenizer) -> bool:
    """Return whether a model's k-mers are codons in their frame."""
    return bool(tokenizer.alphabet.complement) and tokenizer.k == tokenizer.stride == 3


def _has_unspelt(embedding: KmerEmbedding) -> bool:
    tokenizer = embedding.vocabulary.tokenizer
    long_enough = tokenizer.k >= SHORTEST_UNSPELT and not tokenizer.k_min
    return long_enough and len(embedding) <= MAX_UNSPELT and not tokenizer.canonical


def neighbor_relations(embedding: KmerEmbedding, *, seed: int = 1) -> dict[str, float]:
    """Return how nearest neighbours are spelt relative to their k-mer, as shares of all."""
    if len(embedding) < 2:
        return {}
    chosen = np.random.default_rng(seed).permutation(len(embedding))[:QUERIES]
    own = [np.array([token], np.int32) for token in chosen]
    found, _ = embedding.nearest(embedding.unit[chosen], NEIGHBORS, without=own)
    each = [
        kinds(embedding.vocabulary, int(token), row)
        for token, row in zip(chosen, found, strict=True)
    ]
    counts = np.bincount(np.concatenate(each), minlength=len(KINDS))
    return {KINDS[kind]: float(counts[kind] / counts.sum()) for kind in np.flatnonzero(counts)}


def twin_cosine(embedding: KmerEmbedding, *, seed: int = 1) -> float:
    """Return mean cos(v, v of the reverse complement) less the mean over random pairs."""
    unit, twins = embedding.unit, embedding.twins
    own = np.flatnonzero((twins >= 0) & (twins != np.arange(len(twins))))
    if not len(own):
        return 0.0
    other = np.random.default_rng(seed).permutation(own)
    cosines = (unit[own] * unit[twins[own]]).sum(axis=1).mean()
    return float(cosines - (unit[own] * unit[other]).sum(axis=1).mean())


def synonym_auc(embedding: KmerEmbedding) -> float | None:
    """Return the chance that synonymous codons are closer than others; None without both kinds."""
    pairs, synonymous = _codon_pairs(embedding)
    unit = embedding.unit
    return auc((unit[pairs[0]] * unit[pairs[1]]).sum(axis=1).astype(float), synonymous)


def _codon_pairs(embedding: KmerEmbedding) -> tuple[Offsets, Flags]:
    """Return all pairs of sense codons, int64[2, pairs], and which are synonymous."""
    amino = np.array([translate(codon) for codon in embedding.vocabulary.texts])
    sense = np.flatnonzero(amino != "*")
    first, second = np.triu_indices(len(sense), 1)
    pairs = np.stack([sense[first], sense[second]])
    return pairs, amino[pairs[0]] == amino[pairs[1]]
