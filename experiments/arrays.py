"""The few array operations that every formula here shares."""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Words = npt.NDArray[np.object_]


def as_floats(values: npt.ArrayLike) -> Floats:
    """Any numbers as Float64, before arithmetic can wrap an integer or round a Float32."""
    return np.asarray(values, dtype=np.float64)


def divide(numerator: npt.ArrayLike, denominator: npt.ArrayLike) -> Floats:
    """Numerator over denominator, element by element; NaN where the denominator is 0."""
    numerator, denominator = np.broadcast_arrays(as_floats(numerator), as_floats(denominator))
    quotient = np.full(numerator.shape, np.nan)
    np.divide(numerator, denominator, out=quotient, where=denominator != 0)
    return quotient


def beyond_rounding(spread: Floats, terms: Floats, n: Floats) -> Floats:
    """What cancelling sums of `n` terms leave of a sum of squares; 0 where that is rounding error."""
    within = spread <= 4 * np.finfo(np.float64).eps * n * terms
    return np.where(within, 0.0, spread)


@np.errstate(over="ignore", invalid="ignore")
def two_sum(left: Floats, right: Floats) -> tuple[Floats, Floats]:
    """The rounded sum, and exactly what the rounding lost (Knuth 1969)."""
    total = left + right
    share = total - left
    return total, (left - (total - share)) + (right - share)


@np.errstate(over="ignore", invalid="ignore")
def two_product(left: Floats, right: Floats) -> tuple[Floats, Floats]:
    """The rounded product, and exactly what the rounding lost (Dekker 1971)."""
    product = left * right
    (a, b), (c, d) = _halves(left), _halves(right)
    return product, b * d - (((product - a * c) - b * c) - a * d)


def outer(left: Floats, right: Floats) -> Floats:
    """Products of every pair along the last axes: (..., p) and (..., p) give (..., p, p)."""
    return as_floats(left[..., :, None] * right[..., None, :])


def diagonal(matrices: Floats) -> Floats:
    """The diagonals of (..., p, p), shape (..., p)."""
    return np.diagonal(matrices, axis1=-2, axis2=-1)


def _halves(values: Floats) -> tuple[Floats, Floats]:
    """Two parts of at most 26 bits each, whose products are exact."""
    spread = values * (2.0**27 + 1)
    upper = spread - (spread - values)
    return upper, values - upper
