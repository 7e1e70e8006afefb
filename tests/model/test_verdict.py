"""The verdict follows from the numbers by its stated rule."""

import pytest

from bioskipgram.model.codon_quality import AUC
from bioskipgram.model.quality import FRAME, GAP, Judged
from bioskipgram.model.verdict import findings, verdict

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
