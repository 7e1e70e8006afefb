"""Gene vectors <-> files that other programs read: TSV, NumPy's npz, AnnData's h5ad.

Names come from user input and are escaped. Nothing is pickled: texts are written as fixed-width
arrays.
"""

import io
import json
import tempfile
from dataclasses import asdict
from itertools import chain, count
from pathlib import Path

import numpy as np

from bioskipgram.errors import CheckpointError
from bioskipgram.files import write_whole
from bioskipgram.tables import harmless

from .embed import GeneEmbedding

SUFFIXES = (".tsv", ".npz", ".h5ad")


def save_genes(genes: GeneEmbedding, path: Path) -> Path:
    """Write gene vectors as .tsv, .npz or .h5ad, and return the path; else a CheckpointError."""
    write_whole(path, genes_bytes(genes, check_suffix(path)))
    return path


def genes_bytes(genes: GeneEmbedding, suffix: str) -> bytes:
    """Return what a file of gene vectors holds, for one of `SUFFIXES`.

    * tsv: a header line; name, kmers_used, kmers_unknown and one column v1, v2 … a dimension.
    * npz: ``names`` (unicode), ``vectors``, ``kmers_used``, ``kmers_unknown`` and ``config``
      (JSON); opens with plain ``numpy.load``.
    * h5ad: ``X`` the vectors, ``obs`` the counts under unique names, the names as they were in
      ``obs["name"]``, the settings in ``uns``: for scanpy and CELLxGENE.
    """
    return {".tsv": _tsv, ".npz": _npz, ".h5ad": _h5ad}[suffix](genes)


def check_suffix(path: Path) -> str:
    """Return the suffix of a file; one that is not in `SUFFIXES` raises a CheckpointError."""
    if path.suffix not in SUFFIXES:
        raise CheckpointError(
            f"{path.name}: the name must end in {', '.join(SUFFIXES)}, which says the format"
        )
    return path.suffix


def _tsv(genes: GeneEmbedding) -> bytes:
    axes = (f"v{d + 1}" for d in range(genes.vectors.shape[1]))
    rows: list[tuple[object, ...]] = [("name", "kmers_used", "kmers_unknown", *axes)]
    numbers = zip(genes.names, genes.kmers_used, genes.kmers_unknown, genes.vectors, strict=True)
    rows += [(harmless(name), used, unknown, *vector) for name, used, unknown, vector in numbers]
    return "".join("\t".join(map(str, row)) + "\n" for row in rows).encode()


def _npz(genes: GeneEmbedding) -> bytes:
    buffer = io.BytesIO()
    np.savez_compressed(
        buffer,
        names=np.array(genes.names, np.str_),
        vectors=genes.vectors,
        kmers_used=genes.kmers_used,
        kmers_unknown=genes.kmers_unknown,
        config=np.array(json.dumps(asdict(genes.config))),
    )
    return buffer.getvalue()


def _h5ad(genes: GeneEmbedding) -> bytes:
    import anndata
    import pandas as pd

    # anndata 0.12 writes object columns, but not the text columns of pandas 3.
    keys = pd.Index(_unique(genes.names), dtype=object)
    table = pd.DataFrame(
        {
            "name": pd.Series(list(genes.names), keys, object),
            "kmers_used": genes.kmers_used,
            "kmers_unknown": genes.kmers_unknown,
        },
        index=keys,
    )
    D = genes.vectors.shape[1]
    axes = pd.DataFrame(index=pd.Index([f"v{d + 1}" for d in range(D)], dtype=object))
    data = anndata.AnnData(np.array(genes.vectors), obs=table, var=axes)
    data.uns["pooling"] = asdict(genes.config)
    data.uns["config"] = json.dumps(asdict(genes.config))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "genes.h5ad")
        data.write_h5ad(path, convert_strings_to_categoricals=False, compression="gzip")
        return path.read_bytes()


def _unique(names: tuple[str, ...]) -> list[str]:
    """Return unique names: the second HBB becomes HBB-2."""
    seen: dict[str, None] = {}
    for name in names:
        later = (f"{name}-{number}" for number in count(2))
        seen[next(made for made in chain([name], later) if made not in seen)] = None
    return list(seen)
