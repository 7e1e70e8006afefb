"""Tables of sequence and label, or one FASTA file for each class -> labelled sequences."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bioskipgram.errors import FastaError
from bioskipgram.numerics.arrays import Tokens, checked
from bioskipgram.sequences.alphabet import DNA, Alphabet
from bioskipgram.sequences.headers import printable
from bioskipgram.sequences.reading import Reading
from bioskipgram.sequences.sequences import BadRecord, Sequences, joined
from bioskipgram.sequences.source import NO_LIMITS, Limits, Source, name_of, plain_text, unix
from bioskipgram.sequences.upload import read_all

COLUMNS = ("sequence", "label")
MAX_CLASSES = 100
_LONGEST_LABEL = 80
_LONGEST_CELL = 2**31 - 1


@dataclass(frozen=True, eq=False)
class Labelled:
    """Sequences and the class of each.

    Attributes
    ----------
    labels
        int32[R], positions in `classes`.
    classes
        The names of the classes, in ascending order: numbers by value, else by alphabet.
    """

    sequences: Sequences
    labels: Tokens
    classes: tuple[str, ...]

    def __post_init__(self) -> None:
        labels = checked(self.labels, "labels", np.int32, (len(self.sequences),))
        if len(labels) and not 0 <= labels.min() <= labels.max() < len(self.classes):
            raise ValueError(f"labels: outside 0 to {len(self.classes) - 1}")
        object.__setattr__(self, "labels", labels)

    def __len__(self) -> int:
        return len(self.sequences)

    def take(self, rows: np.ndarray) -> "Labelled":
        """Return some items, in the order of int64[n] positions."""
        return Labelled(take(self.sequences, rows), self.labels[rows], self.classes)

    def sequences_at(self, rows: np.ndarray) -> Sequences:
        """Return the sequences of some items, in the order of int64[n] positions."""
        return take(self.sequences, rows)

    def with_classes(self, classes: tuple[str, ...], name: str) -> "Labelled":
        """Return the same items labelled by the classes of a training set.

        Raises
        ------
        FastaError
            If an item has a class that the training set lacks.
        """
        foreign = sorted(set(self.classes) - set(classes))
        if foreign:
            raise FastaError(
                f"{name}: the label {foreign[0][:40]!r} is not in the training set, whose labels "
                f"are {', '.join(classes[:8])}"
            )
        places = np.array([classes.index(one) for one in self.classes] or [0], np.int32)
        return Labelled(self.sequences, places[self.labels], classes)


def labelled(sequences: Sequences, names: Sequence[str]) -> Labelled:
    """Return sequences with the names of their classes, a str for each."""
    classes = tuple(sorted(set(names), key=_by_value))
    places = {name: i for i, name in enumerate(classes)}
    return Labelled(sequences, np.array([places[name] for name in names], np.int32), classes)


def _by_value(name: str) -> tuple[bool, float, str]:
    try:
        return (False, float(name), name)
    except ValueError:
        return (True, 0.0, name)


def take(sequences: Sequences, rows: np.ndarray) -> Sequences:
    """Return some records, in the order of int64[n] positions."""
    lengths = sequences.lengths[rows]
    offsets = np.concatenate([[0], lengths.cumsum()]).astype(np.int64)
    places = np.arange(offsets[-1]) + np.repeat(sequences.offsets[rows] - offsets[:-1], lengths)
    return Sequences(
        tuple(sequences.names[i] for i in rows), tuple(sequences.descriptions[i] for i in rows),
        sequences.codes[places], offsets, sequences.alphabet,
    )  # fmt: skip


def both(first: Labelled, second: Labelled) -> Labelled:
    """Return the items of both; the classes must be the same."""
    return Labelled(
        joined([first.sequences, second.sequences], first.sequences.alphabet),
        np.concatenate([first.labels, second.labels]), first.classes,
    )  # fmt: skip


def read_table(
    source: Source,
    *,
    name: str = "",
    alphabet: Alphabet = DNA,
    limits: Limits = NO_LIMITS,
    bad: list[BadRecord] | None = None,
) -> Labelled:
    r"""Return the items of a CSV or TSV table with the columns ``sequence`` and ``label``.

    Parameters
    ----------
    source
        A path, an open binary file or bytes; plain or gzipped. Other columns are not used.
    name, limits
        The name in errors; the most to accept.
    alphabet
        Which letters are allowed.
    bad
        A list to which each row that cannot be used is added; None = the first one is raised.

    Raises
    ------
    FastaError
        If the table cannot be read, lacks a column or holds nothing that can be used.

    Examples
    --------
    >>> made = read_table(b"sequence,label\nACGT,1\nTTTT,0\n")
    >>> made.classes, made.labels.tolist()
    (('0', '1'), [1, 0])
    """
    name = name or name_of(source)
    data = unix(b"".join(plain_text(source, name, limits=limits)))
    text = data.decode("utf-8-sig", "replace")
    reading, labels = Reading(name, alphabet, limits, bad), list[str]()
    kept = 0
    for line, letters, label in _rows(text, name):
        label = _plain_label(label)
        reading.begin(f"row {line}", line)
        if not label or not letters.strip():
            reading.fail("no sequence" if label else "no label")
        reading.add(letters.encode("ascii", "replace"), line)
        reading.end()
        if reading.ended > kept:
            kept += 1
            labels.append(label)
    return _checked(labelled(reading.block(), labels), name)


def _plain_label(text: str) -> str:
    """Return a label as it is shown; 1.0, as spreadsheets write whole numbers, is 1."""
    label = printable(text.encode())[:_LONGEST_LABEL].strip()
    whole, dot, rest = label.partition(".")
    return whole if dot and whole.isdigit() and not rest.strip("0") else label


def _rows(text: str, name: str) -> Iterator[tuple[int, str, str]]:
    """Yield line, sequence and label of each row of a table."""
    first = text[: text.find("\n") + 1] or text
    delimiter = max(",\t;", key=first.count)
    csv.field_size_limit(_LONGEST_CELL)
    rows = csv.reader(io.StringIO(text), delimiter=delimiter)
    try:
        header = [cell.strip().lower() for cell in next(rows, [])]
        if text.startswith(">"):
            raise FastaError(
                f"{name}: one FASTA file is one class; give a file for each class, or a table with "
                "the columns 'sequence' and 'label'"
            )
        missing = [column for column in COLUMNS if column not in header]
        if missing:
            raise FastaError(
                f"{name}, line 1: no column {missing[0]!r}; the first line names the columns "
                f"'sequence' and 'label', found {', '.join(header)[:80] or 'nothing'}"
            )
        letters, label = (header.index(column) for column in COLUMNS)
        for row in rows:
            if not row:
                continue
            cells = [*row, *[""] * len(header)]
            yield rows.line_num, cells[letters], cells[label]
    except csv.Error as error:
        raise FastaError(f"{name}, line {rows.line_num}: no CSV ({error})") from error


def _checked(found: Labelled, name: str) -> Labelled:
    if not len(found):
        raise FastaError(f"{name}: no row that can be used; is it a table of sequence and label?")
    if len(found.classes) > MAX_CLASSES:
        raise FastaError(
            f"{name}: {len(found.classes):,} labels, up to {MAX_CLASSES} are allowed; is the "
            "column 'label' a number to predict? This program predicts classes"
        )
    return found


def read_classes(
    files: Sequence[tuple[str, Source]],
    *,
    alphabet: Alphabet = DNA,
    limits: Limits = NO_LIMITS,
    bad: list[BadRecord] | None = None,
) -> Labelled:
    """Return the records of one FASTA, GenBank or EMBL file for each class.

    `files` are names and contents; a class is named after its file, without the endings.
    """
    data = [(name, b"".join(plain_text(source, name, limits=limits))) for name, source in files]
    records = read_all(data, alphabet=alphabet, limits=limits)
    if bad is not None:
        bad.extend(records.bad)
    elif records.bad:
        raise FastaError(str(records.bad[0]))
    names = [class_of(name) for name, _ in files]
    found = labelled(records.sequences, [names[i] for i in records.file_of])
    return _checked(found, ", ".join(names))


def class_of(name: str) -> str:
    """Return the class that a file stands for: its name without folder and endings.

    Examples
    --------
    >>> class_of("data/bound.fa.gz")
    'bound'
    """
    plain = printable(Path(name).name.encode("utf-8", "replace"))
    for ending in (".gz", ".fa", ".fasta", ".fna", ".ffn", ".faa", ".gb", ".gbk", ".embl", ".txt"):
        plain = plain.removesuffix(ending)
    return plain[:_LONGEST_LABEL] or "class"
