"""The pair table as a trainer works on it: dense or sparse, on a processor or an accelerator.

Both kinds have the same methods: its rows, gradients of the loss, products with its log-ratios. The
kernels run on as many threads as torch does.
"""

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
"""Multiplication by a matrix: float32[V, n] -> float32[V, n]."""
_TILE_ROWS = 256


class DenseTable:
    """Pair weights, float32[V, V], for processors' kernels or for torch's operations."""

    def __init__(
        self, pairs: PairCounts, device: torch.device, *, kernels: bool | None = None
    ) -> None:
        self._array = pairs.counts  # read-only, which torch does not support
        use = device.type == "cpu" if kernels is None else kernels
        self._tensor = None if use else torch.tensor(pairs.counts, device=device)

    def row_sums(self) -> Floats:
        """Return the weight of each centre's pairs, float32[V]."""
        sums: Floats = self._array.sum(axis=1, dtype=np.float64).astype(np.float32)
        return sums

    def rows(self, rows: slice) -> Tensor:
        """Return some rows, float32[rows, V], not to be written to."""
        return torch.tensor(self._array[rows]) if self._tensor is None else self._tensor[rows]

    def slopes(
        self, share: Tensor, rows: slice, columns: slice, row: Tensor, noise: Tensor
    ) -> None:
        """Turn sigmoids s (`share`) into T s - N in place, T = N + row x noise.

        `row` are the weights of the centres, `noise` that of the contexts times the negatives.
        """
        if self._tensor is None:
            arrays = (share.numpy(), self._array[rows, columns], row.numpy())
            _by_rows(lambda *parts: kernel.dense_slopes(*parts, noise.numpy()), arrays)
        else:
            counts = self._tensor[rows, columns]
            share.mul_(torch.addr(counts, row, noise)).sub_(counts)

    def loss(self, x: Tensor, rows: slice, columns: slice, row: Tensor, noise: Tensor) -> float:
        """Return the sum of T softplus(x) - N x over some rows; the arguments as for `slopes`."""
        # softplus(x) = -log sigmoid(-x), of which torch's is six times as fast.
        rest = logsigmoid(-x)
        if self._tensor is None:
            arrays = (x.numpy(), rest.numpy(), self._array[rows, columns], row.numpy())
            return float(
                sum(_by_rows(lambda *parts: kernel.dense_loss(*parts, noise.numpy()), arrays))
            )
        return _loss(x, rest, self._tensor[rows, columns], row, noise)

    def entropy(self, row: Floats, noise: Floats) -> float:
        """Return the minimum of `loss` over all rows, for any x."""
        arrays = (self._array, row)
        return float(sum(_by_rows(lambda *parts: kernel.dense_entropy(*parts, noise), arrays)))

    def log_ratio(
        self, row: Tensor, noise: Tensor, *, floor: float, dtype: torch.dtype
    ) -> tuple[Product, Product]:
        """Return products with log(N / (row x noise)), at least `floor`, and with its transpose."""
        V = len(noise)
        matrix = torch.empty(V, V, dtype=dtype, device=noise.device)
        for start in range(0, V, _TILE_ROWS):  # tiles stay in the cache through all four passes
            rows = slice(start, start + _TILE_ROWS)
            ratio = self.rows(rows) / torch.outer(row[rows], noise)
            matrix[rows] = ratio.log_().nan_to_num_(nan=floor, neginf=floor).clamp_(min=floor)
        return (
            lambda x: (matrix @ x.to(dtype)).float(),
            lambda x: (matrix.T @ x.to(dtype)).float(),
        )


