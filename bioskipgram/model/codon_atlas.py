"""What codon vectors of several species follow: Mantel tests against properties of codons."""

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np

from bioskipgram.kmers.codons import rscu
from bioskipgram.kmers.genetic_code import translate
from bioskipgram.numerics.arrays import Doubles, Floats, Offsets
from bioskipgram.numerics.statistics import spearman

from .embedding import KmerEmbedding

PERMUTATIONS = 999
HYDROPATHY = dict(
    zip(
        "ARNDCQEGHILKMFPSTWYV",
        (1.8, -4.5, -3.5, -3.5, 2.5, -3.5, -3.5, -0.4, -3.2, 4.5, 3.8, -3.9, 1.9, 2.8, -1.6, -0.8,
         -0.7, -0.9, -1.3, 4.2),
        strict=True,
    )
)  # fmt: skip
"""Kyte & Doolittle 1982, 10.1016/0022-2836(82)90515-0."""


@dataclass(frozen=True)
class Mantel:
    """Rank correlation of distances between vectors with differences of a property.

    `p` is the share of permutations of the codons, the given order included, that correlate as
    much; `by_spelling` is the correlation of the number of differing bases with the same property.
    """

    r: float
    p: float
    by_spelling: float


def properties(embedding: KmerEmbedding) -> dict[str, Doubles]:
    """Return properties of the sense codons of a codon model, float64[S] each, NaN = not known.

    GC at base 3; the codon's usage among its synonyms in the model's sequences (RSCU, Sharp & Li
    1987); hydropathy of the amino acid (Kyte & Doolittle 1982); the correlation of a codon's
    frequency with the stability of human mRNA (`stability`).
    """
    kmers, texts = sense(embedding)
    counts = np.zeros(64, np.int64)
    counts[embedding.vocabulary.kmers] = embedding.vocabulary.counts
    stable = stability()
    return {
        "GC at base 3": np.array([text[2] in "GC" for text in texts], float),
        "codon usage (RSCU)": rscu(counts)[embedding.vocabulary.kmers[kmers]],
        "hydropathy of the amino acid": np.array([HYDROPATHY[translate(text)] for text in texts]),
        "stability of human mRNA": np.array([stable.get(text, np.nan) for text in texts]),
    }


def sense(embedding: KmerEmbedding) -> tuple[Offsets, list[str]]:
    """Return the tokens of the sense codons, int64[S], and their texts in DNA letters."""
    texts = [text.replace("U", "T") for text in embedding.vocabulary.texts]
    tokens = np.array([i for i, text in enumerate(texts) if translate(text) != "*"])
    return tokens, [texts[token] for token in tokens]


@cache
def stability() -> dict[str, float]:
    """Return the codon stability coefficients that ship, by codon; see data/README.md."""
    text = (files("bioskipgram") / "data" / "codon_stability.tsv").read_text("utf-8")
    rows = csv.DictReader(text.splitlines(), delimiter="\t")
    return {row["codon"]: float(row["coefficient"]) for row in rows}


def aligned(models: dict[str, KmerEmbedding]) -> dict[str, tuple[list[str], Floats]]:
    """Return the sense codons of models and their places, float32[S, 2].

    The places are the first two principal components of the first model's unit vectors; each other
    model is turned (orthogonal Procrustes over common codons) to lie over it. Each is scaled to
    variance 1.
    """
    (first, *_) = models.values()
    tokens, texts = sense(first)
    center = first.unit[tokens].mean(axis=0)
    axes = np.linalg.svd(first.unit[tokens] - center, full_matrices=False)[2][:2].T
    found = {}
    for name, model in models.items():
        own, codons = sense(model)
        common = [codon for codon in codons if codon in texts]
        mine = model.unit[own[[codons.index(codon) for codon in common]]]
        theirs = first.unit[tokens[[texts.index(codon) for codon in common]]]
        left, _, right = np.linalg.svd(mine.T @ theirs, full_matrices=False)
        places = (model.unit[own] @ (left @ right) - center) @ axes
        found[name] = (codons, (places / (places.std() or 1)).astype(np.float32))
    return found


def mantel(embedding: KmerEmbedding, values: Doubles, *, seed: int = 1) -> Mantel:
    """Test whether codons with like values of a property, float64[S], are near (Mantel 1967)."""
    tokens, texts = sense(embedding)
    known = np.isfinite(values)
    unit, values = embedding.unit[tokens[known]], values[known]
    letters = np.array([list(text) for text in texts])[known]
    apart = np.abs(values[:, None] - values[None])
    spelt = (letters[:, None] != letters[None]).sum(axis=2).astype(float)
    upper = np.triu_indices(len(values), 1)
    near = 1 - unit @ unit.T
    r, others = _permuted(near, apart, upper, np.random.default_rng(seed))
    p = (1 + int((np.abs(others) >= abs(r) - 1e-12).sum())) / (1 + PERMUTATIONS)
    return Mantel(r, p, spearman(spelt[upper], apart[upper]) or 0.0)


def _permuted(
    near: Floats, apart: Doubles, upper: tuple[Any, Any], random: np.random.Generator
) -> tuple[float, Doubles]:
    """Return the rank correlation of two matrices, and those with codons permuted."""
    from scipy.stats import rankdata

    ranks = np.zeros(near.shape)
    ranks[upper] = rankdata(near[upper])
    ranks += ranks.T
    of_values = rankdata(apart[upper])
    of_values = (of_values - of_values.mean()) / (of_values.std() * len(of_values) or 1)
    spread = ranks[upper].std() or 1.0

    def correlated(order: Offsets) -> float:
        return float(ranks[np.ix_(order, order)][upper] @ of_values / spread)

    own = correlated(np.arange(len(near)))
    others = [correlated(random.permutation(len(near))) for _ in range(PERMUTATIONS)]
    return own, np.array(others)
