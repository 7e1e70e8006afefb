"""What a model knows beyond its null: k-mers whose contexts shuffling does not explain.

The nulls are models of shuffled sequences. A k-mer's deviation is the root mean square, over all
contexts weighted by the noise distribution, of its fitted log-ratio less the nulls' mean: how much
more or less often than in shuffled sequences each context is near it, in nats. (Cosines would not
do: noise has neighbours, too, as near in every null as real ones.) Each null is treated likewise,
beside the other nulls, and log deviations are divided by their standard deviation among nulls,
k-mers of like frequency together. The q-value of a k-mer is the share of false ones among all
k-mers with a score as great, where as many are false as the worst null has, and one more (as in
SAM: Tusher et al. 2001, doi:10.1073/pnas.091062498). It counts whole models, so k-mers need not be
independent; below 1 / 20 only 20 k-mers or more are. On random DNA no k-mer stands out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bioskipgram.errors import QueryError
from bioskipgram.files import FileKind
from bioskipgram.numerics.arrays import Doubles, Floats, Offsets, State, Tokens, checked

from .embedding import KmerEmbedding

FEWEST = 3
"""The fewest nulls: each is compared with the mean of the others."""
MOST = 16_384
"""K-mers beyond which every pair of k-mer and context takes minutes to compare."""
LIT = 0.05
"""The greatest q-value of a k-mer that is shown as more than the null."""
_BLOCK = 256
_LIKE = 1024
"""k-mers of like frequency whose deviations are scaled together."""
FILE = FileKind(
    format="bioskipgram-beyond/1",
    cure="make it again with: bioskipgram null-map MODEL SEQUENCES",
    facts=("model", "kind"),
    tensors=("excess", "models", "q", "scaled", "twin"),
)


@dataclass(frozen=True)
class Beyond:
    """How much more than its nulls a model knows of each k-mer.

    Attributes
    ----------
    kind
        How the sequences of the nulls were shuffled.
    models
        How many nulls there were.
    excess
        float32[V]: the deviation less that of k-mers of like frequency in the nulls, nats; 0 for a
        k-mer that not all nulls know.
    scaled
        float32[V]: the logarithm of the deviation in standard deviations of the nulls' own.
    q
        float32[V]: the q-value, 0 to 1; 1 for a k-mer that not all nulls know.
    twin
        float32[V, D]: the unit vectors of one null, for the twin of the map; zeros = not known.
    """

    kind: str
    models: int
    excess: Floats
    scaled: Floats
    q: Floats
    twin: Floats

    def __post_init__(self) -> None:
        V = len(self.excess)
        for name in ("excess", "scaled", "q"):
            object.__setattr__(self, name, checked(getattr(self, name), name, np.float32, (V,)))
        object.__setattr__(self, "twin", checked(self.twin, "twin", np.float32, (V, None)))
        if self.models < FEWEST or not ((self.q >= 0) & (self.q <= 1)).all():
            raise ValueError("q: must be 0 to 1, of three nulls or more")

    @property
    def lit(self) -> Tokens:
        """The k-mers that are more than the null, int32[n], the greatest excess first."""
        found = np.flatnonzero(self.q < LIT)
        order: Tokens = found[np.argsort(-self.scaled[found], kind="stable")].astype(np.int32)
        return order


def beyond(embedding: KmerEmbedding, nulls: Sequence[KmerEmbedding], kind: str) -> Beyond:
    """Return how much more than its nulls a model knows of each k-mer.

    Raises
    ------
    QueryError
        If there are fewer than three nulls, or of k-mers that all models know.
    """
    V, kmers = len(embedding), embedding.vocabulary.kmers
    rows: list[Tokens] = [np.arange(V, dtype=np.int32)]
    rows += [null.vocabulary.tokens(kmers) for null in nulls]
    common = np.flatnonzero(np.all([row >= 0 for row in rows], axis=0))
    if len(nulls) < FEWEST or len(common) < FEWEST:
        raise QueryError(
            f"null: {len(nulls)} models with {len(common)} k-mers in common with this one; three "
            "or more of each are needed"
        )
    models = [embedding, *nulls]
    tables = [
        (model.center[row[common]], model.context[row[common]])
        for model, row in zip(models, rows, strict=True)
    ]
    noise = embedding.vocabulary.noise(embedding.info.config.noise_power)[common]
    blocks = [slice(i, i + _BLOCK) for i in range(0, len(common), _BLOCK)]
    deviation = np.concatenate([_deviation(tables, rows, noise) for rows in blocks], axis=1)
    counts = np.mean(
        [m.vocabulary.counts[r[common]] for m, r in zip(nulls, rows[1:], strict=True)], axis=0
    )
    scaled, excess = _scaled(deviation, counts)
    found = {"excess": excess, "scaled": scaled[0], "q": q_values(scaled[0], scaled[1:])}
    spread = {name: np.full(V, float(name == "q"), np.float32) for name in found}
    for name, values in found.items():
        spread[name][common] = values
    twin = np.zeros((V, nulls[0].center.shape[1]), np.float32)
    twin[common] = nulls[0].unit[rows[1][common]]
    return Beyond(kind, len(nulls), twin=twin, **spread)


def _deviation(tables: list[tuple[Floats, Floats]], rows: slice, noise: Doubles) -> Doubles:
    """Return each model's deviation of k-mers from the (other) nulls, float64[models, rows]."""
    x = np.stack([center[rows] @ context.T for center, context in tables])  # [models, rows, C]
    total, R = x[1:].sum(axis=0), len(tables) - 1
    found = []
    for model, own in enumerate(x):
        others = (total - own) / (R - 1) if model else total / R
        found.append(np.sqrt(np.square(own - others, dtype=np.float64) @ (noise / noise.sum())))
    return np.array(found)


