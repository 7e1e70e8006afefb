"""The sample that stands for all negatives of a large vocabulary."""

import numpy as np
import pytest
import torch

from bioskipgram.config import TrainConfig
from bioskipgram.counting.pairs import PairCounts, count
from bioskipgram.training.exact import ExactTrainer
from bioskipgram.training.loss import ExpectedLoss
from bioskipgram.training.negatives import Sample
from bioskipgram.training.skipgram import SkipGram
from tests.conftest import MakeSequences
from tests.training.test_pair_table import sparse

V, D = 300, 5
CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def chance() -> torch.Tensor:
    """Chances over two orders of magnitude, some so great that they are always drawn."""
    weights = torch.exp(2 * torch.randn(V, generator=torch.Generator().manual_seed(1)))
    return weights / weights.sum()


def tables() -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(2)
    return torch.randn(40, D, generator=generator), torch.randn(V, D, generator=generator)


def test_each_is_drawn_as_often_as_its_chance_says(chance: torch.Tensor) -> None:
    draws = [Sample.drawn(chance, 60, (7, step)) for step in range(2000)]
    times = torch.bincount(torch.cat([each.kmers for each in draws]), minlength=V) / len(draws)
    np.testing.assert_allclose(times, (60 * chance).clamp(max=1), atol=0.05)
    assert (times == 1).any()
    for each in draws[:50]:
        assert len(each.kmers.unique()) == len(each.kmers)
        np.testing.assert_allclose(each.weight * (60 * chance[each.kmers]).clamp(max=1), 1, 1e-5)


def test_the_same_step_of_the_same_seed_draws_the_same(chance: torch.Tensor) -> None:
    first, again, other = (Sample.drawn(chance, 60, seed) for seed in ((1, 1), (1, 1), (1, 2)))
    assert torch.equal(first.kmers, again.kmers)
    assert not torch.equal(first.kmers, other.kmers)


def test_a_small_vocabulary_is_taken_whole(chance: torch.Tensor) -> None:
    whole = Sample.drawn(chance, V, (1, 1))
    assert torch.equal(whole.kmers, torch.arange(V))
    assert (whole.weight == 1).all()


def test_slopes_and_loss_are_right_on_average(chance: torch.Tensor) -> None:
    own, other = tables()
    scale, weights = torch.rand(40) + 0.5, chance * 3
    x = (own @ other.T).double()
    loss = float(scale.double() @ torch.nn.functional.softplus(x) @ weights.double())
    slopes = scale[:, None] * ((torch.sigmoid(x) * weights) @ other.double())
    draws = [Sample.drawn(chance, 60, (3, step)) for step in range(400)]
    found = [each.pushed(own, other, scale, weights, torch.float32) for each in draws]
    spread = torch.stack(found).std(dim=0)
    assert spread.max() > 1e-3  # or nothing was drawn
    error = (torch.stack(found).mean(dim=0) - slopes).abs()
    assert (error < 5 * spread / 20 + 1e-6).all()
    losses = [each.loss(own, other, scale, weights) for each in draws]
    assert np.mean(losses) == pytest.approx(loss, abs=5 * np.std(losses) / 20)


@pytest.fixture(scope="module")
def pairs(sequences: MakeSequences) -> PairCounts:
    letters = np.random.default_rng(1).choice(list("ACGT"), 20_000, p=[0.4, 0.3, 0.2, 0.1])
    return count(sequences("".join(letters)), TrainConfig(k=5, window=3))


def test_the_loss_on_the_way_is_the_loss_where_all_are_drawn(pairs: PairCounts) -> None:
    config = TrainConfig(k=5, dim=D, window=3)
    objective = ExpectedLoss(sparse(pairs), config, CPU)
    center, context = torch.randn(
        2, len(pairs.vocabulary), D, generator=torch.Generator().manual_seed(3)
    )
    model = SkipGram(center, context)
    assert objective.loss_near(model, 1) == pytest.approx(objective.loss(model), rel=1e-5)
    objective.sample = 200
    near = [objective.loss_near(model, step) for step in range(20)]
    assert len(set(near)) == len(near)
    assert np.mean(near) == pytest.approx(objective.loss(model), rel=0.02)


@pytest.mark.parametrize("steps", [30, 60])
def test_a_sample_learns_nearly_what_all_negatives_do(pairs: PairCounts, steps: int) -> None:
    config, losses = TrainConfig(k=5, dim=16, window=3, steps=steps), []
    for size in (1 << 20, 300):
        trainer = ExactTrainer(sparse(pairs), config)
        trainer.objective.sample = size
        list(trainer)
        losses.append(trainer.loss())
        zero = trainer.objective.at_zero()
    assert trainer.losses[-1][1] == pytest.approx(losses[1], rel=1e-6)
    assert losses[0] < losses[1] < losses[0] + 0.1 * (zero - losses[0])
