"""The sampled trainer: what it draws, what it learns from that, and that it can be continued."""

import json
import math
from collections.abc import Callable
from itertools import islice
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from bioskipgram.config import TrainConfig
from bioskipgram.counting.corpus import Corpus
from bioskipgram.counting.pairs import count
from bioskipgram.errors import TrainingError
from bioskipgram.kmers.tokenizer import KmerTokenizer
from bioskipgram.kmers.vocabulary import Vocabulary
from bioskipgram.model.embedding import KmerEmbedding
from bioskipgram.numerics.arrays import Doubles
from bioskipgram.sequences.sequences import Sequences
from bioskipgram.training import hogwild_kernel as hogwild
from bioskipgram.training.exact import ExactTrainer
from bioskipgram.training.hogwild_kernel import Draws, Tables, Text
from bioskipgram.training.loss import ExpectedLoss
from bioskipgram.training.minibatch import Minibatch
from bioskipgram.training.sampled import SampledTrainer
from bioskipgram.training.skipgram import SkipGram, sampled_gradient
from bioskipgram.training.trainer import Training
from tests.conftest import MakeSequences

pytestmark = pytest.mark.usefixtures("one_thread")
CPU = torch.device("cpu")
engines = pytest.mark.parametrize("minibatch", [False, True], ids=["hogwild", "minibatch"])
sharing = pytest.mark.parametrize("shared", [False, True], ids=["apart", "shared"])
Pairs = tuple[np.ndarray[Any, Any], np.ndarray[Any, Any], np.ndarray[Any, Any]]


@pytest.fixture(scope="module")
def small(sequences: MakeSequences, motif_text: Callable[..., str]) -> Sequences:
    """Some 1,100 bases with motifs in them."""
    return sequences(motif_text(400))


@pytest.fixture(scope="module")
def larger(sequences: MakeSequences, motif_text: Callable[..., str]) -> Sequences:
    """Some 11,000 bases in two records."""
    return sequences(motif_text(3000), motif_text(1000, seed=6))


def trainer_of(sequences: Sequences, config: TrainConfig, **how: Any) -> SampledTrainer:
    vocabulary = Vocabulary.from_sequences(sequences, config.tokenizer, min_count=config.min_count)
    return SampledTrainer(Corpus.from_sequences(sequences, vocabulary), config, **how)


def run(trainer: SampledTrainer) -> SampledTrainer:
    for _ in trainer:
        pass
    return trainer


def trained(sequences: Sequences, config: TrainConfig) -> KmerEmbedding:
    training = Training(sequences, config)
    for _ in training:
        pass
    return training.embedding()


def places_as_tokens(lengths: list[int], **settings: Any) -> tuple[Corpus, TrainConfig]:
    """Sentences in which every token is its own place: pairs tell where they are."""
    T = sum(lengths)
    vocabulary = Vocabulary(KmerTokenizer(4), np.arange(T), np.ones(T, np.int64))
    corpus = Corpus(vocabulary, np.arange(T, dtype=np.int32), np.array([0, *np.cumsum(lengths)]))
    return corpus, TrainConfig(dim=2, **{"k": 4, "device": "cpu", **settings})


def text_of(corpus: Corpus, config: TrainConfig) -> Text:
    keep = hogwild.as_bits(corpus.vocabulary.keep_probability(config.subsample))
    return Text(corpus.tokens, corpus.offsets, keep if config.subsample else keep[:0])


def drawn(corpus: Corpus, config: TrainConfig, key: int) -> list[tuple[int, int, Any, Any]]:
    """(place, contexts, targets, weights) of every centre, as the kernel draws them."""
    text, draws, state = (
        text_of(corpus, config),
        Draws.of(corpus.vocabulary, config),
        np.uint64(key),
    )
    targets = np.empty(hogwild.room(draws), np.int32)
    weights = np.empty(len(targets), np.float32)
    found = []
    for start, stop in zip(corpus.offsets[:-1], corpus.offsets[1:], strict=True):
        for place in range(start, stop):
            m, n, state = hogwild.draw(
                text, draws, place, start, stop, np.uint64(key), np.uint64(state), targets, weights
            )
            found.append((place, m, targets[:n].copy(), weights[:n].copy()))
    return found


