"""Scores against scikit-learn's, intervals, calibration, baselines."""

import numpy as np
import pytest
from sklearn import metrics

from bioskipgram.classify.baselines import baselines
from bioskipgram.classify.classifier import decided, probabilities
from bioskipgram.classify.drivers import motifs, words
from bioskipgram.classify.evaluate import evaluated, learning_curve, some
from bioskipgram.classify.fit import fit
from bioskipgram.classify.labelled import Labelled
from bioskipgram.classify.scores import scores
from bioskipgram.classify.settings import ClassifyConfig
from bioskipgram.model.shipped import model_path
from tests.classify.conftest import MOTIF, planted


@pytest.mark.parametrize("K", [2, 4])
def test_scores_are_those_of_scikit_learn(K: int) -> None:
    random = np.random.default_rng(1)
    truth = random.integers(0, K, 300).astype(np.int32)
    margins = random.normal(size=(300, 1 if K == 2 else K))
    margins[np.arange(300), np.minimum(truth, margins.shape[1] - 1)] += 1.0
    if K == 2:
        margins = random.normal(size=(300, 1)) + truth[:, None]
    chances = probabilities(margins)
    said = decided(chances)
    found = scores(tuple("abcd"[:K]), truth, chances, said)
    assert found.mcc == pytest.approx(metrics.matthews_corrcoef(truth, said))
    assert found.macro_f1 == pytest.approx(metrics.f1_score(truth, said, average="macro"))
    assert found.accuracy == pytest.approx(metrics.accuracy_score(truth, said))
    assert found.log_loss == pytest.approx(metrics.log_loss(truth, chances))
    area = chances[:, 1] if K == 2 else chances
    assert found.auroc == pytest.approx(metrics.roc_auc_score(truth, area, multi_class="ovr"))
    assert (found.confusion == metrics.confusion_matrix(truth, said)).all()
    if K == 2:
        assert found.brier == pytest.approx(metrics.brier_score_loss(truth, chances[:, 1]))
    low, high = found.intervals()["mcc"]
    assert low < found.mcc < high
    assert found.per_class()[1]["recall"] == pytest.approx(
        metrics.recall_score(truth, said, average=None)[1]
    )


def test_one_class_only_has_no_area() -> None:
    chances = np.array([[0.4, 0.6], [0.9, 0.1]])
    found = scores(("a", "b"), np.ones(2, np.int32), chances, decided(chances))
    assert found.auroc is None
    assert found.mcc == 0


def test_calibrated_probabilities_have_a_small_error() -> None:
    random = np.random.default_rng(1)
    p = random.random(20_000)
    truth = (random.random(20_000) < p).astype(np.int32)
    chances = np.column_stack([1 - p, p])
    assert scores(("a", "b"), truth, chances, decided(chances)).calibration_error < 0.02
    late = np.column_stack([1 - p**2, p**2])
    assert scores(("a", "b"), truth, late, decided(late)).calibration_error > 0.1


def test_a_planted_motif_beats_every_baseline(bound: Labelled, others: Labelled) -> None:
    config = ClassifyConfig(aligned="no")
    found = evaluated(bound, others, config)
    rows = baselines(bound, others, config, shuffles=2)
    assert [row.name for row in rows] == [
        "majority", "length", "GC", "6-mers", "shuffled labels",
    ]  # fmt: skip
    assert all(row.low <= row.mcc <= row.high for row in rows)
    assert max(row.mcc for row in rows if row.name != "6-mers") < found.scores.mcc
    assert rows[0].mcc == rows[1].mcc == 0  # all have one length


def test_mean_vectors_are_a_baseline_alone_and_added(bound: Labelled, others: Labelled) -> None:
    config, model = ClassifyConfig(aligned="no"), model_path("human-tf-k6")
    rows = baselines(bound, others, config, model=model, shuffles=0)
    words, alone, added = rows[-3:]
    assert [row.name for row in (words, alone, added)] == [
        "6-mers", "mean vector", "6-mers + vector",
    ]  # fmt: skip
    assert "human-tf-k6" in alone.about
    assert alone.mcc < words.mcc
    assert added.mcc > alone.mcc  # the sum has what the counts know


def test_more_items_teach_more(bound: Labelled, others: Labelled) -> None:
    config = ClassifyConfig(aligned="no", gapped="no")
    rows = learning_curve(bound, others, config, sizes=(40, 200), repeats=2)
    assert [row["items"] for row in rows] == [40, 200, 600]
    assert rows[-1]["mcc"] > rows[0]["mcc"]


def test_some_items_have_every_class(bound: Labelled) -> None:
    rows = some(bound, 8, seed=1)
    assert len(rows) == 8
    assert np.bincount(bound.labels[rows]).min() >= 4


def test_the_words_and_the_motif_are_those_that_were_planted(bound: Labelled) -> None:
    made = fit(bound, ClassifyConfig(aligned="no"))
    target = bound.classes.index("bound")
    turned = MOTIF[::-1].translate(str.maketrans("ACGT", "TGCA"))
    top = [row["word"] for row in words(made, bound, target=target, n=5)][:5]
    assert sum(any(w in m for m in (MOTIF, turned)) for w in top if "N" not in w) >= 1
    (first, *_) = motifs(made, bound, target=target)
    assert any(core in m for core in ("GACTCA", "TGAGTC") for m in (first.motif.consensus, MOTIF))
    assert first.share > first.others


def test_aligned_words_have_a_position() -> None:
    items = planted(200, at=20)
    made = fit(items, ClassifyConfig(aligned="yes"))
    rows = words(made, items, target=items.classes.index("bound"), n=5)
    places = [row["position"] for row in rows if row["position"] is not None]
    assert places
    assert all(17 <= place <= 30 for place in places)
