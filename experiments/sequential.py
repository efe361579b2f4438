"""Intervals that stay valid however often, and whenever, one looks."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from experiments.arrays import Floats, as_floats, divide
from experiments.effects import SMALLEST_P, Comparison, fieller


class ConfidenceSequence(NamedTuple):
    """Limits that hold at all looks together; fields have the comparison's shape, NaN where untestable.

    Attributes:
        low: lower end for the difference, in the metric's unit.
        high: upper end.
        relative_low: lower end for the relative difference; NaN when unbounded.
        relative_high: upper end.
        p: always-valid p-value, below the error rate exactly when the interval of the difference excludes 0.
    """

    low: Floats
    high: Floats
    relative_low: Floats
    relative_high: Floats
    p: Floats


def sequence(
    comparison: Comparison, planned_n: npt.ArrayLike, alpha: float = 0.05, bonferroni: int = 1
) -> ConfidenceSequence:
    """The asymptotic confidence sequence of every comparison (Waudby-Smith et al., arXiv:2103.06476).

    Args:
        comparison: figures of this look.
        planned_n: units planned for the two arms together, where the sequence is tightest; it must be fixed
            before the first look. Broadcasts.
        alpha: probability of ever excluding the true difference, at any look.
        bonferroni: number of variants among which alpha is shared.

    Raises:
        ValueError: when planned_n is not positive, alpha not between 0 and 1, or bonferroni below 1.
    """
    if bonferroni < 1:
        message = f"The number of variants that share alpha is at least 1, but is {bonferroni}."
        raise ValueError(message)
    n, share = comparison.n_control + comparison.n_variant, alpha / bonferroni
    half_width = multiplier(n, planned_n, share) * comparison.difference_se
    se2_control, se2_variant = comparison.se_control**2, comparison.se_variant**2
    difference, mean = comparison.difference, comparison.mean_control
    relative_low, relative_high = fieller(mean, se2_control, se2_variant, difference, half_width)
    information = n * mixing_scale(planned_n, share) ** 2
    z2 = divide(difference, comparison.difference_se) ** 2
    log_p = np.log1p(information) / 2 - z2 * information / (2 * (information + 1)) + np.log(bonferroni)
    p = np.exp(np.clip(log_p, np.log(SMALLEST_P), 0.0))
    return ConfidenceSequence(
        difference - half_width, difference + half_width, relative_low, relative_high, p
    )


def multiplier(n: npt.ArrayLike, planned_n: npt.ArrayLike, alpha: float) -> Floats:
    """Half-width of the sequence in standard errors, with `n` units in the two arms together.

    >>> round(float(multiplier(20_000, 20_000, 0.05)), 3)
    3.035
    """
    information = as_floats(n) * mixing_scale(planned_n, alpha) ** 2
    return as_floats(np.sqrt((1 + divide(1.0, information)) * (np.log1p(information) - 2 * np.log(alpha))))


def mixing_scale(planned_n: npt.ArrayLike, alpha: float) -> Floats:
    """The sequence's tuning parameter ρ, which makes it tightest at planned_n units.

    Raises:
        ValueError: when planned_n is not positive or alpha not between 0 and 1.
    """
    planned_n = as_floats(planned_n)
    if not np.all(planned_n > 0):
        message = "A confidence sequence needs a positive number of planned units for each comparison."
        raise ValueError(message)
    if not 0 < alpha < 1:
        message = f"Alpha must lie between 0 and 1 (0.05, say), but is {alpha}."
        raise ValueError(message)
    return as_floats(np.sqrt((np.log1p(-2 * np.log(alpha)) - 2 * np.log(alpha)) / planned_n))
