"""Adam (Kingma & Ba 2015, arXiv:1412.6980) on the two tables, without `torch.optim`.

The first optimizer of `torch.optim` imports torch's compiler, over a second at the start of every
training; the step below is the same fused operation.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

EPSILON = 1e-15


class Adam:
    """Moments of the gradients of some tensors ("step", "exp_avg", "exp_avg_sq"), and the step."""

    def __init__(self, tensors: Sequence[Tensor], betas: tuple[float, float]) -> None:
        self._tensors, self._betas = list(tensors), betas
        self.moments = [
            {
                "step": torch.zeros((), dtype=torch.float32, device=tensor.device),
                "exp_avg": torch.zeros_like(tensor),
                "exp_avg_sq": torch.zeros_like(tensor),
            }
            for tensor in tensors
        ]

    def step(self, slopes: Sequence[Tensor], rate: float) -> None:
        """Move the tensors against their slopes, in place."""
        steps, means, squares = (
            [moments[key] for moments in self.moments] for key in ("step", "exp_avg", "exp_avg_sq")
        )
        for count in steps:
            count += 1
        torch._fused_adam_(
            self._tensors, list(slopes), means, squares, [], steps, lr=rate,
            beta1=self._betas[0], beta2=self._betas[1], weight_decay=0.0, eps=EPSILON,
            amsgrad=False, maximize=False,
        )  # fmt: skip