class Pairing:
    """Pairs as either engine draws them: centres, contexts, weights."""

    def __init__(self, corpus: Corpus, config: TrainConfig, *, minibatch: bool) -> None:
        self.corpus, self.config = corpus, config
        self.minibatch = Minibatch(
            SkipGram.random(len(corpus.vocabulary), 2, seed=1, device=CPU),
            (torch.ones(1), torch.ones(1)), corpus.vocabulary, config,
        ) if minibatch else None  # fmt: skip
        if self.minibatch:
            self.minibatch.read(corpus)

    def __call__(self, key: int) -> Pairs:
        if self.minibatch:
            places = torch.arange(len(self.corpus.tokens))
            centers, contexts = (part.numpy() for part in self.minibatch.pairs(places))
            return centers, contexts, np.ones(len(centers))
        text = text_of(self.corpus, self.config)
        # The walk asks whether the centre is thinned out, before it draws.
        kept = {i for i in range(len(text.tokens)) if hogwild._token(text, i, np.uint64(key)) >= 0}
        rows = [
            (self.corpus.tokens[place], targets[:m], weights[:m])
            for place, m, targets, weights in drawn(self.corpus, self.config, key)
            if place in kept
        ]
        centers = np.concatenate([np.full(len(t), c) for c, t, _ in rows])
        return centers, *(np.concatenate(part) for part in list(zip(*rows, strict=True))[1:])


# What is drawn -------------------------------------------------------------------------------


@engines
@pytest.mark.parametrize(
    "settings",
    [{"window": 1}, {"window": 2}, {"window": 5}, {"window": 8},
     {"window": 3, "contexts": "apart"}, {"window": 2, "contexts": "frame"},
     {"window": 2, "contexts": "frame-apart"}],
)  # fmt: skip
def test_pairs_stay_within_the_window_and_the_sentence(
    settings: dict[str, Any], minibatch: bool
) -> None:
    lengths = [1, 30, 2, 100, 3]
    corpus, config = places_as_tokens(lengths, **settings)
    pairing, sentence, seen = (
        Pairing(corpus, config, minibatch=minibatch),
        np.repeat(np.arange(5), lengths),
        set(),
    )
    for key in range(60):
        centers, contexts, _ = pairing(key)
        assert np.isin(np.abs(centers - contexts), config.distances).all()
        assert (sentence[centers] == sentence[contexts]).all()
        seen |= set(zip(centers.tolist(), contexts.tolist(), strict=True))
    near = {
        (i, j)
        for i in range(136)
        for j in range(136)
        if sentence[i] == sentence[j] and abs(i - j) in config.distances
    }
    assert seen == near  # and every one of them is drawn in time


@engines
@pytest.mark.parametrize("contexts", ["all", "non-overlapping", "frame", "frame-apart"])
@pytest.mark.parametrize("window", [1, 3, 6])
def test_distances_are_drawn_as_often_as_a_shrinking_window_reaches_them(
    window: int, contexts: str, minibatch: bool
) -> None:
    lengths, rounds = [60, 140], 200
    corpus, config = places_as_tokens(lengths, window=window, contexts=contexts)
    pairing, found = Pairing(corpus, config, minibatch=minibatch), np.zeros(200)
    for key in range(rounds):
        centers, targets, _ = pairing(key)
        found += np.bincount(np.abs(centers - targets), minlength=200)
    for i, d in enumerate(config.distances):
        places = 2 * sum(length - d for length in lengths)
        # Some 70,000 places: a share of 1/6 is off by about 1 %.
        expected = rounds * places * (window - i) / window
        assert found[d] == pytest.approx(expected, rel=0.04)
        found[d] = 0
    assert not found.any()


