"""A p-value that rare purchases do not mislead: Welch's test with the skewness of the difference taken out.

Where few of many customers buy a SKU and one arm is small, the difference of means is skewed and Welch's
p-values come out too small far in the tail, which is just where a search among thousands of SKUs looks.
"""

from dataclasses import replace

import numpy as np
import numpy.typing as npt
from scipy import special

from experiments.arrays import Floats, as_floats, divide
from experiments.effects import SMALLEST_P, Comparison


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


def without_skewness(comparison: Comparison, skewness: npt.ArrayLike) -> Comparison:
    """The comparison with p-values by Hall's monotone transformation (JRSS B 1992); all else unchanged.

    Args:
        comparison: Welch's test of every cell.
        skewness: of each difference, by `difference_skewness`, broadcasting; 0 changes nothing.
    """
    skewness = as_floats(skewness)
    t = divide(comparison.difference, comparison.difference_se)
    straight = t + skewness * t**2 / 3 + skewness**2 * t**3 / 27 + skewness / 6
    p = np.maximum(2 * special.stdtr(comparison.df, -np.abs(straight)), SMALLEST_P)
    return replace(comparison, p_value=np.where(comparison.testable, p, np.nan))
