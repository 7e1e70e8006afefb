"""Files of matrices -> motifs: JASPAR, MEME, TRANSFAC and plain counts, told apart by their text.

JASPAR, MEME and TRANSFAC are read by Bio.motifs.
"""

import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from bioskipgram.arrays import Counts, Doubles
from bioskipgram.errors import QueryError
from bioskipgram.sequences.alphabet import DNA, Alphabet

from .matrix import LONGEST, Motif

MAX_BYTES = 20_000_000
MAX_MOTIFS = 5_000
SITES = 20
"""Sequences behind a matrix of probabilities that does not say how many; MEME's own default."""
_BIO = {"JASPAR": "jaspar", "MEME": "minimal", "TRANSFAC": "transfac"}
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_HEADINGS = {"A", "C", "G", "T", "U", "POS", "PO", "P0"}


def read_motifs(source: str | bytes | Path, *, name: str = "the matrix") -> list[Motif]:
    """Return the motifs of a file, at least one.

    Parameters
    ----------
    source
        Text, bytes of text, or a path. JASPAR (``>`` and four rows in brackets), MEME, TRANSFAC;
        or plain counts or probabilities, four rows or four columns in the order A C G T, with or
        without letters beside them and ``>`` lines above (HOMER, HOCOMOCO, CIS-BP). Four rows
        of four are rows A C G T.
    name
        What errors call it, and a motif without a name.

    Raises
    ------
    QueryError
        If there is no matrix, if it has another form, or holds a negative number.
    """
    text = _text(source, name)
    kind = sniff(text)
    if not kind:
        found = [Motif(title, _counted(rows)) for title, rows in _plain(text, name)]
    else:
        found = list(_by_bio(text, kind, name))
    if not found:
        raise QueryError(f"{name}: no matrix in it; give JASPAR, MEME, TRANSFAC or plain counts")
    return found


def sniff(text: str) -> str:
    """Return "JASPAR", "MEME" or "TRANSFAC" by how a text looks; "" for plain numbers."""
    if re.search(r"^MEME version|^MOTIF\s", text, re.MULTILINE):
        return "MEME"
    if re.search(r"^(P0|PO)\s+A\s+C\s+G\s+T", text, re.MULTILINE):
        return "TRANSFAC"
    row = r"^[ \t]*{}[ \t]*\[[^\]\n]*\][ \t]*$"
    if text.lstrip().startswith(">") and all(
        re.search(row.format(letter), text, re.MULTILINE) for letter in "ACGT"
    ):
        return "JASPAR"
    return ""


def _text(source: str | bytes | Path, name: str) -> str:
    if isinstance(source, Path):
        try:
            with source.open("rb") as file:
                source = file.read(MAX_BYTES + 1)
        except OSError as error:
            raise QueryError(f"{name}: it cannot be opened: {error.strerror}") from error
    if len(source) > MAX_BYTES:
        raise QueryError(f"{name}: more than {MAX_BYTES // 1_000_000} MB of matrices")
    if isinstance(source, bytes):
        source = source.decode("utf-8", "replace")
    if "\0" in source:
        raise QueryError(f"{name}: a binary file; give a text file of matrices")
    return "\n".join(source.lstrip("\ufeff").splitlines()) + "\n"


def _by_bio(text: str, kind: str, name: str) -> Iterator[Motif]:
    """Yield the motifs that Bio.motifs reads."""
    from Bio import motifs

    if kind == "MEME":
        text = _whole_meme(text)
    try:
        settings = {"strict": False} if kind == "TRANSFAC" else {}
        parse: Any = motifs.parse
        records = parse(io.StringIO(text), _BIO[kind], **settings)
        titles = [_title(kind, record, number) for number, record in enumerate(records, 1)]
        matrices = [
            np.array([record.counts[letter] for letter in _letters(record)], np.float64).T
            for record in records
        ]
    except Exception as error:
        reason = str(error).strip() or type(error).__name__
        raise QueryError(f"{name}: looks like {kind} but cannot be read: {reason[:120]}") from error
    _check_number(len(records), name)
    for title, matrix in zip(titles, matrices, strict=True):
        yield Motif(title, matrix, kind)