def _scaled(deviation: Doubles, counts: Doubles) -> tuple[Doubles, Doubles]:
    """Return log deviations less the nulls' mean, over their spread, and how far the first exceed.

    By frequency: `counts`, float64[C].
    """
    order = np.argsort(counts, kind="stable")
    scaled, excess = np.log(np.maximum(deviation, 1e-12)), deviation[0].copy()
    for part in np.array_split(order, max(1, len(order) // _LIKE)):
        null = scaled[1:, part]
        scaled[:, part] = (scaled[:, part] - null.mean()) / max(float(null.std()), 1e-12)
        excess[part] -= deviation[1:, part].mean()
    return scaled, excess


def q_values(own: Doubles, nulls: Doubles) -> Doubles:
    """Return the q-values of scores (float64[C]) beside those of whole nulls, float64[R, C].

    Examples
    --------
    >>> q_values(np.array([9.0, 8, 1, 0]), np.array([[1.0, 0, 0, 0], [2, 1, 0, 0]])).tolist()
    [0.5, 0.5, 1.0, 1.0]
    """
    order: Offsets = np.argsort(-own, kind="stable")
    levels = own[order]
    # As many of each null are at least as great as each level.
    above = [len(null) - np.searchsorted(np.sort(null), levels, side="left") for null in nulls]
    shares = (1 + np.max(above, axis=0)) / np.arange(1, len(own) + 1)
    found = np.empty(len(own))
    found[order] = np.minimum.accumulate(np.minimum(shares, 1)[::-1])[::-1]
    return found


def save(one: Beyond, digest: str, path: Path) -> None:
    """Write what the model of that digest knows beyond its nulls, whole or not at all."""
    tensors: State = {name: getattr(one, name) for name in ("excess", "scaled", "q", "twin")}
    tensors["models"] = np.array([one.models], np.int64)
    FILE.write(path, tensors, model=digest, kind=one.kind)


def load(path: Path) -> tuple[Beyond, str]:
    """Return what a file holds and the digest of its model; a CheckpointError if it is damaged."""

    def made(tensors: State, facts: dict[str, str]) -> tuple[Beyond, str]:
        arrays = {name: tensors[name] for name in ("excess", "scaled", "q", "twin")}
        return Beyond(facts["kind"], int(tensors["models"][0]), **arrays), facts["model"]

    return FILE.read(path, made)