def test_shared_windows_are_whole_and_weigh_what_a_shrinking_one_reaches() -> None:
    corpus, config = places_as_tokens([1, 7, 30], window=4, shared_negatives=True, negatives=3)
    for place, m, targets, weights in drawn(corpus, config, 1):
        start, stop = (0, 1) if place < 1 else (1, 8) if place < 8 else (8, 38)
        near = {j: (4 - abs(place - j) + 1) / 4 for j in range(place - 4, place + 5)
                if start <= j < stop and j != place}  # fmt: skip
        assert dict(zip(targets[:m].tolist(), weights[:m].tolist(), strict=True)) == near
        assert weights[m:].sum() == pytest.approx(3 * sum(near.values()))
        assert len(targets) == (m + 3 * hogwild.SHARED_DRAWS if near else 0)


@engines
@pytest.mark.parametrize("subsample", [0.0, 0.02])
def test_drawn_pairs_are_on_average_those_that_are_counted(
    sequences: MakeSequences, motif_text: Callable[..., str], subsample: float, minibatch: bool
) -> None:
    texts = sequences(motif_text(60) + "N" + motif_text(30), "ACGTT")
    config = TrainConfig(k=2, dim=2, window=4, subsample=subsample, min_count=5, device="cpu")
    pairs = count(texts, config)
    assert len(pairs.vocabulary) < 16
    corpus = Corpus.from_sequences(texts, pairs.vocabulary)
    rounds, found = 500, np.zeros_like(pairs.counts)
    pairing = Pairing(corpus, config, minibatch=minibatch)
    for key in range(rounds):
        centers, contexts, weights = pairing(key)
        np.add.at(found, (centers, contexts), weights)
    assert np.abs(found / rounds - pairs.counts).sum() < 0.04 * pairs.total
    full = count(texts, TrainConfig.from_dict({**vars(config), "subsample": 0.0}))
    thinned = found.sum() / rounds / full.total
    assert thinned < 0.8 if subsample else thinned == pytest.approx(1, rel=0.01)


@given(weights=st.lists(st.floats(0, 1), min_size=1, max_size=40).filter(lambda w: sum(w) > 1e-3))
@settings(max_examples=50, deadline=None)
def test_an_alias_table_holds_its_distribution(weights: list[float]) -> None:
    noise = np.array(weights) / np.sum(weights)
    chance, other = hogwild.alias(noise)
    assert (chance >= 0).all()
    assert (chance <= 1 + 1e-9).all()
    share = np.bincount(other, 1 - chance, len(noise)) + chance
    np.testing.assert_allclose(share / len(noise), noise, atol=1e-9)


@engines
def test_negatives_follow_the_noise(minibatch: bool) -> None:
    vocabulary = Vocabulary(KmerTokenizer(2), np.arange(4), np.array([1, 10, 100, 0]))
    corpus = Corpus(vocabulary, np.tile(np.arange(3, dtype=np.int32), 40), np.array([0, 120]))
    config = TrainConfig(k=2, dim=2, negatives=50, device="cpu")
    if minibatch:
        pairing = Pairing(corpus, config, minibatch=True)
        assert pairing.minibatch
        negatives = pairing.minibatch._noise(700, 50).numpy().ravel()
    else:
        negatives = np.concatenate([t[m:] for _, m, t, _ in drawn(corpus, config, 3)])
    share = np.bincount(negatives, minlength=4) / len(negatives)
    np.testing.assert_allclose(share, vocabulary.noise(0.75), atol=0.01)


# What is learnt from the draws ---------------------------------------------------------------


