"""The exact trainer: full-batch minimisation of the expected SGNS loss on pair counts.

The cost of a step depends on the vocabulary alone, not on the length of the corpus
(SGNS as factorisation: Levy & Goldberg 2014; minimised directly as in Newell et al. 2019).
"""

import math
import time
from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from bioskipgram.arrays import State
from bioskipgram.config import TrainConfig
from bioskipgram.cooccurrence import PairCounts
from bioskipgram.model import ExpectedLoss, SkipGram, denormals_flushed, pick_device
from bioskipgram.progress import Progress

RATE = 0.3
"""Peak learning rate; with `FLOOR` the best of .1-.5 and 0…-4 at k = 6 (benchmarks/RESULTS.md)."""
FLOOR = -2.0
"""Log-ratios below this count as this much in the start: k-mers that never meet have -infinity."""


class ExactTrainer:
    """Adam with a one-cycle rate from the leading singular vectors of the log-ratio matrix.

    Iterate over it to train; stop iterating to stop.

    Parameters
    ----------
    pairs
        The exact pair weights.
    config
        Its dim, negatives, noise_power, l2, steps, learning_rate, seed and device are used.

    Examples
    --------
    >>> trainer = ExactTrainer(pairs, config)  # doctest: +SKIP
    >>> for progress in trainer:  # doctest: +SKIP
    ...     print(progress.loss)
    """

    def __init__(self, pairs: PairCounts, config: TrainConfig) -> None:
        self.config = config
        self.vocabulary = pairs.vocabulary
        self.objective = ExpectedLoss(pairs, config, pick_device(config.device))
        self.model = svd_start(self.objective, config.dim, seed=config.seed)
        self.losses: list[tuple[int, float]] = []
        self._optimizer = torch.optim.Adam(self.model.tables, betas=(0.9, 0.95))
        self._schedule = torch.optim.lr_scheduler.OneCycleLR(
            self._optimizer, config.learning_rate or RATE, total_steps=config.steps + 1,
            pct_start=0.1,
        )  # fmt: skip

    def state(self) -> State:
        """Return all that is needed to go on after the last step."""
        found = {"center": self.model.center, "context": self.model.context}
        for name in tuple(found):
            for key, value in self._optimizer.state.get(found[name], {}).items():
                found[f"{name}.{key}"] = value
        arrays: State = {key: value.detach().cpu().numpy() for key, value in found.items()}
        losses = np.array(self.losses, np.float64).reshape(-1, 2)
        return arrays | {"losses": losses, "step": np.array(self._schedule.last_epoch)}

    def restore(self, state: State) -> None:
        """Go back to a state; iterating then continues with the step after it."""
        for name, table in zip(("center", "context"), self.model.tables, strict=True):
            table.copy_(torch.from_numpy(state[name]))
            keys = [key for key in state if key.startswith(f"{name}.")]
            self._optimizer.state[table] = {
                key.partition(".")[2]: torch.from_numpy(state[key].copy()) for key in keys
            }
        self.losses = [(int(step), float(loss)) for step, loss in state["losses"]]
        vars(self._optimizer)["_opt_called"] = True  # or the schedule warns of its first step
        for _ in range(int(state["step"])):
            self._schedule.step()

    def __iter__(self) -> Iterator[Progress]:
        """Train, yielding after every step."""
        steps, done = self.config.steps, self._schedule.last_epoch
        optimizer, schedule = self._optimizer, self._schedule
        tokens = float(self.vocabulary.counts.sum())
        start = time.perf_counter()
        for step in range(done + 1, steps + 1):
            rate = float(schedule.get_last_lr()[0])
            with denormals_flushed():
                slopes = self.objective.gradient(self.model)
                self.model.center.grad, self.model.context.grad = slopes
                optimizer.step()
            schedule.step()
            loss = self._loss_now(step)
            each = (time.perf_counter() - start) / (step - done)
            yield Progress(step, steps, loss, rate, tokens / each, each * (steps - step))

    def _loss_now(self, step: int) -> float:
        """Return the loss every fiftieth of the way and at the end, NaN between."""
        if step % max(1, self.config.steps // 50) and step != self.config.steps:
            return math.nan
        loss = self.objective.loss(self.model)
        self.losses.append((step, loss))
        return loss


def svd_start(objective: ExpectedLoss, dim: int, *, seed: int) -> SkipGram:
    """Return tables whose product is the best rank-`dim` fit to the clipped log-ratios.

    A randomized SVD (Halko et al. 2011, doi:10.1137/090771806) with two power iterations;
    columns beyond the vocabulary's size are zero.
    """
    ratio = objective.log_ratio(FLOOR)
    V, rank = len(ratio), min(dim, len(ratio))
    generator = torch.Generator().manual_seed(seed)
    sketch = torch.randn(V, min(V, rank + 10), generator=generator).to(ratio.device)
    basis = _orthonormal(ratio @ sketch)
    for _ in range(2):
        basis = _orthonormal(ratio @ (ratio.T @ basis))
    left, scale, right = torch.linalg.svd(basis.T @ ratio, full_matrices=False)
    root = scale[:rank].sqrt()
    pad = (0, dim - rank)
    center = torch.nn.functional.pad((basis @ left)[:, :rank] * root, pad)
    context = torch.nn.functional.pad(right[:rank].T * root, pad)
    return SkipGram(center.contiguous(), context.contiguous())


def _orthonormal(columns: Tensor) -> Tensor:
    result: Tensor = torch.linalg.qr(columns)[0]
    return result
