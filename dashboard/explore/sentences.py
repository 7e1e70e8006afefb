"""Sentences made from numbers: the introduction of the page and of a group's card."""

from bioskipgram.groups.clusters import NOISE
from bioskipgram.groups.contrast import Contrast
from bioskipgram.groups.enrichment import WordEnrichment
from bioskipgram.groups.names import ClusterName
from bioskipgram.kmers.relations import SPELT
from bioskipgram.kmers.tokenizer import KmerTokenizer
from bioskipgram.model.codon_quality import AUC, is_codons
from bioskipgram.model.quality import FRAME, Judged, spread
from dashboard.shared import cache
from dashboard.shared.cache import ModelFile
from dashboard.shared.quality import cache as quality

METHODS = {"kmeans": "k-means", "hdbscan": "HDBSCAN", "leiden": "Leiden"}
KNOWS = {
    FRAME: ("the reading frame of neighbours that are not spelt alike", "correlation"),
    AUC: ("which codons are synonymous", "AUC"),
}
"""The most informative measures, the best first: what is known, and the unit."""
CONTEXTS = {
    "all": "the {word}s around it",
    "non-overlapping": "the {word}s around it that share no letter with it",
    "frame": "the {word}s whole codons away",
    "frame-apart": "the {word}s whole codons away that share no base with it",
}
"""What each `TrainConfig.contexts` takes for the context of a k-mer."""


def word_of(tokenizer: KmerTokenizer) -> str:
    """Return the name of one k-mer: "codon", "6-mer"."""
    return "codon" if is_codons(tokenizer) else tokenizer.word


def of_map(model: ModelFile) -> str:
    """Return what a dot is, what near means and how much of nearness is spelling, as Markdown."""
    embedding = cache.embedding(model)
    info, word = embedding.info, word_of(embedding.vocabulary.tokenizer)
    contexts = CONTEXTS[info.config.contexts].format(word=word)
    return (
        f"Each dot is one of the {len(embedding):,} {word}s. Two are near when they occur in "
        f"similar contexts: a {word}'s context is {contexts}, in {info.records:,} sequences. "
        + spelling(word, quality.spelling(model), quality.spelling_by_chance(model))
        + beyond(report.measures if (report := quality.report(model)) else {})
    )


def spelling(word: str, shares: dict[str, float], chance: dict[str, float]) -> str:
    """Return how much of nearness is spelling, as Markdown; "" where it is not known."""
    if not shares:
        return ""
    found, random = (sum(each.get(kind, 0.0) for kind in SPELT) for each in (shares, chance))
    return (
        f"**{found:.0%}** of a {word}'s ten nearest neighbours are spelt like it, shifted or with "
        f"one letter changed; of random ones {random:.0%} would be."
    )


def beyond(measures: dict[str, Judged]) -> str:
    """Return what a model knows that its nulls do not, as Markdown; "" where it was not measured.

    A null is the same training on shuffled sequences, or a rule without learning.
    """
    name = next((name for name in KNOWS if name in measures), None)
    if name is None:
        return ""
    one, (what, unit) = measures[name], KNOWS[name]
    nulls = {kind: values for kind, values in one.nulls.items() if "shuffled" in kind}
    nulls |= {f"the rule “{rule}”": (value,) for rule, value in one.baselines.items()}
    if not nulls:
        return ""
    kind, values = max(nulls.items(), key=lambda null: max(null[1]))
    against = f"{unit} **{one.value:.3f}**; best null, {kind}: {spread(values)}"
    if one.value > max(values):
        return f" Beyond its nulls it knows {what} ({against})."
    return f" It knows {what} no better than its nulls do ({against})."


def of_group(word: str, size: int, whole: int, name: ClusterName | None) -> str:
    """Return how many k-mers a group has and what sets a cluster's apart, as Markdown."""
    said = f"{size:,} of the {whole:,} {word}s ({size / whole:.1%})"
    if name is None:
        return f"{said}."
    if name.odds is None or name.q is None:
        return f"{said}; no pattern and no property sets them apart from the others."
    fits = f"match `{name.name}`" if name.pattern else f"fit “{name.name}”"
    return (
        f"{said}. **{name.share:.0%}** of them {fits}: odds ratio {rounded(name.odds)} against all "
        f"others, q {_small(name.q)}."
    )


def rounded(odds: float) -> str:
    """Return an odds ratio as text: what is above 1,000 says no more than that."""
    return "above 1,000" if odds > 1000 else f"{odds:.3g}"


def _small(q: float) -> str:
    return "< 1e-99" if q < 1e-99 else f"= {q:.1e}"


def of_pair(found: Contrast, words: WordEnrichment) -> str:
    """Return what tells two sets, A and B, apart most: a property and a word, as Markdown."""
    said = []
    if len(found) and found.q[0] < 0.05:
        form = "{:.0%}" if found.shares[0] else "{:.3g}"
        a, b = (form.format(values[0]) for values in (found.inside, found.outside))
        said.append(
            f"**{found.names[0]}**: {a} in A, {b} in B (Cliff's delta {found.effects[0]:+.2f}, "
            f"q {_small(found.q[0])})."
        )
    if len(words) and words.q[0] < 0.05:
        a, b = words.inside[0] / words.inside_size, words.outside[0] / words.outside_size
        place = words.positions[0]
        at = "" if place < 0 else f" at position {place + 1}"
        said.append(
            f"**{words.words[0]}**{at}: in {a:.0%} of A, {b:.0%} of B (odds ratio "
            f"{rounded(words.odds[0])}, q {_small(words.q[0])})."
        )
    return " ".join(said) or "No property and no word tells them apart (all q > 0.05)."


def of_clusters(model: ModelFile) -> str:
    """Return how the clusters were found and named, as Markdown."""
    embedding, found = cache.embedding(model), cache.found_clusters(model)
    noise = int((found.labels == NOISE).sum())
    letter = embedding.vocabulary.tokenizer.alphabet.unit
    return (
        f"{len(found)} clusters by {METHODS[found.config.method]} in the full "
        f"{embedding.center.shape[1]}-dimensional space"
        + (f", {noise:,} k-mers are noise" if noise else "")
        + f"; named by the pattern that tells members best from others (. = any {letter}, S = C or "
        "G, W = A or T), or by a property."
    )
