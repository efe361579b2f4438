"""Which of many small comparisons, one per SKU say, differ at all, and by how much."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from experiments.arrays import Flags, Floats
from experiments.effects import Comparison, error_rate
from experiments.multiplicity import benjamini_hochberg, false_coverage_confidence
from experiments.shrinkage import shrink


@dataclass(frozen=True, eq=False)
class Discoveries:
    """One family of comparisons; all fields have its shape, NaN where a comparison takes no part.

    Attributes:
        q_value: the smallest rate at which the comparison would be selected.
        selected: whether it is, at the rate asked for.
        fcr_low: lower end of the selected's interval; on average at most that rate of them miss, and none
            holds 0. NaN where not selected.
        fcr_high: upper end.
        shrunk: empirical-Bayes estimate of the difference, in its unit.
        shrunk_low: lower end of its interval, at the comparison's confidence.
        shrunk_high: upper end.
    """

    q_value: Floats
    selected: Flags
    fcr_low: Floats
    fcr_high: Floats
    shrunk: Floats
    shrunk_low: Floats
    shrunk_high: Floats


def discover(comparison: Comparison, rate: float = 0.05, hidden: npt.ArrayLike = False) -> Discoveries:
    """Select by Benjamini and Hochberg (1995), give the selected intervals of their own, and shrink all.

    The rate holds as far as the p-values do, far out in the tail. Welch's come out too small there where one
    arm is small and only a few of its customers buy: hide comparisons with few buyers in either arm.

    Args:
        comparison: the family.
        rate: share of false ones tolerated among the selected, between 0 and 1.
        hidden: comparisons that must take no part, being suppressed or too thin; broadcasts.

    Raises:
        ValueError: when rate is not between 0 and 1.
    """
    if not 0 < rate < 1:
        message = f"The rate of false discoveries must lie between 0 and 1 (0.05, say), but is {rate}."
        raise ValueError(message)
    taking_part = comparison.testable & ~np.asarray(hidden, dtype=np.bool_)
    q = benjamini_hochberg(np.where(taking_part, comparison.p_value, np.nan))
    selected = q <= rate
    low, high = _false_coverage_limits(comparison, selected, int(taking_part.sum()), rate)
    se = np.where(taking_part, comparison.difference_se, np.nan)
    return Discoveries(q, selected, low, high, *shrink(comparison.difference, se, comparison.confidence))


def _false_coverage_limits(c: Comparison, selected: Flags, tested: int, rate: float) -> tuple[Floats, Floats]:
    """Limits of the selected at the confidence of Benjamini and Yekutieli (2005)."""
    chosen = int(selected.sum())
    alpha = error_rate(false_coverage_confidence(chosen, tested, rate)) if chosen else rate
    half_width = -special.stdtrit(c.df, alpha / 2) * np.where(selected, c.difference_se, np.nan)
    return c.difference - half_width, c.difference + half_width
