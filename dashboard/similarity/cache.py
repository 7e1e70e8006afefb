"""Cached data of the Similarity page: answers by model, query text and settings."""

from statistics import median

import numpy as np
import streamlit as st

from bioskipgram.groups.properties import Property
from bioskipgram.kmers import relations
from bioskipgram.model import compare, neighbors, queries, why
from bioskipgram.model.compare import TwoLists
from bioskipgram.model.neighbors import Neighborhood
from bioskipgram.model.queries import PATTERN, Query
from bioskipgram.model.why import WhySum
from bioskipgram.numerics.arrays import Floats
from bioskipgram.numerics.nearest import normalized
from dashboard.shared import cache
from dashboard.shared.cache import ModelFile
from dashboard.shared.quality import cache as quality


@st.cache_resource(max_entries=64, show_spinner=False)
def asked(model: ModelFile, text: str) -> tuple[Query, ...]:
    """Return the queries that a text holds."""
    return tuple(queries.ask_all(cache.embedding(model), text))


@st.cache_resource(max_entries=16, show_spinner=False)
def examples(model: ModelFile) -> tuple[tuple[str, str], ...]:
    """Return queries the model can answer, each with what it is."""
    return tuple(queries.examples(cache.embedding(model)))


@st.cache_resource(max_entries=64, show_spinner=False)
def nearest(model: ModelFile, text: str, n: int, hide: tuple[str, ...]) -> Neighborhood:
    """Return the neighbourhood of one query."""
    embedding = cache.embedding(model)
    return neighbors.neighborhood(embedding, queries.ask(embedding, text), n, hide=hide)


@st.cache_resource(max_entries=32, show_spinner=False)
def sum_of(model: ModelFile, plus: str, minus: str, n: int, hide: tuple[str, ...]) -> Neighborhood:
    """Return the k-mers nearest to the sum of some queries less that of others."""
    given = asked(model, plus), asked(model, minus)
    return neighbors.arithmetic(cache.embedding(model), *given, n, hide=hide)


@st.cache_resource(max_entries=16, show_spinner=False)
def sum_cosines(model: ModelFile, plus: str, minus: str) -> Floats:
    """Return the cosine of every k-mer to a sum of queries, float32[V]."""
    embedding = cache.embedding(model)
    added, taken = (
        sum(embedding.direction(query.tokens) for query in asked(model, text))
        for text in (plus, minus)
    )
    total = np.asarray(added - taken, np.float32)
    cosines: Floats = embedding.unit @ normalized(total[None])[0]
    return cosines


@st.cache_resource(max_entries=16, show_spinner=False)
def why_sum(model: ModelFile, plus: str, minus: str, token: int) -> WhySum:
    """Return the cosine of a sum of queries with a k-mer, split into terms and contexts."""
    near = Query("", PATTERN, np.array([token], np.int32))
    return why.why_sum(cache.embedding(model), asked(model, plus), asked(model, minus), near)


@st.cache_resource(max_entries=16, show_spinner=False)
def similarity(model: ModelFile, text: str) -> Property:
    """Return the cosine of every k-mer to a query."""
    embedding = cache.embedding(model)
    query = queries.ask(embedding, text)
    return Property("Cosine to the query", embedding.unit @ embedding.direction(query.tokens))


@st.cache_resource(max_entries=16, show_spinner=False)
def relation(model: ModelFile, token: int) -> Property:
    """Return the kind of relation of every k-mer to one."""
    vocabulary = cache.embedding(model).vocabulary
    found = relations.kinds(vocabulary, token).astype(np.float32)
    return Property("Relation to the query", found, relations.KINDS)


@st.cache_resource(max_entries=32, show_spinner=False)
def expected(model: ModelFile, token: int) -> dict[str, float]:
    """Return the share of each kind of relation among all other k-mers."""
    return neighbors.expected_shares(cache.embedding(model), token)


def shuffled(model: ModelFile) -> dict[str, float]:
    """Return the medians of `quality.spelling` over trainings on shuffled sequences, if kept."""
    found = quality.report(model)
    measures = {} if found is None else found.measures
    return {
        name.removeprefix("neighbours: "): median(values)
        for name, one in measures.items()
        for values in [values for kind, values in one.nulls.items() if "shuffled" in kind][:1]
        if name.startswith("neighbours: ")
    }


@st.cache_resource(max_entries=32, show_spinner=False)
def cosines(model: ModelFile, text: str) -> Floats:
    """Return the cosine of every two queries of a text, float32[Q, Q]."""
    return compare.cosines(cache.embedding(model), list(asked(model, text)))


@st.cache_resource(max_entries=32, show_spinner=False)
def two_lists(model: ModelFile, first: str, second: str, n: int) -> TwoLists:
    """Return the neighbours of two queries side by side."""
    embedding = cache.embedding(model)
    one, two = (queries.ask(embedding, text) for text in (first, second))
    return compare.two_lists(embedding, one, two, n)


@st.cache_resource(max_entries=16, show_spinner=False)
def sum_example(model: ModelFile) -> tuple[str, str, str] | None:
    """Return terms to add, one to subtract, and the k-mer expected by the letters."""
    return queries.analogy_example(cache.embedding(model))


@st.cache_resource(max_entries=16, show_spinner=False)
def rank_in_sum(model: ModelFile, plus: str, minus: str, kmer: str) -> int:
    """Return the rank of a k-mer that is no term under a sum of queries, 1 = nearest."""
    embedding = cache.embedding(model)
    found = sum_of(model, plus, minus, len(embedding), ())
    return int(np.flatnonzero(found.tokens == embedding.vocabulary.token(kmer))[0]) + 1
