"""`RawCounts`, the layout of its cells, and the counters it is made from."""

from dataclasses import dataclass, replace
from functools import cached_property
from threading import Lock

import numpy as np

from bioskipgram.config import TrainConfig
from bioskipgram.kmers.tokenizer import KmerTokenizer, reverse_complement
from bioskipgram.numerics.arrays import BaseCodes, Counts, checked, read_only

from . import histogram_kernel
from .decode_kernel import window_codes
from .histogram_kernel import Pairing

MAX_WORD = 13
"""The longest (k+window)-mers counted in one histogram: 4^13 counters, 0.7 GB in all."""
MAX_DENSE = 1 << 14
"""The most k-mers whose pairs have a counter each: k up to 7. Beyond, pairs are sorted."""
BUDGET = 3 << 30
"""Bytes that counters may take: so many threads work as fit in."""


@dataclass(frozen=True)
class Layout:
    """What is counted, and which cell counts what.

    Attributes
    ----------
    tokenizer
        How sequences are cut.
    distances
        Windows from a centre to each of its contexts, ascending.
    window
        How many there are; the i-th of them (from 0) counts window - i.
    both_strands
        Whether the reverse complements are counted as records of their own, cut from their own
        start. With stride 1 this is False: their counts follow from those of the records.
    """

    tokenizer: KmerTokenizer
    distances: tuple[int, ...]
    window: int
    both_strands: bool = False

    @classmethod
    def of(cls, config: TrainConfig) -> "Layout":
        """Return the layout that these settings need."""
        both_strands = config.both_strands and config.stride > 1
        return cls(config.tokenizer, config.distances, config.window, both_strands)

    @property
    def letters(self) -> int:
        """How many letters the alphabet has."""
        return len(self.tokenizer.alphabet.letters)

    @property
    def reach(self) -> int:
        """Bases from the start of a window to that of its farthest context."""
        return self.distances[-1] * self.tokenizer.stride

    @property
    def span(self) -> int:
        """The number of bases before a piece that its counts depend on."""
        return self.tokenizer.k + self.reach - 1

    @property
    def words(self) -> bool:
        """Whether (k+reach)-mers are counted, from which all pairs follow."""
        plain = self.tokenizer.stride == 1 and self.letters == 4
        return plain and self.tokenizer.k + self.reach <= MAX_WORD

    @cached_property
    def ranks(self) -> Counts:
        """int64[letters^k]: the k-mer as which each is counted; empty = itself."""
        if not self.tokenizer.canonical or self.words:
            return np.zeros(0, np.int64)
        codes = np.arange(self.tokenizer.size)
        smaller = np.minimum(codes, reverse_complement(codes, self.tokenizer.k))
        return np.searchsorted(self.tokenizer.all_codes(), smaller).astype(np.int64)

    @property
    def size(self) -> int:
        """How many different k-mers are paired."""
        return int(self.ranks.max()) + 1 if len(self.ranks) else self.tokenizer.size

    @property
    def cells(self) -> int:
        """How many counters there are, a byte each in every thread."""
        if self.words:
            return int(4 ** (self.span + 2) - 4**self.tokenizer.k) // 3
        return self.size * (self.size + 1)

    @property
    def dense(self) -> bool:
        """Whether every cell has a counter; else only those that occur are kept."""
        return self.words or self.size <= MAX_DENSE

    def threads(self, most: int) -> int:
        """Return how many threads count, of `most`: those whose counters fit into `BUDGET`."""
        room = (BUDGET - 8 * self.cells) // self.cells if self.dense else most
        return max(1, min(most, room))

    @property
    def steps(self) -> tuple[Counts, Counts]:
        """Bases back to each context, and its weight; int64[window] each."""
        backs = np.array(self.distances, np.int64) * self.tokenizer.stride
        return backs, np.arange(self.window, 0, -1)


