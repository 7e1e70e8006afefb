"""The verdict follows from the numbers by its stated rule."""

from itertools import combinations
from statistics import median

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from bioskipgram.kmers.genetic_code import translate
from bioskipgram.model import beside, checkpoint, quality_file, shipped
from bioskipgram.model.codon_quality import AUC
from bioskipgram.model.quality import FRAME, GAP, Judged
from bioskipgram.model.verdict import findings, minus_shuffled, verdict

GOOD = Judged(0.95, (0.94, 0.96), {"bases shuffled": (0.1, 0.2), "codons shuffled": (0.8, 0.84)})


def test_a_measure_beyond_all_nulls_is_knowledge() -> None:
    said, evidence = verdict({FRAME: GOOD})
    assert said == "Knows the reading frame, beyond its nulls"
    assert evidence.endswith("0.950 (model), 0.840 at most (codons shuffled).")
    (one,) = findings({FRAME: GOOD})
    assert one.excess == pytest.approx((0.13, 0.10, 0.16))


@pytest.mark.parametrize(
    "judged",
    [
        Judged(0.95, (0.94, 0.83), GOOD.nulls),  # one seed falls into the null
        Judged(0.95, (), {**GOOD.nulls, "random vectors": (0.96,)}),  # one null was lucky
    ],
)
def test_one_lucky_null_is_enough_against_it(judged: Judged) -> None:
    assert verdict({FRAME: judged})[0].startswith("Spelling only")


def test_a_rule_that_does_as_well_is_named() -> None:
    said, evidence = verdict({AUC: Judged(0.95, (), GOOD.nulls, {"a": 0.5, "equal bases": 0.95})})
    assert said.startswith("The order of the sequences tells which codons are synonymous better")
    assert evidence.endswith("0.950 (rule: equal bases).")


def test_two_measures_are_both_named() -> None:
    assert verdict({FRAME: GOOD, AUC: GOOD})[0] == (
        "Knows the reading frame and which codons are synonymous, beyond its nulls"
    )


def test_without_shuffled_sequences_nothing_is_known() -> None:
    random = {"random vectors": (0.1,)}
    assert verdict({FRAME: Judged(0.9, (), random)})[0] == "Not known"


def test_k_mers_without_a_measure_of_biology_say_so() -> None:
    said, evidence = verdict({GAP: GOOD})
    assert said.startswith("Spelling only")
    assert "No measure of biology applies" in evidence


def test_in_e_coli_the_order_of_codons_adds_an_eighth_to_the_auc() -> None:
    """The model's own AUC is counted again by scikit-learn; its nulls are those kept beside it."""
    path = shipped.models()["ecoli-cds-codon"]
    model, measures = checkpoint.load(path), quality_file.load(beside.quality(path)).measures
    vectors, codons = model.unit.astype(float), model.vocabulary.texts
    pairs = [(i, j) for i, j in combinations(range(len(codons)), 2)
             if "*" not in translate(codons[i]) + translate(codons[j])]  # fmt: skip
    cosines = [np.dot(vectors[i], vectors[j]) for i, j in pairs]
    own = roc_auc_score([translate(codons[i]) == translate(codons[j]) for i, j in pairs], cosines)
    assert measures[AUC].value == pytest.approx(own, abs=1e-4)
    (kind,) = [kind for kind in measures[AUC].nulls if "shuffled" in kind]
    assert len(measures[AUC].nulls[kind]) >= 5
    middle, low, high = minus_shuffled(measures)[AUC]
    assert middle == pytest.approx(own - median(measures[AUC].nulls[kind]), abs=1e-4)
    assert 0.10 < low <= middle <= high < 0.15
    said, _ = verdict(measures)
    assert said.startswith("The order of the sequences tells which codons are synonymous")
    assert said.endswith("but a rule of spelling does as well")
