"""Which of many small comparisons, one per SKU say, differ at all, and by how much."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from experiments.arrays import Flags, Floats, as_floats, divide
from experiments.effects import SMALLEST_P, Comparison
from experiments.multiplicity import benjamini_hochberg, false_coverage_confidence
from experiments.shrinkage import shrink


@dataclass(frozen=True, eq=False)
class Discoveries:
    """One family of comparisons; all fields have its shape, NaN where a comparison takes no part.

    Attributes:
        p_value: two-sided, at least `SMALLEST_P`; the comparison's own where no skewness was given.
        q_value: the smallest rate at which the comparison would be selected.
        selected: whether it is, at the rate asked for.
        fcr_low: lower end of the selected's interval, which misses in at most that share of them; it
            excludes 0. NaN where not selected.
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


def discover(
    comparison: Comparison,
    rate: float = 0.05,
    skewness: npt.ArrayLike = 0.0,
    hidden: npt.ArrayLike = False,
) -> Discoveries:
    """Select by Benjamini and Hochberg (1995), with intervals for the selected, and shrink all.

    Where few of many customers buy a SKU, and one arm is small, Welch's test finds too much so far out in the
    tail: 28 SKUs of 10,000 in a placebo of 5,000 customers against 95,000 with 50 buyers each in the smaller
    arm. With the skewness it is corrected by Hall's transformation (JRSS B 1992), and finds 0.5.

    Args:
        comparison: the family.
        rate: share of false ones tolerated among the selected, between 0 and 1.
        skewness: of each difference, by `difference_skewness`; broadcasts.
        hidden: comparisons that must take no part, because they are suppressed; broadcasts.

    Raises:
        ValueError: when rate is not between 0 and 1.
    """
    if not 0 < rate < 1:
        message = f"The rate of false discoveries must lie between 0 and 1 (0.05, say), but is {rate}."
        raise ValueError(message)
    taking_part = comparison.testable & ~np.asarray(hidden, dtype=np.bool_)
    se = np.where(taking_part, comparison.difference_se, np.nan)
    skewness = as_floats(skewness)
    score = _straightened(divide(comparison.difference, se), skewness)
    p = np.maximum(2 * special.stdtr(comparison.df, -np.abs(score)), SMALLEST_P)
    q = benjamini_hochberg(p)
    selected = q <= rate
    low, high = _limits(comparison, np.where(selected, se, np.nan), skewness, _false_coverage(q, rate))
    return Discoveries(p, q, selected, low, high, *shrink(comparison.difference, se, comparison.confidence))


def difference_skewness(
    comparison: Comparison, third_control: npt.ArrayLike, third_variant: npt.ArrayLike
) -> Floats:
    """Skewness of each difference of plain means, from the third central moments of the units' values.

    Args:
        comparison: figures of `unadjusted` means.
        third_control: mean of (x - mean)³ over the control's units, broadcasting.
        third_variant: likewise for the variant.
    """
    third = (
        as_floats(third_variant) / comparison.n_variant**2
        - as_floats(third_control) / comparison.n_control**2
    )
    return divide(third, comparison.difference_se**3)


def _false_coverage(q: Floats, rate: float) -> float:
    """Error rate of the selected's intervals (Benjamini and Yekutieli 2005)."""
    selected, tested = int((q <= rate).sum()), int((~np.isnan(q)).sum())
    return 1 - false_coverage_confidence(selected, tested, rate) if selected else rate


def _limits(c: Comparison, se: Floats, skewness: Floats, alpha: float) -> tuple[Floats, Floats]:
    quantile = -special.stdtrit(c.df, alpha / 2)
    low, high = (c.difference - _bent(end, skewness) * se for end in (quantile, -quantile))
    return np.minimum(low, c.difference), np.maximum(high, c.difference)


def _straightened(t: Floats, skewness: Floats) -> Floats:
    """Hall's cubic, which takes the skewness out of a studentised difference; it never decreases."""
    return as_floats(t + skewness * t**2 / 3 + skewness**2 * t**3 / 27 + skewness / 6)


def _bent(score: Floats, skewness: Floats) -> Floats:
    """The studentised difference that `_straightened` turns into this score."""
    skew = np.where(np.abs(skewness) < 1e-6, np.nan, skewness)
    bent = 3 * (np.cbrt(1 + skew * (score - skew / 6)) - 1) / skew
    return np.where(np.isnan(skew), score, bent)
