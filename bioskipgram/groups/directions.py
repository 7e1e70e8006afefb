"""What single directions of a model mean: the k-mers at their ends, and what follows them.

Principal components are directions of most variance, which mix what the k-mers have in common.
Rotated by varimax (Kaiser 1958, doi:10.1007/BF02289233) each scores few k-mers high and most near
zero. `without` takes a direction out, so that its effect on every measure can be seen.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from bioskipgram.errors import ConfigError
from bioskipgram.model.embedding import KmerEmbedding
from bioskipgram.model.geometry import COUNT
from bioskipgram.model.quality import measures
from bioskipgram.numerics.arrays import Doubles, Floats, Tokens, checked
from bioskipgram.numerics.nearest import normalized
from bioskipgram.numerics.statistics import spearman

from .properties import PROPERTIES, Property, offered

_ROUNDS, _STILL = 200, 1e-7
RHO, ETA = "Spearman", "eta squared"


@dataclass(frozen=True)
class Direction:
    """A direction of the unit vectors: `axis` float32[D], of length 1, `scores` float32[V].

    The scores are those of the centred unit vectors; `share` is the share of their variance.
    """

    axis: Floats
    scores: Floats
    share: float

    def __post_init__(self) -> None:
        for name in ("axis", "scores"):
            array = checked(getattr(self, name), name, np.float32, (None,))
            object.__setattr__(self, name, array)

    def ends(self, n: int) -> tuple[Tokens, Tokens]:
        """Return the `n` k-mers of the highest scores and the `n` of the lowest, int32[n] each."""
        order = np.argsort(-self.scores, kind="stable").astype(np.int32)
        return order[:n], order[::-1][:n]


def directions(embedding: KmerEmbedding, n: int, *, rotated: bool = False) -> list[Direction]:
    """Return the `n` leading principal components of the unit vectors, or them `rotated`.

    The greatest share first; the farthest end of each is positive. A ConfigError for more
    directions than there are dimensions or k-mers.
    """
    most = min(embedding.unit.shape)
    if not 1 <= n <= most:
        raise ConfigError(f"directions: {n} is outside 1 to {most}, what this model has")
    centred = embedding.unit - embedding.unit.mean(axis=0, dtype=np.float64)
    axes = np.linalg.svd(centred, full_matrices=False)[2][:n].T  # [D, n]
    if rotated:
        axes = axes @ varimax(centred @ axes)
    return _made(centred, axes)


def chosen(embedding: KmerEmbedding, dimensions: Iterable[int]) -> list[Direction]:
    """Return some of the model's own dimensions, numbered from 0, as directions."""
    D, rows = embedding.unit.shape[1], list(dimensions)
    if not all(0 <= row < D for row in rows):
        raise ConfigError(f"dimensions: {rows} are not all within 0 to {D - 1}")
    centred = embedding.unit - embedding.unit.mean(axis=0, dtype=np.float64)
    return [one for row in rows for one in _made(centred, np.eye(D)[:, [row]])]


def _made(centred: Doubles, axes: Doubles) -> list[Direction]:
    scores = centred @ axes  # [V, n]
    shares = np.square(scores).sum(axis=0) / max(float(np.square(centred).sum()), 1e-300)
    signs = np.sign(scores[np.abs(scores).argmax(axis=0), np.arange(axes.shape[1])])
    signs[signs == 0] = 1
    single = np.float32
    return [
        Direction(
            (axes[:, i] * signs[i]).astype(single), (scores[:, i] * signs[i]).astype(single),
            float(shares[i]),
        )
        for i in np.argsort(-shares, kind="stable")
    ]  # fmt: skip


def varimax(scores: Doubles) -> Doubles:
    """Return the rotation, float64[n, n], of scores[V, n] whose squares then vary most."""
    rotation, before = np.eye(scores.shape[1]), 0.0
    for _ in range(_ROUNDS):
        turned = scores @ rotation
        slope = scores.T @ (turned**3 - turned * np.square(turned).mean(axis=0))
        left, scale, right = np.linalg.svd(slope)
        rotation = left @ right
        if scale.sum() <= before * (1 + _STILL):
            break
        before = float(scale.sum())
    return rotation


def suited(embedding: KmerEmbedding) -> list[Property]:
    """Return the properties that a direction of this model may follow."""
    return [PROPERTIES[name](embedding) for name in offered(embedding.vocabulary.tokenizer)]


