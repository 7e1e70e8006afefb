"""Two sets of k-mers tested against each other, beside scipy's own tests."""

import numpy as np
import pytest
from scipy import stats

from bioskipgram.errors import QueryError
from bioskipgram.groups.contrast import contrast
from bioskipgram.groups.properties import Property

V = 300
GENERATOR = np.random.default_rng(0)
NUMBER = GENERATOR.normal(size=V).astype(np.float32)
NUMBER[:5] = np.nan
KIND = GENERATOR.integers(-1, 3, V).astype(np.float32)
PROPERTIES = {
    "number": Property("Number, °C", NUMBER),
    "kind": Property("Kind", KIND, ("a", "b", "c", "never")),
}
FIRST, SECOND = np.arange(V) < 90, (np.arange(V) >= 80) & (np.arange(V) < 200)


def test_numbers_and_shares_agree_with_scipy_and_share_one_correction() -> None:
    found = contrast(PROPERTIES, FIRST, SECOND)
    rows = dict(zip(found.names, range(len(found)), strict=True))
    assert set(rows) == {"Number, °C", "Kind: a", "Kind: b", "Kind: c"}
    ours, theirs = NUMBER[FIRST], NUMBER[SECOND]
    test = stats.mannwhitneyu(ours[5:], theirs, method="asymptotic")
    delta = 2 * test.statistic / (len(ours[5:]) * len(theirs)) - 1
    at = rows["Number, °C"]
    assert found.inside[at] == pytest.approx(np.nanmean(ours), abs=1e-6)
    assert found.effects[at] == pytest.approx(delta, abs=1e-6)
    p = [test.pvalue]
    for place, name in enumerate("abc"):
        have = [int((KIND[flags] == place).sum()) for flags in (FIRST, SECOND)]
        rest = [int(flags.sum()) - n for flags, n in zip((FIRST, SECOND), have, strict=True)]
        p.append(stats.fisher_exact([have, rest]).pvalue)
        at = rows[f"Kind: {name}"]
        assert found.shares[at]
        assert found.effects[at] == pytest.approx(have[0] / 90 - have[1] / 120)
    expected = stats.false_discovery_control(p)
    names = ["Number, °C", "Kind: a", "Kind: b", "Kind: c"]
    assert [found.q[rows[name]] for name in names] == pytest.approx(expected, rel=1e-3)


def test_a_planted_difference_comes_first_and_the_rest_is_the_default() -> None:
    shifted = Property("Shifted", np.where(FIRST, 5, NUMBER).astype(np.float32))
    found = contrast({**PROPERTIES, "shifted": shifted}, FIRST)
    assert found.names[0] == "Shifted"
    assert found.q[0] < 1e-20
    assert found.outside[0] == pytest.approx(NUMBER[~FIRST].mean(), abs=1e-5)


def test_an_empty_set_is_refused() -> None:
    with pytest.raises(QueryError, match="one has no k-mer"):
        contrast(PROPERTIES, np.zeros(V, np.bool_))
