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

from bioskipgram.errors import CheckpointError
from bioskipgram.files import FileKind
from bioskipgram.kmers.vocabulary import Vocabulary
from bioskipgram.numerics.arrays import Floats, State

from .embedding import KmerEmbedding, ModelInfo
from .shipped import model_path

FORMAT = "bioskipgram/1"
MODEL = FileKind(
    format=FORMAT,
    cure="train the model again, or use the version that wrote it",
    facts=("info",),
    tensors=("center", "context", "counts", "kmers"),
)


def save(embedding: KmerEmbedding, path: str | Path, *, half: bool = False) -> Path:
    """Write a model, whole or not at all, and return its path.

    With `half` the vectors are float16: half the size, about three decimal digits. An old file is
    replaced only once the new one is complete. A CheckpointError if it cannot be written, for
    example because the disk is full, or does not fit float16.
    """
    dtype = np.float16 if half else np.float32
    largest = max(np.abs(a).max(initial=0) for a in (embedding.center, embedding.context))
    if half and largest > np.finfo(np.float16).max:
        raise CheckpointError(f"{path}: {largest:g} is too large for float16; save without half")
    tensors = {
        "center": embedding.center.astype(dtype),
        "context": embedding.context.astype(dtype),
        "kmers": embedding.vocabulary.kmers,
        "counts": embedding.vocabulary.counts,
    }
    info = json.dumps(embedding.info.to_dict(), allow_nan=False)
    MODEL.write(Path(path), tensors, info=info)
    return Path(path)


def load(path: str | Path) -> KmerEmbedding:
    """Return the model in a file, given as a path or as the name of a model that ships.

    Raises
    ------
    CheckpointError
        If the file is missing, damaged or of another format.
    ConfigError
        If there is no model of that name.

    Examples
    --------
    >>> len(load("human-cds-codon"))
    64
    """
    return MODEL.read(model_path(path), _assemble)


def _assemble(tensors: State, metadata: dict[str, str]) -> KmerEmbedding:
    info = ModelInfo.from_dict(json.loads(metadata["info"]))
    vocabulary = Vocabulary(info.config.tokenizer, tensors["kmers"], tensors["counts"])
    if not len(vocabulary):
        raise ValueError("kmers: none")
    center, context = (_single(tensors[name]) for name in ("center", "context"))
    removed = info.config.remove_components
    return KmerEmbedding(vocabulary, center, context, info, removed)


def _single(array: np.ndarray[Any, Any]) -> Floats:
    """Return float16 as float32; every other dtype as it is, to be checked later."""
    return array.astype(np.float32) if array.dtype == np.float16 else array
