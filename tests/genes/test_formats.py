"""Gene vectors as TSV, npz and h5ad, read back by this program and by others' readers."""

import csv
import io
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


@pytest.mark.parametrize("suffix", [".npz", ".h5ad"])
@pytest.mark.filterwarnings("default")  # what anndata warns of at import concerns its authors
def test_there_and_back(suffix: str, made: GeneEmbedding, tmp_path: Path) -> None:
    path = formats.save_genes(made, tmp_path / f"vectors{suffix}")
    found = formats.load_genes(path)
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
        assert len(formats.load_genes(path)) == 0


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


@pytest.mark.parametrize("suffix", [".npz", ".h5ad"])
@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"\x89HDF\r\n\x1a\n", b"x" * 100])
def test_damage(suffix: str, content: bytes, tmp_path: Path) -> None:
    path = tmp_path / f"x{suffix}"
    path.write_bytes(content)
    with pytest.raises(CheckpointError, match=f"x{suffix}: no gene vectors of this program"):
        formats.load_genes(path)


def test_pickles_are_not_opened(tmp_path: Path) -> None:
    path = tmp_path / "x.npz"
    objects = np.array([{"a": 1}], dtype=object)
    np.savez(path, names=objects, config=np.array("{}"), vectors=objects)
    with pytest.raises(CheckpointError, match=r"x.npz: no gene vectors .*allow_pickle=False"):
        formats.load_genes(path)


def test_files_that_are_not_there(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="no such file"):
        formats.load_genes(tmp_path / "none.npz")
    with pytest.raises(CheckpointError, match="a table keeps no settings"):
        formats.load_genes(tmp_path / "none.tsv")
