"""KmerEmbedding <-> one safetensors file.

Tensors ``center`` and ``context`` (float32[V, D], or float16 to save space), ``kmers`` and
``counts`` (int64[V]). The header's metadata holds ``format`` ("bioskipgram/1"), ``info`` (JSON:
the settings and the history) and ``sha256`` (over the tensors and the info). Reading checks all
of it before anything is used, and never runs code.
"""

import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import safetensors
import safetensors.numpy

from .arrays import Floats
from .embedding import KmerEmbedding, ModelInfo, digest
from .errors import BioSkipGramError, CheckpointError
from .vocabulary import Vocabulary

FORMAT = "bioskipgram/1"
SUFFIX = ".safetensors"
_TENSORS = ("center", "context", "counts", "kmers")


def save(embedding: KmerEmbedding, path: str | Path, *, half: bool = False) -> Path:
    """Write a model, whole or not at all, and return its path.

    Parameters
    ----------
    embedding
        What to save.
    path
        Where; a file there is replaced only once the new one is complete.
    half
        Store the vectors as float16: half the size, about three decimal digits.

    Raises
    ------
    CheckpointError
        If it cannot be written, for example because the disk is full, or does not fit float16.
    """
    dtype = np.float16 if half else np.float32
    largest = max(np.abs(a).max(initial=0) for a in (embedding.center, embedding.context))
    if half and largest > np.finfo(np.float16).max:
        raise CheckpointError(f"{path}: {largest:g} is too large for float16; save without half")
    tensors: dict[str, np.ndarray[Any, Any]] = {
        "center": embedding.center.astype(dtype),
        "context": embedding.context.astype(dtype),
        "kmers": np.asarray(embedding.vocabulary.kmers),
        "counts": np.asarray(embedding.vocabulary.counts),
    }
    info = json.dumps(embedding.info.to_dict(), allow_nan=False)
    metadata = {"format": FORMAT, "info": info, "sha256": _seal(tensors, info)}
    write_whole(Path(path), safetensors.numpy.save(tensors, metadata))
    return Path(path)


def load(path: str | Path) -> KmerEmbedding:
    """Return the model in a file.

    Raises
    ------
    CheckpointError
        If the file is missing, damaged or of another format.
    """
    path = Path(path)
    tensors, metadata = read_tensors(path)
    found = metadata.get("format", "none")
    if found != FORMAT:
        raise CheckpointError(
            f"{path.name}: format {found!r}, but this program reads {FORMAT!r}; "
            "train the model again, or use the version that wrote it"
        )
    info = metadata.get("info", "")
    if sorted(tensors) != list(_TENSORS) or metadata.get("sha256") != _seal(tensors, info):
        raise damaged(path, "its contents do not match its checksum")
    try:
        return _assemble(tensors, ModelInfo.from_dict(json.loads(info)))
    except (KeyError, TypeError, ValueError, RecursionError, BioSkipGramError) as error:
        raise damaged(path, str(error)) from error


def _assemble(tensors: dict[str, np.ndarray[Any, Any]], info: ModelInfo) -> KmerEmbedding:
    vocabulary = Vocabulary(info.config.tokenizer, tensors["kmers"], tensors["counts"])
    center, context = (_single(tensors[name]) for name in ("center", "context"))
    removed = info.config.remove_components
    return KmerEmbedding(vocabulary, center, context, info, removed)


def _single(array: np.ndarray[Any, Any]) -> Floats:
    """Return float16 as float32; every other dtype as it is, to be checked later."""
    return array.astype(np.float32) if array.dtype == np.float16 else array


def _seal(tensors: dict[str, np.ndarray[Any, Any]], info: str) -> str:
    text = np.frombuffer(info.encode(), np.uint8)
    return digest(*(tensors[name] for name in sorted(tensors)), text)


def damaged(path: Path, why: str) -> CheckpointError:
    """Return the error for a file whose contents are not whole."""
    return CheckpointError(f"{path.name}: damaged ({why}); copy or train it again")


def read_tensors(path: Path) -> tuple[dict[str, np.ndarray[Any, Any]], dict[str, str]]:
    """Return the tensors and the metadata of any safetensors file.

    Raises
    ------
    CheckpointError
        If it is missing or no safetensors file.
    """
    if path.is_dir():
        raise CheckpointError(f"{path}: this is a directory; name a model file in it")
    try:
        with safetensors.safe_open(path, framework="numpy") as file:
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            return tensors, file.metadata() or {}
    except FileNotFoundError as error:
        raise CheckpointError(f"{path}: no such model file") from error
    # TypeError and AttributeError: dtypes that numpy does not have.
    except (safetensors.SafetensorError, OSError, TypeError, AttributeError) as error:
        raise damaged(path, f"not a whole safetensors file: {error}") from error


@contextmanager
def made_anew(
    path: Path, what: str
) -> Iterator[tuple[dict[str, np.ndarray[Any, Any]], dict[str, str]]]:
    """Give the tensors and the metadata of a file that is no loss: it can be made anew.

    Parameters
    ----------
    path
        The file.
    what
        What it should hold, for the error.

    Raises
    ------
    CheckpointError
        If it is missing or damaged, or the block fails on what it holds.
    """
    read = read_tensors(path)
    try:
        yield read
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise CheckpointError(
            f"{path.name}: no {what} ({error}); delete it to make it anew"
        ) from error


def write_whole(path: Path, data: bytes) -> None:
    """Write `data` under a temporary name in the same folder, then put it in place.

    Raises
    ------
    CheckpointError
        If that fails; what was there before is left as it was.
    """
    temporary = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(
            dir=path.parent, prefix=".", suffix=".part", delete=False
        ) as file:
            temporary = Path(file.name)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(0o644)
        temporary.replace(path)
    except OSError as error:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
        raise CheckpointError(
            f"{path}: could not be written ({error.strerror}); nothing was changed there; "
            "free some space or choose another folder"
        ) from error
