"""Stability of neighbours: how often they recur when a model is trained again.

The models to compare with are of other seeds, or of records drawn with replacement (the bootstrap,
Efron 1979, doi:10.1214/aos/1176344552), which also shows the influence of the sample.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bioskipgram.arrays import Flags, Floats, State, Tokens, checked
from bioskipgram.errors import QueryError
from bioskipgram.files import FileKind
from bioskipgram.nearest import best
from bioskipgram.sequences.sequences import Sequences

from .embedding import KmerEmbedding

NEIGHBORS = 10
_BLOCK = 512
FILE = FileKind(
    format="bioskipgram-stability/1",
    cure="measure the stability again",
    facts=("model",),
    tensors=("models", "shares", "tokens"),
)


@dataclass(frozen=True)
class Stability:
    """The nearest k-mers of every k-mer, int32[V, n], and the share of models where each recurs.

    `shares`, float32[V, n], count the other `models` in which that k-mer is among the n nearest.
    """

    tokens: Tokens
    shares: Floats
    models: int

    def __post_init__(self) -> None:
        tokens = checked(self.tokens, "tokens", np.int32, (None, None))
        shares = checked(self.shares, "shares", np.float32, tokens.shape)
        if not ((shares >= 0) & (shares <= 1)).all() or self.models < 1:
            raise ValueError("shares: must be 0 to 1, of at least one model")
        object.__setattr__(self, "tokens", tokens)
        object.__setattr__(self, "shares", shares)


def stability(
    embedding: KmerEmbedding, others: Sequence[KmerEmbedding], *, n: int = NEIGHBORS
) -> Stability:
    """Return how often each of the `n` nearest k-mers recurs in other models."""
    if not others or len(embedding) < 2:
        raise QueryError("stability needs two k-mers and another model of the same settings")
    tokens = _nearest(embedding, n)
    found = np.zeros(tokens.shape, np.int64)
    for other in others:
        found += _come_back(embedding, tokens, other)
    return Stability(tokens, (found / len(others)).astype(np.float32), len(others))


def calibration(one: Stability, embedding: KmerEmbedding, held_out: KmerEmbedding) -> float:
    """Return the expected calibration error of the shares, 0 to 1, on one more model.

    The mean distance, in ten bins, of a share from that of its neighbours that recur in `held_out`.
    """
    back = _come_back(embedding, one.tokens, held_out).ravel()
    shares = one.shares.ravel()
    bins = np.minimum((10 * shares).astype(np.int64), 9)
    told, seen = (np.bincount(bins, values, minlength=10) for values in (shares, back))
    return float(np.abs(told - seen).sum() / len(shares))


def bootstrap(sequences: Sequences, *, seed: int) -> Sequences:
    """Return as many records, drawn with replacement."""
    R = len(sequences)
    drawn = np.sort(np.random.default_rng(seed).integers(0, R, R))
    return Sequences(
        tuple(sequences.names[record] for record in drawn),
        tuple(sequences.descriptions[record] for record in drawn),
        np.concatenate([np.zeros(0, np.uint8), *(sequences[record] for record in drawn)]),
        np.concatenate([[0], np.cumsum(sequences.lengths[drawn])]).astype(np.int64),
        sequences.alphabet,
    )


def save(one: Stability, digest: str, path: Path) -> None:
    """Write the stability of the model of that digest, whole or not at all."""
    tensors: State = {
        "tokens": np.asarray(one.tokens),
        "shares": np.asarray(one.shares).astype(np.float16),
        "models": np.array([one.models], np.int64),
    }
    FILE.write(path, tensors, model=digest)


def load(path: Path) -> tuple[Stability, str]:
    """Return a stability and the digest of its model; a CheckpointError if it cannot be read."""
    return FILE.read(
        path,
        lambda tensors, facts: (
            Stability(
                tensors["tokens"], tensors["shares"].astype(np.float32), int(tensors["models"][0])
            ),
            facts["model"],
        ),
    )


def _nearest(embedding: KmerEmbedding, n: int) -> Tokens:
    """Return the nearest other k-mers of every k-mer, int32[V, n]."""
    unit, parts = embedding.unit, []
    for start in range(0, len(unit), _BLOCK):
        scores = unit[start : start + _BLOCK] @ unit.T
        rows = np.arange(len(scores))
        scores[rows, rows + start] = -np.inf
        parts.append(best(scores, min(n, len(unit) - 1)))
    return np.concatenate(parts)


def _come_back(embedding: KmerEmbedding, tokens: Tokens, other: KmerEmbedding) -> Flags:
    """Return which neighbours are among the nearest in another model, too, bool[V, n]."""
    there = other.vocabulary.tokens(embedding.vocabulary.kmers)
    near = _nearest(other, tokens.shape[1])[there]  # [V, n]
    back: Flags = (there[tokens][:, :, None] == near[:, None, :]).any(axis=2)
    return back & (there >= 0)[:, None]
