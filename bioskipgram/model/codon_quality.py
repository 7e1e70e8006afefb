"""What codon vectors know of amino acids, beside rules that need no learning."""

import numpy as np

from bioskipgram.kmers.blosum import blosum62
from bioskipgram.kmers.genetic_code import translate
from bioskipgram.kmers.tokenizer import KmerTokenizer
from bioskipgram.numerics.arrays import Doubles, Flags, Offsets
from bioskipgram.numerics.statistics import auc, spearman

from .embedding import KmerEmbedding

AUC = "synonymous codons, AUC"
FIRST = "nearest codon synonymous, share"
BLOSUM = "amino acids alike (BLOSUM62), Spearman"
MEANINGS = {
    AUC: "chance that a synonymous pair of codons is closer than another pair; 0.5 = no knowledge",
    FIRST: "share of codons with a synonym whose nearest codon is one",
    BLOSUM: "rank correlation of cosine with BLOSUM62, pairs of codons of different amino acids",
}


def is_codons(tokenizer: KmerTokenizer) -> bool:
    """Return whether a model's k-mers are codons in their frame."""
    return bool(tokenizer.alphabet.complement) and tokenizer.k == tokenizer.stride == 3


def measures(embedding: KmerEmbedding) -> dict[str, float | None]:
    """Return the measures of codon vectors by name; None without pairs of both kinds."""
    pairs, _ = _codon_pairs(embedding)
    unit = embedding.unit
    return _measured(embedding, (unit[pairs[0]] * unit[pairs[1]]).sum(axis=1).astype(float))


def synonym_auc(embedding: KmerEmbedding) -> float | None:
    """Return the chance that synonymous codons are closer than others; None without both kinds."""
    return measures(embedding)[AUC]


def baselines(embedding: KmerEmbedding) -> dict[str, dict[str, float]]:
    """Return the values of rules without learning, by measure and rule."""
    found: dict[str, dict[str, float]] = {}
    for rule, scores in _rules(embedding).items():
        for name, value in _measured(embedding, scores).items():
            if value is not None:
                found.setdefault(name, {})[rule] = value
    return found


def _rules(embedding: KmerEmbedding) -> dict[str, Doubles]:
    """Return how near each pair of codons is by rules of spelling, float64[pairs]."""
    pairs, _ = _codon_pairs(embedding)
    bases = embedding.vocabulary.tokenizer.bases(embedding.vocabulary.kmers)
    one, two = bases[pairs[0]], bases[pairs[1]]
    differ = (one != two).astype(float)  # [pairs, 3]
    # A and G are codes 0 and 2, C and T are 1 and 3. A transition counts more than an equal base:
    # two different codons that agree in bases 1 and 2 differ in base 3.
    third = ((one[:, 2] ^ two[:, 2]) == 2) + 0.5 * (differ[:, 2] == 0)
    return {
        "fewest differing bases": -differ.sum(axis=1),
        "fewest differing bases 1 and 2, then a transition at base 3": (
            -10 * differ[:, :2].sum(axis=1) + third
        ),
        "base 2 equal, then base 1, then a transition at base 3": (
            -100 * differ[:, 1] - 10 * differ[:, 0] + third
        ),
    }


def _measured(embedding: KmerEmbedding, near: Doubles) -> dict[str, float | None]:
    """Return every measure of codons that are so near in pairs, float64[pairs]."""
    pairs, synonymous = _codon_pairs(embedding)
    return {
        AUC: auc(near, synonymous),
        FIRST: _first_synonymous(pairs, near, synonymous),
        BLOSUM: _blosum(embedding, pairs, near, synonymous),
    }


def _first_synonymous(pairs: Offsets, near: Doubles, synonymous: Flags) -> float | None:
    """Return the share of codons whose nearest one is a synonym; ties count in part."""
    both = np.concatenate([pairs, pairs[::-1]], axis=1)
    near, synonymous = np.tile(near, 2), np.tile(synonymous, 2)
    shares = []
    for codon in np.unique(both[0][synonymous]):
        own = both[0] == codon
        nearest = near[own] >= near[own].max() - 1e-9
        shares.append(float(synonymous[own][nearest].mean()))
    return float(np.mean(shares)) if shares else None


def _blosum(
    embedding: KmerEmbedding, pairs: Offsets, near: Doubles, synonymous: Flags
) -> float | None:
    amino = [translate(codon) for codon in embedding.vocabulary.texts]
    scores = [blosum62(amino[one], amino[two]) for one, two in pairs.T[~synonymous].tolist()]
    known = np.array([score is not None for score in scores], bool)
    values = np.array([score for score in scores if score is not None], float)
    return spearman(near[~synonymous][known], values)


def _codon_pairs(embedding: KmerEmbedding) -> tuple[Offsets, Flags]:
    """Return all pairs of sense codons, int64[2, pairs], and which are synonymous."""
    amino = np.array([translate(codon) for codon in embedding.vocabulary.texts])
    sense = np.flatnonzero(amino != "*")
    first, second = np.triu_indices(len(sense), 1)
    pairs = np.stack([sense[first], sense[second]])
    return pairs, amino[pairs[0]] == amino[pairs[1]]
