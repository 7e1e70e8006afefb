"""The exact and the sampled loss, against their formulas written out in float64."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from bioskipgram.config import TrainConfig
from bioskipgram.counting.pairs import PairCounts, count
from bioskipgram.errors import TrainingError
from bioskipgram.training.loss import ExpectedLoss
from bioskipgram.training.skipgram import SkipGram, pick_device, sampled_gradient
from tests.conftest import MakeSequences

Doubles = NDArray[np.float64]
CPU = torch.device("cpu")
FLOAT32 = 2e-6
"""Losses are of order 1 and are sums of a few hundred cells, each rounded to 6e-8 of itself."""
CONFIG = TrainConfig(k=2, dim=3, window=2, negatives=3)


def random_text(length: int, seed: int) -> str:
    return "".join(np.random.default_rng(seed).choice(list("ACGT"), length, p=[0.4, 0.3, 0.2, 0.1]))


@pytest.fixture(scope="module")
def pairs(sequences: MakeSequences) -> PairCounts:
    """All 16 2-mers, some of which never meet."""
    pairs = count(sequences(random_text(500, 1), random_text(40, 2)), CONFIG)
    assert len(pairs.vocabulary) == 16
    assert (pairs.counts == 0).any()
    return pairs


@pytest.fixture(scope="module")
def dense(sequences: MakeSequences) -> PairCounts:
    """All four bases, each of which meets each."""
    pairs = count(sequences(random_text(500, 3)), TrainConfig(k=1, window=5))
    assert (pairs.counts > 0).all()
    return pairs


def model_of(center: Doubles, context: Doubles) -> SkipGram:
    return SkipGram(
        torch.tensor(center, dtype=torch.float32), torch.tensor(context, dtype=torch.float32)
    )


def random_tables(
    V: int = 16, dim: int = 3, *, seed: int = 1, scale: float = 1.0
) -> tuple[Doubles, Doubles]:
    """Both tables; rounded to float32, so that float64 formulas see what the model sees."""
    tables = scale * np.random.default_rng(seed).standard_normal((2, V, dim))
    center, context = tables.astype(np.float32).astype(np.float64)
    return center, context


def log_sigmoid(x: Doubles) -> Doubles:
    return -np.logaddexp(0, -x)


def formula(pairs: PairCounts, config: TrainConfig, x: Doubles) -> float:
    """-sum_ij [N_ij log s(x_ij) + n N_i q_j log s(-x_ij)] / sum_ij N_ij."""
    N = pairs.counts.astype(np.float64)
    q = pairs.vocabulary.counts**config.noise_power
    q = q / q.sum()
    negative = config.negatives * np.outer(N.sum(axis=1), q)
    return float(-(N * log_sigmoid(x) + negative * log_sigmoid(-x)).sum() / N.sum())


def objective_formula(
    pairs: PairCounts, config: TrainConfig, center: Doubles, context: Doubles
) -> float:
    """The loss plus (l2 / 2) sum_ij N_ij (|u_i|^2 + |v_j|^2) / sum_ij N_ij."""
    penalty = 0.0
    N = pairs.counts.astype(np.float64)
    for i, u in enumerate(center):
        for j, v in enumerate(context):
            penalty += N[i, j] * (u @ u + v @ v)
    return formula(pairs, config, center @ context.T) + config.l2 / 2 * penalty / N.sum()


# The expected loss ---------------------------------------------------------------------------


@pytest.mark.parametrize("noise_power", [0.0, 0.75, 1.0])
@pytest.mark.parametrize("negatives", [1, 5])
@pytest.mark.parametrize("scale", [0.0, 0.1, 1.0, 5.0])
def test_the_loss_is_the_formula(
    pairs: PairCounts, noise_power: float, negatives: int, scale: float
) -> None:
    config = TrainConfig(noise_power=noise_power, negatives=negatives)
    center, context = random_tables(scale=scale)
    loss = ExpectedLoss(pairs, config, CPU).loss(model_of(center, context))
    assert loss == pytest.approx(formula(pairs, config, center @ context.T), rel=FLOAT32)


def test_the_penalty_is_no_part_of_the_loss(pairs: PairCounts) -> None:
    model = model_of(*random_tables())
    plain, penalised = TrainConfig(), TrainConfig(l2=1.0)
    assert ExpectedLoss(pairs, plain, CPU).loss(model) == ExpectedLoss(pairs, penalised, CPU).loss(
        model
    )


@pytest.mark.parametrize("l2", [0.0, 0.3])
@pytest.mark.parametrize("scale", [0.1, 1.0])
def test_the_gradient_is_that_of_finite_differences(
    pairs: PairCounts, l2: float, scale: float
) -> None:
    config = TrainConfig(negatives=3, l2=l2)
    tables = random_tables(scale=scale)
    # Central differences of the float64 formula: off by about step^2 = 1e-10.
    step, slopes = 1e-5, [np.zeros_like(table) for table in tables]
    for table, slope in zip(tables, slopes, strict=True):
        for place in np.ndindex(table.shape):
            value = table[place]
            table[place] = value + step
            above = objective_formula(pairs, config, *tables)
            table[place] = value - step
            below = objective_formula(pairs, config, *tables)
            table[place] = value
            slope[place] = (above - below) / (2 * step)

    found = ExpectedLoss(pairs, config, CPU).gradient(model_of(*tables))
    for gradient, slope in zip(found, slopes, strict=True):
        assert np.abs(slope).max() > 1000 * FLOAT32
        np.testing.assert_allclose(gradient.numpy(), slope, rtol=0, atol=FLOAT32)


@pytest.mark.parametrize("tile", [(1, 1), (5, 3), (16, 5), (3, 1000)])
def test_the_tile_size_does_not_matter(pairs: PairCounts, tile: tuple[int, int]) -> None:
    model = model_of(*random_tables())
    objective, tiled = (ExpectedLoss(pairs, CONFIG, CPU) for _ in range(2))
    tiled.tile = tile
    assert len(list(tiled.tiles())) == -(-16 // tile[0]) * -(-16 // tile[1])
    assert tiled.loss(model) == pytest.approx(objective.loss(model), rel=FLOAT32)
    assert tiled.optimum() == pytest.approx(objective.optimum(), rel=FLOAT32)
    for part, full in zip(tiled.gradient(model), objective.gradient(model), strict=True):
        np.testing.assert_allclose(part.numpy(), full.numpy(), atol=FLOAT32)


# Its bounds ----------------------------------------------------------------------------------


def test_all_zero_vectors_have_the_zero_loss(pairs: PairCounts) -> None:
    objective = ExpectedLoss(pairs, CONFIG, CPU)
    zeros = np.zeros((16, 3))
    assert objective.at_zero() == pytest.approx((1 + CONFIG.negatives) * np.log(2), rel=FLOAT32)
    assert objective.at_zero() == pytest.approx(objective.loss(model_of(zeros, zeros)), rel=FLOAT32)


def best_x(pairs: PairCounts, config: TrainConfig) -> Doubles:
    """log(N_ij / (n N_i q_j)), -infinity where two k-mers never meet."""
    N = pairs.counts.astype(np.float64)
    q = pairs.vocabulary.noise(config.noise_power)
    with np.errstate(divide="ignore"):
        best: Doubles = np.log(N / (config.negatives * np.outer(N.sum(axis=1), q)))
    return best


def test_the_optimum_is_the_loss_at_the_best_x(pairs: PairCounts) -> None:
    # -700 stands for -infinity: N_ij is 0 there, and log s(700) is 0 in float64.
    x = np.maximum(best_x(pairs, CONFIG), -700)
    optimum = ExpectedLoss(pairs, CONFIG, CPU).optimum()
    assert optimum == pytest.approx(formula(pairs, CONFIG, x), rel=FLOAT32)


def test_vectors_with_the_best_products_reach_the_optimum(dense: PairCounts) -> None:
    objective = ExpectedLoss(dense, CONFIG, CPU)
    reached = objective.loss(model_of(best_x(dense, CONFIG), np.eye(4)))
    assert reached == pytest.approx(objective.optimum(), rel=FLOAT32)
    assert reached < objective.at_zero() - 0.01


@settings(deadline=None, max_examples=60)
@given(
    seed=st.integers(0, 10**6),
    dim=st.integers(1, 20),
    scale=st.sampled_from([0.01, 0.3, 1.0, 3.0]),
    negatives=st.integers(1, 20),
    noise_power=st.sampled_from([0.0, 0.75, 1.0]),
)
def test_no_vectors_beat_the_optimum(
    pairs: PairCounts, seed: int, dim: int, scale: float, negatives: int, noise_power: float
) -> None:
    config = TrainConfig(negatives=negatives, noise_power=noise_power)
    objective = ExpectedLoss(pairs, config, CPU)
    model = model_of(*random_tables(dim=dim, seed=seed, scale=scale))
    assert objective.optimum() < objective.loss(model)
    assert objective.optimum() < objective.at_zero()


@settings(deadline=None, max_examples=30)
@given(seed=st.integers(0, 10**6), nudge=st.sampled_from([0.02, 0.1, 1.0]))
def test_leaving_the_best_vectors_costs(dense: PairCounts, seed: int, nudge: float) -> None:
    objective = ExpectedLoss(dense, CONFIG, CPU)
    away = nudge * np.random.default_rng(seed).standard_normal((4, 4))
    moved = objective.loss(model_of(best_x(dense, CONFIG) + away, np.eye(4)))
    assert moved >= objective.optimum() - FLOAT32


def test_the_log_ratio_is_the_best_x_above_a_floor(pairs: PairCounts) -> None:
    times, transposed_times = ExpectedLoss(pairs, CONFIG, CPU).log_ratio(-2.0)
    ratio = times(torch.eye(16)).numpy()
    assert (transposed_times(torch.eye(16)).numpy() == ratio.T).all()
    np.testing.assert_allclose(ratio, np.maximum(best_x(pairs, CONFIG), -2.0), atol=1e-5)
    assert (ratio == -2.0).any()


# The sampled loss ----------------------------------------------------------------------------


def batch_formula(
    center: Doubles, context: Doubles, centers: list[int], targets: list[list[int]], l2: float
) -> tuple[float, float]:
    """Loss and penalty of a batch, pair by pair: the first target is the true context."""
    loss = penalty = 0.0
    for i, (true, *negatives) in zip(centers, targets, strict=True):
        loss -= float(log_sigmoid(center[i] @ context[true]))
        for negative in negatives:
            loss -= float(log_sigmoid(-(center[i] @ context[negative])))
        penalty += l2 / 2 * (center[i] @ center[i] + context[true] @ context[true])
    return loss, penalty


# Tokens that occur twice, as a negative of their own pair, as centre and context at once.
CENTERS = [0, 2, 2, 4]
TARGETS = [[1, 3, 1, 0], [2, 2, 0, 4], [3, 0, 0, 0], [0, 1, 2, 3]]


@pytest.mark.parametrize("l2", [0.0, 0.3])
def test_the_loss_of_a_batch_is_the_formula(l2: float) -> None:
    tables = random_tables(5)
    loss, by_center, by_target = sampled_gradient(
        model_of(*tables), torch.tensor(CENTERS), torch.tensor(TARGETS), l2=l2
    )
    assert float(loss) == pytest.approx(
        batch_formula(*tables, CENTERS, TARGETS, l2)[0], rel=FLOAT32
    )
    assert by_center.shape == (4, 3)
    assert by_target.shape == (4, 4, 3)


@pytest.mark.parametrize("l2", [0.0, 0.3])
def test_the_gradient_of_a_batch_is_that_of_finite_differences(l2: float) -> None:
    tables = random_tables(5)
    _, by_center, by_target = sampled_gradient(
        model_of(*tables), torch.tensor(CENTERS), torch.tensor(TARGETS), l2=l2
    )
    # Gradients come pair by pair; those of one row add up.
    found = [np.zeros((5, 3)), np.zeros((5, 3))]
    np.add.at(found[0], CENTERS, by_center.numpy())
    np.add.at(found[1], TARGETS, by_target.numpy())

    step = 1e-5
    for table, gradient in zip(tables, found, strict=True):
        for place in np.ndindex(table.shape):
            value = table[place]
            table[place] = value + step
            above = sum(batch_formula(*tables, CENTERS, TARGETS, l2))
            table[place] = value - step
            below = sum(batch_formula(*tables, CENTERS, TARGETS, l2))
            table[place] = value
            slope = (above - below) / (2 * step)
            assert gradient[place] == pytest.approx(slope, abs=1e-5)


def test_drawn_pairs_and_negatives_cost_what_is_expected(pairs: PairCounts) -> None:
    tables = random_tables(scale=1.0)
    model = model_of(*tables)
    random = np.random.default_rng(8)
    N = pairs.counts.astype(np.float64)
    batches, size = 100, 2_000
    means = []
    for _ in range(batches):
        cells = random.choice(N.size, size, p=(N / N.sum()).ravel())
        centers, contexts = np.divmod(cells, 16)
        noise = pairs.vocabulary.noise(CONFIG.noise_power)
        negatives = random.choice(16, (size, CONFIG.negatives), p=noise)
        targets = np.concatenate([contexts[:, None], negatives], axis=1)
        loss, *_ = sampled_gradient(model, torch.from_numpy(centers), torch.from_numpy(targets))
        means.append(float(loss) / size)
    expected = ExpectedLoss(pairs, CONFIG, CPU).loss(model)
    error = np.std(means) / np.sqrt(batches)
    assert error < 0.005 * expected  # so the next line says something
    assert abs(np.mean(means) - expected) < 4 * error


def test_a_table_without_a_pair_has_no_loss(pairs: PairCounts) -> None:
    nothing = PairCounts(pairs.vocabulary, np.zeros((16, 16), np.float32), 2)
    with pytest.raises(TrainingError, match="no two k-mers are within the window"):
        ExpectedLoss(nothing, CONFIG, CPU)


# Tables and devices --------------------------------------------------------------------------


def test_random_tables_start_as_word2vecs() -> None:
    model = SkipGram.random(500, 20, seed=3, device=CPU)
    assert model.center.shape == model.context.shape == (500, 20)
    assert (model.context == 0).all()
    assert model.center.abs().max() <= 0.5 / 20
    assert model.center.abs().max() > 0.49 / 20
    assert model.center.mean().abs() < 0.001
    again, other = (SkipGram.random(500, 20, seed=seed, device=CPU) for seed in (3, 4))
    assert torch.equal(model.center, again.center)
    assert not torch.equal(model.center, other.center)


def test_arrays_are_copies() -> None:
    model = SkipGram.random(4, 2, seed=1, device=CPU)
    center, _ = model.arrays()
    before = center.copy()
    model.center += 1
    assert center.dtype == np.float32
    assert (center == before).all()


def test_devices_are_picked_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert pick_device("cpu") == pick_device("auto") == torch.device("cpu")
    with pytest.raises(TrainingError, match=r"^device: cuda was chosen, but torch finds none"):
        pick_device("cuda")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert pick_device("cuda") == pick_device("auto") == torch.device("cuda")
    assert pick_device("cpu") == torch.device("cpu")


@pytest.mark.skipif(not torch.cuda.is_available(), reason="torch finds no CUDA device here")
@pytest.mark.parametrize("l2", [0.0, 0.3])
def test_cuda_and_cpu_agree(pairs: PairCounts, l2: float) -> None:
    config = TrainConfig(negatives=3, l2=l2)
    model, cuda = model_of(*random_tables()), torch.device("cuda")
    moved = SkipGram(model.center.to(cuda), model.context.to(cuda))
    here, there = ExpectedLoss(pairs, config, CPU), ExpectedLoss(pairs, config, cuda)
    assert there.loss(moved) == pytest.approx(here.loss(model), rel=1e-5)
    assert there.optimum() == pytest.approx(here.optimum(), rel=1e-5)
    for found, expected in zip(there.gradient(moved), here.gradient(model), strict=True):
        np.testing.assert_allclose(found.cpu().numpy(), expected.numpy(), atol=1e-5)
    for found, expected in zip(there.tied_gradient(moved), here.tied_gradient(model), strict=True):
        np.testing.assert_allclose(found.cpu().numpy(), expected.numpy(), atol=1e-5)
    batch = torch.tensor(CENTERS), torch.tensor(TARGETS)
    drawn = sampled_gradient(moved, *(part.to(cuda) for part in batch), l2=l2)
    for found, expected in zip(drawn, sampled_gradient(model, *batch, l2=l2), strict=True):
        np.testing.assert_allclose(found.cpu().numpy(), expected.numpy(), atol=1e-5)
