"""A file's bytes -> a `RawCounts`, counted on all cores, in bounded memory.

::

    fasta.text ─> pieces ─ decode ─> bases ─ count ─> counters of one thread ─┐
                         ─ decode ─> bases ─ count ─> counters of another   ──┴─> RawCounts

The pieces are decoded independently; then each gets the last bases of the piece before it,
and counts what ends in itself. So it does not matter where the text is cut, and the counts of
pieces, files, threads and machines add up.
"""

import contextlib
import hashlib
import os
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import chain
from pathlib import Path

import numpy as np

from bioskipgram.config import TrainConfig
from bioskipgram.errors import FastaError
from bioskipgram.numerics.arrays import BaseCodes
from bioskipgram.numerics.threads import ahead, cores
from bioskipgram.sequences import fasta
from bioskipgram.sequences.sequences import BadRecord, Sequences
from bioskipgram.sequences.source import Source, name_of

from .counts import Layout, RawCounts, Totals
from .decode_kernel import EMPTY, PROTEIN, START, decoding_table, faults
from .pieces import Job, Piece, cut, decoded, other_strand, sequence_jobs


def count_file(
    source: Source, config: TrainConfig, *, shard: tuple[int, int] = (0, 1)
) -> RawCounts:
    """Return the counts of a file, of which every record must be usable; see `Counting`."""
    return _counted(Counting(source, config, shard=shard))


def count_sequences(sequences: Sequences, config: TrainConfig) -> RawCounts:
    """Return the counts of sequences that are in memory already."""
    return _counted(Counting(sequences, config))


def nothing_counted(config: TrainConfig) -> RawCounts:
    """Return the counts of no text at all."""
    layout = Layout.of(config)
    cells, counts = Totals(layout, 1).result()
    return RawCounts(layout, counts, cells)


def _counted(counting: "Counting") -> RawCounts:
    for _ in counting:
        pass
    return counting.result()


