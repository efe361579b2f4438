"""A variant against its control: difference, relative lift, total, and what a guardrail says."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy import special

from experiments.arrays import Flags, Floats, Words, as_floats, divide
from experiments.estimates import ArmEstimate

SMALLEST_P = 1e-300
"""The least p-value ever reported; read it as "< 1e-300"."""

HarmIf = Literal["higher", "lower"]


@dataclass(frozen=True, eq=False)
class Comparison:
    """Variant minus control for every cell of a batch; all fields but `confidence` have the batch's shape.

    Where `testable` is false only sizes, means and the difference are figures, the rest is NaN, and `reason`
    says why. Every interval contains its estimate; p < 1 - confidence exactly when the interval of the
    difference excludes 0, and exactly then the relative interval does, where it is bounded.

    Attributes:
        confidence: two-sided coverage of the intervals, between 0 and 1.
        n_control: units of the control arm.
        n_variant: units of the variant.
        mean_control: estimated mean per unit, in the metric's unit.
        mean_variant: likewise.
        se_control: standard error of mean_control.
        se_variant: standard error of mean_variant.
        difference: mean_variant - mean_control.
        difference_se: its standard error.
        df: Welch-Satterthwaite degrees of freedom.
        difference_low: lower end of the difference's interval.
        difference_high: upper end.
        relative: difference as a share of the control mean's size, so that its sign is the difference's.
        relative_low: lower end by Fieller's theorem; NaN when unbounded.
        relative_high: upper end.
        unbounded: testable, but no finite relative interval exists.
        p_value: two-sided, at least `SMALLEST_P`.
        incremental_total: difference × n_variant, in the metric's unit.
        incremental_low: lower end.
        incremental_high: upper end.
        testable: whether the difference can be tested at all.
        reason: why not, in words; empty where testable.
    """

    confidence: float
    n_control: Floats
    n_variant: Floats
    mean_control: Floats
    mean_variant: Floats
    se_control: Floats
    se_variant: Floats
    difference: Floats
    difference_se: Floats
    df: Floats
    difference_low: Floats
    difference_high: Floats
    relative: Floats
    relative_low: Floats
    relative_high: Floats
    unbounded: Flags
    p_value: Floats
    incremental_total: Floats
    incremental_low: Floats
    incremental_high: Floats
    testable: Flags
    reason: Words


@np.errstate(over="ignore", invalid="ignore")
def compare(control: ArmEstimate, variant: ArmEstimate, confidence: float = 0.95) -> Comparison:
    """Welch's t test of every variant against its control, with the intervals that agree with it.

    The relative interval is Fieller's (1954) with the difference's t quantile. It is unbounded when the
    control mean is not positive, or not distinguishable from 0 at this confidence.

    >>> arm = ArmEstimate(n=100.0, mean=10.0, se2=0.25, df=99.0)
    >>> c = compare(arm, arm._replace(mean=12.0))
    >>> round(float(c.relative), 3), round(float(c.relative_low), 3), round(float(c.relative_high), 3)
    (0.2, 0.057, 0.367)

    Args:
        control: estimates of the control arm.
        variant: estimates of the variant; broadcasts against the control's.
        confidence: two-sided coverage of every interval.

    Raises:
        ValueError: when confidence is not between 0 and 1.
    """
    alpha = error_rate(confidence)
    control, variant = _broadcast(control, variant)
    reason = _reason(control, variant)
    testable = np.asarray(reason == "", dtype=np.bool_)
    se2_control, se2_variant = (np.where(testable, arm.se2, np.nan) for arm in (control, variant))
    difference = variant.mean - control.mean
    se = np.sqrt(se2_control + se2_variant)
    df = _welch_satterthwaite(se2_control, control.df, se2_variant, variant.df)
    half_width = -special.stdtrit(df, alpha / 2) * se
    relative_low, relative_high = fieller(control.mean, se2_control, se2_variant, difference, half_width)
    tested = np.where(testable, difference, np.nan)
    return Comparison(
        confidence=confidence,
        n_control=control.n,
        n_variant=variant.n,
        mean_control=control.mean,
        mean_variant=variant.mean,
        se_control=np.sqrt(se2_control),
        se_variant=np.sqrt(se2_variant),
        difference=difference,
        difference_se=se,
        df=df,
        difference_low=difference - half_width,
        difference_high=difference + half_width,
        relative=divide(tested, np.abs(control.mean)),
        relative_low=relative_low,
        relative_high=relative_high,
        unbounded=testable & np.isnan(relative_low),
        p_value=np.maximum(2 * special.stdtr(df, -np.abs(divide(tested, se))), SMALLEST_P),
        incremental_total=tested * variant.n,
        incremental_low=(difference - half_width) * variant.n,
        incremental_high=(difference + half_width) * variant.n,
        testable=testable,
        reason=reason,
    )


@np.errstate(over="ignore", invalid="ignore")
def fieller(
    mean_control: Floats, se2_control: Floats, se2_variant: Floats, difference: Floats, half_width: Floats
) -> tuple[Floats, Floats]:
    """Limits of difference / mean_control that belong to difference ± half_width (Fieller 1954).

    They solve (1 - g)ρ² - 2(r + g)ρ + (difference² - half_width²)/mean_control² = 0 with r the relative
    difference and g the squared relative half-width of the control mean. The last term has the sign that says
    whether the difference's interval excludes 0, so the limits say the same to the last digit.

    Returns:
        Low and high; NaN where no finite interval exists: mean_control <= 0, or g >= 1.
    """
    positive = np.where(mean_control > 0, mean_control, np.nan)
    r, e2, se2 = difference / positive, (half_width / positive) ** 2, se2_control + se2_variant
    g = e2 * se2_control / se2
    g = np.where(g < 1, g, np.nan)
    root = np.sqrt(g * (1 + r) ** 2 + (1 - g) * e2 * se2_variant / se2)
    centre = r + g
    far = centre + np.copysign(root, centre)
    outer = far / (1 - g)
    inner = divide((difference - half_width) / positive * ((difference + half_width) / positive), far)
    low, high = np.minimum(inner, outer), np.maximum(inner, outer)
    return np.minimum(low, r), np.maximum(high, r)


def noninferiority(
    comparison: Comparison, margin: npt.ArrayLike, harm_if: HarmIf, confidence: float = 0.95
) -> tuple[Floats, Words]:
    """Whether a guardrail is harmed by less than its margin.

    Args:
        comparison: the guardrail's figures.
        margin: tolerated harm in the metric's unit, at least 0, broadcasting; NaN = none agreed.
        harm_if: the direction that does harm.
        confidence: two-sided; the test is one-sided at (1 - confidence) / 2.

    Returns:
        One-sided p-value of "harmed by the margin or more" (NaN without a margin or test), and the state by
        `guardrail_states` from the fixed-horizon interval.

    Raises:
        ValueError: when a margin is negative, or confidence not between 0 and 1.
    """
    margin = as_floats(margin)
    half_width = -special.stdtrit(comparison.df, error_rate(confidence) / 2) * comparison.difference_se
    low, high = comparison.difference - half_width, comparison.difference + half_width
    states = guardrail_states(comparison.difference, low, high, margin, harm_if)
    harm = comparison.difference if harm_if == "higher" else -comparison.difference
    p = special.stdtr(comparison.df, divide(harm - margin, comparison.difference_se))
    return np.maximum(p, SMALLEST_P), states


def guardrail_states(
    difference: Floats, low: Floats, high: Floats, margin: npt.ArrayLike, harm_if: HarmIf
) -> Words:
    """What any interval of the difference, fixed or sequential, says of a guardrail.

    Returns:
        `not_worse`: the interval excludes harm of the margin or more (without a margin: any harm);
        `worse`: it does not, and lies wholly on the harmful side;
        `possibly_worse`: the estimate is beyond the margin, but the interval reaches 0;
        `not_enough_data`: none of these, or no interval.

    Raises:
        ValueError: when a margin is negative.
    """
    margin = as_floats(margin)
    if np.any(margin < 0):
        message = f"A guardrail's margin is the harm tolerated, at least 0, but one is {np.nanmin(margin):g}."
        raise ValueError(message)
    harm, best, worst = (difference, low, high) if harm_if == "higher" else (-difference, -high, -low)
    cases = [worst < np.where(np.isnan(margin), 0.0, margin), best > 0, (harm > margin) & ~np.isnan(worst)]
    states = np.select(cases, ["not_worse", "worse", "possibly_worse"], "not_enough_data")
    return states.astype(np.object_)


def error_rate(confidence: float) -> float:
    """One minus the confidence, which must lie strictly between 0 and 1 (else ValueError)."""
    if not 0 < confidence < 1:
        message = f"Confidence must lie between 0 and 1 (0.95, say), but is {confidence}."
        raise ValueError(message)
    return 1 - confidence


def _broadcast(control: ArmEstimate, variant: ArmEstimate) -> tuple[ArmEstimate, ArmEstimate]:
    fields = np.broadcast_arrays(*(as_floats(field) for field in (*control, *variant)))
    return ArmEstimate(*fields[:4]), ArmEstimate(*fields[4:])


def _reason(control: ArmEstimate, variant: ArmEstimate) -> Words:
    arms = (control, variant)
    few = np.logical_or(*(~((arm.n >= 2) & (arm.df > 0)) for arm in arms))
    no_mean = np.logical_or(*(~np.isfinite(arm.mean) for arm in arms))
    no_variance = np.logical_or(*(~np.isfinite(arm.se2) for arm in arms))
    still = control.se2 + variant.se2 == 0
    cases = [few, no_mean, no_variance, still]
    reasons = ["too few units", "unknown mean", "unknown variance", "no variation"]
    return np.select(cases, reasons, "").astype(np.object_)


def _welch_satterthwaite(
    se2_control: Floats, df_control: Floats, se2_variant: Floats, df_variant: Floats
) -> Floats:
    total = se2_control + se2_variant
    with np.errstate(divide="ignore"):
        df = 1 / ((se2_control / total) ** 2 / df_control + (se2_variant / total) ** 2 / df_variant)
    return as_floats(df)
