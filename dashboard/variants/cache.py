"""Cached data of the Variants page: genes, scorers, nulls, saturations, results.

A source of sequences is identified by a word or by the digest of what was uploaded.
"""

from contextlib import suppress
from pathlib import Path

import numpy as np
import streamlit as st

from bioskipgram.errors import CheckpointError, QueryError
from bioskipgram.model import neighbors
from bioskipgram.numerics.arrays import Floats
from bioskipgram.sequences import fasta
from bioskipgram.sequences.alphabet import ALPHABETS
from bioskipgram.sequences.sequences import Sequences
from bioskipgram.sequences.shipped import GENES
from bioskipgram.variants import null as context_null
from bioskipgram.variants import reading, saturation
from bioskipgram.variants.assess import Assessment, Assessor
from bioskipgram.variants.coding import table_of
from bioskipgram.variants.null import ContextNull, Gathering
from bioskipgram.variants.reading import VariantList
from bioskipgram.variants.saturation import Saturation
from bioskipgram.variants.score import Scorer
from dashboard.shared.cache import ModelFile, embedding

SHIPPED = "the genes that ship"
MAX_CHANGES = 20_000
"""The most changes of a list, good and bad: a second's reading."""


@st.cache_resource(max_entries=2, show_spinner=False)
def genes(alphabet: str) -> Sequences:
    """Return the named human genes that ship with the package."""
    return fasta.read(GENES, alphabet=ALPHABETS[alphabet])


@st.cache_resource(max_entries=4, show_spinner=False)
def listed(
    source: str, record: int, digest: str, _sequences: Sequences, _text: str | bytes
) -> VariantList:
    """Return the variants of a text, which its `digest` tells from others; errors as `read`."""
    return reading.read(_text, _sequences, record=record, most=MAX_CHANGES)


@st.cache_resource(max_entries=6, show_spinner=False)
def scorer(model: ModelFile) -> Scorer:
    """Return the scorer of a model; errors as `Scorer`."""
    return Scorer(embedding(model))


@st.cache_resource(max_entries=6, show_spinner=False)
def _kept_null(model: ModelFile, path: Path, made: int) -> ContextNull:
    return context_null.load(path)


@st.cache_resource(max_entries=6, show_spinner=False)
def _made_null(model: ModelFile) -> list[ContextNull]:
    return []


@st.cache_resource(max_entries=3, show_spinner=False)
def gathering(model: ModelFile) -> Gathering:
    """Return the maker of a model's null; iterated again, it continues."""
    alphabet = embedding(model).vocabulary.tokenizer.alphabet.name
    return Gathering(scorer(model), genes(alphabet))


def null(model: ModelFile) -> ContextNull | None:
    """Return a model's null for percentiles; None if it has not been made yet."""
    path = context_null.cache_path(Path(model.path), embedding(model))
    try:
        return _kept_null(model, path, path.stat().st_mtime_ns)
    except (FileNotFoundError, CheckpointError):
        return next(iter(_made_null(model)), None)


def keep_null(model: ModelFile, made: ContextNull) -> None:
    """Store a null, and write it beside its model where possible."""
    _made_null(model).append(made)
    with suppress(CheckpointError):  # a folder that is not writable
        context_null.save(made, context_null.cache_path(Path(model.path), embedding(model)))


@st.cache_resource(max_entries=8, show_spinner=False)
def assessor(model: ModelFile, source: str, has_null: bool, _sequences: Sequences) -> Assessor:  # noqa: FBT001
    """Return the assessor of variants of some sequences."""
    return Assessor(scorer(model), _sequences, null(model) if has_null else None)


@st.cache_resource(max_entries=8, show_spinner="Scoring every substitution …")
def saturated(model: ModelFile, source: str, record: int, _assessor: Assessor) -> Saturation:
    """Return every substitution of a record."""
    table = table_of(_assessor.sequences, record)
    return saturation.saturate(_assessor.scorer, _assessor.text(record)[0], table=table)


def percentiles(model: ModelFile, source: str, record: int, assessor: Assessor) -> Floats:
    """Return the percentiles of every substitution, float32[3, 4, L]; needs a null."""
    assert assessor.null is not None
    found = saturated(model, source, record, assessor)
    return saturation.percentiles(found, assessor.text(record)[0], assessor.null)


@st.cache_resource(max_entries=8, show_spinner="Shuffling the gene …")
def band(model: ModelFile, source: str, record: int, _assessor: Assessor) -> Floats:
    """Return the band that shuffles of a record give."""
    return saturation.band(_assessor.scorer, _assessor.sequences, record)


@st.cache_resource(max_entries=16, show_spinner=False)
def results(model: ModelFile, source: str, wanted: str, has_null: bool) -> list[Assessment]:  # noqa: FBT001
    """Return the list of results of the variants in `wanted`, filled by the page."""
    return []


@st.cache_resource(max_entries=5000, show_spinner=False)
def nearest(model: ModelFile, token: int) -> str:
    """Return the nearest k-mer that is no shift of this one; "" where there is none."""
    known = embedding(model)
    own = np.array([token], np.int32)
    try:
        found = neighbors.around(known, known.unit[token], own, 1, hide={"shift"})
    except QueryError:
        return ""
    return known.vocabulary.texts[int(found.tokens[0])]
