"""Cached data of the Genes page: uploads, vectors, reference genes, alignments, dot plots.

An `Upload` is identified by the digest of what it was read from; its records stay in the session.
"""

from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from bioskipgram.config import DotConfig, PoolConfig, ProjectionConfig
from bioskipgram.errors import BioSkipGramError, CheckpointError
from bioskipgram.genes import (
    alignment,
    bootstrap,
    counts,
    distances,
    dotplot,
    embed,
    gene_map,
    trees,
)
from bioskipgram.genes import reference as references
from bioskipgram.genes import similarity as gene_comparison
from bioskipgram.genes import why as reasons
from bioskipgram.genes.alignment import Alignment
from bioskipgram.genes.counts import GeneCounts
from bioskipgram.genes.distances import Paired
from bioskipgram.genes.dotplot import DotPlot
from bioskipgram.genes.embed import GeneEmbedding
from bioskipgram.genes.gene_map import GeneMapJob
from bioskipgram.genes.pooling import FittedPooling, fit_background
from bioskipgram.genes.reference import NearestGenes, Reference
from bioskipgram.genes.similarity import Relatives, Similarity
from bioskipgram.genes.trees import Tree
from bioskipgram.genes.why import GeneWhy
from bioskipgram.genes.words import Words
from bioskipgram.genes.words import words as words_of
from bioskipgram.groups.own_values import Column, read_columns
from bioskipgram.model import beside
from bioskipgram.numerics.arrays import Doubles, Floats, Tokens
from bioskipgram.projection import projection
from bioskipgram.projection.projection import Projection
from bioskipgram.sequences import orfs
from bioskipgram.sequences.orfs import RecordChecks
from bioskipgram.sequences.shipped import GENES
from dashboard.genes import tables
from dashboard.shared.cache import KEYS, Given, ModelFile, Upload, embedding, read, shipped

if TYPE_CHECKING:
    import pandas as pd


EXAMPLE = "beta-globin cluster and 20 others"
GLOBINS = ("HBB", "HBD", "HBE1", "HBG1", "HBG2")
_OTHERS = 20
NEAREST = 20
MAX_LEAVES = 200
BLOCK = 20
"""Trees of drawn k-mers between two moments at which the page can be stopped."""
Member = tuple[Upload, int]
"""A record: its upload, and its position there."""


@st.cache_resource(max_entries=4, show_spinner=False)
def named_genes(alphabet: str) -> Upload:
    """Return the named human genes that ship with the package, with their sequences."""
    return read((Given(GENES.name, GENES.read_bytes()),), alphabet)


