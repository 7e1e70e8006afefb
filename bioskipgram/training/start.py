"""Where the exact trainer starts: near the best fit to the clipped log-ratios of the pair counts.

Both starts are randomized decompositions (Halko et al. 2011, doi:10.1137/090771806) with one power
iteration.
"""

import torch
from torch import Tensor
from torch.nn.functional import pad

from bioskipgram.config import TrainConfig

from .loss import ExpectedLoss
from .skipgram import SkipGram

FLOOR = -2.0
"""Log-ratios of the start are at least this: those of k-mers that never co-occur are -infinity."""
LONG = 40
"""Plans of fewer steps use tied tables: half the work a step, a lower loss for as much work."""
TIED_FLOOR = -1.5
"""The same for tied tables, where it saves a step."""
MORE = 10
"""Columns of a sketch beyond the wanted rank."""
RAREST = 0.01
"""K-mers below this share of the mean weight count as much as those of this share."""


def is_short(config: TrainConfig) -> bool:
    """Return whether a plan takes tied tables, which L2 has no place in."""
    return 0 < config.steps < LONG and not config.l2 and config.dim > 1


def svd_start(objective: ExpectedLoss, dim: int, *, seed: int) -> SkipGram:
    """Return tables whose product is nearly the best rank-`dim` fit to the clipped log-ratios.

    Columns beyond the vocabulary's size are zero.
    """
    rank = min(dim, objective.V)
    times, transposed_times = objective.log_ratio(FLOOR)
    basis = _orthonormal(times(_sketch(objective, rank, seed)))
    basis = _orthonormal(times(transposed_times(basis)))
    # basis^T ratio = (Q R)^T, so the large singular vectors come from those of the small R.
    other, small = torch.linalg.qr(transposed_times(basis))
    left, scale, right = torch.linalg.svd(small.T)
    root, empty = scale[:rank].sqrt(), (0, dim - rank)
    center = pad((basis @ left)[:, :rank] * root, empty)
    context = pad((other @ right.T)[:, :rank] * root, empty)
    return SkipGram(center.contiguous(), context.contiguous())


def tied_start(objective: ExpectedLoss, dim: int, *, seed: int) -> SkipGram:
    """Return tables that mirror each other, for `ExpectedLoss.tied_gradient`: [A, 1] and [A S, b].

    The best x_ij is log(N_ij / (N_i q_j)), of which only b_j = log(N_j / q_j) is not symmetric. A S
    A^T is nearly the best fit of rank `dim` - 1 to the rest, cells weighted by N_i N_j.
    """
    rank = min(dim - 1, objective.V)
    times, bias = objective.even_log_ratio(TIED_FLOOR)
    root = (objective.whole / objective.whole.mean()).clamp(min=RAREST).sqrt()[:, None]
    basis = _orthonormal(root * times(root * _sketch(objective, rank, seed)))
    basis = _orthonormal(root * times(root * basis))
    values, vectors = torch.linalg.eigh(basis.T @ (root * times(root * basis)))
    largest = values.abs().argsort(descending=True)[:rank]
    scale, empty = values[largest], (0, dim - 1 - rank)
    table = pad((basis @ vectors)[:, largest] * scale.abs().sqrt() / root, empty)
    sides = torch.ones_like(bias), bias
    signs = pad(scale.sign(), empty)
    center, context = (
        torch.cat([half, side[:, None]], dim=1)
        for half, side in zip((table, table * signs), sides, strict=True)
    )
    return SkipGram(center, context)


def is_tied(model: SkipGram, rows: slice) -> bool:
    """Return whether tables mirror each other, the centres being those of some rows."""
    center, context = model.center, model.context[rows]
    same = torch.allclose(center[:, :-1].abs(), context[:, :-1].abs(), rtol=1e-4, atol=1e-6)
    return same and bool((center[:, -1] == 1).all())


def _sketch(objective: ExpectedLoss, rank: int, seed: int) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    V = objective.V
    return torch.randn(V, min(V, rank + MORE), generator=generator).to(objective.device)


def _orthonormal(columns: Tensor) -> Tensor:
    result: Tensor = torch.linalg.qr(columns)[0]
    return result
