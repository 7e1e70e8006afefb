"""Files written whole or not at all, and safetensors files read with every check."""

import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import safetensors.numpy

from .errors import CheckpointError


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


def digest(*arrays: np.ndarray[Any, Any]) -> str:
    """Return the SHA-256 over dtype, shape and bytes of the arrays, in hexadecimal."""
    total = hashlib.sha256()
    for array in arrays:
        total.update(f"{array.dtype.str}{array.shape}".encode())
        total.update(np.ascontiguousarray(array).data)
    return total.hexdigest()
