"""What a classifier goes by: words, and motifs around them with the known ones like them."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np

from bioskipgram.motifs.discovery import compare
from bioskipgram.motifs.library import jaspar
from bioskipgram.motifs.matrix import Motif
from bioskipgram.numerics.arrays import Counts
from bioskipgram.sequences.sequences import Sequences

from .classifier import Classifier
from .evaluate import some
from .labelled import Labelled

MOST_ITEMS = 4_000
"""The most items that drivers are taken from."""
_SHORTEST = 4
_WIDTH, _FLANK = 8, 5
"""Letters of a motif's core, and those on either side of it."""
_MISMATCHES = 1
_FEWEST = 20
"""The fewest sites of a motif."""
_LEAST_BITS = 0.25


def words(
    classifier: Classifier, items: Labelled, *, target: int = -1, n: int = 20
) -> list[dict[str, Any]]:
    """Return the words that speak most for a class and most against it, a row for each.

    A word's effect is the mean difference it makes: its weight times how much commoner its feature
    is among items of the class than among the others, in units of the margin (log odds).
    """
    items = items.take(some(items, min(MOST_ITEMS, len(items)), seed=1))
    column, sign = classifier.margin_of(target)
    own = items.labels == target % len(classifier.classes)
    block, weights, rows = classifier.block, classifier.weights, list[dict[str, Any]]()
    table = block.features(items.sequences)
    shares = [np.asarray(table[inside].mean(axis=0)).ravel() for inside in (own, ~own)]
    effects = sign * weights[:, column] * (shares[0] - shares[1])
    present = [
        np.bincount(table[inside].indices, minlength=block.size) / max(inside.sum(), 1)
        for inside in (own, ~own)
    ]
    for c in np.argsort(-np.abs(effects), kind="stable")[: 40 * n].tolist():
        word, position = block.feature(c)
        if len(word.replace("N", "")) < _SHORTEST and position < 0:
            continue
        rows.append({
            "word": word, "position": position + 1 if position >= 0 else None,
            "effect": float(effects[c]), "weight": float(sign * weights[c, column]),
            "in_class": float(present[0][c]), "in_others": float(present[1][c]),
        })  # fmt: skip
    speaking = [row for row in rows if row["weight"] > 0][:n]
    return speaking + [row for row in rows if row["weight"] < 0][:n]


@dataclass(frozen=True, eq=False)
class Driver:
    """A motif that speaks for a class, and the known motif most similar to it."""

    motif: Motif
    sites: int
    share: float  # of the items of the class with a site
    others: float  # of the other items
    known: str
    consensus: str  # of the known one
    q: float

    def to_dict(self) -> dict[str, Any]:
        """Return it for JSON."""
        found = {name: value for name, value in vars(self).items() if name != "motif"}
        counts = self.motif.weights.astype(int).tolist()
        return {"motif": self.motif.consensus, **found, "counts": counts}


def motifs(
    classifier: Classifier, items: Labelled, *, target: int = -1, n: int = 5
) -> list[Driver]:
    """Return motifs of the stretches that speak most for a class, nucleotides only.

    In each item of the class the 8 bases that contribute most are taken, with their surroundings.
    The commonest of these words and those one letter off make a motif, on either strand; then
    the rest is searched for the next one.
    """
    if not items.sequences.alphabet.complement:
        return []
    items = items.take(some(items, min(MOST_ITEMS, len(items)), seed=1))
    own = np.flatnonzero(items.labels == target % len(classifier.classes))
    sites = _stretches(classifier, items.sequences, own, target)
    found = list[Driver]()
    while len(found) < n and len(sites) >= _FEWEST:
        chosen, sites = _commonest(sites)
        if len(chosen) < _FEWEST:
            break
        motif = _motif(chosen, f"motif {len(found) + 1}")
        if motif is not None:
            found.append(_described(motif, len(chosen), items, own))
    return found


