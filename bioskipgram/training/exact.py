"""The exact trainer: full-batch minimisation of the expected SGNS loss on pair counts.

The cost of a step depends on the vocabulary alone, not on the length of the corpus
(SGNS as factorisation: Levy & Goldberg 2014; minimised directly as in Newell et al. 2019).
"""

import math
import time
from collections.abc import Iterator
from functools import cached_property
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from bioskipgram.config import TrainConfig
from bioskipgram.counting.pairs import PairCounts, SparseCounts
from bioskipgram.jobs.progress import Progress
from bioskipgram.numerics.arrays import Floats, State

from .adam import Adam
from .distributed import ALONE, Group
from .loss import ExpectedLoss, half_is_fast
from .schedule import WARM, Schedule
from .skipgram import SkipGram, computing, pick_device
from .start import is_short, is_tied, svd_start, tied_start

RATE = 0.25
"""Learning rate before it decays; .15 to .35 end within .001 of each other at k = 6."""
BETAS = (0.8, 0.95)
"""Adam's decay of gradients and of their squares: shorter than usual, for few steps."""


class ExactTrainer:
    """Adam on the expected loss, from the leading singular vectors of the log-ratio matrix.

    Iterate to train; stop iterating to stop; iterate again to continue. In a `group` each process
    has some rows of the centres, with their moments, and all have the contexts; the result is that
    of one process but for the order of sums. Without `curve` losses that only draw one, a quarter
    of the time, are not evaluated. `tied` says whether both tables mirror each other; by default
    they do in short plans without L2, where they reach the same loss in half the time.
    """

    def __init__(
        self,
        pairs: PairCounts | SparseCounts,
        config: TrainConfig,
        *,
        group: Group = ALONE,
        curve: bool = True,
        tied: bool | None = None,
    ) -> None:
        self.config, self.group = config, group
        self.tied = is_short(config) if tied is None else tied
        self.curve = curve or not config.steps  # which decides when to end
        self.vocabulary = pairs.vocabulary
        self.rows = group.rows(len(self.vocabulary))
        with group.together():
            device = pick_device(config.device)
        half = half_is_fast(device)
        self.objective = ExpectedLoss(pairs, config, device, half=half, group=group)
        self.model = self._start()
        self.optimizer = Adam(self.model.tables, _betas(config.steps) if self.tied else BETAS)
        self.schedule = Schedule(config.steps, warm=0 if self.tied else WARM)
        self.losses: list[tuple[int, float]] = []

    @cached_property
    def optimum(self) -> float:
        """The least loss of any vectors; in a group all ask for it together."""
        return self.group.sum(self.objective.optimum())

    def _start(self) -> SkipGram:
        """Return this process's part of the start, which all make together."""
        with computing(self.config.threads):
            begin = tied_start if self.tied else svd_start
            start = begin(self.objective, self.config.dim, seed=self.config.seed)
        center, context = map(self.group.broadcast, start.tables)
        return SkipGram(center[self.rows].clone() if self.group.size > 1 else center, context)

    def __iter__(self) -> Iterator[Progress]:
        """Train, yielding after every step."""
        tokens = float(self.vocabulary.counts.sum())
        start, before = time.perf_counter(), self.schedule.step
        while not self.schedule.done:
            rate = self.schedule.next_rate() * (self.config.learning_rate or RATE)
            with computing(self.config.threads):
                self._step(rate)
                loss = self._loss_now()
            step, steps = self.schedule.step, self.schedule.steps
            each = (time.perf_counter() - start) / (step - before)
            yield Progress(step, steps, loss, rate, tokens / each, each * (steps - step))

    def _step(self, rate: float) -> None:
        step = self.schedule.step
        if self.tied:
            self.optimizer.step(self.objective.tied_gradient(self.model, step), rate)
            return
        center, share = self.objective.gradient(self.model, step)
        self.optimizer.step((center, self.group.all_sum(share)), rate)

    def _loss_now(self) -> float:
        """Return the loss where the schedule or the curve needs it, else NaN."""
        if not (self.schedule.wants_loss and self.curve):
            return math.nan
        loss = self.loss() if self.schedule.done else self._loss_near()
        self.losses.append((self.schedule.step, loss))
        if not self.schedule.decay_from:  # only then is the optimum needed
            self.schedule.tell(loss - self.optimum)
        return loss

    def _loss_near(self) -> float:
        """Return about the loss, good enough for a curve and for when to end."""
        return self.group.sum(self.objective.loss_near(self.model, self.schedule.step))

    def loss(self) -> float:
        """Return the expected loss per pair now, in nats."""
        return self.group.sum(self.objective.loss(self.model))

    def arrays(self) -> tuple[Floats, Floats]:
        """Return copies of both tables, of all processes, float32[V, D] each."""
        return SkipGram(self.group.gather(self.model.center), self.model.context).arrays()

    def state(self) -> State:
        """Return whole arrays of all that `restore` needs, with any number of processes."""
        arrays = {"center": self.model.center, "context": self.model.context}
        for name, moments in zip(("center", "context"), self.optimizer.moments, strict=True):
            arrays |= {f"{name}.{key}": value for key, value in moments.items()}
        found = {name: tensor.cpu().numpy().copy() for name, tensor in self._whole(arrays)}
        found["schedule"] = np.array(self.schedule.state(), np.float64)
        found["losses"] = np.array(self.losses, np.float64).reshape(-1, 2)
        return found

    def _whole(self, arrays: dict[str, Tensor]) -> Iterator[tuple[str, Tensor]]:
        """Yield tensors by name, centres' with the rows of all processes."""
        for name, tensor in arrays.items():
            split = name.startswith("center") and tensor.ndim
            yield name, self.group.gather(tensor.detach()) if split else tensor.detach()

    def _own(self, name: str, array: NDArray[Any]) -> Tensor:
        """Return this process's part of a state's array."""
        split = name.startswith("center") and array.ndim
        return torch.tensor(array[self.rows] if split else array)

    def restore(self, state: State) -> None:
        """Continue from a `state` of a trainer with the same pairs and settings."""
        tables = zip(("center", "context"), self.model.tables, self.optimizer.moments, strict=True)
        for name, table, moments in tables:
            table.copy_(self._own(name, state[name]))
            for key, value in moments.items():
                # States of 0.1.0 taken before the first step hold no moments.
                if f"{name}.{key}" in state:
                    value.copy_(self._own(f"{name}.{key}", state[f"{name}.{key}"]))
        # States of 0.1.0 hold two tables, however short the plan.
        self.tied = self.tied and is_tied(self.model, self.rows)
        self.schedule.restore(state["schedule"].tolist())
        self.losses = [(int(step), loss) for step, loss in state["losses"].tolist()]


def _betas(steps: int) -> tuple[float, float]:
    """Return Adam's for tied tables: a memory of gradients as long as the plan asks for."""
    return (min(BETAS[0], 0.6 + steps / 300), BETAS[1])