def slow_step(
    tables: list[Doubles], center: int, targets: Any, weights: Any, m: int, rate: float, l2: float
) -> float:
    """One step of a centre in float64, target by target: tables and sums change in place."""
    u_all, v_all, u_squares, v_squares = tables
    u, slope, loss = u_all[center].copy(), np.zeros(u_all.shape[1]), 0.0
    x = [float(u @ v_all[target]) for target in targets]
    for e, (target, weight) in enumerate(zip(targets, weights, strict=True)):
        sign = -1 if e < m else 1
        loss += weight * np.log1p(np.exp(sign * x[e]))
        g = sign * weight / (1 + np.exp(-sign * x[e]))
        v = v_all[target].copy()
        own = g * u + (l2 * weight * v if e < m else 0)
        slope += g * v + (l2 * weight * u if e < m else 0)
        v_squares[target] += (own**2).mean()
        v_all[target] -= rate * own / np.sqrt(v_squares[target])
    u_squares[center] += (slope**2).mean()
    u_all[center] -= rate * slope / np.sqrt(u_squares[center])
    return loss


def random_tables(V: int, dim: int, seed: int) -> Tables:
    random = np.random.default_rng(seed)
    center, context = random.normal(size=(2, V, dim)).astype(np.float32)
    squares = random.uniform(0.5, 2, (2, V)).astype(np.float32)
    return Tables(center, context, squares[0], squares[1])


@sharing
@pytest.mark.parametrize("l2", [0.0, 0.3])
@pytest.mark.parametrize("subsample", [0.0, 0.05])
def test_the_kernel_steps_as_the_formula_in_float64(
    sequences: MakeSequences, motif_text: Callable[..., str], l2: float, subsample: float,
    shared: bool,
) -> None:  # fmt: skip
    texts = sequences(motif_text(20), "ACGNACGTACG")
    config = TrainConfig(k=2, dim=16, window=3, negatives=4, l2=l2, subsample=subsample,
                         shared_negatives=shared, min_count=3)  # fmt: skip
    corpus = Corpus.from_sequences(
        texts, Vocabulary.from_sequences(texts, config.tokenizer, min_count=3)
    )
    draws, text = Draws.of(corpus.vocabulary, config), text_of(corpus, config)
    tables = random_tables(len(corpus.vocabulary), 16, seed=2)
    slow = [table.astype(np.float64) for table in tables]
    T, key = len(corpus.tokens), np.uint64(77)
    loss, pairs = hogwild.walk(
        text, draws, tables, np.array([0]), T, np.float32(0.1), np.float32(l2), key
    )

    expected, weight, state = 0.0, 0.0, hogwild._mixed(key)
    targets = np.empty(hogwild.room(draws), np.int32)
    weights = np.empty(len(targets), np.float32)
    for start, stop in zip(corpus.offsets[:-1], corpus.offsets[1:], strict=True):
        for place in range(start, stop):
            center = hogwild._token(text, place, key)
            if center >= 0:
                m, n, state = hogwild.draw(
                    text, draws, place, start, stop, key, np.uint64(state), targets, weights
                )
                weight += weights[:m].sum()
                if m:
                    expected += slow_step(slow, center, targets[:n], weights[:n], m, 0.1, l2)
    assert loss == pytest.approx(expected, rel=1e-4)
    assert pairs == pytest.approx(weight)
    for fast, exact in zip(tables, slow, strict=True):
        np.testing.assert_allclose(fast, exact, rtol=2e-3, atol=2e-4)


def test_slopes_and_losses_of_any_product() -> None:
    x = np.linspace(-19, 19, 2001, dtype=np.float32)
    for m, sign in ((0, 1.0), (len(x), -1.0)):
        slopes, exact = x.copy(), sign * x.astype(np.float64)
        loss = hogwild._slopes(slopes, np.ones_like(x), m, len(x))
        np.testing.assert_allclose(slopes, sign / (1 + np.exp(-exact)), rtol=2e-5)
        assert loss == pytest.approx(np.logaddexp(0, exact).sum(), rel=1e-5)
    extreme = np.array([-1e4, 1e4], np.float32)
    assert hogwild._slopes(extreme, np.ones(2, np.float32), 0, 2) == pytest.approx(20, rel=1e-3)
    np.testing.assert_allclose(extreme, [0, 1], atol=1e-6)


