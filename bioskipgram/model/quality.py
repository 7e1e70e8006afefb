"""Is an embedding any good? What is measured, and the rules that need no learning.

`Judged` holds a measure beside those of retrained seeds, of nulls (the same training on shuffled
sequences, random vectors) and of rules without learning.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from statistics import median

import numpy as np

from bioskipgram.kmers.relations import KINDS, kinds
from bioskipgram.kmers.vocabulary import Vocabulary
from bioskipgram.numerics.arrays import Doubles
from bioskipgram.sequences.sequences import Sequences

from . import codon_quality, geometry
from .codon_quality import is_codons
from .embedding import KmerEmbedding
from .unspelt import agreement, frame_shares, unspelt_neighbors

QUERIES = 500
"""The number of random k-mers whose neighbours are examined."""
NEIGHBORS = 10
SHORTEST_UNSPELT = 4
"""Shorter k-mers are nearly all spelt alike."""
MAX_UNSPELT = 16_384
"""Vocabularies beyond this would take minutes to compare pair by pair."""
LONGEST_FRAMED = 8
"""The shares of longer k-mers would take too long to count."""
RANDOM = "random vectors"
GAP = "gap to the optimum"
FRAME = "reading frame of neighbours not spelt alike, r"
STRANDS = "reverse-complement cosine, excess"
MEANINGS = {
    GAP: "share of the learnable loss that was not learnt: 0 = perfect, 1 = nothing learnt",
    FRAME: "correlation of a k-mer's share in reading frame 0 with that of its ten nearest "
    "neighbours that are not spelt alike",
    STRANDS: "mean cosine of a k-mer and its reverse complement, less that of random pairs",
    **codon_quality.MEANINGS,
    **geometry.MEANINGS,
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


def baselines(embedding: KmerEmbedding) -> dict[str, dict[str, float]]:
    """Return the values of rules without learning, by measure and rule."""
    codons = is_codons(embedding.vocabulary.tokenizer)
    return codon_quality.baselines(embedding) if codons else {}


def frames_of(embedding: KmerEmbedding, sequences: Sequences) -> Doubles | None:
    """Return the share of every k-mer code in frame 0, float64[4^k]; None without frames."""
    config, tokenizer = embedding.info.config, embedding.vocabulary.tokenizer
    if config.both_strands or tokenizer.k_min or not tokenizer.alphabet.complement:
        return None
    if tokenizer.k > LONGEST_FRAMED:
        return None
    codes = replace(tokenizer, stride=1).all_codes()
    return frame_shares(sequences, Vocabulary(tokenizer, codes, np.ones(len(codes), np.int64)))


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
        found |= codon_quality.measures(embedding)
    shares = neighbor_relations(embedding)
    found |= {f"neighbours: {kind}": share for kind, share in shares.items()}
    if tokenizer.alphabet.complement and not tokenizer.canonical:
        found[STRANDS] = twin_cosine(embedding)
    found |= geometry.measures(embedding)
    return {name: float(value) for name, value in found.items() if value is not None}


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
