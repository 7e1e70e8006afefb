"""Reference genes are laid out once; others find their place by the same axes or neighbours."""

import os
import shutil
import subprocess
import sys
import time
from dataclasses import asdict, replace
from json import dumps
from pathlib import Path

import numpy as np
import pytest

from bioskipgram.config import PoolConfig, ProjectionConfig
from bioskipgram.errors import CheckpointError, QueryError
from bioskipgram.genes import embed, gene_map, reference, reference_file
from bioskipgram.genes.embed import GeneEmbedding
from bioskipgram.genes.gene_map import GeneMapJob
from bioskipgram.jobs.locks import hold, turns
from bioskipgram.jobs.process import THREADS
from bioskipgram.kmers.tokenizer import KmerTokenizer
from bioskipgram.kmers.vocabulary import Vocabulary
from bioskipgram.model import beside, checkpoint
from bioskipgram.model.embedding import KmerEmbedding
from bioskipgram.numerics.threads import cores
from bioskipgram.projection import projection
from bioskipgram.projection.projection import Projection
from bioskipgram.sequences import fasta
from bioskipgram.sequences.alphabet import PROTEIN
from bioskipgram.sequences.shipped import GENES

MODEL = Path("models/human-cds-codon.safetensors")
PCA = ProjectionConfig(method="pca")


@pytest.fixture(scope="module")
def model() -> KmerEmbedding:
    return checkpoint.load(MODEL)


@pytest.fixture(scope="module")
def known(model: KmerEmbedding) -> GeneEmbedding:
    return embed.embed(model, fasta.read(GENES), PoolConfig(pooling="mean"))


def only(found: GeneEmbedding, rows: list[int]) -> GeneEmbedding:
    return replace(
        found, names=tuple(found.names[i] for i in rows), vectors=found.vectors[rows],
        kmers_used=found.kmers_used[rows], kmers_unknown=found.kmers_unknown[rows],
    )  # fmt: skip


def test_pca_puts_a_gene_of_the_reference_on_its_own_point(known: GeneEmbedding) -> None:
    layout = gene_map.lay_out(known, PCA)
    assert np.allclose(gene_map.transform(layout, known, known), layout.points, atol=1e-4)


def test_pca_places_what_is_new_by_the_same_axes(known: GeneEmbedding) -> None:
    some = only(known, list(range(0, 86, 2)))
    layout = gene_map.lay_out(some, PCA)
    placed = gene_map.transform(layout, some, known)
    centred = some.unit - some.unit.mean(axis=0)
    axes = np.linalg.svd(centred, full_matrices=False)[2][:2]
    wanted = (known.unit - some.unit.mean(axis=0)) @ axes.T
    signs = np.sign((wanted * placed).sum(axis=0))
    assert np.allclose(placed, wanted * signs, atol=1e-3)


