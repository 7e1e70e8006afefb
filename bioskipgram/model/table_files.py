"""Word vectors as tables with columns: NumPy's npz, Parquet, AnnData's h5ad."""

import io
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from bioskipgram.errors import CheckpointError
from bioskipgram.numerics.nearest import best, normalized

from .word_vectors import WordVectors

NEIGHBORS = 15
"""How many neighbours a row of a Parquet file names."""


def npz_bytes(found: WordVectors) -> bytes:
    """Return an npz with ``kmers``, ``vectors``, ``context``, ``counts``, columns and points."""
    arrays = {"kmers": np.array(found.words, np.str_), "vectors": found.vectors}
    arrays |= {} if found.context is None else {"context": found.context}
    arrays |= {} if found.counts is None else {"counts": found.counts}
    arrays |= {f"column {name}": np.asarray(value) for name, value in found.columns.items()}
    arrays |= {f"projection {name}": points for name, points in found.points.items()}
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)  # type: ignore[arg-type]
    return buffer.getvalue()


def read_npz(data: bytes, name: str) -> WordVectors:
    """Return what an npz holds under the names of `npz_bytes`; else a CheckpointError."""

    def read() -> WordVectors:
        with np.load(io.BytesIO(data)) as arrays:
            words, vectors = arrays["kmers"], arrays["vectors"]
            more = {key: arrays[key] for key in ("context", "counts") if key in arrays}
        if words.dtype.kind != "U" or words.ndim != 1:
            raise ValueError("kmers is no list of texts")
        return WordVectors(words=words.tolist(), vectors=vectors.astype(np.float32), **more)

    return _told(read, name, "npz with arrays kmers and vectors")


def parquet_bytes(found: WordVectors) -> bytes:
    """Return a Parquet file with a row a word.

    ``kmer``, ``count``, the columns, ``vector`` (list of float32), and of the first projection
    ``projection_x`` and ``projection_y`` (``projection_z``), the names that Embedding Atlas uses,
    of others ``<method>_x`` …; ``neighbors`` are the ids and cosine distances of the 15 nearest
    rows, as Embedding Atlas reads them. Needs the extra ``parquet``.
    """
    import pyarrow
    from pyarrow import parquet

    columns: dict[str, Any] = {"id": np.arange(len(found.words)), "kmer": found.words}
    columns |= {} if found.counts is None else {"count": found.counts}
    columns |= {name: list(values) for name, values in found.columns.items()}
    for place, (method, points) in enumerate(found.points.items()):
        start = "projection" if place == 0 else method
        axes = "xyz"[: points.shape[1]]
        columns |= {f"{start}_{axis}": points[:, i] for i, axis in enumerate(axes)}
    columns["neighbors"] = _neighbors(found)
    columns["vector"] = list(found.vectors)
    buffer = io.BytesIO()
    parquet.write_table(pyarrow.table(columns), buffer, compression="zstd")
    return buffer.getvalue()


def _neighbors(found: WordVectors) -> list[dict[str, Any]]:
    unit = normalized(found.vectors)
    rows: list[dict[str, Any]] = []
    for start in range(0, len(unit), 4096):
        cosines = unit[start : start + 4096] @ unit.T  # [rows, V]
        own = np.arange(len(cosines))
        cosines[own, start + own] = -np.inf
        ids = best(cosines, min(NEIGHBORS, len(unit) - 1))
        distances = 1 - np.take_along_axis(cosines, ids, axis=1)
        rows += [
            {"ids": near, "distances": far}
            for near, far in zip(ids.tolist(), distances.tolist(), strict=True)
        ]
    return rows


def read_parquet(data: bytes, name: str) -> WordVectors:
    """Return the vectors of a Parquet file with columns kmer and vector; else a CheckpointError."""

    def read() -> WordVectors:
        import pyarrow
        from pyarrow import parquet

        try:
            table = parquet.read_table(pyarrow.BufferReader(data))
        except pyarrow.ArrowException as error:
            raise ValueError(str(error)) from error
        words = [str(word) for word in table["kmer"].to_pylist()]
        vectors = np.array(table["vector"].to_pylist(), np.float32)
        counts = np.array(table["count"].to_pylist()) if "count" in table.column_names else None
        return WordVectors(words=words, vectors=vectors, counts=counts)

    return _told(read, name, "Parquet file with columns kmer and vector")


def h5ad_bytes(found: WordVectors) -> bytes:
    """Return an AnnData file: a k-mer is an observation, a dimension a variable.

    ``obs`` holds the count and the columns, texts as categories; ``obsm`` the projections as
    ``X_umap`` and so on, and the context vectors as ``context``. Needs the extra ``h5ad``.
    """
    import anndata
    import pandas as pd

    keys = pd.Index(found.words, dtype=object)  # anndata 0.12 writes no text of pandas 3
    table: dict[str, Any] = {} if found.counts is None else {"count": found.counts}
    for name, values in found.columns.items():
        array = np.asarray(values)
        if array.dtype.kind == "U":  # pandas 3 would make categories of its own text type
            kinds = pd.Index(np.unique(array), dtype=object)
            array = pd.Categorical(array.astype(object), kinds)
        table[name] = array
    names = [f"v{d + 1}" for d in range(found.vectors.shape[1])]
    axes = pd.DataFrame(index=pd.Index(names, dtype=object))
    data = anndata.AnnData(np.array(found.vectors), obs=pd.DataFrame(table, index=keys), var=axes)
    for method, points in found.points.items():
        data.obsm[f"X_{method}"] = np.array(points)
    if found.context is not None:
        data.obsm["context"] = np.array(found.context)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "kmers.h5ad")
        data.write_h5ad(path, convert_strings_to_categoricals=False, compression="gzip")
        return path.read_bytes()


def read_h5ad(path: Path) -> WordVectors:
    """Return the vectors of an AnnData file whose observations are k-mers; see `h5ad_bytes`."""

    def read() -> WordVectors:
        import anndata

        data = anndata.read_h5ad(path)
        X = data.X.toarray() if hasattr(data.X, "toarray") else data.X
        return WordVectors(
            words=list(map(str, data.obs_names)),
            vectors=np.asarray(X, np.float32),
            context=np.asarray(data.obsm["context"]) if "context" in data.obsm else None,
            counts=np.asarray(data.obs["count"], np.int64) if "count" in data.obs else None,
        )

    return _told(read, path.name, "AnnData file of k-mers")


def _told(read: Callable[[], WordVectors], name: str, kind: str) -> WordVectors:
    try:
        return read()
    except ImportError:
        raise
    except Exception as error:
        raise CheckpointError(f"{name}: no {kind} ({error})") from error
