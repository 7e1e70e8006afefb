"""Size and number of the exact trainer's steps: warm up, stay, decay.

A constant rate needs no planned length, and a linear decay over the last third removes the noise it
leaves (warmup-stable-decay: Hu et al. 2024, arXiv:2404.06395), so the decay can begin whenever the
loss has stopped falling.
"""

import math
from collections.abc import Sequence

WARM = 3
"""Steps until the full rate."""
EVERY = 5
"""Steps from one evaluation of the loss to the next."""
PATIENCE = 30
"""Steps over which the gap to the optimum must fall …"""
FALL = 0.03
"""… by this share of itself; otherwise the decay begins."""
TYPICAL = 70
"""Steps at the full rate until then, by experience."""
LONGEST = 600
"""Steps at the full rate after which the decay begins in any case."""


class Schedule:
    """The rate of each step, and when to end; `steps` 0 = until the loss stops falling.

    `warm` steps come before the full rate.

    Examples
    --------
    >>> schedule = Schedule(9)
    >>> [round(schedule.next_rate(), 2) for _ in range(9)]
    [0.5, 0.75, 1.0, 1.0, 1.0, 1.0, 0.75, 0.5, 0.25]
    >>> schedule.done
    True
    """

    def __init__(self, steps: int, *, warm: int = WARM) -> None:
        self.step, self._warm = 0, warm
        self.decay_from = steps - steps // 3
        self._planned = steps
        self._gaps: list[float] = []  # one every EVERY steps, while it is open when to end

    @property
    def steps(self) -> int:
        """How many steps there will be; an estimate while that is not decided."""
        if self._planned:
            return self._planned
        return _length(self.decay_from or max(self.step, TYPICAL))

    @property
    def done(self) -> bool:
        """Whether the last step was taken."""
        return self.step >= self.steps

    @property
    def wants_loss(self) -> bool:
        """Whether the loss of this step is to be evaluated."""
        every = max(EVERY, self._planned // 50)
        return self.step % every == 0 or self.done

    def next_rate(self) -> float:
        """Begin the next step and return its share of the full rate, above 0 to 1."""
        self.step += 1
        if self.decay_from and self.step > self.decay_from:
            return 1 - (self.step - self.decay_from) / (self.steps - self.decay_from + 1)
        return min(1.0, (self.step + 1) / (self._warm + 1))

    def tell(self, gap: float) -> None:
        """Note how far the loss is above the optimum."""
        if self.decay_from:
            return
        self._gaps.append(gap)
        back = PATIENCE // EVERY
        stale = len(self._gaps) > back and (
            min(self._gaps[-back:]) > (1 - FALL) * min(self._gaps[:-back])
        )
        if stale or self.step >= LONGEST:
            self.decay_from = self.step

    def state(self) -> list[float]:
        """Return the state for `restore`."""
        return [self.step, self.decay_from, *self._gaps]

    def restore(self, state: Sequence[float]) -> None:
        """Continue where another schedule of as many steps was; a ValueError if it cannot be."""
        step, decay_from, *gaps = state
        most, latest = (self._planned, self._planned) if self._planned else (_MOST, LONGEST)
        if not (0 <= step <= most and 0 <= decay_from <= latest and all(map(math.isfinite, gaps))):
            raise ValueError(f"a schedule of {state!r:.60}")
        self.step, self.decay_from, self._gaps = int(step), int(decay_from), gaps


def _length(decay_from: int) -> int:
    """Return the number of steps whose last third begins after `decay_from`."""
    return decay_from + max(1, decay_from // 2)


_MOST = _length(LONGEST)