@pytest.mark.parametrize("method", ["tsne", "umap"])
def test_on_other_maps_the_libraries_put_a_gene_among_its_own(
    method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three families far apart, on the map too: relatives go home, wherever home is."""
    # It would import pynndescent, which compiles for 18 s in a new environment.
    monkeypatch.setattr("openTSNE.affinity.get_knn_index", None)
    rng = np.random.default_rng(2)
    family = np.repeat([0, 1, 2], 30)
    middles = rng.normal(size=(3, 8))
    vectors = middles[family] + 0.1 * rng.normal(size=(90, 8))
    homes = np.array([[-36, 0], [36, 8], [0, 48]])
    points = (homes[family] + 3 * rng.normal(size=(90, 2))).astype(np.float32)
    layout = Projection(ProjectionConfig(method=method), points, 1.0)
    known, new = family_of(vectors), family_of(middles[[2, 0, 1]] + 0.05)
    placed = gene_map.transform(layout, known, new)
    apart = np.linalg.norm(placed[:, None] - homes, axis=2)
    assert apart.argmin(axis=1).tolist() == [2, 0, 1]
    assert apart.min(axis=1).max() < 10
    assert (gene_map.transform(layout, known, new) == placed).all()


def family_of(vectors: np.ndarray) -> GeneEmbedding:
    """Genes of these vectors."""
    ones = np.ones(len(vectors), np.int64)
    names = tuple(map(str, range(len(vectors))))
    return GeneEmbedding(names, vectors.astype(np.float32), ones, 0 * ones, PoolConfig())


def test_a_gene_without_a_vector_is_nowhere(known: GeneEmbedding) -> None:
    layout = gene_map.lay_out(known, PCA)
    vectors = known.vectors[[4, 5]] * np.array([[1], [0]], np.float32)
    none = replace(only(known, [4, 5]), vectors=vectors)
    placed = gene_map.transform(layout, known, none)
    assert np.isfinite(placed[0]).all()
    assert np.isnan(placed[1]).all()


def test_maps_in_space_take_no_genes(known: GeneEmbedding) -> None:
    solid = gene_map.lay_out(known, ProjectionConfig(method="pca", dimensions=3))
    with pytest.raises(QueryError, match="3 dimensions: genes are placed on maps of 2"):
        gene_map.transform(solid, known, known)


def test_vectors_of_another_pooling_are_refused(known: GeneEmbedding) -> None:
    layout = gene_map.lay_out(known, PCA)
    other = replace(known, config=PoolConfig(pooling="tfidf"))
    with pytest.raises(QueryError, match="these vectors cannot be compared"):
        gene_map.transform(layout, known, other)


def test_a_model_without_reference_gets_the_genes_that_ship(
    model: KmerEmbedding, tmp_path: Path
) -> None:
    path = tmp_path / "m.safetensors"
    found, own = gene_map.reference_for(path, model)
    assert (len(found), own) == (86, False)
    few = reference.from_sequences(model, fasta.read(b">mine\nATGGCTTAA\n"))
    reference_file.save(few, beside.genes(path))
    found, own = gene_map.reference_for(path, model)
    assert (found.names, own) == (("mine",), True)
    beside.genes(path).write_bytes(b"no")
    with pytest.raises(CheckpointError):
        gene_map.reference_for(path, model)


def test_protein_has_no_reference_genes(model: KmerEmbedding) -> None:
    ones = np.ones(20, np.int64)
    letters = Vocabulary(KmerTokenizer(1, alphabet=PROTEIN), np.arange(20), ones)
    protein = replace(
        model, vocabulary=letters, center=model.center[:20], context=model.context[:20]
    )
    with pytest.raises(QueryError, match="no reference genes for a model of protein"):
        gene_map.reference_for(Path("nowhere.safetensors"), protein)


def test_a_map_is_known_by_model_genes_pooling_and_settings(model: KmerEmbedding) -> None:
    found, _ = gene_map.reference_for(MODEL, model)
    few = replace(found, ids=("other", *found.ids[1:]))
    paths = {
        gene_map.path_of(MODEL, which, pool, config).name
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
    out = tmp_path / "new" / "gene_map.safetensors"
    settings = [dumps(asdict(each)) for each in (PoolConfig(), PCA)]
    command = [sys.executable, "-m", "bioskipgram.genes.gene_map", str(copy), str(out)]
    subprocess.run([*command, *settings], check=True)
    found = projection.load(out)
    own, _ = gene_map.reference_for(Path(copy), model)
    wanted = gene_map.lay_out(own.genes(model), PCA)
    assert np.allclose(found.points, wanted.points, atol=1e-5)


@pytest.fixture
def job(model: KmerEmbedding, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> GeneMapJob:
    """What makes the map of the reference genes, with a queue of its own."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    path = Path(shutil.copy(MODEL, tmp_path / MODEL.name))
    found, _ = gene_map.reference_for(path, model)
    return GeneMapJob(gene_map.path_of(path, found, PoolConfig(), PCA), path)


def test_a_map_is_made_though_its_starter_is_killed(job: GeneMapJob) -> None:
    program = (
        "import os, signal; from pathlib import Path\n"
        "from bioskipgram.config import PoolConfig, ProjectionConfig\n"
        "from bioskipgram.genes.gene_map import GeneMapJob\n"
        f"job = GeneMapJob(Path({str(job.place)!r}), Path({str(job.model)!r}))\n"
        "job.start(PoolConfig(), ProjectionConfig(method='pca'))\n"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    subprocess.run([sys.executable, "-c", program], check=False)
    status = job.status()
    assert status is not None
    assert status.active
    job.start(PoolConfig(), PCA)  # one is at work
    again = job.status()
    assert again is None or again.process == status.process
    while job.status() is not None:
        time.sleep(0.1)
    assert len(projection.load(job.place).points) == 86
    assert [path.name for path in job.place.parent.iterdir()] == [job.place.name]


def test_a_map_waits_its_turn_and_can_be_stopped(job: GeneMapJob) -> None:
    held = [hold([turn]) for turn in turns("projections", max(1, cores() // THREADS))]
    job.start(PoolConfig(), PCA)
    status = job.status()
    assert status is not None
    time.sleep(1)
    again = job.status()
    assert again is not None
    assert (again.state, again.process) == ("waiting", status.process)
    job.stop()
    assert not status.owner.alive
    assert job.status() is None
    assert list(job.place.parent.iterdir()) == []
    for handle in held:
        os.close(handle)


def test_what_cannot_be_laid_out_is_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = [dumps(asdict(each)) for each in (PoolConfig(), PCA)]
    paths = [str(tmp_path / name) for name in ("none.safetensors", "x")]
    assert gene_map.main([*paths, *settings]) == 2
    assert "none.safetensors" in capsys.readouterr().err