class SparseTable:
    """Pair weights by row, as `SparseCounts` has them."""

    def __init__(
        self, pairs: SparseCounts, device: torch.device, *, kernels: bool | None = None
    ) -> None:
        self._starts, self._columns, self._weights = pairs.indptr, pairs.indices, pairs.weights
        self._device = device
        self._kernels = device.type == "cpu" if kernels is None else kernels

    @cached_property
    def _tensors(self) -> tuple[Tensor, Tensor, Tensor]:
        parts = (self._starts, self._columns, self._weights)
        starts, columns, weights = (torch.tensor(part, device=self._device) for part in parts)
        return starts, columns, weights

    def row_sums(self) -> Floats:
        """Return the weight of each centre's pairs, float32[V]."""
        totals = np.concatenate([[0.0], np.cumsum(self._weights, dtype=np.float64)])
        sums: Floats = np.diff(totals[self._starts]).astype(np.float32)
        return sums

    def _cells(self, rows: slice) -> tuple[Tensor, Tensor, Tensor]:
        """Return row (from 0), column and weight of the non-zero cells of some rows."""
        starts, columns, weights = self._tensors
        here = starts[rows.start : rows.stop + 1]
        inside = slice(int(here[0]), int(here[-1]))
        row = torch.repeat_interleave(
            torch.arange(len(here) - 1, device=self._device),
            here.diff(),
            output_size=inside.stop - inside.start,
        )
        return row, columns[inside].long(), weights[inside]

    def _part(self, rows: slice, columns: slice) -> Tensor:
        """Return a part of the table, float32[rows, columns]."""
        row, column, weight = self._cells(rows)
        here = (column >= columns.start) & (column < columns.stop)
        size = rows.stop - rows.start, columns.stop - columns.start
        dense = torch.zeros(size, device=self._device)
        dense[row[here], column[here] - columns.start] = weight[here]
        return dense

    def slopes(
        self, share: Tensor, rows: slice, columns: slice, row: Tensor, noise: Tensor
    ) -> None:
        """Turn sigmoids into gradients; see `DenseTable.slopes`."""
        if self._kernels:
            starts = self._starts[rows.start : rows.stop + 1]
            arrays = (share.numpy(), starts[:-1], starts[1:], row.numpy())
            more = (noise.numpy(), columns.start, self._columns, self._weights)
            _by_rows(lambda *parts: kernel.sparse_slopes(*parts, *more), arrays)
        else:
            counts = self._part(rows, columns)
            share.mul_(torch.addr(counts, row, noise)).sub_(counts)

    def loss(self, x: Tensor, rows: slice, columns: slice, row: Tensor, noise: Tensor) -> float:
        """Return the loss of some rows; see `DenseTable.loss`."""
        rest = logsigmoid(-x)
        if not self._kernels:
            return _loss(x, rest, self._part(rows, columns), row, noise)
        starts = self._starts[rows.start : rows.stop + 1]
        arrays = (x.numpy(), rest.numpy(), starts[:-1], starts[1:], row.numpy())
        more = (noise.numpy(), columns.start, self._columns, self._weights)
        return float(sum(_by_rows(lambda *parts: kernel.sparse_loss(*parts, *more), arrays)))

    def entropy(self, row: Floats, noise: Floats) -> float:
        """Return the minimum of `loss` over all rows, for any x."""
        arrays = (self._starts[:-1], self._starts[1:], row)
        more = (noise, self._columns, self._weights)
        return float(sum(_by_rows(lambda *parts: kernel.sparse_entropy(*parts, *more), arrays)))

    def log_ratio(
        self, row: Tensor, noise: Tensor, *, floor: float, dtype: torch.dtype
    ) -> tuple[Product, Product]:
        """Return products with the clipped log-ratios and their transpose; see `DenseTable`."""
        _ = dtype  # the products are bound by memory, not by arithmetic
        centers, contexts = row.cpu().numpy(), noise.cpu().numpy()
        return (
            self._clipped(centers, contexts, floor),
            self._clipped(contexts, centers, floor),  # N is symmetric
        )

    def _clipped(self, left: Floats, right: Floats, floor: float) -> Product:
        """Return the product with log(N / (left x right)), cells below `floor` raised to it."""
        values = kernel.ratios_above(self._starts, self._columns, self._weights, left, right, floor)
        # What lies above the floor is sparse, and the floor itself has rank one.
        if self._kernels:
            return lambda x: floor * x.sum(dim=0) + torch.from_numpy(self._times(values, x.numpy()))
        starts, columns, _ = self._tensors
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Sparse CSR tensor support")
            matrix = torch.sparse_csr_tensor(
                starts,
                columns.long(),
                torch.tensor(values, device=self._device),
                (len(left), len(left)),
                check_invariants=True,
            )
        return lambda x: floor * x.sum(dim=0) + matrix @ x

    def _times(self, values: Floats, x: Floats) -> Floats:
        x = np.ascontiguousarray(x)  # a row is read at a time
        result = np.empty_like(x)
        arrays = (result, self._starts[:-1], self._starts[1:])
        _by_rows(lambda *parts: kernel.product(*parts, self._columns, values, x), arrays)
        return result


def table_of(pairs: PairCounts | SparseCounts, device: torch.device) -> DenseTable | SparseTable:
    """Return pair counts as a table on a device."""
    if isinstance(pairs, PairCounts):
        return DenseTable(pairs, device)
    return SparseTable(pairs, device)


@cache
def _pool(threads: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(threads)


def _by_rows(work: Callable[..., Any], arrays: tuple[Any, ...]) -> list[Any]:
    """Call `work` on equal parts of the arrays' rows, one for each of torch's threads."""
    R, threads = len(arrays[0]), torch.get_num_threads()
    if threads == 1 or threads > R:
        return [work(*arrays)]
    size = -(-R // threads)
    parts = [tuple(array[i : i + size] for array in arrays) for i in range(0, R, size)]
    return [done.result() for done in [_pool(threads).submit(work, *part) for part in parts]]


def _loss(x: Tensor, rest: Tensor, counts: Tensor, row: Tensor, noise: Tensor) -> float:
    weight = torch.addr(counts, row, noise)
    return -float((weight * rest + counts * x).sum(dtype=torch.float64))
