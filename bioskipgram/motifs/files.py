"""Files of matrices -> motifs: JASPAR, MEME, TRANSFAC and plain counts, recognized by their text.

Every number is kept as written: letters are taken from the names of the rows or columns, and
probabilities are not rounded to counts.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bioskipgram.errors import QueryError
from bioskipgram.files import other_kind
from bioskipgram.numerics.arrays import Doubles
from bioskipgram.sequences.alphabet import DNA

from .matrix import MAX_COLUMNS, Motif

MAX_BYTES = 20_000_000
MAX_MOTIFS = 5_000
MAX_LINES = 1_000_000
MAX_LINE = 20_000
"""The most characters of a line."""
MAX_ROWS = 1_000
"""The most rows that are read before a matrix is judged too long."""
MAX_COUNT = 1e12
SITES = 20
"""Sequences of a matrix of probabilities that does not state them; MEME's default."""
Reader = Callable[[list[str], str], Iterator[tuple[str, Doubles]]]
"""Lines, and their name in errors -> titles and counts."""
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_FACTS = {"TF", "Gene", "Motif", "Family", "Species", "Protein"}
"""What CIS-BP and UniPROBE write above a matrix."""
_TITLES = {"Motif", "Protein"}


def read_motifs(source: str | bytes | Path, *, name: str = "the matrix") -> list[Motif]:
    """Return the motifs of a file, at least one; a QueryError says what is wrong with it.

    Parameters
    ----------
    source
        Text, bytes of text, or a path. JASPAR (``>`` and four rows in brackets), MEME, TRANSFAC;
        or plain counts or probabilities, four rows or four columns, with ``>`` lines above
        (HOMER, HOCOMOCO) and the letters beside or above them in any order (CIS-BP); without
        letters the order is A C G T. Four by four numbers without letters are rows A C G T
        unless only the rows have equal sums.
    name
        Used in errors, and for a motif without a name.
    """
    text = _text(source, name)
    kind = sniff(text)
    readers: dict[str, Reader] = {
        "MEME": _meme,
        "TRANSFAC": _transfac,
        "JASPAR": partial(_plain, jaspar=True),
    }
    found: list[Motif] = []
    for title, weights in readers.get(kind, _plain)(text.split("\n"), name):
        if len(found) == MAX_MOTIFS:
            raise QueryError(f"{name}: more than {MAX_MOTIFS:,} motifs; give fewer")
        found.append(Motif(title, weights, kind))
    if not found:
        raise QueryError(f"{name}: no matrix in it; give JASPAR, MEME, TRANSFAC or plain counts")
    return found


def sniff(text: str) -> str:
    """Return "JASPAR", "MEME" or "TRANSFAC" by how a text looks; "" for plain numbers."""
    if re.search(r"^MEME version|^MOTIF\s", text, re.MULTILINE):
        return "MEME"
    if re.search(r"^P[0O](\s+[ACGTUacgtu]){4}\s*$", text, re.MULTILINE):
        return "TRANSFAC"
    if re.search(r"^DE\b.*\n[ \t]*\d+([ \t]+[-+.\deE]+){4}", text, re.MULTILINE):
        return "TRANSFAC"
    row = r"^[ \t]*{}[ \t]*\[[^\]\n]*\][ \t]*$"
    if text.lstrip().startswith(">") and all(
        re.search(row.format(letter), text, re.MULTILINE) for letter in "ACG"
    ):
        return "JASPAR"
    return ""


def _text(source: str | bytes | Path, name: str) -> str:
    if isinstance(source, Path):
        try:
            with source.open("rb") as file:
                source = file.read(MAX_BYTES + 1)
        except (OSError, ValueError) as error:  # a NUL in the path is a ValueError
            reason = getattr(error, "strerror", None) or str(error)
            raise QueryError(f"{name[:80]}: it cannot be opened: {reason}") from error
    if len(source) > MAX_BYTES:
        raise QueryError(f"{name}: more than {MAX_BYTES // 1_000_000} MB of matrices")
    if isinstance(source, bytes):
        if source[:1] != b">" and (kind := other_kind(source[:256])):
            raise QueryError(f"{name}: {kind}")
        source = source.decode("utf-8", "replace")
    if "\0" in source:
        raise QueryError(f"{name}: a binary file; give a text file of matrices")
    if source.count("\n") > MAX_LINES:
        raise QueryError(f"{name}: more than {MAX_LINES:,} lines; give fewer matrices")
    return "\n".join(source.lstrip("\ufeff").splitlines())


def _title(text: str) -> str:
    """Return a name on one line, at most 80 characters."""
    return "".join(c if c.isprintable() else " " for c in " ".join(text.split()))[:80]


