"""Cached data of the Classify page: labelled items, their leaks, classifiers."""

from pathlib import Path

import numpy as np
import streamlit as st

from bioskipgram.classify import file, leaks, vectors
from bioskipgram.classify.classifier import Classifier
from bioskipgram.classify.jobs import NAMES
from bioskipgram.classify.labelled import Labelled, labelled, read_classes, read_table, take
from bioskipgram.classify.leaks import Leaks
from bioskipgram.errors import FastaError
from bioskipgram.numerics.arrays import Doubles
from bioskipgram.sequences import fasta
from bioskipgram.sequences.alphabet import ALPHABETS
from bioskipgram.sequences.sequences import BadRecord, Sequences, joined
from bioskipgram.sequences.shipped import BINDING, SAMPLE
from dashboard.shared import cache
from dashboard.shared.cache import LIMITS, Given

WINDOW = 101
"""Bases of the coding pieces in the second example, as many as the others have."""
PIECES = 3_000

Split = tuple[Labelled, Labelled | None]


def folder() -> Path:
    """Return where classifiers and their reports are kept."""
    return cache.RUNS / "classify"


@st.cache_resource(max_entries=2, show_spinner="Reading the example …")
def binding() -> Split:
    """Return the training and the test set of the example that ships."""
    train, dev, test = (read_table(path) for path in BINDING)
    return _named(_both(train, dev)), _named(test)


def _both(one: Labelled, two: Labelled) -> Labelled:
    sequences = joined([one.sequences, two.sequences])
    return Labelled(sequences, np.concatenate([one.labels, two.labels]), one.classes)


def _named(items: Labelled) -> Labelled:
    return Labelled(items.sequences, items.labels, NAMES)


@st.cache_resource(max_entries=2, show_spinner="Reading the example …")
def coding() -> Split:
    """Return pieces of coding sequences and pieces of regulatory DNA of the same length."""
    records = fasta.read(SAMPLE)
    random = np.random.default_rng(1)
    rows = np.flatnonzero(records.lengths >= WINDOW)
    picked = random.choice(rows, PIECES)
    starts = [int(random.integers(0, n - WINDOW + 1)) for n in records.lengths[picked]]
    codes = [records[i][at : at + WINDOW] for i, at in zip(picked.tolist(), starts, strict=True)]
    names = tuple(f"{records.names[i]}:{at + 1}" for i, at in zip(picked, starts, strict=True))
    offsets = np.arange(PIECES + 1, dtype=np.int64) * WINDOW
    pieces = Sequences(names, names, np.concatenate(codes), offsets)
    other = read_table(BINDING[0]).sequences
    other = take(other, random.permutation(len(other))[:PIECES])
    return labelled(joined([pieces, other]), ["coding"] * PIECES + ["regulatory"] * PIECES), None


@st.cache_resource(max_entries=4, show_spinner="Reading …")
def given(
    files: tuple[Given, ...], alphabet: str
) -> tuple[Labelled | None, tuple[BadRecord, ...], str]:
    """Return the items of one table, or of a file for each class; what was left out; the error."""
    bad, letters = list[BadRecord](), ALPHABETS[alphabet]
    try:
        if len(files) == 1:
            (one,) = files
            found = read_table(one.data, name=one.name, alphabet=letters, limits=LIMITS, bad=bad)
        else:
            named = [(one.name, one.data) for one in files]
            found = read_classes(named, alphabet=letters, limits=LIMITS, bad=bad)
    except FastaError as error:
        return None, tuple(bad), str(error)
    return found, tuple(bad), ""


@st.cache_resource(
    max_entries=8, show_spinner="Looking for leaks …",
    hash_funcs={Labelled: lambda items: (items.sequences.codes.tobytes(), items.labels.tobytes())},
)  # fmt: skip
def leaks_of(train: Labelled, test: Labelled | None) -> Leaks:
    """Return what leaks between and inside the sets."""
    return leaks.look(train, test)


@st.cache_resource(max_entries=4, show_spinner=False)
def classifier(path: str, stamp: tuple[int, int]) -> Classifier:
    """Return a saved classifier; `stamp` is the file's time and size."""
    return file.load(Path(path))


@st.cache_resource(max_entries=1, show_spinner=False)
def measured() -> dict[int, Doubles]:
    """Return what vectors added to counts."""
    return vectors.measured()
