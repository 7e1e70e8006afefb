"""An uploaded table of k-mers, or of named things, and its columns of values."""

import csv
import io
import re
from collections.abc import Callable, Collection, Iterable

import numpy as np
import pandas as pd

from bioskipgram.errors import QueryError
from bioskipgram.files import other_kind
from bioskipgram.kmers.tokenizer import KmerTokenizer, reverse_complement
from bioskipgram.kmers.vocabulary import Vocabulary
from bioskipgram.numerics.arrays import Floats, KmerCodes, Tokens

from .properties import Property

MAX_BYTES = 64 << 20
MAX_COLUMNS = 64
_MISSING = ("", "NA", "N/A", "NaN", "nan", "null", "None", "-")
_SHOWN = 40
Column = dict[str, str] | dict[str, float]
"""The values of names that have one."""


def read_values(data: bytes, vocabulary: Vocabulary) -> list[Property]:
    r"""Return a property for each column of numbers in a table of k-mers.

    The first column holds the k-mers, any case, U or T; the others hold numbers. Commas, tabs,
    semicolons or bars separate them, the first line may hold names, text may be quoted. Empty
    cells, NA and missing k-mers are not known. Columns without any number are left out. A value
    applies to the reverse complement only in canonical models. A property's `note` says how many
    k-mers have a value, and what was left out.

    Parameters
    ----------
    data
        The file's bytes: UTF-8, with a byte order mark or not, at most `MAX_BYTES`.
    vocabulary
        The k-mers of the model; those it does not know are left out and counted in the note.

    Raises
    ------
    QueryError
        If the table is too large, not text or without numbers, or a line holds no k-mer of the
        model's length, a repeated k-mer, a word among numbers, or too many cells.

    Examples
    --------
    >>> from bioskipgram.kmers.tokenizer import KmerTokenizer
    >>> codons = Vocabulary.from_counts(KmerTokenizer(3), np.ones(64, np.int64))
    >>> (found,) = read_values(b"codon,usage\nAAA,0.5\nTTT,2\n", codons)
    >>> found.title, float(found.values[codons.token("TTT")]), found.note
    ('usage', 2.0, '2 of 64 k-mers have a value.')
    """
    most = 2 * vocabulary.tokenizer.size + 1000
    if (lines := data.count(b"\n")) > most:
        raise QueryError(
            f"the table has {lines:,} lines, more than there are k-mers; give each k-mer once"
        )
    tokenizer = vocabulary.tokenizer
    table, first_line = _table(_text(data), lambda cells: _is_header(cells, tokenizer))
    kmers = table.iloc[:, 0].str.strip()
    codes = _codes(kmers, tokenizer, first_line)
    _refuse_doubles(codes, kmers, first_line)
    tokens = vocabulary.tokens(codes)
    columns = [table.iloc[:, i] for i in range(1, table.shape[1])]
    found = [(str(column.name), _numbers(column, first_line)) for column in columns]
    kept = [(name, numbers) for name, numbers in found if numbers is not None]
    if not kept:
        raise QueryError(
            "the table has no column of numbers beside the k-mers; give lines like ACGT,0.5"
        )
    skipped = [name for name, numbers in found if numbers is None]
    return [_property(name, values, tokens, len(vocabulary), skipped) for name, values in kept]


def read_columns(data: bytes, names: Collection[str]) -> dict[str, Column]:
    r"""Return the columns of a table of named things: what each name has there.

    The first column holds names, of which those among `names` are used; commas, tabs, semicolons
    or bars separate the others. A first line whose name is not among them is taken for titles. A
    column of numbers alone holds numbers; empty cells are left out. Bad tables raise a QueryError.

    Examples
    --------
    >>> read_columns(b"gene,tissue,level\nHBB,blood,2\nMB,muscle,1\n", {"HBB", "MB"})
    {'tissue': {'HBB': 'blood', 'MB': 'muscle'}, 'level': {'HBB': 2.0, 'MB': 1.0}}
    """
    table, _ = _table(_text(data), lambda cells: cells[0].strip() not in names)
    own = table.iloc[:, 0].str.strip()
    there = own.isin(list(names))
    if not there.any():
        example = f", such as {_short(next(iter(names)))}" if names else ""
        raise QueryError(
            f"the table: nothing in its first column is one of the names here{example}; it must "
            "hold the names of records or genes as they stand here"
        )
    found: dict[str, Column] = {}
    for place in range(1, table.shape[1]):
        cells = table.iloc[:, place].str.strip()
        kept = there & ~cells.isin(_MISSING)
        keys, numbers = own[kept], pd.to_numeric(cells[kept], errors="coerce")
        if kept.any():
            numeric = bool(np.isfinite(numbers).all())
            values = numbers.astype(float) if numeric else cells[kept].map(_plain)
            found[_plain(table.columns[place])] = dict(zip(keys, values.tolist(), strict=True))
    return found


