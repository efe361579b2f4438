"""What an effect is worth: totals and the return on what it cost, always with an interval."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import special

from experiments.arrays import Floats, Words, as_floats, divide
from experiments.effects import Comparison, compare, error_rate
from experiments.estimates import ArmEstimate, adjusted, unadjusted
from experiments.moments import Moments


class Amount(NamedTuple):
    """A sum of money, or what a unit of cost earns; NaN where it is not known. All fields of one shape.

    Attributes:
        value: the estimate.
        low: lower end of its interval.
        high: upper end.
    """

    value: Floats
    low: Floats
    high: Floats

    def per(self, count: npt.ArrayLike) -> "Amount":
        """The amount for each of so many recommendations, customers or days; NaN where there are none."""
        shares = np.where(as_floats(count) > 0, count, np.nan)
        return Amount(*(divide(part, shares) for part in self))


class Return(NamedTuple):
    """Money earned per unit of money spent; all fields of one shape.

    Attributes:
        amount: above 1, the spending more than pays for itself.
        reason: why it has no value or no interval, in words; empty otherwise.
    """

    amount: Amount
    reason: Words


def incremental(comparison: Comparison, units: npt.ArrayLike | None = None) -> Amount:
    """What the effect adds up to over the variant's units, or over any other number of them.

    >>> from experiments.effects import compare
    >>> from experiments.estimates import ArmEstimate
    >>> arm = ArmEstimate(n=100.0, mean=10.0, se2=0.25, df=99.0)
    >>> quarter = incremental(compare(arm, arm._replace(mean=12.0)), units=5_000)
    >>> [round(float(part)) for part in quarter]
    [10000, 3028, 16972]

    Args:
        comparison: the effect per unit.
        units: over how many, say the customers of a quarter; left out: the variant's.
    """
    over = comparison.n_variant if units is None else as_floats(units)
    value = np.where(comparison.testable, comparison.difference, np.nan)
    return Amount(*(part * over for part in (value, comparison.difference_low, comparison.difference_high)))


def return_on_cost(revenue: Comparison, cost: npt.ArrayLike) -> Return:
    """Incremental revenue per unit of a known cost (iROAS).

    Args:
        revenue: effect on the revenue per unit.
        cost: total spent on the variant's units in the same window, in the same currency.
    """
    cost = as_floats(cost)
    amount = incremental(revenue).per(cost)
    reason = np.where(revenue.testable & ~(cost > 0), "no cost", revenue.reason)
    return Return(amount, reason.astype(np.object_))


def return_on_measured_cost(
    control: Moments,
    variant: Moments,
    known_cost: npt.ArrayLike = 0.0,
    confidence: float = 0.95,
    multiplier: npt.ArrayLike | None = None,
    pooled_x: npt.ArrayLike | None = None,
) -> Return:
    """Incremental revenue per unit of incremental cost where both are measured per unit, by Fieller (1954).

    The interval respects how the two differences vary together. It has the t quantile of the difference in
    revenue, and so excludes 0 exactly when that does. There is none unless the added cost is clear of 0.

    Args:
        control: moments of the control arm; the first variable is the revenue, the second the cost, the third
            a covariate fixed before assignment, if `pooled_x` is given.
        variant: moments of the variant; broadcasts.
        known_cost: what each unit of the variant took besides, without error.
        confidence: two-sided coverage of the interval.
        multiplier: half-width of the wanted interval in standard errors, such as a confidence sequence's,
            which holds for every weighing of revenue against cost; left out: the t quantile.
        pooled_x: mean of the covariate over all arms, to which both differences are adjusted (Lin 2013); left
            out: neither is.

    Raises:
        ValueError: when confidence is not between 0 and 1.
    """
    alpha = error_rate(confidence)
    before, after = (_revenue_and_cost(arm, pooled_x) for arm in (control, variant))
    earned = compare(before.revenue, after.revenue, confidence)
    spent = after.cost - before.cost + as_floats(known_cost)
    added = np.where(earned.testable & (spent > 0), spent, np.nan)
    joint = before.spread + after.spread
    quantile = special.stdtrit(earned.df, alpha / 2) if multiplier is None else as_floats(multiplier)
    low, high = _fieller(earned.difference, added, (quantile**2)[..., None, None] * joint)
    cases = [~earned.testable, np.isnan(added), np.isnan(low)]
    reason = np.select(cases, [earned.reason, "no added cost", "added cost not clear of 0"], "")
    return Return(Amount(earned.difference / added, low, high), reason.astype(np.object_))


def added_cost(control: Moments, variant: Moments, pooled_x: npt.ArrayLike | None = None) -> Floats:
    """What a unit of the variant took more than one of the control, as `return_on_measured_cost` has it."""
    before, after = (_revenue_and_cost(arm, pooled_x).cost for arm in (control, variant))
    return after - before


def half_as_wide(amount: Amount, n: npt.ArrayLike) -> tuple[Amount, Floats]:
    """The same estimate with half the interval, and how many more units that takes: three times those so far.

    >>> narrower, more = half_as_wide(Amount(*map(np.float64, (100, -20, 220))), n=10_000)
    >>> float(narrower.low), float(narrower.high), float(more)
    (40.0, 160.0, 30000.0)

    Args:
        amount: what is known now.
        n: units behind it, both arms together.
    """
    low, high = ((amount.value + end) / 2 for end in (amount.low, amount.high))
    return Amount(amount.value, low, high), 3 * as_floats(n)


class _Means(NamedTuple):
    """One arm's revenue, mean cost, and the covariance of the two means, shape (..., 2, 2)."""

    revenue: ArmEstimate
    cost: Floats
    spread: Floats


