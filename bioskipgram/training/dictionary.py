"""A sparse dictionary of a model's vectors, learnt by a small autoencoder (torch).

Each unit vector is rebuilt from the few atoms that answer to it most ("k-sparse" autoencoder:
Makhzani & Frey 2014, arXiv:1312.5663; with more atoms than dimensions, Gao et al. 2024,
arXiv:2406.04093). An atom is a direction that some k-mers share and most have nothing of.
"""

from dataclasses import dataclass

import numpy as np
import torch

from bioskipgram.errors import ConfigError
from bioskipgram.model.embedding import KmerEmbedding
from bioskipgram.numerics.arrays import Floats, Tokens, checked

from .adam import Adam
from .schedule import Schedule
from .skipgram import computing

STEPS, RATE = 300, 0.02


@dataclass(frozen=True)
class Dictionary:
    """Atoms and their use: `atoms` float32[A, D], of length 1; `codes` float32[V, A], 0 or more.

    A k-mer's unit vector is nearly ``codes @ atoms + mean``, `mean` float32[D]; `explained` is the
    share of the variance that this rebuilds. The most used atom comes first.
    """

    atoms: Floats
    codes: Floats
    mean: Floats
    explained: float

    def __post_init__(self) -> None:
        A, D = self.atoms.shape
        for name, shape in (("atoms", (A, D)), ("codes", (None, A)), ("mean", (D,))):
            array = checked(getattr(self, name), name, np.float32, shape)
            object.__setattr__(self, name, array)

    def members(self, atom: int, n: int) -> Tokens:
        """Return the k-mers with the most of an atom, int32[at most n]."""
        order = np.argsort(-self.codes[:, atom], kind="stable")[:n]
        found: Tokens = order[self.codes[order, atom] > 0].astype(np.int32)
        return found


def dictionary(
    embedding: KmerEmbedding, *, atoms: int = 0, active: int = 4, steps: int = STEPS, seed: int = 1
) -> Dictionary:
    """Return a dictionary of `atoms` (0 = twice the dimensions), `active` of them to a k-mer.

    A ConfigError unless there are more atoms than are active, and as many k-mers.
    """
    V, D = embedding.unit.shape
    A = atoms or 2 * D
    if not 1 <= active < A <= V:
        raise ConfigError(f"atoms: {A} is not above active = {active} and up to {V}, the k-mers")
    generator = torch.Generator().manual_seed(seed)
    with computing(0):
        unit = torch.tensor(embedding.unit)
        mean = unit.mean(dim=0)
        x = unit - mean  # [V, D]
        encoder = x[torch.randperm(V, generator=generator)[:A]].clone()  # [A, D]
        encoder /= encoder.norm(dim=1, keepdim=True).clamp(min=1e-6)
        decoder, schedule = encoder.clone(), Schedule(steps)
        optimizer = Adam([encoder, decoder], (0.9, 0.99))
        while not schedule.done:
            rate = RATE * schedule.next_rate()
            codes = _sparse(x @ encoder.T, active)
            error = codes @ decoder - x  # [V, D]
            back = (error @ decoder.T) * (codes > 0)
            optimizer.step((back.T @ x / V, codes.T @ error / V), rate)
            decoder /= decoder.norm(dim=1, keepdim=True).clamp(min=1e-6)
        codes = _sparse(x @ encoder.T, active)
        left = float((codes @ decoder - x).square().sum() / x.square().sum().clamp(min=1e-12))
    order = codes.sum(dim=0).argsort(descending=True, stable=True)
    return Dictionary(
        decoder[order].numpy().copy(), codes[:, order].numpy().copy(), mean.numpy(), 1 - left
    )


def _sparse(answers: torch.Tensor, active: int) -> torch.Tensor:
    """Return the greatest answers of each row, the others as zeros; none is below zero."""
    values, places = answers.topk(active, dim=1)
    return torch.zeros_like(answers).scatter_(1, places, values.clamp(min=0))
