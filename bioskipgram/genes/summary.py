"""The relatives of each gene in one sentence: by vectors, by Mash and by protein words."""

from collections.abc import Iterator
from dataclasses import dataclass

from .annotation import families
from .similarity import RELATED
from .transfer import MEASURES, Near

_TITLES = {"vectors": "vectors", "mash": "Mash", "protein words": "protein words"}
IDENTICAL = 1 - 1e-6


@dataclass(frozen=True)
class Nearest:
    """The reference gene nearest to a gene by one measure."""

    gene: str
    score: float  # cosine, or 1 - distance


@dataclass(frozen=True)
class GeneSummary:
    """What one gene is near to."""

    name: str
    itself: str  # the reference gene with the same 11-mers, "" if there is none
    nearest: dict[str, Nearest]  # by each of `MEASURES`, of the other genes
    agreement: str  # "all", "two", "family" or "none"
    related: bool  # whether a nearest gene is related by its words; see `similarity.RELATED`
    sentence: str


def summaries(
    names: tuple[str, ...], found: dict[str, Near], reference: tuple[str, ...]
) -> Iterator[GeneSummary]:
    """Yield the summary of each gene from its neighbours by `transfer.near`."""
    for query, name in enumerate(names):
        itself = _itself(found["mash"], query)
        nearest = {}
        for measure in MEASURES:
            one = found[measure]
            place = int(one.indices[query, 0] == itself) % one.indices.shape[1]
            gene = reference[one.indices[query, place]]
            nearest[measure] = Nearest(gene, float(one.scores[query, place]))
        related = max(nearest[measure].score for measure in MEASURES[1:]) >= 1 - RELATED
        agreement, text = _agreement({key: one.gene for key, one in nearest.items()})
        if max(one.score for one in nearest.values()) <= 0:
            agreement, text = "none", "It shares no k-mer with a reference gene"
        known = reference[itself] if itself >= 0 else ""
        start = f"It is {known} of the reference. " if known else ""
        end = "" if related else "; no reference gene is near by words, so this is weak evidence"
        yield GeneSummary(name, known, nearest, agreement, related, f"{start}{text}{end}.")


def _itself(one: Near, query: int) -> int:
    same = one.scores[query, 0] >= IDENTICAL
    return int(one.indices[query, 0]) if same else -1


def _agreement(genes: dict[str, str]) -> tuple[str, str]:
    """Return how far the measures agree, and that in words."""
    named = {gene: [_TITLES[m] for m, other in genes.items() if other == gene]
             for gene in genes.values()}  # fmt: skip
    if len(named) == 1:
        return "all", f"Vectors, Mash and protein words all name {genes['vectors']} nearest"
    parts = [f"{' and '.join(who)} {_verb(who)} {gene}" for gene, who in named.items()]
    text = "; ".join(parts)
    text = text[0].upper() + text[1:]
    family = {families().get(gene, gene) for gene in genes.values()}
    if len(family) == 1:
        return "family", f"{text}: genes of one family"
    if len(named) == 2:
        return "two", f"{text}: two of three agree"
    return "none", f"{text}: they disagree"


def _verb(who: list[str]) -> str:
    return "names" if who == ["Mash"] else "name"
