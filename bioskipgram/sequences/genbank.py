"""GenBank and EMBL text -> header line and letters of each record, through Biopython."""

import io
import warnings
from collections.abc import Iterator
from typing import Any

from bioskipgram.errors import FastaError


def flat_records(chunks: Iterator[bytes], kind: str, name: str) -> Iterator[tuple[str, bytes]]:
    """Yield a FASTA-like header, ``U01317.1 Human beta globin [gene=HBE1]``, and the letters.

    The gene is the record's first /gene qualifier. A record with one coding sequence that is not
    all of it has ``[cds=51..113]`` behind, one with another genetic code ``[transl_table=2]``.

    Parameters
    ----------
    chunks
        The file's text, piece by piece.
    kind
        "genbank" or "embl".
    name
        What errors call the file.

    Raises
    ------
    FastaError
        If Biopython cannot parse a record, or the record comes without its sequence.
    """
    records, done = _parse(chunks, kind), 0
    while True:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                record = next(records, None)
            letters = b"" if record is None else bytes(record.seq)
        except FastaError:
            raise
        except (ValueError, LookupError, TypeError, AttributeError, AssertionError) as error:
            raise FastaError(
                f"{name}, record {done + 1}: it cannot be parsed as {kind} "
                f"({' '.join(str(error).split())}); download it again, with its sequence"
            ) from error
        if record is None:
            return
        done += 1
        yield _header(record), letters


def _parse(chunks: Iterator[bytes], kind: str) -> Iterator[Any]:
    from Bio import SeqIO

    file = io.BufferedReader(_ChunkFile(chunks), 1 << 20)
    text = io.TextIOWrapper(file, "utf-8", "replace")
    yield from SeqIO.parse(text, kind)  # type: ignore[no-untyped-call]


def _header(record: Any) -> str:
    genes = (feature.qualifiers.get("gene") for feature in record.features)
    gene = next((f" [gene={found[0]}]" for found in genes if found), "")
    return f"{record.id} {record.description}{gene}{_coding(record)}"


def _coding(record: Any) -> str:
    """Return what the record states about its only coding sequence, in brackets."""
    coding = [feature for feature in record.features if feature.type == "CDS"]
    if len(coding) != 1:
        return ""
    (feature,) = coding
    table = feature.qualifiers.get("transl_table", ["1"])[0]
    stated = f" [transl_table={table}]" if table.isdecimal() and int(table) != 1 else ""
    place = _location(feature, len(record.seq))
    return f" [cds={place}]{stated}" if place else stated


def _location(feature: Any, length: int) -> str:
    """Return where a coding sequence lies, from its first whole codon on; "" = the whole record."""
    parts = [] if feature.location is None else list(feature.location.parts)
    strands = {part.strand for part in parts}
    if not parts or len(strands) > 1 or any(part.ref for part in parts):
        return ""
    try:
        spans = [[int(part.start) + 1, int(part.end)] for part in parts]
    except TypeError:  # an end that is not known
        return ""
    back = strands == {-1}
    skipped = str(feature.qualifiers.get("codon_start", ["1"])[0])
    if skipped in ("2", "3"):  # a partial coding sequence starts inside a codon
        spans[0][int(back)] += (int(skipped) - 1) * (-1 if back else 1)
    if spans == [[1, length]] and not back:
        return ""
    place = ",".join(f"{first}..{last}" for first, last in (reversed(spans) if back else spans))
    place = f"join({place})" if len(spans) > 1 else place
    return f"complement({place})" if back else place


class _ChunkFile(io.RawIOBase):
    """Chunks of bytes as the file that Biopython wants."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self.chunks, self.rest = chunks, memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self.rest:
            self.rest = memoryview(next(self.chunks, b""))
        size = min(len(buffer), len(self.rest))
        buffer[:size], self.rest = self.rest[:size], self.rest[size:]
        return size
