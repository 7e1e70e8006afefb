"""Files of matrices -> motifs: JASPAR, MEME, TRANSFAC and plain counts, recognized by their text.

Every number is kept as written: letters are taken from the names of the rows or columns, and
probabilities are not rounded to counts.
"""

import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np

from bioskipgram.errors import QueryError
from bioskipgram.files import other_kind
from bioskipgram.numerics.arrays import Doubles
from bioskipgram.sequences.file_kinds import CHUNK, binary_kind
from bioskipgram.sequences.source import GZIP

from .matrix import MAX_COLUMNS, Motif
from .plain import NUMBER, SITES, checked_line, counted, numbers_of, order_of, plain, title_of

MAX_BYTES = 20_000_000
MAX_MOTIFS = 5_000
MAX_LINES = 500_000
Reader = Callable[[list[str], str], Iterator[tuple[str, Doubles]]]
"""Lines, and their name in errors -> titles and counts."""


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
        "JASPAR": partial(plain, jaspar=True),
    }
    found: list[Motif] = []
    for title, weights in readers.get(kind, plain)(text.split("\n"), name):
        if len(found) == MAX_MOTIFS:
            raise QueryError(f"{name}: more than {MAX_MOTIFS:,} motifs; give fewer")
        found.append(Motif(title, weights, kind))
    if not found and "\nlog-odds matrix" in text:
        raise QueryError(
            f"{name}: its matrices are of log-odds; give those of probabilities or counts"
        )
    if not found:
        raise QueryError(f"{name}: no matrix in it; give JASPAR, MEME, TRANSFAC or plain counts")
    return found


def sniff(text: str) -> str:
    """Return "JASPAR", "MEME" or "TRANSFAC" by how a text looks; "" for plain numbers."""
    if re.search(r"^MEME version|^MOTIF\s", text, re.MULTILINE):
        return "MEME"
    if re.search(r"^P[0O]([ \t]+[ACGTUacgtu]){4}\b.*$", text, re.MULTILINE):
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
        start = source[:CHUNK]
        kind = "" if start.startswith(GZIP) else binary_kind(start)
        if source[:1] != b">" and (kind := kind or other_kind(start[:256])):
            raise QueryError(f"{name}: {kind}")
        source = source.decode("utf-8", "replace")
    if "\0" in source:
        raise QueryError(f"{name}: a binary file; give a text file of matrices")
    if source.count("\n") > MAX_LINES:
        raise QueryError(f"{name}: more than {MAX_LINES:,} lines; give fewer matrices")
    return "\n".join(source.lstrip("\ufeff").splitlines())


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
            title = title_of((line.split()[1:] or [""])[0])
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
        if not words or not NUMBER.fullmatch(words[0]):
            break
        rows.append(numbers_of(words, i, name))
    if not rows or {len(row) for row in rows} != {4}:
        raise QueryError(f"{where}: no rows of 4 probabilities under it")
    width = facts.get("w", str(len(rows)))
    if numbers_of([width], number, name) != [len(rows)]:
        raise QueryError(f"{where}: w= {width[:20]}, but {len(rows)} rows follow")
    (sites,) = numbers_of([facts.get("nsites", "0")], number, name)
    return counted(np.array(rows), sites if sites > 0 else SITES)


def _transfac(lines: list[str], name: str) -> Iterator[tuple[str, Doubles]]:
    """Yield the title and counts of each matrix of TRANSFAC or STAMP; the last // is optional."""
    facts: dict[str, str] = {}
    letters, rows, made = "", list[list[float]](), 0
    for number, line in enumerate([*lines, "//"], 1):
        key, words = line[:2], checked_line(line, rows, number, name).split()
        if rows and key in ("//", "XX", "AC", "ID", "NA", "DE", "P0", "PO"):
            made += 1
            names = ("ID", "NA", "AC", "DE")
            title = next((facts[name] for name in names if facts.get(name)), f"motif {made}")
            yield title, counted(np.array(rows)[:, order_of(letters, name)])
            facts, rows, letters = {}, [], ""
        if key in ("AC", "ID", "NA", "DE"):
            facts[key] = title_of(line[2:])
            letters = "ACGT" if key == "DE" else letters  # STAMP has no line P0
        elif key in ("P0", "PO"):
            letters = "".join(word[0] for word in words[1:5])
        elif letters and words and words[0].isdecimal():
            if len(words) < 5:
                raise QueryError(f"{name}, line {number}: {len(words) - 1} numbers, not 4")
            rows.append(numbers_of(words[1:5], number, name))
