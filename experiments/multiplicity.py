"""P-values adjusted for the number of questions asked at once.

NaN among the p-values are comparisons that could not be tested: they are no part of the family, and stay NaN.
"""

import numpy as np
import numpy.typing as npt

from experiments.arrays import Floats, as_floats


def holm(p: npt.ArrayLike) -> Floats:
    """Holm's (1979) step-down p-values: the chance of any false finding stays below the threshold.

    >>> holm([0.01, 0.04, float("nan"), 0.03]).tolist()
    [0.03, 0.06, nan, 0.06]

    Args:
        p: one family, any shape.

    Raises:
        ValueError: when a p-value lies outside 0 to 1.
    """
    p, order = _smallest_first(p)
    stepped = np.maximum.accumulate(p.flat[order] * np.arange(order.size, 0, -1))
    return _put_back(p, order, stepped)


def benjamini_hochberg(p: npt.ArrayLike) -> Floats:
    """Benjamini and Hochberg's (1995) step-up p-values: the expected share of false findings stays below it.

    >>> benjamini_hochberg([0.01, 0.04, float("nan"), 0.03]).round(3).tolist()
    [0.03, 0.04, nan, 0.04]

    Args:
        p: one family, any shape.

    Raises:
        ValueError: when a p-value lies outside 0 to 1.
    """
    p, order = _smallest_first(p)
    stepped = p.flat[order] * order.size / np.arange(1, order.size + 1)
    return _put_back(p, order, np.minimum.accumulate(stepped[::-1])[::-1])


def false_coverage_confidence(selected: int, tested: int, rate: float = 0.05) -> float:
    """Confidence at which intervals of the selected few miss on average at most `rate` of the time.

    Benjamini and Yekutieli (2005): 1 - rate × selected / tested, for a selection by `benjamini_hochberg`.

    Raises:
        ValueError: unless 1 <= selected <= tested.
    """
    if not 1 <= selected <= tested:
        message = (
            f"Of {tested} comparisons tested, {selected} cannot have been selected; select 1 to {tested}."
        )
        raise ValueError(message)
    return 1 - rate * selected / tested


def _smallest_first(p: npt.ArrayLike) -> tuple[Floats, npt.NDArray[np.intp]]:
    p = as_floats(p)
    if np.any((p < 0) | (p > 1)):
        message = f"P-values lie between 0 and 1, but they range from {np.nanmin(p):g} to {np.nanmax(p):g}."
        raise ValueError(message)
    tested = np.flatnonzero(~np.isnan(p))
    return p, tested[np.argsort(p.flat[tested], kind="stable")]


def _put_back(p: Floats, order: npt.NDArray[np.intp], stepped: Floats) -> Floats:
    adjusted = np.full(p.shape, np.nan)
    adjusted.flat[order] = np.minimum(stepped, 1.0)
    return adjusted