@sharing
@engines
def test_the_loss_of_a_step_is_on_average_the_expected_loss(
    small: Sequences, shared: bool, minibatch: bool
) -> None:
    config = TrainConfig(k=2, dim=8, window=4, negatives=3, shared_negatives=shared, device="cpu",
                         threads=1, epochs=60, learning_rate=1e-9)  # fmt: skip
    trainer = trainer_of(small, config, minibatch=minibatch)
    random = np.random.default_rng(0)
    for table in trainer.model.tables:
        table.copy_(torch.from_numpy(random.normal(size=table.shape).astype(np.float32)))
    exact = ExpectedLoss(count(small, config), config, CPU).loss(trainer.model)
    losses = [progress.loss for progress in trainer]
    assert np.mean(losses) == pytest.approx(exact, rel=0.01)


def test_weights_are_repetitions() -> None:
    model = SkipGram.random(6, 4, seed=1, device=CPU)
    model.context.copy_(torch.randn(6, 4, generator=torch.Generator().manual_seed(1)))
    centers, targets = torch.tensor([0, 3]), torch.tensor([[1, 2, 4, 5], [2, 2, 0, 1]])
    weights = torch.tensor([[2.0, 1, 3, 0], [1, 0, 2, 1]])
    loss, by_center, by_target = sampled_gradient(
        model, centers, targets, weights=weights, contexts=2, l2=0.2
    )
    u, v = (table.double().requires_grad_() for table in model.tables)
    expected = torch.zeros((), dtype=torch.float64)
    penalty = torch.zeros((), dtype=torch.float64)
    for i in range(2):
        for j in range(4):
            x = u[centers[i]] @ v[targets[i, j]]
            expected = expected + weights[i, j] * torch.nn.functional.softplus(-x if j < 2 else x)
            if j < 2:
                squares = u[centers[i]].square().sum() + v[targets[i, j]].square().sum()
                penalty = penalty + 0.1 * weights[i, j] * squares
    (expected + penalty).backward()
    assert float(loss) == pytest.approx(float(expected.detach()), rel=1e-5)
    assert u.grad is not None
    assert v.grad is not None
    found = torch.zeros(6, 4).index_add_(0, centers, by_center)
    np.testing.assert_allclose(found, u.grad, atol=1e-5)
    found = torch.zeros(6, 4).index_add_(0, targets.flatten(), by_target.flatten(0, 1))
    np.testing.assert_allclose(found, v.grad, atol=1e-5)


# What comes out ------------------------------------------------------------------------------


@sharing
@engines
def test_poor_before_close_to_the_best_after(
    larger: Sequences, shared: bool, minibatch: bool
) -> None:
    config = TrainConfig(k=3, dim=8, epochs=12, batch=1024, shared_negatives=shared, device="cpu")
    judge = ExpectedLoss(count(larger, config), config, CPU)
    trainer = trainer_of(larger, config, minibatch=minibatch)

    def gap() -> float:
        return (judge.loss(trainer.model) - judge.optimum()) / (judge.at_zero() - judge.optimum())

    assert gap() > 0.9
    run(trainer)
    best = trained(larger, TrainConfig(k=3, dim=8, steps=100)).info.gap
    assert best is not None
    assert best - 0.001 < gap() < best + 0.01