@dataclass(frozen=True, eq=False)
class RawCounts:
    """What was counted in some text; those of several texts add up by ``+``.

    Attributes
    ----------
    layout
        What the cells mean.
    counts
        int64[cells]. Where `layout.words`, the (k+d)-mer w has cell (4^(k+d) - 4^k) / 3 + w:
        all occurrences for d = reach, those that end a run of known bases for smaller d. Else
        cell a * size + b counts `window` times the weight of k-mer a before k-mer b, and cell
        size^2 + a the k-mer a.
    cells
        int64[cells], ascending: which cells those are; None = all of them.
    records, bases
        How many there were, unknown bases included.
    digest
        SHA-256 of the file as it lies on the disk; "" for anything else.
    """

    layout: Layout
    counts: Counts
    cells: Counts | None = None
    records: int = 0
    bases: int = 0
    digest: str = ""

    def __post_init__(self) -> None:
        size = self.layout.cells if self.cells is None else len(self.cells)
        object.__setattr__(self, "counts", checked(self.counts, "counts", np.int64, (size,)))

    def __add__(self, other: "RawCounts") -> "RawCounts":
        if self.layout != other.layout:
            raise ValueError("counts of different settings do not add up")
        if self.cells is None or other.cells is None:
            cells, counts = None, self.counts + other.counts
        else:
            cells, counts = _merged(self.cells, self.counts, other.cells, other.counts)
        sizes = self.records + other.records, self.bases + other.bases
        return replace(
            self, counts=counts, cells=cells, records=sizes[0], bases=sizes[1], digest=""
        )


class Totals:
    """The counters of every thread, and their sum."""

    def __init__(self, layout: Layout, threads: int) -> None:
        self.layout, self.lock = layout, Lock()
        self.pairing = Pairing(layout.tokenizer.k, layout.size, *layout.steps)
        self.counts = np.zeros(layout.cells if layout.dense else 0, np.int64)
        self.sorted: list[tuple[Counts, Counts]] = []
        self.idle: list[_Counters] = []
        self.threads = layout.threads(threads)

    def add(self, bases: BaseCodes, start: int, phase: int) -> None:
        """Count what ends at `start` or later in the bases of a piece."""
        if self.layout.words:
            own = self._take()
            carried = histogram_kernel.count_words(
                bases, start, self.layout.tokenizer.k, self.layout.reach,
                own.table, own.carries_for(len(bases)),
            )  # fmt: skip
            self._give(own, carried)
        else:
            self._add_pairs(bases, start, phase)

    def _add_pairs(self, bases: BaseCodes, start: int, phase: int) -> None:
        cut = self.layout.tokenizer
        codes, runs = np.empty(len(bases), np.int64), np.empty(len(bases), np.int64)
        window_codes(
            bases, phase, self.layout.letters, cut.k, cut.stride, cut.frame,
            self.layout.ranks, codes, runs,
        )  # fmt: skip
        step = max(1, (1 << 21) // (1 + self.layout.window))
        for first in range(start, len(bases), step):
            where = codes, runs, first, min(first + step, len(bases)), self.pairing
            if not self.layout.dense:
                keys = histogram_kernel.pair_keys(*where)
                keys.sort()
                self._merge(*histogram_kernel.summed(keys))
                continue
            own = self._take()
            carries = own.carries_for(step * (1 + self.layout.window))
            self._give(own, histogram_kernel.count_pairs(*where, own.table, carries))

    def _take(self) -> "_Counters":
        with self.lock:
            return self.idle.pop() if self.idle else _Counters(self.layout.cells)

    def _give(self, own: "_Counters", carried: int) -> None:
        with self.lock:
            histogram_kernel.carry(self.counts, own.carries, carried)
            self.idle.append(own)

    def _merge(self, cells: Counts, sums: Counts) -> None:
        with self.lock:
            self.sorted.append((cells, sums))
            while len(self.sorted) > 1 and 2 * len(self.sorted[-1][0]) > len(self.sorted[-2][0]):
                self.sorted.append(_merged(*self.sorted.pop(), *self.sorted.pop()))

    def result(self) -> tuple[Counts | None, Counts]:
        """Return the cells that occur, None for all, and their counts."""
        if not self.layout.dense:
            nothing = np.zeros(0, np.int64), np.zeros(0, np.int64)
            while len(self.sorted) > 1:
                self.sorted.append(_merged(*self.sorted.pop(), *self.sorted.pop()))
            return self.sorted[0] if self.sorted else nothing
        while self.idle:
            own = self.idle.pop()
            self.counts += own.table
        return None, self.counts


def _merged(*arrays: Counts) -> tuple[Counts, Counts]:
    """Return two ascending lists of cells with their counts as one."""
    return histogram_kernel.merged(*map(read_only, arrays))


class _Counters:
    """The counters of one thread: a byte for each cell."""

    def __init__(self, cells: int) -> None:
        self.table = np.zeros(cells, np.uint8)
        self.carries = np.empty(0, np.uint32)

    def carries_for(self, additions: int) -> histogram_kernel.Cells:
        """Return a buffer for the carries of so many additions."""
        if len(self.carries) < additions:
            self.carries = np.empty(additions, np.uint32)
        return self.carries
