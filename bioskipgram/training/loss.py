"""The exact expected loss of skip-gram with negative sampling on pair counts (torch).

With N_ij the expected number of (centre i, context j) pairs, q the noise distribution and n
negatives, the loss (Mikolov et al. 2013, arXiv:1310.4546) in expectation is

    L = - sum_ij [ N_ij log s(x_ij) + n N_i q_j log s(-x_ij) ],    x_ij = u_i . v_j
      =   sum_ij [ T_ij softplus(x_ij) - N_ij x_ij ],              T_ij = N_ij + n N_i q_j

Every loss here is per pair: divided by the sum of N. The matrix of x is never whole: tiles of
rows, a few MB each, are made, turned into the loss's slopes in place, and multiplied away.
"""

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from bioskipgram.config import TrainConfig
from bioskipgram.counting.pairs import PairCounts, SparseCounts
from bioskipgram.errors import TrainingError

from .distributed import ALONE, Group
from .negatives import SIZE, Sample
from .pair_table import PairTable, Product, Sides
from .skipgram import NO_PAIRS, SkipGram

TILE = (512, 4096)
"""Rows and columns of the pair table worked on at once: 8 MB, what two cores' caches hold."""
LARGE_TILE = (8192, 8192)
"""The same for an accelerator: 256 MB keep it busy."""
HALF_FROM = 512
"""The smallest vocabulary whose products are rounded."""


def half_is_fast(device: torch.device) -> bool:
    """Return whether the device multiplies bfloat16 natively."""
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    abilities = torch.cpu.get_capabilities()
    return bool(abilities.get("avx512_bf16") or abilities.get("amx_bf16"))


