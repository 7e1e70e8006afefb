"""What makes a score too good: copies, long words in common, and rules that need no k-mers."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from bioskipgram.numerics.arrays import Counts, Doubles, Flags
from bioskipgram.sequences.sequences import Sequences, joined

from .labelled import Labelled

WORD, CDS_WORD, PROTEIN_WORD = 31, 60, 12
"""Letters of a word that two unrelated sequences do not share by chance; of genes, by homology."""
WARN, FAIL = 0.01, 0.10
"""Shares of test items that share a word with the training set."""


@dataclass(frozen=True, kw_only=True)
class Leaks:
    """What was found, before any score.

    Attributes
    ----------
    word
        Letters of the words that were compared, on either strand.
    items, classes, length
        How many there are; shortest, median and longest length.
    copies, conflicts
        Training items that are copies of an earlier one, and those of them labelled otherwise.
    groups, largest
        Groups of training items that share a word, directly or by others, and the largest one.
    test, test_copies, test_shared
        Test items, those that are copies of a training item, those that share a word with one.
    length_auc, gc_auc
        How well length and GC alone tell the classes apart, area under the ROC curve from 0.5 on
        (more than two classes: the mean of each against the rest).
    """

    word: int
    items: int
    classes: dict[str, int]
    length: tuple[int, int, int]
    copies: int
    conflicts: int
    groups: int
    largest: int
    test: int = 0
    test_copies: int = 0
    test_shared: int = 0
    length_auc: float = 0.5
    gc_auc: float = 0.5

    @property
    def verdict(self) -> str:
        """What to make of it: "fail", "warn" or "pass"; without a test set by the groups."""
        share = self.test_shared / self.test if self.test else 1 - self.groups / self.items
        if share > FAIL or self.length_auc > 0.75:
            return "fail"
        return "warn" if share > WARN or self.gc_auc > 0.75 or self.length_auc > 0.6 else "pass"

    def sentences(self) -> list[str]:
        """Return what was found in plain sentences, the worst first."""
        found = []
        if self.test:
            found.append(
                f"{self.test_shared:,} of {self.test:,} test items "
                f"({self.test_shared / self.test:.1%}) share a {self.word}-mer "
                f"with a training item, {self.test_copies:,} are copies."
            )
        found.append(
            f"{self.items:,} training items are in {self.groups:,} groups that share no "
            f"{self.word}-mer; the largest has {self.largest:,}. {self.copies:,} are copies of "
            f"another, {self.conflicts:,} of these with another label."
        )
        found.append(
            f"Length alone tells the classes apart with an AUROC of {self.length_auc:.2f}, "
            f"GC alone with {self.gc_auc:.2f} (0.50 = not at all)."
        )
        return found


def word_of(sequences: Sequences) -> int:
    """Return how long the shared words are: 60 for coding sequences, 31 for others, protein 12."""
    if not sequences.alphabet.complement:
        return PROTEIN_WORD
    lengths = sequences.lengths
    starts = sequences.codes[sequences.offsets[:-1][lengths >= 300, None] + np.arange(3)]
    in_frame = (starts == (0, 3, 2)).all(axis=1) & (lengths[lengths >= 300] % 3 == 0)
    return CDS_WORD if in_frame.sum() > len(sequences) / 2 else WORD


def groups_of(sequences: Sequences, word: int = 0) -> Counts:
    """Return the group of each record, int64[R] from 0: records that share a word are together."""
    from . import window_kernel

    word = word or word_of(sequences)
    hashes, records = _hashes(sequences, word)
    parents = np.arange(len(sequences))
    # Records too short for a word are grouped by their whole text.
    short = np.flatnonzero(sequences.lengths < word)
    window_kernel.joined(hashes, records, np.argsort(hashes, kind="stable"), parents)
    first: dict[bytes, int] = {}
    if len(short):
        keys = _keys(sequences)
        for i in short.tolist():
            parents[i] = first.setdefault(keys[i], i)
    return np.unique(parents, return_inverse=True)[1].astype(np.int64)


def _hashes(sequences: Sequences, word: int) -> tuple[np.ndarray, Counts]:
    from . import window_kernel

    alphabet = sequences.alphabet
    own = np.random.default_rng(1).integers(1, 2**63, len(alphabet.letters), dtype=np.uint64)
    other = own[[alphabet.letters.index(c) for c in alphabet.complement]].astype(np.uint64)
    return window_kernel.word_hashes(sequences.codes, sequences.offsets, word, own, other)


def _keys(sequences: Sequences) -> list[bytes]:
    """Return each record's text, of both strands the smaller."""
    codes, ends = sequences.codes, sequences.offsets.tolist()
    text, total = codes.tobytes(), len(codes)
    if not sequences.alphabet.complement:
        return [text[a:b] for a, b in pairwise(ends)]
    other = sequences.alphabet.reverse_complement(codes).tobytes()
    return [min(text[a:b], other[total - b : total - a]) for a, b in pairwise(ends)]


