"""Progress reports of trainers."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Progress:
    """The progress of one step; every trainer yields these.

    `loss` is per pair in nats: exact from the exact trainer (NaN where not evaluated), a running
    estimate from the sampled one. `tokens_per_second` counts corpus tokens; a step of the exact
    trainer passes the whole corpus.
    """

    step: int
    steps: int
    loss: float
    learning_rate: float
    tokens_per_second: float
    seconds_left: float


OnProgress = Callable[[str, float], None]
"""Takes the name of the current work and the share done, 0 to 1."""


def no_progress(stage: str, share: float) -> None:
    """Ignore progress."""