def _text(data: bytes) -> str:
    if len(data) > MAX_BYTES:
        raise QueryError(
            f"the table has {len(data):,} bytes, but at most {MAX_BYTES:,} are read; leave out "
            "columns, or k-mers that this model does not have"
        )
    if data.startswith(b"version https://") and (kind := other_kind(data[:256])):
        raise QueryError(f"the table is {kind}")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise QueryError(
            f"the table, line {line}: byte 0x{data[error.start]:02X} is no UTF-8 text; save the "
            "table as CSV or TSV in UTF-8"
        ) from error
    if "\0" in text:
        raise QueryError("the table is no text (it holds NUL bytes); save it as CSV in UTF-8")
    return text


def _table(text: str, titled_by: Callable[[list[str]], bool]) -> tuple[pd.DataFrame, int]:
    """Return the cells as text, columns named, and the number of the first line of values."""
    lines = text.lstrip().splitlines()
    head = [line for line in lines[:20] if line.strip()]
    if not head:
        raise QueryError("the table is empty; give lines like ACGT,0.5")
    delimiter = _delimiter(head)
    rows = list(csv.reader(head, delimiter=delimiter))
    titled = titled_by(rows[0])
    names = [cell.strip() for cell in rows[0]]
    if not 2 <= len(names) <= MAX_COLUMNS:
        raise QueryError(
            f"the table has {len(names)} column{'s' * (len(names) != 1)}, but 2 to {MAX_COLUMNS} "
            "are read: k-mers first, then numbers, parted by commas or tabs"
        )
    skipped = text[: len(text) - len(text.lstrip())].count("\n")
    frame = _parsed(text.lstrip(), delimiter, len(names), skipped)
    frame.columns = pd.Index([
        (name if titled else "") or f"column {i + 1}" for i, name in enumerate(names)
    ])  # fmt: skip
    return frame.iloc[int(titled) :].reset_index(drop=True), 1 + skipped + int(titled)


def _parsed(text: str, delimiter: str, columns: int, skipped: int) -> pd.DataFrame:
    try:
        return pd.read_csv(
            io.StringIO(text), sep=delimiter, header=None, names=range(columns), dtype=str,
            keep_default_na=False, skip_blank_lines=False, index_col=False, on_bad_lines="error",
        ).fillna("")  # fmt: skip
    except (pd.errors.ParserError, pd.errors.ParserWarning) as error:
        where = re.search(r"line (\d+), saw (\d+)", str(error))
        found = (
            f", line {int(where[1]) + skipped}: {where[2]} cells where the first line has {columns}"
            if where
            else f": {error}"
        )
        raise QueryError(f"the table{found}; give every line the same cells") from error


def _delimiter(head: list[str]) -> str:
    """Return the delimiter: the one most frequent in the first lines, equally in each."""
    try:
        return csv.Sniffer().sniff("\n".join(head), delimiters=",\t;|").delimiter
    except csv.Error:  # one column, or lines that differ: counted then
        return max(",\t;|", key=head[0].count)


def _is_header(cells: list[str], tokenizer: KmerTokenizer) -> bool:
    """Return whether a first line names the columns: its cells are no k-mer and numbers."""
    values = pd.Series(cells[1:], dtype=str).str.strip()
    numbers = pd.to_numeric(values, errors="coerce").notna() | values.isin(_MISSING)
    codes = _encoded(pd.Series(cells[:1], dtype=str).str.strip(), tokenizer)
    return bool(codes[0] < 0) or not bool(numbers.all())