def correlates(known: Iterable[Property], scores: Floats) -> list[tuple[str, str, float]]:
    """Return what scores follow: property, measure and value, the strongest first.

    Spearman's correlation with a number; of categories the share of the variance between them
    (eta squared).
    """
    found = []
    for one in known:
        use = ~np.isnan(one.values)
        values, here = one.values[use], scores[use]
        if one.categories:
            found.append((one.title, ETA, _between(values, here)))
        elif (r := spearman(here, values)) is not None:
            found.append((one.title, RHO, r))
    return sorted(found, key=lambda each: -abs(each[2]))


def _between(values: Floats, scores: Floats) -> float:
    """Return the share of the scores' variance that lies between categories."""
    total = float(np.square(scores - scores.mean()).sum()) if len(scores) else 0.0
    if not total:
        return 0.0
    groups = [scores[values == value] for value in np.unique(values)]
    return float(sum(len(g) * (g.mean() - scores.mean()) ** 2 for g in groups) / total)


def without(embedding: KmerEmbedding, axis: Floats) -> KmerEmbedding:
    """Return the model whose unit vectors have nothing along a direction, float32[D]."""
    unit = embedding.unit
    left = (unit - np.outer(unit @ axis, axis)).astype(np.float32)
    return replace(embedding, center=left, remove_components=0)


def measured_without(
    embedding: KmerEmbedding, axis: Floats, frames: Doubles | None = None
) -> dict[str, float]:
    """Return every measure but of lengths, which are not kept, without a direction.

    `frames` as for `quality.measures`. The loss is left out: it is of the whole vectors.
    """
    found = measures(without(embedding, axis), frames, learnt=False)
    found.pop(COUNT, None)
    return found


def effects(
    embedding: KmerEmbedding, found: Sequence[Direction], frames: Doubles | None = None
) -> list[dict[str, float]]:
    """Return every measure of the model, then `measured_without` each direction in turn."""
    own = measures(embedding, frames, learnt=False)
    return [own, *(measured_without(embedding, one.axis, frames) for one in found)]


@dataclass(frozen=True)
class Form:
    """How vectors are compared: by default by cosine, as they were learnt.

    `centred` takes their mean away, `components` that many leading components, too
    (all-but-the-top, Mu & Viswanath 2018, arXiv:1702.01417); without `unit_length` products are
    taken, not cosines, so that long vectors count more.
    """

    centred: bool = False
    components: int = 0
    unit_length: bool = True


FORMS = {
    "as it is": None,
    "plain": Form(),
    "mean removed": Form(centred=True),
    **{f"without {n} component{'s' * (n > 1)}": Form(components=n) for n in (1, 2, 3)},
    "products, not cosines": Form(unit_length=False),
}
"""Forms by name, which the command `directions --forms` compares; None = the model's own."""


class _ByProduct(KmerEmbedding):
    """Compared by products of the vectors; their `unit` vectors keep their lengths."""

    @cached_property
    def unit(self) -> Floats:
        return self.center


def formed(embedding: KmerEmbedding, form: Form) -> KmerEmbedding:
    """Return a model whose vectors are compared in this form; the contexts stay."""
    vectors = embedding.center
    if form.centred or form.components:
        vectors = vectors - vectors.mean(axis=0)
    if form.components:
        left = embedding.removing(form.components).unit  # what is left, at length 1
        vectors = left * np.einsum("nd,nd->n", vectors, left)[:, None]
    kind = KmerEmbedding if form.unit_length else _ByProduct
    return kind(
        vocabulary=embedding.vocabulary, center=vectors.astype(np.float32),
        context=embedding.context, info=embedding.info,
    )  # fmt: skip


def compared(
    embedding: KmerEmbedding, forms: Iterable[Form | None], frames: Doubles | None = None
) -> list[dict[str, float]]:
    """Return every measure of the vectors in each form; `frames` as for `quality.measures`."""
    models = [embedding if form is None else formed(embedding, form) for form in forms]
    return [measures(model, frames, learnt=False) for model in models]


def random_axis(embedding: KmerEmbedding, seed: int) -> Floats:
    """Return a random direction, float32[D], of length 1: a null for what goes with a direction."""
    axis = np.random.default_rng(seed).standard_normal((1, embedding.center.shape[1]))
    found: Floats = normalized(axis.astype(np.float32))[0]
    return found
