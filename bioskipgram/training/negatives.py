"""A sample of the vocabulary that stands for all negatives, drawn anew for each step.

Of a large vocabulary nearly all cells of the pair table are empty and have only negatives, whose
weights are N_i q_j. A step may take them from some k-mers, weighted by one over the chance to be
drawn (Horvitz & Thompson 1952, doi:10.1080/01621459.1952.10483446): its gradient is right on
average.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import logsigmoid

SIZE = 4096
"""K-mers in a sample, about: with half as many the loss falls markedly more slowly at k = 8."""
ROWS = 1024
"""Rows multiplied at a time."""


@dataclass(frozen=True)
class Sample:
    """Drawn k-mers, int64[n], and one over their chance to be drawn, float32[n]."""

    kmers: Tensor
    weight: Tensor

    @classmethod
    def drawn(cls, chance: Tensor, size: int, seed: tuple[int, int]) -> "Sample":
        """Draw about `size` k-mers, by chances that sum to 1: float32[V]; all if there are no more.

        Systematic sampling: k-mers of one prefix are beside each other, so each gets its share.
        """
        if size >= len(chance):
            return cls(torch.arange(len(chance), device=chance.device), torch.ones_like(chance))
        likely = (size * chance.double()).clamp(max=1.0)
        ends = likely.cumsum(0) + np.random.default_rng(seed).random()
        kmers = torch.nonzero(ends.floor() > (ends - likely).floor())[:, 0]
        return cls(kmers, (1 / likely[kmers]).float())

    def pushed(
        self, own: Tensor, other: Tensor, scale: Tensor, weights: Tensor, dtype: torch.dtype
    ) -> Tensor:
        """Return scale_i sum_j weights_j sigmoid(own_i . other_j) other_j, float32[rows, D].

        The sum over all k-mers j is estimated from the drawn ones; products are made in `dtype`.
        """
        drawn, result = other[self.kmers], torch.empty_like(own)
        weighted = (drawn * (weights[self.kmers] * self.weight)[:, None]).to(dtype)
        for rows, x in self._products(own, drawn, dtype):
            result[rows] = torch.sigmoid_(x) @ weighted
        return result.mul_(scale[:, None])

    def loss(self, own: Tensor, other: Tensor, scale: Tensor, weights: Tensor) -> float:
        """Return sum_ij scale_i weights_j softplus(own_i . other_j), estimated as in `pushed`."""
        weight, total = weights[self.kmers] * self.weight, 0.0
        for rows, x in self._products(own, other[self.kmers], own.dtype):
            total -= float(scale[rows] @ (logsigmoid(-x) @ weight))
        return total

    @staticmethod
    def _products(own: Tensor, drawn: Tensor, dtype: torch.dtype) -> Iterator[tuple[slice, Tensor]]:
        turned = drawn.to(dtype).T
        for start in range(0, len(own), ROWS):
            rows = slice(start, start + ROWS)
            yield rows, own[rows].to(dtype) @ turned
