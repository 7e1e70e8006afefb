"""What a trainer tells while it works."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Progress:
    """One step's news; every trainer yields these.

    Attributes
    ----------
    step, steps
        Steps done, and steps in all.
    loss
        Loss per pair in nats: the exact expected loss from the exact trainer, a running
        estimate from the batches of the sampled one. NaN where a step did not evaluate it.
    learning_rate
        The rate of this step.
    tokens_per_second
        Corpus tokens passed per second of training; for the exact trainer, whose steps each
        stand for a whole pass over the corpus, tokens times steps.
    seconds_left
        An estimate from the speed so far.
    """

    step: int
    steps: int
    loss: float
    learning_rate: float
    tokens_per_second: float
    seconds_left: float


Tell = Callable[[str, float], None]
"""Is told what is being done and which share of that is, 0 to 1."""


def nobody(stage: str, share: float) -> None:
    """Listen to no progress."""
