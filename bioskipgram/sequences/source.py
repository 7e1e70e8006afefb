"""A path, an open file or an upload -> the kind of text in it and its bytes, unpacked.

The kind is read from the first bytes, never from the name. The text is read in chunks: neither a
large file nor a gzip bomb is ever in memory as a whole.
"""

import io
import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from itertools import chain, repeat
from pathlib import Path
from typing import Any, BinaryIO

from isal import isal_zlib

from bioskipgram.errors import FastaError

from .file_kinds import CHUNK, kind_of

GZIP = b"\x1f\x8b"
_FREE, _FREE_ANNOTATED = 1 << 25, 1 << 21
"""Bytes of text that any packed file may hold, whatever its ratio, since a chromosome begins with
millions of N; lines of annotation differ, and take longer to read."""
_LONGEST_NAME = 80
_LONGEST_LINE = 1 << 20
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_Damaged: type[Exception] = isal_zlib.error  # type: ignore[assignment]
Source = str | Path | bytes | BinaryIO
"""A path, an open binary file (read from its position, not closed) or an upload's bytes."""


@dataclass(frozen=True, kw_only=True)
class Limits:
    """The most that a reader accepts; the defaults are those for uploads.

    `file_bytes` is of one file, `length` of one record; `bases` and `records` are of all files,
    unusable ones included; `ratio` is bytes of text per packed byte: genes have 4, a gzip bomb
    1,000.
    """

    file_bytes: int = 200_000_000
    bases: int = 200_000_000
    records: int = 200_000
    length: int = 50_000_000
    ratio: int = 100

    @property
    def text_bytes(self) -> int:
        """Bytes that one file may unpack to, annotation included."""
        return 4 * self.bases + (1 << 24)


NO_LIMITS = Limits(
    file_bytes=sys.maxsize, bases=sys.maxsize, records=sys.maxsize, length=sys.maxsize,
    ratio=sys.maxsize,
)  # fmt: skip
"""For the command line."""


def name_of(source: Source) -> str:
    """Return the name of a source for errors: its file's name, else "the upload"."""
    named = source if isinstance(source, str | Path) else getattr(source, "name", None)
    name = Path(named).name or str(named) if isinstance(named, str | Path) else "the upload"
    return name if len(name) <= _LONGEST_NAME else f"{name[:_LONGEST_NAME]}…"


def unpacked(
    source: Source, name: str, *, block: int = CHUNK, hashed: Any = None, limits: Limits = NO_LIMITS
) -> tuple[str, Iterator[bytes]]:
    """Return the kind of a source, "fasta", "genbank" or "embl", and its text in chunks.

    The annotation of GFF3 is replaced by empty lines, so that its ``##FASTA`` part is FASTA. Chunks
    after the first have at most `block` bytes; `hashed`, a hashlib object, is fed the bytes before
    unpacking. Reading a chunk raises a FastaError where the file is damaged or too large.
    """
    head, chunks = _peek(_chunks(source, name, block, hashed, limits))
    bounds = Bounds(limits.ratio)
    if head.startswith(GZIP):
        head, chunks = _peek(gunzip(chain([head], chunks), name, block, bounds))
    head = head.removeprefix(_BYTE_ORDER_MARK)
    kind = kind_of(head[:CHUNK], name)
    bounds.free = _FREE if kind == "fasta" else _FREE_ANNOTATED
    text = _capped(chain([head], chunks), name, limits)
    return ("fasta", _after_annotation(text, name)) if kind == "gff" else (kind, text)


def plain_text(
    source: Source, name: str, *, block: int = CHUNK, limits: Limits = NO_LIMITS
) -> Iterator[bytes]:
    """Yield the bytes of a file that need not hold sequences, unpacked if it is gzipped.

    Reading a chunk raises a FastaError where the file is damaged or too large.
    """
    head, chunks = _peek(_chunks(source, name, block, None, limits))
    whole = chain([head], chunks)
    unpacking = gunzip(whole, name, block, Bounds(limits.ratio)) if head.startswith(GZIP) else whole
    yield from _capped(unpacking, name, limits)


def unix(text: bytes) -> bytes:
    """Return text with a line feed for every line ending, so that lines can be counted."""
    return text.replace(b"\r\n", b"\n").replace(b"\r", b"\n") if b"\r" in text else text


def _chunks(source: Source, name: str, block: int, hashed: Any, limits: Limits) -> Iterator[bytes]:
    total = 0
    with _opened(source, name) as raw:
        for size in chain([CHUNK], repeat(block)):
            try:
                chunk = raw.read(size)
            except OSError as error:
                raise FastaError(f"{name}: reading failed: {error.strerror or error}") from error
            if isinstance(chunk, str):
                raise TypeError("the file is open in text mode; open it with mode 'rb'")
            if not chunk:
                return
            total += len(chunk)
            if total > limits.file_bytes:
                raise FastaError(
                    f"{name}: more than {limits.file_bytes:,} bytes, the most allowed here; take "
                    "a part of it, or use the command line"
                )
            if hashed is not None:
                hashed.update(chunk)
            yield chunk