@sharing
@engines
def test_a_strong_penalty_leaves_the_exact_trainers_minimum(
    larger: Sequences, shared: bool, minibatch: bool
) -> None:
    config = TrainConfig(k=3, dim=8, l2=1.0, steps=100, epochs=10, batch=2048,
                         shared_negatives=shared, device="cpu")  # fmt: skip
    exact = ExactTrainer(count(larger, config), config)
    for _ in exact:
        pass
    model = run(trainer_of(larger, config, minibatch=minibatch)).model
    judge = ExpectedLoss(count(larger, config), config, CPU)
    assert judge.loss(model) == pytest.approx(exact.loss(), rel=0.005)
    sizes = [sum(float((t**2).sum()) for t in one.arrays()) for one in (model, exact)]
    assert sizes[0] == pytest.approx(sizes[1], rel=0.03)


def test_several_threads_learn_as_much(larger: Sequences) -> None:
    config = TrainConfig(k=3, dim=8, epochs=8, batch=1024, threads=3, device="cpu")
    judge = ExpectedLoss(count(larger, config), config, CPU)
    one = TrainConfig.from_dict({**vars(config), "threads": 1})
    losses = [judge.loss(run(trainer_of(larger, each)).model) for each in (config, one)]
    assert losses[0] == pytest.approx(losses[1], rel=0.01)


def test_a_vocabulary_too_large_to_count_is_learnt_by_sampling(larger: Sequences) -> None:
    config = TrainConfig(k=9, dim=8, epochs=4, batch=2048)
    info = (embedding := trained(larger, config)).info
    assert len(embedding) > 3000
    assert info.trainer == "sampled"
    assert info.optimum is info.zero_loss is info.gap is None
    start = (1 + config.negatives) * math.log(2)
    assert info.losses[0][1] == pytest.approx(start, rel=0.05)
    assert info.loss == info.losses[-1][1] < 0.6 * start


def test_before_its_first_batch_the_loss_is_that_of_zero_vectors(larger: Sequences) -> None:
    info = Training(larger, TrainConfig(k=9, dim=8, negatives=7)).embedding().info
    assert info.loss == pytest.approx(8 * math.log(2))
    assert info.steps_done == 0
    assert info.losses == ()


def test_batches_without_a_pair_leave_no_trace_in_the_history(small: Sequences) -> None:
    config = TrainConfig(k=9, dim=2, epochs=3, batch=12, subsample=1e-5)
    training = Training(small, config)
    losses = [progress.loss for progress in training]
    assert any(math.isnan(loss) for loss in losses)
    assert any(math.isfinite(loss) for loss in losses)
    info = training.embedding().info
    assert len(info.losses) > 0
    json.dumps(info.to_dict(), allow_nan=False)  # what a checkpoint writes


@engines
def test_padding_stays_zero_and_tables_are_shared(small: Sequences, minibatch: bool) -> None:
    trainer = trainer_of(
        small, TrainConfig(k=2, dim=5, epochs=1, l2=0.1, device="cpu"), minibatch=minibatch
    )
    before = trainer.tables["center"].clone()
    run(trainer)
    center = trainer.tables["center"]
    assert center.is_contiguous()
    assert center.shape[1] % hogwild.LANES == 0
    assert not center[:, 5:].any()
    assert (center[:, :5] == trainer.model.center).all()
    assert (center != before).any()
    trainer.tables["context"].zero_()
    assert not trainer.model.context.any()


# Stop and continue ---------------------------------------------------------------------------


def continued(sequences: Sequences, config: TrainConfig, stop: int, **how: Any) -> SampledTrainer:
    first = trainer_of(sequences, config, **how)
    for _ in islice(first, stop):
        pass
    state = {name: array.copy() for name, array in first.state().items()}
    second = trainer_of(sequences, config, **how)
    second.restore(state)
    return second


def same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    return (
        all(np.array_equal(one[name], other[name]) for name in one) and one.keys() == other.keys()
    )


