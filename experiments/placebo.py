"""What a test says when nothing can differ: the same units, split again at random."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from experiments.arrays import Floats, as_floats, outer
from experiments.effects import compare, error_rate
from experiments.estimates import adjusted, unadjusted
from experiments.moments import Moments

DRAWN_AT_ONCE = 2_000_000
"""Units times re-splits per block of work: bounds the memory, whatever the number of units."""


class FalseAlarms(NamedTuple):
    """How often random re-splits of the same units looked like an effect.

    Attributes:
        rate: share of the testable comparisons with p below the error rate; NaN without any.
        resplits: number of re-splits with a testable comparison.
    """

    rate: float
    resplits: int


def false_alarms(
    values: npt.ArrayLike,
    covariate: npt.ArrayLike | None,
    shares: Sequence[float],
    confidence: float = 0.95,
    *,
    resplits: int = 500,
    seed: int = 0,
) -> FalseAlarms:
    """Assigns the units at random again and again, and tests every arm against the first.

    Args:
        values: outcome per unit, shape (n,).
        covariate: its covariate, shape (n,), for the adjusted test; None for the unadjusted.
        shares: weight of every arm, control first, all positive.
        confidence: of the test.
        resplits: number of random assignments.
        seed: of the random numbers; the same seed gives the same answer.
    """
    alpha = error_rate(confidence)
    columns = [values] if covariate is None else [values, covariate]
    units = np.stack([as_floats(column) for column in columns], axis=-1)
    if len(units) == 0:
        return FalseAlarms(np.nan, 0)
    arms = _resplit(units, as_floats(shares) / sum(shares), resplits, np.random.default_rng(seed))
    control, variants = arms[:, :1], arms[:, 1:]
    if covariate is None:
        c = compare(unadjusted(control), unadjusted(variants), confidence)
    else:
        pooled = units[:, 1].mean()
        c = compare(adjusted(control, pooled), adjusted(variants, pooled), confidence)
    alarms = c.p_value[c.testable] < alpha
    return FalseAlarms(float(alarms.mean()) if alarms.size else np.nan, int(c.testable.any(axis=1).sum()))


def _resplit(units: Floats, shares: Floats, resplits: int, rng: np.random.Generator) -> Moments:
    """Moments of every arm of every re-split, shape (resplits, arms).

    Units with nothing but zeros are alike: only their number per arm is drawn.
    """
    p = units.shape[1]
    pilot = units.mean(axis=0)
    idle = ~units.any(axis=1)
    terms, blank = _terms(units[~idle] - pilot), _terms(-pilot[None, :])
    upper = np.cumsum(shares)[:-1, None, None]
    block = max(1, DRAWN_AT_ONCE // max(1, len(terms)))
    drawn = []
    for start in range(0, resplits, block):
        draws = rng.random((min(block, resplits - start), len(terms)), dtype=np.float32)
        arm = (draws >= upper).sum(axis=0, dtype=np.int8)
        drawn.append(
            np.stack([(arm == index).astype(np.float64) @ terms for index in range(1, len(shares))], 1)
        )
    others = np.concatenate(drawn)
    active = np.concatenate([terms.sum(axis=0) - others.sum(axis=1, keepdims=True), others], axis=1)
    sums = active + rng.multinomial(idle.sum(), shares, resplits)[..., None] * blank
    products = sums[..., 1 + p :].reshape(resplits, len(shares), p, p)
    return Moments.from_shifted_sums(sums[..., 0], sums[..., 1 : 1 + p], products, pilot)


def _terms(centred: Floats) -> Floats:
    """What every unit adds to its arm: 1, its values, and the products of each pair of them."""
    n, p = centred.shape
    return np.hstack([np.ones((n, 1)), centred, outer(centred, centred).reshape(n, p * p)])
