"""Text or sequences -> pieces that threads decode and count side by side."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import chain

import numpy as np

from bioskipgram.errors import FastaError
from bioskipgram.numerics.arrays import BaseCodes
from bioskipgram.sequences.sequences import Sequences

from .counts import Layout
from .decode_kernel import START, decode


@dataclass(frozen=True)
class Piece:
    """A piece of the text: its decoded bases, after space for those of the piece before."""

    decoded: BaseCodes
    records: int
    bases: int
    bytes: int
    faults: tuple[int, int, int, int, int] | None = None
    """The faults found by `decode`; None where the reader has checked the records."""
    buffer: BaseCodes | None = None
    """The buffer that `decoded` is part of, for reuse."""


Job = Callable[[], Piece]


def cut(chunks: Iterable[bytes], block: int) -> Iterator[tuple[bytes, int]]:
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
    """Return the kind of line that text ends in: see `decode`."""
    start = text.rfind(b"\n") + 1
    start = text.rfind(b"\r", start) + 1 or start
    if start == len(text):
        return 0
    if start == 0 and kind:
        return kind
    return 1 if text[start : start + 1] in (b">", b";") else 2


def decoded(
    text: bytes, kind: int, table: BaseCodes, layout: Layout, buffers: deque[BaseCodes]
) -> Piece:
    """Return text, which starts in that kind of line, decoded; see `decode`."""
    out = buffers.pop() if buffers else np.empty(0, np.uint8)
    if len(out) < layout.span + len(text):
        out = np.empty(layout.span + len(text), np.uint8)
    raw = np.frombuffer(text, np.uint8)
    made = decode(raw, kind, table, layout.letters, out, layout.span)
    stop, records, foreign = made[:3]
    if foreign >= 0:
        alphabet = layout.tokenizer.alphabet.name
        raise FastaError(f"byte 0x{text[foreign]:02X} is not a {alphabet} letter")
    bases = stop - layout.span - records
    return Piece(out[:stop], records, bases, len(text), made[3:], out)


def other_strand(sequences: Sequences) -> Sequences:
    """Return the reverse complements of the records, from the last to the first."""
    both, records, bases = sequences.both_strands(), len(sequences), len(sequences.codes)
    return Sequences(
        both.names[records:],
        both.descriptions[records:],
        both.codes[bases:],
        both.offsets[records:] - bases,
        both.alphabet,
    )


def sequence_jobs(
    sequences: Sequences, span: int, block: int, *, counted: bool = True
) -> Iterator[Job]:
    """Yield the pieces of sequences; `counted` = as records and bases of the source."""
    edges = sequences.offsets[:-1]
    for start in range(0, len(sequences.codes), block) or [0]:
        stop = min(start + block, len(sequences.codes))
        last = stop == len(sequences.codes)
        first, end = np.searchsorted(edges, [start, stop], side="left")
        here = edges[first : len(edges) if last else end] - start
        codes = np.insert(sequences.codes[start:stop], here, START)
        out = np.concatenate([np.empty(span, np.uint8), codes])
        sizes = (len(here), stop - start, stop - start) if counted else (0, 0, 0)
        yield partial(Piece, out, *sizes)