def _checked(line: str, rows: Sequence[object], number: int, name: str) -> str:
    """Return a line; a QueryError if it, or the matrix read so far, is too long."""
    if len(line) > MAX_LINE or len(rows) > MAX_ROWS:
        what = f"{MAX_LINE:,} characters" if len(line) > MAX_LINE else f"{MAX_ROWS:,} rows"
        raise QueryError(
            f"{name}, line {number}: more than {what}; a motif has 1 to {MAX_COLUMNS} columns"
        )
    return line


def _numbers(words: Sequence[str], number: int, name: str) -> list[float]:
    """Return the numbers of line `number`."""
    for word in words:
        if not _NUMBER.fullmatch(word):
            raise QueryError(
                f"{name}, line {number}: {word[:30]!r} is no number; give JASPAR, MEME, "
                "TRANSFAC, or rows of counts in the order A C G T"
            )
    found = [float(word) for word in words]
    if found and max(map(abs, found)) > MAX_COUNT:
        raise QueryError(f"{name}, line {number}: a number above {MAX_COUNT:.0e}; give counts")
    return found


def _order(letters: str, name: str) -> NDArray[np.int64]:
    """Return where A, C, G and T are among the letters that name rows or columns."""
    named = letters.upper().replace("U", "T")
    if sorted(named) != list(DNA.letters):
        raise QueryError(f"{name}: its letters are {letters[:20]}; a matrix has A, C, G and T")
    return np.array([named.index(letter) for letter in DNA.letters])


def _counted(matrix: Doubles, sites: float = SITES) -> Doubles:
    """Return counts; probabilities are multiplied by the number of sequences."""
    shares = (np.abs(matrix.sum(axis=1) - 1) < 0.05).all()
    counts: Doubles = np.ascontiguousarray(matrix * (sites if shares else 1), np.float64)
    return counts


def _meme(lines: list[str], name: str) -> Iterator[tuple[str, Doubles]]:
    """Yield the title and counts of each letter-probability matrix in MEME's format."""
    title, rest = "", enumerate(lines, 1)
    for number, line in rest:
        if line.startswith("ALPHABET"):
            letters = line.partition("=")[2].strip() if "=" in line else _alphabet(rest)
            if letters.upper() not in ("ACGT", "ACGU"):
                raise QueryError(
                    f"{name}, line {number}: its alphabet is {letters[:30]!r}; "
                    "a matrix is of A, C, G and T"
                )
        elif line.split()[:1] == ["MOTIF"]:
            title = _title((line.split()[1:] or [""])[0])
        elif line.startswith("letter-probability matrix"):
            yield title or name, _meme_matrix(lines, number, name)


def _alphabet(lines: Iterator[tuple[int, str]]) -> str:
    """Return the sorted letters that MEME's lines up to END ALPHABET define."""
    letters = ""
    for _, line in lines:
        if line.startswith("END ALPHABET"):
            break
        plain = re.sub(r'"[^"]*"', "", line)
        if "=" not in plain:  # else an ambiguity code
            letters += "".join(part.split()[0] for part in plain.split("~") if part.strip())
    return "".join(sorted(letters))


def _meme_matrix(lines: list[str], number: int, name: str) -> Doubles:
    """Return the counts of the matrix whose heading is line `number`, counted from 1."""
    where = f"{name}, line {number}"
    facts = dict(re.findall(r"(\w+)\s*=\s*(\S+)", lines[number - 1]))
    rows: list[list[float]] = []
    for i, line in enumerate(lines[number : number + MAX_COLUMNS + 2], number + 1):
        words = line.split()
        if not words and not rows:
            continue
        if not words or not _NUMBER.fullmatch(words[0]):
            break
        rows.append(_numbers(words, i, name))
    if not rows or {len(row) for row in rows} != {4}:
        raise QueryError(f"{where}: no rows of 4 probabilities under it")
    width = facts.get("w", str(len(rows)))
    if _numbers([width], number, name) != [len(rows)]:
        raise QueryError(f"{where}: w= {width[:20]}, but {len(rows)} rows follow")
    (sites,) = _numbers([facts.get("nsites", "0")], number, name)
    return _counted(np.array(rows), sites if sites > 0 else SITES)


