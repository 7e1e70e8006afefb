"""Sentences made from numbers: the introduction of the page and of a group's card."""

from bioskipgram.groups.names import ClusterName
from bioskipgram.kmers.tokenizer import KmerTokenizer
from bioskipgram.model.codon_quality import AUC, is_codons
from bioskipgram.model.quality import FRAME, Judged, spread
from dashboard.shared import cache
from dashboard.shared.cache import ModelFile
from dashboard.shared.quality import cache as quality

SPELT = ("shift", "substitution", "extension")
"""Relations that follow from overlapping windows and single letters alone."""
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
    odds = "above 1,000" if name.odds > 1000 else f"{name.odds:.3g}"
    return (
        f"{said}. **{name.share:.0%}** of them {fits}: odds ratio {odds} against all others, "
        f"q {'< 1e-99' if name.q < 1e-99 else f'= {name.q:.1e}'}."
    )