class ExpectedLoss:
    """The exact expected loss of SGNS on pair counts, its gradient and its bounds.

    With ``l2`` = r the objective gains (r/2) sum_ij N_ij (|u_i|^2 + |v_j|^2) / sum N. `half`
    multiplies in bfloat16 in `gradient`, two to five times as fast where supported, with gradients
    off by about one percent; losses stay exact. In a `group` each process has the pairs of its own
    rows. A TrainingError if there is no pair.
    """

    def __init__(
        self,
        pairs: PairCounts | SparseCounts,
        config: TrainConfig,
        device: torch.device,
        *,
        half: bool = False,
        group: Group = ALONE,
    ) -> None:
        noise = pairs.vocabulary.noise(config.noise_power)
        self.whole = group.gather(torch.from_numpy(pairs.row_sums))  # [V]
        self.total = float(self.whole.sum())
        with group.together():
            if not self.total:
                raise TrainingError(NO_PAIRS)
        self.device, self.l2, self.group, self.seed = device, config.l2, group, config.seed
        self.V = len(noise)
        self.rows = range(pairs.first, pairs.first + len(pairs))
        self.half = half and self.V >= HALF_FROM
        self.table = PairTable(pairs, device)
        self.whole = self.whole.to(device, torch.float32)
        self.row = self.whole[self.rows.start : self.rows.stop] if group.size > 1 else self.whole
        self.noise = torch.from_numpy(noise).to(device, torch.float32) * config.negatives  # [V]
        self.sample = SIZE
        self.tile = TILE if device.type == "cpu" else LARGE_TILE

    @property
    def _dtype(self) -> torch.dtype:
        """In which gradients and the start multiply."""
        return torch.bfloat16 if self.half else torch.float32

    def tiles(self, height: int = 0) -> Iterator[tuple[slice, slice]]:
        """Yield the ranges of own rows, from 0, and of columns of the tiles."""
        R, height = len(self.rows), height or self.tile[0]
        for row in range(0, R, height):
            rows = slice(row, min(row + height, R))
            for column in range(0, self.V, self.tile[1]):
                yield rows, slice(column, min(column + self.tile[1], self.V))

    def loss(self, model: SkipGram) -> float:
        """Return the expected loss per pair, L2 left out, in nats; the share of its own rows."""
        total = 0.0
        for rows, columns in self.tiles():
            x = model.center[rows] @ model.context[columns].T  # [rows, columns]
            total += self.table.loss(x, rows, columns, self.row[rows], self.noise[columns])
        return total / self.total

    def loss_near(self, model: SkipGram, step: int) -> float:
        """Return about the `loss`, where that takes the time of many steps; see `gradient`."""
        if not self.table.can_pull:
            return self.loss(model)
        sample = self._sample(step)
        negatives = sample.loss(model.center, model.context, self.row, self.noise)
        return (self.table.pair_loss(model.center, model.context) + negatives) / self.total

    def gradient(self, model: SkipGram, step: int = 0) -> tuple[Tensor, Tensor]:
        """Return the gradient of the loss plus L2 in both tables, float32[V, D] each.

        Of the centres it has this process's own rows; of the contexts, their share. On a processor
        that of a sparse table takes its negatives from a `Sample` that depends on `step`.
        """
        work = self._drawn if self.table.can_pull else self._tiled
        center, context = work(model, step)
        if self.l2:
            center.add_(self.row[:, None] * model.center, alpha=self.l2)
            # N is symmetric, so the column sums are the row sums; each process adds its part.
            share = self.l2 * len(self.rows) / self.V
            context.add_(self.whole[:, None] * model.context, alpha=share)
        return center.div_(self.total), context.div_(self.total)

    def _tiled(self, model: SkipGram, _: int) -> tuple[Tensor, Tensor]:
        """Return the sum of the slopes of all cells, a tile at a time."""
        u, v = (table.to(self._dtype) for table in model.tables)
        center, context = (torch.zeros_like(table) for table in model.tables)
        for rows, columns in self.tiles():
            slopes = torch.sigmoid_((u[rows] @ v[columns].T).float())  # [rows, columns]
            self.table.slopes(slopes, rows, columns, self.row[rows], self.noise[columns])
            slopes = slopes.to(self._dtype)
            center[rows] += slopes @ v[columns]
            context[columns] += slopes.T @ u[rows]
        return center, context

    def _drawn(self, model: SkipGram, step: int) -> tuple[Tensor, Tensor]:
        """Return the slopes of all pairs, and those of negatives on average."""
        own, none = slice(self.rows.start, self.rows.stop), torch.ones(self.V)
        whole = self.group.gather(model.center)
        center, context = self._pushed(model, whole, step)
        center += self.table.pulled(model.center, model.context, none[own], none, tied=False)
        # N is symmetric: the pairs of a context are those of the centre of the same k-mer.
        context += self.table.pulled(model.context[own], whole, none[own], none, tied=False)
        share = torch.zeros_like(model.context)
        share[own] = context
        return center, share

    def _pushed(self, model: SkipGram, whole: Tensor, step: int) -> tuple[Tensor, Tensor]:
        """Return the slopes of the negatives, estimated, in the own rows of both tables.

        `whole` are the centres of all processes.
        """
        own, sample = slice(self.rows.start, self.rows.stop), self._sample(step)
        contexts = model.context
        center = sample.pushed(model.center, contexts, self.row, self.noise, self._dtype)
        context = sample.pushed(contexts[own], whole, self.noise[own], self.whole, self._dtype)
        return center, context

    def _sample(self, step: int) -> Sample:
        chance = (self.whole / self.total + self.noise / self.noise.sum()) / 2
        return Sample.drawn(chance, self.sample, (self.seed, step))

    def tied_gradient(self, model: SkipGram, step: int = 0) -> tuple[Tensor, Tensor]:
        """Return the gradient in tables that mirror each other, float32[V, D] each; no L2.

        Such tables (`tied_start`) are [A, 1] and [A S, b], S a diagonal of signs: x_ij - b_j is
        symmetric, as N is, so half the cells are enough. Of the centres it has this process's own
        rows; of the contexts, all. The last column is fixed. For `step` see `gradient`.
        """
        own = slice(self.rows.start, self.rows.stop)
        signs = (model.center * model.context[own]).sum(dim=0).sign()
        bias = model.context[:, -1].exp()
        if self.table.can_pull:
            center, context = self._pushed(model, self.group.gather(model.center), step)
            result = center + context * signs
            result += self.table.pulled(model.center, model.context, bias[own], bias, tied=True)
        else:
            result = self._mirrored(model, bias)
        result.div_(self.total)
        result[:, -1] = 0
        return result, self.group.gather(result) * signs

    def _mirrored(self, model: SkipGram, bias: Tensor) -> Tensor:
        """Return the slopes of all cells in the own rows of the centres, of tied tables."""
        u, v = (table.to(self._dtype) for table in model.tables)
        first, alone = self.rows.start, self.group.size == 1
        sides, result = (self.whole, self.noise, bias), torch.zeros_like(model.center)
        # Tiles of half the height: fewer cells are computed on both sides of the diagonal.
        for rows, columns in self.tiles(self.tile[0] // 2):
            if alone and columns.stop <= rows.start:
                continue
            columns = slice(max(columns.start, rows.start), columns.stop) if alone else columns
            slopes = torch.sigmoid_((u[rows] @ v[columns].T).float())  # [rows, columns]
            own = slice(first + rows.start, first + rows.stop)
            self.table.both_slopes(slopes, rows, columns, _part(sides, own), _part(sides, columns))
            slopes = slopes.to(self._dtype)
            result[rows] += slopes @ v[columns]
            beyond = max(columns.start, rows.stop)  # the rest of the tile is its own mirror image
            if alone and beyond < columns.stop:
                mirrored = slopes[:, beyond - columns.start :].T
                result[beyond : columns.stop] += mirrored @ v[rows]
        return result

    def optimum(self) -> float:
        """Return the loss of the best unconstrained x, log(N_ij / (n N_i q_j)); as `loss`."""
        return self.table.entropy(self.row, self.noise) / self.total

    def at_zero(self) -> float:
        """Return the loss of all-zero vectors: (1 + negatives) log 2."""
        return float((1 + self.noise.sum()) * np.log(2))

    def log_ratio(self, floor: float) -> tuple[Product, Product]:
        """Return products with the optimal x, clipped from below, and with its transpose.

        In a group all call them together, and all get the whole product with the first one's.
        """
        group, own = self.group, slice(self.rows.start, self.rows.stop)
        times, back = self._ratios(self.noise, floor)

        def transposed(x: Tensor) -> Tensor:
            x = group.broadcast(x.contiguous())
            return group.gather(back(x)) if self.table.sparse else group.all_sum(back(x[own]))

        return self._whole_product(times), transposed

    def even_log_ratio(self, floor: float) -> tuple[Product, Tensor]:
        """Return the product with the optimal x_ij - b_j, which is symmetric, and b, float32[V].

        b_j = log(N_j / q_j) is rounded to what bfloat16 can hold, as products with it will be: an
        error that a whole column has in common would not average out.
        """
        even = self.whole * (self.noise.sum() / self.total)
        times, _ = self._ratios(even, floor)
        bias = torch.where(even > 0, even / self.noise, 1.0).log()
        return self._whole_product(times), bias.bfloat16().float()

    def _ratios(self, noise: Tensor, floor: float) -> tuple[Product, Product]:
        return self.table.log_ratio(self.row, self.whole, noise, floor=floor, dtype=self._dtype)

    def _whole_product(self, times: Product) -> Product:
        return lambda x: self.group.gather(times(self.group.broadcast(x.contiguous())))


def _part(sides: Sides, kmers: slice) -> Sides:
    whole, noise, bias = sides
    return whole[kmers], noise[kmers], bias[kmers]
