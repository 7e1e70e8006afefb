"""Plain rows of numbers -> a matrix, JASPAR's included; what all formats of matrices share."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from bioskipgram.errors import QueryError
from bioskipgram.numerics.arrays import Doubles
from bioskipgram.sequences.alphabet import DNA

from .matrix import MAX_COLUMNS

MAX_LINE = 20_000
"""The most characters of a line."""
MAX_ROWS = 1_000
"""The most rows that are read before a matrix is judged too long."""
MAX_IDLE = 2_000
"""The most lines one after another that are no row of a matrix."""
MAX_COUNT = 1e12
SITES = 20
"""Sequences of a matrix of probabilities that does not state them; MEME's default."""
ROUNDING = 0.25
"""How far from 1 the sum of probabilities may be: four of one digit are off by 0.2 together."""
NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_FACTS = {"TF", "Gene", "Motif", "Family", "Species", "Protein"}
"""What CIS-BP and UniPROBE write above a matrix."""
_TITLES = {"Motif", "Protein"}
_LETTERS = frozenset("ACGTUN-")
"""What names a row or a column; those of N and - are left out."""
_CONSENSUS = frozenset("ACGTURYSWKMBDHVN")
_DECIMAL_COMMA = re.compile(r"[-+]?\d+,\d+")
_LETTERED = re.compile(r"\s*[\"']?[ACGTU][\"']?[\s:|\[]+[-+.\d]", re.IGNORECASE)
_UNEVEN = 0.1
"""How far sums of a row's numbers may differ, in parts of the largest, for rows to be positions."""


def title_of(text: str) -> str:
    """Return a name on one line, at most 80 characters."""
    return "".join(c if c.isprintable() else " " for c in " ".join(text.split()))[:80]


def checked_line(line: str, rows: Sequence[object], number: int, name: str) -> str:
    """Return a line; a QueryError if it, or the matrix read so far, is too long."""
    if len(line) > MAX_LINE or len(rows) > MAX_ROWS:
        what = f"{MAX_LINE:,} characters" if len(line) > MAX_LINE else f"{MAX_ROWS:,} rows"
        raise QueryError(
            f"{name}, line {number}: more than {what}; a motif has 1 to {MAX_COLUMNS} columns"
        )
    return line


def numbers_of(words: Sequence[str], number: int, name: str) -> list[float]:
    """Return the numbers of line `number`."""
    for word in words:
        if not NUMBER.fullmatch(word):
            raise QueryError(
                f"{name}, line {number}: {word[:30]!r} is no number; give JASPAR, MEME, "
                "TRANSFAC, or rows of counts in the order A C G T"
            )
    found = [float(word) for word in words]
    if found and max(map(abs, found)) > MAX_COUNT:
        raise QueryError(f"{name}, line {number}: a number above {MAX_COUNT:.0e}; give counts")
    return found


def order_of(letters: str, name: str) -> NDArray[np.int64]:
    """Return where A, C, G and T are among the letters that name rows or columns."""
    named = letters.upper().replace("U", "T")
    if sorted(named.replace("N", "").replace("-", "")) != list(DNA.letters):
        raise QueryError(f"{name}: its letters are {letters[:20]}; a matrix has A, C, G and T")
    return np.array([named.index(letter) for letter in DNA.letters])


def counted(matrix: Doubles, sites: float = SITES) -> Doubles:
    """Return counts; probabilities are multiplied by the number of sequences."""
    shares = (np.abs(matrix.sum(axis=1) - 1) < ROUNDING).all()
    counts: Doubles = np.ascontiguousarray(matrix * (sites if shares else 1), np.float64)
    return counts


@dataclass
class _Block:
    """The lines of one plain matrix read so far."""

    title: str = ""
    columns: str = ""
    """The letters above the columns; "ACGT" where the format has columns."""
    labels: str = ""
    """The letter in front of each row, a blank where there is none."""
    rows: list[list[float]] = field(default_factory=list)
    spaced: bool = False
    """Whether blank lines are between its rows."""

    def take(self, words: list[str], number: int, name: str) -> None:
        """Read a row of numbers, with a letter in front or the consensus behind."""
        lettered = words[0].upper() in _LETTERS and len(words) > 1
        self.labels += words.pop(0).upper() if lettered else " "
        if not lettered and len(words) > 4 and words[-1].upper() in _CONSENSUS:
            words.pop()
        self.rows.append(numbers_of(words, number, name))


def plain(lines: list[str], name: str, *, jaspar: bool = False) -> Iterator[tuple[str, Doubles]]:
    """Yield the title and counts of each block of plain numbers, JASPAR's included."""
    block, made, idle = _Block(), 0, 0
    for number, line in enumerate([*lines, ">"], 1):
        idle = 0 if block.rows else idle + 1
        if idle > MAX_IDLE:
            raise QueryError(
                f"{name}, line {number}: {MAX_IDLE:,} lines without a matrix before it"
            )
        words = _words(checked_line(line, block.rows, number, name))
        heading = _heading(words)
        ends = not words and (len(block.rows) >= 4 or block.columns) and not block.spaced
        if block.rows and (line.startswith(">") or ends or heading):
            made += 1
            yield block.title or (name if made == 1 else f"{name} {made}"), _upright(block, name)
            block = _Block()
        if line.startswith(">"):
            block = _Block(*_headline(line, jaspar=jaspar))
        elif heading:
            block.columns = heading
        elif not words:
            block.spaced |= bool(block.rows)
        elif words[0] in _FACTS:
            block.title = title_of(words[1]) if words[0] in _TITLES and words[1:] else block.title
        elif not block.rows and _is_name(words, lines[number : number + 3]):
            block.title = block.title or title_of(line)
        elif not line.startswith("#") and (block.rows or not _counts(words)):
            block.take(words, number, name)


