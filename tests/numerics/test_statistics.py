"""Tests for thousands of features at once, each against scipy's for one."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest, false_discovery_control, fisher_exact

from bioskipgram.numerics.statistics import (
    auc,
    cliffs_delta,
    commoner,
    false_discoveries,
    fisher,
    odds_ratio,
)

Table = tuple[int, int, int, int]
tables = st.tuples(*[st.integers(0, 60)] * 4)


def p_of(table: Table) -> float:
    a, b, c, d = table
    return float(fisher(np.array([a]), np.array([c]), a + b, c + d)[0])


@settings(max_examples=400, deadline=None)
@given(tables)
def test_fisher_is_scipys(table: Table) -> None:
    a, b, c, d = table
    expected = fisher_exact([[a, b], [c, d]]).pvalue
    assert p_of(table) == pytest.approx(expected, rel=1e-6, abs=1e-12)


@pytest.mark.parametrize(
    "table",
    [(13200, 16800, 15800, 19736), (500, 29500, 400, 35136), (30000, 0, 35000, 536),
     (0, 30000, 90, 35446), (10, 29990, 11, 232133)],
)  # fmt: skip
def test_fisher_is_scipys_for_large_selections(table: Table) -> None:
    a, b, c, d = table
    assert p_of(table) == pytest.approx(fisher_exact([[a, b], [c, d]]).pvalue, rel=1e-6)


def test_fisher_counts_both_sides_where_they_are_alike() -> None:
    """Equal margins: the table turned round is as likely, whatever rounding makes of it."""
    for n in (7, 40, 300, 4001):
        for a in {0, n // 3, n // 2 - 1}:
            expected = fisher_exact([[a, n - a], [n - a, a]]).pvalue
            assert p_of((a, n - a, n - a, a)) == pytest.approx(expected, rel=1e-6)


def test_fisher_goes_down_to_nothing_without_a_warning() -> None:
    p = fisher(np.array([30000, 0, 15000]), np.array([0, 35536, 17768]), 30000, 35536)
    assert p[:2].tolist() == [0, 0]
    assert p[2] == pytest.approx(1)
    assert len(fisher(np.zeros(0, np.int64), np.zeros(0, np.int64), 3, 4)) == 0


def test_odds_of_empty_cells_are_finite() -> None:
    odds, low, high = odds_ratio(np.array([5, 0]), np.array([0, 5]), 5, 5)
    assert odds.tolist() == [121, 1 / 121]
    assert (low < odds).all()
    assert (odds < high).all()
    assert np.isfinite(high).all()


def test_cliffs_delta_counts_pairs() -> None:
    rng = np.random.default_rng(2)
    ours = np.append(rng.integers(0, 6, 30), np.nan).astype(np.float32)
    theirs = np.append(rng.integers(2, 9, 50), np.nan).astype(np.float32)
    pairs = np.sign(ours[:-1, None] - theirs[None, :-1])
    delta, p = cliffs_delta(ours, theirs)
    assert delta == pytest.approx(pairs.mean())
    assert p < 1e-3
    assert cliffs_delta(theirs, ours)[0] == pytest.approx(-delta)


def test_nothing_to_compare_is_no_difference() -> None:
    none, same = np.array([np.nan], np.float32), np.ones(3, np.float32)
    for pair in ((none, same), (same, none), (same, same)):
        assert cliffs_delta(*pair) == (0.0, 1.0)
    assert len(false_discoveries(np.zeros(0))) == 0


@settings(max_examples=400, deadline=None)
@given(tables)
def test_one_sided_fisher_is_scipys(table: Table) -> None:
    a, b, c, d = table
    found = fisher(np.array([a]), np.array([c]), a + b, c + d, alternative="greater")
    expected = fisher_exact([[a, b], [c, d]], alternative="greater").pvalue
    assert found[0] == pytest.approx(expected, rel=1e-6, abs=1e-12)


def test_one_sided_fisher_of_large_selections() -> None:
    for a, b, c, d in ((13200, 16800, 15800, 19736), (500, 29500, 400, 35136), (9, 1, 90, 65436)):
        found = fisher(np.array([a]), np.array([c]), a + b, c + d, alternative="greater")
        expected = fisher_exact([[a, b], [c, d]], alternative="greater").pvalue
        assert found[0] == pytest.approx(expected, rel=1e-6)


@given(st.lists(st.floats(0, 1), max_size=30))
def test_false_discoveries_are_scipys(p: list[float]) -> None:
    found = false_discoveries(np.array(p))
    expected = false_discovery_control(p) if p else []
    np.testing.assert_allclose(found, expected, atol=1e-12)


def test_one_sided_fisher_takes_sizes_by_feature_and_tables_of_hits() -> None:
    hits, sizes = np.array([[3, 9], [4, 8]]), np.array([10, 20])
    found = fisher(hits, 20 - hits, sizes, 100 - sizes, alternative="greater")
    for (i, j), p in np.ndenumerate(found):
        a, n = hits[i, j], sizes[j]
        one = [[a, n - a], [20 - a, 80 - n + a]]
        assert p == pytest.approx(fisher_exact(one, alternative="greater").pvalue)


@given(st.lists(st.tuples(st.integers(0, 4), st.booleans()), max_size=20))
def test_auc_counts_pairs_and_ties_half(rows: list[tuple[int, bool]]) -> None:
    scores = np.array([score for score, _ in rows], np.float64)
    positive = np.array([flag for _, flag in rows], np.bool_)
    pairs = scores[positive][:, None] - scores[~positive][None]
    found = auc(scores, positive)
    assert (
        found == pytest.approx((pairs > 0).mean() + (pairs == 0).mean() / 2)
        if pairs.size
        else (found is None)
    )


def test_commoner_is_a_binomial_test() -> None:
    own, other = np.array([86, 4, 10]), np.array([28, 0, 10])
    expected = [
        binomtest(int(a), int(a + b), alternative="greater").pvalue
        for a, b in zip(own, other, strict=True)
    ]
    assert commoner(own, other) == pytest.approx(expected)
