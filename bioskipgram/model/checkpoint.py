"""KmerEmbedding <-> one safetensors file.

Tensors ``center`` and ``context`` (float32[V, D], or float16 to save space), ``kmers`` and
``counts`` (int64[V]). The header's metadata holds ``format`` ("bioskipgram/1"), ``info`` (JSON:
the settings and the history) and ``sha256`` (over the tensors and the info). Reading checks all
of it before anything is used, and never runs code.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import safetensors.numpy

from bioskipgram.arrays import Floats
from bioskipgram.errors import BioSkipGramError, CheckpointError
from bioskipgram.files import damaged, digest, read_tensors, write_whole
from bioskipgram.kmers.vocabulary import Vocabulary

from .embedding import KmerEmbedding, ModelInfo

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
