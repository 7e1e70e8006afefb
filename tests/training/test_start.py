"""The starts of the exact trainer, and what tied tables keep on the way."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import torch

from bioskipgram.config import TrainConfig
from bioskipgram.counting.pairs import PairCounts, count
from bioskipgram.training.distributed import Group
from bioskipgram.training.exact import ExactTrainer
from bioskipgram.training.loss import ExpectedLoss
from bioskipgram.training.pair_table import PairTable
from bioskipgram.training.skipgram import SkipGram, computing
from bioskipgram.training.start import LONG, TIED_FLOOR, is_short, tied_start
from tests.conftest import MakeSequences
from tests.training.test_pair_table import sparse

CPU = torch.device("cpu")
CONFIG = TrainConfig(k=5, dim=12, window=3, negatives=4, noise_power=0.6, steps=20)


@pytest.fixture(scope="module")
def pairs(sequences: MakeSequences) -> PairCounts:
    """5-mers of 3,000 bases: most cells are empty."""
    letters = np.random.default_rng(1).choice(list("ACGT"), 3000, p=[0.4, 0.3, 0.2, 0.1])
    return count(sequences("".join(letters)), CONFIG)


def asymmetry(model: SkipGram) -> float:
    """How far x_ij - b_j is from symmetric, b the last column of the contexts."""
    x = model.center.double() @ model.context.double().T - model.context[:, -1]
    return float((x - x.T).abs().max())


def test_the_tied_start_is_the_best_weighted_fit_of_its_rank(pairs: PairCounts) -> None:
    objective = ExpectedLoss(pairs, CONFIG, CPU)
    weight, noise = (side.double().numpy() for side in (objective.whole, objective.noise))
    counts = pairs.counts.astype(float)
    with np.errstate(divide="ignore"):
        even = np.log(counts * weight.sum() / np.outer(weight, weight) / CONFIG.negatives)
    root = np.sqrt(np.maximum(weight / weight.mean(), 0.01))
    target = np.outer(root, root) * np.maximum(even, TIED_FLOOR)
    values, vectors = np.linalg.eigh(target)
    kept = np.argsort(-np.abs(values))[: CONFIG.dim - 1]
    best = (vectors[:, kept] * values[kept]) @ vectors[:, kept].T

    model = tied_start(objective, CONFIG.dim, seed=1)
    found = (model.center @ model.context.T - model.context[:, -1]).double().numpy()
    misfit = np.linalg.norm(found * np.outer(root, root) - target)
    # The decomposition is a randomised one: a little worse than the best, never better.
    least = np.linalg.norm(best - target)
    assert least <= misfit < 1.1 * least
    # The bias is all that is not symmetric in the best x.
    bias = np.log(weight * CONFIG.negatives / weight.sum() / noise)
    np.testing.assert_allclose(model.context[:, -1], bias, atol=0.01)
    assert asymmetry(model) < 1e-4


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("kind", ["dense", "sparse", "dense by torch", "sparse by torch"])
def test_the_tied_gradient_is_that_of_both_tables_together(
    pairs: PairCounts, kind: str, threads: int
) -> None:
    table = sparse(pairs) if "sparse" in kind else pairs
    objective = ExpectedLoss(table, CONFIG, CPU)
    if "torch" in kind:
        objective.table = PairTable(table, CPU, kernels=False)
    objective.tile = (100, 170)  # tiles on, across and off the diagonal
    model = tied_start(objective, CONFIG.dim, seed=1)
    with computing(threads):
        center, context = objective.gradient(model)
        found = objective.tied_gradient(model)
    signs = torch.sign((model.center * model.context).sum(dim=0))
    expected = center + context * signs
    expected[:, -1] = 0
    assert expected.abs().max() > 1e-4
    np.testing.assert_allclose(found[0], expected, rtol=0, atol=1e-8)
    np.testing.assert_allclose(found[1], expected * signs, rtol=0, atol=1e-8)


def test_rows_of_several_processes_have_the_tied_gradient_of_one(pairs: PairCounts) -> None:
    class Known(Group):
        def gather(self, rows: torch.Tensor) -> torch.Tensor:
            return torch.from_numpy(pairs.row_sums) if rows.ndim == 1 else rows

        def any(self, flag: bool) -> bool:
            return flag

    whole = ExpectedLoss(pairs, CONFIG, CPU)
    model, parts = tied_start(whole, CONFIG.dim, seed=1), []
    cuts = [0, 1, 300, len(pairs.vocabulary)]
    for start, stop in pairwise(cuts):
        some = PairCounts(pairs.vocabulary, pairs.counts[start:stop], pairs.window, start)
        part = ExpectedLoss(some, CONFIG, CPU, group=Known(1, 2))
        parts.append(part.tied_gradient(SkipGram(model.center[start:stop], model.context))[0])
    np.testing.assert_allclose(torch.cat(parts), whole.tied_gradient(model)[0], rtol=0, atol=1e-8)


def test_tied_tables_stay_so_and_are_ahead_of_as_much_work_on_two(pairs: PairCounts) -> None:
    tied = ExactTrainer(pairs, CONFIG)
    two = ExactTrainer(pairs, replace(CONFIG, steps=CONFIG.steps // 2), tied=False)
    start = tied.loss()
    assert (len(list(tied)), len(list(two))) == (20, 10)
    assert asymmetry(tied.model) < 1e-3 < asymmetry(two.model)
    assert tied.loss() < two.loss() < start


@pytest.mark.parametrize("tied", [True, False])
def test_a_state_is_gone_on_with_as_it_was_begun(pairs: PairCounts, *, tied: bool) -> None:
    begun, whole = (ExactTrainer(pairs, CONFIG, tied=tied) for _ in range(2))
    for progress in begun:
        if progress.step == 8:
            break
    again = ExactTrainer(pairs, CONFIG)
    again.restore(begun.state())
    assert again.tied == tied
    assert (len(list(again)), len(list(whole))) == (12, 20)
    assert again.loss() == pytest.approx(whole.loss(), rel=1e-6 if tied else 0.05)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, True),
        ({"steps": LONG - 1}, True),
        ({"steps": LONG}, False),
        ({"steps": 0}, False),
        ({"l2": 0.1}, False),
        ({"dim": 1}, False),
    ],
)
def test_short_plans_without_a_penalty_are_tied(
    pairs: PairCounts, changes: dict[str, float], *, expected: bool
) -> None:
    config = replace(CONFIG, **changes)  # type: ignore[arg-type]
    assert is_short(config) == expected
    assert ExactTrainer(pairs, config).tied == expected


def test_more_dimensions_than_kmers_leave_the_rest_empty(sequences: MakeSequences) -> None:
    config = TrainConfig(k=1, dim=8, steps=30)
    trainer = ExactTrainer(count(sequences("ACGTTGCAACGTAGCATTGACAGGT" * 4), config), config)
    list(trainer)
    assert trainer.loss() < trainer.objective.at_zero()
    assert (trainer.model.center[:, 4:-1] == 0).all()
    assert (trainer.model.center[:, :4] != 0).any(dim=0).all()
