"""What many noisy differences say about each other: the largest are partly luck, and are drawn back."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import special

from experiments.arrays import Floats, as_floats, divide
from experiments.effects import error_rate

POINTS = 2000
"""A larger family's posterior is worked out at so many sizes, and read off between them to 0.001 of an SE."""

MOST_STEPS = 200
"""Newton steps at which the fit of the prior gives up on the last digits; it takes about 10 to 40."""


class Shrunk(NamedTuple):
    """Posterior of every difference, in its unit; NaN where it is not known. All of the differences' shape.

    Attributes:
        difference: posterior mean, nearer to 0 than the difference itself.
        low: lower end of the credible interval, which holds the posterior mean.
        high: upper end.
    """

    difference: Floats
    low: Floats
    high: Floats


class Prior(NamedTuple):
    """How effects are spread around 0: a mixture of normal distributions.

    Attributes:
        variances: of each part, in squared standard errors, shape (k,).
        weights: share of each part, shape (k,), adding up to 1.
    """

    variances: Floats
    weights: Floats


def shrink(difference: npt.ArrayLike, se: npt.ArrayLike, confidence: float = 0.95) -> Shrunk:
    """Empirical-Bayes estimates under a prior that is learned from all differences at once.

    The prior is a mixture of normal distributions around 0, fitted by marginal maximum likelihood, so that it
    can be as sparse or as dense as the effects are (Stephens, Biostatistics 2017). Its unit is the standard
    error: intervals then hold on average even where noisy differences have larger effects. No part is
    narrower than (2 / m)^¼ standard errors, m differences being too few to tell less from nothing.
    Posterior intervals hold for the selected as well as for all.

    >>> noise = np.tile([-1.5, -0.5, 0.5, 1.5], 25)
    >>> shrunk = shrink(np.append(noise, 8.0), 1.0)
    >>> float(abs(shrunk.difference[:-1]).max().round(1)), float(shrunk.difference[-1].round(1))
    (0.3, 7.8)

    Args:
        difference: estimates of one family, any shape.
        se: their standard errors; a difference without one takes no part.
        confidence: probability that an effect lies in its interval.

    Raises:
        ValueError: when confidence is not between 0 and 1.
    """
    alpha = error_rate(confidence)
    difference, se = np.broadcast_arrays(as_floats(difference), as_floats(se))
    z = divide(difference, se)
    known = np.isfinite(z) & (se > 0)
    if not known.any():
        return Shrunk(*(np.full(z.shape, np.nan) for _ in range(3)))
    size = np.where(known, np.abs(z), np.nan)
    grid = _grid(size[known])
    counts = np.bincount(np.searchsorted((grid[1:] + grid[:-1]) / 2, size[known]), minlength=grid.size)
    mean, low, high = (np.interp(size, grid, part) for part in _posterior(grid, fit(grid, counts), alpha))
    mirrored = z < 0
    return Shrunk(
        se * np.where(mirrored, -mean, mean),
        se * np.where(mirrored, -high, low),
        se * np.where(mirrored, -low, high),
    )


def fit(size: Floats, counts: npt.ArrayLike) -> Prior:
    """The prior that makes differences of these sizes most likely.

    One more observation is spread evenly over the parts, so that no size of effect is ruled out.

    Args:
        size: absolute differences in standard errors, shape (g,).
        counts: how many differences have each size, shape (g,), at least one in all.
    """
    counts = as_floats(counts)
    present = counts > 0
    size, counts = size[present], counts[present]
    narrowest = (2 / counts.sum()) ** 0.5
    widest = 4 * max(float(size.max()) ** 2 - 1, 1.0)
    variances = narrowest * 2.0 ** np.arange(np.ceil(np.log2(widest / narrowest)) + 1)
    likelihood = np.exp(_log_likelihood(size, variances))
    return Prior(variances, _likeliest_weights(likelihood, counts))


def _likeliest_weights(likelihood: Floats, counts: Floats) -> Floats:
    """The w that minimise (m + 1) Σw - Σ counts log(likelihood w) - mean(log w); there they add up to 1.

    Damped Newton steps on a convex function, within w > 0. Sums by einsum: threads would cost, not save.
    """
    parts = likelihood.shape[1]
    total = counts.sum() + 1

    def loss(weights: Floats) -> float:
        marginal = np.einsum("gk,k->g", likelihood, weights)
        return float(total * weights.sum() - (counts * np.log(marginal)).sum() - np.log(weights).mean())

    weights = np.full(parts, 1 / parts)
    for _ in range(MOST_STEPS):
        ratio = likelihood / np.einsum("gk,k->g", likelihood, weights)[:, None]
        slope = total - np.einsum("g,gk->k", counts, ratio) - 1 / (parts * weights)
        curvature = np.einsum("g,gj,gk->jk", counts, ratio, ratio) + np.diag(1 / (parts * weights**2))
        step = np.linalg.solve(curvature, -slope)
        gain = -float(slope @ step)
        if gain < 1e-9:
            break
        length = 0.95 / max(float((-step / weights).max()), 0.95)
        while length > 1e-9 and loss(weights + length * step) > loss(weights) - 1e-4 * length * gain:
            length /= 2
        weights = weights + length * step
    return as_floats(weights / weights.sum())


def _grid(size: Floats) -> Floats:
    """The sizes themselves, or as many points, closest near 0, as tell the same about a larger family."""
    if size.size <= POINTS:
        return np.unique(size)
    return np.sinh(np.linspace(0.0, np.arcsinh(size.max()), POINTS))


def _posterior(size: Floats, prior: Prior, alpha: float) -> tuple[Floats, Floats, Floats]:
    """Mean and equal-tailed limits at each size, the limits stretched where they would miss the mean."""
    log_weights = _log_likelihood(size, prior.variances) + np.log(prior.weights)
    weights = special.softmax(log_weights, axis=1)
    kept = prior.variances / (1 + prior.variances)
    means, sds = size[:, None] * kept, np.sqrt(kept)
    mean = (weights * means).sum(axis=1)
    low, high = (_quantile(weights, means, sds, p) for p in (alpha / 2, 1 - alpha / 2))
    return mean, np.minimum(low, mean), np.maximum(high, mean)


def _quantile(weights: Floats, means: Floats, sds: Floats, p: float) -> Floats:
    """Quantiles of mixtures of normals, by bisection between those of their parts."""
    parts = means + special.ndtri(p) * sds
    low, high = parts.min(axis=1), parts.max(axis=1)
    for _ in range(40):
        middle = (low + high) / 2
        below = (weights * special.ndtr((middle[:, None] - means) / sds)).sum(axis=1) < p
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    return as_floats((low + high) / 2)


def _log_likelihood(size: Floats, variances: Floats) -> Floats:
    """Log density of each size under each part, up to a number that the parts share; shape (g, k)."""
    total = 1 + variances
    log_density = -(size[:, None] ** 2 / total + np.log(total)) / 2
    return as_floats(log_density - log_density.max(axis=1, keepdims=True))
