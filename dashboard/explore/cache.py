"""Cached data of the Explore page: the table of k-mers, tests of sets, and the user's values."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from bioskipgram.errors import CheckpointError, QueryError
from bioskipgram.groups import compare, enrichment
from bioskipgram.groups.compare import Comparison
from bioskipgram.groups.contrast import Contrast, contrast
from bioskipgram.groups.enrichment import WordEnrichment
from bioskipgram.groups.own_values import read_values
from bioskipgram.groups.properties import Property, offered
from bioskipgram.kmers import record_counts
from bioskipgram.kmers.genetic_code import translate
from bioskipgram.kmers.record_counts import RecordShares
from bioskipgram.model import beside
from bioskipgram.model.neighbors import Neighborhood
from bioskipgram.numerics.arrays import Counts, Floats, Tokens
from dashboard import state
from dashboard.shared import cache
from dashboard.shared.cache import Given, ModelFile, Upload

if TYPE_CHECKING:
    import pandas as pd

NEIGHBORS = 40
REPEATED = ("log rank", "strand log-ratio", "melting temperature")
"""Properties that say again what another one says, so they are not tested beside it."""


def feature(model: ModelFile) -> tuple[str, str, Floats]:
    """Return the number that sums a k-mer up: its name, how to print it, and its values.

    GC in percent; of protein, the mean hydropathy.
    """
    if cache.embedding(model).vocabulary.tokenizer.alphabet.complement:
        return "GC", "{:.0f} %", 100 * cache.property_of(model, "GC content").values
    return "Hydropathy", "{:.1f}", cache.property_of(model, "hydropathy").values


def table(model: ModelFile) -> "pd.DataFrame":
    """Return one row per k-mer, in token order; shared by all sessions, so not to be changed."""
    return _table(model, cache.clusters_made(model))


@st.cache_resource(max_entries=3, show_spinner="Writing the table …")
def _table(model: ModelFile, made: int) -> "pd.DataFrame":
    import pandas as pd

    vocabulary = cache.embedding(model).vocabulary
    name, _, values = feature(model)
    columns: dict[str, Any] = {"k-mer": vocabulary.texts, "count": vocabulary.counts, name: values}
    if vocabulary.tokenizer.alphabet.complement:
        columns["amino acids"] = [translate(text) for text in vocabulary.texts]
    if not cache.clusters_missing(model):
        columns["cluster"] = cache.found_clusters(model).labels
    return pd.DataFrame(columns)


def columns(model: ModelFile) -> dict[str, Any]:
    """Return the table column of the number that summarizes a k-mer."""
    name, form, _ = feature(model)
    digits = "%.0f %%" if form.endswith("%") else "%.1f"
    return {name: st.column_config.NumberColumn(name, format=digits)}


@st.cache_resource(max_entries=4, show_spinner="Reading the table …")
def own_values(model: ModelFile, digest: str, _given: Given) -> list[Property]:
    """Return the columns of a table the user gave, identified by the digest of its bytes."""
    return read_values(_given.data, cache.embedding(model).vocabulary)


@st.cache_resource(max_entries=64, show_spinner=False)
def near(model: ModelFile, token: int, hide: tuple[str, ...]) -> Neighborhood | None:
    """Return the nearest k-mers of one, some relations left out; None if none is left."""
    embedding = cache.embedding(model)
    try:
        return embedding.neighbors(embedding.vocabulary.texts[token], NEIGHBORS, hide=hide)
    except QueryError:
        return None


@st.cache_resource(max_entries=32, show_spinner="Counting shorter k-mers …")
def words(model: ModelFile, packed: bytes) -> WordEnrichment:
    """Return the shorter k-mers in a selection, as `state.pack` gives it, beside the rest."""
    return enrichment.enriched_words(cache.embedding(model).vocabulary, _tokens(model, packed))


@st.cache_resource(max_entries=64, show_spinner=False)
def words_by_chance(model: ModelFile, size: int) -> int:
    """Return how many shorter k-mers have q < 0.05 in a random selection of that size."""
    V = len(cache.embedding(model))
    drawn = np.random.default_rng(size).permutation(V)[:size].astype(np.int32)
    found = enrichment.enriched_words(cache.embedding(model).vocabulary, drawn)
    return int((found.q < 0.05).sum())


@st.cache_resource(max_entries=32, show_spinner="Testing every property …")
def contrasted(model: ModelFile, here: bytes, there: bytes = b"") -> Contrast:
    """Return in what a selection differs from another, or from the rest."""
    V = len(cache.embedding(model))
    inside, outside = state.unpack(here, V), state.unpack(there, V) if there else None
    if outside is not None:
        inside, outside = inside & ~outside, outside & ~inside
    return contrast(_properties(model), inside, outside)


@st.cache_resource(max_entries=16, show_spinner="Comparing the two sets …")
def compared(model: ModelFile, here: bytes, there: bytes) -> Comparison:
    """Return how two selections overlap, and the words that tell them apart."""
    return compare.compare(
        cache.embedding(model), _tokens(model, here), _tokens(model, there), {}
    )  # fmt: skip


def gene_shares(
    model: ModelFile, tokens: Tokens, given: Upload | None
) -> tuple[tuple[str, ...], RecordShares, str] | None:
    """Return genes, their shares of some k-mers, and where they are from; None without genes.

    Those the user gave, else the reference genes beside the model, else what ships.
    """
    counted = None if given else _counted(model)
    if counted is not None:
        names, counts, windows = counted
        observed = np.asarray(counts[:, tokens].sum(axis=1)).ravel().astype(np.int64)
        source = f"the {len(names):,} human genes kept beside this model"
        return names, record_counts.shares_of(observed, windows), source
    sequences, source = cache.sequences_of(model, given)
    if sequences is None:
        return None
    chosen = np.zeros(len(cache.embedding(model)), np.bool_)
    chosen[tokens] = True
    shares = record_counts.richest(sequences, cache.embedding(model).vocabulary, chosen)
    named = zip(sequences.symbols, sequences.names, strict=True)
    return tuple(symbol or name for symbol, name in named), shares, source


def _counted(model: ModelFile) -> "tuple[tuple[str, ...], Any, Counts] | None":
    """Return the reference genes: names, k-mer counts [R, V] by column, and their sums."""
    path = beside.genes(model.path)
    try:
        return _reference(model, path, path.stat().st_mtime_ns)
    except (OSError, CheckpointError):
        return None


@st.cache_resource(max_entries=3, show_spinner="Reading the genes …")
def _reference(model: ModelFile, path: Path, made: int) -> "tuple[tuple[str, ...], Any, Counts]":
    from bioskipgram.genes import reference_file

    found = reference_file.load(path, cache.embedding(model))
    windows = np.asarray(found.counts.sum(axis=1)).ravel().astype(np.int64)
    return found.names, found.counts.tocsc(), windows


def _properties(model: ModelFile) -> dict[str, Property]:
    tokenizer = cache.embedding(model).vocabulary.tokenizer
    names = offered(tokenizer, frame_counts=bool(tokenizer.alphabet.complement))
    return {name: cache.property_of(model, name) for name in names if name not in REPEATED}


def _tokens(model: ModelFile, packed: bytes) -> Tokens:
    flags = state.unpack(packed, len(cache.embedding(model)))
    return np.flatnonzero(flags).astype(np.int32)
