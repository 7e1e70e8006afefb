"""Cached data of the Explore page: the table of k-mers, tests of sets, and the user's values."""

from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from bioskipgram.errors import QueryError
from bioskipgram.groups import compare, enrichment
from bioskipgram.groups.compare import Comparison
from bioskipgram.groups.contrast import Contrast, contrast
from bioskipgram.groups.enrichment import WordEnrichment
from bioskipgram.groups.own_values import read_values
from bioskipgram.groups.properties import Property, offered
from bioskipgram.kmers.genetic_code import translate
from bioskipgram.model.neighbors import Neighborhood
from bioskipgram.numerics.arrays import Floats, Tokens
from dashboard import state
from dashboard.kmer_map.content import stamp_of
from dashboard.shared import cache
from dashboard.shared.cache import Given, ModelFile

if TYPE_CHECKING:
    import pandas as pd

NEIGHBORS = 40


def stamp(model: ModelFile) -> int:
    """Return the checksum of a model's k-mers."""
    return stamp_of(cache.embedding(model).vocabulary.kmers)


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


def _properties(model: ModelFile) -> dict[str, Property]:
    tokenizer = cache.embedding(model).vocabulary.tokenizer
    names = offered(tokenizer, frame_counts=bool(tokenizer.alphabet.complement))
    return {name: cache.property_of(model, name) for name in names}


def _tokens(model: ModelFile, packed: bytes) -> Tokens:
    flags = state.unpack(packed, len(cache.embedding(model)))
    return np.flatnonzero(flags).astype(np.int32)