@st.cache_resource(max_entries=4, show_spinner=False)
def example(alphabet: str) -> Upload:
    """Return the beta-globin cluster and a sample of the other genes that ship."""
    whole = shipped(GENES, alphabet)
    rest = [i for i, name in enumerate(whole.names) if name not in GLOBINS]
    chosen = [whole.names.index(name) for name in GLOBINS]
    chosen += [rest[i * len(rest) // _OTHERS] for i in range(_OTHERS)]
    text = "".join(f">{whole.descriptions[i]}\n{whole.text(i)}\n" for i in chosen)
    return read((Given(EXAMPLE, text.encode()),), alphabet)


@st.cache_resource(max_entries=4, hash_funcs=KEYS, show_spinner="Checking reading frames …")
def checked(upload: Upload) -> RecordChecks:
    """Return what every record looks like; of nucleotides."""
    return orfs.check(upload.records.sequences)


@st.cache_resource(max_entries=4, show_spinner="Reading the reference genes …")
def _reference(model: ModelFile, made: int) -> tuple[Reference | None, bool, str]:
    try:
        return *gene_map.reference_for(Path(model.path), embedding(model)), ""
    except BioSkipGramError as error:
        return None, False, str(error)


def reference(model: ModelFile) -> tuple[Reference | None, bool, str]:
    """Return the genes to compare with, whether they are the model's own; else why not."""
    try:
        made = beside.genes(model.path).stat().st_mtime_ns
    except FileNotFoundError:
        made = 0
    return _reference(model, made)


@st.cache_resource(max_entries=8, show_spinner="Embedding the reference genes …")
def reference_genes(model: ModelFile, pool: PoolConfig) -> GeneEmbedding | None:
    """Return the vectors of the reference genes; None where there are none."""
    found = reference(model)[0]
    if found is None:
        return None
    return found.genes(embedding(model), pool, background=_background(model, pool))


@st.cache_resource(max_entries=8, show_spinner=False)
def _background(model: ModelFile, pool: PoolConfig) -> FittedPooling | None:
    found = reference(model)[0]
    return None if found is None else found.background(embedding(model), pool)


@st.cache_resource(max_entries=4, hash_funcs=KEYS, show_spinner="Counting k-mers …")
def counted(model: ModelFile, upload: Upload, *, both_strands: bool = False) -> GeneCounts:
    """Return how often each k-mer is in each record."""
    vocabulary = embedding(model).vocabulary
    return counts.counts(vocabulary, upload.records.sequences, both_strands=both_strands)


@st.cache_resource(max_entries=4, hash_funcs=KEYS, show_spinner="Cutting records into words …")
def words(upload: Upload) -> Words:
    """Return the words that records are compared by without a model."""
    return words_of(upload.records.sequences)


@st.cache_resource(max_entries=8, hash_funcs=KEYS, show_spinner="Embedding the records …")
def vectors(model: ModelFile, upload: Upload, pool: PoolConfig) -> GeneEmbedding:
    """Return one vector a record, comparable with the reference genes'."""
    sequences, background = upload.records.sequences, _background(model, pool)
    if pool.pooling == "second-order":  # needs more of the records than their k-mers
        return embed.embed(embedding(model), sequences, pool, background=background)
    known = counted(model, upload, both_strands=pool.both_strands)
    return embed.embed_counts(embedding(model), sequences.names, known, pool, background=background)


@st.cache_resource(max_entries=8, hash_funcs=KEYS, show_spinner="Looking for the nearest genes …")
def nearest(model: ModelFile, upload: Upload, pool: PoolConfig) -> NearestGenes | None:
    """Return the nearest reference genes of every record; None without a reference."""
    found = reference_genes(model, pool)
    if found is None:
        return None
    return references.nearest(vectors(model, upload, pool), found, NEAREST)


@st.cache_resource(max_entries=8, hash_funcs=KEYS, show_spinner="Comparing k-mers …")
def relatives(model: ModelFile, upload: Upload, pool: PoolConfig) -> Relatives | None:
    """Return each record's nearest reference gene beside the baselines without a model."""
    found, near = reference(model)[0], nearest(model, upload, pool)
    if found is None or near is None:
        return None
    matrix, lengths = counted(model, upload).matrix, upload.records.sequences.lengths
    return gene_comparison.relatives(matrix, lengths, words(upload), found, near)


@st.cache_resource(max_entries=8, hash_funcs=KEYS, show_spinner="Writing the report …")
def report(model: ModelFile, upload: Upload, pool: PoolConfig) -> "pd.DataFrame":
    """Return a row for every record; shared, so not to be changed."""
    coding = bool(upload.records.sequences.alphabet.complement)
    found = checked(upload) if coding else None
    return tables.report(upload.records, found, vectors(model, upload, pool))


@st.cache_resource(max_entries=8, hash_funcs=KEYS, show_spinner=False)
def path(model: ModelFile, upload: Upload, record: int, start: int, stop: int) -> Tokens:
    """Return the k-mers that begin in a part of a record, in order, int32[n]; -1 = not known."""
    vocabulary = embedding(model).vocabulary
    codes = vocabulary.tokenizer.codes(upload.records.sequences[record][start:stop])
    return vocabulary.tokens(codes)


@st.cache_resource(max_entries=16, hash_funcs=KEYS, show_spinner=False)
def baselines(model: ModelFile, upload: Upload, record: int) -> Paired:
    """Return the measures without a model of one record and every reference gene."""
    found = reference(model)[0]
    assert found is not None
    own = counted(model, upload).matrix[[record]]
    return distances.one_with_all(own, found.counts, words(upload)[[record]], found.words)


@st.cache_resource(max_entries=8, show_spinner=False)
def random_cosines(model: ModelFile, pool: PoolConfig) -> Floats:
    """Return the cosines of random pairs of reference genes, ascending: what cosines mean."""
    found = reference_genes(model, pool)
    assert found is not None
    return gene_comparison.random_cosines(found)


@st.cache_resource(max_entries=32, hash_funcs=KEYS, show_spinner=False)
def paired(model: ModelFile, first: Upload, i: int, second: Upload, j: int) -> Paired:
    """Return what two records have in common without a model."""
    own, other = (counted(model, upload).matrix for upload in (first, second))
    return distances.paired(own[[i]], other[[j]], words(first)[[i]], words(second)[[j]])


@st.cache_resource(max_entries=16, hash_funcs=KEYS, show_spinner="Splitting the cosine …")
def why(model: ModelFile, pool: PoolConfig, one: Upload, i: int, two: Upload, j: int) -> GeneWhy:
    """Return the cosine of two records, split into the words of the first."""
    sequences, other = one.records.sequences, vectors(model, two, pool).vectors[j]
    background = _background(model, pool) or fit_background(embedding(model), sequences, pool)
    return reasons.why(embedding(model), sequences, i, other, config=pool, background=background)


@st.cache_resource(max_entries=16, hash_funcs=KEYS, show_spinner="Comparing the records …")
def nearest_records(model: ModelFile, upload: Upload, pool: PoolConfig) -> NearestGenes:
    """Return every record's nearest other record; itself with cosine 0 where it is alone."""
    return gene_comparison.nearest_others(vectors(model, upload, pool))


@st.cache_resource(max_entries=4, hash_funcs=KEYS, show_spinner="Grouping the records …")
def similarity(model: ModelFile, upload: Upload, pool: PoolConfig) -> Similarity:
    """Return how alike the records are, grouped where they are many."""
    return gene_comparison.similarity(vectors(model, upload, pool))


@st.cache_resource(max_entries=4, hash_funcs=KEYS, show_spinner="Growing the tree …")
def tree(
    model: ModelFile,
    upload: Upload,
    pool: PoolConfig,
    method: str,
    measure: str,
) -> Tree:
    """Return the tree of the first `MAX_LEAVES` records, by cosine or by Mash distance."""
    names = upload.records.sequences.names[:MAX_LEAVES]
    if measure == "cosine":
        unit = vectors(model, upload, pool).unit[: len(names)]
        return trees.tree(distances.from_cosines(unit @ unit.T), names, method)
    found = words(upload)[: len(names)]
    sets = found.protein if found.dna is None else found.dna
    return trees.tree(distances.mash(sets, sets), names, method)


@st.cache_resource(max_entries=64, hash_funcs=KEYS, show_spinner=False)
def support(model: ModelFile, upload: Upload, pool: PoolConfig, method: str, block: int) -> Doubles:
    """Return in which share of `BLOCK` trees of drawn k-mers each group of `tree` is."""
    made = tree(model, upload, pool, method, "cosine")
    drawn = bootstrap.bootstrap(
        embedding(model), upload.records.sequences.head(MAX_LEAVES), pool, method=method,
        background=_background(model, pool), samples=BLOCK, seed=1 + block,
    )  # fmt: skip
    return bootstrap.support(made, drawn)


@st.cache_resource(max_entries=4, hash_funcs=KEYS, show_spinner="Reading the table …")
def own_columns(model: ModelFile, upload: Upload, digest: str, _given: Given) -> dict[str, Column]:
    """Return the columns of a table of records and genes the user gave, by its digest."""
    found = reference(model)[0]
    return read_columns(
        _given.data, {*upload.records.sequences.names, *(found.names if found else ())}
    )


@st.cache_resource(max_entries=32, hash_funcs=KEYS, show_spinner="Aligning …")
def aligned(first: Upload, i: int, second: Upload, j: int, mode: str, kind: str) -> Alignment:
    """Return the optimal alignment of two records, or of what they code for."""
    a, b = (found.records.sequences for found in (first, second))
    if kind == "protein" and a.alphabet.complement:
        texts = alignment.protein_of(a[i]), alignment.protein_of(b[j])
    else:
        texts = a.text(i), b.text(j)
    return alignment.align(*texts, mode=mode, kind=kind)


@st.cache_resource(max_entries=3, hash_funcs=KEYS, show_spinner="Comparing window by window …")
def dots(
    model: ModelFile, first: Upload, i: int, second: Upload, j: int, config: DotConfig
) -> DotPlot:
    """Return the windows of one record against those of another."""
    a, b = first.records.sequences[i], second.records.sequences[j]
    return dotplot.dot_plot(embedding(model), a, b, config)


@st.cache_resource(max_entries=16, show_spinner="Laying out the reference genes …")
def _gene_layout(path: Path, made: int, size: int) -> Projection:
    return projection.load(path, size=size)


@st.cache_resource(max_entries=8, show_spinner="Laying out the reference genes …")
def _gene_pca(model: ModelFile, pool: PoolConfig, config: ProjectionConfig) -> Projection:
    found = reference_genes(model, pool)
    assert found is not None
    return gene_map.lay_out(found, config)


def gene_layout(model: ModelFile, pool: PoolConfig, config: ProjectionConfig) -> Projection | None:
    """Return the map of the reference genes; None if it is not quick to make."""
    if config.method == "pca":
        return _gene_pca(model, pool, config)
    path, found = layout_job(model, pool, config).place, reference(model)[0]
    assert found is not None
    try:
        return _gene_layout(path, path.stat().st_mtime_ns, len(found))
    except (FileNotFoundError, CheckpointError):  # a damaged one is made again
        return None


@st.cache_resource(max_entries=8, hash_funcs=KEYS, show_spinner="Putting the records on the map …")
def placed(
    model: ModelFile, upload: Upload, pool: PoolConfig, config: ProjectionConfig, _map: Projection
) -> Floats:
    """Return where the records belong on the map of the reference genes that `config` makes."""
    found = reference_genes(model, pool)
    assert found is not None
    return gene_map.transform(_map, found, vectors(model, upload, pool))


def layout_job(model: ModelFile, pool: PoolConfig, config: ProjectionConfig) -> GeneMapJob:
    """Return the job that makes the map of the reference genes, running or not."""
    path, found = Path(model.path), reference(model)[0]
    assert found is not None
    return GeneMapJob(gene_map.path_of(path, found, pool, config), path)