def _opened(source: Source, name: str) -> AbstractContextManager[BinaryIO]:
    if isinstance(source, bytes | bytearray | memoryview):
        return io.BytesIO(source)
    if not isinstance(source, str | Path):
        return nullcontext(source)
    if str(source).lstrip().startswith(">"):
        raise FastaError("this is FASTA text, not a path; pass its bytes: text.encode()")
    try:
        return Path(source).open("rb")
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        raise FastaError(f"{name}: {_sentence(error, Path(source))}") from error


def _sentence(error: Exception, path: Path) -> str:
    if isinstance(error, FileNotFoundError):
        return f"there is no such file in {path.absolute().parent}; check the path"
    if isinstance(error, IsADirectoryError):
        return "this is a directory; name one of the files in it"
    if isinstance(error, PermissionError):
        return "permission denied; make the file readable for this user"
    return f"it cannot be opened: {getattr(error, 'strerror', None) or error}"


def _peek(chunks: Iterator[bytes]) -> tuple[bytes, Iterator[bytes]]:
    """Return the first bytes, `CHUNK` of them if there are so many, and what follows."""
    head = bytearray()
    for chunk in chunks:
        head += chunk
        if len(head) >= CHUNK:
            break
    return bytes(head), chunks


@dataclass
class Bounds:
    """How much text may be unpacked: `free` bytes, and `ratio` for each packed byte."""

    ratio: int
    free: int = _FREE


def gunzip(chunks: Iterable[bytes], name: str, block: int, bounds: Bounds) -> Iterator[bytes]:
    """Unpack gzip data of one or many members (bgzip has many)."""
    member, taken, given = isal_zlib.decompressobj(31), 0, 0
    for chunk in chunks:
        taken += len(chunk)
        while chunk := chunk.lstrip(b"\0") if member.eof else chunk:
            fresh, member = member.eof, isal_zlib.decompressobj(31) if member.eof else member
            try:
                if fresh and not chunk.startswith(GZIP[: len(chunk)]):
                    raise _Damaged("incorrect header check")
                text = member.decompress(chunk, block)
            except _Damaged as error:
                raise FastaError(
                    f"{name}: the gzip data is damaged within its first {taken:,} bytes "
                    f"({_reason(error)}); copy or download it again"
                ) from error
            given += len(text)
            chunk = member.unused_data if member.eof else member.unconsumed_tail
            if given > max(bounds.free, bounds.ratio * (taken - len(chunk))):
                raise FastaError(
                    f"{name}: it unpacks to more than {bounds.ratio} times its size, which no "
                    "file of genes does; unpack it and take a part of it"
                )
            yield text
    if not member.eof:
        raise FastaError(
            f"{name}: the gzip data ends early, after {taken:,} bytes; the file is cut short: "
            "copy or download it again"
        )


def _reason(error: Exception) -> str:
    """Return ISA-L's error, in zlib's better known words where there are any."""
    return "incorrect data check" if "checksum" in str(error) else str(error)


def _capped(chunks: Iterable[bytes], name: str, limits: Limits) -> Iterator[bytes]:
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if size > limits.text_bytes:
            raise FastaError(
                f"{name}: it unpacks to more than {limits.text_bytes:,} bytes, the most allowed "
                "here; take a part of it, or use the command line"
            )
        yield chunk


def _after_annotation(chunks: Iterable[bytes], name: str) -> Iterator[bytes]:
    """Yield GFF3 from ``##FASTA`` or the first header on, and empty lines for those before it."""
    mark = re.compile(
        rb"(?:\A|(?<=[\r\n]))(?:##FASTA[^\r\n]*(?:\n|\r\n|\r(?=[^\n]))|(?=>))", re.IGNORECASE
    )
    rest, found = b"", False
    for chunk in chunks:
        if found:
            yield chunk
            continue
        text = rest + chunk
        match = mark.search(text)
        found = match is not None
        end = match.end() if match else text.rfind(b"\n") + 1
        rest = text[end:]
        if not found and len(rest) > _LONGEST_LINE:
            raise FastaError(
                f"{name}: a line of annotation of more than {_LONGEST_LINE:,} characters; "
                "is it GFF?"
            )
        yield b"\n" * unix(text[:end]).count(b"\n") + (rest if found else b"")
    if not found:
        raise FastaError(
            f"{name}: this is GFF, annotation without a ##FASTA part; give the FASTA file of the "
            "sequences"
        )
