"""GenBank and EMBL text -> header and letters of each record.

Only what a header needs is read: names, description, the first gene and the coding sequence.
Unusual spacing, qualifiers or locations therefore do not prevent a sequence from being read.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from bioskipgram.errors import FastaError

from .headers import printable
from .reading import Reading
from .source import unix

_DIGITS = b"0123456789"
_LONGEST = 1 << 16
"""The most bytes of a description, a location or a line that are read."""
_MOST_SHORT, _SHORT = 50_000, 20
"""So many lines of annotation have more characters each: real ones have 40."""


@dataclass
class _Record:
    """The annotation of a record read so far."""

    line: int
    locus: str = ""
    version: str = ""
    accession: str = ""
    stated: int = 0
    words: list[bytes] = field(default_factory=list)
    gene: str = ""
    coding: int = 0
    """How many coding sequences there are."""
    place: str = ""
    """The location of the first one."""
    table: str = ""
    skipped: str = "1"
    parts: bool = False
    section: str = ""
    value: bytes = b""

    def take(self, row: bytes, kind: str) -> None:
        """Read a line of annotation."""
        row = row[:_LONGEST]
        if kind == "genbank":
            self._genbank(row)
        else:
            self._embl(row)

    def _genbank(self, row: bytes) -> None:
        key, text = row[:12].strip(), row[12:].strip()
        if row[:5] == b"LOCUS":
            words = printable(row[5:]).split()
            self.locus = words[0] if words else ""
            found = re.search(rb"\s(\d+)\s+(?:bp|aa)\b", row)
            self.stated = int(found[1][:18]) if found else 0
        elif not row[:1].isspace():
            self.section = printable(key)
            if key == b"DEFINITION":
                self.words = [text]
            elif key in (b"ACCESSION", b"VERSION"):
                setattr(self, key.decode().lower(), _first_word(text))
            self.parts |= key == b"CONTIG"
        elif self.section == "DEFINITION" and len(self.words) < 100:
            self.words.append(text)
        elif self.section == "FEATURES":
            self._feature(row[5:21].strip(), row[21:].strip())

    def _embl(self, row: bytes) -> None:
        code, text = row[:2], row[2:].strip()
        if code == b"ID":
            fields = [printable(part) for part in text.split(b";")]
            self.locus = fields[0].split()[0] if fields[0].split() else ""
            if len(fields) > 1 and fields[1].startswith("SV "):
                self.version = f"{self.locus}.{fields[1][3:].strip()}"
            found = re.search(rb"(\d+)\s+(?:BP|AA)\b", row)
            self.stated = int(found[1][:18]) if found else 0
        elif code == b"SV":
            self.version = self.version or _first_word(text)
        elif code == b"AC":
            self.accession = self.accession or _first_word(text).rstrip(";")
        elif code == b"DE" and len(self.words) < 100:
            self.words.append(text)
        elif code == b"FT":
            self._feature(row[5:21].strip(), row[21:].strip())
        self.parts |= code == b"CO"

    def _feature(self, key: bytes, text: bytes) -> None:
        """Read a line of the feature table: a key with its location, or a qualifier."""
        if key:
            self.section, self.value = "FEATURES", b""
            if key == b"CDS":
                self.coding += 1
                self.value = b"location=" if self.coding == 1 else b""
        if text.startswith(b"/") and self.value.count(b'"') % 2 == 0:
            self.value = text[1:]
        elif len(self.value) < _LONGEST:
            self.value += (b"" if self.value.startswith(b"location=") else b" ") + text
        name, _, value = self.value.partition(b"=")
        if name == b"location" and self.coding == 1:
            self.place = printable(value)
        elif name == b"gene" and not self.gene and value.count(b'"') != 1:
            self.gene = printable(value.strip(b'" '))
        elif name == b"transl_table" and self.coding:
            self.table = self.table or printable(value.strip(b'" '))
        elif name == b"codon_start" and self.coding:
            self.skipped = printable(value.strip(b'" '))

    def header(self, kind: str) -> str:
        """Return a FASTA header, ``U01317.1 Human beta globin [gene=HBE1]``.

        ``[cds=51..113]`` is added for one coding sequence that is not the whole record, and
        ``[transl_table=2]`` for a genetic code that is not the standard one.
        """
        names = (self.version, self.accession, self.locus)
        name = next((name for name in names if name not in ("", ".")), "")
        words = printable(b" ".join(self.words))
        tags = [f"gene={self.gene}"] if self.gene else []
        if self.coding == 1:
            place = _location("".join(self.place.split()), self.skipped, self.stated)
            tags += [f"cds={place}"] if place else []
            other = self.table.isdecimal() and len(self.table) < 4 and int(self.table) != 1
            tags += [f"transl_table={self.table}"] if other else []
        marks = "".join(f" [{tag}]" for tag in tags)
        return f"{name} {words.removesuffix('.') if kind == 'genbank' else words}{marks}".strip()


def _location(text: str, skipped: str, length: int) -> str:
    """Return the location of a coding sequence from its first whole codon on.

    "" = the whole record, or a location that cannot be followed within `length` bases (0 = not
    known); `skipped` is the qualifier codon_start.
    """
    parts = re.fullmatch(r"(?:join|order)\(((?:complement\([^()]*\),?)+)\)", text)
    if parts:  # each exon on its own: the same as the complement of all, in reverse order
        turned = re.findall(r"complement\(([^()]*)\)", parts[1])[::-1]
        text = f"complement(join({','.join(turned)}))"
    back = text.startswith("complement(")
    inner = text.removeprefix("complement(").removeprefix("join(").removeprefix("order(")
    spans = []
    for part in inner.rstrip(")").split(","):
        found = re.fullmatch(r"<?(\d{1,12})(?:\.\.>?(\d{1,12}))?", part)
        if not found:
            return ""
        spans.append([int(found[1]), int(found[2] or found[1])])
    if any(not 1 <= first <= last for first, last in spans):
        return ""
    for _ in range(int(skipped) - 1 if skipped in ("2", "3") else 0):
        span = spans[-1 if back else 0]
        span[int(back)] += -1 if back else 1
        spans = [span for span in spans if span[0] <= span[1]]
    if not spans:
        return ""
    if spans == [[1, length]] and not back:
        return ""
    place = ",".join(f"{first}..{last}" for first, last in spans)
    place = f"join({place})" if len(spans) > 1 else place
    return f"complement({place})" if back else place


def flat_records(chunks: Iterable[bytes], kind: str, reading: Reading) -> Iterator[None]:
    """Read GenBank or EMBL text (`kind`); yields after each record and each piece of a long one."""
    record: _Record | None = None
    begun, line, length = False, 0, 0
    for text in _whole_lines(chunks):
        at, rows = 0, text.count(b"\n")
        if not begun and rows > _MOST_SHORT and len(text) < _SHORT * rows:
            raise FastaError(
                f"{reading.name}: {rows:,} lines with {len(text) / rows:.0f} characters each; is "
                "it GenBank or EMBL?"
            )
        while at < len(text):
            if begun and (end := _end_of_letters(text, at)) > at:
                reading.add(text[at:end].translate(None, _DIGITS), line + 1)
                line, at = line + text.count(b"\n", at, end), end
                continue
            end = text.find(b"\n", at)
            row = text[at:] if end < 0 else text[at:end]
            line, at = line + 1, at + len(row) + 1
            if record is None:
                if not row.startswith((b"LOCUS", b"ID ", b"ID\t")):
                    continue
                record, length = _Record(line), reading.bases
            if row.startswith(b"//"):
                _finish(reading, record, kind, begun=begun)
                record, begun = None, False
                yield
            elif row.startswith((b"ORIGIN", b"SQ ", b"SQ\t")):
                begun = True
                reading.begin(record.header(kind), record.line)
            else:
                record.take(row, kind)
        yield
    if record is not None:
        _finish(reading, record, kind, begun=begun, found=reading.bases - length)
        yield


def _end_of_letters(text: bytes, start: int) -> int:
    """Return where the line ``//`` starts that ends the letters, or where the text ends."""
    if text.startswith(b"//", start):
        return start
    found = text.find(b"\n//", start)
    return len(text) if found < 0 else found + 1


def _finish(
    reading: Reading, record: _Record, kind: str, *, begun: bool, found: int | None = None
) -> None:
    """End a record; `found` letters were there when the file ended without its end."""
    if not begun:
        reading.begin(record.header(kind), record.line)
        what = "ORIGIN" if kind == "genbank" else "SQ"
        reading.fail(
            "it has no sequence, only the list of its parts; download it in full"
            if record.parts
            else f"it has no sequence ({what}); download it again, with its sequence"
        )
    elif found is not None and found < max(1, record.stated):
        stated = f" of {record.stated:,}" if record.stated else ""
        reading.fail(
            f"it is cut short: {found:,}{stated} letters and no end, //; download it again"
        )
    reading.end()


def _first_word(text: bytes) -> str:
    words = printable(text).split()
    return words[0] if words else ""


def _whole_lines(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the whole lines of each chunk, with line feeds only."""
    rest = b""
    for chunk in chunks:
        raw = rest + chunk
        whole = len(raw) - raw.endswith(b"\r")
        text = unix(raw[:whole])
        end = text.rfind(b"\n") + 1
        if len(text) - end > _LONGEST:  # no real line is so long
            end = len(text)
        yield text[:end]
        rest = text[end:] + raw[whole:]
    yield unix(rest)
