"""Reference genes are laid out once; others find their place by the same axes or neighbours."""

import shutil
import subprocess
import sys
from dataclasses import asdict, replace
from json import dumps
from pathlib import Path

import numpy as np
import pytest

from bioskipgram import checkpoint, fasta, genes, projection
from bioskipgram.alphabet import PROTEIN
from bioskipgram.config import PoolConfig, ProjectionConfig
from bioskipgram.data import GENES
from bioskipgram.embedding import KmerEmbedding
from bioskipgram.errors import CheckpointError, QueryError
from bioskipgram.genes import GeneEmbedding, placing, reference
from bioskipgram.kmers import KmerTokenizer
from bioskipgram.projection import Projection
from bioskipgram.vocabulary import Vocabulary

MODEL = Path("models/human-cds-codon.safetensors")
PCA = ProjectionConfig(method="pca")


@pytest.fixture(scope="module")
def model() -> KmerEmbedding:
    return checkpoint.load(MODEL)


@pytest.fixture(scope="module")
def known(model: KmerEmbedding) -> GeneEmbedding:
    return genes.embed(model, fasta.read(GENES))


def only(found: GeneEmbedding, rows: list[int]) -> GeneEmbedding:
    return replace(
        found, names=tuple(found.names[i] for i in rows), vectors=found.vectors[rows],
        kmers_used=found.kmers_used[rows], kmers_unknown=found.kmers_unknown[rows],
    )  # fmt: skip


def test_pca_puts_a_gene_of_the_reference_on_its_own_point(known: GeneEmbedding) -> None:
    layout = placing.lay_out(known, PCA)
    assert np.allclose(placing.place(layout, known, known), layout.points, atol=1e-4)


def test_pca_places_what_is_new_by_the_same_axes(known: GeneEmbedding) -> None:
    some = only(known, list(range(0, 86, 2)))
    layout = placing.lay_out(some, PCA)
    placed = placing.place(layout, some, known)
    centred = some.unit - some.unit.mean(axis=0)
    axes = np.linalg.svd(centred, full_matrices=False)[2][:2]
    wanted = (known.unit - some.unit.mean(axis=0)) @ axes.T
    signs = np.sign((wanted * placed).sum(axis=0))
    assert np.allclose(placed, wanted * signs, atol=1e-3)


def test_on_other_maps_a_gene_lies_among_its_nearest(known: GeneEmbedding) -> None:
    points = np.random.default_rng(0).normal(size=(86, 2)).astype(np.float32)
    layout = Projection(ProjectionConfig(method="umap"), points, 1.0)
    placed = placing.place(layout, known, only(known, [5]))
    cosines = known.cosine()[5]
    order = np.argsort(-cosines, kind="stable")
    weights = cosines[order[:10]] - cosines[order[10]]
    assert np.allclose(placed[0], weights @ points[order[:10]] / weights.sum(), atol=1e-3)
    assert placed.dtype == np.float32


def test_vectors_of_another_pooling_are_refused(known: GeneEmbedding) -> None:
    layout = placing.lay_out(known, PCA)
    other = replace(known, config=PoolConfig(pooling="tfidf"))
    with pytest.raises(QueryError, match="these vectors cannot be compared"):
        placing.place(layout, known, other)


def test_a_model_without_reference_gets_the_genes_that_ship(
    model: KmerEmbedding, tmp_path: Path
) -> None:
    path = tmp_path / "m.safetensors"
    found, own = placing.reference_for(path, model)
    assert (len(found), own) == (86, False)
    few = reference.from_sequences(model, fasta.read(b">mine\nATGGCTTAA\n"))
    reference.save(few, reference.path_of(path))
    found, own = placing.reference_for(path, model)
    assert (found.names, own) == (("mine",), True)
    reference.path_of(path).write_bytes(b"no")
    with pytest.raises(CheckpointError):
        placing.reference_for(path, model)


def test_protein_has_no_reference_genes(model: KmerEmbedding) -> None:
    ones = np.ones(20, np.int64)
    letters = Vocabulary(KmerTokenizer(1, alphabet=PROTEIN), np.arange(20), ones)
    protein = replace(
        model, vocabulary=letters, center=model.center[:20], context=model.context[:20]
    )
    with pytest.raises(QueryError, match="no reference genes for a model of protein"):
        placing.reference_for(Path("nowhere.safetensors"), protein)


def test_a_map_is_known_by_model_genes_pooling_and_settings(model: KmerEmbedding) -> None:
    found, _ = placing.reference_for(MODEL, model)
    few = replace(found, ids=("other", *found.ids[1:]))
    paths = {
        placing.path_of(MODEL, which, pool, config).name
        for which in (found, few)
        for pool in (PoolConfig(), PoolConfig(pooling="sif"))
        for config in (PCA, ProjectionConfig(method="umap"))
    }
    assert len(paths) == 8
    assert all(name.startswith("genes-") for name in paths)


def test_the_process_keeps_what_lay_out_gives(
    model: KmerEmbedding, known: GeneEmbedding, tmp_path: Path
) -> None:
    copy = shutil.copy(MODEL, tmp_path / MODEL.name)
    out = tmp_path / "new" / "map.safetensors"
    settings = [dumps(asdict(each)) for each in (PoolConfig(), PCA)]
    command = [sys.executable, "-m", "bioskipgram.genes.placing", str(copy), str(out)]
    subprocess.run([*command, *settings], check=True)
    found = projection.load(out)
    own, _ = placing.reference_for(Path(copy), model)
    wanted = placing.lay_out(own.genes(model), PCA)
    assert np.allclose(found.points, wanted.points, atol=1e-5)


def test_what_cannot_be_laid_out_is_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = [dumps(asdict(each)) for each in (PoolConfig(), PCA)]
    assert placing.main(str(tmp_path / "none.safetensors"), str(tmp_path / "x"), *settings) == 2
    assert "none.safetensors" in capsys.readouterr().err
