"""The sampled trainer: classic streaming SGNS with drawn negatives (Mikolov et al. 2013).

For vocabularies whose co-occurrence table does not fit, and because it is the textbook method:
shrinking windows, subsampling, negatives from counts^noise_power, sparse gradients, a rate that
falls linearly. Instead of one pair at a time it takes a batch of pairs; Adagrad scales the rows
(Duchi et al. 2011), so that a k-mer that fills a batch does not blow up.
"""

import math
import time
from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from bioskipgram.arrays import State
from bioskipgram.config import TrainConfig
from bioskipgram.corpus import Corpus
from bioskipgram.errors import TrainingError
from bioskipgram.model import NO_PAIRS, SkipGram, denormals_flushed, pick_device, sampled_gradient
from bioskipgram.progress import Progress

RATE = 0.4
"""Initial learning rate: the best of .05-.5 after one epoch at k = 6."""


class SampledTrainer:
    """Streaming skip-gram with negative sampling.

    Iterate over it to train; stop iterating to stop.

    Parameters
    ----------
    corpus
        The sentences.
    config
        Its dim, window, negatives, noise_power, subsample, l2, epochs, batch, learning_rate,
        seed and device are used.

    Raises
    ------
    TrainingError
        If the sentences hold no pair.
    """

    def __init__(self, corpus: Corpus, config: TrainConfig) -> None:
        sentence = np.repeat(np.arange(len(corpus)), np.diff(corpus.offsets))  # [T]
        known = np.flatnonzero(corpus.tokens >= 0)
        near = (np.diff(known) <= config.window) & (np.diff(sentence[known]) == 0)
        if not near.any():
            raise TrainingError(NO_PAIRS)
        self.config, self.vocabulary = config, corpus.vocabulary
        self.device = pick_device(config.device)
        self.model = SkipGram.random(
            len(corpus.vocabulary), config.dim, seed=config.seed, device=self.device
        )
        self.losses: list[tuple[int, float]] = []
        self._random = torch.Generator(self.device).manual_seed(config.seed)
        self._tokens = torch.from_numpy(corpus.tokens.astype(np.int64)).to(self.device)  # [T]
        self._sentence = torch.from_numpy(sentence).to(self.device)  # [T]
        noise = corpus.vocabulary.noise(config.noise_power)
        self._noise = torch.from_numpy(noise.cumsum()).to(self.device)  # [V]
        keep = corpus.vocabulary.keep_probability(config.subsample)
        self._keep = torch.from_numpy(keep).to(self.device, torch.float32)  # [V]
        # Adagrad's sums of squared slopes; a small start keeps the first step finite.
        self._squares = tuple(torch.full_like(table, 1e-6) for table in self.model.tables)

    def __iter__(self) -> Iterator[Progress]:
        """Train, yielding after every batch."""
        # A centre has window + 1 pairs on average: the shrinking window, on both sides.
        centers = max(1, self.config.batch // (self.config.window + 1))
        batches = -(-len(self._tokens) // centers)
        steps = batches * self.config.epochs
        start = time.perf_counter()
        for step in range(steps):
            if step % batches == 0:
                order = torch.randperm(
                    len(self._tokens), generator=self._random, device=self.device
                )
            here = order[step % batches * centers :][:centers]
            rate = (self.config.learning_rate or RATE) * (1 - step / steps)
            with denormals_flushed():
                loss = self._batch(here, rate)
            self._note(step + 1, steps, loss)
            seconds = time.perf_counter() - start
            share = (step + 1) / steps
            tokens = share * self.config.epochs * len(self._tokens)
            yield Progress(step + 1, steps, loss, rate, tokens / seconds, seconds / share - seconds)

    def state(self) -> State:
        """Return all that is needed to go on."""
        raise TrainingError("the sampled trainer cannot save its state yet")

    def restore(self, state: State) -> None:
        """Go back to a state."""
        raise TrainingError("the sampled trainer cannot go on from a state yet")

    def _batch(self, positions: Tensor, rate: float) -> float:
        """Learn from the windows around `positions`; return the loss per pair."""
        centers, contexts = self.pairs(positions)
        if not len(centers):
            return float("nan")
        size = (len(centers), self.config.negatives)
        drawn = torch.rand(size, generator=self._random, device=self.device, dtype=torch.float64)
        negatives = torch.searchsorted(self._noise, drawn).clamp_(max=len(self._noise) - 1)
        targets = torch.cat([contexts[:, None], negatives], dim=1)  # [B, 1 + N]
        loss, by_center, by_target = sampled_gradient(
            self.model, centers, targets, l2=self.config.l2
        )
        self._update(0, centers, by_center, rate)
        self._update(1, targets.flatten(), by_target.flatten(0, 1), rate)
        return float(loss) / len(centers)

    def pairs(self, positions: Tensor) -> tuple[Tensor, Tensor]:
        """Return the (centre, context) tokens of windows drawn around `positions`.

        Parameters
        ----------
        positions
            int64[P] places in the corpus.

        Returns
        -------
        centers, contexts
            int64[B] tokens. Each centre's window is drawn from 1 to config.window; tokens are
            dropped by subsampling in place, without closing the gap.
        """
        window, T = self.config.window, len(self._tokens)
        reach = torch.randint(
            1, window + 1, (len(positions), 1), generator=self._random, device=self.device
        )
        distances = torch.arange(1, window + 1, device=self.device)
        offsets = torch.cat([-distances.flip(0), distances])  # [2w]
        places = positions[:, None] + offsets  # [P, 2w]
        near = places.clamp(0, T - 1)
        use = (offsets.abs() <= reach) & (places == near)
        use &= self._sentence[near] == self._sentence[positions][:, None]
        use &= self._kept(positions)[:, None] & self._kept(near)
        row, column = use.nonzero(as_tuple=True)
        return self._tokens[positions[row]], self._tokens[near[row, column]]

    def _kept(self, places: Tensor) -> Tensor:
        """Return which places hold a known token that subsampling keeps this time."""
        tokens = self._tokens[places]
        if self.config.subsample == 0:
            return tokens >= 0
        chance = torch.rand(places.shape, generator=self._random, device=self.device)
        return (tokens >= 0) & (chance < self._keep[tokens])

    def _update(self, which: int, rows: Tensor, slopes: Tensor, rate: float) -> None:
        """Take an Adagrad step on the rows of one table that occur in the batch."""
        table, squares = self.model.tables[which], self._squares[which]
        unique, inverse = torch.unique(rows, return_inverse=True)
        slope = torch.zeros(len(unique), table.shape[1], device=self.device)
        slope.index_add_(0, inverse, slopes)
        total = squares[unique].addcmul_(slope, slope)
        squares[unique] = total
        table.index_add_(0, unique, slope.div_(total.sqrt_()), alpha=-rate)

    def _note(self, step: int, steps: int, loss: float) -> None:
        if math.isnan(loss):  # a batch without a pair: all its k-mers were thinned out
            return
        if step % max(1, steps // 50) == 0 or step == steps:
            self.losses.append((step, loss))
