"""Is an embedding any good? Every number beside its null.

Two nulls: the same training on shuffled sequences (what composition and spelling alone give),
and random vectors. Where a no-learning baseline exists, it stands there too.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from bioskipgram.arrays import Flags, Offsets
from bioskipgram.kmers.genetic_code import translate
from bioskipgram.kmers.relations import KINDS, kinds
from bioskipgram.kmers.tokenizer import bases_of
from bioskipgram.statistics import auc

from .embedding import KmerEmbedding

QUERIES = 500
"""How many k-mers, drawn at random, have their neighbours looked at."""
NEIGHBORS = 10


@dataclass(frozen=True)
class Measure:
    """One number and what it must be compared with; None = not available.

    Attributes
    ----------
    name
        What is measured.
    value
        This model's.
    shuffled
        The same settings trained on shuffled sequences.
    random
        Random vectors.
    baseline
        The best answer without learning, where there is one.
    meaning
        One sentence.
    """

    name: str
    value: float | None
    shuffled: float | None = None
    random: float | None = None
    baseline: float | None = None
    meaning: str = ""


def random_like(embedding: KmerEmbedding, *, seed: int = 1) -> KmerEmbedding:
    """Return the same vocabulary with random directions: the null that knows nothing."""
    random = np.random.default_rng(seed)
    center = random.standard_normal(embedding.center.shape).astype(np.float32)
    return replace(embedding, center=center, remove_components=0)


def measure(embedding: KmerEmbedding, null: KmerEmbedding | None = None) -> list[Measure]:
    """Return every measure of an embedding beside its nulls.

    Parameters
    ----------
    embedding
        The model.
    null
        The same settings trained on `shuffled` sequences, if at hand.
    """
    chance = random_like(embedding)
    columns = [embedding, null, chance]
    found = _losses(embedding, null) + _relations(columns)
    tokenizer = embedding.vocabulary.tokenizer
    if not tokenizer.alphabet.complement:  # protein: neither strands nor codons
        return found
    found += [] if tokenizer.canonical else _twins(columns)
    return found + (_synonyms(columns) if tokenizer.k == tokenizer.stride == 3 else [])


def _losses(embedding: KmerEmbedding, null: KmerEmbedding | None) -> list[Measure]:
    info = embedding.info
    other = null.info if null else None
    zero = info.zero_loss
    return [
        Measure("loss", info.loss, other.loss if other else None, zero, info.optimum,
                "expected SGNS loss per pair in nats; random: all-zero vectors; "
                "baseline: the optimum no vectors can beat"),
        Measure("gap to the optimum", info.gap, other.gap if other else None,
                1.0 if zero else None, 0.0, "share of what could be learnt that was not"),
    ]  # fmt: skip


def _row(name: str, values: list[Any], meaning: str, baseline: float | None = None) -> Measure:
    """Return a measure from its value for the model, the shuffled null and random vectors."""
    value, null, chance = values
    return Measure(name, value, null, chance, baseline, meaning)


def _relations(columns: list[KmerEmbedding | None]) -> list[Measure]:
    shares = [column and neighbor_relations(column) for column in columns]
    kinds = sorted({kind for share in shares if share for kind in share})
    meaning = f"share of the {NEIGHBORS} nearest neighbours spelt so"
    return [
        _row(f"neighbours: {kind}", [s.get(kind, 0.0) if s else None for s in shares], meaning)
        for kind in kinds
    ]


def neighbor_relations(embedding: KmerEmbedding, *, seed: int = 1) -> dict[str, float]:
    """Return how the nearest neighbours are spelt relative to their k-mer, as shares of all.

    Shifts of every length and direction are taken together; empty if there is but one k-mer.
    See `embedding.relations`.
    """
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


def _twins(columns: list[KmerEmbedding | None]) -> list[Measure]:
    values = [column and twin_cosine(column) for column in columns]
    return [
        _row("reverse-complement cosine, excess", values,
             "mean cosine of a k-mer and its reverse complement, less that of random pairs")
    ]  # fmt: skip


def twin_cosine(embedding: KmerEmbedding, *, seed: int = 1) -> float:
    """Return mean cos(v, v of the reverse complement) less the mean over random pairs."""
    unit, twins = embedding.unit, embedding.twins
    own = np.flatnonzero((twins >= 0) & (twins != np.arange(len(twins))))
    if not len(own):
        return 0.0
    other = np.random.default_rng(seed).permutation(own)
    cosines = (unit[own] * unit[twins[own]]).sum(axis=1).mean()
    return float(cosines - (unit[own] * unit[other]).sum(axis=1).mean())


def _synonyms(columns: list[KmerEmbedding | None]) -> list[Measure]:
    values = [column and synonym_auc(column) for column in columns]
    whole, hamming = columns[0], None
    if whole is not None:
        pairs, synonymous = _codon_pairs(whole)
        bases = bases_of(whole.vocabulary.kmers, 3)
        hamming = auc(-(bases[pairs[0]] != bases[pairs[1]]).sum(axis=1).astype(float), synonymous)
    return [
        _row("synonymous codons, AUC", values,
             "chance that a synonymous pair of codons is closer than another pair; "
             "0.5 = no knowledge; baseline: fewest differing bases", hamming)
    ]  # fmt: skip


def synonym_auc(embedding: KmerEmbedding) -> float | None:
    """Return the chance that synonymous sense codons are closer than non-synonymous ones.

    None if the vocabulary has no synonymous pair, or no other.
    """
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
