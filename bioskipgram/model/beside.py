"""The files beside a model: their names, how to find and to keep them.

Beside ``x.safetensors`` are ``x.genes.safetensors`` (reference genes), ``x.transfer.json`` (how
reliable their labels are), ``x.sequences.safetensors`` (the sequences its k-mers are located in),
``x.state.safetensors`` (of a training that can be resumed), ``x.quality.json`` (its quality report)
and the cache folder ``x.layouts/``: projections, clusters, maps of genes, nulls of variants.
"""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from bioskipgram.errors import CheckpointError

T = TypeVar("T")
SUFFIX = ".safetensors"
GENES = ".genes.safetensors"
SEQUENCES = ".sequences.safetensors"
STATE = ".state.safetensors"


def genes(model: str | Path) -> Path:
    """Return where a model's reference genes are.

    Examples
    --------
    >>> genes("models/human.v2.safetensors").name
    'human.v2.genes.safetensors'
    """
    return _beside(model, GENES)


def sequences(model: str | Path) -> Path:
    """Return the path of the sequences in which a model's k-mers are located."""
    return _beside(model, SEQUENCES)


def quality(model: str | Path) -> Path:
    """Return the path of a model's quality report."""
    return _beside(model, ".quality.json")


def beyond(model: str | Path, digest: str) -> Path:
    """Return the path of what a model of that digest knows beyond its nulls; see `model.beyond`."""
    return remade(model, "beyond", digest)


def transfer(model: str | Path) -> Path:
    """Return the path of how reliable labels are that a model's reference genes transfer."""
    return _beside(model, ".transfer.json")


def _beside(model: str | Path, suffix: str) -> Path:
    path = Path(model)
    return path.with_name(path.name.removesuffix(SUFFIX) + suffix)


def remade(model: str | Path, name: str, facts: object) -> Path:
    """Return the path of a cache file in ``<model>.layouts/``: `name` and a digest of `facts`.

    `facts` are all that the contents depend on, as text or JSON values, so that a file made of
    other vectors or settings is never taken for it.
    """
    text = facts if isinstance(facts, str) else json.dumps(facts)
    key = hashlib.sha256(text.encode()).hexdigest()[:12]
    return _beside(model, ".layouts") / f"{name}-{key}{SUFFIX}"


def models_in(folder: Path) -> list[Path]:
    """Return the model files of a folder in the order of their names."""
    others = (GENES, SEQUENCES, STATE)
    return sorted(path for path in folder.glob(f"*{SUFFIX}") if not path.name.endswith(others))


def kept(
    path: Path,
    load: Callable[[Path], T],
    make: Callable[[], T],
    save: Callable[[T, Path], object],
    *,
    must_save: bool = True,
) -> T:
    """Return what a file holds; one that is missing is made and saved first.

    A CheckpointError if the file is damaged, or cannot be written and `must_save` is set.
    """
    if path.exists():
        return load(path)
    made = make()
    try:
        save(made, path)
    except CheckpointError:
        if must_save:
            raise
    return made
