"""Tests of a selection against the rest, for thousands of features at once."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .arrays import Counts, Doubles, Flags, Floats

_ALIKE = 1e-7
"""The largest rounding difference of two equal log probabilities."""
_Z = 1.959963984540054
"""The normal quantile of a 95 % interval."""
_LOG_FACTORIALS = np.log(np.cumprod([1.0, *range(1, 32)]))


@dataclass(frozen=True)
class Drawn:
    """n of N drawn without replacement, K of the N marked; int64 arrays, or one number."""

    N: Counts | int
    K: Counts
    n: Counts | int

    def log_probability(self, x: Counts) -> Doubles:
        """Return the log probability of x marked ones among the n, float64[F]."""
        N, K, n = self.N, self.K, self.n
        chances: Doubles = log_choose(K, x) + log_choose(N - K, n - x) - log_choose(N, n)
        return chances

    def upper_tail(self, x: Counts) -> Doubles:
        """Return the probability of x or more, float64[F]; x at least the mode."""
        N, K, n = self.N, self.K, self.n
        least = np.maximum(0, n + K - N)
        possible = (x <= np.minimum(K, n)) & (x >= least)
        x = np.where(possible, x, least)
        first, x = self.log_probability(x), x.astype(np.float64)
        term = possible.astype(np.float64)
        total = term.copy()
        while (term > 1e-17 * total).any():
            for _ in range(8):  # since a check costs as much as a step
                term *= (K - x) * (n - x) / ((x + 1) * (N - K - n + x + 1))
                total += term
                x += 1
        tail: Doubles = np.minimum(total * np.exp(first), 1.0)
        return tail


def log_choose(n: Counts | int, k: Counts | int) -> Doubles:
    """Return the logarithm of the binomial coefficient, float64."""
    found: Doubles = _log_factorial(n) - _log_factorial(k) - _log_factorial(np.subtract(n, k))
    return found


def _log_factorial(n: Counts | int) -> Doubles:
    """Return log n! by Stirling's series from 32 on, below from a table; exact to float64."""
    n = np.asarray(n, np.int64)
    x = np.maximum(n, 32) + 1.0
    series = 1 / (12 * x) - 1 / (360 * x**3) + 1 / (1260 * x**5)
    large = (x - 0.5) * np.log(x) - x + 0.5 * np.log(2 * np.pi) + series
    found: Doubles = np.where(n < 32, _LOG_FACTORIALS[np.clip(n, 0, 31)], large)
    return found


def fisher(
    inside: Counts,
    outside: Counts,
    inside_size: Counts | int,
    outside_size: Counts | int,
    *,
    alternative: str = "two-sided",
) -> Doubles:
    """Return p-values of Fisher's exact test of features inside and outside, float64[F].

    As `scipy.stats.fisher_exact`: "two-sided" is the probability of all tables no likelier than the
    one found, "greater" of as many inside or more.
    """
    if alternative == "greater":
        return _greater(inside, outside, inside_size, outside_size)
    return _two_sided(inside, outside, int(inside_size), int(outside_size))


def _greater(
    inside: Counts, outside: Counts, inside_size: Counts | int, outside_size: Counts | int
) -> Doubles:
    K, n, N = inside + outside, inside_size, inside_size + outside_size
    above = inside >= (K + 1) * (n + 1) // (N + 2)  # the mode: both tails fall off from there
    tail = Drawn(N, K, n).upper_tail(np.where(above, inside, n + 1))
    # Below it, what is left by the others' tail: fewer with the feature are more without it.
    rest = Drawn(N, N - K, n).upper_tail(np.where(above, n + 1, n - inside + 1))
    return np.where(above, tail, 1 - rest)


def _two_sided(inside: Counts, outside: Counts, inside_size: int, outside_size: int) -> Doubles:
    N, n, K = inside_size + outside_size, inside_size, inside + outside
    mode = (K + 1) * (n + 1) // (N + 2)
    # Below the mode, count those without the feature instead: then all are above it.
    mirrored = inside < mode
    x, K, mode = (
        np.where(mirrored, other, own)
        for other, own in ((n - inside, inside), (N - K, K), (n - mode, mode))
    )
    marked, others = Drawn(N, K, n), Drawn(N, N - K, n)
    bound = marked.log_probability(x) + _ALIKE
    lowest = np.maximum(0, n + K - N)
    y = _last(lambda y: marked.log_probability(y) <= bound, lowest, mode)
    # Nothing on the other side is as unlikely: -1 there.
    opposite = np.where(y >= lowest, others.upper_tail(n - y), 0.0)
    both = np.minimum(marked.upper_tail(x) + opposite, 1.0)
    return np.where(marked.log_probability(mode) <= bound, 1.0, both)