@sharing
@engines
@pytest.mark.parametrize("stop", [0, 4, 37])
def test_a_continued_run_gives_the_same_bytes(
    small: Sequences, shared: bool, minibatch: bool, stop: int
) -> None:
    config = TrainConfig(k=3, dim=7, epochs=3, batch=256, subsample=0.02, threads=1,
                         shared_negatives=shared, device="cpu")  # fmt: skip
    whole = trainer_of(small, config, minibatch=minibatch)
    for _ in islice(whole, stop + 6):
        pass
    second = continued(small, config, stop, minibatch=minibatch)
    assert [progress.step for progress in islice(second, 6)] == list(range(stop + 1, stop + 7))
    assert same(second.state(), whole.state())
    assert same(run(second).state(), run(whole).state())
    assert second.losses == whole.losses
    assert second.step == second.steps


def test_a_state_is_a_copy(small: Sequences) -> None:
    trainer = trainer_of(small, TrainConfig(k=2, dim=4, epochs=1, device="cpu"))
    before = trainer.state()
    kept = {name: array.copy() for name, array in before.items()}
    run(trainer)
    assert same(before, kept)
    assert not same(before, trainer.state())


@pytest.mark.parametrize("name", ["center", "context_squares", "step"])
def test_another_models_state_is_refused(small: Sequences, name: str) -> None:
    trainer = trainer_of(small, TrainConfig(k=2, dim=4, device="cpu"))
    state = trainer.state()
    with pytest.raises(TrainingError, match=rf"^state, {name}: expected shape \(.*found nothing"):
        trainer.restore({key: state[key] for key in state if key != name})
    with pytest.raises(TrainingError, match=rf"^state, {name}: .* found \(3,\); resume with"):
        trainer.restore({**state, name: np.zeros(3, np.float32)})


@engines
def test_each_epoch_can_cut_the_sequences_anew(small: Sequences, minibatch: bool) -> None:
    config = TrainConfig(k=2, dim=4, epochs=4, threads=1, device="cpu", batch=300)
    vocabulary = Vocabulary.from_sequences(small, config.tokenizer)
    whole = Corpus.from_sequences(small, vocabulary)
    asked = []

    def recut(epoch: int) -> Corpus:
        asked.append(epoch)
        tokens = whole.tokens[:1] if epoch == 2 else np.roll(whole.tokens, 7 * epoch)
        return Corpus(vocabulary, tokens, np.array([0, len(tokens)]))

    def make() -> SampledTrainer:
        return SampledTrainer(whole, config, recut=recut, minibatch=minibatch)

    first = make()
    news = list(first)
    assert asked == [1, 2, 3]
    each = len(news) // 4
    # A corpus of one token has no pair.
    assert [math.isnan(progress.loss) for progress in news].count(True) == each
    assert all(math.isnan(progress.loss) for progress in news[2 * each : 3 * each])

    second = make()
    for _ in islice(second, each + 2):
        pass
    third = make()
    third.restore(second.state())
    assert same(run(third).state(), first.state())


# What is refused -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tokens", "settings", "fine"),
    [
        ([0, 1], {}, True),
        ([0, -1, 1], {"window": 1}, False),
        ([0, -1, 1], {"window": 2}, True),
        ([0, 1, 0, 1], {"contexts": "apart"}, False),
        ([0, 1, 0, 1, 0], {"contexts": "apart"}, True),
        ([0, 1, 0], {"contexts": "frame"}, False),
        ([0, -1, -1, 1], {"contexts": "frame", "window": 1}, True),
        ([-1, -1], {}, False),
    ],
)
def test_a_pair_is_wanted_at_one_of_the_distances(
    tokens: list[int], settings: dict[str, Any], fine: bool
) -> None:
    vocabulary = Vocabulary(KmerTokenizer(4), np.arange(2), np.ones(2, np.int64))
    corpus = Corpus(vocabulary, np.array(tokens, np.int32), np.array([0, len(tokens)]))
    config = TrainConfig(k=4, dim=2, device="cpu", **settings)
    if fine:
        SampledTrainer(corpus, config)
    else:
        with pytest.raises(TrainingError, match="no two k-mers are within the window"):
            SampledTrainer(corpus, config)