def _encoded(kmers: "pd.Series[str]", tokenizer: KmerTokenizer) -> KmerCodes:
    """Return the codes of texts, int64[n]; -1 for what is no k-mer of the tokenizer."""
    alphabet, k = tokenizer.alphabet, tokenizer.k
    raw = kmers.str.encode("ascii", "replace").to_numpy()
    lengths = kmers.str.len().to_numpy(np.int64)
    # One byte more than the longest word: what is longer shows.
    letters = np.array(raw, f"S{k + 1}").view(np.uint8).reshape(len(raw), k + 1)
    bases = np.frombuffer(alphabet.table, np.uint8)[letters[:, :k]]
    codes = np.full(len(raw), -1, np.int64)
    for length, start in enumerate(tokenizer.starts[:-1].tolist(), tokenizer.shortest):
        own = bases[:, :length].astype(np.int64)
        good = (lengths == length) & (own < alphabet.unknown).all(axis=1)
        places = alphabet.unknown ** np.arange(length - 1, -1, -1)
        codes[good] = own[good] @ places + start
    if tokenizer.canonical:
        known = codes >= 0
        codes[known] = np.minimum(codes[known], reverse_complement(codes[known], k))
    return codes


def _codes(kmers: "pd.Series[str]", tokenizer: KmerTokenizer, first_line: int) -> KmerCodes:
    if not len(kmers):
        raise QueryError("the table has names but no values; give lines like ACGT,0.5")
    codes = _encoded(kmers, tokenizer)
    if (codes < 0).any():
        row = int(np.argmax(codes < 0))
        shortest, k = tokenizer.shortest, tokenizer.k
        many = f"{k}" if shortest == k else f"{shortest} to {k}"
        raise QueryError(
            f"the table, line {row + first_line}: {_short(kmers[row])} is not a {tokenizer.word}: "
            f"the first column must hold {many} letters of {tokenizer.alphabet.letters}"
        )
    return codes


def _refuse_doubles(codes: KmerCodes, kmers: "pd.Series[str]", first_line: int) -> None:
    again = pd.Series(codes).duplicated().to_numpy()
    if again.any():
        row = int(np.argmax(again))
        before = int(np.argmax(codes == codes[row]))
        raise QueryError(
            f"the table, line {row + first_line}: {_short(kmers[row])} is there already, in line "
            f"{before + first_line} as {_short(kmers[before])}; give each k-mer once"
        )


def _numbers(column: "pd.Series[str]", first_line: int) -> Floats | None:
    """Return a column as float32[n]; None without numbers, a QueryError for words among numbers."""
    text = column.str.strip()
    missing = text.isin(_MISSING).to_numpy()
    with np.errstate(over="ignore"):
        parsed = pd.to_numeric(text, errors="coerce").to_numpy(np.float64)
        numbers: Floats = parsed.astype(np.float32)
    numbers[missing] = np.nan
    good = np.isfinite(numbers)
    if not good.any():
        return None
    if not (good | missing).all():
        row = int(np.argmin(good | missing))
        raise QueryError(
            f"the table, line {row + first_line}, column {_short(column.name)}: "
            f"{_short(text[row])} is not a number; leave the cell empty if it is not known"
        )
    return numbers


def _property(
    name: str, numbers: Floats, tokens: Tokens, size: int, skipped: Iterable[str]
) -> Property:
    values = np.full(size, np.nan, np.float32)
    known = tokens >= 0
    values[tokens[known]] = numbers[known]
    given, strange = int((~np.isnan(values)).sum()), int((~known).sum())
    notes = [f"{given:,} of {size:,} k-mers have a value."]
    if strange:
        notes.append(f"{strange:,} k-mers of the table are not in this model and were left out.")
    if skipped := list(skipped):
        notes.append(f"Columns without numbers: {', '.join(map(_short, skipped))}.")
    return Property(_plain(name), values, note=" ".join(notes))


def _plain(text: object) -> str:
    """Return untrusted text on one line, without control characters, cut short."""
    shown = "".join(letter if letter.isprintable() else " " for letter in str(text)).strip()
    return shown if len(shown) <= _SHOWN else f"{shown[: _SHOWN - 1]}…"


def _short(text: object) -> str:
    return repr(_plain(text))
