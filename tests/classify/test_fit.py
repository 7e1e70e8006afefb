"""Fits: the optimum of scikit-learn, choices in folds, planted motifs, seeds."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from bioskipgram.classify import fit as fit_module
from bioskipgram.classify import held_out
from bioskipgram.classify.blocks import Block
from bioskipgram.classify.calibration import best_threshold, calibrate
from bioskipgram.classify.evaluate import judge
from bioskipgram.classify.fit import fit
from bioskipgram.classify.labelled import Labelled, labelled
from bioskipgram.classify.leaks import groups_of
from bioskipgram.classify.logistic import log_ratio, path, sums
from bioskipgram.classify.settings import ClassifyConfig
from bioskipgram.errors import ConfigError
from tests.classify.conftest import planted


def test_the_path_reaches_the_optimum_of_scikit_learn(bound: Labelled) -> None:
    table = Block(("kmers",), longest=5).features(bound.sequences)
    rows, positive = np.arange(len(bound)), bound.labels == 1
    scale, costs = np.ones(table.shape[1], np.float32), (0.1, 0.8, 3.2)
    lines = path(table, scale, rows, positive, costs, np.random.default_rng(1))
    constant = np.hstack([table.toarray(), np.ones((len(bound), 1))])  # the bias is penalised
    signs = np.where(positive, 1, -1)
    for line in lines:
        best = LogisticRegression(C=line.cost, fit_intercept=False, tol=1e-8, max_iter=5000)
        best.fit(constant, positive)
        own = np.append(line.weights, line.bias).astype(np.float64)
        found, lowest = (
            w @ w / 2 + line.cost * np.logaddexp(0, -signs * (constant @ w)).sum()
            for w in (own, best.coef_[0])
        )
        assert found == pytest.approx(lowest, rel=3e-5)
        assert line.margins(table, rows) == pytest.approx(constant @ own, abs=1e-3)


def test_scaled_columns_are_a_scaled_table(bound: Labelled) -> None:
    table = Block(("kmers",), longest=3).features(bound.sequences)
    rows, positive = np.arange(len(bound)), bound.labels == 1
    scale = log_ratio(sums(table, rows[positive]), sums(table, rows[~positive]))
    one = next(path(table, scale, rows, positive, (1.0,), np.random.default_rng(1)))
    other = next(
        path(
            table.multiply(scale).tocsr().astype(np.float32), np.ones_like(scale), rows, positive,
            (1.0,), np.random.default_rng(1),
        )
    )  # fmt: skip
    assert one.weights == pytest.approx(other.weights * scale, abs=2e-3)


def test_log_ratios_are_those_of_the_shares() -> None:
    found = log_ratio(np.array([9.0, 0.0]), np.array([0.0, 9.0]))
    assert found[0] > 0 > found[1]
    assert found[0] == pytest.approx(-found[1])


def test_a_planted_motif_is_learnt(bound: Labelled, others: Labelled) -> None:
    made = fit(bound)
    assert judge(made, others).mcc > 0.5
    assert made.block.merged  # it is on either strand
    assert not made.length
    shuffled = np.random.default_rng(1).permutation(bound.labels)
    null = fit(Labelled(bound.sequences, shuffled, bound.classes))
    assert abs(judge(null, others).mcc) < 0.25


def test_a_motif_at_its_position_makes_positions_count() -> None:
    made = fit(planted(300, at=20))
    assert made.length == 60
    assert judge(made, planted(200, at=20, seed=2)).mcc > 0.9


def test_three_classes_have_three_margins(bound: Labelled) -> None:
    names = [("low", "middle", "high")[i % 3] for i in range(len(bound))]
    gc = {"low": b"AT", "middle": b"ACGT", "high": b"GC"}
    random = np.random.default_rng(1)
    from bioskipgram.sequences.upload import read_all

    texts = [random.choice(list(gc[name]), 50).astype(np.uint8).tobytes() for name in names]
    data = b"".join(b">x\n" + text + b"\n" for text in texts)
    items = labelled(read_all([("x.fa", data)]).sequences, names)
    made = fit(items, ClassifyConfig(aligned="no"))
    assert made.weights.shape[1] == 3
    assert made.probabilities(items.sequences).sum(axis=1) == pytest.approx(1)
    assert judge(made, items).mcc > 0.95


def test_the_same_seed_gives_the_same_classifier(bound: Labelled) -> None:
    few = bound.take(np.arange(100))
    one, two = (fit(few, ClassifyConfig(aligned="no")) for _ in range(2))
    assert (one.weights == two.weights).all()
    assert one.threshold == two.threshold


def test_a_development_set_is_learnt_from_and_chosen_by(bound: Labelled, others: Labelled) -> None:
    made = fit(bound.take(np.arange(200)), ClassifyConfig(aligned="no"), dev=others)
    assert made.info["items"] == 500
    assert made.info["held_out"] >= 300


def test_what_cannot_be_told_apart_is_said(bound: Labelled) -> None:
    with pytest.raises(ConfigError, match="one class, 'bound'"):
        fit(labelled(bound.sequences, ["bound"] * len(bound)))
    few = bound.take(np.array([0, 1, 3, 5, 7, 9]))
    with pytest.raises(ConfigError, match="class 'free' has 1 items; at least 4"):
        fit(few)
    with pytest.raises(ConfigError, match="alphabet: RNA, but the sequences are DNA"):
        fit(bound, ClassifyConfig(alphabet="RNA"))


def test_telling_can_stop_a_fit(bound: Labelled) -> None:
    def stop(stage: str, share: float) -> None:
        if share > 0.3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fit(bound, tell=stop)


def test_calibration_finds_slope_and_bias() -> None:
    random = np.random.default_rng(1)
    logits = random.normal(size=(20_000, 1)) * 2
    labels = (random.random(20_000) < 1 / (1 + np.exp(-logits[:, 0]))).astype(np.int32)
    slope, bias, _ = calibrate((logits - 1) / 0.5, labels)
    assert slope == pytest.approx(0.5, abs=0.02)
    assert bias[0] == pytest.approx(1, abs=0.06)


def test_the_threshold_is_that_of_the_highest_expected_mcc() -> None:
    even = np.linspace(0.01, 0.99, 99)
    assert best_threshold(np.column_stack([1 - even, even])) == pytest.approx(0.5, abs=0.03)
    rare = np.concatenate([np.full(900, 0.02), np.full(100, 0.4)])
    assert 0.02 < best_threshold(np.column_stack([1 - rare, rare])) < 0.4


def test_held_out_groups_are_whole(bound: Labelled) -> None:
    from bioskipgram.classify.fit import Fitter

    twice = bound.take(np.tile(np.arange(300), 2))
    fitter = Fitter(twice, ClassifyConfig())
    groups = groups_of(twice.sequences)
    assert len(fitter.splits) == 5
    assert sorted(fitter.held) == list(range(len(twice)))
    for held, rest in fitter.splits:
        assert not set(groups[held]) & set(groups[rest])


def test_of_many_items_one_part_is_held_out(
    bound: Labelled, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(held_out, "FOLDED", 100)
    monkeypatch.setattr(fit_module, "FITTED", 200)
    fitter = fit_module.Fitter(bound, ClassifyConfig())
    ((held, rest),) = fitter.splits
    assert (len(held), len(rest)) == (120, 200)
    assert len(fitter.some) == 320  # what no setting is chosen by gets no table
    assert len(np.intersect1d(held, rest)) == 0
    texts = {bound.sequences.text(i) for i in range(len(bound))}
    assert {fitter.some.sequences.text(i) for i in held} < texts
    assert judge(fit(bound), bound).mcc > 0.5


def test_a_set_whose_items_are_all_related_is_split_at_random() -> None:
    text = "ACGTTGCAACGTTAGCATTAGCAGGATTCAGACCA"
    from bioskipgram.sequences.upload import read_all

    data = "".join(f">{i}\n{text}{'ACGT'[i % 4] * 5}\n" for i in range(60)).encode()
    items = labelled(read_all([("x.fa", data)]).sequences, ["a", "b"] * 30)
    ((held, rest),) = held_out.splits(items, 0, np.random.default_rng(1))
    assert len(held) + len(rest) == 60
    assert min(np.bincount(items.labels[held])) > 0
    assert min(np.bincount(items.labels[rest])) > 0
