"""Files written whole or not at all, and safetensors files read with every check.

A sealed file holds in its header the SHA-256 over its tensors, sorted by name, and over the facts
beside them, so that any change is found. Nothing read here can run code.
"""

import hashlib
import os
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import safetensors.numpy

from .errors import BioSkipGramError, CheckpointError
from .numerics.arrays import State

T = TypeVar("T")
POINTER = "a Git LFS pointer, not the file itself; fetch it with: git lfs pull"
_OTHERS = (
    (rb"version https://(git-lfs|hawser)", POINTER),
    (
        rb"\d+ \d+ *\r?\n\S+( -?\d|\s[^ -~])",
        "word2vec's format, vectors without counts and settings; train a model of your own",
    ),
    (rb"PK\x03\x04", "a zip archive, as PyTorch and NumPy write it; train a model of your own"),
    (rb"\x80[\x02-\x05]", "a pickle, which could run code and is never opened; train a model"),
    (rb"\x89HDF", "an HDF5 file; train a model of your own"),
    (rb"\x1f\x8b", "gzip data; unpack it first, with gunzip"),
    # The size that safetensors starts with has zeros in these bytes.
    (rb"[>;@][^\0]{7}|LOCUS |ID   ", "a file of sequences; train a model on it"),
    (rb"<[!?/A-Za-z]", "a web page or XML; download the file itself"),
)
"""Beginnings of files taken for safetensors: what they are, and the cure."""


def other_kind(start: bytes) -> str:
    """Return what a file is that starts like no safetensors file, "" if that is not known."""
    return next((said for pattern, said in _OTHERS if re.match(pattern, start)), "")


@dataclass(frozen=True, kw_only=True)
class FileKind:
    """A kind of safetensors file: what it must hold, and the cure for a damaged one.

    `format` "" = a cache file without a seal, which can be made again; `facts` are the sealed
    header entries in order; `tensors`, sorted, () = any, whose names are sealed, too.
    """

    format: str = ""
    what: str = ""
    cure: str = ""
    facts: tuple[str, ...] = ()
    tensors: tuple[str, ...] = ()

    def write(self, path: Path, tensors: State, **facts: str) -> None:
        """Write the tensors and the facts, whole or not at all; see `write_whole`."""
        metadata = facts
        if self.format:
            metadata = {"format": self.format, **facts, "sha256": self.seal(tensors, facts)}
        ordered = {name: np.asarray(array, order="C") for name, array in tensors.items()}
        write_whole(path, safetensors.numpy.save(ordered, metadata or None))

    def read(self, path: Path, make: Callable[[State, dict[str, str]], T]) -> T:
        """Return what `make` builds from the tensors and the metadata of a file.

        A CheckpointError if the file is missing, damaged or of another format, or `make` fails.
        """
        tensors, metadata = read_tensors(path)
        if self.format:
            self._check(path, tensors, metadata)
        try:
            return make(tensors, metadata)
        except CheckpointError:
            raise
        except _UNREADABLE as error:
            if self.format:
                raise damaged(path, str(error)) from error
            raise CheckpointError(
                f"{path.name}: no {self.what} ({error}); delete it to make it again"
            ) from error

    def _check(self, path: Path, tensors: State, metadata: dict[str, str]) -> None:
        if (found := metadata.get("format", "none")) != self.format:
            raise CheckpointError(
                f"{path.name}: format {found!r}, but this program reads {self.format!r}; "
                f"{self.cure}"
            )
        complete = not self.tensors or tuple(sorted(tensors)) == self.tensors
        if not complete or metadata.get("sha256") != self.seal(tensors, metadata):
            raise damaged(path, "its contents do not match its checksum")

    def seal(self, tensors: State, metadata: dict[str, str]) -> str:
        """Return the SHA-256 over the tensors, sorted by name, and the facts."""
        text = "".join(metadata.get(name, "") for name in self.facts)
        if not self.tensors:
            text = f"{sorted(tensors)} {text}"
        arrays = [tensors[name] for name in sorted(tensors)]
        return digest(*arrays, np.frombuffer(text.encode(), np.uint8))


_UNREADABLE = (
    BioSkipGramError, KeyError, IndexError, TypeError, ValueError, AttributeError,
    ArithmeticError, RecursionError, MemoryError,
)  # fmt: skip
"""Errors of building an object from invalid contents of a file."""


def damaged(path: Path, why: str) -> CheckpointError:
    """Return the error for a damaged file."""
    return CheckpointError(f"{path.name}: damaged ({why}); copy or train it again")


def read_tensors(path: Path) -> tuple[State, dict[str, str]]:
    """Return the tensors and the metadata of any safetensors file."""
    try:
        with path.open("rb") as file:
            start = file.read(256)
        with safetensors.safe_open(path, framework="numpy") as opened:
            tensors = {name: opened.get_tensor(name) for name in opened.keys()}  # noqa: SIM118
            return tensors, opened.metadata() or {}
    except FileNotFoundError as error:
        raise CheckpointError(f"{path}: no such model file") from error
    except IsADirectoryError as error:
        raise CheckpointError(f"{path}: this is a directory; name a model file in it") from error
    # TypeError and AttributeError: dtypes that numpy does not have. ValueError: a NUL in a name.
    except (safetensors.SafetensorError, TypeError, AttributeError, MemoryError) as error:
        if said := other_kind(start):
            raise CheckpointError(f"{path.name}: {said}") from error
        raise damaged(path, f"not a whole safetensors file: {error}") from error
    except (OSError, ValueError) as error:
        raise CheckpointError(f"{path}: cannot be read ({_reason(error)})") from error


def write_whole(path: Path, data: bytes, *, mode: int = 0o666) -> None:
    """Write `data` under a temporary name, then put it in place; missing folders are made.

    A CheckpointError if that fails; what was there before is left as it was.
    """
    temporary = path.parent / f".{secrets.token_hex(8)}.part"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
    except (OSError, ValueError) as error:
        raise CheckpointError(
            f"{path}: could not be written ({_reason(error)}); nothing was changed there; "
            "free some space or choose another folder"
        ) from error


def _reason(error: OSError | ValueError) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)


def digest(*arrays: np.ndarray[Any, Any]) -> str:
    """Return the SHA-256 over dtype, shape and bytes of the arrays, in hexadecimal."""
    total = hashlib.sha256()
    for array in arrays:
        total.update(f"{array.dtype.str}{array.shape}".encode())
        total.update(np.ascontiguousarray(array).data)
    return total.hexdigest()
