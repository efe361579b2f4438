"""Mergeable sufficient statistics: all that the estimators know about the units of a cell."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from numpy.lib.array_utils import normalize_axis_index

from experiments.arrays import (
    Floats,
    as_floats,
    beyond_rounding,
    diagonal,
    divide,
    outer,
    two_product,
    two_sum,
)


@dataclass(frozen=True, eq=False)
class Moments:
    """Size, mean and centred cross-products of `p` variables, for any batch of cells.

    A cell is one arm, or an arm of a segment, or an arm up to a day. Cells merge by the pairwise formulas of
    Chan, Golub and LeVeque (The American Statistician, 1983), so that neither the order nor the size of the
    chunks changes a figure. Far from 0 a Float64 is too coarse to tell two cells' means apart, so the mean is
    kept as a sum of two: the nearest Float64 and what that leaves out. An empty cell has no mean: NaN. A NaN
    among the values, or an unknown variance, stays NaN through every merge.

    >>> left, right = Moments.from_values([1, 2]), Moments.from_values([6])
    >>> both = left.merge(right)
    >>> float(both.n), both.mean.tolist(), both.variance.tolist()
    (3.0, [3.0], [7.0])

    Attributes:
        n: units per cell, shape (...).
        mean: shape (..., p), in the variables' units.
        comoment: sum of (x - mean)(x - mean)ᵀ over the cell's units, shape (..., p, p).
        residue: what the exact mean has beyond `mean`, shape (..., p) or broadcasting to it; left out: 0.
            Given of any size, it is carried over into `mean`.

    Raises:
        ValueError: when the shapes do not belong together.
    """

    n: Floats
    mean: Floats
    comoment: Floats
    residue: Floats = field(default_factory=lambda: as_floats(0))

    def __post_init__(self) -> None:
        n, mean, comoment = as_floats(self.n), as_floats(self.mean), as_floats(self.comoment)
        p = mean.shape[-1:]
        if mean.shape != n.shape + p or comoment.shape != n.shape + p + p:
            shapes = f"n {n.shape}, mean {mean.shape}, comoment {comoment.shape}"
            message = f"Moments need n (...), mean (..., p) and comoment (..., p, p), but got {shapes}."
            raise ValueError(message)
        mean, residue = two_sum(mean, np.broadcast_to(as_floats(self.residue), mean.shape))
        known = (n[..., None] > 0) & np.isfinite(residue)
        object.__setattr__(self, "n", n)
        object.__setattr__(self, "mean", np.where(n[..., None] > 0, mean, np.nan))
        object.__setattr__(self, "comoment", np.where(n[..., None, None] > 0, comoment, 0.0))
        object.__setattr__(self, "residue", np.where(known, residue, 0.0))

    @classmethod
    def from_values(cls, values: npt.ArrayLike) -> Self:
        """One cell from its units' values, shape (n, p), or (n,) for a single variable."""
        rows = as_floats(values)
        rows = rows[:, None] if rows.ndim == 1 else rows
        n, p = rows.shape
        if n == 0:
            return cls(as_floats(0), np.zeros(p), np.zeros((p, p)))
        shifted = rows - rows[0]
        shift = shifted.mean(axis=0)
        shift = shift + (shifted - shift).mean(axis=0)
        centred = shifted - shift
        return cls(as_floats(n), rows[0], centred.T @ centred, shift)

    @classmethod
    def from_shifted_sums(
        cls, n: npt.ArrayLike, sums: npt.ArrayLike, products: npt.ArrayLike, pilot: npt.ArrayLike
    ) -> Self:
        """Cells from one pass of sums over the values less a pilot, which must lie near the mean.

        Any row of the data, or a pooled mean, will do as the pilot: it keeps a large offset from cancelling
        the variance away. A sum of squares within the rounding error of its own terms is no variation: 0;
        so is then the mean of values that are all 0.

        Args:
            n: units per cell, shape (...).
            sums: sum of (x - pilot), shape (..., p).
            products: sum of (x - pilot)(x - pilot)ᵀ, shape (..., p, p).
            pilot: shape (p,), or one per cell (..., p).
        """
        n, sums, products, pilot = (as_floats(part) for part in (n, sums, products, pilot))
        comoment = products - divide(outer(sums, sums), n[..., None, None])
        flat = beyond_rounding(diagonal(comoment), diagonal(products), n[..., None]) == 0
        comoment = np.where(flat[..., :, None] | flat[..., None, :], 0.0, comoment)
        mean, residue = two_sum(pilot, divide(sums, n[..., None]))
        nothing = beyond_rounding(np.abs(mean), np.abs(pilot), n[..., None]) == 0
        mean = np.where(flat & nothing, 0.0, mean)
        return cls(n, mean, comoment, np.where(flat, 0.0, residue))

    @classmethod
    def from_published(cls, n: npt.ArrayLike, mean: npt.ArrayLike, variance: npt.ArrayLike) -> Self:
        """Cells of one variable from figures computed elsewhere, all of shape (...).

        Args:
            n: units per cell.
            mean: their mean.
            variance: sample variance with n - 1; NaN = unknown.

        Raises:
            ValueError: when a variance is negative.
        """
        n, mean, variance = np.broadcast_arrays(as_floats(n), as_floats(mean), as_floats(variance))
        if np.any(variance < 0):
            message = f"A variance must not be negative, but one is {np.nanmin(variance):g}."
            raise ValueError(message)
        comoment = np.where(n > 1, (n - 1) * variance, 0.0)
        return cls(n, mean[..., None], comoment[..., None, None])

    @classmethod
    def stack(cls, cells: Iterable["Moments"], axis: int = 0) -> Self:
        """Equally shaped cells side by side along a new batch axis."""
        parts = [cell.parts for cell in cells]
        axis = normalize_axis_index(axis, parts[0][0].ndim + 1)
        return cls(*(np.stack(part, axis) for part in zip(*parts, strict=True)))

    @classmethod
    def concatenate(cls, batches: Iterable["Moments"], axis: int = 0) -> Self:
        """Batches of cells one after the other along an existing batch axis."""
        parts = [batch.parts for batch in batches]
        axis = normalize_axis_index(axis, parts[0][0].ndim)
        return cls(*(np.concatenate(part, axis) for part in zip(*parts, strict=True)))

    @property
    def parts(self) -> tuple[Floats, Floats, Floats, Floats]:
        """The four arrays: n, mean, comoment, residue."""
        return self.n, self.mean, self.comoment, self.residue

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the batch of cells."""
        return self.n.shape

    @property
    def covariance(self) -> Floats:
        """Sample covariance (n - 1), shape (..., p, p); NaN below two units."""
        return divide(self.comoment, np.where(self.n > 1, self.n - 1, 0.0)[..., None, None])

    @property
    def variance(self) -> Floats:
        """Sample variance (n - 1), shape (..., p); NaN below two units."""
        return diagonal(self.covariance)

    def merge(self, other: "Moments") -> "Moments":
        """The units of both; batches broadcast, and an empty cell changes nothing."""
        n = self.n + other.n
        ours, theirs = self.n[..., None] > 0, other.n[..., None] > 0
        share = np.where(n > 0, divide(other.n, n), 0.0)
        mean, residue = np.where(ours, self.mean, other.mean), np.where(ours, self.residue, other.residue)
        apart = np.where(ours & theirs, other.mean - mean + (other.residue - residue), 0.0)
        between = outer(apart, apart) * (self.n * share)[..., None, None]
        comoment = self.comoment + other.comoment + between
        return Moments(n, mean, comoment, residue + apart * share[..., None])

    def merge_all(self, axis: int = 0) -> "Moments":
        """All cells along a batch axis as one."""
        axis = normalize_axis_index(axis, self.n.ndim)
        n = self.n.sum(axis, keepdims=True)
        largest = np.argmax(self.n, axis, keepdims=True)[..., None]
        pilot, residue = (np.take_along_axis(part, largest, axis) for part in (self.mean, self.residue))
        away = np.where(self.n[..., None] > 0, self.mean - pilot + (self.residue - residue), 0.0)
        shift = (divide(self.n, n)[..., None] * away).sum(axis, keepdims=True)
        between = outer(away - shift, away - shift) * self.n[..., None, None]
        comoment = (self.comoment + between).sum(axis)
        return Moments(n.squeeze(axis), pilot.squeeze(axis), comoment, (residue + shift).squeeze(axis))

    def cumulative(self, axis: int = 0) -> "Moments":
        """Running merge along a batch axis: cells per day become cells up to each day."""
        axis = normalize_axis_index(axis, self.n.ndim)
        cells = (self.take(index, axis) for index in range(self.n.shape[axis]))
        return Moments.stack(accumulate(cells, Moments.merge), axis)

    def scale(self, factors: npt.ArrayLike) -> "Moments":
        """The same units with each variable multiplied by its factor, shape (p,)."""
        factors = as_floats(factors)
        mean, lost = two_product(self.mean, factors)
        return Moments(self.n, mean, self.comoment * outer(factors, factors), self.residue * factors + lost)

    def select(self, variables: Sequence[int]) -> "Moments":
        """The same units with these variables only, in this order."""
        chosen = np.asarray(variables, dtype=np.intp)
        comoment = self.comoment[..., chosen[:, None], chosen]
        return Moments(self.n, self.mean[..., chosen], comoment, self.residue[..., chosen])

    def take(self, indices: int | Sequence[int], axis: int = 0) -> "Moments":
        """Cells by position along one batch axis."""
        axis = normalize_axis_index(axis, self.n.ndim)
        return Moments(*(np.take(part, indices, axis) for part in self.parts))

    def __getitem__(self, key: Any) -> "Moments":
        """Cells by any index of the batch axes: positions, slices, masks, `...` or None."""
        cells = np.arange(self.n.size).reshape(self.n.shape)[key]
        flat = (part.reshape(self.n.size, *part.shape[self.n.ndim :]) for part in self.parts)
        return Moments(*(part[cells] for part in flat))
