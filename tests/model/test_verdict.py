"""The verdict follows from the numbers by its stated rule."""

import pytest

from bioskipgram.model.quality import AUC, FRAME, GAP, Judged
from bioskipgram.model.verdict import findings, verdict

GOOD = Judged(0.95, (0.94, 0.96), {"bases shuffled": (0.1, 0.2), "codons shuffled": (0.8, 0.84)})


def test_a_measure_beyond_all_nulls_is_knowledge() -> None:
    said, evidence = verdict({FRAME: GOOD})
    assert said == "Knows the reading frame, beyond its nulls"
    assert evidence.endswith("0.950; codons shuffled: at most 0.840.")
    (one,) = findings({FRAME: GOOD})
    assert one.excess == pytest.approx((0.13, 0.10, 0.16))


@pytest.mark.parametrize(
    "judged",
    [
        Judged(0.95, (0.94, 0.83), GOOD.nulls),  # one seed falls into the null
        Judged(0.95, (), {**GOOD.nulls, "random vectors": (0.96,)}),  # one null was lucky
        Judged(0.95, (), GOOD.nulls, {"a rule": 0.95}),  # a rule does as well
    ],
)
def test_one_lucky_null_or_rule_is_enough_against_it(judged: Judged) -> None:
    assert verdict({FRAME: judged})[0].startswith("Not shown")
    assert "up to" in verdict({FRAME: judged})[1]


def test_two_measures_are_both_named() -> None:
    assert verdict({FRAME: GOOD, AUC: GOOD})[0] == (
        "Knows the reading frame and which codons are synonymous, beyond its nulls"
    )


def test_without_a_null_nothing_is_known() -> None:
    assert verdict({FRAME: Judged(0.9), GAP: GOOD})[0] == "Not known"
