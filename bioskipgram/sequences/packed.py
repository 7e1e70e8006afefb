"""Sequences kept beside a model, so that its k-mers can be traced back: one safetensors file.

``<model>.sequences.safetensors`` holds ``names`` and ``headers`` (uint8, UTF-8 text, a line for
each record), ``offsets`` (int64[R + 1]), ``bases`` (uint8, four bases a byte, the first in the
lowest bits; protein: one residue a byte) and ``unknown`` (int64[runs, 2], start and end of runs of
unknown bases). The metadata holds ``format`` ("bioskipgram-sequences/1"), ``info`` (JSON: the
alphabet, the source's name and SHA-256) and ``sha256`` (over the tensors and the info).
"""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bioskipgram.files import FileKind
from bioskipgram.numerics.arrays import BaseCodes, State

from .alphabet import ALPHABETS
from .sequences import Sequences

FORMAT = "bioskipgram-sequences/1"
SEQUENCES = FileKind(
    format=FORMAT,
    cure="make it again with the command index",
    facts=("info",),
    tensors=("bases", "headers", "names", "offsets", "unknown"),
)
_SHIFTS = np.array([0, 2, 4, 6], np.uint8)
_FOUR: BaseCodes = ((np.arange(256)[:, None] >> _SHIFTS) & 3).astype(np.uint8)
"""The four bases in each byte, uint8[256, 4]."""


@dataclass(frozen=True)
class SequenceIndex:
    """Sequences, and the name and SHA-256 of the file they were read from."""

    sequences: Sequences
    source: str
    sha256: str


def save(index: SequenceIndex, path: Path) -> None:
    """Write an index, whole or not at all; a CheckpointError if it cannot be written."""
    sequences = index.sequences
    info = json.dumps(
        {"alphabet": sequences.alphabet.name, "source": index.source, "sha256": index.sha256}
    )
    tensors: State = {
        "names": _lines(sequences.names),
        "headers": _lines(sequences.descriptions),
        "offsets": sequences.offsets,
        **_packed(sequences.codes, sequences.alphabet.unknown),
    }
    SEQUENCES.write(path, tensors, info=info)


def load(path: Path) -> SequenceIndex:
    """Return the index in a file; a CheckpointError if it is missing, damaged or another kind."""
    return SEQUENCES.read(path, _assembled)


def _assembled(tensors: State, metadata: dict[str, str]) -> SequenceIndex:
    info: dict[str, str] = json.loads(metadata["info"])
    alphabet, offsets = ALPHABETS[info["alphabet"]], tensors["offsets"]
    R = len(offsets) - 1
    names, headers = (_texts(tensors[name], R) for name in ("names", "headers"))
    length = int(offsets[-1])
    bases = tensors["bases"]
    four = alphabet.unknown == 4
    codes = _FOUR[bases].reshape(-1)[:length] if four else np.minimum(bases, alphabet.unknown)
    for start, end in tensors["unknown"].tolist():
        codes[start:end] = alphabet.unknown
    sequences = Sequences(names, headers, codes, offsets, alphabet)
    return SequenceIndex(sequences, str(info["source"]), str(info["sha256"]))


def _packed(codes: BaseCodes, unknown: int) -> State:
    """Return the bases, four a byte where there are four letters, and the runs of unknown ones."""
    known = np.concatenate([[True], codes < unknown, [True]])
    edges = np.flatnonzero(known[1:] != known[:-1])
    runs = {"unknown": edges.reshape(-1, 2).astype(np.int64)}
    letters = np.where(codes < unknown, codes, np.uint8(0))
    if unknown != 4:
        return {"bases": letters, **runs}
    letters = np.pad(letters, (0, -len(letters) % 4)).reshape(-1, 4)
    return {"bases": np.bitwise_or.reduce(letters << _SHIFTS, axis=1), **runs}


def _lines(texts: tuple[str, ...]) -> BaseCodes:
    # Headers hold no control characters, so no line ends.
    return np.frombuffer("".join(f"{text}\n" for text in texts).encode(), np.uint8)


def _texts(lines: BaseCodes, records: int) -> tuple[str, ...]:
    found = tuple(lines.tobytes().decode().split("\n")[:-1])
    if len(found) != records:
        raise ValueError(f"{len(found)} lines for {records} records")
    return found