def _title(kind: str, record: Any, number: int) -> str:
    if kind == "TRANSFAC":
        facts = [record.get(key) for key in ("ID", "NA", "AC")]
        return next((str(fact) for fact in facts if fact), f"motif {number}")
    title = getattr(record, "name", None)
    identifier = getattr(record, "matrix_id", None)
    words = dict.fromkeys(str(word) for word in (title, identifier) if word)
    return " ".join(words) or f"motif {number}"


def _letters(record: Any) -> str:
    return "ACGU" if "U" in record.alphabet else "ACGT"


def _whole_meme(text: str) -> str:
    """Return MEME text with the lines that Bio.motifs wants and many files leave out."""
    head, motif, rest = text.partition("\nMOTIF")
    if not motif:
        head, motif, rest = "", "MOTIF", text.partition("MOTIF")[2]
    if "MEME version" not in head:
        head = "MEME version 4\n" + head
    if "ALPHABET" not in head:
        head += "\nALPHABET= ACGT\n"
    if "Background letter frequencies" not in head:
        head += "\nBackground letter frequencies\nA 0.25 C 0.25 G 0.25 T 0.25\n"
    rest = re.sub(r"(letter-probability matrix:)\s*(?=\n)", r"\1 alength= 4", rest)
    return f"{head}\n\n{motif.strip()}{rest}"


def _plain(text: str, name: str) -> Iterator[tuple[str, Doubles]]:
    """Yield the title and numbers of each block of plain counts."""
    title, rows, letters, blocks = "", list[list[float]](), "", 0
    for number, line in enumerate([*text.splitlines(), ">"], 1):
        if line.startswith(">") or (not line.strip() and len(rows) >= 4):
            if rows:
                blocks += 1
                _check_number(blocks, name)
                _check_order(letters, name)
                yield title or (name if blocks == 1 else f"{name} {blocks}"), _upright(rows, name)
            rows, letters, title = [], "", line[1:].strip()[:80]
        elif line.strip() and not line.startswith("#"):
            found, values = _values(line, number, name)
            letters += found
            rows += [values] if values else []


def _values(line: str, number: int, name: str) -> tuple[str, list[float]]:
    """Return the letters and the numbers of a line of plain counts."""
    words = re.sub(r"[\[\]|:,;]", " ", line).split()
    if words and all(word.upper() in _HEADINGS for word in words):
        return "".join(word.upper() for word in words if len(word) == 1), []
    letter = words.pop(0).upper() if words and words[0].upper() in set("ACGTU") else ""
    foreign = [word for word in words if not _NUMBER.fullmatch(word)]
    if foreign:
        raise QueryError(
            f"{name}, line {number}: {foreign[0][:30]!r} is no number; give JASPAR, MEME, "
            "TRANSFAC, or rows of counts in the order A C G T"
        )
    return letter, [float(word) for word in words]


def _check_order(letters: str, name: str) -> None:
    if letters.replace("U", "T") not in ("", "ACGT"):
        raise QueryError(f"{name}: its letters are in the order {letters[:8]}; give A C G T")


def _upright(rows: list[list[float]], name: str) -> Doubles:
    """Return numbers with a column for each letter, float64[length, 4]."""
    sizes = sorted({len(row) for row in rows})
    if len(sizes) > 1:
        raise QueryError(f"{name}: its rows have {sizes[0]} to {sizes[-1]} numbers; all need equal")
    if len(rows) == 4 and sizes[0] <= LONGEST:
        return np.array(rows).T
    if sizes[0] == 5:  # positions in front
        rows = [row[1:] for row in rows]
    if len(rows[0]) != 4:
        raise QueryError(
            f"{name}: {len(rows)} rows of {sizes[0]} numbers; a matrix has four rows or four "
            "columns, A C G T"
        )
    return np.array(rows)


