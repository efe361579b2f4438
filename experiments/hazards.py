"""Whether, and by how much, a variant changes the pace of events at any moment."""

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, Self

import numpy as np
import numpy.typing as npt
from scipy import optimize, special

from experiments.arrays import Floats, divide
from experiments.effects import SMALLEST_P, error_rate
from experiments.survival import LifeTable


class ChiSquare(NamedTuple):
    """A test with one degree of freedom; NaN where it cannot be made.

    Attributes:
        statistic: the chi-square.
        p_value: its probability, at least `SMALLEST_P`.
    """

    statistic: float
    p_value: float


class HazardRatio(NamedTuple):
    """Pace of events in the variant over that in the control; NaN where it cannot be estimated.

    Attributes:
        ratio: below 1, events come more slowly in the variant.
        low: lower end of its interval.
        high: upper end.
        log_ratio: its natural logarithm, on which the interval is symmetric.
        log_se: standard error of that.
        p_value: two-sided (Wald), at least `SMALLEST_P`.
        reason: why there is none, in words; empty otherwise.
    """

    ratio: float
    low: float
    high: float
    log_ratio: float
    log_se: float
    p_value: float
    reason: str


@dataclass(frozen=True, eq=False)
class RiskSets:
    """Both arms at every time that has an event; all fields of shape (t,).

    Attributes:
        times: ascending.
        events_control: units of the control with the event at that time.
        events_variant: likewise.
        at_risk_control: units of the control still followed, and without the event, just before it.
        at_risk_variant: likewise.
    """

    times: Floats
    events_control: Floats
    events_variant: Floats
    at_risk_control: Floats
    at_risk_variant: Floats

    @classmethod
    def of(cls, control: LifeTable, variant: LifeTable) -> Self:
        """The risk sets of two arms."""
        arms = (control, variant)
        times = np.unique(np.concatenate([arm.times[arm.events > 0] for arm in arms]))
        events = (np.diff(arm.events_by(times), prepend=0.0) for arm in arms)
        return cls(times, *events, *(arm.followed(times) for arm in arms))

    @property
    def events(self) -> Floats:
        """Units of both arms with the event at each time."""
        return self.events_control + self.events_variant

    @property
    def at_risk(self) -> Floats:
        """Units of both arms at risk at each time."""
        return self.at_risk_control + self.at_risk_variant

    @cached_property
    def owner(self) -> npt.NDArray[np.intp]:
        """Position among the times of every single event."""
        return np.repeat(np.arange(self.times.size), self.events.astype(np.intp))

    @cached_property
    def log_odds(self) -> Floats:
        """Log odds that each single event is the variant's if both arms had the same pace (Efron 1977).

        The k-th of d simultaneous events finds k/d of them gone from either arm.
        """
        first = np.cumsum(self.events) - self.events
        gone = (np.arange(self.owner.size) - first[self.owner]) / self.events[self.owner]
        control = self.at_risk_control[self.owner] - gone * self.events_control[self.owner]
        variant = self.at_risk_variant[self.owner] - gone * self.events_variant[self.owner]
        with np.errstate(divide="ignore"):
            return np.log(variant) - np.log(control)


def logrank(sets: RiskSets) -> ChiSquare:
    """The log-rank test of equal survival over all follow-up (Mantel 1966)."""
    d, n = sets.events, sets.at_risk
    share = sets.at_risk_variant / n
    surplus = float((sets.events_variant - d * share).sum())
    spread = np.where(n > 1, d * share * (1 - share) * (n - d) / np.maximum(n - 1, 1), 0.0)
    return _chi_square(surplus, float(spread.sum()))


def cox(sets: RiskSets, confidence: float = 0.95) -> HazardRatio:
    """Cox's (1972) proportional hazards ratio of the variant, ties by Efron's (1977) approximation.

    Args:
        sets: both arms.
        confidence: two-sided coverage of the interval.

    Raises:
        ValueError: when confidence is not between 0 and 1.
    """
    z = special.ndtri(1 - error_rate(confidence) / 2)
    nan, reason = float("nan"), _no_ratio(sets)
    if reason:
        return HazardRatio(nan, nan, nan, nan, nan, nan, reason)
    log_ratio = _maximum(sets)
    se = 1 / np.sqrt(_information(sets, log_ratio).sum())
    low, ratio, high = np.exp(log_ratio + z * se * np.array([-1, 0, 1]))
    p = max(2 * float(special.ndtr(-abs(log_ratio) / se)), SMALLEST_P)
    return HazardRatio(float(ratio), float(low), float(high), log_ratio, float(se), p, "")


def proportionality(sets: RiskSets) -> ChiSquare:
    """Grambsch and Therneau's (1994) score test that the hazard ratio is the same at all times.

    Time runs on the pooled Kaplan-Meier scale, from 0 at the start to 1 when all have had the event. The
    variance is that of every risk set itself, which stays right when the arms thin out unevenly.
    """
    if _no_ratio(sets):
        return _chi_square(0.0, 0.0)
    log_ratio = _maximum(sets)
    before = np.cumprod(1 - sets.events / sets.at_risk)[:-1]
    clock = 1 - np.append(1.0, before)
    weight = np.bincount(sets.owner, _information(sets, log_ratio), sets.times.size)
    residual = sets.events_variant - np.bincount(sets.owner, _shares(sets, log_ratio), sets.times.size)
    centred = clock - (clock * weight).sum() / weight.sum()
    return _chi_square(float((centred * residual).sum()), float((centred**2 * weight).sum()))


def _no_ratio(sets: RiskSets) -> str:
    """Why the likelihood has no maximum: its slope never changes sign."""
    variant, control = float(sets.events_variant.sum()), float(sets.events_control.sum())
    if variant + control == 0:
        return "no events"
    if variant == 0 or control == 0:
        return "events in one arm only"
    slope_at_most = variant - np.isposinf(sets.log_odds).sum()
    slope_at_least = variant - (~np.isneginf(sets.log_odds)).sum()
    return "" if slope_at_least < 0 < slope_at_most else "no overlap of the arms in time"


def _maximum(sets: RiskSets) -> float:
    """Log hazard ratio at which the partial likelihood is flat."""

    def slope(log_ratio: float) -> float:
        return float(sets.events_variant.sum() - _shares(sets, log_ratio).sum())

    low, high = -1.0, 1.0
    while slope(low) < 0:
        low *= 2
    while slope(high) > 0:
        high *= 2
    near = float(optimize.brentq(slope, low, high, xtol=1e-9))
    return near + slope(near) / float(_information(sets, near).sum())


def _shares(sets: RiskSets, log_ratio: float) -> Floats:
    """Probability that each single event is the variant's."""
    shares: Floats = special.expit(sets.log_odds + log_ratio)
    return shares


def _information(sets: RiskSets, log_ratio: float) -> Floats:
    """Variance of each single event's arm."""
    share = _shares(sets, log_ratio)
    return share * (1 - share)


def _chi_square(surplus: float, variance: float) -> ChiSquare:
    statistic = float(divide(surplus**2, variance))
    return ChiSquare(statistic, float(np.maximum(special.chdtrc(1, statistic), SMALLEST_P)))
