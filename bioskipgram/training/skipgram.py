"""SkipGram: two tables of vectors, where they are computed, and the sampled loss (torch).

The loss is that of skip-gram with negative sampling (Mikolov et al. 2013, arXiv:1310.4546);
`expected` has it in expectation.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import softplus

from bioskipgram.errors import TrainingError
from bioskipgram.numerics.arrays import Floats
from bioskipgram.numerics.threads import cores

NO_PAIRS = (
    "no two k-mers are within the window of each other: the sequences are too short for this k, "
    "or min-count leaves out too many; give longer sequences, a smaller k or a smaller min-count"
)
"""The error of a trainer without any pair."""


@dataclass
class SkipGram:
    """The two tables that training learns, float32[V, D]: u of centres and v of contexts."""

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
    """Return the device `name` means; "auto" takes CUDA where there is one."""
    if name == "cuda" and not torch.cuda.is_available():
        raise TrainingError("device: cuda was chosen, but torch finds none; use auto or cpu")
    has_cuda = name != "cpu" and torch.cuda.is_available()
    return torch.device("cuda" if has_cuda else "cpu")


@contextmanager
def computing(threads: int) -> Iterator[None]:
    """Compute with so many threads (0 = all cores), denormal numbers counted as zero.

    Denormals once made a run ten times slower. Both settings are restored afterwards.
    """
    before = torch.get_num_threads()
    wanted = threads or cores()
    if wanted != before:
        torch.set_num_threads(wanted)
    torch.set_flush_denormal(True)
    try:
        yield
    finally:
        torch.set_flush_denormal(False)
        if wanted != before:
            torch.set_num_threads(before)


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

    `centers` int64[B]; `targets` int64[B, C + N], the C true `contexts` first; `weights` alike, 0
    leaves a target out. The gradients are sparse: float32[B, D] for the rows of the centres and
    float32[B, C + N, D] for those of the targets; the loss, a sum, leaves L2 out.
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
