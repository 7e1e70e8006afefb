"""What is known of the reference genes: places, descriptions, InterPro's domains, paralogues.

The tables and their sources: bioskipgram/data/README.md.
"""

import gzip
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from bioskipgram.errors import ConfigError
from bioskipgram.numerics.arrays import Flags
from bioskipgram.numerics.statistics import false_discoveries, fisher, odds_ratio
from bioskipgram.sequences.shipped import DATA

from .counts import Csr

KINDS = ("domain", "family")
"""The labels of a gene: the domains of its protein; the genes it is a paralogue of."""
COLOURS = (*KINDS, "chromosome")


@dataclass(frozen=True)
class Annotation:
    """One gene of the human genome (GRCh38)."""

    symbol: str  # as the reference names it
    ensembl: str
    chromosome: str
    start: int  # from 1
    length: int  # bases of the gene, introns included
    about: str
    domains: tuple[str, ...]  # accessions of InterPro or Pfam, of all isoforms
    paralogues: tuple[str, ...]  # symbols, of those among the reference genes


@cache
def _tables() -> tuple[dict[str, str], dict[str, Annotation]]:
    text = gzip.decompress((DATA / "human_gene_annotation.tsv.gz").read_bytes()).decode()
    rows = [line.split("\t") for line in text.splitlines()]
    titles = {row[1]: row[2] for row in rows if row[0] == "#domain"}
    genes = {}
    for symbol, ensembl, chromosome, start, length, about, domains, others in rows[
        len(titles) + 1 :
    ]:
        lists = (tuple(filter(None, field.split(","))) for field in (domains, others))
        genes[symbol] = Annotation(
            symbol, ensembl, chromosome, int(start), int(length), about, *lists
        )
    return titles, genes


def annotations() -> dict[str, Annotation]:
    """Return what is known of genes, by symbol.

    Examples
    --------
    >>> found = annotations()["HBB"]
    >>> found.about, found.chromosome, found.domains, found.paralogues
    ('hemoglobin subunit beta', '11', ('IPR000971',), ('HBD', 'HBE1', 'HBG1', 'HBG2', 'MB'))
    """
    return _tables()[1]


def domain_title(accession: str) -> str:
    """Return a domain's name and accession, such as "Globin (IPR000971)"."""
    return f"{_tables()[0].get(accession, 'domain')} ({accession})"


@cache
def families() -> dict[str, str]:
    """Return the family of each gene that has a paralogue among the reference genes.

    Families are the connected parts of the graph of paralogues, named by their first genes.
    """
    genes, found = annotations(), dict[str, str]()
    for symbol, one in genes.items():
        if symbol in found or not one.paralogues:
            continue
        members, waiting = {symbol}, [symbol]
        while waiting:
            new = set(genes[waiting.pop()].paralogues) - members
            members, waiting = members | new, [*waiting, *new]
        first = sorted(members)
        title = ", ".join(first[:3]) + (f" and {len(first) - 3} more" if len(first) > 3 else "")
        found |= dict.fromkeys(first, title)
    return found


def labels_of(symbol: str, kind: str) -> tuple[str, ...]:
    """Return a gene's labels of one of `COLOURS`, none where nothing is known."""
    if kind not in COLOURS:
        raise ConfigError(f"kind: {kind!r} is not one of {', '.join(COLOURS)}")
    one = annotations().get(symbol)
    if one is None:
        return ()
    if kind == "chromosome":
        return (one.chromosome,)
    if kind == "family":
        return (families()[symbol],) if symbol in families() else ()
    return tuple(map(domain_title, one.domains))


def categories(names: Sequence[str], kind: str) -> list[str]:
    """Return one label per gene, its commonest among `names`, for colours; "" where none is known.

    Examples
    --------
    >>> categories(["HBB", "HBD", "no gene"], "domain")
    ['Globin (IPR000971)', 'Globin (IPR000971)', '']
    """
    own = [labels_of(name, kind) for name in names]
    number = Counter(label for labels in own for label in labels)
    return [max(labels, key=lambda label: number[label], default="") for labels in own]


@dataclass(frozen=True, eq=False)
class Labels:
    """The labels of R genes."""

    kind: str  # one of `KINDS`
    titles: tuple[str, ...]  # L labels
    matrix: Csr  # int32[R, L], 1 where a gene has a label
    known: Flags  # bool[R], whether a gene is in the annotation at all


def labels(names: Sequence[str], kind: str) -> Labels:
    """Return the labels of genes by their symbols."""
    from scipy.sparse import csr_matrix

    own = [labels_of(name, kind) for name in names]
    titles = sorted({label for labels in own for label in labels})
    place = {title: column for column, title in enumerate(titles)}
    columns = [place[label] for labels in own for label in labels]
    indptr = np.cumsum([0, *map(len, own)])
    ones = np.ones(len(columns), np.int32)
    matrix = csr_matrix((ones, columns, indptr), shape=(len(names), len(titles)))
    known = np.array([name in annotations() for name in names], np.bool_)
    return Labels(kind, tuple(titles), matrix, known)


@dataclass(frozen=True)
class Enriched:
    """A label in a selection of genes against the other genes."""

    label: str
    inside: int  # genes of the selection that have it
    inside_size: int
    outside: int
    outside_size: int
    odds: float  # 0.5 added to each of the four counts
    p: float  # one-sided Fisher exact test
    q: float  # of Benjamini & Hochberg over the labels tested
    genes: tuple[str, ...]  # those of the selection


def enrichment(names: Sequence[str], selected: Flags, kind: str) -> list[Enriched]:
    """Return the labels that a selection has more of than the other genes, lowest p first.

    `names` are the reference genes, the background; those that are not annotated are left out.
    All labels of the background are tested, since those that the selection lacks could have been in
    it as well; those that it has are returned.
    """
    found = labels(names, kind)
    inside = np.flatnonzero(selected & found.known)
    other = np.flatnonzero(~selected & found.known)
    own = np.asarray(found.matrix[inside].sum(axis=0), np.int64).reshape(-1)
    rest = np.asarray(found.matrix[other].sum(axis=0), np.int64).reshape(-1)
    tested = np.flatnonzero(own)
    sizes = len(inside), len(other)
    every = np.ones(len(own))
    every[tested] = p = fisher(own[tested], rest[tested], *sizes, alternative="greater")
    odds, q = odds_ratio(own[tested], rest[tested], *sizes)[0], false_discoveries(every)[tested]
    rows = zip(tested.tolist(), odds.tolist(), p.tolist(), q.tolist(), strict=True)
    result = []
    for label, ratio, chance, q in rows:
        genes = inside[found.matrix[inside, label].nonzero()[0]]
        result.append(
            Enriched(
                found.titles[label], int(own[label]), sizes[0], int(rest[label]), sizes[1],
                ratio, chance, q, tuple(names[gene] for gene in genes),
            )
        )  # fmt: skip
    return sorted(result, key=lambda one: (one.p, one.label))
