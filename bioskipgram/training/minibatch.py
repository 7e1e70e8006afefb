"""The sampled trainer's engine for accelerators: whole batches in torch, on any of its devices.

Windows, draws and gradients of a batch are a few large operations; the rates are those of
`Hogwild`.
"""

import numpy as np
import torch
from torch import Tensor

from bioskipgram.config import TrainConfig
from bioskipgram.counting.corpus import Corpus
from bioskipgram.kmers.vocabulary import Vocabulary
from bioskipgram.numerics.arrays import Counts

from .hogwild_kernel import SHARED_DRAWS, alias
from .skipgram import SkipGram, computing, sampled_gradient


class Minibatch:
    """Learns batches of places into `model`, with Adagrad's sums `squares`, float32[V] each."""

    def __init__(
        self,
        model: SkipGram,
        squares: tuple[Tensor, Tensor],
        vocabulary: Vocabulary,
        config: TrainConfig,
    ) -> None:
        self.model, self._squares, self._config = model, squares, config
        self._device = device = model.center.device
        self._distances = torch.tensor(config.distances, device=device)  # [w]
        chance, other = alias(vocabulary.noise(config.noise_power))
        self._chance = torch.from_numpy(chance).to(device, torch.float32)  # [V]
        self._other = torch.from_numpy(other).to(device, torch.int64)  # [V]
        keep = vocabulary.keep_probability(config.subsample)
        self._keep = torch.from_numpy(keep).to(device, torch.float32)  # [V]
        self._random = torch.Generator(device)

    def read(self, corpus: Corpus) -> None:
        """Use the sentences of `corpus` from now on."""
        self._tokens = torch.from_numpy(corpus.tokens.astype(np.int64)).to(self._device)  # [T]
        sentence = np.repeat(np.arange(len(corpus)), np.diff(corpus.offsets))
        self._sentence = torch.from_numpy(sentence).to(self._device)  # [T]

    def step(self, blocks: Counts, size: int, *, rate: float, key: int) -> tuple[float, float]:
        """Learn from the blocks of `size` places that start at `blocks`; see `Hogwild.step`."""
        self._random.manual_seed(key + int(blocks[0]))
        places = torch.from_numpy(blocks).to(self._device)[:, None]
        places = (places + torch.arange(size, device=self._device)).flatten()
        places = places[places < len(self._tokens)]
        learn = self._shared if self._config.shared_negatives else self._apart
        with computing(self._config.threads):
            return learn(places, rate)

    def _apart(self, places: Tensor, rate: float) -> tuple[float, float]:
        """Learn from word2vec's pairs, each with negatives of its own."""
        centers, contexts = self.pairs(places)
        negatives = self._noise(len(centers), self._config.negatives)
        targets = torch.cat([contexts[:, None], negatives], dim=1)  # [B, 1 + N]
        loss, *slopes = sampled_gradient(self.model, centers, targets, l2=self._config.l2)
        self._update(0, centers, slopes[0], rate)
        self._update(1, targets.flatten(), slopes[1].flatten(0, 1), rate)
        return float(loss), float(len(centers))

    def _shared(self, places: Tensor, rate: float) -> tuple[float, float]:
        """Learn from whole weighted windows whose contexts share their negatives."""
        window, N = self._config.window, self._config.negatives
        near, use = self._windows(places)  # [P, 2w]
        weight = (window - torch.arange(window, device=self._device)) / window
        weight = use * torch.cat([weight.flip(0), weight])  # [P, 2w]
        pairs = weight.sum(dim=1, keepdim=True)  # [P, 1]
        negatives = self._noise(len(places), SHARED_DRAWS * N)
        targets = torch.cat([self._tokens[near].clamp(min=0), negatives], dim=1)
        weights = torch.cat([weight, (pairs / SHARED_DRAWS).expand_as(negatives)], dim=1)
        centers = self._tokens[places].clamp(min=0)
        loss, *slopes = sampled_gradient(
            self.model, centers, targets, weights=weights, contexts=2 * window, l2=self._config.l2
        )
        self._update(0, centers, slopes[0], rate)
        self._update(1, targets.flatten(), slopes[1].flatten(0, 1), rate)
        return float(loss), float(pairs.sum())

    def pairs(self, places: Tensor) -> tuple[Tensor, Tensor]:
        """Return (centre, context) tokens, int64[B], of windows drawn around `places`, int64[P].

        Each centre reaches a random number of the distances; subsampling leaves gaps open.
        """
        window = self._config.window
        near, use = self._windows(places)
        reach = torch.randint(
            1, window + 1, (len(places), 1), generator=self._random, device=self._device
        )
        nearness = torch.arange(1, window + 1, device=self._device)
        use &= torch.cat([nearness.flip(0), nearness]) <= reach
        row, column = use.nonzero(as_tuple=True)
        return self._tokens[places[row]], self._tokens[near[row, column]]

    def _windows(self, places: Tensor) -> tuple[Tensor, Tensor]:
        """Return the places at all distances, the farthest before first, and which to use."""
        offsets = torch.cat([-self._distances.flip(0), self._distances])  # [2w]
        wanted = places[:, None] + offsets  # [P, 2w]
        near = wanted.clamp(0, len(self._tokens) - 1)
        use = wanted == near
        use &= self._sentence[near] == self._sentence[places][:, None]
        use &= self._kept(places)[:, None] & self._kept(near)
        return near, use

    def _kept(self, places: Tensor) -> Tensor:
        """Return which places hold a known token that subsampling keeps this time."""
        tokens = self._tokens[places]
        if self._config.subsample == 0:
            return tokens >= 0
        chance = torch.rand(places.shape, generator=self._random, device=self._device)
        return (tokens >= 0) & (chance < self._keep[tokens])

    def _noise(self, rows: int, columns: int) -> Tensor:
        """Return tokens drawn from the noise distribution, int64[rows, columns]."""
        size, device = (rows, columns), self._device
        column = torch.randint(len(self._chance), size, generator=self._random, device=device)
        coin = torch.rand(size, generator=self._random, device=device)
        return torch.where(coin < self._chance[column], column, self._other[column])

    def _update(self, which: int, rows: Tensor, slopes: Tensor, rate: float) -> None:
        """Take an Adagrad step on the rows of one table that occur in the batch."""
        table, squares = self.model.tables[which], self._squares[which]
        unique, inverse = torch.unique(rows, return_inverse=True)
        slope = torch.zeros(len(unique), table.shape[1], device=self._device)
        slope.index_add_(0, inverse, slopes)
        total = squares[unique] + slope.square().mean(dim=1)
        squares[unique] = total
        table.index_add_(0, unique, slope.div_(total.sqrt_()[:, None]), alpha=-rate)
