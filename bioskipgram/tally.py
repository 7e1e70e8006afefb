"""A file's bytes -> a `Tally`: what has been counted, on all cores, in bounded memory.

::

    fasta.text ─> pieces ─ decode ─> symbols ─ count ─> counters of one thread ─┐
                         ─ decode ─> symbols ─ count ─> counters of another   ──┴─> Tally

The pieces are decoded independently; then each gets the last symbols of the piece before it,
and counts what ends in itself. So it does not matter where the text is cut, and tallies of
pieces, files, threads and machines add up.
"""

import hashlib
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property, partial
from itertools import chain
from threading import Lock
from typing import TypeVar

import numpy as np

from . import counters, fasta
from .arrays import BaseCodes, Counts, checked
from .config import TrainConfig
from .counters import START
from .errors import FastaError
from .fasta import Sequences, Source
from .kmers import KmerTokenizer, reverse_complement
from .source import name_of

T = TypeVar("T")

MAX_WORD = 13
"""The longest (k+window)-mers counted in one histogram: 4^13 counters, 0.7 GB in all."""
MAX_DENSE = 1 << 14
"""The most k-mers whose pairs have a counter each: k up to 7. Beyond, pairs are sorted."""
BUDGET = 3 << 30
"""Bytes that counters may take: so many threads work as fit in."""
_BUCKETS, _BUCKET = 256, 1 << 16
_IN_CACHE = 1 << 25
"""Larger tables than this many counters are filled by way of buckets."""


def cores() -> int:
    """Return how many cores this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


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
    """

    tokenizer: KmerTokenizer
    distances: tuple[int, ...]
    window: int

    @classmethod
    def of(cls, config: TrainConfig) -> "Layout":
        """Return the layout that these settings need."""
        return cls(config.tokenizer, config.distances, config.window)

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
        """How many bases before a piece matter to it."""
        return self.tokenizer.k + self.reach - 1

    @property
    def words(self) -> bool:
        """Whether (k+reach)-mers are counted, from which all pairs follow."""
        plain = self.tokenizer.stride == 1 and self.letters == 4
        return plain and self.tokenizer.k + self.reach <= MAX_WORD

    @cached_property
    def ranks(self) -> Counts:
        """int64[letters^k]: as which k-mer each k-mer is paired; empty = as itself."""
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
        """How many counters there are."""
        if self.words:
            return int(4 ** (self.span + 2) - 4**self.tokenizer.k) // 3
        return self.size * (self.size + 1)

    @property
    def dense(self) -> bool:
        """Whether every cell has its counter; else only those that were met are kept."""
        return self.words or self.size <= MAX_DENSE

    @property
    def steps(self) -> tuple[Counts, Counts]:
        """Bases back to each context, and what it counts; int64[window] each."""
        backs = np.array(self.distances, np.int64) * self.tokenizer.stride
        return backs, np.arange(self.window, 0, -1)


