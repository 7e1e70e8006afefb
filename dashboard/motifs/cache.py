"""Cached data of the Motifs page, by what was chosen."""

from dataclasses import dataclass

import streamlit as st

from bioskipgram.config import ScanConfig
from bioskipgram.errors import QueryError
from bioskipgram.motifs.discovery import Matches, compare, motif_of
from bioskipgram.motifs.enrichment import ClusterEnrichment, hits_in_shuffles, in_clusters
from bioskipgram.motifs.files import read_motifs
from bioskipgram.motifs.library import (
    Entry,
    KmerMatches,
    asked_for,
    entries,
    jaspar,
    kmer_matches,
    kmer_shares,
)
from bioskipgram.motifs.matrix import Motif
from bioskipgram.motifs.scan import Hits, Scanner
from bioskipgram.numerics.arrays import Counts, Flags, Floats
from bioskipgram.sequences.sequences import Sequences
from dashboard.shared import cache
from dashboard.shared.cache import ModelFile

BLOCK = 100
"""Shuffles between two moments at which the page can be stopped."""


@dataclass(frozen=True)
class Chosen:
    """A motif: a name of the library or a pattern, or the text of a file and which matrix of it."""

    text: str
    matrix: int = -1
    """Position of the matrix in the file; -1 = the text is no file."""


@st.cache_resource(max_entries=16, show_spinner="Reading the matrices …")
def matrices(text: str) -> tuple[Motif, ...]:
    """Return the motifs of a file's text."""
    return tuple(read_motifs(text, name="the matrix"))


@st.cache_resource(max_entries=1, show_spinner="Opening the library …")
def library() -> dict[str, Entry]:
    """Return the library by name."""
    return entries()


@st.cache_resource(max_entries=64, show_spinner=False)
def entry(chosen: Chosen) -> Entry:
    """Return the motif that was chosen."""
    if chosen.matrix < 0:
        return asked_for(chosen.text)
    motif = matrices(chosen.text)[chosen.matrix]
    return Entry(motif.name, "matrix", motif.about or "a matrix of yours", "", motif)


@st.cache_resource(max_entries=32, show_spinner="Scoring the k-mers …")
def kmers_matching(model: ModelFile, chosen: Chosen, *, both: bool) -> KmerMatches:
    """Return how well each k-mer matches, and how much of the motif it covers."""
    return kmer_matches(entry(chosen), cache.embedding(model).vocabulary, both=both)


def shares(model: ModelFile, chosen: Chosen, *, both: bool) -> Floats:
    """Return how well each k-mer matches, float32[V], 0 to 1."""
    return kmers_matching(model, chosen, both=both).shares


def flags(model: ModelFile, chosen: Chosen, threshold: float, *, both: bool) -> Flags:
    """Return which k-mers match at least so well, bool[V]."""
    found: Flags = shares(model, chosen, both=both) >= threshold - 1e-6
    return found


def enrichment(
    model: ModelFile, chosen: Chosen, threshold: float, *, both: bool
) -> ClusterEnrichment:
    """Return the enrichment of the matching k-mers in the clusters."""
    return _enrichment(model, cache.clusters_made(model), chosen, threshold, both=both)


@st.cache_resource(max_entries=32, show_spinner="Counting in the clusters …")
def _enrichment(
    model: ModelFile, made: int, chosen: Chosen, threshold: float, *, both: bool
) -> ClusterEnrichment:
    one = entry(chosen)
    return in_clusters(
        lambda vocabulary: kmer_shares(one, vocabulary, both=both) >= threshold - 1e-6,
        cache.embedding(model).vocabulary,
        cache.found_clusters(model).labels,
    )


@st.cache_resource(max_entries=4, show_spinner="Preparing the sequences …")
def scanner(source: str, config: ScanConfig, _sequences: Sequences) -> Scanner:
    """Return sequences ready to be scanned; `source` is their cache key."""
    return Scanner(_sequences, config)


@st.cache_resource(max_entries=16, show_spinner="Scanning …")
def hits(source: str, config: ScanConfig, chosen: Chosen, _sequences: Sequences) -> Hits:
    """Return a motif's hits along the sequences."""
    one, ready = entry(chosen), scanner(source, config, _sequences)
    return ready.search(one.pattern) if one.motif is None else ready.scan(one.motif)


@st.cache_resource(max_entries=200, show_spinner=False)
def shuffled(
    source: str, config: ScanConfig, chosen: Chosen, kind: str, block: int, _sequences: Sequences
) -> Counts:
    """Return how many hits there are in each of `BLOCK` shuffles of the sequences."""
    one, ready = entry(chosen), scanner(source, config, _sequences)
    if one.motif is None:
        raise QueryError("shuffles are scanned by matrices and IUPAC patterns only")
    return hits_in_shuffles(ready, one.motif, shuffles=BLOCK, kind=kind, seed=1 + block * BLOCK)


def cluster_motif(model: ModelFile, cluster: int) -> Motif:
    """Return the matrix of a cluster's k-mers."""
    return _cluster_motif(model, cache.clusters_made(model), cluster)


@st.cache_resource(max_entries=64, show_spinner=False)
def _cluster_motif(model: ModelFile, made: int, cluster: int) -> Motif:
    members = cache.found_clusters(model).members(cluster)
    return motif_of(cache.embedding(model), members, name=f"cluster {cluster} of {model.name}")


def matches(model: ModelFile, cluster: int, measure: str) -> Matches:
    """Return the similarity of a cluster's matrix to each of JASPAR's."""
    return _matches(model, cache.clusters_made(model), cluster, measure)


@st.cache_resource(max_entries=64, show_spinner="Comparing with JASPAR …")
def _matches(model: ModelFile, made: int, cluster: int, measure: str) -> Matches:
    return compare(cluster_motif(model, cluster), jaspar(), measure=measure)
