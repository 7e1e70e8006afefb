"""A path, an open file or an upload -> the kind of text in it and its bytes, unpacked.

What a source is, is read from its first bytes, never from its name. All is done a little at
a time: neither a large file nor a gzip bomb is ever in memory.
"""

import io
import re
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from itertools import chain, repeat
from pathlib import Path
from typing import Any, BinaryIO

from isal import isal_zlib

from bioskipgram.errors import FastaError

CHUNK = 1 << 16
"""How many bytes are looked at to tell what a file is, and handed on at once if not told else."""
_Damaged: type[Exception] = isal_zlib.error  # type: ignore[assignment]
_GZIP = b"\x1f\x8b"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_FOREIGN = (
    (b"PK\x03\x04", "this is a zip archive; unpack it first"),
    (b"BZh", "this is bzip2 data; unpack it first, with bunzip2"),
    (b"\xfd7zXZ", "this is xz data; unpack it first, with unxz"),
    (b"\x28\xb5\x2f\xfd", "this is zstd data; unpack it first, with unzstd"),
    (_GZIP, "this is gzip data inside gzip data; unpack it first, with gunzip"),
    (b"\x43\x27\x41\x1a", "this is a 2bit file; turn it into FASTA first, with twoBitToFa"),
    (b"\x1a\x41\x27\x43", "this is a 2bit file; turn it into FASTA first, with twoBitToFa"),
    (b"\xff\xfe", "this is UTF-16 text; save it as UTF-8"),
    (b"\xfe\xff", "this is UTF-16 text; save it as UTF-8"),
    (b"<", "this is a web page or XML; download the FASTA file itself"),
    (b"@", "this looks like FASTQ; turn it into FASTA first, with seqtk seq -A"),
)
"""First bytes of what people take for FASTA, and what to do about it."""
Source = str | Path | bytes | BinaryIO
"""A path, an open binary file (read from where it stands, not closed) or an upload's bytes."""


def name_of(source: Source) -> str:
    """Return what errors call a source: its file's name, else "the upload"."""
    named = source if isinstance(source, str | Path) else getattr(source, "name", None)
    return Path(named).name or str(named) if isinstance(named, str | Path) else "the upload"


def unpacked(
    source: Source, name: str, *, block: int = CHUNK, hashed: Any = None
) -> tuple[str, Iterator[bytes]]:
    """Return the kind of a source, "fasta", "genbank" or "embl", and its text in chunks.

    Parameters
    ----------
    source
        A path, an open binary file or bytes.
    name
        What errors call it.
    block
        The most bytes in a chunk after the first.
    hashed
        A hashlib object that is fed the bytes as they are read, before any unpacking.

    Raises
    ------
    FastaError
        If it cannot be opened or is none of these; from the chunks, if it is damaged.
    """
    head, chunks = _peek(_chunks(source, name, block, hashed))
    if head.startswith(_GZIP):
        head, chunks = _peek(_gunzip(chain([head], chunks), name, block))
    head = head.removeprefix(_BYTE_ORDER_MARK)
    return _kind(head[:CHUNK], name), chain([head], chunks)


def unix(text: bytes) -> bytes:
    """Return text with a line feed for every line ending, so that lines can be counted."""
    return text.replace(b"\r\n", b"\n").replace(b"\r", b"\n") if b"\r" in text else text


def _chunks(source: Source, name: str, block: int, hashed: Any) -> Iterator[bytes]:
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


def _gunzip(chunks: Iterable[bytes], name: str, block: int) -> Iterator[bytes]:
    """Unpack gzip data of one or many members (bgzip has many)."""
    member, taken = isal_zlib.decompressobj(31), 0
    for chunk in chunks:
        taken += len(chunk)
        while chunk := chunk.lstrip(b"\0") if member.eof else chunk:
            fresh, member = member.eof, isal_zlib.decompressobj(31) if member.eof else member
            try:
                if fresh and not chunk.startswith(_GZIP[: len(chunk)]):
                    raise _Damaged("incorrect header check")
                yield member.decompress(chunk, block)
            except _Damaged as error:
                raise FastaError(
                    f"{name}: the gzip data is damaged within its first {taken:,} bytes "
                    f"({_reason(error)}); copy or download it again"
                ) from error
            chunk = member.unused_data if member.eof else member.unconsumed_tail
    if not member.eof:
        raise FastaError(
            f"{name}: the gzip data ends early, after {taken:,} bytes; the file is cut short: "
            "copy or download it again"
        )


def _reason(error: Exception) -> str:
    """Return what ISA-L found wrong, in zlib's better known words where it has them."""
    return "incorrect data check" if "checksum" in str(error) else str(error)


def _kind(head: bytes, name: str) -> str:
    start = head.lstrip()
    for magic, sentence in _FOREIGN:
        if start.startswith(magic):
            raise FastaError(f"{name}: {sentence}")
    if b"\0" in head:
        raise FastaError(f"{name}: this is a binary file; FASTA, GenBank and EMBL are text")
    lines = unix(head)
    first = re.search(rb"^[ \t]*[^;\s]", lines, re.MULTILINE)
    if first is None:
        raise FastaError(
            f"{name}: {f'nothing in the first {CHUNK:,} bytes' if head else 'the file is empty'}; "
            "a FASTA file starts with a line '>name'"
        )
    if first[0] == b">":
        return "fasta"
    if re.search(rb"^LOCUS ", lines, re.MULTILINE):
        return "genbank"
    if lines.startswith(b"ID   ", first.start()):
        return "embl"
    line = lines.count(b"\n", 0, first.start()) + 1
    raise FastaError(
        f"{name}, line {line}: sequence before the first '>' "
        "header; put a line such as '>name' above it"
    )
