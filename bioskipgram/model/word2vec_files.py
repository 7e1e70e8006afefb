"""Word vectors as text: word2vec's two formats, and the tables of TensorBoard's projector.

word2vec (Mikolov et al. 2013), gensim, fastText and dna2vec write a line ``V D`` and then for each
word the word, a blank and D numbers: as text, a word a line, or as float32, little-endian, with or
without a line end after each.
"""

import io
import re

import numpy as np

from bioskipgram.errors import CheckpointError
from bioskipgram.tables import harmless

from .word_vectors import WordVectors

_MAX_WORDS, _MAX_DIM = 1 << 27, 100_000
_LONGEST_WORD = 1000
CONFIG = """embeddings {
  tensor_path: "tensors.tsv"
  metadata_path: "metadata.tsv"
}
"""
"""What TensorBoard's projector reads as ``projector_config.pbtxt``."""


def text_bytes(found: WordVectors) -> bytes:
    """Return word2vec's text format; nine digits give back each float32."""
    lines = [f"{len(found.words)} {found.vectors.shape[1]}"]
    for word, vector in zip(found.words, found.vectors.tolist(), strict=True):
        lines.append(" ".join([word, *(f"{value:.9g}" for value in vector)]))
    return ("\n".join(lines) + "\n").encode()


def binary_bytes(found: WordVectors) -> bytes:
    """Return word2vec's binary format, without line ends, as gensim writes it."""
    vectors = found.vectors.astype("<f4")
    head = f"{len(found.words)} {found.vectors.shape[1]}\n".encode()
    rows = zip(found.words, vectors, strict=True)
    return head + b"".join(f"{word} ".encode() + row.tobytes() for word, row in rows)


def read(data: bytes, name: str) -> WordVectors:
    """Return the vectors of a word2vec file, text or binary; else a CheckpointError."""
    head = re.match(rb"\s*(\d{1,12})[ \t](\d{1,9})[ \t]*\r?\n", data)
    if head is None:
        raise CheckpointError(
            f"{name}: no word2vec file: its first line must be the number of words and of "
            "dimensions"
        )
    V, D = int(head[1]), int(head[2])
    if not (1 <= V <= _MAX_WORDS and 1 <= D <= _MAX_DIM):
        raise CheckpointError(f"{name}: {V} words of {D} dimensions cannot be read")
    body = data[head.end() :]
    if len(body) < V * (2 * D + 1):  # at least a digit and a blank for each number
        raise CheckpointError(f"{name}: cut short: {len(body):,} bytes for {V:,} words of {D}")
    # A number in binary is no text: its bytes hold a control character early on.
    sample = body[: min(len(body), 64 * D)]
    is_text = not re.search(rb"[\x00-\x08\x0e-\x1f\x7f-\xff]", sample)
    return _read_text(body, V, D, name) if is_text else _read_binary(body, V, D, name)


def _read_text(body: bytes, V: int, D: int, name: str) -> WordVectors:
    lines = body.decode("utf-8", "replace").splitlines()
    lines = [line for line in lines if line.strip()]
    if len(lines) != V:
        raise CheckpointError(f"{name}: {len(lines):,} words, but its first line says {V:,}")
    words, vectors = [], np.empty((V, D), np.float32)
    for row, line in enumerate(lines):
        word, *numbers = line.split()
        try:
            vectors[row] = np.array(numbers, np.float32).reshape(D)  # one number would spread
        except ValueError as error:
            raise CheckpointError(
                f"{name}, line {row + 2}: {len(numbers)} values after {word!r:.40}, not {D} numbers"
            ) from error
        words.append(word)
    return WordVectors(words=words, vectors=vectors)


def _read_binary(body: bytes, V: int, D: int, name: str) -> WordVectors:
    words, vectors, place = [], np.empty((V, D), np.float32), 0
    for row in range(V):
        end = body.find(b" ", place, place + _LONGEST_WORD)
        start = end + 1
        if end < 0 or start + 4 * D > len(body):
            raise CheckpointError(f"{name}: cut short or damaged at word {row + 1:,} of {V:,}")
        words.append(body[place:end].lstrip(b"\n").decode("utf-8", "replace"))
        vectors[row] = np.frombuffer(body, "<f4", D, start)
        place = start + 4 * D
    if body[place:].strip(b"\n"):
        raise CheckpointError(f"{name}: more follows after its {V:,} words; it is damaged")
    return WordVectors(words=words, vectors=vectors)


# TensorBoard's projector -----------------------------------------------------------------------


def projector_files(found: WordVectors) -> dict[str, bytes]:
    """Return the files of TensorBoard's projector by name: tensors, metadata, their config.

    The metadata have a header line, a line a word, and cells that no spreadsheet runs.
    """
    tensors = io.StringIO()
    for vector in found.vectors.tolist():
        tensors.write("\t".join(f"{value:.9g}" for value in vector) + "\n")
    columns = {"kmer": found.words, **_counted(found), **found.columns}
    rows = ["\t".join(map(harmless, columns))]
    for cells in zip(*columns.values(), strict=True):
        rows.append("\t".join(harmless(_cell(cell)) for cell in cells))
    return {
        "tensors.tsv": tensors.getvalue().encode(),
        "metadata.tsv": ("\n".join(rows) + "\n").encode(),
        "projector_config.pbtxt": CONFIG.encode(),
    }


def _counted(found: WordVectors) -> dict[str, list[int]]:
    return {} if found.counts is None else {"count": found.counts.tolist()}


def _cell(value: object) -> str:
    return f"{value:.6g}" if isinstance(value, float | np.floating) else str(value)


def read_projector(tensors: bytes, metadata: bytes, name: str) -> WordVectors:
    """Return what `projector_files` wrote, or another program; else a CheckpointError."""
    try:
        vectors = np.loadtxt(io.BytesIO(tensors), np.float32, delimiter="\t", ndmin=2)
    except ValueError as error:
        raise CheckpointError(f"{name}: tensors.tsv is no table of numbers ({error})") from error
    lines = metadata.decode("utf-8", "replace").splitlines()
    first = lines[0].split("\t") if lines else [""]
    header = first if len(first) > 1 else [""]  # TensorBoard: one column has no header
    rows = [line.split("\t") for line in (lines[1:] if len(first) > 1 else lines)]
    if len(rows) != len(vectors) or any(len(row) != len(header) for row in rows):
        raise CheckpointError(
            f"{name}: metadata.tsv has {len(rows):,} rows of {len(header)} cells for "
            f"{len(vectors):,} vectors"
        )
    counts = None
    if "count" in header:
        found = [row[header.index("count")] for row in rows]
        if all(re.fullmatch(r"\d{1,15}", cell) for cell in found):
            counts = np.array(found, np.int64)
    return WordVectors(words=[row[0] for row in rows], vectors=vectors, counts=counts)
