"""What the measures of a model show, in words, by a stated rule."""

from dataclasses import dataclass
from itertools import product
from statistics import median

from .codon_quality import AUC, BLOSUM
from .quality import FRAME, Judged

KNOWLEDGE = {
    FRAME: "the reading frame",
    AUC: "which codons are synonymous",
    BLOSUM: "which amino acids are alike",
}
"""The measures that could show knowledge of biology, higher = better, and of what."""
RULE = (
    "A model knows something beyond its nulls if every value of a measure, other seeds included, "
    "is higher than every value on shuffled sequences and of random vectors, and than the best "
    "rule that needs no learning. If only a rule does as well, the order of the sequences adds "
    "something that spelling alone would tell. Else it is spelling only."
)


@dataclass(frozen=True)
class Finding:
    """One measure of a model against the null that comes nearest to it, and the best rule.

    `excess` is the model's values less those of the null: median, lowest and highest over all
    pairs. `rule` is the rule without learning with the highest value, "" where there is none.
    """

    name: str
    judged: Judged
    null: str
    excess: tuple[float, float, float]
    rule: str = ""

    @property
    def beyond_nulls(self) -> bool:
        """Whether every value of the model is higher than every value of all nulls."""
        return self.excess[1] > 0

    @property
    def beyond(self) -> bool:
        """Whether it is beyond the rules without learning, too."""
        values = (self.judged.value, *self.judged.seeds)
        return self.beyond_nulls and min(values) > self.judged.baselines.get(self.rule, -1.0)


def findings(measures: dict[str, Judged]) -> list[Finding]:
    """Return the measures that could show knowledge and have a null beside them."""
    return [_finding(n, measures[n]) for n in KNOWLEDGE if n in measures and measures[n].nulls]


def _finding(name: str, one: Judged) -> Finding:
    null = max(one.nulls, key=lambda kind: max(one.nulls[kind]))
    rule = max(one.baselines, key=lambda each: one.baselines[each], default="")
    return Finding(name, one, null, excess(one, null), rule)


def excess(one: Judged, null: str) -> tuple[float, float, float]:
    """Return a model's values less those of a null: median, lowest and highest over all pairs."""
    apart = [own - other for own, other in product((one.value, *one.seeds), one.nulls[null])]
    return median(apart), min(apart), max(apart)


def minus_shuffled(measures: dict[str, Judged]) -> dict[str, tuple[float, float, float]]:
    """Return the `excess` of every measure over its strictest shuffle, where there is one."""
    found = {}
    for name, one in measures.items():
        if kinds := [kind for kind in one.nulls if "shuffled" in kind]:
            found[name] = excess(one, kinds[-1])
    return found


def beyond_zero(excess: tuple[float, float, float]) -> bool:
    """Whether every value of the model is on the same side of every value of the null, to .001."""
    return excess[1] >= 0.0005 or excess[2] <= -0.0005


def verdict(measures: dict[str, Judged]) -> tuple[str, str]:
    """Return what the measures show in a short sentence, and the evidence."""
    found = findings(measures)
    shuffled = any("shuffled" in kind for one in measures.values() for kind in one.nulls)
    if not shuffled:
        return "Not known", (
            "Nothing of this model was measured on shuffled sequences yet. Ask for a null below: "
            "the same training, on its sequences in a random order."
        )
    shown = [one for one in found if one.beyond]
    said = "Knows {}, beyond its nulls"
    if not shown:
        shown = [one for one in found if one.beyond_nulls]
        said = (
            "The order of the sequences tells {} better than shuffled ones, "
            "but a rule of spelling does as well"
        )
    if shown:
        known = " and ".join(KNOWLEDGE[one.name] for one in shown)
        return said.format(known), " ".join(map(_evidence, shown))
    evidence = " ".join(map(_evidence, found))
    return (
        "Spelling only: nothing measured here is beyond its nulls",
        evidence or "No measure of biology applies to k-mers of this kind.",
    )


def _evidence(one: Finding) -> str:
    words = f"{one.name[0].upper()}{one.name[1:]}: {one.judged.value:.3f} (model)"
    words += f", {max(one.judged.nulls[one.null]):.3f} at most ({one.null})"
    if one.rule:
        words += f", {one.judged.baselines[one.rule]:.3f} (rule: {one.rule})"
    return words + "."
