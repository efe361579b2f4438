"""Whether an effect fades or grows with the days since assignment: its first half against its second."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import special

from experiments.arrays import Floats, as_floats, beyond_rounding
from experiments.effects import Comparison, compare, error_rate
from experiments.estimates import ArmEstimate, adjusted, unadjusted
from experiments.moments import Moments
from experiments.sequential import multiplier

Reading = Literal["fades", "grows", "holds", "unclear"]
_TOUCHES_FIRST = np.array([[True, True], [True, False]])
POWER = 0.8
"""Chance of seeing the smallest detectable change."""


@dataclass(frozen=True)
class Trend:
    """The effect per unit and day in the first and the second half of the window, and the change between.

    Attributes:
        early, late: variant minus control, per unit and day.
        early_low, early_high, late_low, late_high: their limits.
        change: late less early, from the units' own changes, so that what a unit does in both halves is
            counted once.
        change_low, change_high: its limits.
        p_value: two-sided, of no change; at one planned look.
        smallest_change: what would be seen with a chance of 80 %.
        reading: see `read`.
    """

    early: float
    early_low: float
    early_high: float
    late: float
    late_low: float
    late_high: float
    change: float
    change_low: float
    change_high: float
    p_value: float
    smallest_change: float
    reading: Reading


def trend(
    arms: Moments,
    days: tuple[int, int],
    confidence: float = 0.95,
    planned: float | None = None,
    variants: int = 1,
    pooled_x: float | None = None,
) -> Trend | None:
    """Compare the halves of a window, on the same units throughout.

    Args:
        arms: shape (2,), control first; the variables are each unit's first half, second half and a covariate
            fixed before assignment (constant where there is none).
        days: length of the halves.
        confidence: two-sided, of every interval.
        planned: planned units of the two arms while the experiment runs, so that limits hold at any look.
        variants: how many share the error rate of such limits.
        pooled_x: mean of the covariate over all arms of the experiment; left out: over these two.

    Returns:
        None where a half cannot be tested: too few units, or no variation.

    Raises:
        ValueError: when confidence is not between 0 and 1.
    """
    error_rate(confidence)
    per_day = np.array([[1 / days[0], 0.0], [0.0, 1 / days[1]]])
    early, late = per_day
    weights = {"early": early, "late": late, "change": late - early, "kept": late - early / 2}
    found = {name: _contrast(arms, weight, confidence, pooled_x) for name, weight in weights.items()}
    if not all(bool(part.testable) for part in found.values()):
        return None
    n = float(arms.n.sum())
    wide = None if planned is None else float(multiplier(n, planned, (1 - confidence) / variants))
    spans = {name: _limits(part, confidence, wide) for name, part in found.items()}
    change = found["change"]
    quantile = (spans["change"][1] - float(change.difference)) / float(change.difference_se)
    return Trend(
        float(found["early"].difference),
        *spans["early"],
        float(found["late"].difference),
        *spans["late"],
        float(change.difference),
        *spans["change"],
        float(change.p_value),
        float((quantile + special.ndtri(POWER)) * change.difference_se),
        read(spans["early"], spans["late"], spans["change"], spans["kept"]),
    )


def read(
    early: tuple[float, float],
    late: tuple[float, float],
    change: tuple[float, float],
    kept: tuple[float, float],
) -> Reading:
    """What the intervals say, in one word; a change is called only beside an effect that is there.

    `fades`: the first half's effect is clear and the second half's clearly less. `grows`: the second half's
    is clear and clearly more. `holds`: both are clear, with no clear change, and the second keeps more than
    half of the first. Else `unclear`.

    >>> read(early=(1, 3), late=(-1, 1), change=(-3, -1), kept=(-2, 1))
    'fades'
    """
    first, second, moved, rest = (_side(span) for span in (early, late, change, kept))
    if first and moved == -first:
        return "fades"
    if second and moved == second:
        return "grows"
    if first and second == first and rest == first and not moved:
        return "holds"
    return "unclear"


def _contrast(arms: Moments, weight: Floats, confidence: float, pooled_x: float | None) -> Comparison:
    """The difference of a weighted sum of the two halves, adjusted for the covariate."""
    turn = np.array([[*weight, 0.0], [0.0, 0.0, 1.0]])
    comoment = turn @ arms.comoment @ turn.T
    terms = np.abs(turn) @ np.abs(arms.comoment) @ np.abs(turn.T)
    flat = beyond_rounding(comoment[..., 0, 0], terms[..., 0, 0], arms.n) == 0
    comoment = np.where(flat[..., None, None] & _TOUCHES_FIRST, 0.0, comoment)
    joined = Moments(arms.n, arms.mean @ turn.T, comoment, arms.residue @ turn.T)
    pooled = joined.merge_all(0).mean[..., 1] if pooled_x is None else pooled_x
    estimates = adjusted(joined, pooled) if np.all(joined.comoment[..., 1, 1] > 0) else unadjusted(joined)
    control, variant = (ArmEstimate(*(part[arm] for part in estimates)) for arm in (0, 1))
    return compare(control, variant, confidence)


def _limits(found: Comparison, confidence: float, wide: float | None) -> tuple[float, float]:
    quantile = -special.stdtrit(found.df, (1 - confidence) / 2) if wide is None else wide
    half = float(as_floats(quantile) * found.difference_se)
    return float(found.difference) - half, float(found.difference) + half


def _side(span: tuple[float, float]) -> int:
    return 1 if span[0] > 0 else -1 if span[1] < 0 else 0