def _revenue_and_cost(m: Moments, pooled_x: npt.ArrayLike | None) -> _Means:
    """The two means as they are, or both on their lines over the covariate at its pooled mean."""
    revenue, cost = unadjusted(m), unadjusted(m, 1)
    together = divide(m.covariance[..., 0, 1], m.n)
    if pooled_x is not None:
        revenue, cost = (adjusted(m, pooled_x, y, 2) for y in (0, 1))
        sxx, sxy, sxz = (m.comoment[..., 2, variable] for variable in (2, 0, 1))
        residual = divide(m.comoment[..., 0, 1] - divide(sxy, sxx) * sxz, np.where(m.n > 2, m.n - 2, 0.0))
        distance = m.mean[..., 2] - as_floats(pooled_x)
        line = residual * (divide(1.0, m.n) + divide(distance**2, sxx))
        together = np.where(sxx == 0, together, line)
    rows = [[revenue.se2, together], [together, cost.se2]]
    return _Means(revenue, cost.mean, np.stack([np.stack(row, axis=-1) for row in rows], axis=-2))


def _fieller(top: Floats, bottom: Floats, spread: Floats) -> tuple[Floats, Floats]:
    """Limits of top / bottom, given t² times the covariance of the two, shape (..., 2, 2); NaN if unbounded.

    They solve (bottom² - s_bb) ρ² - 2 (top bottom - s_tb) ρ + (top² - s_tt) = 0, whose last term has the sign
    that says whether the interval of `top` excludes 0.
    """
    s_tt, s_tb, s_bb = spread[..., 0, 0], spread[..., 0, 1], spread[..., 1, 1]
    square = np.where(bottom**2 > s_bb, bottom**2 - s_bb, np.nan)
    middle = top * bottom - s_tb
    outside = (top - np.sqrt(s_tt)) * (top + np.sqrt(s_tt))
    root = bottom**2 * s_tt - 2 * top * bottom * s_tb + top**2 * s_bb - (s_tt * s_bb - s_tb**2)
    far = middle + np.copysign(np.sqrt(np.maximum(root, 0.0)), middle)
    ends = far / square, divide(outside, far)
    ratio = top / bottom
    return np.minimum(np.minimum(*ends), ratio), np.maximum(np.maximum(*ends), ratio)
