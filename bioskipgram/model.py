"""SkipGram: two tables of vectors, the exact expected loss and the sampled loss (torch).

The loss of skip-gram with negative sampling (Mikolov et al. 2013, arXiv:1310.4546), with N_ij
the expected number of (centre i, context j) pairs, q the noise distribution and n negatives:

    L = - sum_ij [ N_ij log s(x_ij) + n N_i q_j log s(-x_ij) ],    x_ij = u_i . v_j
      =   sum_ij [ T_ij softplus(x_ij) - N_ij x_ij ],              T_ij = N_ij + n N_i q_j

Every loss here is per pair: divided by the sum of N. Gradients are in closed form.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import softplus

from .arrays import Floats
from .config import TrainConfig
from .cooccurrence import PairCounts
from .errors import TrainingError

TILE_CELLS = 2**20
"""Cells of the pair table worked on at once: 4 MB, about a core's cache."""
NO_PAIRS = (
    "no two k-mers stand within the window of each other: the sequences are too short for this k, "
    "or min-count leaves out too many; give longer sequences, a smaller k or a smaller min-count"
)
"""What a trainer says that has nothing to learn from."""


@dataclass
class SkipGram:
    """The two tables that training learns.

    Attributes
    ----------
    center
        float32[V, D], the vectors u of k-mers as centres: what people use.
    context
        float32[V, D], the vectors v of k-mers as contexts.
    """

    center: Tensor
    context: Tensor

    @classmethod
    def random(cls, V: int, dim: int, *, seed: int, device: torch.device) -> "SkipGram":
        """Return word2vec's start: centres uniform in ±0.5/dim, contexts zero."""
        generator = torch.Generator().manual_seed(seed)
        center = (torch.rand(V, dim, generator=generator) - 0.5) / dim
        return cls(center.to(device), torch.zeros(V, dim, device=device))

    def arrays(self) -> tuple[Floats, Floats]:
        """Return copies of both tables as numpy arrays, float32[V, D] each."""
        center, context = (table.detach().cpu().numpy().copy() for table in self.tables)
        return center, context

    @property
    def tables(self) -> tuple[Tensor, Tensor]:
        """Center and context."""
        return self.center, self.context


def pick_device(name: str) -> torch.device:
    """Return the device `name` means; "auto" takes CUDA where there is one.

    Raises
    ------
    TrainingError
        If CUDA is asked for and not there.
    """
    if name == "cuda" and not torch.cuda.is_available():
        raise TrainingError("device: cuda was asked for and torch finds none; use auto or cpu")
    has_cuda = name != "cpu" and torch.cuda.is_available()
    return torch.device("cuda" if has_cuda else "cpu")


@contextmanager
def denormals_flushed() -> Iterator[None]:
    """Count denormal numbers as zero inside the block: they once made a run ten times slower.

    The processor's setting holds for all code of the thread, so it is put back afterwards.
    """
    torch.set_flush_denormal(True)
    try:
        yield
    finally:
        torch.set_flush_denormal(False)