def _counted(matrix: Doubles) -> Doubles:
    """Return counts; of probabilities, for `SITES` sequences."""
    shares = matrix.shape[0] > 0 and (np.abs(matrix.sum(axis=1) - 1) < 0.05).all()
    counts: Doubles = np.ascontiguousarray(matrix * (SITES if shares else 1), np.float64)
    return counts


def _check_number(motifs: int, name: str) -> None:
    if motifs > MAX_MOTIFS:
        raise QueryError(f"{name}: more than {MAX_MOTIFS:,} motifs; give fewer")


def meme_text(motifs: list[Motif]) -> str:
    """Return motifs in MEME's minimal format, version 4."""
    lines = [
        "MEME version 4", "", "ALPHABET= ACGT", "", "strands: + -", "",
        "Background letter frequencies", "A 0.25 C 0.25 G 0.25 T 0.25", "",
    ]  # fmt: skip
    for motif in motifs:
        sites = max(1, round(float(motif.weights.sum(axis=1).max())))
        shape = f"alength= 4 w= {len(motif)} nsites= {sites} E= 0"
        rows = (" ".join(f"{share:.6f}" for share in row) for row in motif.shares())
        title = re.sub(r"\s+", "_", motif.name) or "motif"
        lines += [f"MOTIF {title}", f"letter-probability matrix: {shape}", *rows, ""]
    return "\n".join(lines)


def meme_matrix(counts: Counts, *, name: str = "selection", alphabet: Alphabet = DNA) -> str:
    """Return a matrix of frequencies in MEME's minimal motif format, version 4.

    Columns that few of the k-mers reach are filled up with equal shares of all letters, so that
    an edge does not look surer than it is. https://meme-suite.org/meme/doc/meme-format.html

    Parameters
    ----------
    counts
        int64[length, A], as `clusters.aligned_counts` gives them.
    name
        Of the motif; blanks become underscores.
    alphabet
        The letters.

    Raises
    ------
    QueryError
        If there is no column or nothing was counted.

    Examples
    --------
    >>> print(meme_matrix(np.array([[8, 0, 0, 0], [2, 2, 0, 0]]), name="AM").split("E= 0")[1])
    <BLANKLINE>
    1.000000 0.000000 0.000000 0.000000
    0.375000 0.375000 0.125000 0.125000
    <BLANKLINE>
    """
    _check(counts)
    sites, letters = int(counts.sum(axis=1).max()), counts.shape[1]
    missing = sites - counts.sum(axis=1, keepdims=True)
    shares = (counts + missing / letters) / sites
    background = " ".join(f"{letter} {1 / letters:.5f}" for letter in alphabet.letters)
    strands = "strands: + -\n\n" if alphabet.complement else ""
    rows = "\n".join(" ".join(f"{share:.6f}" for share in row) for row in shares)
    return (
        f"MEME version 4\n\nALPHABET= {alphabet.letters}\n\n{strands}"
        f"Background letter frequencies\n{background}\n\nMOTIF {_word(name)}\n\n"
        f"letter-probability matrix: alength= {letters} w= {len(counts)} nsites= {sites} E= 0\n"
        f"{rows}\n"
    )


def jaspar_matrix(counts: Counts, *, name: str = "selection", alphabet: Alphabet = DNA) -> str:
    """Return the counts in JASPAR's format, a row for each base.

    Parameters
    ----------
    counts, name, alphabet
        As for `meme_matrix`.

    Raises
    ------
    QueryError
        If there is no column, nothing was counted or the letters are not bases.
    """
    _check(counts)
    if not alphabet.complement:
        raise QueryError(
            f"JASPAR matrices are of bases, not of {alphabet.name}; take MEME's format"
        )
    width = len(str(counts.max()))
    rows = [
        f"{letter} [ {' '.join(f'{count:{width}}' for count in column)} ]\n"
        for letter, column in zip("ACGT", counts.T.tolist(), strict=True)
    ]
    return f">{_word(name)} {_word(name)}\n{''.join(rows)}"


def _word(name: str) -> str:
    return re.sub(r"\s+", "_", name.strip()) or "selection"


def _check(counts: Counts) -> None:
    if not np.any(counts):
        raise QueryError("a matrix of no k-mers cannot be written; select some")
