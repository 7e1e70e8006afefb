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
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import chain

import numpy as np

from bioskipgram.arrays import BaseCodes
from bioskipgram.config import TrainConfig
from bioskipgram.errors import FastaError
from bioskipgram.sequences import fasta
from bioskipgram.sequences.sequences import Sequences
from bioskipgram.sequences.source import Source, name_of
from bioskipgram.threads import ahead, cores

from .decode import START, decode, symbol_table
from .tally import Layout, Tally, Totals


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
        Its k, stride, frame, canonical, both_strands, alphabet, window, contexts and threads are
        used. Both strands with a stride above 1 are read record by record, since where the other
        strand is cut depends on the record's length.
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
        self.totals = Totals(self.layout, config.threads or cores())
        self.hashed = hashlib.sha256()
        self.records = self.bases = self._seen = self._phase = 0
        self._tail = np.zeros(0, np.uint8)
        # Fresh memory costs as much time as counting does: each page is a fault.
        self._rooms: deque[BaseCodes] = deque()
        seekable = getattr(source, "seekable", None)
        self._position = source.tell() if seekable and seekable() else None  # type: ignore[union-attr]

    def __iter__(self) -> Iterator[int]:
        if self.layout.both_strands:
            yield from self._run(self._strand_jobs(self.source))
            return
        if isinstance(self.source, Sequences):
            yield from self._run(_sequence_jobs(self.source, self.layout.span, self.block))
            return
        if not self.alphabet.complement and isinstance(self.source, str | os.PathLike | bytes):
            # The plain reader tells DNA from protein by the beginning.
            next(fasta.stream(self.source, alphabet=self.alphabet, block_bases=1 << 20))
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
        table = symbol_table(self.alphabet.table)
        for text, kind in _cut(chunks, self.block):
            yield partial(_decoded, text, kind, table, self.layout, self._rooms)

    def _strand_jobs(self, source: Source | Sequences) -> Iterator[_Job]:
        """Yield the jobs of whole records and of their reverse complements."""
        span = self.layout.span
        blocks = (
            iter([source])
            if isinstance(source, Sequences)
            else fasta.stream(
                source, alphabet=self.alphabet, block_bases=self.block, hashed=self.hashed
            )
        )
        for block in blocks:
            yield from _sequence_jobs(block, span, self.block)
            yield from _sequence_jobs(_other_strand(block), span, self.block, counted=False)

    def _run(self, jobs: Iterator[_Job]) -> Iterator[int]:
        """Decode ahead, hand each piece what it needs of the one before, count."""
        threads = self.totals.threads
        last: _Job = partial(_Piece, np.full(self.layout.span + 1, START, np.uint8), 0, 0, 0)
        with ThreadPoolExecutor(threads) as pool:
            pieces = ahead(pool, chain(jobs, [last]), threads)
            yield from ahead(pool, self._counts(pieces), threads)

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
                yield partial(self._add, symbols, len(self._tail), phase, piece)
            if stride > 1:
                record = piece.symbols[span:].tobytes().rfind(START)
                behind = self._phase if record < 0 else -1 - record
                self._phase = (behind + len(piece.symbols) - span) % stride
            self._tail = symbols[max(0, len(symbols) - span) :].copy()

    def _add(self, symbols: BaseCodes, start: int, phase: int, piece: _Piece) -> int:
        self.totals.add(symbols, start, phase)
        if piece.room is not None:
            self._rooms.append(piece.room)
        return piece.bytes

    def _explain(self, source: Source, error: FastaError) -> None:
        """Raise what the plain reader says of this file: it knows the line."""
        if not isinstance(source, str | os.PathLike | bytes):
            if self._position is None:
                raise error
            source.seek(self._position)
        for _ in fasta.stream(source, alphabet=self.alphabet, block_bases=1 << 20):
            pass
        raise error


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
    """Return the kind of line that text ends in: see `symbols.decode`."""
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
    stop, records, foreign = decode(raw, kind, table, layout.letters, symbols, layout.span)
    if foreign >= 0:
        alphabet = layout.tokenizer.alphabet.name
        raise FastaError(f"byte 0x{text[foreign]:02X} is not a {alphabet} letter")
    bases = stop - layout.span - records
    return _Piece(symbols[:stop], records, bases, len(text), symbols)


def _other_strand(sequences: Sequences) -> Sequences:
    """Return the reverse complements of the records, from the last to the first."""
    both, records, bases = sequences.both_strands(), len(sequences), len(sequences.codes)
    return Sequences(
        both.names[records:],
        both.descriptions[records:],
        both.codes[bases:],
        both.offsets[records:] - bases,
        both.alphabet,
    )


def _sequence_jobs(
    sequences: Sequences, span: int, block: int, *, counted: bool = True
) -> Iterator[_Job]:
    """Yield the pieces of sequences; `counted` = as records and bases of the source."""
    edges = sequences.offsets[:-1]
    for start in range(0, len(sequences.codes), block) or [0]:
        stop = min(start + block, len(sequences.codes))
        last = stop == len(sequences.codes)
        first, end = np.searchsorted(edges, [start, stop], side="left")
        here = edges[first : len(edges) if last else end] - start
        codes = np.insert(sequences.codes[start:stop], here, START)
        symbols = np.concatenate([np.empty(span, np.uint8), codes])
        sizes = (len(here), stop - start, stop - start) if counted else (0, 0, 0)
        yield partial(_Piece, symbols, *sizes)
