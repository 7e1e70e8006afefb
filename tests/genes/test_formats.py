"""Gene vectors as TSV, npz and h5ad, read back by this program and by others' readers."""

import csv
import io
import json
from pathlib import Path

import numpy as np
import pytest

from bioskipgram import tables
from bioskipgram.config import PoolConfig
from bioskipgram.errors import CheckpointError
from bioskipgram.genes import formats
from bioskipgram.genes.embed import GeneEmbedding

NAMES = ("HBB", "HBB", "=cmd|'/c calc'!A0", "@x", "a\tb\nc", "<b>", "é", "", "HBB-2", "x" * 10_000)


@pytest.fixture
def made() -> GeneEmbedding:
    random = np.random.default_rng(1)
    R = len(NAMES)
    return GeneEmbedding(
        NAMES,
        random.standard_normal((R, 3)).astype(np.float32),
        np.arange(R, dtype=np.int64),
        np.arange(R, dtype=np.int64) * 7,
        PoolConfig(pooling="sif", smoothing=0.25),
    )


def read_back(path: Path) -> GeneEmbedding:
    """A file as plain numpy or anndata reads it."""
    if path.suffix == ".npz":
        with np.load(path) as file:
            config = json.loads(str(file["config"]))
            names = tuple(file["names"].tolist())
            rows = (file["vectors"], file["kmers_used"], file["kmers_unknown"])
        return GeneEmbedding(names, *rows, PoolConfig.from_dict(config))
    import anndata

    data = anndata.read_h5ad(path)
    used, unknown = (data.obs[name].to_numpy(np.int64) for name in ("kmers_used", "kmers_unknown"))
    config = PoolConfig.from_dict(json.loads(str(data.uns["config"])))
    names = tuple(data.obs["name"].astype(str))
    return GeneEmbedding(names, np.asarray(data.X), used, unknown, config)


@pytest.mark.parametrize("suffix", [".npz", ".h5ad"])
@pytest.mark.filterwarnings("default")  # what anndata warns of at import concerns its authors
def test_others_read_what_was_written(suffix: str, made: GeneEmbedding, tmp_path: Path) -> None:
    found = read_back(formats.save_genes(made, tmp_path / f"vectors{suffix}"))
    assert found.names == made.names
    assert found.config == made.config
    for name in ("vectors", "kmers_used", "kmers_unknown"):
        assert np.array_equal(getattr(found, name), getattr(made, name))


@pytest.mark.parametrize("suffix", formats.SUFFIXES)
def test_no_records(suffix: str, tmp_path: Path) -> None:
    none = np.zeros(0, np.int64)
    empty = GeneEmbedding((), np.zeros((0, 3), np.float32), none, none, PoolConfig())
    path = formats.save_genes(empty, tmp_path / f"vectors{suffix}")
    if suffix != ".tsv":
        assert len(read_back(path)) == 0


def test_the_table_holds_every_digit_and_no_formula(made: GeneEmbedding) -> None:
    text = formats.genes_bytes(made, ".tsv").decode()
    rows = list(csv.reader(io.StringIO(text), delimiter="\t", quoting=csv.QUOTE_NONE))
    assert rows[0] == ["name", "kmers_used", "kmers_unknown", "v1", "v2", "v3"]
    assert [row[0] for row in rows[1:5]] == ["HBB", "HBB", "'=cmd|'/c calc'!A0", "'@x"]
    assert rows[5][0] == "a b c"
    assert not [row for row in rows if row[0].startswith(("=", "+", "-", "@"))]
    assert {len(row) for row in rows} == {6}
    found = np.array([row[3:] for row in rows[1:]], np.float32)
    assert np.array_equal(found, made.vectors)


def test_plain_numpy_opens_it(made: GeneEmbedding) -> None:
    with np.load(io.BytesIO(formats.genes_bytes(made, ".npz"))) as file:
        assert file["vectors"].shape == (len(NAMES), 3)
        assert file["names"].tolist() == list(NAMES)
        assert not any(file[name].dtype.hasobject for name in file.files)


def test_anndata_has_unique_names(made: GeneEmbedding, tmp_path: Path) -> None:
    import anndata

    data = anndata.read_h5ad(formats.save_genes(made, tmp_path / "vectors.h5ad"))
    assert data.obs_names.is_unique
    assert data.obs_names[:2].tolist() == ["HBB", "HBB-2"]
    assert data.obs["kmers_unknown"].tolist()[:3] == [0, 7, 14]
    assert data.uns["pooling"]["pooling"] == "sif"


def test_a_matrix(tmp_path: Path) -> None:
    text = tables.matrix_bytes(np.array([[0, 0.25], [0.25, 0]]), ("a", "=b")).decode()
    assert text == "name\ta\t'=b\na\t0\t0.25\n'=b\t0.25\t0\n"


@pytest.mark.parametrize("name", ["vectors.csv", "vectors", "vectors.pkl"])
def test_other_formats_are_refused(name: str, made: GeneEmbedding, tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=r"the name must end in .tsv, .npz, .h5ad"):
        formats.save_genes(made, tmp_path / name)
    assert not list(tmp_path.iterdir())