class ExpectedLoss:
    """The exact expected loss of SGNS on pair counts, its gradient and its bounds.

    Parameters
    ----------
    pairs
        The exact pair weights, on the CPU.
    config
        Its negatives, noise_power and l2 are used.
    device
        Where to compute.

    Raises
    ------
    TrainingError
        If there is no pair.

    Notes
    -----
    The negatives enter as their expectation, so nothing is drawn. With ``l2`` = r the objective
    gains (r/2) sum_ij N_ij (|u_i|^2 + |v_j|^2) / sum N: a penalty per pair, the same for both
    trainers.
    """

    def __init__(self, pairs: PairCounts, config: TrainConfig, device: torch.device) -> None:
        noise = pairs.vocabulary.noise(config.noise_power)
        if not pairs.total:
            raise TrainingError(NO_PAIRS)
        self.counts = torch.from_numpy(pairs.counts.copy()).to(device).div_(pairs.total)  # [V, V]
        self.row = self.counts.sum(dim=1)  # [V] share of pairs each centre has
        self.noise = torch.from_numpy(noise).to(device, torch.float32) * config.negatives  # [V]
        self.l2 = config.l2
        self.tile = max(1, TILE_CELLS // max(1, len(noise)))

    def tiles(self) -> list[slice]:
        """Return the row ranges that are worked on one after the other."""
        return [slice(i, i + self.tile) for i in range(0, len(self.row), self.tile)]

    def loss(self, model: SkipGram) -> float:
        """Return the expected loss per pair, L2 left out, in nats."""
        total = 0.0
        for rows in self.tiles():
            x = model.center[rows] @ model.context.T  # [rows, V]
            positive, weight = self.counts[rows], self._weight(rows)
            total += float((weight * softplus(x) - positive * x).sum(dtype=torch.float64))
        return total

    def _weight(self, rows: slice) -> Tensor:
        return torch.addr(self.counts[rows], self.row[rows], self.noise)  # T, [rows, V]

    def gradient(self, model: SkipGram) -> tuple[Tensor, Tensor]:
        """Return the gradient of the loss plus L2 in both tables, float32[V, D] each."""
        center, context = torch.empty_like(model.center), torch.zeros_like(model.context)
        for rows in self.tiles():
            residual = torch.sigmoid_(model.center[rows] @ model.context.T)  # [rows, V]
            residual.mul_(self._weight(rows)).sub_(self.counts[rows])
            torch.mm(residual, model.context, out=center[rows])
            context.addmm_(residual.T, model.center[rows])
        share = self.row[:, None]
        center.add_(share * model.center, alpha=self.l2)
        context.add_(share * model.context, alpha=self.l2)
        return center, context

    def optimum(self) -> float:
        """Return the loss of the best unconstrained x: log(N_ij / (n N_i q_j)) in every cell."""
        total = 0.0
        for rows in self.tiles():
            positive = self.counts[rows].double()
            negative = torch.outer(self.row[rows], self.noise).double()
            every = positive + negative
            total -= float(
                (
                    torch.xlogy(positive, positive / every).nan_to_num()
                    + torch.xlogy(negative, negative / every).nan_to_num()
                ).sum()
            )
        return total

    def at_zero(self) -> float:
        """Return the loss of all-zero vectors: (1 + negatives) log 2."""
        return float((1 + self.noise.sum()) * np.log(2) * self.row.sum())

    def log_ratio(self, floor: float) -> Tensor:
        """Return the optimal x, float32[V, V], no cell below `floor`."""
        ratio = (self.counts / torch.outer(self.row, self.noise)).log_()
        return ratio.nan_to_num_(nan=floor, neginf=floor).clamp_(min=floor)


def sampled_gradient(
    model: SkipGram,
    centers: Tensor,
    targets: Tensor,
    *,
    weights: Tensor | None = None,
    contexts: int = 1,
    l2: float = 0.0,
) -> tuple[Tensor, Tensor, Tensor]:
    """Return the loss of a batch of pairs with drawn negatives, and its gradients by pair.

    Parameters
    ----------
    model
        The two tables.
    centers
        int64[B] tokens of the centres.
    targets
        int64[B, C + N]: the true contexts first, then N negatives.
    weights
        float32[B, C + N], by default all 1; 0 leaves a target out.
    contexts
        C.
    l2
        The penalty on u and on the true context's v of each pair.

    Returns
    -------
    loss, center_gradient, target_gradient
        float32 sum over the batch (L2 left out), float32[B, D] for the centres' rows and
        float32[B, C + N, D] for the targets' rows: sparse, only rows that occur have one.
    """
    C = contexts
    u = model.center[centers]  # [B, D]
    v = model.context[targets]  # [B, C + N, D]
    x = torch.bmm(v, u[:, :, None])[:, :, 0]  # [B, C + N]
    weight = torch.ones_like(x) if weights is None else weights
    slope = torch.sigmoid(x)
    slope[:, :C] -= 1.0
    slope *= weight
    loss = (weight * softplus(x)).sum() - (weight * x)[:, :C].sum()
    pull = l2 * weight[:, :C]  # [B, C]
    center_gradient = torch.bmm(slope[:, None], v)[:, 0].addcmul_(u, pull.sum(1, keepdim=True))
    target_gradient = slope[:, :, None] * u[:, None]  # [B, C + N, D]
    target_gradient[:, :C].addcmul_(v[:, :C], pull[:, :, None])
    return loss, center_gradient, target_gradient