def first_copies(sequences: Sequences) -> Counts:
    """Return for each record the first that has the same text on either strand, int64[R]."""
    first: dict[bytes, int] = {}
    return np.array([first.setdefault(key, i) for i, key in enumerate(_keys(sequences))], np.int64)


def shared_with(test: Sequences, train: Sequences, word: int = 0) -> Flags:
    """Return which test records share a word with a training record, bool[R]."""
    word = word or word_of(train)
    hashes, records = _hashes(test, word)
    known = np.sort(_hashes(train, word)[0])
    places = np.minimum(np.searchsorted(known, hashes), max(len(known) - 1, 0))
    found = np.zeros(len(test), np.bool_)
    if len(known):
        found[records[known[places] == hashes]] = True
    return found


def gc_shares(sequences: Sequences) -> Doubles:
    """Return the share of G and C in each record; of protein, of charged residues, float64[R]."""
    letters = "GC" if sequences.alphabet.complement else "DEKR"
    codes = [sequences.alphabet.letters.index(letter) for letter in letters]
    sums = np.concatenate([[0], np.isin(sequences.codes, codes).cumsum()])
    totals = np.diff(sums[sequences.offsets])
    return totals / np.maximum(sequences.lengths, 1)


def look(train: Labelled, test: Labelled | None = None, *, word: int = 0) -> Leaks:
    """Return the leaks of a training set and, if there is one, its test set."""
    word = word or word_of(train.sequences)
    firsts, groups = first_copies(train.sequences), groups_of(train.sequences, word)
    copies = firsts != np.arange(len(train))
    lengths = train.sequences.lengths
    sizes = np.bincount(train.labels, minlength=len(train.classes))
    found = {
        "word": word, "items": len(train),
        "classes": dict(zip(train.classes, sizes.tolist(), strict=True)),
        "length": (int(lengths.min()), int(np.median(lengths)), int(lengths.max())),
        "copies": int(copies.sum()),
        "conflicts": int((train.labels[firsts] != train.labels).sum()),
        "groups": int(groups.max()) + 1, "largest": int(np.bincount(groups).max()),
        "length_auc": _auc(lengths.astype(np.float64), train),
        "gc_auc": _auc(gc_shares(train.sequences), train),
    }  # fmt: skip
    if test is not None:
        known = set(_keys(train.sequences))
        same = [key in known for key in _keys(test.sequences)]
        shared = shared_with(test.sequences, train.sequences, word)
        found |= {
            "test": len(test), "test_copies": sum(same),
            "test_shared": int((shared | np.array(same)).sum()),
        }  # fmt: skip
    return Leaks(**found)  # type: ignore[arg-type]


def _auc(values: Doubles, items: Labelled) -> float:
    from bioskipgram.numerics.statistics import auc

    found = [auc(values, items.labels == k) for k in range(len(items.classes))]
    return float(np.mean([max(each, 1 - each) for each in found if each is not None] or [0.5]))


def folds_of(groups: Counts, folds: int, *, seed: int) -> Counts:
    """Return the fold of each item, int64[R], items of one group together, folds about equal.

    Large groups are placed first, each in the fold that is smallest so far, in an order drawn by
    `seed`.
    """
    random, sizes = np.random.default_rng(seed), np.bincount(groups)
    order = random.permutation(len(sizes))
    order = order[np.argsort(-sizes[order], kind="stable")]
    placed, fill = np.zeros(len(sizes), np.int64), np.zeros(folds, np.int64)
    alone = 0
    for group in order:
        if sizes[group] == 1:
            break
        alone += 1
        placed[group] = fill.argmin()
        fill[placed[group]] += sizes[group]
    rest = order[alone:]
    # Groups of one fill the folds up to the same size.
    wanted = np.maximum(len(groups) // folds + 1 - fill, 0)
    slots = np.repeat(np.arange(folds), wanted)
    slots = slots if len(slots) >= len(rest) else np.resize(np.arange(folds), len(rest))
    placed[rest] = random.permutation(slots)[: len(rest)]
    return placed[groups]


def joined_groups(parts: Sequence[Sequences]) -> Counts:
    """Return the groups of the records of several sets together, int64[sum of R]."""
    return groups_of(joined(list(parts), parts[0].alphabet))
