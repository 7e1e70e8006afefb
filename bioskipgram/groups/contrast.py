"""What tells a set of k-mers from the rest, or from another set: every property, tested at once."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from bioskipgram.errors import QueryError
from bioskipgram.numerics.arrays import Doubles, Flags
from bioskipgram.numerics.statistics import cliffs_delta, false_discoveries, fisher

from .properties import Property


@dataclass(frozen=True)
class Contrast:
    """F differences of two sets of k-mers, the largest significant ones first.

    `inside` and `outside`, float64[F], are means of a number, or where `shares` says so the share
    of k-mers with what `names` tells; `effects` Cliff's delta, -1 to 1, which of a share is the
    difference of the two; `q` after Benjamini & Hochberg, over all F, of Mann & Whitney's test of a
    number and Fisher's exact test of a share.
    """

    names: tuple[str, ...]
    inside: Doubles
    outside: Doubles
    shares: Flags
    effects: Doubles
    q: Doubles

    def __len__(self) -> int:
        return len(self.names)


_Row = tuple[str, float, float, bool, float, float]


def contrast(
    properties: Mapping[str, Property], inside: Flags, outside: Flags | None = None
) -> Contrast:
    """Return in what two sets of k-mers (bool[V]; None = all others) differ, by every property.

    Numbers are compared as they are, categories one by one. A QueryError if a set is empty.
    """
    outside = ~inside if outside is None else outside
    if not inside.any() or not outside.any():
        raise QueryError("two sets are compared, but one has no k-mer; select some for each")
    rows = [row for each in properties.values() for row in _rows(each, inside, outside)]
    names, ours, theirs, shares, effects, p = zip(*rows, strict=True) if rows else ((),) * 6
    q, size = false_discoveries(np.array(p, np.float64)), np.abs(np.array(effects, np.float64))
    order = np.lexsort((-size, q >= 0.05))
    return Contrast(
        tuple(names[i] for i in order), np.array(ours, np.float64)[order],
        np.array(theirs, np.float64)[order], np.array(shares, np.bool_)[order],
        np.array(effects, np.float64)[order], q[order],
    )  # fmt: skip


def _rows(found: Property, inside: Flags, outside: Flags) -> Iterator[_Row]:
    """Yield name, both values, whether they are shares, Cliff's delta and p."""
    ours, theirs = (found.values[flags] for flags in (inside, outside))
    ours, theirs = (values[~np.isnan(values)] for values in (ours, theirs))
    if not len(ours) or not len(theirs):
        return
    if not found.categories:
        delta, p = cliffs_delta(ours, theirs)
        mean, other = (float(values.mean(dtype=np.float64)) for values in (ours, theirs))
        yield found.title, mean, other, False, delta, p
        return
    many = len(found.categories)
    have, lack = (
        np.bincount(values[values >= 0].astype(np.int64), minlength=many)
        for values in (ours, theirs)
    )
    seen = np.flatnonzero(have + lack)
    n, m = len(ours), len(theirs)
    for place, p in zip(seen.tolist(), fisher(have[seen], lack[seen], n, m).tolist(), strict=True):
        a, b = float(have[place] / n), float(lack[place] / m)
        yield f"{found.title}: {found.categories[place]}", a, b, True, a - b, p
