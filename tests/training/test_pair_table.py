"""The pair table, dense and sparse, whole and by rows, rounded and not."""

import numpy as np
import pytest
import torch

from bioskipgram.config import TrainConfig
from bioskipgram.counting.pairs import PairCounts, SparseCounts, count
from bioskipgram.training.distributed import Group
from bioskipgram.training.exact import ExactTrainer
from bioskipgram.training.loss import ExpectedLoss
from bioskipgram.training.pair_table import PairTable
from bioskipgram.training.skipgram import SkipGram, computing
from tests.conftest import MakeSequences

CPU = torch.device("cpu")
CONFIG = TrainConfig(k=5, dim=12, window=3, negatives=4, l2=0.01)


def sparse(pairs: PairCounts) -> SparseCounts:
    """The same pairs, row by row."""
    row, column = np.nonzero(pairs.counts)
    starts = np.searchsorted(row, np.arange(len(pairs.counts) + 1)).astype(np.int64)
    weights = pairs.counts[row, column]
    return SparseCounts(pairs.vocabulary, starts, column.astype(np.int32), weights, pairs.window)


@pytest.fixture(scope="module")
def pairs(sequences: MakeSequences) -> PairCounts:
    """5-mers of 3,000 bases: most cells are empty."""
    letters = np.random.default_rng(1).choice(list("ACGT"), 3000, p=[0.4, 0.3, 0.2, 0.1])
    pairs = count(sequences("".join(letters)), CONFIG)
    assert 512 < len(pairs.vocabulary) < 1024
    assert (pairs.counts == 0).mean() > 0.9
    return pairs


@pytest.fixture(scope="module")
def model(pairs: PairCounts) -> SkipGram:
    random = torch.Generator().manual_seed(2)
    center, context = torch.randn(2, len(pairs.vocabulary), 12, generator=random)
    return SkipGram(center, context)


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_a_sparse_table_gives_what_the_dense_one_does(
    pairs: PairCounts, model: SkipGram, threads: int
) -> None:
    dense, thin = (ExpectedLoss(p, CONFIG, CPU) for p in (pairs, sparse(pairs)))
    thin.tile = (100, 77)
    with computing(threads):
        assert thin.loss(model) == pytest.approx(dense.loss(model), rel=1e-6)
        assert thin.optimum() == pytest.approx(dense.optimum(), rel=1e-6)
        assert thin.at_zero() == dense.at_zero()
        for found, expected in zip(thin.gradient(model), dense.gradient(model), strict=True):
            np.testing.assert_allclose(found.numpy(), expected.numpy(), rtol=0, atol=1e-8)
            assert expected.abs().max() > 1e-4
        x = torch.randn(len(pairs.vocabulary), 5, generator=torch.Generator().manual_seed(3))
        for found, expected in zip(thin.log_ratio(-2.0), dense.log_ratio(-2.0), strict=True):
            np.testing.assert_allclose(found(x).numpy(), expected(x).numpy(), rtol=0, atol=1e-3)


@pytest.mark.parametrize("kind", ["dense", "sparse"])
def test_what_accelerators_do_is_what_the_kernels_do(
    pairs: PairCounts, model: SkipGram, kind: str
) -> None:
    table = pairs if kind == "dense" else sparse(pairs)
    kernels, plain = (ExpectedLoss(table, CONFIG, CPU) for _ in range(2))
    plain.table = PairTable(table, CPU, kernels=False)
    plain.tile = (200, 333)
    assert plain.loss(model) == pytest.approx(kernels.loss(model), rel=1e-6)
    for found, expected in zip(plain.gradient(model), kernels.gradient(model), strict=True):
        np.testing.assert_allclose(found.numpy(), expected.numpy(), rtol=0, atol=1e-8)
    x = torch.randn(len(pairs.vocabulary), 5, generator=torch.Generator().manual_seed(3))
    for found, expected in zip(plain.log_ratio(-2.0), kernels.log_ratio(-2.0), strict=True):
        np.testing.assert_allclose(found(x).numpy(), expected(x).numpy(), rtol=0, atol=1e-3)


@pytest.mark.parametrize("cuts", [[0, 300], [0, 1, 500, 501]])
def test_rows_of_several_processes_add_up(
    pairs: PairCounts, model: SkipGram, cuts: list[int]
) -> None:
    class Known(Group):
        def gather(self, rows: torch.Tensor) -> torch.Tensor:
            return torch.from_numpy(pairs.row_sums)

        def any(self, flag: bool) -> bool:
            return flag

    whole = ExpectedLoss(pairs, CONFIG, CPU)
    center, context = whole.gradient(model)
    parts, loss = [], 0.0
    for start, stop in zip(cuts, [*cuts[1:], len(pairs.vocabulary)], strict=True):
        rows = slice(start, stop)
        some = PairCounts(pairs.vocabulary, pairs.counts[rows], pairs.window, start)
        part = ExpectedLoss(some, CONFIG, CPU, group=Known(1, 2))
        own = SkipGram(model.center[rows], model.context)
        loss += part.loss(own)
        parts.append(part.gradient(own))
    assert loss == pytest.approx(whole.loss(model), rel=1e-6)
    np.testing.assert_allclose(torch.cat([c for c, _ in parts]), center, rtol=0, atol=1e-8)
    np.testing.assert_allclose(sum(c for _, c in parts), context, rtol=0, atol=1e-8)


@pytest.mark.parametrize("kind", ["dense", "sparse"])
def test_half_precision_changes_the_slopes_by_about_a_percent(
    pairs: PairCounts, model: SkipGram, kind: str
) -> None:
    table = pairs if kind == "dense" else sparse(pairs)
    full, half = (ExpectedLoss(table, CONFIG, CPU, half=half) for half in (False, True))
    for exact, rounded in zip(full.gradient(model), half.gradient(model), strict=True):
        off = ((rounded - exact).norm() / exact.norm()).item()
        assert 1e-4 < off < 0.02
    assert half.loss(model) == full.loss(model)


def test_a_small_vocabulary_is_never_rounded(sequences: MakeSequences) -> None:
    pairs = count(sequences("ACGTTGCAGGATCCA" * 4), TrainConfig(k=2))
    assert not ExpectedLoss(pairs, CONFIG, CPU, half=True).half


@pytest.mark.parametrize("threads", [1, 2])
def test_the_trainer_learns_the_same_from_either_table(pairs: PairCounts, threads: int) -> None:
    config = TrainConfig(k=5, dim=12, window=3, steps=30, threads=threads)
    losses = []
    for table in (pairs, sparse(pairs)):
        trainer = ExactTrainer(table, config)
        losses.append([progress.loss for progress in trainer][-1])
    assert losses[0] == pytest.approx(losses[1], rel=0.01)
    assert losses[0] < trainer.objective.at_zero() / 2


def test_the_thread_count_is_put_back() -> None:
    before = torch.get_num_threads()
    with pytest.raises(KeyError, match="True"), computing(before + 2):
        raise KeyError(torch.get_num_threads() == before + 2)
    assert torch.get_num_threads() == before
