"""Cached labels of genes: nearest reference genes, their labels, colours of the reference."""

from pathlib import Path

import numpy as np
import streamlit as st

from bioskipgram.genes import beyond, transfer
from bioskipgram.genes.annotation import COLOURS, KINDS, categories, labels
from bioskipgram.genes.beyond import Beyond
from bioskipgram.genes.summary import GeneSummary, summaries
from bioskipgram.genes.transfer import Near, Transferred
from bioskipgram.kmers.composition import gc_content
from bioskipgram.numerics.arrays import Doubles, Floats
from dashboard.genes import cache as genes
from dashboard.shared.cache import KEYS, ModelFile, Upload, embedding


@st.cache_resource(max_entries=8, hash_funcs=KEYS, show_spinner="Looking for relatives …")
def near_by_measure(model: ModelFile, upload: Upload) -> dict[str, Near] | None:
    """Return the nearest annotated reference genes by each measure; None where there are none."""
    found, theirs = genes.reference(model)[0], genes.reference_genes(model, transfer.POOL)
    if found is None or theirs is None or found.words is None:
        return None
    known = labels(found.names, KINDS[0]).known
    own = genes.words(upload)
    if own.dna is None or known.sum() < transfer.FEWEST:
        return None
    made = genes.vectors(model, upload, transfer.POOL)
    return transfer.near(made, own, theirs, found.words, known=known)


@st.cache_resource(max_entries=8, hash_funcs=KEYS, show_spinner="Taking labels from relatives …")
def transferred(model: ModelFile, upload: Upload, kind: str) -> list[list[Transferred]]:
    """Return the labels of every record, with `near_by_measure` the most reliable first."""
    found, theirs = genes.reference(model)[0], genes.reference_genes(model, transfer.POOL)
    near = near_by_measure(model, upload)
    assert found is not None
    assert theirs is not None
    assert near is not None
    curves = transfer.kept(Path(model.path), found, theirs)
    return list(transfer.transfer(near, labels(found.names, kind), curves[kind]))


@st.cache_resource(max_entries=8, hash_funcs=KEYS, show_spinner=False)
def told(model: ModelFile, upload: Upload) -> list[GeneSummary]:
    """Return what each record is near to, where there is `near_by_measure`."""
    found, near = genes.reference(model)[0], near_by_measure(model, upload)
    assert found is not None
    assert near is not None
    return list(summaries(upload.records.sequences.names, near, found.names))


@st.cache_resource(max_entries=8, hash_funcs=KEYS, show_spinner="Comparing every two records …")
def beyond_mash(model: ModelFile, upload: Upload) -> Beyond:
    """Return the records that are alike by vectors and protein words but not by Mash."""
    made, random = genes.vectors(model, upload, transfer.POOL), random_cosines(model)
    return beyond.beyond_mash(made, genes.words(upload), random)


def random_cosines(model: ModelFile) -> Floats:
    """Return the cosines of random pairs of reference genes, ascending."""
    return genes.random_cosines(model, transfer.POOL)


@st.cache_resource(max_entries=8, show_spinner="Comparing random pairs of reference genes …")
def chance(model: ModelFile) -> tuple[int, int]:
    """Return how many of how many random pairs of reference genes `beyond_mash` would find."""
    found, theirs = genes.reference(model)[0], genes.reference_genes(model, transfer.POOL)
    assert found is not None
    assert found.words is not None
    assert theirs is not None
    return beyond.chance(theirs, found.words)


@st.cache_resource(max_entries=16, show_spinner=False)
def gene_colours(model: ModelFile, colour: str) -> list[str] | Doubles | None:
    """Return a category or a number for every reference gene; None for one colour."""
    found = genes.reference(model)[0]
    assert found is not None
    if colour in COLOURS:
        return categories(found.names, colour)
    if colour == "length":
        lengths: Doubles = np.log10(np.maximum(found.lengths, 1))
        return lengths
    if colour == "GC":
        vocabulary = embedding(model).vocabulary
        gc = gc_content(vocabulary.kmers, vocabulary.tokenizer)
        total = np.asarray(found.counts.sum(axis=1)).ravel()
        shares: Doubles = 100 * (found.counts @ gc) / np.maximum(total, 1)
        return shares
    return None
