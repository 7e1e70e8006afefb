"""Many assessed variants: the worst first, their numbers together, and scores in words."""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .assess import Assessment

SEVERITY = (
    "start lost", "stop gained", "frameshift", "stop lost", "in-frame deletion",
    "in-frame insertion", "in-frame change", "missense", "not known", "stop retained", "synonymous",
    "UTR",
)  # fmt: skip
"""The consequences, the worst first."""
LOW = 5.0
"""Percentile of the log-odds up to which a substitution is counted as unusual."""


def ranked(found: Iterable[Assessment]) -> list[Assessment]:
    """Return variants, worst first: by consequence, BLOSUM62, then percentile of the log-odds."""

    def badness(one: Assessment) -> tuple[int, int, float]:
        known, share = one.consequence, one.percentiles[0]
        blosum = 12 if known.blosum62 is None else known.blosum62
        return SEVERITY.index(known.kind), blosum, 101.0 if math.isnan(share) else share

    return sorted(found, key=badness)


def ranked_rows(found: Iterable[Assessment]) -> list[dict[str, Any]]:
    """Return the ranked variants as rows of a table, consequence and BLOSUM62 in front."""
    return [
        {
            "rank": rank, "variant": f"{one.gene}:{one.consequence.coding}",
            "protein": one.consequence.protein, "consequence": one.consequence.kind,
            "blosum62": one.consequence.blosum62, "score": in_words(one),
        }
        for rank, one in enumerate(ranked(found), 1)
    ]  # fmt: skip


def in_words(one: Assessment) -> str:
    """Return the change in log-odds with its unit, direction and percentile; why there is none."""
    value, share, change = one.values[0], one.percentiles[0], one.variant
    if math.isnan(value):
        return "no score: the model knows no k-mer here"
    fit = "less well" if value < 0 else "better"
    text = f"{value:+.2f} nats: the new k-mers fit {fit} into their surroundings"
    if math.isnan(share):
        return text if change.is_substitution else f"{text}; only single bases have a percentile"
    return (
        f"{text}; {share:.0f} % of the substitutions {change.ref}>{change.alt} between the same "
        "two bases score lower"
    )


@dataclass(frozen=True)
class Summary:
    """What a set of variants is made of."""

    variants: int
    genes: int
    kinds: dict[str, int]  # consequences, the worst first
    transitions: int
    transversions: int
    cpg: int  # substitutions that create, destroy or move a CpG
    radical: int  # missense of a BLOSUM62 score of -2 or less
    scored: int  # with a percentile
    median_percentile: float  # of the log-odds; 50 for random substitutions; NaN of none
    low: int  # at or below percentile `LOW`
    low_expected: float  # of random substitutions

    def rows(self) -> list[dict[str, Any]]:
        """Return it as rows of a table."""
        share = "-" if math.isnan(self.median_percentile) else f"{self.median_percentile:.1f}"
        low = f"{self.low:,} ({self.low_expected:.1f} expected by chance)"
        facts = {
            "variants": self.variants, "genes": self.genes, **self.kinds,
            "transitions / transversions": f"{self.transitions} / {self.transversions}",
            "change a CpG": self.cpg, "missense of BLOSUM62 -2 or less": self.radical,
            "median percentile of the log-odds": share, f"up to percentile {LOW:.0f}": low,
        }  # fmt: skip
        return [{"what": what, "value": value} for what, value in facts.items()]


def summary(found: Sequence[Assessment]) -> Summary:
    """Return the numbers of a set of variants together."""
    known = [one.consequence for one in found]
    kinds, changes = Counter(one.kind for one in known), Counter(one.change for one in known)
    shares = np.array([one.percentiles[0] for one in found], np.float64)
    shares = shares[~np.isnan(shares)]
    return Summary(
        len(found), len({one.gene for one in found}),
        {kind: kinds[kind] for kind in SEVERITY if kinds[kind]},
        changes["transition"], changes["transversion"], sum(bool(one.cpg) for one in known),
        sum(one.kind == "missense" and (one.blosum62 or 0) <= -2 for one in known),
        len(shares), float(np.median(shares)) if len(shares) else math.nan,
        int((shares <= LOW).sum()), LOW / 100 * len(shares),
    )  # fmt: skip