@dataclass(frozen=True, eq=False)
class Tally:
    """What was counted in some text; tallies of several texts add up by ``+``.

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

    def __add__(self, other: "Tally") -> "Tally":
        if self.layout != other.layout:
            raise ValueError("tallies of different settings do not add up")
        if self.cells is None or other.cells is None:
            cells, counts = None, self.counts + other.counts
        else:
            cells, counts = counters.merged(self.cells, self.counts, other.cells, other.counts)
        sizes = self.records + other.records, self.bases + other.bases
        return replace(
            self, counts=counts, cells=cells, records=sizes[0], bases=sizes[1], digest=""
        )


def count_file(source: Source, config: TrainConfig, *, shard: tuple[int, int] = (0, 1)) -> Tally:
    """Return the tally of a file; see `Counting`."""
    counting = Counting(source, config, shard=shard)
    for _ in counting:
        pass
    return counting.tally()


def count_sequences(sequences: Sequences, config: TrainConfig) -> Tally:
    """Return the tally of sequences that are in memory already."""
    counting = Counting(sequences, config)
    for _ in counting:
        pass
    return counting.tally()


@dataclass(frozen=True)
class _Piece:
    """Decoded symbols, after room for those of the piece before."""

    symbols: BaseCodes
    records: int
    bases: int
    bytes: int
    room: BaseCodes | None = None
    """What `symbols` is a part of, to be used again."""


_Job = Callable[[], _Piece]


class Counting:
    r"""Counts a file piece by piece: iterate over it, then ask for the `tally`.

    It yields how many bytes of text (for `Sequences`, bases) were done since the last time.

    Parameters
    ----------
    source
        A path, an open binary file (read from where it stands, not closed), bytes, or
        sequences.
    config
        Its k, stride, frame, canonical, alphabet, window, contexts and threads are used.
    shard
        ``(rank, size)``: count only each size-th piece from the rank-th on. The shards add up
        to the whole. Every shard reads and decodes the whole file, and finds its faults.
    block
        Bytes in a piece.

    Raises
    ------
    FastaError
        While iterating, the error that `fasta.read` has for the file.

    Examples
    --------
    >>> counting = Counting(b">a\nACGTACGT\n", TrainConfig(k=2, window=1))
    >>> list(counting), counting.tally().bases
    ([12, 0], 8)
    """

    def __init__(
        self,
        source: Source | Sequences,
        config: TrainConfig,
        *,
        shard: tuple[int, int] = (0, 1),
        block: int = 0,
    ) -> None:
        self.source, self.layout, self.shard = source, Layout.of(config), shard
        self.alphabet = config.tokenizer.alphabet
        self.block = block or (1 << 21 if self.layout.words else 1 << 19)
        self.totals = _Totals(self.layout, config.threads or cores())
        self.hashed = hashlib.sha256()
        self.records = self.bases = self._seen = self._phase = 0
        self._tail = np.zeros(0, np.uint8)
        seekable = getattr(source, "seekable", None)
        self._position = source.tell() if seekable and seekable() else None  # type: ignore[union-attr]

    def __iter__(self) -> Iterator[int]:
        if isinstance(self.source, Sequences):
            yield from self._run(_sequence_jobs(self.source, self.layout.span, self.block))
            return
        try:
            yield from self._run(self._text_jobs(self.source))
            if not self._seen:
                raise FastaError(f"{name_of(self.source)}: there is no base in it")
        except FastaError as error:
            self._explain(self.source, error)

    def tally(self) -> Tally:
        """Return what was counted."""
        cells, counts = self.totals.result()
        whole = isinstance(self.source, str | os.PathLike) and self.shard[1] == 1
        digest = self.hashed.hexdigest() if whole else ""
        return Tally(self.layout, counts, cells, self.records, self.bases, digest)

    def _text_jobs(self, source: Source) -> Iterator[_Job]:
        chunks = fasta.text(source, alphabet=self.alphabet, block=self.block, hashed=self.hashed)
        table = counters.symbol_table(self.alphabet.table)
        for text, kind in _cut(chunks, self.block):
            yield partial(_decoded, text, kind, table, self.layout, self.totals.rooms)

    def _run(self, jobs: Iterator[_Job]) -> Iterator[int]:
        """Decode ahead, hand each piece what it needs of the one before, count."""
        threads = self.totals.threads
        last: _Job = partial(_Piece, np.full(self.layout.span + 1, START, np.uint8), 0, 0, 0)
        with ThreadPoolExecutor(threads) as pool:
            pieces = _ahead(pool, chain(jobs, [last]), threads)
            yield from _ahead(pool, self._counts(pieces), threads)

    def _counts(self, pieces: Iterator[_Piece]) -> Iterator[Callable[[], int]]:
        """Return, for each piece in order, the job of counting it."""
        span, stride = self.layout.span, self.layout.tokenizer.stride
        rank, size = self.shard
        for index, piece in enumerate(pieces):
            start = span - len(self._tail)
            symbols = piece.symbols[start:]
            symbols[: len(self._tail)] = self._tail
            self._seen += piece.bases
            phase = (self._phase - len(self._tail)) % stride
            if index % size == rank:
                self.records, self.bases = self.records + piece.records, self.bases + piece.bases
                yield partial(self.totals.add, symbols, len(self._tail), phase, piece)
            if stride > 1:
                record = piece.symbols[span:].tobytes().rfind(START)
                behind = self._phase if record < 0 else -1 - record
                self._phase = (behind + len(piece.symbols) - span) % stride
            self._tail = symbols[max(0, len(symbols) - span) :].copy()

    def _explain(self, source: Source, error: FastaError) -> None:
        """Raise what the plain reader says of this file: it knows the line."""
        if not isinstance(source, str | os.PathLike | bytes):
            if self._position is None:
                raise error
            source.seek(self._position)
        for _ in fasta.stream(source, alphabet=self.alphabet, block_bases=1 << 20):
            pass
        raise error


def _ahead(pool: ThreadPoolExecutor, jobs: Iterable[Callable[[], T]], depth: int) -> Iterator[T]:
    """Yield the results of jobs in order, `depth` of them at work ahead."""
    waiting: deque[Future[T]] = deque()
    for job in jobs:
        waiting.append(pool.submit(job))
        if len(waiting) > depth:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


def _cut(chunks: Iterable[bytes], block: int) -> Iterator[tuple[bytes, int]]:
    """Yield text in pieces of about `block` bytes, and in what kind of line each starts."""
    waiting: list[bytes] = []
    size = kind = 0
    for chunk in chain(chunks, [None]):
        waiting.append(chunk or b"")
        size += len(waiting[-1])
        if 2 * size < block and chunk is not None:
            continue
        text = b"".join(waiting) if len(waiting) > 1 else waiting[0]
        for start in range(0, len(text), block):
            piece = text[start : start + block]
            yield piece, kind
            kind = _kind_after(piece, kind)
        waiting, size = [], 0


def _kind_after(text: bytes, kind: int) -> int:
    """Return the kind of line that text ends in: see `counters.decode`."""
    start = text.rfind(b"\n") + 1
    start = text.rfind(b"\r", start) + 1 or start
    if start == len(text):
        return 0
    if start == 0 and kind:
        return kind
    return 1 if text[start : start + 1] in (b">", b";") else 2


def _decoded(
    text: bytes, kind: int, table: BaseCodes, layout: Layout, rooms: deque[BaseCodes]
) -> _Piece:
    symbols = rooms.pop() if rooms else np.empty(0, np.uint8)
    if len(symbols) < layout.span + len(text):
        symbols = np.empty(layout.span + len(text), np.uint8)
    raw = np.frombuffer(text, np.uint8)
    stop, records, foreign = counters.decode(raw, kind, table, layout.letters, symbols, layout.span)
    if foreign >= 0:
        alphabet = layout.tokenizer.alphabet.name
        raise FastaError(f"byte 0x{text[foreign]:02X} is not a {alphabet} letter")
    bases = stop - layout.span - records
    return _Piece(symbols[:stop], records, bases, len(text), symbols)


def _sequence_jobs(sequences: Sequences, span: int, block: int) -> Iterator[_Job]:
    edges = sequences.offsets[:-1]
    for start in range(0, len(sequences.codes), block) or [0]:
        stop = min(start + block, len(sequences.codes))
        last = stop == len(sequences.codes)
        first, end = np.searchsorted(edges, [start, stop], side="left")
        here = edges[first : len(edges) if last else end] - start
        codes = np.insert(sequences.codes[start:stop], here, START)
        symbols = np.concatenate([np.empty(span, np.uint8), codes])
        yield partial(_Piece, symbols, len(here), stop - start, stop - start)


class _Totals:
    """The counters of every thread and what they come to."""

    def __init__(self, layout: Layout, threads: int) -> None:
        self.layout, self.lock = layout, Lock()
        self.backs, self.gains = layout.steps
        self.ranks, self.size = layout.ranks, layout.size
        self.counts = np.zeros(layout.cells if layout.dense else 0, np.int64)
        self.sorted: list[tuple[Counts, Counts]] = []
        self.idle: list[_Counters] = []
        # Fresh memory costs as much time as counting does: each page is a fault.
        self.rooms: deque[BaseCodes] = deque()
        each = layout.cells + (4 * _BUCKETS * _BUCKET if layout.cells > _IN_CACHE else 0)
        most = (BUDGET - self.counts.nbytes) // each if layout.dense else threads
        self.threads = max(1, min(threads, most))

    def add(self, symbols: BaseCodes, start: int, phase: int, piece: _Piece) -> int:
        """Count what ends in the symbols of a piece from `start` on; return its bytes."""
        if self.layout.words:
            own = self._take()
            carried = counters.count_words(
                symbols, start, self.layout.tokenizer.k, self.layout.reach,
                own.table, own.buckets, own.fill, own.room(len(symbols)),
            )  # fmt: skip
            self._give(own, carried)
        else:
            self._add_pairs(symbols, start, phase)
        if piece.room is not None:
            self.rooms.append(piece.room)
        return piece.bytes

    def _add_pairs(self, symbols: BaseCodes, start: int, phase: int) -> None:
        cut = self.layout.tokenizer
        codes, runs = np.empty(len(symbols), np.int64), np.empty(len(symbols), np.int64)
        counters.window_codes(
            symbols, phase, self.layout.letters, cut.k, cut.stride, cut.frame,
            self.ranks, codes, runs,
        )  # fmt: skip
        step = max(1, (1 << 21) // (1 + len(self.backs)))
        for first in range(start, len(symbols), step):
            where = first, min(first + step, len(symbols)), cut.k, self.size
            if not self.layout.dense:
                keys = counters.pair_keys(codes, runs, *where, self.backs, self.gains)
                keys.sort()
                self._merge(*counters.summed(keys))
                continue
            own = self._take()
            carried = counters.count_pairs(
                codes, runs, *where, self.backs, self.gains,
                own.table, own.buckets, own.fill, own.room(step * (1 + len(self.backs))),
            )  # fmt: skip
            self._give(own, carried)

    def _take(self) -> "_Counters":
        with self.lock:
            return self.idle.pop() if self.idle else _Counters(self.layout.cells)

    def _give(self, own: "_Counters", carried: int) -> None:
        with self.lock:
            counters.carry(self.counts, own.carries, carried)
            self.idle.append(own)

    def _merge(self, cells: Counts, sums: Counts) -> None:
        with self.lock:
            self.sorted.append((cells, sums))
            while len(self.sorted) > 1 and 2 * len(self.sorted[-1][0]) > len(self.sorted[-2][0]):
                self.sorted.append(counters.merged(*self.sorted.pop(), *self.sorted.pop()))

    def result(self) -> tuple[Counts | None, Counts]:
        """Return the cells met, None for all, and their counts."""
        if not self.layout.dense:
            nothing = np.zeros(0, np.int64), np.zeros(0, np.int64)
            while len(self.sorted) > 1:
                self.sorted.append(counters.merged(*self.sorted.pop(), *self.sorted.pop()))
            return self.sorted[0] if self.sorted else nothing
        while self.idle:
            own = self.idle.pop()
            carried = counters.empty_buckets(own.buckets, own.fill, own.table, own.room(0))
            counters.carry(self.counts, own.carries, carried)
            self.counts += own.table
        return None, self.counts


class _Counters:
    """What one thread counts in: a byte for each cell, buckets if those are many."""

    def __init__(self, cells: int) -> None:
        large = cells > _IN_CACHE
        self.table = np.zeros(cells, np.uint8)
        self.fill = np.zeros(_BUCKETS if large else 0, np.int64)
        self.buckets = np.empty((len(self.fill), _BUCKET), np.uint32)
        self.carries = np.empty(0, np.uint32)

    def room(self, adds: int) -> counters.Cells:
        """Return room for the carries of so many additions and of all that waits."""
        if len(self.carries) < adds + self.buckets.size:
            self.carries = np.empty(adds + self.buckets.size, np.uint32)
        return self.carries
