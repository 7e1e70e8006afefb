"""Models to and from the files of other programs: which format is which, in one table."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bioskipgram.errors import CheckpointError, ConfigError, optional_packages
from bioskipgram.files import write_whole

from . import table_files as tables
from . import word2vec_files as words
from .embedding import KmerEmbedding
from .word_vectors import WordVectors, as_model

FORMATS: dict[str, Callable[[WordVectors], bytes | dict[str, bytes]]] = {
    "word2vec": words.text_bytes,
    "word2vec-binary": words.binary_bytes,
    "projector": words.projector_files,
    "parquet": tables.parquet_bytes,
    "h5ad": tables.h5ad_bytes,
    "npz": tables.npz_bytes,
}
"""What each format's files hold: of one file its bytes, of a folder those of each file."""
_LARGEST = 8 << 30


def write(found: WordVectors, path: Path, form: str) -> None:
    """Write vectors in one of `FORMATS`, each file whole or not at all.

    Raises
    ------
    CheckpointError
        If it cannot be written.
    MissingPackage
        If the package of a format is not installed.
    """
    if form not in FORMATS:
        raise ConfigError(f"{form!r} is no format; there are {', '.join(FORMATS)}")
    with optional_packages():
        made = FORMATS[form](found)
    for name, data in made.items() if isinstance(made, dict) else [("", made)]:
        write_whole(path / name if name else path, data)


def read(path: Path, **settings: Any) -> tuple[KmerEmbedding, list[str]]:
    """Return the model in another program's file, and the words of it that are no k-mers.

    The format is told by what the file holds, not by its name; a folder is TensorBoard's. See
    `as_model` for `settings`.

    Raises
    ------
    CheckpointError
        If the file cannot be read or holds no vectors of k-mers.
    MissingPackage
        If the package of its format is not installed.
    """
    try:
        if path.is_dir():
            parts = [(path / name).read_bytes() for name in ("tensors.tsv", "metadata.tsv")]
            found, data = words.read_projector(parts[0], parts[1], path.name), b"".join(parts)
        else:
            if path.stat().st_size > _LARGEST:
                raise CheckpointError(f"{path.name}: has more than {_LARGEST >> 30} GB")
            data = path.read_bytes()
            with optional_packages():
                found = _read(data, path)
    except OSError as error:
        raise CheckpointError(f"{path}: cannot be read ({error.strerror or error})") from error
    return as_model(found, source=path.name, sha256=hashlib.sha256(data).hexdigest(), **settings)


def _read(data: bytes, path: Path) -> WordVectors:
    if data.startswith(b"PK"):
        return tables.read_npz(data, path.name)
    if data.startswith(b"PAR1"):
        return tables.read_parquet(data, path.name)
    if data.startswith(b"\x89HDF"):
        return tables.read_h5ad(path)
    return words.read(data, path.name)
