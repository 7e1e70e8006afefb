"""The pair table as a trainer works on it: dense or sparse, on a processor or an accelerator.

The kernels run on as many threads as torch does.
"""

import math
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache, cached_property
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import logsigmoid

from bioskipgram.counting.pairs import PairCounts, SparseCounts
from bioskipgram.numerics.arrays import Floats

from . import pair_table_kernel as kernel

Product = Callable[[Tensor], Tensor]
"""Multiplication by a matrix: float32[V, n] -> float32[rows, n]."""
Sides = tuple[Tensor, Tensor, Tensor]
"""Weights, noise and exp(bias) of some k-mers, float32[n] each."""
_TILE_ROWS = 256


class PairTable:
    """Pair weights by row, for processors' kernels or, without `kernels`, torch's operations."""

    def __init__(
        self, pairs: PairCounts | SparseCounts, device: torch.device, *, kernels: bool | None = None
    ) -> None:
        self._shape, self._device = (len(pairs), len(pairs.vocabulary)), device
        self._kernels = device.type == "cpu" if kernels is None else kernels
        self.sparse, self._first = isinstance(pairs, SparseCounts), pairs.first
        self.can_pull = self.sparse and self._kernels
        if isinstance(pairs, PairCounts):
            self._starts = np.arange(len(pairs) + 1) * len(pairs.vocabulary)
            self._columns, self._weights = np.empty(0, np.int32), pairs.counts.reshape(-1)
            self._columns.flags.writeable = False  # numba would compile for both kinds of array
        else:
            self._starts, self._columns, self._weights = pairs.indptr, pairs.indices, pairs.weights

    @cached_property
    def _tensors(self) -> tuple[Tensor, Tensor, Tensor]:
        parts = (self._starts, self._columns, self._weights)
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "The given NumPy array is not writable")
            starts, columns, weights = (torch.from_numpy(p).to(self._device) for p in parts)
        return starts, columns, weights

    def _part(self, rows: slice, columns: slice) -> Tensor:
        """Return a part of the table, float32[rows, columns], not to be written to."""
        starts, column, weights = self._tensors
        if not self.sparse:
            return weights.view(self._shape)[rows, columns]
        here = starts[rows.start : rows.stop + 1]
        inside = slice(int(here[0]), int(here[-1]))
        index = torch.arange(len(here) - 1, device=self._device)
        row = torch.repeat_interleave(index, here.diff(), output_size=inside.stop - inside.start)
        column, weight = column[inside].long(), weights[inside]
        use = (column >= columns.start) & (column < columns.stop)
        size = rows.stop - rows.start, columns.stop - columns.start
        dense = torch.zeros(size, device=self._device)
        dense[row[use], column[use] - columns.start] = weight[use]
        return dense

    def slopes(
        self, share: Tensor, rows: slice, columns: slice, row: Tensor, noise: Tensor
    ) -> None:
        """Turn sigmoids s (`share`) into T s - N in place, T = N + row x noise.

        `row` are the weights of the centres, `noise` that of the contexts times the negatives.
        """
        if self._kernels:
            self._by_rows(kernel.slopes, rows, (share,), row, noise, columns.start)
        else:
            counts = self._part(rows, columns)
            share.mul_(torch.addr(counts, row, noise)).sub_(counts)

    def both_slopes(
        self, share: Tensor, rows: slice, columns: slice, own: Sides, other: Sides
    ) -> None:
        """Turn sigmoids of x_ij into the slopes of x_ij and x_ji together, in place.

        `own` and `other` are weight, noise (times the negatives) and exp(b) of the tile's centres
        and contexts, where x_ji = x_ij + b_i - b_j; N is symmetric.
        """
        (row, own_noise, own_bias), (whole, noise, bias) = own, other
        if self._kernels:
            split = (share, own_noise, own_bias)
            self._by_rows(kernel.both_slopes, rows, split, row, noise, whole, bias, columns.start)
            return
        counts = self._part(rows, columns)
        back = share / (share + (1 - share) * (bias / own_bias[:, None]))
        share.mul_(torch.addr(counts, row, noise))
        share.add_(back * torch.addr(counts, own_noise, whole)).sub_(2 * counts)

    def pulled(
        self, own: Tensor, other: Tensor, own_bias: Tensor, bias: Tensor, *, tied: bool
    ) -> Tensor:
        """Return the sums over j of N_ij (sigmoid(own_i . other_j) - 1) other_j, of a sparse table.

        For `tied` and the biases see `both_slopes`.
        """
        result, rows = torch.empty_like(own), slice(0, len(own))
        split = result, own.contiguous()
        self._by_rows(kernel.pulled, rows, split, own_bias, other.contiguous(), bias, tied)
        return result

    def pair_loss(self, own: Tensor, other: Tensor) -> float:
        """Return the sum of N_ij softplus(-own_i . other_j), of a sparse table."""
        split, rows = (own.contiguous(),), slice(0, len(own))
        return self._by_rows(kernel.pair_loss, rows, split, own[:, 0], other.contiguous())

    def loss(self, x: Tensor, rows: slice, columns: slice, row: Tensor, noise: Tensor) -> float:
        """Return the sum of T softplus(x) - N x over some rows; the arguments as for `slopes`."""
        # softplus(x) = -log sigmoid(-x), of which torch's is six times as fast.
        rest = logsigmoid(-x)
        if self._kernels:
            return self._by_rows(kernel.loss, rows, (x, rest), row, noise, columns.start)
        counts = self._part(rows, columns)
        weight = torch.addr(counts, row, noise)
        return -float((weight * rest + counts * x).sum(dtype=torch.float64))

    def entropy(self, row: Tensor, noise: Tensor) -> float:
        """Return the minimum of `loss` over all rows, for any x."""
        return self._by_rows(kernel.entropy, slice(0, len(row)), (), row.cpu(), noise.cpu())

    def _by_rows(
        self, work: Any, rows: slice, split: tuple[Tensor, ...], row: Tensor, *more: Any
    ) -> float:
        """Return the sum of what a kernel returns for equal parts of some rows."""
        starts = self._starts[rows.start : rows.stop + 1]
        arrays = (*(each.numpy() for each in split), starts[:-1], starts[1:], row.numpy())
        rest = [each.numpy() if isinstance(each, Tensor) else each for each in more]
        sums = _by_threads(lambda *parts: work(*parts, *rest, self._columns, self._weights), arrays)
        return float(sum(found for found in sums if found is not None))

    def log_ratio(
        self, row: Tensor, whole: Tensor, noise: Tensor, *, floor: float, dtype: torch.dtype
    ) -> tuple[Product, Product]:
        """Return products with log(N / (row x noise)), at least `floor`, and with its transpose.

        Both give this process's rows, but the transpose of a dense table takes them: it gives their
        share of all. `whole` are the weights of all centres.
        """
        if self.sparse:  # whose products are bound by memory, not by arithmetic
            # N is symmetric: of its transpose this process has the same rows.
            own = noise[self._first : self._first + len(row)]
            return self._clipped(row, noise, floor), self._clipped(own, whole, floor)
        matrix = torch.empty(self._shape, dtype=dtype, device=noise.device)
        least = math.exp(floor)
        for start in range(0, len(row), _TILE_ROWS):  # tiles stay in the cache through all passes
            rows = slice(start, start + _TILE_ROWS)
            ratio = (self._part(rows, slice(None)) / noise).div_(row[rows, None])
            # Raised before the logarithm, which takes four times as long where it is infinite.
            matrix[rows] = ratio.nan_to_num_(nan=0.0).clamp_(min=least).log_()
        return (
            lambda x: (matrix @ x.to(dtype)).float(),
            lambda x: (matrix.T @ x.to(dtype)).float(),
        )

    def _clipped(self, left: Tensor, right: Tensor, floor: float) -> Product:
        """Return the product with log(N / (left x right)), cells below `floor` raised to it."""
        sides = left.cpu().numpy(), right.cpu().numpy()
        values = kernel.ratios_above(self._starts, self._columns, self._weights, *sides, floor)
        # What lies above the floor is sparse, and the floor itself has rank one.
        if self._kernels:
            return lambda x: floor * x.sum(dim=0) + torch.from_numpy(self._times(values, x.numpy()))
        starts, columns, _ = self._tensors
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Sparse CSR tensor support")
            matrix = torch.sparse_csr_tensor(
                starts, columns.long(), torch.tensor(values, device=self._device),
                self._shape, check_invariants=True,
            )  # fmt: skip
        return lambda x: floor * x.sum(dim=0) + matrix @ x

    def _times(self, values: Floats, x: Floats) -> Floats:
        x = np.ascontiguousarray(x)  # a row is read at a time
        result = np.empty((len(self._starts) - 1, x.shape[1]), np.float32)
        arrays = (result, self._starts[:-1], self._starts[1:])
        _by_threads(lambda *parts: kernel.product(*parts, self._columns, values, x), arrays)
        return result


@cache
def _pool(threads: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(threads)


def _by_threads(work: Callable[..., Any], arrays: tuple[Any, ...]) -> list[Any]:
    """Call `work` on equal parts of the arrays' rows, one for each of torch's threads."""
    R, threads = len(arrays[0]), torch.get_num_threads()
    if threads == 1 or threads > R:
        return [work(*arrays)]
    size = -(-R // threads)
    parts = [tuple(array[i : i + size] for array in arrays) for i in range(0, R, size)]
    others = [_pool(threads).submit(work, *part) for part in parts[1:]]
    return [work(*parts[0]), *(done.result() for done in others)]
