"""Which of many small comparisons, one per SKU say, differ at all, and by how much."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import special

from experiments.arrays import Flags, Floats, divide
from experiments.effects import SMALLEST_P, Comparison, error_rate
from experiments.multiplicity import benjamini_hochberg, false_coverage_confidence
from experiments.shrinkage import shrink


@dataclass(frozen=True, eq=False)
class Discoveries:
    """One family of comparisons; all fields have its shape, NaN where a comparison takes no part.

    Attributes:
        p_value: two-sided, by the stricter of Welch's and Student's tests; at least `SMALLEST_P`.
        q_value: the smallest rate at which the comparison would be selected.
        selected: whether it is, at the rate asked for.
        fcr_low: lower end of the selected's interval; on average at most that rate of them miss, and none
            holds 0. NaN where not selected.
        fcr_high: upper end.
        shrunk: empirical-Bayes estimate of the difference, in its unit.
        shrunk_low: lower end of its interval, at the comparison's confidence.
        shrunk_high: upper end.
    """

    p_value: Floats
    q_value: Floats
    selected: Flags
    fcr_low: Floats
    fcr_high: Floats
    shrunk: Floats
    shrunk_low: Floats
    shrunk_high: Floats


class _Test(NamedTuple):
    """One way to test every comparison of a family."""

    se: Floats
    df: Floats


def discover(comparison: Comparison, rate: float = 0.05, hidden: npt.ArrayLike = False) -> Discoveries:
    """Select by Benjamini and Hochberg (1995), give the selected intervals of their own, and shrink all.

    Where few of many customers buy, and one arm is small, no single test holds so far out in the tail.
    Welch's mistakes a small arm whose buyers happen to be alike for a precise one; Student's, by the variance
    pooled over the arms, mistakes its rare large baskets for an effect. Each errs where the other does not,
    so a comparison must convince both. With arms of one size they hardly differ.

    Args:
        comparison: the family, as `compare` makes it; of its figures the differences, sizes and standard
            errors are used.
        rate: share of false ones tolerated among the selected, between 0 and 1.
        hidden: comparisons that must take no part, being suppressed or no SKU; broadcasts.

    Raises:
        ValueError: when rate is not between 0 and 1.
    """
    if not 0 < rate < 1:
        message = f"The rate of false discoveries must lie between 0 and 1 (0.05, say), but is {rate}."
        raise ValueError(message)
    taking_part = comparison.testable & ~np.asarray(hidden, dtype=np.bool_)
    difference = np.where(taking_part, comparison.difference, np.nan)
    tests = (_Test(comparison.difference_se, comparison.df), _student(comparison))
    p = np.maximum(*(2 * special.stdtr(test.df, -np.abs(divide(difference, test.se))) for test in tests))
    q = benjamini_hochberg(p)
    selected = q <= rate
    alpha = _false_coverage_rate(int(selected.sum()), int(taking_part.sum()), rate)
    half_width = np.maximum(*(-special.stdtrit(test.df, alpha / 2) * test.se for test in tests))
    low, high = (np.where(selected, difference + side * half_width, np.nan) for side in (-1, 1))
    shrunk = shrink(difference, comparison.difference_se, comparison.confidence)
    return Discoveries(np.maximum(p, SMALLEST_P), q, selected, low, high, *shrunk)


def _student(c: Comparison) -> _Test:
    """Student's test: both arms have the variance that is pooled over them."""
    arms = ((c.n_control, c.se_control), (c.n_variant, c.se_variant))
    df = c.n_control + c.n_variant - 2
    pooled = divide(sum((n - 1) * n * se**2 for n, se in arms), df)
    return _Test(np.sqrt(pooled * sum(divide(1.0, n) for n, _ in arms)), df)


def _false_coverage_rate(selected: int, tested: int, rate: float) -> float:
    """Error rate of the selected's intervals (Benjamini and Yekutieli 2005)."""
    return error_rate(false_coverage_confidence(selected, tested, rate)) if selected else rate
