"""What the measures of a model show, in words, by a stated rule.

A measure shows knowledge if every value of the model (itself and its other seeds) is better than
every value of every null and than every rule that needs no learning.
"""

from dataclasses import dataclass
from itertools import product
from statistics import median

from .quality import AUC, FRAME, Judged

KNOWLEDGE = {FRAME: "the reading frame", AUC: "which codons are synonymous"}
"""The measures that could show knowledge of biology, higher = better, and of what."""
RULE = (
    "A measure shows knowledge if every value of the model, other seeds included, is better than "
    "every value of every null and than the best rule without learning."
)


@dataclass(frozen=True)
class Finding:
    """One measure of a model against what comes nearest to it.

    `rival` is the null or rule with the highest value and `best` that value; `excess` is the
    model's values less those of the rival, median, lowest and highest over all pairs.
    """

    name: str
    judged: Judged
    rival: str
    best: float
    excess: tuple[float, float, float]

    @property
    def beyond(self) -> bool:
        """Whether every value of the model is better than every value of all rivals."""
        return self.excess[1] > 0


def findings(measures: dict[str, Judged]) -> list[Finding]:
    """Return the measures that could show knowledge and have a null or a rule beside them."""
    compared = [(name, measures[name]) for name in KNOWLEDGE if name in measures]
    return [_finding(name, one) for name, one in compared if one.nulls or one.baselines]


def _finding(name: str, one: Judged) -> Finding:
    rivals = {**one.nulls, **{rule: (value,) for rule, value in one.baselines.items()}}
    rival = max(rivals, key=lambda kind: max(rivals[kind]))
    apart = [own - other for own, other in product((one.value, *one.seeds), rivals[rival])]
    return Finding(name, one, rival, max(rivals[rival]), (median(apart), min(apart), max(apart)))


def verdict(measures: dict[str, Judged]) -> tuple[str, str]:
    """Return what the measures show, in one sentence, and the evidence in another."""
    found = findings(measures)
    if not found:
        return (
            "Not known",
            "No measure of this model has a null beside it yet. Ask for one below: the same "
            "training on shuffled sequences.",
        )
    shown = [one for one in found if one.beyond]
    if not shown:
        return "Not shown to know more than spelling and composition", _evidence(found[0])
    known = " and ".join(KNOWLEDGE[one.name] for one in shown)
    return f"Knows {known}, beyond its nulls", _evidence(shown[0])


def _evidence(one: Finding) -> str:
    word = "at most" if one.beyond else "up to"
    return (
        f"{one.name[0].upper()}{one.name[1:]}: {one.judged.value:.3f}; {one.rival}: {word} "
        f"{one.best:.3f}."
    )