def _words(line: str) -> list[str]:
    """Return the words of a line, with points for decimal commas."""
    words = re.sub(r"[\[\]|:;\"']", " ", line).split()
    decimals = [word for word in words if _DECIMAL_COMMA.fullmatch(word)]
    others = [word for word in words if word[-1:].isdecimal() and word not in decimals]
    if len(decimals) > 1 and {*others} <= {"0", "1"}:
        return [word.replace(",", ".") for word in words]
    return [part for word in words for part in word.split(",") if part]


def _is_name(words: list[str], following: list[str]) -> bool:
    """Whether a line is a title: text above a row that starts with a letter."""
    rows = (line for line in following if line.strip())
    letters = words[0][:1].isalpha() and not NUMBER.fullmatch(words[-1])
    return letters and not _LETTERED.match(" ".join(words)) and any(map(_LETTERED.match, rows))


def _counts(words: list[str]) -> bool:
    """Whether words such as V1 V2 V3 or Pos 1 2 3 number the columns below them."""
    if NUMBER.fullmatch(words[0]) or words[0].upper() in _LETTERS:
        return False
    digits = [re.sub(r"^\D*", "", word) for word in words]
    return _consecutive([float(one) for one in digits if one.isdecimal()], len(words) - 1)


def _consecutive(numbers: Sequence[float], fewest: int) -> bool:
    """Whether numbers are 0 1 2 … or 1 2 3 …, at least so many."""
    first = numbers[0] if len(numbers) else -1
    wanted = [first + i for i in range(len(numbers))]
    return first in (0, 1) and list(numbers) == wanted and len(numbers) >= max(1, fewest)


def _heading(words: list[str]) -> str:
    """Return the letters of a line that names columns, one longer word before them allowed."""
    letters = "".join(word for word in words if len(word) == 1).upper()
    longer = [word for word in words if len(word) > 1]
    known = letters.replace("N", "").replace("-", "").replace("U", "T")
    names = sorted(known) == list(DNA.letters) and longer in ([], words[:1])
    return letters if names else ""


def _headline(line: str, *, jaspar: bool) -> tuple[str, str]:
    """Return the title of a ``>`` line, and the letters of the columns where it is HOMER's."""
    if jaspar:  # ">identifier name"
        identifier, _, title = title_of(line[1:]).partition(" ")
        return (f"{title} {identifier}" if title not in ("", identifier) else identifier), ""
    fields = line[1:].strip().split("\t")
    homer = len(fields) > 2 and NUMBER.fullmatch(fields[2].strip())
    return title_of(line[1:]), "ACGT" if homer else ""


def _upright(block: _Block, name: str) -> Doubles:
    """Return counts with a row for each position, float64[length, 4], A C G T."""
    if block.labels.strip():
        return _of_letters(block, name)
    rows, columns = _table(block.rows, name), block.columns
    if (columns and rows.shape[1] == len(columns) + 1) or (not columns and _numbered(rows)):
        rows = rows[:, 1:]
    elif len(rows) == 4 and not columns and not _are_positions(rows):
        return counted(rows.T)
    if rows.shape[1] != len(columns or "ACGT"):
        raise QueryError(
            f"{name}: {len(rows)} rows of {rows.shape[1]} numbers; a matrix has four rows or four "
            "columns, A C G T"
        )
    return counted(rows[:, order_of(columns or "ACGT", name)])


def _table(rows: list[list[float]], name: str) -> Doubles:
    sizes = sorted({len(row) for row in rows})
    if len(sizes) > 1:
        raise QueryError(f"{name}: its rows have {sizes[0]} to {sizes[-1]} numbers; all need equal")
    return np.array(rows)


def _of_letters(block: _Block, name: str) -> Doubles:
    """Return counts of rows that have letters in front."""
    labels, rows = block.labels, block.rows
    if labels[0] == " " and _consecutive(rows[0], 1):  # it numbers the columns
        labels, rows = labels[1:], rows[1:]
    table = _table(rows, name)
    if missing := labels.count(" "):
        raise QueryError(f"{name}: {len(rows)} rows, of which {len(rows) - missing} have a letter")
    return counted(table[order_of(labels, name)].T)


def _numbered(rows: Doubles) -> bool:
    """Whether the first of five columns counts positions."""
    if rows.shape[1] != 5 or not _consecutive(rows[:, 0].tolist(), 1):
        return False
    return len(rows) != 4 or _uneven(rows[:, 1:]) <= _UNEVEN


def _are_positions(rows: Doubles) -> bool:
    """Whether four rows of four numbers are positions: their sums are more alike than columns'."""
    return rows.shape[1] == 4 and _uneven(rows) <= min(_UNEVEN, _uneven(rows.T) / 2 - 1e-9)


def _uneven(rows: Doubles) -> float:
    """Return by how much the sums of rows differ, in parts of the largest."""
    sums = rows.sum(axis=1)
    return float(sums.max() - sums.min()) / max(float(abs(sums).max()), 1e-300)