def _stretches(
    classifier: Classifier, sequences: Sequences, rows: Counts, target: int
) -> np.ndarray:
    """Return the codes of each record's best stretch with its flanks, uint8[n, width]."""
    width, made = _WIDTH + 2 * _FLANK, list[np.ndarray]()
    for row in rows.tolist():
        shares = classifier.contributions(sequences, row, target)
        if len(shares) < width:
            continue
        sums = np.convolve(shares[_FLANK : len(shares) - _FLANK], np.ones(_WIDTH), "valid")
        best = int(sums.argmax())
        piece = sequences[row][best : best + width]
        if sums[best] > 0 and (piece < 4).all():
            made.append(piece)
    return np.array(made, np.uint8).reshape(-1, width)


def _commonest(sites: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the sites around the commonest core, turned and shifted to it, and the others."""
    counts: Counter[bytes] = Counter()
    for site in sites:
        seen = set()
        for start in range(len(site) - _WIDTH + 1):
            core = site[start : start + _WIDTH]
            seen.add(min(core.tobytes(), (3 - core[::-1]).tobytes()))
        counts.update(seen)
    core = np.frombuffer(counts.most_common(1)[0][0], np.uint8)
    both = np.stack([sites, 3 - sites[:, ::-1]], axis=1)  # [n, 2, width]
    windows = np.lib.stride_tricks.sliding_window_view(both, _WIDTH, axis=2)
    off = (windows != core).sum(axis=3)  # [n, 2, places]
    best = off.reshape(len(sites), -1).argmin(axis=1)
    taken = off.reshape(len(sites), -1).min(axis=1) <= _MISMATCHES
    strand, place = np.divmod(best, off.shape[2])
    padded = np.full((len(sites), sites.shape[1] + 2 * _FLANK), 4, np.uint8)
    padded[:, _FLANK:-_FLANK] = both[np.arange(len(sites)), strand]
    columns = place[:, None] + np.arange(sites.shape[1])
    return np.take_along_axis(padded, columns, axis=1)[taken], sites[~taken]


def _motif(sites: np.ndarray, name: str) -> Motif | None:
    """Return the matrix of aligned sites without the columns at its ends that tell little."""
    counts = np.stack([(sites == base).sum(axis=0) for base in range(4)], axis=1)
    shares = (counts + 0.25) / (counts.sum(axis=1, keepdims=True) + 1)
    bits = 2 + (shares * np.log2(shares)).sum(axis=1)
    telling = np.flatnonzero((bits >= _LEAST_BITS) & (counts.sum(axis=1) > 0))
    if len(telling) < _SHORTEST:
        return None
    inside = counts[telling[0] : telling[-1] + 1].astype(np.float64)
    return Motif(name, inside, f"{len(sites):,} sites") if inside.any(axis=1).all() else None


def _described(motif: Motif, sites: int, items: Labelled, own: Counts) -> Driver:
    matches = compare(motif, jaspar())
    known = jaspar()[matches.targets[0]]
    flags = _has(motif, items.sequences)
    inside = np.zeros(len(items), np.bool_)
    inside[own] = True
    return Driver(
        motif, sites, float(flags[inside].mean()), float(flags[~inside].mean()),
        known.name, known.consensus, float(matches.q[0]),
    )  # fmt: skip


def _has(motif: Motif, sequences: Sequences) -> np.ndarray:
    """Return which records have a hit of a motif at the default threshold, bool[R]."""
    from bioskipgram.config import ScanConfig
    from bioskipgram.motifs.scan import Scanner

    hits = Scanner(sequences, ScanConfig()).scan(motif)
    return np.asarray(hits.per_record > 0)


def pattern(classifier: Classifier, items: Labelled, *, target: int = -1, n: int = 12) -> str:
    """Return the leading ungapped words as a regular expression to search the map by."""
    found = [
        row["word"]
        for row in words(classifier, items, target=target, n=4 * n)
        if row["weight"] > 0 and "N" not in row["word"] and row["position"] is None
    ]
    return "|".join(sorted(set(found[:n])))
