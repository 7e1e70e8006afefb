"""Predictions for records and for windows along them, as TSV, BED or bedGraph."""

from dataclasses import dataclass

import numpy as np

from bioskipgram.errors import ConfigError, QueryError
from bioskipgram.numerics.arrays import Counts, Doubles
from bioskipgram.sequences.sequences import Sequences
from bioskipgram.tables import harmless

from .classifier import Classifier, decided, probabilities

MAX_UNKNOWN = 0.5
"""The largest share of unknown letters in a window that gets a prediction."""


@dataclass(frozen=True, eq=False)
class Windows:
    """Windows along records and the probability of every class in each."""

    classifier: Classifier
    sequences: Sequences
    records: Counts  # int64[W]
    starts: Counts  # int64[W], in the record, 0-based
    window: int
    step: int
    chances: Doubles  # float64[W, classes]

    def __len__(self) -> int:
        return len(self.records)


def along(
    classifier: Classifier, sequences: Sequences, *, window: int = 0, step: int = 0
) -> Windows:
    """Return predictions for windows of `window` letters, `step` apart, from each record's start.

    0 = the length of the training items (their median) and a quarter of the window. Windows with
    more unknown letters than `MAX_UNKNOWN` are left out. A ConfigError if the classifier takes
    another length only; a QueryError if no record has a whole window.
    """
    window = window or classifier.length or int(classifier.info.get("length", 200))
    step = step or max(1, window // 4)
    if window < 1 or step < 1:
        raise ConfigError(f"window: {window} and step: {step} must be at least 1")
    if classifier.length not in (0, window):
        raise ConfigError(
            f"window: {window}, but this classifier learnt positions in sequences of "
            f"{classifier.length}; leave --window out, or train with --aligned no"
        )
    counts = np.maximum((sequences.lengths - window) // step + 1, 0)
    records = np.repeat(np.arange(len(sequences)), counts)
    within = step * (np.arange(len(records)) - np.repeat(counts.cumsum() - counts, counts))
    starts = sequences.offsets[records] + within
    unknown = np.concatenate([[0], (sequences.codes >= sequences.alphabet.unknown).cumsum()])
    fine = unknown[starts + window] - unknown[starts] <= MAX_UNKNOWN * window
    if not fine.any():
        raise QueryError(
            f"no window of {window:,} known letters; the longest record has "
            f"{sequences.lengths.max(initial=0):,}"
        )
    records, within, starts = records[fine], within[fine], starts[fine]
    block, weights = classifier.block, classifier.weights
    margins = classifier.bias + block.window_scores(sequences, starts, starts + window, weights)
    return Windows(classifier, sequences, records, within, window, step, probabilities(margins))


def text_of(found: Windows, form: str, *, least: float = 0.0) -> str:
    """Return windows as "tsv", "bed" (those of the probability `least` or more) or "bedgraph".

    BED and bedGraph are of the second class, or, if there are more than two, of the likeliest.
    Each value of bedGraph stands for the middle of its window, `step` bases long, since windows
    overlap and values of bedGraph must not.
    """
    classes, two = found.classifier.classes, len(found.classifier.classes) == 2
    said = np.ones(len(found), np.int32) if two else decided(found.chances)
    chances = found.chances[np.arange(len(found)), said]
    names = [_plain(name) for name in found.sequences.names]
    rows = zip(found.records.tolist(), found.starts.tolist(), said.tolist(), chances, strict=True)
    if form == "bed":
        return "".join(
            f"{names[r]}\t{at}\t{at + found.window}\t{_plain(classes[k])}\t{round(1000 * p)}\t.\n"
            for r, at, k, p in rows
            if p >= least
        )
    if form == "bedgraph":
        width = min(found.step, found.window)
        shift, name = (found.window - width) // 2, _plain(classes[1]) if two else "likeliest"
        return f'track type=bedGraph name="{name}"\n' + "".join(
            f"{names[r]}\t{at + shift}\t{at + shift + width}\t{p:.4f}\n" for r, at, _, p in rows
        )
    head = "\t".join(["sequence", "start", "end", *map(harmless, classes)])
    lines = [
        "\t".join([harmless(names[r]), str(at + 1), str(at + found.window), *_cells(row)])
        for r, at, row in zip(
            found.records.tolist(), found.starts.tolist(), found.chances, strict=True
        )
    ]
    return "\n".join([head, *lines]) + "\n"


def records_text(classifier: Classifier, sequences: Sequences) -> str:
    """Return a TSV with the class of each record and the probabilities.

    Records of a length that the classifier does not take have no class.
    """
    fits = classifier.fits(sequences)
    rows = np.flatnonzero(fits)
    if not len(rows):
        raise QueryError(
            f"this classifier takes aligned sequences of {classifier.length:,} letters only, and "
            "no record has that length; give --window to look along the records"
        )
    from .labelled import take

    chances = classifier.probabilities(take(sequences, rows))
    said = decided(chances, classifier.threshold)
    lines = ["\t".join(["sequence", "class", *(harmless(name) for name in classifier.classes)])]
    cells = {
        row: [classifier.classes[k], *_cells(values)]
        for row, k, values in zip(rows.tolist(), said.tolist(), chances, strict=True)
    }
    nothing = [""] * (1 + len(classifier.classes))
    for i, name in enumerate(sequences.names):
        lines.append("\t".join([harmless(name), *map(harmless, cells.get(i, nothing))]))
    return "\n".join(lines) + "\n"


def _cells(chances: Doubles) -> list[str]:
    return [f"{chance:.4f}" for chance in chances.tolist()]


def _plain(text: str) -> str:
    """Return a name as BED has it: without blanks and quotes."""
    return "".join(c if c.isprintable() and c not in ' "\t' else "_" for c in text) or "_"