def _last(holds: Callable[[Counts], Flags], low: Counts, high: Counts) -> Counts:
    """Return the last x in low to high - 1 for which `holds`, low - 1 if none (monotone)."""
    low, high = low - 1, high.copy()  # holds at low, not at high
    while (high - low > 1).any():
        middle = (low + high) // 2
        good = holds(middle) & (middle > low)
        low, high = np.where(good, middle, low), np.where(good, high, np.maximum(middle, low + 1))
    return low


def odds_ratio(
    inside: Counts, outside: Counts, inside_size: Counts | int, outside_size: Counts | int
) -> tuple[Doubles, Doubles, Doubles]:
    """Return odds ratios and their 95 % interval, float64[F] each; parameters as for `fisher`.

    With 0.5 added to every cell (Haldane 1940; Anscombe 1956, 10.1093/biomet/43.3-4.461), and
    Woolf's interval on the logarithm (1955, 10.1111/j.1469-1809.1955.tb01348.x).
    """
    a, b, c, d = (
        cell + 0.5 for cell in (inside, inside_size - inside, outside, outside_size - outside)
    )
    odds, error = a * d / (b * c), np.sqrt(1 / a + 1 / b + 1 / c + 1 / d)
    return odds, odds * np.exp(-_Z * error), odds * np.exp(_Z * error)


def mutual_information(
    inside: Counts, total: Counts, inside_size: Counts | int, size: int
) -> Doubles:
    """Return the mutual information of a feature and being inside, float64: `size` times nats."""
    a, m, n, N = (np.asarray(each, np.float64) for each in (inside, total, inside_size, size))
    cells = (a, n - a, m - a, N - n - m + a)
    sums = (m, N - m, n, N - n)
    found: Doubles = sum(map(_x_log_x, cells)) - sum(map(_x_log_x, sums)) + _x_log_x(N)
    return found


def _x_log_x(x: Doubles) -> Doubles:
    found: Doubles = x * np.log(np.where(x > 0, x, 1))
    return found


def false_discoveries(p: Doubles) -> Doubles:
    """Return q-values over a family of p-values (Benjamini & Hochberg 1995), float64[F]."""
    order, m = np.argsort(p), len(p)
    steps = np.minimum(p[order] * m / np.arange(1, m + 1), 1)
    q = np.empty(m)
    q[order] = np.minimum.accumulate(steps[::-1])[::-1]
    return q


def cliffs_delta(inside: Floats, outside: Floats) -> tuple[float, float]:
    """Return Cliff's delta, -1 to 1, and the p-value of Mann & Whitney's test; NaN left out.

    Cliff 1993, 10.1037/0033-2909.114.3.494; it is 2 AUC - 1. 0 and 1 without values to compare.
    """
    from scipy.stats import mannwhitneyu

    inside, outside = inside[~np.isnan(inside)], outside[~np.isnan(outside)]
    if not len(inside) or not len(outside):
        return 0.0, 1.0
    if min(inside.min(), outside.min()) == max(inside.max(), outside.max()):
        return 0.0, 1.0
    found = mannwhitneyu(inside, outside, method="asymptotic")
    delta = 2 * found.statistic / (len(inside) * len(outside)) - 1
    return float(delta), float(found.pvalue)


def commoner(hits: Counts, others: Counts) -> Doubles:
    """Return the one-sided binomial p of as many hits, were they and `others` as common, float64.

    Overlapping hits are not independent, so p is somewhat too small.
    """
    from scipy.stats import binom

    values: Doubles = binom.sf(hits - 1, hits + others, 0.5)
    return values


def auc(scores: Doubles, positive: Flags) -> float | None:
    """Return the area under the ROC curve, ties counted half; None without both classes.

    Mann & Whitney 1947.
    """
    from scipy.stats import rankdata

    ranks, n = rankdata(scores), int(positive.sum())
    if n in (0, len(scores)):
        return None
    return float((ranks[positive].sum() - n * (n + 1) / 2) / (n * (len(scores) - n)))


def spearman(one: Doubles | Floats, two: Doubles | Floats) -> float | None:
    """Return the rank correlation of two arrays; None of fewer than three or equal values."""
    from scipy.stats import spearmanr

    if len(one) < 3 or np.ptp(one) == 0 or np.ptp(two) == 0:
        return None
    return float(spearmanr(one, two).statistic)