class Counting:
    r"""Counts a file piece by piece: iterate over it, then take the `result()`.

    It yields how many bytes of text (for `Sequences`, bases) were done since the last yield. A
    file with a record that cannot be used is read again from its start by `fasta.read`, which is
    slower and knows the lines.

    Parameters
    ----------
    source
        A path, an open binary file (read from its position, not closed), bytes, or
        sequences.
    config
        Its k, stride, frame, canonical, both_strands, alphabet, window, contexts and threads are
        used. Both strands with a stride above 1 are read record by record, since where the other
        strand is cut depends on the record's length.
    bad
        A list to which each record that cannot be used is added; None = the first fault is
        raised. See `fasta.read`.
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
    >>> list(counting), counting.result().bases
    ([12, 0], 8)
    """

    def __init__(
        self,
        source: Source | Sequences,
        config: TrainConfig,
        *,
        bad: list[BadRecord] | None = None,
        shard: tuple[int, int] = (0, 1),
        block: int = 0,
    ) -> None:
        self.source, self.layout, self.shard = source, Layout.of(config), shard
        self.alphabet, self.bad = config.tokenizer.alphabet, bad
        self.block = block or (1 << 21 if self.layout.words else 1 << 19)
        self._threads = config.threads or cores()
        # Fresh memory costs as much time as counting does: each page is a fault.
        self._buffers: deque[BaseCodes] = deque()
        seekable = getattr(source, "seekable", None)
        self._position = source.tell() if seekable and seekable() else None  # type: ignore[union-attr]
        self._start()

    def _start(self) -> None:
        self.totals = Totals(self.layout, self._threads)
        self.hashed = hashlib.sha256()
        self.records = self.bases = self._seen = self._phase = 0
        self._tail = np.zeros(0, np.uint8)
        self._open: tuple[int, int] | None = None
        """Bases and rare codes of the record that is being read."""

    def __iter__(self) -> Iterator[int]:
        if isinstance(self.source, Sequences):
            yield from self._run(self._record_jobs(iter([self.source])))
            return
        if self.alphabet.complement and not self.layout.both_strands:
            try:
                yield from self._run(self._text_jobs(self.source))
                self._check_last()
                return
            except FastaError as error:
                if not self._again(self.source):
                    raise FastaError(self._without_line(self.source, str(error))) from error
                self._start()
        blocks = fasta.stream(
            self.source, alphabet=self.alphabet, bad=self.bad, hashed=self.hashed,
            block_bases=self.block,
        )  # fmt: skip
        yield from self._run(self._record_jobs(blocks))

    def result(self) -> RawCounts:
        """Return what was counted."""
        cells, counts = self.totals.result()
        whole = isinstance(self.source, str | os.PathLike) and self.shard[1] == 1
        digest = self.hashed.hexdigest() if whole else ""
        return RawCounts(self.layout, counts, cells, self.records, self.bases, digest)

    def _text_jobs(self, source: Source) -> Iterator[Job]:
        chunks = fasta.text(source, block=self.block, hashed=self.hashed)
        if chunks is None:
            raise FastaError("GenBank and EMBL are read from files only")
        table = decoding_table(self.alphabet)
        for text, kind in cut(chunks, self.block):
            yield partial(decoded, text, kind, table, self.layout, self._buffers)

    def _record_jobs(self, blocks: Iterator[Sequences]) -> Iterator[Job]:
        """Yield the jobs of whole records, and of their reverse complements where asked for."""
        span = self.layout.span
        for block in blocks:
            yield from sequence_jobs(block, span, self.block)
            if self.layout.both_strands:
                yield from sequence_jobs(other_strand(block), span, self.block, counted=False)

    def _run(self, jobs: Iterator[Job]) -> Iterator[int]:
        """Decode ahead, give each piece the last bases of the previous one, count."""
        threads = self.totals.threads
        last: Job = partial(Piece, np.full(self.layout.span + 1, START, np.uint8), 0, 0, 0)
        with ThreadPoolExecutor(threads) as pool:
            pieces = ahead(pool, chain(jobs, [last]), threads)
            yield from ahead(pool, self._counts(pieces), threads)

    def _counts(self, pieces: Iterator[Piece]) -> Iterator[Callable[[], int]]:
        """Return, for each piece in order, the job of counting it."""
        span, stride = self.layout.span, self.layout.tokenizer.stride
        rank, size = self.shard
        for index, piece in enumerate(pieces):
            self._check_faults(piece)
            start = span - len(self._tail)
            bases = piece.decoded[start:]
            bases[: len(self._tail)] = self._tail
            self._seen += piece.bases
            phase = (self._phase - len(self._tail)) % stride
            if index % size == rank:
                self.records, self.bases = self.records + piece.records, self.bases + piece.bases
                yield partial(self._add, bases, len(self._tail), phase, piece)
            if stride > 1:
                record = piece.decoded[span:].tobytes().rfind(START)
                behind = self._phase if record < 0 else -1 - record
                self._phase = (behind + len(piece.decoded) - span) % stride
            self._tail = bases[max(0, len(bases) - span) :].copy()

    def _check_faults(self, piece: Piece) -> None:
        """Raise if a record that ends in this piece cannot be used."""
        if piece.faults is None:
            return
        found, *before, bases, rare = piece.faults
        if self._open is not None:
            ended = before if piece.records else (bases, rare)
            whole = self._open[0] + ended[0], self._open[1] + ended[1]
            if piece.records:
                found |= faults(*whole)
            else:
                bases, rare = whole
        if piece.records or self._open is not None:
            self._open = bases, rare
        self._raise_for(found)

    def _check_last(self) -> None:
        if self._open is not None:
            self._raise_for(faults(*self._open))
        if not self._seen:
            raise FastaError("there is no base in it")

    def _raise_for(self, found: int) -> None:
        if found & PROTEIN or (found & EMPTY and self.bad is not None):
            raise FastaError("a record in it cannot be used")

    def _add(self, bases: BaseCodes, start: int, phase: int, piece: Piece) -> int:
        self.totals.add(bases, start, phase)
        if piece.buffer is not None:
            self._buffers.append(piece.buffer)
        return piece.bytes

    def _without_line(self, source: Source, reason: str) -> str:
        name = name_of(source)
        if reason.startswith(name):  # the source itself is damaged
            return reason
        return f"{name}: {reason}; save it as a file, which can be read twice, to learn the line"

    def _again(self, source: Source) -> bool:
        """Return to the start of the source; return whether that is possible."""
        if isinstance(source, str | os.PathLike):
            with contextlib.suppress(OSError):  # the reader reports it
                return not Path(source).is_fifo()
            return True
        if isinstance(source, bytes):
            return True
        if self._position is not None:
            source.seek(self._position)
        return self._position is not None
