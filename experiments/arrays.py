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


def outer(left: Floats, right: Floats) -> Floats:
    """Products of every pair along the last axes: (..., p) and (..., p) give (..., p, p)."""
    return as_floats(left[..., :, None] * right[..., None, :])


def diagonal(matrices: Floats) -> Floats:
    """The diagonals of (..., p, p), shape (..., p)."""
    return np.diagonal(matrices, axis1=-2, axis2=-1)
