"""One arm's mean and how well it is known, from the arm's moments."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from experiments.arrays import Floats, as_floats, beyond_rounding, divide
from experiments.moments import Moments


class ArmEstimate(NamedTuple):
    """The estimated mean of every cell in a batch; all fields have the batch's shape.

    Attributes:
        n: units.
        mean: estimated mean per unit, in the metric's unit.
        se2: variance of that estimate (its squared standard error); NaN = unknown.
        df: degrees of freedom of that variance; infinite for a normal approximation.
    """

    n: Floats
    mean: Floats
    se2: Floats
    df: Floats


def unadjusted(m: Moments, y: int = 0) -> ArmEstimate:
    """The plain mean of variable `y`, with n - 1 degrees of freedom."""
    return ArmEstimate(m.n, m.mean[..., y], divide(m.variance[..., y], m.n), m.n - 1)


def adjusted(m: Moments, pooled_x: npt.ArrayLike, y: int = 0, x: int = 1) -> ArmEstimate:
    """The mean of `y` had the cell's units had the pooled mean of the covariate `x` (Lin 2013).

    Every cell has its own least-squares line of `y` on `x`, evaluated at `pooled_x`; the variance is that of
    the line there, s²(1/n + (x̄ - pooled_x)²/Sxx), with s² from the residuals and n - 2 degrees of freedom.
    A covariate without variation in a cell leaves that cell unadjusted.

    Args:
        m: moments of every arm.
        pooled_x: mean of `x` over all arms, shape (...) or broadcasting to it.
        y: position of the outcome.
        x: position of the covariate, fixed before assignment.
    """
    sxx, sxy, syy = m.comoment[..., x, x], m.comoment[..., x, y], m.comoment[..., y, y]
    slope = divide(sxy, sxx)
    distance = m.mean[..., x] - as_floats(pooled_x)
    residual = beyond_rounding(syy - slope * sxy, syy, m.n)
    s2 = divide(residual, np.where(m.n > 2, m.n - 2, 0.0))
    se2 = s2 * (divide(1.0, m.n) + divide(distance**2, sxx))
    line = ArmEstimate(m.n, m.mean[..., y] - slope * distance, se2, m.n - 2)
    plain = unadjusted(m, y)
    return ArmEstimate(*(np.where(sxx == 0, *pair) for pair in zip(plain, line, strict=True)))


def ratio(m: Moments, numerator: int = 0, denominator: int = 1) -> ArmEstimate:
    """Sum of the numerator over sum of the denominator, by the delta method over units (Deng et al. 2018).

    Identical to the mean of numerator - ratio × denominator per unit, divided by the denominator's mean.
    """
    top, bottom = m.mean[..., numerator], m.mean[..., denominator]
    r = divide(top, bottom)
    covariance = m.covariance
    own = covariance[..., numerator, numerator] + r**2 * covariance[..., denominator, denominator]
    spread = beyond_rounding(own - 2 * r * covariance[..., numerator, denominator], own, m.n)
    return ArmEstimate(m.n, r, divide(spread, m.n * bottom**2), m.n - 1)