def _transfac(lines: list[str], name: str) -> Iterator[tuple[str, Doubles]]:
    """Yield the title and counts of each matrix of TRANSFAC or STAMP; the last // is optional."""
    facts: dict[str, str] = {}
    letters, rows, made = "", list[list[float]](), 0
    for number, line in enumerate([*lines, "//"], 1):
        key, words = line[:2], _checked(line, rows, number, name).split()
        if rows and key in ("//", "XX", "AC", "ID", "NA", "DE", "P0", "PO"):
            made += 1
            names = ("ID", "NA", "AC", "DE")
            title = next((facts[name] for name in names if facts.get(name)), f"motif {made}")
            yield title, _counted(np.array(rows)[:, _order(letters, name)])
            facts, rows, letters = {}, [], ""
        if key in ("AC", "ID", "NA", "DE"):
            facts[key] = _title(line[2:])
            letters = "ACGT" if key == "DE" else letters  # STAMP has no line P0
        elif key in ("P0", "PO"):
            letters = "".join(words[1:])
        elif letters and words and words[0].isdecimal():
            if len(words) < 5:
                raise QueryError(f"{name}, line {number}: {len(words) - 1} numbers, not 4")
            rows.append(_numbers(words[1:5], number, name))


@dataclass
class _Block:
    """The lines of one plain matrix read so far."""

    title: str = ""
    columns: str = ""
    """The letters above the columns; "ACGT" where the format has columns."""
    labels: str = ""
    """The letter in front of each row."""
    rows: list[list[float]] = field(default_factory=list)


def _plain(lines: list[str], name: str, *, jaspar: bool = False) -> Iterator[tuple[str, Doubles]]:
    """Yield the title and counts of each block of plain numbers, JASPAR's included."""
    block, made = _Block(), 0
    for number, line in enumerate([*lines, ">"], 1):
        words = re.sub(r"[\[\]|:,;]", " ", _checked(line, block.rows, number, name)).split()
        heading = _heading(words)
        ends = not words and (len(block.rows) >= 4 or block.columns)
        if block.rows and (line.startswith(">") or ends or heading):
            made += 1
            yield block.title or (name if made == 1 else f"{name} {made}"), _upright(block, name)
            block = _Block()
        if line.startswith(">"):
            block = _Block(*_headline(line, jaspar=jaspar))
        elif heading:
            block.columns = heading
        elif words and words[0] in _FACTS:
            block.title = _title(words[1]) if {*words[:1]} <= _TITLES and words[1:] else block.title
        elif words and not line.startswith("#"):
            if words[0].upper() in set("ACGTU"):
                block.labels += words.pop(0).upper()
            block.rows.append(_numbers(words, number, name))


def _heading(words: list[str]) -> str:
    """Return the four letters of a line that names columns, one word before them allowed."""
    letters = "".join(words[-4:]).upper()
    names = len(words) in (4, 5) and sorted(letters.replace("U", "T")) == list(DNA.letters)
    return letters if names else ""


def _headline(line: str, *, jaspar: bool) -> tuple[str, str]:
    """Return the title of a ``>`` line, and the letters of the columns where it is HOMER's."""
    if jaspar:  # ">identifier name"
        identifier, _, title = _title(line[1:]).partition(" ")
        return (f"{title} {identifier}" if title not in ("", identifier) else identifier), ""
    fields = line[1:].strip().split("\t")
    homer = len(fields) > 2 and _NUMBER.fullmatch(fields[2].strip())
    return _title(line[1:]), "ACGT" if homer else ""


def _upright(block: _Block, name: str) -> Doubles:
    """Return counts with a row for each position, float64[length, 4], A C G T."""
    sizes = sorted({len(row) for row in block.rows})
    if len(sizes) > 1:
        raise QueryError(f"{name}: its rows have {sizes[0]} to {sizes[-1]} numbers; all need equal")
    rows = np.array(block.rows)
    if block.labels:
        if len(block.labels) != len(rows):
            raise QueryError(
                f"{name}: {len(rows)} rows, of which {len(block.labels)} have a letter"
            )
        return _counted(rows[_order(block.labels, name)].T)
    if _numbered(rows, sure=bool(block.columns)):
        rows = rows[:, 1:]
    elif len(rows) == 4 and not block.columns and not (_even(rows) and not _even(rows.T)):
        return _counted(rows.T)
    if rows.shape[1] != 4:
        raise QueryError(
            f"{name}: {len(rows)} rows of {sizes[0]} numbers; a matrix has four rows or four "
            "columns, A C G T"
        )
    return _counted(rows[:, _order(block.columns or "ACGT", name)])


def _numbered(rows: Doubles, *, sure: bool) -> bool:
    """Whether the first of five columns counts positions; `sure` where the others are named."""
    if rows.shape[1] != 5 or sure:
        return bool(rows.shape[1] == 5)
    counted = (rows[:, 0] - rows[0, 0] == np.arange(len(rows))).all() and rows[0, 0] in (0, 1)
    return bool(counted) and (len(rows) != 4 or _even(rows[:, 1:]))


def _even(rows: Doubles) -> bool:
    """Whether all rows have about the same sum."""
    sums = rows.sum(axis=1)
    spread = float(sums.max() - sums.min())
    return bool(rows.shape[1] == 4 and spread <= 0.02 * float(abs(sums).max()))
