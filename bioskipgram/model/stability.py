"""Neighbours with error bars: how often they come back when a model is trained again.

The models to compare with are of other seeds, or of records drawn with replacement (the
bootstrap, Efron 1979, doi:10.1214/aos/1176344552), which also shows what depends on the sample.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bioskipgram.errors import QueryError
from bioskipgram.files import FileKind
from bioskipgram.numerics.arrays import Flags, Floats, State, Tokens, checked
from bioskipgram.sequences.sequences import Sequences

from .compare import neighbor_lists
from .embedding import KmerEmbedding

NEIGHBORS = 10
_BLOCK = 512
FILE = FileKind(
    format="bioskipgram-stability/1",
    cure="measure the stability anew",
    facts=("model",),
    tensors=("counts", "models", "tokens"),
)


@dataclass(frozen=True)
class Stability:
    """The nearest k-mers of every k-mer, `tokens` int32[V, n], nearest first.

    `counts`, int32[V, n], tells in how many of the other `models` each is among the n nearest, too.
    """

    tokens: Tokens
    counts: Tokens
    models: int

    def __post_init__(self) -> None:
        tokens = checked(self.tokens, "tokens", np.int32, (None, None))
        counts = checked(self.counts, "counts", np.int32, tokens.shape)
        if self.models < 1 or not ((counts >= 0) & (counts <= self.models)).all():
            raise ValueError("counts: must be 0 to the number of models, at least one")
        object.__setattr__(self, "tokens", tokens)
        object.__setattr__(self, "counts", counts)

    @property
    def shares(self) -> Floats:
        """The chance that each comes back in one more model, float32[V, n], 0 to 1.

        A few models overstate both ends: what came back in three of three does not come back
        always. So the shares are drawn towards their mean, as a beta distribution of the chances
        with the variance of these counts asks for (empirical Bayes for the beta-binomial:
        Griffin & Krutchkoff 1971, doi:10.1093/biomet/58.3.597).
        """
        raw, R = self.counts / self.models, self.models
        mean = float(raw.mean()) if raw.size else 0.0
        spread = mean * (1 - mean)
        if R == 1 or not spread:
            return raw.astype(np.float32)
        alike = (float(raw.var()) / spread - 1 / R) / (1 - 1 / R)  # correlation within a neighbour
        weight = 1 / min(max(alike, 1e-3), 1.0) - 1  # models that the mean counts as
        result: Floats = ((self.counts + weight * mean) / (R + weight)).astype(np.float32)
        return result


def stability(
    embedding: KmerEmbedding, others: Sequence[KmerEmbedding], *, n: int = NEIGHBORS
) -> Stability:
    """Return how often each of the `n` nearest k-mers comes back in other models.

    A QueryError if there is no other model, or no other k-mer.
    """
    if not others or len(embedding) < 2:
        raise QueryError("stability needs two k-mers and another model of the same settings")
    tokens = _nearest(embedding, n)
    counts = np.zeros(tokens.shape, np.int32)
    for other in others:
        counts += _come_back(embedding, tokens, other)
    return Stability(tokens, counts, len(others))


def calibration(one: Stability, embedding: KmerEmbedding, held_out: KmerEmbedding) -> float:
    """Return how far the shares of `embedding` are from what a model with no part in them shows.

    It is the mean distance, 0 to 1, of a share from the share of its neighbours that come back in
    `held_out` (expected calibration error, in ten bins of shares).
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
    tensors: State = {"tokens": one.tokens, "counts": one.counts, "models": np.array([one.models])}
    FILE.write(path, tensors, model=digest)


def load(path: Path) -> tuple[Stability, str]:
    """Return a stability and the digest of its model; a CheckpointError if there is none."""

    def made(tensors: State, facts: dict[str, str]) -> tuple[Stability, str]:
        models = int(tensors["models"][0])
        return Stability(tensors["tokens"], tensors["counts"], models), facts["model"]

    return FILE.read(path, made)


def _nearest(embedding: KmerEmbedding, n: int) -> Tokens:
    """Return the nearest other k-mers of every k-mer, int32[V, n]."""
    tokens = np.arange(len(embedding), dtype=np.int32)
    blocks = (np.arange(start, min(start + _BLOCK, len(tokens))) for start in tokens[::_BLOCK])
    return np.concatenate([neighbor_lists(embedding, tokens, rows, n=n) for rows in blocks])


def _come_back(embedding: KmerEmbedding, tokens: Tokens, other: KmerEmbedding) -> Flags:
    """Return which neighbours are among the nearest in another model, too, bool[V, n]."""
    there = other.vocabulary.tokens(embedding.vocabulary.kmers)
    near = _nearest(other, tokens.shape[1])[there]  # [V, n]
    back: Flags = (there[tokens][:, :, None] == near[:, None, :]).any(axis=2)
    return back & (there >= 0)[:, None]
